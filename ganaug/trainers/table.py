"""Recipe of table rows: which generators serve classes of which size, and how they are trained."""

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Generator, Tensor, nn

from ganaug.encoding.rows import Matrix
from ganaug.encoding.table import TableEncoder
from ganaug.randomness import SEED_LIMIT
from ganaug.trainers.hyperparameters import Hyperparameters
from ganaug.trainers.recipe import Defaults, Networks, Recipe, member_values
from ganaug.trainers.table_tiers import FROM_NOISE, TIERS, UNTRAINED, TableTier
from ganaug.training.config import TrainingConfig
from ganaug.training.discriminator_transform import InstanceNoise
from ganaug.training.input_samplers import GaussianNoise
from ganaug.training.layout import FeatureLayout
from ganaug.training.networks.anchored import AnchoredGenerator
from ganaug.training.networks.table import TableDiscriminator, TableGenerator
from ganaug.training.pool import Pool
from ganaug.training.sharing import share_discriminator, share_generator
from ganaug.training.streams import MemberStreams
from ganaug.training.untrained.local_gaussian import LocalGaussian

# Tensors of the size of its weights that a member takes: weights, gradients, moments, averages.
TENSORS_PER_WEIGHT = 6

# Rows that generators from noise draw to see how each feature is distributed.
N_DRAWN = 16384

# Real rows that show how each feature is distributed, at most.
MAX_SEEN = 65_536

# Real rows that an anchored generator starts from at most: distances between all pairs are held.
MAX_ANCHORS = 4096


# The default weight of the penalties.
GAMMA = 1.0

# Losses, in nats, beyond which a game may have diverged: three times the largest that were seen at
# default settings on real data.
MAX_LOSS = 5.0


@dataclass(frozen=True)
class TableRecipeBuilder:
    """Builder of the recipe of a table's classes.

    Attributes
    ----------
    layout : FeatureLayout
        Layout of the rows.
    factor : (rank, features) tensor
        Factor of the covariance within classes, for classes too small to train.
    given : Hyperparameters
        Hyper-parameters as given.
    auto : collection of str
        Names of those that follow from the tier.
    """

    layout: FeatureLayout
    factor: Tensor
    given: Hyperparameters
    auto: Collection[str]

    def build(self, device: torch.device) -> Recipe:
        """The recipe of training on a device."""
        n_features = self.factor.shape[1]
        n_hidden = max(tier.n_hidden for tier in TIERS)
        n_weights = n_hidden * (3 * n_features + 2 * self.given.n_latent + 8 * n_hidden)
        return Recipe(
            device=device,
            tiers=TIERS,
            hyperparameters=self.hyperparameters,
            defaults=default_settings,
            networks=self.networks,
            configure=self.configure,
            fallback=self.fallback,
            bytes_per_member=4 * TENSORS_PER_WEIGHT * n_weights,
            max_members={"cpu": 32, "cuda": 512},
            in_one_game=is_from_noise,
            layout=self.layout,
            unpack=self.layout.to_one_hot,
            finalize=self.finalize,
        )

    def hyperparameters(self, tier: TableTier) -> Hyperparameters:
        """Hyper-parameters that were given, and for the others the tier's."""
        return replace(self.given, **{name: getattr(tier, name) for name in self.auto})

    def networks(
        self, tier: TableTier, samples: list[Tensor], streams: list[Generator]
    ) -> Networks:
        """Networks from noise that share layers where classes are large, else from real rows."""
        generator = self._generator(tier, samples, streams)
        discriminator = TableDiscriminator(self.layout.width, tier.n_hidden, streams)
        if isinstance(generator, TableGenerator) and len(samples) > 1:
            share_generator(generator)
            share_discriminator(discriminator)
        return generator, discriminator

    def configure(
        self, tier: TableTier, values: Hyperparameters, generator: nn.Module, pool: Pool
    ) -> TrainingConfig:
        """Configuration of a game whose discriminators see blurred rows."""
        return TrainingConfig(
            n_steps=values.n_steps,
            batch_size=values.batch_size,
            input_sampler=GaussianNoise(values.n_latent),
            gamma=member_values(values.gamma, pool),
            learning_rate=torch.full((pool.n_members,), float(values.learning_rate)),
            discriminator_transform=InstanceNoise(tier.instance_noise),
            penalty_interval=tier.penalty_interval,
            max_loss=MAX_LOSS,
        )

    def fallback(
        self, tier: TableTier, samples: Tensor, stream: Generator
    ) -> tuple[str, nn.Module]:
        """Blurred points between rows, Gaussians around few rows."""
        if tier.trained:
            return UNTRAINED.name, self._generator(UNTRAINED, [samples], [stream])
        rows = self.layout.to_one_hot(samples)
        return tier.name, LocalGaussian.from_rows(
            rows, self.factor, self.layout, self.given.n_latent
        )

    def finalize(self, generator: nn.Module, samples: Tensor, seed: int) -> nn.Module:
        """Generators from noise give each feature as it is distributed in real rows."""
        if isinstance(generator, TableGenerator):
            stream = MemberStreams([2 * SEED_LIMIT + seed], torch.device("cpu"))
            seen = self._subsample(samples, MAX_SEEN, Generator().manual_seed(seed))
            generator.match_marginals([seen], stream.normal(N_DRAWN, self.given.n_latent))
        return generator

    def _generator(
        self, tier: TableTier, samples: list[Tensor], streams: list[Generator]
    ) -> nn.Module:
        max_rows = MAX_ANCHORS if tier.anchored else MAX_SEEN
        rows = [
            self._subsample(packed, max_rows, stream)
            for packed, stream in zip(samples, streams, strict=True)
        ]
        n_latent = self.given.n_latent
        if tier.anchored:
            return AnchoredGenerator.from_rows(rows, self.layout, n_latent, tier.n_hidden, streams)
        frequencies = torch.stack([seen.mean(0) for seen in rows])
        return TableGenerator(n_latent, tier.n_hidden, self.layout, streams, frequencies)

    def _subsample(self, packed: Tensor, max_rows: int, stream: Generator) -> Tensor:
        """Rows, random ones where there are more than ``max_rows``."""
        if len(packed) > max_rows:
            packed = packed[torch.randperm(len(packed), generator=stream)[:max_rows]]
        return self.layout.to_one_hot(packed)


