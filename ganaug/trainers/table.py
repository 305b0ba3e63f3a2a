"""How classes of table rows are generated, by their size."""

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Generator, Tensor, nn

from ganaug.randomness import SEED_LIMIT
from ganaug.trainers.hyperparameters import Settings
from ganaug.trainers.per_class import PerClassTrainer
from ganaug.trainers.tiers import Tier, tier_of
from ganaug.trainers.trained_class import Trained
from ganaug.training.discriminator_transform import DiscriminatorTransform, InstanceNoise
from ganaug.training.layout import FeatureLayout
from ganaug.training.networks.anchored import AnchoredGenerator
from ganaug.training.networks.table import TableDiscriminator, TableGenerator
from ganaug.training.sharing import share_discriminator, share_generator
from ganaug.training.streams import MemberStreams
from ganaug.training.untrained.local_gaussian import LocalGaussian

# Tensors of the size of its weights that a member takes: weights, gradients, moments, averages.
COPIES_OF_WEIGHTS = 6

# Rows that generators from noise draw to see how each feature is distributed.
N_DRAWN = 16384

# Real rows that show how each feature is distributed, at most.
MAX_SEEN = 65_536

# Real rows that an anchored generator starts from at most: distances between all pairs are held.
MAX_ANCHORS = 4096


@dataclass(frozen=True)
class TableTier(Tier):
    """How classes of one range of sizes are generated.

    Attributes
    ----------
    n_hidden : int
        Width of the networks.
    anchored : bool
        True where generated rows start from real ones.
    instance_noise : float
        Standard deviation of the noise on what the discriminator sees.
    n_steps, batch_size, learning_rate
        What "auto" stands for in ``TableGAN``.
    """

    n_hidden: int = 0
    anchored: bool = True
    instance_noise: float = 0.0
    n_steps: int = 0
    batch_size: int = 0
    learning_rate: float = 0.0


ANCHORED = TableTier(
    "anchored GAN",
    10,
    True,
    n_hidden=64,
    instance_noise=AnchoredGenerator.JITTER_SCALE,
    n_steps=500,
    batch_size=32,
    learning_rate=1e-3,
)
FROM_NOISE = TableTier(
    "GAN from noise",
    301,
    True,
    n_hidden=128,
    anchored=False,
    instance_noise=0.1,
    n_steps=1000,
    batch_size=128,
    learning_rate=3e-3,
)
TIERS = (
    FROM_NOISE,
    ANCHORED,
    TableTier("local Gaussian", 2, False),
    TableTier("smoothed copies", 1, False),
)

# What serves classes that could be trained and are not: n_steps=0, two failures, an interruption.
UNTRAINED = replace(ANCHORED, name="blurred interpolation")


