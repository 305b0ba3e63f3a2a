"""Levels become places of a one-hot row, and come back."""

import tracemalloc

import numpy as np
import pytest

from ganaug.encoding.categories import MAX_LEVELS, CategoricalColumn


@pytest.mark.parametrize(
    "codes", [[0, 2, 1, 2], [5, 5], [np.nan, 0, np.nan], [np.nan], np.arange(MAX_LEVELS)], ids=str
)
def test_levels_come_back(codes):
    codes = np.array(codes, dtype=float)
    column = CategoricalColumn.fit(codes)
    rows = column.encode(codes)
    assert rows.shape == (len(codes), column.width) == (len(codes), len(np.unique(codes)))
    assert (rows.sum(axis=1) == 1).all()
    assert np.array_equal(column.decode(rows), codes, equal_nan=True)


def test_a_level_that_is_new_has_no_place():
    column = CategoricalColumn.fit(np.array([3.0, 8.0]))
    new = np.array([0.0, 5.0, 9.0, np.nan])
    assert not column.encode(new).any()


def test_the_largest_feature_counts():
    column = CategoricalColumn.fit(np.array([3.0, 8.0]))
    rows = np.array([[0.2, 0.1], [-3.0, -2.0]])
    assert column.decode(rows).tolist() == [3, 8]


def test_frequent_levels_keep_a_feature_and_rare_ones_share_one():
    # twice as many levels as have features, the higher ones rarer
    codes = np.repeat(np.arange(2.0 * MAX_LEVELS), np.arange(2 * MAX_LEVELS, 0, -1))
    column = CategoricalColumn.fit(codes)
    assert column.width == MAX_LEVELS
    expected = [*range(MAX_LEVELS)] + [MAX_LEVELS - 1] * MAX_LEVELS
    levels = np.arange(2.0 * MAX_LEVELS)
    assert column.feature_numbers(levels).tolist() == expected
    assert column.encode(levels).argmax(axis=1).tolist() == expected
    assert column.decode(column.encode(levels)).tolist() == expected


def test_classes_have_no_levels_that_so_many_rows_would_hardly_lack():
    groups = np.repeat([0, 1, 2, -1], [300, 300, 5, 20])
    codes = np.where(groups == 1, 1.0, np.arange(len(groups)) % 3)
    codes[groups == 2] = 0
    column = CategoricalColumn.fit(codes, groups)
    drawn = np.eye(3)
    assert column.decode(drawn, 1).tolist() == [1, 1, 1]
    # the most frequent one stands in
    codes[:300] = np.repeat([0.0, 2.0], [20, 280])
    two = CategoricalColumn.fit(codes, groups)
    assert two.decode(drawn, 0).tolist() == [0, 2, 2]
    # five rows of any class may have one level
    assert all(column.decode(drawn, group).tolist() == [0, 1, 2] for group in (0, 2, 3, None))
    with pytest.raises(ValueError, match="a class of a column has no levels"):
        CategoricalColumn(column.levels, column.frequent, np.zeros((3, 3), dtype=np.int64))


def test_memory_is_linear_in_the_number_of_levels():
    n_levels = 100_000
    column = CategoricalColumn(np.arange(n_levels, dtype=float), np.arange(n_levels))
    tracemalloc.start()
    encoded = column.encode(np.array([3.0, 99_999.0]))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * encoded.nbytes
    assert encoded.nonzero()[1].tolist() == [3, 99_999]
