"""The kernel distance against the moments of Gaussians, and its interval against the truth."""

import math

import numpy as np
import pytest

from ganaug.metrics.kid import kid, kid_interval


def mean_kernel(mean, other):
    """Expected ``(x . y / d + 1) ** 3`` of normal x and y with unit variances."""
    d, inner = len(mean), mean @ other
    square, other_square = mean @ mean, other @ other
    second = d + square + other_square + inner**2
    third = inner**3 + 3 * inner * (square + other_square + d + 2)
    return 1 + 3 * inner / d + 3 * second / d**2 + third / d**3


def true_distance(mean, other):
    return mean_kernel(mean, mean) + mean_kernel(other, other) - 2 * mean_kernel(mean, other)


def pairs(shift, n_pairs, n_real=30, n_fake=20):
    rng = np.random.default_rng(0)
    return [
        (rng.normal(size=(n_real, 4)), rng.normal(size=(n_fake, 4)) + shift) for _ in range(n_pairs)
    ]


@pytest.mark.parametrize("shift", [0.0, 0.5, 1.5])
def test_its_mean_over_small_samples_is_the_distance_of_the_distributions(shift):
    distances = [kid(*pair) for pair in pairs(shift, 500, n_real=5, n_fake=3)]
    error = np.std(distances) / math.sqrt(len(distances))
    truth = true_distance(np.zeros(4), np.full(4, shift))
    assert np.mean(distances) == pytest.approx(truth, abs=4 * error)


def test_a_point_mass_is_as_far_from_another_as_the_kernel_says():
    ones, minus = np.ones((3, 2)), -np.ones((4, 2))
    assert kid(ones, minus) == pytest.approx(2**3 + 2**3 - 2 * 0**3)


@pytest.mark.parametrize(("shift", "least", "most"), [(0.0, 0.95, 1.0), (1.0, 0.9, 0.99)])
def test_the_interval_holds_the_truth_as_often_as_it_says(shift, least, most):
    truth = true_distance(np.zeros(4), np.full(4, shift))
    intervals = [kid_interval(*pair) for pair in pairs(shift, 300, 100, 80)]
    held = np.mean([low <= truth <= high for low, high in intervals])
    assert least <= held <= most


def test_leaving_rows_out_one_by_one_gives_the_jackknife_interval():
    ((real, fake),) = pairs(0.3, 1, n_real=7, n_fake=5)
    variance = sum(
        (len(values) - 1) * np.var(values)
        for values in (
            [kid(np.delete(real, row, axis=0), fake) for row in range(7)],
            [kid(real, np.delete(fake, row, axis=0)) for row in range(5)],
        )
    )
    low, high = kid_interval(real, fake)
    quantile_of_t_with_4_degrees = 2.7764451
    assert (high - low) / 2 == pytest.approx(quantile_of_t_with_4_degrees * math.sqrt(variance))
    assert (high + low) / 2 == pytest.approx(kid(real, fake))


def test_neither_the_order_of_rows_nor_that_of_the_sets_matters():
    ((real, fake),) = pairs(0.3, 1)
    assert kid(real[::-1], fake) == pytest.approx(kid(real, fake))
    assert kid(fake, real) == pytest.approx(kid(real, fake))


def test_sets_too_small_have_no_distance_and_no_interval():
    ((real, fake),) = pairs(0.3, 1)
    assert math.isnan(kid(real[:1], fake))
    assert math.isnan(kid(real, fake[:0]))
    assert not math.isnan(kid(real[:2], fake[:2]))
    assert all(math.isnan(bound) for bound in kid_interval(real[:2], fake))
