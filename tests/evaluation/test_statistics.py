"""Intervals of paired differences against the textbook."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from ganaug.evaluation.statistics import CONFIDENCE, moderated_intervals, paired_interval


def low(gains):
    """Lower ends of the intervals of gains."""
    return moderated_intervals(gains, 0.95)["low"]


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


def test_the_lower_bound_of_one_gain_is_that_of_a_t_test_with_more_freedom():
    gains = np.random.default_rng(0).normal(0.5, size=12)
    error = gains.std(ddof=1) / math.sqrt(12)
    expected = gains.mean() - stats.t.ppf(0.95, 11 + 4) * error
    assert low(pd.DataFrame({"GAN": gains}))["GAN"] == pytest.approx(expected)


def test_what_seems_not_to_vary_is_taken_to_vary_as_the_others_do():
    alternating = np.resize([-1.0, 1.0], 6)
    gains = pd.DataFrame({"steady": np.zeros(6), "shaky": alternating})
    bounds = low(gains)
    # variances 0 and 1.2, their mean 0.6, which counts for 4 of 9 degrees of freedom
    reach = stats.t.ppf(0.95, 9) * np.sqrt([4 * 0.6 / 9 / 6, (5 * 1.2 + 4 * 0.6) / 9 / 6])
    assert bounds.to_numpy() == pytest.approx(-reach)


def test_many_blocks_speak_for_themselves():
    rng = np.random.default_rng(0)
    gains = pd.DataFrame({"steady": rng.normal(0, 0.1, 4000), "shaky": rng.normal(0, 1, 4000)})
    error = gains["steady"].std() / math.sqrt(4000)
    expected = gains["steady"].mean() - stats.norm.ppf(0.95) * error
    # the mean variance, 50 times as large, counts for 4 of 4003 degrees of freedom
    assert low(gains)["steady"] == pytest.approx(expected, abs=0.1 * error)


def test_gains_of_nothing_lie_above_0_one_time_in_twenty():
    gains = pd.DataFrame(np.random.default_rng(0).normal(size=(6, 20_000)))
    share = (low(gains) > 0).mean()
    assert 0.03 < share < 0.06


def test_intervals_lie_evenly_around_the_mean():
    gains = pd.DataFrame(np.random.default_rng(0).normal(0.3, [0.1, 1.0], size=(8, 2)))
    intervals = moderated_intervals(gains)
    assert np.allclose(intervals["gain"], gains.mean())
    reach = stats.t.ppf(CONFIDENCE, 7 + 4) * intervals["error"]
    assert np.allclose(intervals["gain"] - intervals["low"], reach)
    assert np.allclose(intervals["high"] - intervals["gain"], reach)


def test_one_block_tells_nothing():
    assert low(pd.DataFrame({"GAN": [1.0]})).iloc[0] == -math.inf
