"""Replayed steps are the steps as they are, with fresh random numbers and their own schedule."""

import pytest
import torch

from ganaug.training.config import TrainingConfig
from ganaug.training.cuda_graph import CudaGraphStep, capture_cuda_graph
from ganaug.training.discriminator_transform import InstanceNoise
from ganaug.training.input_samplers import GaussianNoise
from ganaug.training.layout import FeatureLayout
from ganaug.training.networks.table import TableDiscriminator, TableGenerator
from ganaug.training.pool import Pool
from ganaug.training.step import TrainingStep
from ganaug.training.streams import MemberStreams

N_STEPS = 30


class Captures:
    """Counts the steps captured; where there is no GPU, replays them as one would.

    A replayed graph writes its result to the same memory again.
    """

    n_captured = 0

    def __call__(self, function, device):
        self.n_captured += 1
        if device.type == "cuda":
            return capture_cuda_graph(function, device)
        result = []

        def replay():
            fresh = function()
            result[:] = [result[0].copy_(fresh) if result else fresh]
            return result[0]

        return replay


@pytest.fixture
def game(normal, generators, device):
    """Maker of the parts of a game of two members, always from the same start."""

    def make(layout=None, **options):
        sizes = (7, 20)
        streams = generators(*sizes)
        pool = Pool(normal(sum(sizes), 3).to(device), torch.arange(sum(sizes)).split(sizes))
        networks = (
            TableGenerator(4, 8, layout or FeatureLayout(3), streams),
            TableDiscriminator(3, 8, streams),
        )
        gamma, rate = torch.tensor([0.3, 1.0]), torch.tensor([1e-2, 2e-2])
        defaults = {"discriminator_transform": InstanceNoise(0.2), "gamma": gamma.to(device)}
        config = TrainingConfig(
            N_STEPS,
            8,
            GaussianNoise(4),
            **(defaults | {"learning_rate": rate.to(device)} | options),
        )
        return *(network.to(device) for network in networks), pool, config

    return make


def played(parts, device, capture=None):
    """Figures of every step, and the averaged weights at the end; replayed where asked for."""
    generator, discriminator, pool, config = parts
    training_step = TrainingStep(generator, discriminator, config)
    streams = MemberStreams([3, 4], device)

    def step(numbers, schedule):
        return training_step(pool, numbers, schedule)

    replay = CudaGraphStep(step, streams, device, capture) if capture else None
    schedules = [config.schedule(index) for index in range(N_STEPS)]
    figures = [replay(schedule) if replay else step(streams, schedule) for schedule in schedules]
    return torch.stack(figures), [one.detach() for one in training_step.ema_generator.parameters()]


@pytest.mark.parametrize(
    ("options", "n_kinds"),
    [
        ({}, 1),
        ({"penalty_interval": 4}, 2),
        ({"layout": FeatureLayout(3, blocks=((1, 3),), presence_masks=((0, 1),))}, 1),
        ({"penalty_interval": 4, "clip_rms_multiple": 2.0, "warmup_steps": 10}, 2),
        ({"precision": torch.bfloat16}, 1),
    ],
)
def test_a_replayed_game_is_the_game(game, device, options, n_kinds):
    capture = Captures()
    figures, weights = played(game(**options), device, capture)
    expected, expected_weights = played(game(**options), device)
    assert capture.n_captured == n_kinds
    assert torch.allclose(figures, expected, atol=1e-4)
    for one, other in zip(weights, expected_weights, strict=True):
        assert torch.allclose(one, other, atol=1e-4)
    # and no two steps were alike
    assert len(figures[:, 0].unique(dim=0)) == N_STEPS


def refused(function, device):
    """A device that cannot capture."""
    raise RuntimeError("operation not permitted")


def test_a_game_that_cannot_be_captured_goes_on_and_says_so(game, device):
    with pytest.warns(RuntimeWarning, match="more slowly: operation not permitted"):
        figures, _ = played(game(), device, refused)
    expected, _ = played(game(), device)
    assert torch.allclose(figures, expected, atol=1e-4)


def test_a_device_that_is_full_is_not_taken_for_one_that_cannot_capture(game, device):
    def full(function, device):
        raise torch.OutOfMemoryError("full")

    with pytest.raises(torch.OutOfMemoryError):
        played(game(), device, full)
