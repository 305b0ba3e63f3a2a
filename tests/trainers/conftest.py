"""Fixtures of the tests of trainers."""

import pytest


@pytest.fixture(scope="module", autouse=True)
def _checked_shapes(checked_shapes):
    """Check the shapes of tensors in all tests of trainers."""
