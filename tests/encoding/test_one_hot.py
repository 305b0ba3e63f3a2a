"""Columns of 0 and 1 that encode one category are found, merged and split again."""

import math
import tracemalloc

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from ganaug.encoding.one_hot import MAX_CHANCE, OneHotGroups

RNG = np.random.default_rng(0)


def one_hot(levels, n_levels, drop_first=False):
    """One-hot rows of levels from 0 on."""
    return np.eye(n_levels)[levels][:, drop_first:]


def groups_of(X, **options):
    """Lists of the columns of each group that is found."""
    found = OneHotGroups.fit(X, **options)
    columns = [found.columns_of(place) for place in range(found.n_merged)]
    return [group for group in columns if len(group) > 1]


@pytest.fixture
def levels():
    return RNG.integers(0, 4, 60)


@pytest.mark.parametrize("drop_first", [False, True])
@pytest.mark.parametrize("dtype", [bool, np.int8, np.uint8, int, np.float32, float])
@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_matrix, sparse.csc_array])
def test_what_is_merged_and_split_is_as_it_came(levels, drop_first, dtype, kind):
    X = one_hot(levels, 4, drop_first).astype(dtype)
    found = OneHotGroups.fit(kind(X))
    merged = found.merge(kind(X))
    assert type(merged) is type(kind(X))
    merged = merged if kind is np.asarray else merged.toarray()
    assert merged.ravel().tolist() == (levels + (not drop_first)).tolist()
    split = found.split(merged)
    assert split.dtype == dtype
    assert np.array_equal(split, X)


def test_columns_beside_a_group_keep_their_order_and_values(levels):
    first = RNG.normal(size=(60, 2))
    last = RNG.normal(size=(60, 1))
    other = RNG.integers(0, 3, 60)
    X = np.hstack([first, one_hot(levels, 4), one_hot(other, 3), last])
    found = OneHotGroups.fit(X)
    assert groups_of(X) == [[2, 3, 4, 5], [6, 7, 8]]
    merged = found.merge(X)
    assert np.array_equal(merged, np.column_stack([first, levels + 1, other + 1, last]))
    assert np.array_equal(found.merge(sparse.csr_matrix(X)).toarray(), merged)
    assert np.array_equal(found.split(merged), X)
    assert found.merge_mask([True, *[False] * 9]) == [True, False, True, True, False]


def test_tables_without_groups_are_left_alone():
    X = RNG.normal(size=(50, 3))
    found = OneHotGroups.fit(X)
    assert found.merge(X) is X
    assert found.split(X) is X


def test_more_levels_than_a_byte_counts_are_told_apart():
    X = one_hot(np.repeat(np.arange(300), 3), 300).astype(np.int8)
    found = OneHotGroups.fit(X)
    assert np.unique(found.merge(X)).tolist() == [*range(1, 301)]
    assert np.array_equal(found.split(found.merge(X)), X)


@pytest.mark.parametrize(
    ("counts", "n_rows"), [((4, 4), 8), ((3, 2, 2), 12), ((3, 7), 10), ((2, 2, 2), 6), ((5, 5), 10)]
)
def test_columns_are_a_group_where_their_pattern_is_no_chance(counts, n_rows):
    levels = np.repeat(np.arange(len(counts) + 1), [*counts, n_rows - sum(counts)])
    X = one_hot(levels, len(counts) + 1)[:, :-1]
    # ways to choose disjoint rows, of all ways to choose so many rows for each column
    left = n_rows
    chance = 1.0
    for count in counts:
        chance *= math.comb(left, count) / math.comb(n_rows, count)
        left -= count
    assert bool(groups_of(X)) == (chance < MAX_CHANCE / len(counts))


def test_independent_flags_are_no_group():
    flags = RNG.random((500, 40)) < np.linspace(0.002, 0.6, 40)
    assert groups_of(flags[:, RNG.permutation(40)]) == []


def test_few_rows_of_flags_are_no_group():
    found = [groups_of(RNG.random((6, 2)) < 0.5) for _ in range(100)]
    assert all(group == [] for group in found)


def test_a_flag_and_its_complement_are_a_group_and_equal_columns_are_none():
    flag = RNG.random(100) < 0.3
    assert groups_of(np.column_stack([flag, ~flag])) == [[0, 1]]
    assert groups_of(np.column_stack([flag, flag])) == []
    assert groups_of(np.column_stack([flag, flag, ~flag, ~flag])) == [[1, 2]]


def test_a_single_row_with_two_ones_makes_no_group(levels):
    X = one_hot(levels, 4)
    X[7] = [1, 1, 0, 0]
    assert [0, 1, 2, 3] not in groups_of(X)


@pytest.mark.parametrize("drop_first", [False, True])
def test_groups_side_by_side_are_told_apart(drop_first):
    first = RNG.integers(0, 5, 400)
    second = RNG.integers(0, 4, 400)
    X = np.hstack([one_hot(first, 5, drop_first), one_hot(second, 4, drop_first)])
    n_first = 5 - drop_first
    assert groups_of(X) == [[*range(n_first)], [*range(n_first, X.shape[1])]]


