"""Levels become places of a one-hot row, and come back."""

import tracemalloc

import numpy as np
import pytest
from scipy.special import ndtri

from ganaug.encoding.categories import MAX_LEVELS, CategoricalColumn

RNG = np.random.default_rng(0)


def one_group(codes):
    return np.zeros(len(codes), dtype=int)


@pytest.mark.parametrize(
    "codes", [[0, 2, 1, 2], [5, 5], [np.nan, 0, np.nan], [np.nan], np.arange(MAX_LEVELS)], ids=str
)
def test_levels_come_back(codes):
    codes = np.array(codes, dtype=float)
    column = CategoricalColumn.fit(codes, one_group(codes))
    rows = column.encode(codes)
    assert rows.shape == (len(codes), column.width) == (len(codes), len(np.unique(codes)))
    assert (rows.sum(axis=1) == 1).all()
    assert np.array_equal(column.decode(rows, 0 * rows, 0), codes, equal_nan=True)


def test_a_level_that_is_new_has_no_place():
    column = CategoricalColumn.fit(np.array([3.0, 8.0]), np.zeros(2, dtype=int))
    new = np.array([0.0, 5.0, 9.0, np.nan])
    assert not column.encode(new).any()


def test_the_largest_feature_counts():
    column = CategoricalColumn.fit(np.array([3.0, 8.0]), np.zeros(2, dtype=int))
    rows = np.array([[0.2, 0.1], [-3.0, -2.0]])
    assert column.decode(rows, 0 * rows, 0).tolist() == [3, 8]


@pytest.fixture
def crowd():
    """Twice as many levels as have places, the higher ones rarer; even ones in class 0."""
    sizes = np.arange(2 * MAX_LEVELS, 0, -1)
    codes = np.repeat(np.arange(2.0 * MAX_LEVELS), sizes)
    return codes, (codes % 2).astype(int)


def test_frequent_levels_keep_a_place_and_rare_ones_share_one(crowd):
    codes, groups = crowd
    column = CategoricalColumn.fit(codes, groups)
    assert column.width == MAX_LEVELS
    places = column.encode(np.arange(2.0 * MAX_LEVELS)).argmax(axis=1)
    assert places.tolist() == [*range(MAX_LEVELS)] + [MAX_LEVELS - 1] * MAX_LEVELS


@pytest.mark.parametrize("group", [0, 1])
def test_levels_that_share_a_place_are_as_frequent_as_in_their_class(crowd, group):
    codes, groups = crowd
    column = CategoricalColumn.fit(codes, groups)
    rows = column.encode(np.full(100_000, 2.0 * MAX_LEVELS - 1))
    jitter = ndtri(RNG.uniform(size=rows.shape))
    drawn = column.decode(rows, jitter, group)
    rare = (codes >= MAX_LEVELS - 1) & (groups == group)
    expected = np.bincount(codes[rare].astype(int), minlength=2 * MAX_LEVELS) / rare.sum()
    found = np.bincount(drawn.astype(int), minlength=2 * MAX_LEVELS) / len(drawn)
    assert np.abs(found - expected).max() < 0.005
    assert found[expected == 0].sum() == 0


def test_a_class_without_rare_levels_draws_those_of_all():
    codes = np.concatenate([np.zeros(9), np.arange(100.0)])
    groups = np.repeat([0, 1], [9, 100])
    column = CategoricalColumn.fit(codes, groups)
    rows = column.encode(np.full(50, 99.0))
    drawn = column.decode(rows, RNG.normal(size=rows.shape), 0)
    assert (drawn >= 40).all()
    assert len(np.unique(drawn)) > 10


def test_memory_is_linear_in_the_number_of_levels():
    n_levels = 100_000
    column = CategoricalColumn(
        np.arange(n_levels, dtype=float), np.arange(n_levels), np.zeros((1, 0))
    )
    tracemalloc.start()
    encoded = column.encode(np.array([3.0, 99_999.0]))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * encoded.nbytes
    assert encoded.nonzero()[1].tolist() == [3, 99_999]
