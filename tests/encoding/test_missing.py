"""Gaps of a matrix are found, and filled with what the class holds elsewhere."""

import numpy as np
import pytest
from scipy import sparse

from ganaug.encoding.missing import impute_from_class, missing_mask

NAN = np.nan
X = np.array([[1.0, NAN], [NAN, 2.0], [3.0, 2.0], [NAN, NAN], [9.0, NAN]])
Y = np.array([0, 0, 0, 1, 1])


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_matrix, sparse.csc_array])
def test_gaps_are_found_in_every_container(kind):
    assert np.array_equal(missing_mask(kind(X)), np.isnan(X))
    assert not missing_mask(kind(np.eye(2))).any()


@pytest.mark.parametrize("dtype", [int, bool, np.uint8])
def test_what_cannot_hold_nan_has_no_gaps(dtype):
    assert not missing_mask(np.eye(2, dtype=dtype)).any()


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_matrix])
def test_gaps_are_filled_with_values_of_the_class_or_else_of_others(kind):
    before = kind(X.copy())
    full = impute_from_class(before, Y, np.random.RandomState(0))
    assert np.array_equal(full[~np.isnan(X)], X[~np.isnan(X)])
    assert full[1, 0] in (1.0, 3.0)
    assert full[3, 0] == 9.0
    assert (full[[0, 3, 4], 1] == 2.0).all()
    assert np.array_equal(missing_mask(before), np.isnan(X))


def test_a_column_without_any_value_keeps_its_gaps():
    full = impute_from_class(np.full((3, 1), NAN), Y[:3], np.random.RandomState(0))
    assert np.isnan(full).all()


def test_fillings_are_as_frequent_as_the_values():
    column = np.concatenate([np.repeat([1.0, 5.0], [300, 700]), np.full(4000, NAN)])[:, None]
    full = impute_from_class(column, np.zeros(5000, dtype=int), np.random.RandomState(0))
    assert abs((full[1000:] == 5).mean() - 0.7) < 0.03
