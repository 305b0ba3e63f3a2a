"""What the schedule of a training run says of its steps."""

import math
from itertools import pairwise

import pytest
import torch

from ganaug.training.config import TrainingConfig
from ganaug.training.discriminator_transform import InstanceNoise
from ganaug.training.input_samplers import GaussianNoise


def config(n_steps, **options):
    """Configuration of a run of so many steps."""
    rate = torch.ones(1)
    return TrainingConfig(n_steps, 4, GaussianNoise(1), rate, rate, InstanceNoise(0.0), **options)


@pytest.mark.parametrize("n_steps", [1, 10, 40])
def test_the_start_fades_from_the_average_of_a_short_run(n_steps):
    run = config(n_steps)
    share = math.prod(1 - run.schedule(index).ema_weight for index in range(n_steps))
    # ((1 + 0) / (10 + 0)) ((1 + 1) / (10 + 1)) ...
    assert share == pytest.approx(1 / math.comb(n_steps + 9, 9))


def test_the_average_of_a_long_run_looks_back_on_two_hundred_steps():
    run = config(100_000)
    decays = [1 - run.schedule(index).ema_weight for index in (5_000, 50_000, 99_999)]
    # the mean age of what an exponential average is made of
    assert [decay / (1 - decay) for decay in decays] == pytest.approx([199] * 3)


def test_the_learning_rate_falls_linearly_to_a_tenth():
    run = config(1000)
    scales = [run.schedule(index).lr_scale for index in range(1001)]
    assert scales[0] == 1
    assert scales[-1] == pytest.approx(0.1)
    assert [a - b for a, b in pairwise(scales)] == pytest.approx([0.9 / 1000] * 1000)


def test_penalties_are_taken_once_an_interval_from_the_first_step_on():
    run = config(12, penalty_interval=4)
    taken = [run.schedule(index).with_penalty for index in range(12)]
    assert taken == [True, False, False, False] * 3


def test_nothing_is_clipped_where_no_bound_is_given_or_nothing_is_known():
    assert not any(config(9).schedule(index).clip for index in range(9))
    bounded = config(9, clip_rms_multiple=2.0)
    assert [bounded.schedule(index).clip for index in range(9)] == [False] + [True] * 8
