"""A column of numbers becomes standard normal, and comes back as it was."""

import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import kstest

from ganaug.encoding.columns import (
    MAX_VALUES,
    SCORE_LIMIT,
    MissingAwareColumn,
    NumericColumn,
    deviation_within,
)

RNG = np.random.default_rng(0)
WHOLE_OR_TIED = {
    "constant": np.full(20, 3.7),
    "single row": np.array([-2.5]),
    "two values": np.array([0.1, 0.1, 0.7, 0.1, 0.7]),
    "many zeros": np.repeat([0.0, 1.25, 9.5], [90, 5, 5]),
    "whole numbers": RNG.permutation(300),
    "bool": np.array([True, False, True]),
    "uint8": np.arange(256, dtype=np.uint8),
    "int8": np.arange(-128, 128, dtype=np.int8),
    "large int64": np.repeat(np.array([-(2**53), 0, 2**53]), 4),
    "float32 ties": np.repeat(np.float32([0.1, 0.2, 0.3]), 3),
    "huge ties": np.repeat([-1e300, 1e300], 3),
    "tiny ties": np.repeat([1e-300, 2e-300], 3),
}
CONTINUOUS = {
    "normal": RNG.normal(size=200),
    "huge": 1e300 * RNG.normal(size=50),
    "tiny": 1e-300 * RNG.normal(size=50),
    "skewed": RNG.lognormal(sigma=3, size=200),
    "some ties": np.concatenate([np.zeros(40), RNG.normal(size=60)]),
}
COLUMNS = WHOLE_OR_TIED | CONTINUOUS


def of(columns):
    """Parametrise over the values of a dictionary, under its names."""
    return pytest.mark.parametrize("values", list(columns.values()), ids=list(columns))


@of(WHOLE_OR_TIED)
@pytest.mark.parametrize("seed", [None, 0])
def test_repeated_values_and_whole_numbers_come_back_exactly(values, seed):
    column = NumericColumn.fit(values)
    rng = None if seed is None else np.random.default_rng(seed)
    decoded = column.decode(column.encode(values, rng))
    if seed is None or len(np.unique(values)) < len(values):
        assert np.array_equal(decoded, values)
    else:
        # a single value owns a point of the scale, and is spread to half-way to its neighbours
        assert np.abs(decoded - values).max() <= 1


@of(CONTINUOUS)
def test_single_values_come_back_up_to_rounding(values):
    column = NumericColumn.fit(values)
    decoded = column.decode(column.encode(values))
    assert np.allclose(decoded, values, rtol=1e-6, atol=1e-12 * np.ptp(values))


@of(COLUMNS)
def test_decoded_values_stay_within_the_observed_range(values):
    decoded = NumericColumn.fit(values).decode(np.linspace(-40, 40, 999)[:, None])
    assert decoded.min() == values.min()
    assert decoded.max() == values.max()


@of(COLUMNS)
def test_decoding_is_monotone(values):
    decoded = NumericColumn.fit(values).decode(np.linspace(-4, 4, 999)[:, None])
    assert (decoded[1:] >= decoded[:-1]).all()


@pytest.mark.parametrize(
    "values",
    [RNG.normal(size=2000), RNG.poisson(1, 2000), RNG.uniform(size=2000) < 0.9],
    ids=["continuous", "counts", "bool"],
)
def test_scores_of_any_column_are_standard_normal_when_spread(values):
    scores = NumericColumn.fit(values).encode(values, np.random.default_rng(1))
    assert scores.shape == (2000, 1)
    assert kstest(scores[:, 0], "norm").statistic < 0.04
    assert np.abs(scores).max() <= SCORE_LIMIT


def test_without_a_generator_ties_share_a_score_and_keep_their_order():
    values = np.array([3, 1, 1, 2, 2, 2])
    scores = NumericColumn.fit(values).encode(values)[:, 0]
    order = np.unique(values, return_inverse=True)[1]
    assert np.array_equal(np.unique(scores, return_inverse=True)[1], order)


