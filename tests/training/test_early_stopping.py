"""Which generators are kept, and when a game ends early."""

import math

import pytest
import torch
from torch import nn

from ganaug.training.config import TrainingConfig
from ganaug.training.discriminator_transform import InstanceNoise
from ganaug.training.early_stopping import PATIENCE, VALIDATION_POINTS, EarlyStopping
from ganaug.training.input_samplers import GaussianNoise
from ganaug.training.layout import FeatureLayout
from ganaug.training.loop import Game
from ganaug.training.networks.table import TableDiscriminator, TableGenerator
from ganaug.training.pool import Pool
from ganaug.training.streams import MemberStreams


class Numbered(nn.Module):
    """A stand-in network whose single weight is the number of steps it has seen."""

    def __init__(self):
        super().__init__()
        self.steps = nn.Parameter(torch.zeros(2, 1))


def validated(ratings, n_steps=10):
    """EarlyStopping after looks with the given ratings, each of two members."""
    given = iter(ratings)
    stopping, network = EarlyStopping(lambda _: torch.tensor(next(given)), n_steps), Numbered()
    n_validations = 0
    for n_done in range(1, n_steps + 1):
        network.steps.data.fill_(n_done)
        stopping.validate(network, n_done)
        n_validations += n_done in {round(share * n_steps) for share in VALIDATION_POINTS}
        if n_validations == len(ratings):
            break
    return stopping, network


def test_each_member_keeps_its_own_best_state():
    stopping, network = validated([[3.0, 1.0], [2.0, 2.0], [4.0, 0.5]])
    assert stopping.best_generator(network).steps.flatten().tolist() == [6.0, 7.0]
    assert not stopping.should_stop


def test_the_game_stops_once_no_member_improves():
    ratings = [[1.0, 1.0]] + [[2.0, 2.0]] * PATIENCE
    assert validated(ratings)[0].should_stop
    ratings[-1] = [0.5, 2.0]
    assert not validated(ratings)[0].should_stop


def test_what_cannot_be_rated_is_never_best():
    stopping, network = validated([[float("nan"), 1.0], [5.0, float("nan")]])
    assert stopping.best_generator(network).steps.flatten().tolist() == [6.0, 5.0]


def test_without_a_metric_the_last_state_counts():
    network = Numbered()
    stopping = EarlyStopping(None, 10)
    stopping.validate(network, 10)
    assert torch.equal(stopping.best_generator(network).steps, network.steps)


@pytest.mark.parametrize("best_at", [5, 8, 10])
def test_a_game_returns_the_generator_that_its_metric_rated_best(best_at, normal, generators):
    seen = []

    def metric(generator):
        seen.append(generator)
        return torch.full((1,), abs(len(seen) - 1 - (best_at - 5)) * 1.0)

    generator = TableGenerator(3, 4, FeatureLayout(2), generators(0))
    discriminator = TableDiscriminator(2, 4, generators(1))
    config = TrainingConfig(
        n_steps=10,
        batch_size=4,
        input_sampler=GaussianNoise(3),
        gamma=torch.ones(1),
        learning_rate=torch.full((1,), 1e-3),
        discriminator_transform=InstanceNoise(0.0),
        validation_metric=metric,
    )
    pool = Pool(normal(20, 2), [torch.arange(20)])
    streams = MemberStreams([0], torch.device("cpu"))
    outcome = Game(generator, discriminator, pool, config, streams).play()
    best = seen[best_at - 5]
    for kept, wanted in zip(outcome.generator.parameters(), best.parameters(), strict=True):
        assert torch.equal(kept, wanted)
    assert len(outcome.history) == min(10, best_at + PATIENCE)


@pytest.mark.parametrize(
    ("ratings", "improvement"),
    [
        ([9.0, 5.0, 4.0, 2.0], 3.0),
        ([1.0, 5.0, 4.0, 2.0], 0.0),
        ([9.0, 2.0, 1.0, 2.0], 0.0),
        ([9.0, 5.0], math.nan),
        ([], math.nan),
    ],
)
def test_an_improvement_is_the_fall_over_the_last_two_ratings_if_the_last_is_the_lowest(
    ratings, improvement
):
    given = iter(ratings)
    stopping = EarlyStopping(lambda generator: torch.tensor([next(given)]), n_steps=10)
    generator = nn.ParameterList([torch.zeros(1, 1)])
    for n_done in range(5, 5 + len(ratings)):
        stopping.validate(generator, n_done)
    again = EarlyStopping(None, n_steps=10)
    again.resume(stopping.state(), generator)
    for one in (stopping, again):
        found = one.improvement(1)
        assert torch.allclose(found, torch.tensor([improvement]), equal_nan=True)
