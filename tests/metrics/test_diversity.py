"""Diversity: the mean distance of a set and that of another."""

import math

import numpy as np
import pytest

from ganaug.metrics.diversity import mean_distance, relative_spread


def test_the_mean_distance_of_normal_numbers_is_2_over_the_root_of_pi():
    rows = np.random.default_rng(0).normal(size=(2000, 1))
    assert mean_distance(rows) == pytest.approx(2 / math.sqrt(math.pi), abs=0.05)


def test_spread_scales_with_the_fake_set_and_not_with_its_place_or_order():
    real, fake = np.random.default_rng(0).normal(size=(2, 50, 3))
    spread = relative_spread(real, fake)
    assert relative_spread(real, 3 * fake[::-1] + 7) == pytest.approx(3 * spread)
    assert relative_spread(real, real) == 1


def test_a_collapsed_generator_spreads_by_nothing():
    real = np.random.default_rng(0).normal(size=(20, 3))
    assert relative_spread(real, np.ones((10, 3))) == 0


def test_where_there_is_nothing_to_compare_there_is_no_figure():
    real = np.random.default_rng(0).normal(size=(20, 3))
    assert math.isnan(mean_distance(real[:1]))
    assert math.isnan(relative_spread(real, real[:1]))
    assert math.isnan(relative_spread(np.ones((5, 3)), real))