def test_a_value_that_occurs_once_has_one_score_and_comes_back_however_ties_are_spread():
    values = np.array([1.0, 1.0, 2.0, 50.0])
    column = NumericColumn.fit(values)
    scores = column.encode(values, np.random.default_rng(0))
    assert np.array_equal(scores[2:], column.encode(values[2:]))
    assert scores[0] != scores[1]
    assert column.decode(scores)[-1] == 50.0


def test_repeated_values_keep_their_share():
    values = np.repeat([0.0, 2.5, 7.0, 7.5], [600, 250, 100, 50])
    scores = np.random.default_rng(1).normal(size=(50_000, 1))
    decoded, counts = np.unique(NumericColumn.fit(values).decode(scores), return_counts=True)
    assert decoded.tolist() == [0.0, 2.5, 7.0, 7.5]
    assert counts / 50_000 == pytest.approx([0.6, 0.25, 0.1, 0.05], abs=0.01)


def test_whole_columns_stay_whole_and_others_are_filled_in():
    scores = np.random.default_rng(1).normal(size=(1000, 1))
    whole = NumericColumn.fit(np.array([0, 10, 1000])).decode(scores)
    broken = NumericColumn.fit(np.array([0, 10, 1000.5])).decode(scores)
    assert np.array_equal(whole, whole.round())
    assert (broken != broken.round()).any()


def test_values_not_seen_lie_between_their_neighbours():
    column = NumericColumn.fit(np.array([0.0, 1.0, 2.0, 3.0]))
    seen = column.encode(np.array([1.0, 2.0]))
    new = column.encode(np.array([-9.0, 1.5, 9.0]))
    ends = column.encode(np.array([0.0, 3.0]))
    assert seen[0] < new[1] < seen[1]
    assert np.array_equal(new[[0, 2]], ends)


def test_values_that_occur_once_are_joined_by_straight_lines():
    decoded = NumericColumn.fit(np.array([1 / 3, 4 / 3])).decode(ndtri([[0.375], [0.5], [0.625]]))
    assert decoded == pytest.approx([7 / 12, 5 / 6, 13 / 12])


def test_values_of_a_class_do_not_leap_over_a_gap_to_another_class():
    groups = np.repeat([0, 1], 50)
    values = np.random.default_rng(0).normal(size=100) + 100 * groups
    column = NumericColumn.fit(values, groups)
    scores = column.encode(values)[:50] + 0.5
    assert column.decode(scores).max() > 90
    assert column.decode(scores, group=0).max() < 10


@pytest.mark.parametrize("value", [0.1, 1e300, -7.3])
def test_values_that_are_alike_in_each_group_do_not_deviate(value):
    values = np.repeat([value, 3 * value], 7)
    assert deviation_within(values, np.repeat([0, 1], 7)) == 0.0


def test_deviation_within_ignores_what_lies_between_groups():
    rng, groups = np.random.default_rng(0), np.repeat([0, 1, 2], 400)
    values = rng.normal(size=1200)
    shifted = values + 1e3 * groups
    together = [np.std(values[groups == group]) for group in range(3)]
    assert deviation_within(shifted, groups) == pytest.approx(np.sqrt(np.mean(np.square(together))))
    assert deviation_within(values, None) == pytest.approx(values.std())


def test_of_many_values_the_ends_and_the_frequent_are_remembered():
    values = np.concatenate([np.linspace(-5.0, 5.0, 5 * MAX_VALUES), np.full(MAX_VALUES, 1.2345)])
    column = NumericColumn.fit(values)
    rng = np.random.default_rng(0)
    back = column.decode(column.encode(values, rng))
    assert np.abs(back - values)[np.abs(values) < 4.9].max() < 0.01
    assert (back == 1.2345).mean() == pytest.approx(1 / 6, rel=0.01)
    assert column.decode(np.array([[-9.0], [9.0]])).tolist() == [-5.0, 5.0]
    assert sum(part.nbytes for part in vars(column).values() if isinstance(part, np.ndarray)) < 1e6


