"""One generator for every class: which kind by the class's size, trained all at once."""

import warnings
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace

import numpy as np
import torch
from sklearn.exceptions import ConvergenceWarning
from torch import Generator, Tensor, nn

from ganaug.models.seeds import SEED_LIMIT
from ganaug.training.ensemble import select_members
from ganaug.training.loop import FIGURES, Rules, train
from ganaug.training.networks.anchored import AnchoredGenerator, LocalGaussian
from ganaug.training.networks.table import Discriminator, NoiseGenerator
from ganaug.training.pool import Pool
from ganaug.training.streams import MemberStreams
from ganaug.training.views import InstanceNoise

# Members trained side by side at most. On a CPU more do not make a class cheaper; on a GPU, where
# small networks wait for their kernels to be launched, only memory bounds them.
MEMBERS_AT_ONCE = {"cpu": 32, "cuda": 512}

# Bytes that the weights of the members trained side by side may take, with their gradients,
# moments and averages.
MEMORY = 2**30
COPIES_OF_WEIGHTS = 6

# Real rows that an anchored generator starts from at most: distances between all pairs are held.
MOST_ANCHORS = 4096


def second_gamma(gamma: float) -> float:
    """Weight of the penalties when a class is trained for a second time."""
    return 4 * max(gamma, 0.1)


class SmallClassWarning(UserWarning):
    """A class has too few rows to train a GAN, and is served by a simpler generator."""


@dataclass(frozen=True)
class Tier:
    """How classes of one range of sizes are generated.

    Attributes
    ----------
    name : str
        What users read.
    least_rows : int
        Size of class from which the tier serves.
    n_hidden : int
        Width of the networks; 0 where nothing is trained.
    anchored : bool
        True where generated rows start from real ones.
    instance_noise : float
        Standard deviation of the noise on what the discriminator sees.
    """

    name: str
    least_rows: int
    n_hidden: int = 0
    anchored: bool = True
    instance_noise: float = 0.0


TIERS = (
    Tier("GAN from noise", 301, n_hidden=128, anchored=False, instance_noise=0.1),
    Tier("anchored GAN", 10, n_hidden=64, instance_noise=AnchoredGenerator.SMOOTHING),
    Tier("local Gaussian", 2),
    Tier("smoothed copies", 1),
)
ANCHORED = TIERS[1]

# What serves classes that could be trained and are not: n_steps=0, two failures, an interruption.
UNTRAINED = replace(ANCHORED, name="blurred interpolation")


def tier_of(n_rows: int) -> Tier:
    """Tier that serves a class of ``n_rows`` rows.

    Examples
    --------
    >>> [tier_of(n_rows).name for n_rows in (1, 9, 10, 500)]
    ['smoothed copies', 'local Gaussian', 'anchored GAN', 'GAN from noise']
    """
    return next(tier for tier in TIERS if n_rows >= tier.least_rows)


@dataclass(frozen=True)
class Trained:
    """What is kept of one class.

    Attributes
    ----------
    tier : str
        Name of the tier that serves it.
    generator : Module
        With one member, on the CPU.
    discriminator : Module or None
        With one member, on the CPU; None where nothing was trained.
    history : dict of str to (steps,) array
        ``FIGURES`` at every step; empty arrays where nothing was trained.
    """

    tier: str
    generator: nn.Module
    discriminator: nn.Module | None
    history: dict[str, np.ndarray]


@dataclass(frozen=True)
class Settings:
    """Hyper-parameters of the game that all classes share; see ``TableGAN``."""

    n_steps: int
    n_latent: int
    batch_size: int
    learning_rate: float
    gamma: float
    device: torch.device


