"""Changes of sequences that leave them in their class: how far they go, and what they keep."""

import numpy as np
import pytest

from ganaug.evaluation.sequence_moves import (
    jitter,
    scale,
    warp_magnitude,
    warp_time,
    warp_window,
)

MOVES = [jitter, scale, warp_magnitude, warp_time, warp_window]
IN_TIME = [warp_time, warp_window]
N_STEPS = 60


def rng(seed=0):
    return np.random.RandomState(seed)


def walks(n=40, n_steps=N_STEPS, n_channels=3):
    return np.random.default_rng(0).normal(size=(n, n_steps, n_channels)).cumsum(axis=1)


@pytest.mark.parametrize("move", MOVES)
def test_each_sequence_is_changed_in_its_own_way_and_the_seed_decides(move):
    same = np.repeat(walks(1), 9, axis=0)
    moved = move(same, rng())
    assert moved.shape == same.shape
    assert len(np.unique(moved.sum(axis=(1, 2)))) > 5
    assert np.array_equal(moved, move(same, rng()))
    assert not np.array_equal(moved, move(same, rng(1)))


@pytest.mark.parametrize("move", IN_TIME)
def test_time_runs_forward_from_the_first_step_to_the_last(move):
    steps = np.tile(np.arange(N_STEPS, dtype=float)[:, None], (200, 1, 1))
    places = move(steps, rng())[..., 0]
    assert np.allclose(places[:, [0, -1]], steps[:, [0, -1], 0])
    assert (np.diff(places) > 0).all()
    assert 1 < np.abs(places - steps[..., 0]).max() < N_STEPS / 3


@pytest.mark.parametrize("move", IN_TIME)
def test_channels_stay_together_in_time_and_values_in_their_range(move):
    X = walks()
    X[..., 1] = 5 - 2 * X[..., 0]
    moved = move(X, rng())
    assert np.allclose(moved[..., 1], 5 - 2 * moved[..., 0])
    assert (moved.max(axis=1) <= X.max(axis=1) + 1e-12).all()
    assert (moved.min(axis=1) >= X.min(axis=1) - 1e-12).all()


def test_a_window_is_passed_at_half_or_double_speed_and_the_rest_evenly():
    steps = np.tile(np.arange(100.0)[:, None], (300, 1, 1))
    speeds = np.diff(warp_window(steps, rng())[..., 0])
    outside = np.median(speeds, axis=1)
    # a tenth is passed in twice or half the time, and all is fitted to its length again
    assert set(np.round(outside, 2)) == {1.05, 0.91}
    extremes = np.where(outside > 1, speeds.min(axis=1), speeds.max(axis=1)) / outside
    assert set(extremes.round(6)) == {0.5, 2.0}
    assert ((np.abs(speeds / outside[:, None] - 1) > 0.3).sum(axis=1) <= 11).all()


@pytest.mark.parametrize(("move", "deviation"), [(scale, 0.1), (warp_magnitude, 0.2)])
def test_factors_have_the_asked_deviation_around_one(move, deviation):
    # at its ends a smooth curve is at a knot
    factors = move(np.ones((4000, N_STEPS, 2)), rng())[:, -1]
    assert factors.mean() == pytest.approx(1, abs=0.02)
    assert factors.std() == pytest.approx(deviation, rel=0.05)
    assert abs(np.corrcoef(factors.T)[0, 1]) < 0.05


def test_smooth_curves_are_smooth():
    curves = warp_magnitude(np.ones((200, N_STEPS, 1)), rng())
    assert np.diff(curves, n=2, axis=1).std() < 0.1 * curves.std()


def test_noise_is_white_and_of_its_deviation():
    noise = jitter(np.zeros((300, N_STEPS, 1)), rng())[..., 0]
    assert noise.std() == pytest.approx(0.03, rel=0.05)
    assert abs(np.corrcoef(noise[:, 0], noise[:, 1])[0, 1]) < 0.2


@pytest.mark.parametrize("move", MOVES)
def test_gaps_move_with_their_sequence_and_touch_no_other_value(move):
    X = walks()
    X[:, 20:30, 0] = np.nan
    moved = move(X, rng())
    gaps = np.isnan(moved)
    assert not gaps[..., 1:].any()
    assert gaps[..., 0].sum(axis=1) == pytest.approx(10, abs=8)
    whole = move(walks(), rng())
    near = np.zeros(gaps.shape, dtype=bool)
    near[:, 5:45, 0] = True
    assert np.array_equal(moved[~near], whole[~near])