@pytest.fixture
def with_gaps():
    """Lognormal values of which some are missing."""
    values = RNG.lognormal(size=300)
    values[RNG.random(300) < 0.3] = np.nan
    return values


def test_gaps_are_marked_and_come_back(with_gaps):
    groups = np.zeros(300, dtype=int)
    column = MissingAwareColumn.fit(with_gaps, groups)
    codes = column.encode(with_gaps)
    gaps = np.isnan(with_gaps)
    assert np.array_equal(codes[:, 1:], np.stack([~gaps, gaps], axis=1))
    assert (codes[gaps, 0] == 0).all()
    alone = NumericColumn.fit(with_gaps[~gaps])
    assert np.array_equal(codes[~gaps, :1], alone.encode(with_gaps[~gaps]))
    assert np.allclose(column.decode(codes), with_gaps, equal_nan=True)


def test_of_presence_and_absence_the_larger_feature_counts(with_gaps):
    column = MissingAwareColumn.fit(with_gaps, np.zeros(300, dtype=int))
    codes = np.array([[0.0, 0.6, 0.4], [0.0, -2.0, -1.0]])
    assert np.isnan(column.decode(codes)).tolist() == [False, True]


@pytest.mark.parametrize("centre", [-9.0, 1.5, 9.0])
def test_what_lies_beyond_a_class_does_not_pile_up_at_its_ends(centre):
    rng = np.random.default_rng(0)
    groups = np.repeat([0, 1], [300, 7])
    values = rng.normal(size=307)
    values[groups == 1] = np.sort(values[:300])[150:290:20] + 0.001
    column = NumericColumn.fit(values, groups)
    drawn = column.decode(rng.normal(centre, 1.0, size=(500, 1)), group=1)
    own = values[groups == 1]
    margin = np.diff(own).max()
    assert own.min() - margin <= drawn.min() <= drawn.max() <= own.max() + margin
    assert np.unique(drawn, return_counts=True)[1].max() <= 5


@pytest.mark.parametrize("noise", [0.2, 0.8])
def test_what_lies_below_a_class_does_not_pile_up_beside_a_value_of_many(noise):
    rng = np.random.default_rng(0)
    amounts = np.sort(100 + rng.exponential(100.0, size=92))
    values = np.concatenate([np.zeros(900), amounts])
    groups = np.concatenate([np.zeros(900), np.isin(np.arange(92), np.arange(0, 80, 10))])
    column = NumericColumn.fit(values, groups.astype(int))
    own = column.encode(values[groups == 1])[:, 0]
    scores = rng.choice(own, size=2000) + noise * rng.normal(size=2000)
    drawn = column.decode(scores[:, None], group=1)
    assert np.unique(drawn, return_counts=True)[1].max() <= 20


def test_constants_of_a_class_stay_where_they_are():
    groups = np.repeat([0, 1], 20)
    values = np.where(groups, 7.5, -2.5)
    column = NumericColumn.fit(values, groups)
    scores = column.encode(values) + RNG.normal(size=(40, 1))
    for group, constant in enumerate([-2.5, 7.5]):
        assert (column.decode(scores, group) == constant).all()


def test_decoded_values_have_the_decimals_of_the_column():
    prices = RNG.gamma(2, 20, 200).round(2)
    decoded = NumericColumn.fit(prices).decode(RNG.normal(size=(500, 1)))
    assert np.array_equal(decoded, decoded.round(2))
    assert not np.isin(decoded, prices).all()


def test_rare_rows_beyond_all_others_keep_their_values():
    values = np.concatenate([RNG.normal(size=20_000), 50 + RNG.normal(size=10)])
    column = NumericColumn.fit(values)
    assert column.decode(column.encode(values))[-10:] == pytest.approx(values[-10:], abs=0.1)