class ClasswiseTrainer:
    """Trains the generators of all classes, in as few games as their sizes allow.

    Parameters
    ----------
    rows : dict of label to (n_k, features) tensor
        Encoded rows of the classes to generate.
    seeds : dict of label to int
        All randomness of a class.
    shared : (rank, features) tensor
        Factor of the covariance within classes, for classes too small to train.
    settings : Settings

    Attributes
    ----------
    interrupted : bool
        True once ``KeyboardInterrupt`` has ended a game; no further one is played.
    """

    def __init__(
        self,
        rows: dict[Hashable, Tensor],
        seeds: dict[Hashable, int],
        shared: Tensor,
        settings: Settings,
    ):
        self._rows, self._seeds, self._shared, self._settings = rows, seeds, shared, settings
        self.interrupted = False
        at_once = members_at_once(settings, n_features=next(iter(rows.values())).shape[1])
        self._chunks = [
            (tier, labels[start : start + at_once])
            for tier, labels in self._labels_by_tier().items()
            for start in range(0, len(labels), at_once)
        ]

    @property
    def n_steps(self) -> int:
        """Generator updates, over all games, if every class trains well at once."""
        return sum(self._settings.n_steps for tier, _ in self._chunks if tier.n_hidden > 0)

    def train(self, on_steps: Callable[[int], object]) -> dict[Hashable, Trained]:
        """Generators of all labels; ``on_steps`` hears of the updates done since its last call."""
        trained: dict[Hashable, Trained] = {}
        for tier, labels in self._chunks:
            if tier.n_hidden > 0 and self._settings.n_steps > 0 and not self.interrupted:
                trained |= self._train_chunk(tier, labels, on_steps)
        for label, rows in self._rows.items():
            if label not in trained:
                trained[label] = self._untrained(tier_of(len(rows)), label)
        return {label: trained[label] for label in self._rows}

    def _labels_by_tier(self) -> dict[Tier, list[Hashable]]:
        by_tier: dict[Tier, list[Hashable]] = {}
        for label, rows in self._rows.items():
            by_tier.setdefault(tier_of(len(rows)), []).append(label)
        return by_tier

    def _untrained(self, tier: Tier, label: Hashable) -> Trained:
        rows, n_latent = self._rows[label], self._settings.n_latent
        generator: nn.Module
        if tier.n_hidden > 0:
            tier = UNTRAINED
            generator = _generator(tier, [rows], n_latent, _streams([self._seeds[label]]))
        else:
            generator = LocalGaussian(rows, self._shared, n_latent)
        return Trained(tier.name, generator, None, _figures(torch.zeros(0, len(FIGURES))))

    def _train_chunk(
        self, tier: Tier, labels: list[Hashable], on_steps: Callable[[int], object]
    ) -> dict[Hashable, Trained]:
        """Train some classes at once, those that fail for a second time; leave out the lost."""
        trained = self._game(tier, labels, self._settings, on_steps)
        failed = [label for label in labels if label not in trained]
        if failed and not self.interrupted:
            again = replace(self._settings, gamma=second_gamma(self._settings.gamma))
            trained |= self._game(tier, failed, again, on_steps)
            failed = [label for label in failed if label not in trained]
        if failed and not self.interrupted:
            _warn_of_failure(failed, self._settings)
        return trained

    def _game(
        self,
        tier: Tier,
        labels: list[Hashable],
        settings: Settings,
        on_steps: Callable[[int], object],
    ) -> dict[Hashable, Trained]:
        """Play one game; keep the classes that came out of it in good health."""
        n_members, device = len(labels), settings.device
        rules = Rules(
            n_steps=settings.n_steps,
            batch_size=settings.batch_size,
            n_latent=settings.n_latent,
            gamma=torch.full((n_members,), settings.gamma, device=device),
            learning_rate=torch.full((n_members,), settings.learning_rate, device=device),
            view=InstanceNoise(tier.instance_noise),
        )
        rows, seeds = (
            [self._rows[label] for label in labels],
            [self._seeds[label] for label in labels],
        )
        streams = _streams(seeds)
        sizes = [len(own) for own in rows]
        outcome = train(
            _generator(tier, rows, settings.n_latent, streams).to(device),
            Discriminator(rows[0].shape[1], tier.n_hidden, streams).to(device),
            Pool(torch.cat(rows).to(device), torch.arange(sum(sizes)).split(sizes)),
            rules,
            # other seeds than those of the starting weights
            MemberStreams([SEED_LIMIT + seed for seed in seeds], device),
            on_steps,
        )
        self.interrupted |= outcome.interrupted
        generator, discriminator = outcome.generator.cpu(), outcome.discriminator.cpu()
        return {
            label: Trained(
                tier.name,
                select_members(generator, [member]),
                select_members(discriminator, [member]),
                _figures(outcome.history[:, :, member]),
            )
            for member, label in enumerate(labels)
            if outcome.healthy[member]
        }


def members_at_once(settings: Settings, n_features: int) -> int:
    """Classes of the widest tier to train side by side, at least one."""
    n_hidden = max(tier.n_hidden for tier in TIERS)
    n_weights = n_hidden * (3 * n_features + 2 * settings.n_latent + 8 * n_hidden)
    fitting = MEMORY // (4 * COPIES_OF_WEIGHTS * n_weights)
    kind = "cpu" if settings.device.type == "cpu" else "cuda"
    return max(1, min(MEMBERS_AT_ONCE[kind], fitting))


def _streams(seeds: list[int]) -> list[Generator]:
    return [Generator().manual_seed(seed) for seed in seeds]


def _generator(
    tier: Tier, rows: list[Tensor], n_latent: int, streams: list[Generator]
) -> nn.Module:
    if not tier.anchored:
        return NoiseGenerator(n_latent, rows[0].shape[1], tier.n_hidden, streams)
    anchors = [
        own[torch.randperm(len(own), generator=stream)[:MOST_ANCHORS]]
        if len(own) > MOST_ANCHORS
        else own
        for own, stream in zip(rows, streams, strict=True)
    ]
    return AnchoredGenerator(anchors, n_latent, tier.n_hidden, streams)


def _figures(history: Tensor) -> dict[str, np.ndarray]:
    return dict(zip(FIGURES, history.T.numpy().copy(), strict=True))


def warn_of_small_classes(sizes: dict[Hashable, int]) -> None:
    """Name the classes that are too small for a GAN, and what serves them instead."""
    for tier in TIERS:
        small = [label for label, n_rows in sizes.items() if tier_of(n_rows) is tier]
        if small and tier.n_hidden == 0:
            warnings.warn(
                f"{_names(small)} {'has' if len(small) == 1 else 'have'} fewer than "
                f"{ANCHORED.least_rows} rows, too few to train a GAN: served by {tier.name}.",
                SmallClassWarning,
                stacklevel=4,
            )


def _warn_of_failure(labels: list[Hashable], settings: Settings) -> None:
    warnings.warn(
        f"The GAN of {_names(labels)} diverged or collapsed twice (gamma={settings.gamma:g}, then "
        f"{second_gamma(settings.gamma):g}; learning_rate={settings.learning_rate:g}): served "
        f"by {UNTRAINED.name}, without a learnt part. Lower "
        "learning_rate or raise gamma.",
        ConvergenceWarning,
        stacklevel=6,
    )


def _names(labels: list[Hashable]) -> str:
    shown = ", ".join(repr(label) for label in labels[:10])
    more = f" and {len(labels) - 10} more" if len(labels) > 10 else ""
    return f"class {shown}" if len(labels) == 1 else f"classes {shown}{more}"
