"""One training step against gradients and averages that can be worked out by hand."""

import math

import pytest
import torch
from torch import nn

from ganaug.training.config import TrainingConfig
from ganaug.training.discriminator_transform import InstanceNoise
from ganaug.training.input_samplers import GaussianNoise
from ganaug.training.pool import Pool
from ganaug.training.step import HISTORY_KEYS, TrainingStep
from ganaug.training.streams import MemberStreams

CPU = torch.device("cpu")
WEIGHTS = [-0.5, 0.25, 2.0]
SHIFTS = [2.0, -1.5, 0.5]


class Parabola(nn.Module):
    """Discriminator of every member whose logit is the squared sample times a weight."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(WEIGHTS)[:, None])

    def forward(self, rows):
        return self.weight * rows.square().sum(-1)


class Point(nn.Module):
    """Generator of every member whose samples all lie at one point."""

    def __init__(self):
        super().__init__()
        self.shift = nn.Parameter(torch.tensor(SHIFTS)[:, None, None])

    def forward(self, noise):
        return self.shift + 0 * noise


class Game:
    """Real rows at 1, fakes at the shifts; gradients are noted, and steps too small to matter."""

    def __init__(self, **options):
        defaults = {
            "n_steps": 1000,
            "batch_size": 4,
            "input_sampler": GaussianNoise(1),
            "gamma": torch.zeros(3),
            "learning_rate": torch.full((3,), 1e-12),
            "discriminator_transform": InstanceNoise(0.0),
        }
        self.config = TrainingConfig(**(defaults | options))
        self.generator = Point()
        self.discriminator = Parabola()
        self.step = TrainingStep(self.generator, self.discriminator, self.config)
        self.gradients = []
        for parameter in (self.discriminator.weight, self.generator.shift):
            parameter.register_hook(lambda gradient: self.gradients.append(gradient.flatten()))
        self._pool = Pool(torch.ones(6, 1), [torch.arange(6)] * 3)
        self._streams = MemberStreams([0, 1, 2], CPU)

    def play(self, index):
        """Values, and gradients of discriminators and generators, of a step."""
        self.gradients.clear()
        values = self.step(self._pool, self._streams, self.config.schedule(index))
        return dict(zip(HISTORY_KEYS, values, strict=True)), *self.gradients


W, A = torch.tensor(WEIGHTS), torch.tensor(SHIFTS)
# of softplus(w a^2 - w) and of its mirror image
D_GRADIENT = (A**2 - 1) * torch.sigmoid(W * (A**2 - 1))
G_GRADIENT = -2 * W * A * torch.sigmoid(W * (1 - A**2))


def test_without_penalties_gradients_are_those_of_the_relativistic_losses():
    _, of_discriminator, of_generator = Game().play(0)
    assert torch.allclose(of_discriminator, D_GRADIENT, rtol=1e-5)
    assert torch.allclose(of_generator, G_GRADIENT, rtol=1e-5)


@pytest.mark.parametrize("interval", [1, 2, 16])
def test_a_lazy_penalty_weighs_as_much_as_one_in_every_step(interval):
    gamma = torch.tensor([0.1, 1.0, 3.0])
    game = Game(gamma=gamma, penalty_interval=interval)
    summed = sum(game.play(index)[1] for index in range(16))
    # half of gamma times the squared gradients at real and generated samples, (2w)^2 and (2wa)^2
    penalty = gamma / 2 * 8 * W * (1 + A**2)
    assert torch.allclose(summed / 16, D_GRADIENT + penalty, rtol=1e-4)


def test_between_penalties_the_history_repeats_their_last_values():
    game = Game(gamma=torch.ones(3), penalty_interval=3)
    expected = {"r1": 4 * W**2, "r2": 4 * (W * A) ** 2}
    for index in range(4):
        values = game.play(index)[0]
        for name, wanted in expected.items():
            assert torch.allclose(values[name], wanted, rtol=1e-5)


def test_the_auxiliary_loss_moves_the_generator_alone():
    game = Game(auxiliary_loss=lambda inputs, fake: 5 * fake.flatten(1).mean(dim=1))
    values, of_discriminator, of_generator = game.play(0)
    assert torch.allclose(of_discriminator, D_GRADIENT, rtol=1e-5)
    assert torch.allclose(of_generator, G_GRADIENT + 5, rtol=1e-5)
    # what the history shows is the loss of the game
    wanted = nn.functional.softplus(W * (1 - A**2))
    assert torch.allclose(values["generator_loss"], wanted, rtol=1e-5)


def test_both_networks_are_trained_on_what_the_transform_makes_of_real_and_fake():
    values, *gradients = Game(discriminator_transform=lambda rows, streams: 0 * rows).play(0)
    assert all((gradient == 0).all() for gradient in gradients)
    for name in ("generator_loss", "discriminator_loss"):
        assert torch.allclose(values[name], torch.full((3,), math.log(2)))
    # and gradients pass through it
    _, of_discriminator, of_generator = Game(
        discriminator_transform=lambda rows, streams: 3 * rows
    ).play(0)
    tripled = torch.sigmoid(9 * W * (A**2 - 1))
    assert torch.allclose(of_discriminator, 9 * (A**2 - 1) * tripled, rtol=1e-4)
    assert torch.allclose(of_generator, -18 * W * A * (1 - tripled), rtol=1e-4)


def test_the_averaged_generator_is_the_average_that_the_schedule_asks_for():
    game = Game(learning_rate=torch.tensor([1e-2, 1e-3, 5e-2]))
    average = A.clone()
    for index in range(30):
        game.play(index)
        weight = game.config.schedule(index).ema_weight
        average = (1 - weight) * average + weight * game.generator.shift.detach().flatten()
    assert torch.allclose(game.step.ema_generator.shift.flatten(), average, rtol=1e-5)
    assert not torch.allclose(average, game.generator.shift.flatten(), rtol=1e-3)
