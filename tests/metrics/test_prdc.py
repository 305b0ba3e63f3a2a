"""Precision, recall, density and coverage: known scenes and directions."""

import math

import numpy as np
import pytest

from ganaug.metrics.prdc import FIGURES, prdc


@pytest.fixture
def cloud():
    """One hundred normal rows of a seed."""
    return lambda seed: np.random.default_rng(seed).normal(size=(100, 3))


def test_a_set_covers_itself(cloud):
    figures = prdc(cloud(0), cloud(0))
    assert figures["precision"] == figures["recall"] == figures["coverage"] == 1
    # each neighbourhood holds its centre and k rows more
    assert figures["density"] == pytest.approx(6 / 5)


def test_a_far_set_has_nothing_in_common(cloud):
    assert set(prdc(cloud(0), cloud(1) + 100).values()) == {0.0}


def test_a_collapsed_generator_is_precise_and_recalls_little(cloud):
    collapsed = cloud(0)[:1] + cloud(1) * 1e-3
    figures = prdc(cloud(0), collapsed)
    assert figures["precision"] == 1
    assert figures["recall"] < 0.05
    assert figures["coverage"] < 0.2


def test_a_generator_of_outliers_recalls_much_and_is_not_precise(cloud):
    figures = prdc(cloud(0), 5 * cloud(1))
    assert figures["precision"] < 0.3
    assert figures["recall"] > 0.9
    assert figures["density"] < 0.3


def test_two_samples_of_one_distribution_have_the_expected_density_and_coverage(cloud):
    figures = [prdc(cloud(seed), cloud(seed + 100)) for seed in range(40)]
    assert np.mean([each["density"] for each in figures]) == pytest.approx(1, abs=0.05)
    # a neighbourhood is missed when none of m fakes comes before the k-th of n - 1 real rows
    n, k = 100, 5
    missed = np.prod([(n - 1 - step) / (2 * n - 1 - step) for step in range(k)])
    coverage = np.mean([each["coverage"] for each in figures])
    assert coverage == pytest.approx(1 - missed, abs=0.01)


def test_rotations_scales_and_orders_change_nothing(cloud):
    rotation, _ = np.linalg.qr(np.random.default_rng(5).normal(size=(3, 3)))
    before = prdc(cloud(0), cloud(1))
    after = prdc(4 * cloud(0)[::-1] @ rotation, 4 * cloud(1) @ rotation)
    assert after == pytest.approx(before)


def test_k_is_lowered_for_small_sets_and_single_rows_have_no_figures(cloud):
    assert prdc(cloud(0)[:2], cloud(0)[:2])["coverage"] == 1
    for sizes in ((1, 5), (5, 1), (0, 5)):
        figures = prdc(cloud(0)[: sizes[0]], cloud(1)[: sizes[1]])
        assert tuple(figures) == FIGURES
        assert all(math.isnan(value) for value in figures.values())


def test_equal_rows_are_within_a_radius_of_0():
    alike = np.ones((6, 2))
    assert prdc(alike, alike)["precision"] == 1
