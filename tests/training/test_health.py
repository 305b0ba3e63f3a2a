"""What went wrong in a game is told from what is merely not over."""

import pytest
import torch

from ganaug.training.health import (
    COLLAPSED,
    DISCRIMINATOR_WON,
    GOOD,
    MAX_MOMENT_ERROR,
    STILL_IMPROVING,
    Health,
    moment_error,
    relative_spread,
)


def rows(normal, *shape, seed=0):
    """Standard normal rows of one member."""
    return normal(*shape, seed=seed)[None]


def test_spread_is_the_ratio_of_standard_deviations(normal):
    real = rows(normal, 50, 3).expand(4, -1, -1)
    factors = torch.tensor([0.0, 0.5, 2.0, 7.0])
    assert torch.allclose(relative_spread(factors[:, None, None] * real, real), factors)
    assert relative_spread(real, torch.ones_like(real)).tolist() == [float("inf")] * 4


@pytest.mark.parametrize(("factor", "shift"), [(1.0, 0.0), (2.0, 0.0), (1.0, 1.5), (0.0, 0.0)])
def test_the_moment_error_of_one_feature_is_that_of_its_mean_and_variance(normal, factor, shift):
    real = 10 * rows(normal, 3000, 1)
    wanted = (2 * shift**2 + (factor**2 + shift**2 - 1) ** 2) ** 0.5
    found = moment_error(factor * real + shift * real.std(), real).item()
    assert found == pytest.approx(wanted, rel=0.02, abs=0.05)


@pytest.mark.parametrize("n_features", [2, 8, 784])
def test_real_samples_are_not_far_from_one_another_in_any_number_of_features(normal, n_features):
    one, other = (rows(normal, 256, n_features, seed=seed) for seed in (0, 1))
    assert moment_error(one, other).item() < MAX_MOMENT_ERROR


def test_reversed_correlations_are_further_than_none(normal):
    first = rows(normal, 2000, 1)
    real = torch.cat([first, first + 0.1 * rows(normal, 2000, 1, seed=1)], dim=2)
    shuffled = torch.cat([real[..., :1], real[..., 1:].flip(1)], dim=2)
    none, reverse = (
        moment_error(fake, real).item() for fake in (shuffled, real * real.new([1, -1]))
    )
    assert MAX_MOMENT_ERROR < none < reverse


def test_the_moment_error_has_no_unit_and_no_axes(normal):
    real, fake = rows(normal, 200, 4), 2 * rows(normal, 200, 4, seed=1) + 1
    turned = torch.linalg.qr(normal(4, 4, seed=2)).Q
    expected = moment_error(100 * fake, 100 * real)
    assert torch.allclose(moment_error(1e4 * fake, 1e4 * real), expected, rtol=1e-3)
    assert torch.allclose(
        moment_error(100 * fake @ turned, 100 * real @ turned), expected, rtol=1e-3
    )


def test_members_are_examined_each_by_itself(normal):
    real = torch.cat([rows(normal, 100, 3), 5 * rows(normal, 100, 3, seed=1)])
    fake = torch.cat([rows(normal, 100, 3, seed=2), torch.full((1, 100, 3), 1e30)])
    together = moment_error(fake, real)
    alone = torch.cat([moment_error(fake[[i]], real[[i]]) for i in (0, 1)])
    assert torch.allclose(together, alone)
    assert together.isfinite().all()


def test_noise_below_the_resolution_does_not_count_where_real_samples_are_alike(normal):
    alike = torch.full((1, 100, 3), 0.7)
    assert moment_error(alike + 0.01 * rows(normal, 100, 3), alike).item() < 0.1
    assert moment_error(alike + 1, alike).item() > 1


NAN = float("nan")


@pytest.mark.parametrize(
    ("finite", "spread", "error", "loss", "fault"),
    [
        (True, 1.0, 0.1, 1.0, None),
        # losses that leapt and came back, and samples of a game that is not over
        (True, 1.0, 0.1, 1e6, None),
        (True, 1.0, 4.0, 1.0, None),
        (True, 1.0, 4.0, 1e6, "diverged: losses reached 1e.06"),
        (True, 1.0, NAN, 1e6, "diverged: losses reached"),
        (False, 1.0, 0.1, NAN, "diverged: losses became infinite"),
        (True, 0.01, 0.1, 1.0, "collapsed: samples spread 0.01 times"),
        (True, NAN, 0.1, 1.0, "collapsed"),
    ],
)
def test_a_member_has_diverged_where_losses_and_samples_say_so(finite, spread, error, loss, fault):
    signs = (torch.tensor([one]) for one in (finite, spread, error, loss))
    health = Health(*signs, 5.0, torch.tensor([0.4]), torch.tensor([0.0]))
    assert health.good.tolist() == [fault is None]
    if fault:
        with pytest.raises(RuntimeError, match=fault):
            raise RuntimeError(health.fault(0))


@pytest.mark.parametrize(
    ("spread", "error", "fool_rate", "improvement", "verdict"),
    [
        (1.0, 0.5, 0.4, 0.0, GOOD),
        (0.3, 0.5, 0.4, 0.0, COLLAPSED),
        (1.0, 0.5, 0.02, 0.0, DISCRIMINATOR_WON),
        # a discriminator wins at the start of every game
        (1.0, 5.0, 0.02, 1.0, STILL_IMPROVING),
        (1.0, 5.0, 0.4, NAN, STILL_IMPROVING),
        # what a metric says counts for more than moments
        (1.0, 5.0, 0.4, 0.0, GOOD),
        # without steps
        (1.0, 0.0, NAN, NAN, GOOD),
    ],
)
def test_a_verdict_names_what_is_wrong(spread, error, fool_rate, improvement, verdict):
    one = torch.ones(1)
    signs = (spread * one, error * one, one, 5.0, fool_rate * one, improvement * one)
    assert Health(one.bool(), *signs).verdict(0) == verdict