class TableTrainer(PerClassTrainer):
    """Trains the generators of all classes of a table.

    Parameters
    ----------
    rows : dict of label to (n_k, packed) tensor
        Of the layout, packed.
    seeds, settings
        As in ``PerClassTrainer``.
    shared : (rank, features) tensor
        Factor of the covariance within classes, for classes too small to train.
    layout : FeatureLayout
        Of the rows.
    auto : collection of str
        Settings that follow from the tier.
    """

    TIERS = TIERS
    MEMBERS_AT_ONCE = {"cpu": 32, "cuda": 512}
    GAMMA = 1.0
    MAX_LOSS = 5.0

    def __init__(
        self,
        rows: dict[Hashable, Tensor],
        seeds: dict[Hashable, int],
        shared: Tensor,
        layout: FeatureLayout,
        settings: Settings,
        auto: Collection[str] = (),
    ):
        self._shared, self.layout, self._auto = shared, layout, auto
        super().__init__(rows, seeds, settings)

    def bytes_of_member(self) -> int:
        """Of the widest tier's weights."""
        n_features, n_hidden = self._shared.shape[1], max(tier.n_hidden for tier in TIERS)
        n_weights = n_hidden * (3 * n_features + 2 * self._settings.n_latent + 8 * n_hidden)
        return 4 * COPIES_OF_WEIGHTS * n_weights

    def networks(
        self, tier: Tier, samples: list[Tensor], streams: list[Generator]
    ) -> tuple[nn.Module, nn.Module]:
        """From noise and in layers that are shared where classes are large, else from real rows."""
        assert isinstance(tier, TableTier)
        generator = self._generator(tier, samples, streams)
        discriminator = TableDiscriminator(self._shared.shape[1], tier.n_hidden, streams)
        if isinstance(generator, TableGenerator) and len(samples) > 1:
            share_generator(generator)
            share_discriminator(discriminator)
        return generator, discriminator

    def unpack(self, samples: Tensor) -> Tensor:
        """One-hot blocks."""
        return self.layout.to_one_hot(samples)

    def settings_of(self, tier: Tier) -> Settings:
        """Those that were given, and for the others the tier's."""
        return replace(self._settings, **{name: getattr(tier, name) for name in self._auto})

    def default_learning_rate(self, tier: Tier) -> float:
        """The tier's."""
        assert isinstance(tier, TableTier)
        return tier.learning_rate

    def view(self, tier: Tier) -> DiscriminatorTransform:
        """Blurred rows."""
        assert isinstance(tier, TableTier)
        return InstanceNoise(tier.instance_noise)

    def untrained(self, tier: Tier, samples: Tensor, stream: Generator) -> tuple[str, nn.Module]:
        """Blurred points between rows, Gaussians around few rows."""
        if tier.trained:
            return UNTRAINED.name, self._generator(UNTRAINED, [samples], [stream])
        rows, n_latent = self.unpack(samples), self._settings.n_latent
        return tier.name, LocalGaussian.from_rows(rows, self._shared, self.layout, n_latent)

    def finished(self, generator: nn.Module, samples: Tensor, seed: int) -> nn.Module:
        """Generators from noise give each feature as it is distributed in real rows."""
        if isinstance(generator, TableGenerator):
            stream = MemberStreams([2 * SEED_LIMIT + seed], torch.device("cpu"))
            seen = self._some(samples, MAX_SEEN, Generator().manual_seed(seed))
            generator.match_marginals([seen], stream.normal(N_DRAWN, self._settings.n_latent))
        return generator

    def of_others(
        self, rows: dict[Hashable, Tensor], seeds: dict[Hashable, int]
    ) -> dict[Hashable, Trained]:
        """Train on other rows of the same layout, by the same settings."""
        settings = (self._shared, self.layout, self._settings, self._auto)
        trainer = TableTrainer(rows, seeds, *settings)
        trained = trainer.train(lambda n_steps: None)
        if trainer.interrupted:
            raise KeyboardInterrupt
        return trained

    def _chunks_of(self, tier: Tier, labels: list[Hashable]) -> list[list[Hashable]]:
        return [labels] if tier is FROM_NOISE else super()._chunks_of(tier, labels)

    def _generator(
        self, tier: TableTier, rows: list[Tensor], streams: list[Generator]
    ) -> nn.Module:
        n_latent, most = self._settings.n_latent, MAX_ANCHORS if tier.anchored else MAX_SEEN
        some = [self._some(own, most, stream) for own, stream in zip(rows, streams, strict=True)]
        if tier.anchored:
            return AnchoredGenerator.from_rows(some, self.layout, n_latent, tier.n_hidden, streams)
        frequencies = torch.stack([own.mean(0) for own in some])
        return TableGenerator(n_latent, tier.n_hidden, self.layout, streams, frequencies)

    def _some(self, packed: Tensor, most: int, stream: Generator) -> Tensor:
        """Rows, random ones where there are more than ``most``."""
        if len(packed) > most:
            packed = packed[torch.randperm(len(packed), generator=stream)[:most]]
        return self.unpack(packed)


def train_together(trainers: Sequence[TableTrainer]) -> list[dict[Hashable, Trained]]:
    """What each of some trainers of equal settings would train by itself, in fewer games.

    Classes of the anchored tier share nothing with one another, so those of all trainers
    play side by side.
    """
    by_layout: dict[FeatureLayout, list[int]] = {}
    for number, trainer in enumerate(trainers):
        by_layout.setdefault(trainer.layout, []).append(number)
    trained: list[dict[Hashable, Trained]] = [{} for _ in trainers]
    for numbers in by_layout.values():
        places = [
            (number, label)
            for number in numbers
            for label, rows in trainers[number].samples.items()
            if tier_of(len(rows), TIERS) is ANCHORED
        ]
        members: dict[Hashable, Tensor] = {
            place: trainers[number].samples[label] for place, (number, label) in enumerate(places)
        }
        seeds: dict[Hashable, int] = {
            place: trainers[number].seeds[label] for place, (number, label) in enumerate(places)
        }
        done = trainers[numbers[0]].of_others(members, seeds)
        for place, (number, label) in enumerate(places):
            trained[number][label] = done[place]
    for trainer, done in zip(trainers, trained, strict=True):
        rest = {label: rows for label, rows in trainer.samples.items() if label not in done}
        done |= trainer.of_others(rest, trainer.seeds)
    return trained


def labels_to_train(wanted: Collection[Hashable], sizes: Mapping[Hashable, int]) -> list[Hashable]:
    """Labels to train so that the wanted ones come out the same whichever they are.

    Examples
    --------
    >>> labels_to_train(["b"], {"a": 900, "b": 400, "c": 20})
    ['a', 'b']
    >>> labels_to_train(["c"], {"a": 900, "b": 400, "c": 20})
    ['c']
    """
    shared = any(sizes[label] >= FROM_NOISE.least_rows for label in wanted)
    return [
        label
        for label, size in sizes.items()
        if label in wanted or (shared and size >= FROM_NOISE.least_rows)
    ]