def test_a_rare_flag_beside_a_group_takes_no_column_of_it():
    flag = np.zeros(400)
    flag[3] = 1
    first = np.where(np.arange(400) == 3, 0, RNG.integers(0, 4, 400))
    X = np.column_stack([flag, one_hot(first, 4)])
    assert groups_of(X) == [[1, 2, 3, 4]]


@pytest.mark.parametrize("dtype", [float, np.float32])
def test_rows_that_lack_the_whole_category_have_a_gap(levels, dtype):
    X = np.column_stack([RNG.normal(size=60), one_hot(levels, 4)]).astype(dtype)
    X[::9, 1:] = np.nan
    found = OneHotGroups.fit(X)
    merged = found.merge(X)
    assert np.isnan(merged[:, 1]).nonzero()[0].tolist() == [*range(0, 60, 9)]
    assert np.array_equal(found.split(merged), X, equal_nan=True)
    X[1, 2] = np.nan
    assert [1, 2, 3, 4] not in groups_of(X)


def test_columns_that_are_left_out_join_no_group(levels):
    X = one_hot(levels, 4)
    assert groups_of(X, may_be_one_hot=[True, True, True, False]) == [[0, 1, 2]]
    assert groups_of(X, may_be_one_hot=[True, False, False, False]) == []


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_matrix])
def test_columns_of_a_group_may_have_others_between_them(levels, kind):
    first, second, third, fourth = one_hot(levels, 4).T
    number = RNG.normal(size=60)
    X = np.column_stack([first, number, second, third, number + 1, fourth])
    found = OneHotGroups.fit(kind(X))
    assert groups_of(X) == [[0, 2, 3, 5]]
    merged = found.merge(kind(X))
    merged = merged if kind is np.asarray else merged.toarray()
    assert np.array_equal(merged, np.column_stack([levels + 1, number, number + 1]))
    assert np.array_equal(found.split(merged), X)


@pytest.mark.parametrize("order", [[0, 3, 1, 4, 2, 5], [5, 0, 4, 1, 3, 2]])
def test_columns_of_categories_in_turn_are_told_apart_by_their_names(order):
    X = np.hstack([one_hot(RNG.integers(0, 3, 200), 3), one_hot(RNG.integers(0, 3, 200), 3)])
    names = np.array(["color_red", "color_blue", "color_green", "kind_flat", "kind_hut", "kind_x"])
    found = groups_of(X[:, order], names=names[order])
    kinds = [{name.split("_")[0] for name in names[order][group]} for group in found]
    assert sorted(map(len, found)) == [3, 3]
    assert all(len(kind) == 1 for kind in kinds)


def test_names_that_tell_nothing_do_no_harm():
    X = np.hstack([one_hot(RNG.integers(0, 3, 200), 3), one_hot(RNG.integers(0, 3, 200), 3)])
    names = ["red", "amber", "teal", "small", "big", "whole"]
    assert groups_of(X, names=names) == groups_of(X) == [[0, 1, 2], [3, 4, 5]]


@pytest.mark.parametrize("row", [[1, 1, 0, 0], [0, 0.5, 0.5, 0], [0, 2, 0, 0], [1, -1, 1, 0]])
@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_matrix])
def test_rows_that_are_not_one_hot_have_a_level_of_their_own(levels, row, kind):
    found = OneHotGroups.fit(one_hot(levels, 4))
    merged = found.merge(kind(np.array([row, [0, 0, 0, 1], [0, 0, 0, 0]], dtype=float)))
    merged = merged if kind is np.asarray else merged.toarray()
    assert merged.ravel().tolist() == [5, 4, 0]


@pytest.mark.slow
def test_thousands_of_columns_take_little_memory():
    n_levels = 5000
    levels = np.concatenate([np.arange(n_levels), RNG.integers(0, n_levels, 5000)])
    X = sparse.csr_matrix((np.ones(len(levels)), (np.arange(len(levels)), levels)))
    tracemalloc.start()
    found = OneHotGroups.fit(X)
    merged = found.merge(X)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # a dense matrix has 400 MB
    assert peak < 2**24
    assert merged.toarray().ravel().tolist() == (levels + 1).tolist()


def test_wide_tables_of_few_rows_are_no_group_by_chance():
    X = RNG.random((50, 5000)) < 0.3
    assert groups_of(X) == []
    assert groups_of(np.ones((50, 300))) == []
    assert groups_of(np.zeros((50, 300))) == []


@pytest.mark.parametrize("places", [[], [1, 2], [0, 2], [1, 0, 1]])
def test_places_that_do_not_rise_by_one_are_refused(places):
    with pytest.raises(ValueError, match="places of columns must rise"):
        OneHotGroups(np.dtype(float), np.array(places, dtype=np.int64))


def test_dummies_of_pandas_are_found():
    frame = pd.DataFrame({"kind": list("abca") * 20, "town": list("xyyzz") * 16})
    X = pd.get_dummies(frame, drop_first=True).to_numpy()
    assert groups_of(X) == [[0, 1], [2, 3]]