def default_settings(tier: TableTier) -> Defaults:
    """Learning rate and penalty of a tier by default."""
    return Defaults(tier.learning_rate, GAMMA)


def is_from_noise(tier: TableTier) -> bool:
    """True for the tier whose classes learn from one another."""
    return tier is FROM_NOISE


def labels_to_train(wanted: Collection[Hashable], sizes: Mapping[Hashable, int]) -> list[Hashable]:
    """Labels to train so that the wanted ones come out the same whichever they are.

    Rows without a class count as one more.

    Examples
    --------
    >>> labels_to_train(["b"], {"a": 900, "b": 400, "c": 20})
    ['a', 'b']
    >>> labels_to_train(["c"], {"a": 900, "b": 400, "c": 20})
    ['c']
    """
    shared = any(sizes[label] >= FROM_NOISE.min_rows for label in wanted)
    return [
        label
        for label, size in sizes.items()
        if label in wanted or (shared and size >= FROM_NOISE.min_rows)
    ]


def encode_classes(
    encoder: TableEncoder,
    X: Matrix,
    y: np.ndarray,
    seeds: Mapping[Hashable, int],
    wanted: Collection[Hashable],
    unlabeled_label: Hashable,
    sizes: Mapping[Hashable, int],
) -> dict[Hashable, Tensor]:
    """Encoded rows of the classes to train, and those without a class, where they help.

    Parameters
    ----------
    encoder : TableEncoder
    X : (n, columns) array or sparse matrix
        Rows, those with a class first.
    y : (n_labelled,) array
        Their classes.
    seeds : dict of label to int
        Seeds by which ties are spread.
    wanted : collection of labels
        Classes to keep.
    unlabeled_label : label
        What stands for the rows without a class.
    sizes : dict of label to int
        Sizes of the classes by which their tiers are chosen.
    """
    rows = {label: np.flatnonzero(y == label) for label in sizes}
    if X.shape[0] > len(y):
        rows[unlabeled_label] = np.arange(len(y), X.shape[0])
    sizes = {label: sizes.get(label, len(numbers)) for label, numbers in rows.items()}
    return {
        label: encoder.encode_ordinal(X, rows[label], seeds[label])
        for label in labels_to_train(wanted, sizes)
    }
