"""Intervals of paired differences against the textbook."""

import math

import numpy as np
import pytest
from scipy import stats

from ganaug.evaluation.statistics import paired_interval


def test_the_interval_is_that_of_a_paired_t_test():
    ours, theirs = np.random.default_rng(0).normal(size=(2, 12))
    expected = stats.ttest_rel(ours, theirs).confidence_interval(0.95)
    assert paired_interval(ours - theirs) == pytest.approx(tuple(expected))


def test_overlapping_training_sets_widen_the_interval_as_nadeau_and_bengio_say():
    differences = np.random.default_rng(0).normal(size=10)
    low, high = paired_interval(differences)
    wider_low, wider_high = paired_interval(differences, test_ratio=0.25)
    assert (wider_high - wider_low) / (high - low) == pytest.approx(math.sqrt(1 + 10 * 0.25))


def test_equal_differences_leave_no_doubt():
    assert paired_interval(np.full(5, 0.25)) == pytest.approx((0.25, 0.25))


@pytest.mark.parametrize("differences", [np.array([]), np.array([1.0])])
def test_a_single_split_says_nothing(differences):
    assert all(math.isnan(bound) for bound in paired_interval(differences))
