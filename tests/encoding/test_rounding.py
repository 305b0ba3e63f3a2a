"""Values are rounded to the decimals and steps that all values of a column have."""

import numpy as np
import pytest

from ganaug.encoding.rounding import Rounding

RNG = np.random.default_rng(0)
ANYWHERE = RNG.uniform(-100, 100, 500)


@pytest.mark.parametrize(
    ("values", "decimals", "step"),
    [
        (RNG.integers(0, 100, 50), 0, 1),
        (5 * RNG.integers(0, 100, 50), 0, 5),
        (5 * RNG.integers(0, 100, 50) + 3, 0, 5),
        (1000 * RNG.integers(-9, 10, 50), 0, 1000),
        (RNG.integers(0, 100, 50) / 2, 1, 5),
        (RNG.integers(0, 100, 50) / 4, 2, 25),
        (RNG.gamma(2, 20, 200).round(2), 2, 1),
        (RNG.gamma(2, 20, 200).round(2).astype(np.float32), 2, 1),
        (RNG.normal(size=50), -1, 1),
        (np.array([1e300, 2e300]), 0, 1),
        (np.array([3.0, 13.0]), 0, 1),
    ],
)
def test_decimals_and_steps_are_those_of_all_values(values, decimals, step):
    distinct = np.unique(values).astype(float)
    rounding = Rounding.fit(distinct)
    assert (rounding.decimals, rounding.step) == (decimals, step)
    assert np.array_equal(rounding.round(distinct), distinct)


def test_rounding_goes_to_the_nearest_step():
    rounding = Rounding.fit(np.arange(0, 200, 5) / 10 + 0.2)
    rounded = rounding.round(ANYWHERE)
    assert np.abs(rounded - ANYWHERE).max() <= 0.25 + 1e-9
    assert np.allclose((rounded - 0.2) / 0.5, ((rounded - 0.2) / 0.5).round())


def test_without_decimals_nothing_is_rounded():
    assert np.array_equal(Rounding(-1, 1, 0.0).round(ANYWHERE), ANYWHERE)
