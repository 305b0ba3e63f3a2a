"""Recipes: what differs between kinds of samples when their classes are trained, as values."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Generator, Tensor, nn

from ganaug.ranks import Ranks
from ganaug.trainers.hyperparameters import Hyperparameters
from ganaug.trainers.tiers import Tier
from ganaug.training.config import TrainingConfig
from ganaug.training.early_stopping import ValidationMetric
from ganaug.training.loop import Game, Outcome
from ganaug.training.pool import Pool

# Progress callback: takes the number of updates since it was last called.
OnSteps = Callable[[int], object]

# Plays a game under a name that tells it from others of the fit, by a checkpoint where there is
# one.
PlayGame = Callable[[tuple, Game, OnSteps], Outcome]

Networks = tuple[nn.Module, nn.Module]


@dataclass(frozen=True)
class Defaults:
    """Default values, which are known to work: bounds for a second try of classes that failed.

    Attributes
    ----------
    learning_rate, gamma : float
        As in ``Hyperparameters``.
    """

    learning_rate: float
    gamma: float


@dataclass(frozen=True)
class Pretraining:
    """Training before that of the classes.

    Attributes
    ----------
    n_steps : int
        Updates that it takes.
    run : callable
        Takes the recipe so far, ``PlayGame``, ``OnSteps`` and the ranks that train together, if
        there are several, and returns the recipe of the classes. May raise
        ``TrainingInterrupted`` once it has kept what was trained.
    """

    n_steps: int
    run: Callable[["Recipe", PlayGame, OnSteps, Ranks | None], "Recipe"]


def _keep_samples(samples: list[Tensor]) -> tuple[list[Tensor], None]:
    return samples, None


def _keep_generator(generator: nn.Module, samples: Tensor, seed: int) -> nn.Module:
    return generator


def _unpacked(samples: Tensor) -> Tensor:
    return samples


def _never(tier: Tier) -> bool:
    return False


@dataclass(frozen=True)
class Recipe:
    """Functions and numbers by which the classes of one kind of samples are trained.

    Attributes
    ----------
    device : torch.device
        Device of training.
    tiers : tuple of Tier
        Kinds of generators, from those of the largest classes down.
    hyperparameters : callable
        Hyper-parameters of a tier.
    defaults : callable
        Defaults of a tier, which bound the second try of its classes.
    networks : callable
        Maps a tier, the samples of some classes and a stream for each to their generator and
        discriminator, as they start.
    configure : callable
        Maps a tier, hyper-parameters, the generator on its device and the pool to the
        configuration of the game.
    fallback : callable
        Maps a tier, the samples of a class and a stream to the generator that serves it without
        training, and the generator's name.
    bytes_per_member : int
        Bytes that training one class takes, at most.
    max_members : dict of str to int
        Members of one game at most, by kind of device, "cpu" or "cuda". On a CPU more do not
        make a class cheaper; on a GPU, where small networks wait for their kernels to be
        launched, only memory bounds them.
    min_members : int
        Classes that a game needs, as those of a translator need others to be translated from:
        1 where they are independent of one another.
    subject : str or None
        What messages call the model where its samples have no classes.
    layout : hashable or None
        Layout of the samples: where it is equal, classes of several models may train together.
    in_one_game : callable
        Maps a tier to True where all its classes are trained in one game, however many.
    unpack : callable
        Maps samples, as they are held, to what networks see of them.
    split_validation : callable
        Maps the samples of some classes to those to train on, and to a validation metric; None
        stops no game early.
    finalize : callable
        Maps a trained generator of one class on the CPU, its samples and its seed to the
        generator that is kept.
    pretraining : tuple of Pretraining
        What comes before the classes' games, in its order.
    """

    device: torch.device
    tiers: tuple[Tier, ...]
    hyperparameters: Callable[[Any], Hyperparameters]
    defaults: Callable[[Any], Defaults]
    networks: Callable[[Any, list[Tensor], list[Generator]], Networks]
    configure: Callable[[Any, Hyperparameters, nn.Module, Pool], TrainingConfig]
    fallback: Callable[[Any, Tensor, Generator], tuple[str, nn.Module]]
    bytes_per_member: int
    max_members: dict[str, int] = field(default_factory=lambda: {"cpu": 8, "cuda": 64})
    min_members: int = 1
    subject: str | None = None
    layout: Hashable | None = None
    in_one_game: Callable[[Any], bool] = _never
    unpack: Callable[[Tensor], Tensor] = _unpacked
    split_validation: Callable[[list[Tensor]], tuple[list[Tensor], ValidationMetric | None]] = (
        _keep_samples
    )
    finalize: Callable[[nn.Module, Tensor, int], nn.Module] = _keep_generator
    pretraining: tuple[Pretraining, ...] = ()

    def attempts(self, tier: Tier) -> tuple[Hyperparameters, Hyperparameters]:
        """Hyper-parameters of the first game of a tier, and of another for classes that failed."""
        first = self.hyperparameters(tier)
        defaults = self.defaults(tier)
        return first, first.with_safer_settings(defaults.learning_rate, defaults.gamma)


def member_values(value: float, pool: Pool) -> Tensor:
    """One value for every member of a game, on its device."""
    return torch.full((pool.n_members,), float(value), device=pool.samples.device)


def bare_network(generator: nn.Module, samples: Tensor, seed: int) -> nn.Module:
    """The network that a generator of batches wraps, to be kept alone."""
    return generator.get_submodule("network")
