"""Random subsets of rows: how many of each class, and all rows alike."""

import numpy as np
import pytest

from ganaug.encoding.subsample import MIN_ROWS, capped_mask, proportional_mask

Y = np.random.default_rng(0).permutation(np.repeat([0, 1, 2], [100, 50, 5]))


@pytest.mark.parametrize("max_rows", [3, 10, 155, 1000])
def test_small_classes_keep_their_rows_where_rows_are_capped(max_rows):
    kept = np.bincount(Y[capped_mask(Y, max_rows, np.random.RandomState(0))])
    assert kept.sum() == min(max_rows, 155)
    assert kept.min() == min(5, max_rows // 3)


@pytest.mark.parametrize(("max_rows", "sizes"), [(93, [60, 30, 5]), (31, [20, 10, 5]), (999, None)])
def test_classes_keep_their_shares_and_a_few_rows_each(max_rows, sizes):
    mask = proportional_mask(Y, max_rows, np.random.RandomState(0))
    assert np.bincount(Y[mask]).tolist() == (sizes or [100, 50, 5])


def test_a_class_keeps_as_many_rows_as_are_needed_at_least():
    y = np.repeat([0, 1], [1000, 40])
    assert proportional_mask(y, 100, np.random.RandomState(0))[1000:].sum() == MIN_ROWS


@pytest.mark.parametrize("mask", [capped_mask, proportional_mask])
def test_every_row_of_a_class_is_as_likely(mask):
    rng = np.random.RandomState(0)
    n_kept = sum(mask(Y, 60, rng).astype(int) for _ in range(2000))
    for label in (0, 1):
        times = n_kept[label == Y]
        # five standard deviations of a binomial distribution
        share = times.mean() / 2000
        assert np.abs(times - times.mean()).max() < 5 * np.sqrt(2000 * share * (1 - share))
