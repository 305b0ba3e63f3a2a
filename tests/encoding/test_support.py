"""Values of a class lie where its rows do: in its range, in no gap, at no level but its own."""

import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import rankdata

from ganaug.encoding.support import NO_SUPPORT, Support

RNG = np.random.default_rng(0)
OTHERS = RNG.uniform(0, 100, 1000)
ANYWHERE = np.linspace(-50, 150, 4001)


def support_of(own, others=OTHERS):
    """Support of a class whose rows are ``own``, beside one of other rows."""
    values = np.concatenate([others, own])
    scores = ndtri((rankdata(values) - 0.5) / len(values))
    groups = np.repeat([0, 1], [len(others), len(own)])
    return Support.fit(values, scores, groups)


@pytest.mark.parametrize("n", [10, 30, 300])
@pytest.mark.parametrize("levels", [[7.0], [0.0, 1.0], [10.0, 20.0, 50.0]])
def test_of_a_few_levels_nothing_else_is_left(levels, n):
    own = np.resize(levels, n)
    left = support_of(own).nearest(ANYWHERE, 1)
    assert set(left) == set(levels)
    # the nearest of them
    distances = np.abs(ANYWHERE[:, None] - np.array(levels))
    assert np.allclose(np.abs(left - ANYWHERE), distances.min(axis=1))


def test_a_level_may_occur_once_where_levels_are_few():
    own = np.repeat([10.0, 20.0, 50.0], [6, 3, 1])
    assert set(support_of(own).nearest(ANYWHERE, 1)) == {10.0, 20.0, 50.0}
    # four values of ten rows may be any
    own = np.repeat([10.0, 20.0, 35.0, 50.0], [5, 3, 1, 1])
    assert len(set(support_of(own).nearest(ANYWHERE, 1))) > 4


@pytest.mark.parametrize("n", [10, 30, 300])
def test_between_two_modes_nothing_is_left(n):
    own = np.resize([20.0, 80.0], n) + 0.1 * RNG.normal(size=n)
    left = support_of(own).nearest(ANYWHERE, 1)
    assert not ((left > 21) & (left < 79)).any()
    assert ((left > 19) & (left < 81)).all()


@pytest.mark.parametrize("n", [10, 30, 300])
def test_a_class_like_all_others_loses_nothing_between_its_ends(n):
    moved = []
    for seed in range(20):
        own = np.random.default_rng(seed).uniform(0, 100, n)
        inside = np.linspace(own.min(), own.max(), 1000)
        moved.append(np.mean(support_of(own).nearest(inside, 1) != inside))
    assert np.mean(moved) < 0.05


def test_what_any_class_would_show_is_no_property_of_a_class():
    # nine of ten rows of any class are zero
    others = np.where(RNG.random(1000) < 0.9, 0.0, OTHERS)
    assert np.array_equal(support_of(np.zeros(10), others).nearest(ANYWHERE, 1), ANYWHERE)
    assert (support_of(np.zeros(200), others).nearest(ANYWHERE, 1) == 0).all()


def test_of_a_column_of_few_levels_a_class_has_those_of_its_rows():
    others = RNG.integers(0, 3, 1000).astype(float)
    # chance would often give ten rows of two levels out of three
    left = support_of(np.resize([0.0, 2.0], 10), others).nearest(ANYWHERE, 1)
    assert set(left) == {0.0, 2.0}


def test_few_rows_have_no_levels_though_they_have_few_values():
    own = np.array([1.0, 2.0, 4.0, 4.0, 5.0, 7.0])
    left = Support.fit(own, own, np.zeros(6, dtype=int)).nearest(ANYWHERE, 0)
    assert len(set(left)) > len(set(own))


def test_of_one_class_gaps_without_rows_are_left_out():
    own = np.concatenate([RNG.normal(0, 0.1, 15), RNG.normal(10, 0.1, 15)])
    own.sort()
    left = Support.fit(own, own, np.zeros(30, dtype=int)).nearest(ANYWHERE, 0)
    assert not ((left > 1) & (left < 9)).any()


def test_a_class_of_one_row_reaches_as_far_as_it_is_told():
    support = Support.fit(np.array([5.0]), np.array([0.0]), np.zeros(1, dtype=int), reach=2.0)
    assert support.nearest(np.array([0.0, 4.0, 9.0]), 0).tolist() == [3.0, 4.0, 7.0]


def test_a_class_of_one_row_has_no_values_between_the_levels_of_a_column():
    values = np.append(np.resize([1.0, 2.0, 5.5], 60), 2.0)
    support = Support.fit(values, values, np.repeat([0, 1], [60, 1]), reach=2.0)
    assert set(support.nearest(ANYWHERE, 1)) == {1.0, 2.0}


def test_rows_without_a_class_have_no_support_and_a_class_without_values_takes_all():
    support = Support.fit(np.array([1.0, 2.0]), np.array([0.0, 1.0]), np.array([-1, -1]))
    for one in (support, NO_SUPPORT):
        assert np.array_equal(one.nearest(ANYWHERE, 3), ANYWHERE)


def test_a_lone_largest_double_reaches_no_further_than_doubles_do():
    largest = np.finfo(float).max
    values = np.array([-largest, largest, 0.0, 0.0])
    support = Support.fit(values, values, np.array([0, 1, 2, 2]), reach=largest / 2)
    assert support.nearest(np.array([0.0]), 0)[0] == pytest.approx(-largest / 2)
    assert np.isfinite([*support.starts, *support.ends]).all()


def test_the_largest_doubles_have_a_support():
    own = np.array([-1.7e308, 0.0, 1.7e308])
    support = Support.fit(own, np.array([-1.0, 0.0, 1.0]), np.zeros(3, dtype=int))
    assert np.isfinite(support.starts).all()
    assert np.isfinite(support.ends).all()
    assert np.array_equal(support.nearest(own, 0), own)


@pytest.mark.parametrize(
    "parts",
    [([1.0], [0.0], [0, 1]), ([0.0], [1.0], [0, 2]), ([0.0], [1.0], [1, 1]), ([], [], [0, 1, 0])],
)
def test_intervals_that_are_none_are_refused(parts):
    starts, ends, offsets = parts
    with pytest.raises(ValueError, match="must rise"):
        Support(np.array(starts), np.array(ends), np.array(offsets))
