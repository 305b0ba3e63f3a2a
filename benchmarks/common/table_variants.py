"""Ideas of other table generators, each as a change of how ``TableGAN`` trains large classes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any
from unittest.mock import patch

import torch
from torch import Generator, Tensor, nn

import ganaug.models.table
from benchmarks.common.table_losses import column_losses, columns_of, energy_distance
from ganaug.trainers.recipe import Recipe
from ganaug.trainers.table import TableRecipeBuilder, is_from_noise
from ganaug.training.config import TrainingConfig
from ganaug.training.discriminator_transform import InstanceNoise
from ganaug.training.ensemble import MemberLinear
from ganaug.training.latent import index_from_uniform, random_projection, uniform_from_normal
from ganaug.training.layout import FeatureLayout
from ganaug.training.networks.residual import ResidualMLP
from ganaug.training.networks.table import MIN_FREQUENCY, TableDiscriminator, TableGenerator

# Networks of a layout, a width and a stream.
MakeDiscriminator = Callable[[FeatureLayout, int, Generator], nn.Module]
Train = Callable[[TableGenerator, nn.Module, Tensor, FeatureLayout, Generator], None]

# What all variants start from, and change: parameters, and values of the game.
BASE = {"n_steps": 1000, "refine": False}
BASE_GAME = {"penalty_interval": 1}

# Angular frequencies of the sines of normal scores that a discriminator sees.
FREQUENCIES = (2.0, 4.0)

# Rows of a class that are held out to stop its training early.
SHARE_HELD_OUT = 0.2

N_WARM_UP = 300
WARM_UP_BATCH = 128
WARM_UP_RATE = 1e-3

# Standard deviation around a reconstructed score that counts as near.
RECONSTRUCTION_STD = 0.3


class FourierDiscriminator(TableDiscriminator):
    """Sees sines and cosines of the quantities beside them."""

    def __init__(self, layout: FeatureLayout, n_hidden: int, stream: Generator):
        quantities = (~layout.one_hot_mask(torch.device("cpu"))).nonzero()[:, 0]
        n_features = layout.width + 2 * len(FREQUENCIES) * len(quantities)
        super().__init__(n_features, n_hidden, [stream])
        self._quantities = quantities

    def forward(self, rows: Tensor) -> Tensor:
        """Logits of the rows."""
        quantities = rows[..., self._quantities]
        waves = [
            wave(frequency * quantities)
            for frequency in FREQUENCIES
            for wave in (torch.sin, torch.cos)
        ]
        return super().forward(torch.cat([rows, *waves], dim=-1))


class PackingDiscriminator(TableDiscriminator):
    """Rates pairs of rows of one origin, as PacGAN does (Lin et al., 2018)."""

    def __init__(self, layout: FeatureLayout, n_hidden: int, stream: Generator):
        super().__init__(2 * layout.width, n_hidden, [stream])

    def forward(self, rows: Tensor) -> Tensor:
        """Logits of the pairs, each twice."""
        pairs = rows.unflatten(1, (-1, 2)).flatten(2)
        return super().forward(pairs).repeat_interleave(2, dim=1)


class MaskedColumns:
    """Hides random columns of half of the rows, and says which, as masked autoencoders do.

    Real and generated rows that are paired have the same columns hidden, and a generator is judged
    by those that its discriminator has just learnt from.
    """

    def __init__(self, scale: float, batch_size: int, layout: FeatureLayout):
        self._blur = InstanceNoise(scale)
        self._batch_size = batch_size
        self._columns = columns_of(layout)
        self._seen = torch.ones(0)

    def __call__(self, samples: Tensor, streams: Any) -> Tensor:
        """Blurred samples, 0 where they are hidden, and a mask of what is seen."""
        if samples.shape[1] == 2 * self._batch_size:
            n_columns = int(self._columns.max()) + 1
            numbers = streams.uniform(self._batch_size, n_columns + 1)
            # a share of columns between none and all, and all of them as often
            seen = numbers[..., 1:] < 2 * numbers[..., :1]
            self._seen = seen.to(samples)[..., self._columns]
        seen = self._seen.repeat(1, samples.shape[1] // self._batch_size, 1)
        return torch.cat([seen * self._blur(samples, streams), seen], dim=-1)


class ConditionalGenerator(TableGenerator):
    """Is given the level of a random column, as CTGAN's generator (Xu et al., 2019)."""

    def __init__(
        self,
        n_latent: int,
        n_hidden: int,
        layout: FeatureLayout,
        streams: Sequence[Generator],
        frequencies: Tensor,
    ):
        super().__init__(n_latent, n_hidden, layout, streams, frequencies)
        bias = self.perceptron.last.bias
        width = layout.width
        self.perceptron = ResidualMLP(n_latent + width, n_hidden, width, streams, output_gain=0.7)
        self.perceptron.last.bias = bias
        logits = (frequencies.clamp_min(0) + MIN_FREQUENCY).log()
        self._logits = (logits * layout.one_hot_mask(logits.device))[:, None]

    def forward(self, noise: Tensor) -> Tensor:
        """Generate one row from each latent point."""
        layout = self.layout
        # the first columns of projected noise decide in ``sample_rows``, so the last choose here
        levels = layout.sample_one_hot(
            self._logits.expand(*noise.shape[:2], -1),
            random_projection(noise.flip(-1), layout.width),
        )
        blocks = torch.tensor(layout.blocks)[
            index_from_uniform(uniform_from_normal(noise[..., -1]), len(layout.blocks))
        ]
        place = torch.arange(layout.width)
        given = (place >= blocks[..., :1]) & (place < blocks[..., 1:])
        rows = self.perceptron(torch.cat([noise, levels * given], dim=-1))
        rows = layout.sample_one_hot(rows, random_projection(noise, layout.width))
        return torch.where(given, levels, rows)


def warm_up_by_autoencoder(
    generator: TableGenerator,
    discriminator: nn.Module,
    rows: Tensor,
    layout: FeatureLayout,
    stream: Generator,
) -> None:
    """Train the generator as the decoder of a variational autoencoder, by its likelihood."""
    n_latent = generator.n_latent
    encoder = ResidualMLP(layout.width, 128, 2 * n_latent, [stream], output_gain=0.1)

    def loss(real: Tensor) -> Tensor:
        mean, log_std = encoder(real).chunk(2, dim=-1)
        noise = torch.randn(mean.shape, generator=stream)
        outputs = generator.perceptron(mean + log_std.exp() * noise)
        divergence = (mean.square() + (2 * log_std).exp() - 1) / 2 - log_std
        return column_losses(outputs, real, layout, RECONSTRUCTION_STD).sum(-1) + divergence.sum(-1)

    _train([*generator.perceptron.parameters(), *encoder.parameters()], loss, rows, stream)


def warm_up_by_energy(
    generator: TableGenerator,
    discriminator: nn.Module,
    rows: Tensor,
    layout: FeatureLayout,
    stream: Generator,
) -> None:
    """Train the generator by the energy distance of its rows in random pairs of columns."""
    columns = columns_of(layout)

    def loss(real: Tensor) -> Tensor:
        fake = generator(torch.randn(1, real.shape[1], generator.n_latent, generator=stream))
        pair = torch.randperm(int(columns.max()) + 1, generator=stream)[:2]
        is_chosen = torch.isin(columns, pair)
        return energy_distance(fake[..., is_chosen], real[..., is_chosen])

    _train(list(generator.parameters()), loss, rows, stream)


def warm_up_by_prediction(
    generator: TableGenerator,
    discriminator: nn.Module,
    rows: Tensor,
    layout: FeatureLayout,
    stream: Generator,
) -> None:
    """Train the discriminator's hidden layers to tell hidden columns from the others."""
    perceptron = discriminator.get_submodule("perceptron")
    columns = columns_of(layout)
    last = perceptron.last
    head = MemberLinear(last.weight.shape[1], layout.width, [stream])

    def loss(real: Tensor) -> Tensor:
        shown = torch.rand(1, real.shape[1], int(columns.max()) + 1, generator=stream) < 0.5
        shown = shown[..., columns]
        losses = column_losses(perceptron(real * shown), real, layout, RECONSTRUCTION_STD)
        return (losses * ~shown).sum(-1)

    perceptron.last = head
    _train(list(perceptron.parameters()), loss, rows, stream)
    perceptron.last = last


def _train(
    parameters: Sequence[nn.Parameter],
    loss: Callable[[Tensor], Tensor],
    rows: Tensor,
    stream: Generator,
) -> None:
    """Take steps down the mean of a loss of real rows."""
    optimizer = torch.optim.Adam(parameters, lr=WARM_UP_RATE)
    for _ in range(N_WARM_UP):
        drawn = torch.randint(len(rows), (WARM_UP_BATCH,), generator=stream)
        optimizer.zero_grad()
        loss(rows[drawn][None]).mean().backward()
        optimizer.step()


def stop_early(recipe: Recipe, layout: FeatureLayout) -> Recipe:
    """The recipe with some rows of each class held out, to which the kept generator is nearest."""

    def split(samples: list[Tensor]) -> tuple[list[Tensor], Callable[[nn.Module], Tensor]]:
        numbers = [int(len(rows) * (1 - SHARE_HELD_OUT)) for rows in samples]
        stream = Generator().manual_seed(0)
        mixed = [rows[torch.randperm(len(rows), generator=stream)] for rows in samples]
        held_out = [
            layout.to_one_hot(rows[n:])[None] for rows, n in zip(mixed, numbers, strict=True)
        ]

        @torch.no_grad()
        def distance(generator: nn.Module) -> Tensor:
            fake = generator(torch.randn(len(samples), 2000, generator.n_latent, generator=stream))
            pairs = zip(fake.split(1), held_out, strict=True)
            return torch.cat([energy_distance(*pair) for pair in pairs])

        used = [rows[:n] for rows, n in zip(mixed, numbers, strict=True)]
        return used, distance

    return replace(recipe, split_validation=split)


@dataclass(frozen=True)
class Variant:
    """Changes that an idea makes to the training of a class.

    Attributes
    ----------
    parameters : dict
        Parameters of ``TableGAN``.
    generator : type
        Class of the generators.
    discriminator : callable or None
        Maps a layout, a width and a stream to a discriminator.
    warm_up : callable or None
        Trains both networks before the game, on real rows.
    game : dict
        Values of ``TrainingConfig``.
    transform : callable or None
        Maps the deviation of the instance noise, a batch's size and a layout to what the
        discriminator sees.
    recipe : callable or None
        Maps the recipe and the layout to the recipe that is used.
    """

    parameters: Mapping[str, Any] = field(default_factory=dict)
    generator: Callable[..., TableGenerator] = TableGenerator
    discriminator: MakeDiscriminator | None = None
    warm_up: Train | None = None
    game: Mapping[str, Any] = field(default_factory=dict)
    transform: Callable[[float, int, FeatureLayout], Any] | None = None
    recipe: Callable[[Recipe, FeatureLayout], Recipe] | None = None

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Have ``TableGAN`` train classes of its largest tier so; one class at a time."""
        builder = partial(VariantBuilder, variant=self)
        with patch.object(ganaug.models.table, "TableRecipeBuilder", builder):
            yield


@dataclass(frozen=True)
class VariantBuilder(TableRecipeBuilder):
    """Builder of the recipe of a variant."""

    variant: Variant = field(default_factory=Variant)

    def build(self, device: torch.device) -> Recipe:
        """The recipe of training on a device."""
        recipe = super().build(device)
        return self.variant.recipe(recipe, self.layout) if self.variant.recipe else recipe

    def networks(
        self, tier: Any, samples: list[Tensor], streams: list[Generator]
    ) -> tuple[nn.Module, nn.Module]:
        """Networks of the variant, after their warm-up."""
        if not is_from_noise(tier) or len(samples) > 1:
            raise ValueError(f"a variant trains one large class, not {len(samples)} of {tier.name}")
        variant = self.variant
        rows = self.layout.to_one_hot(samples[0])
        sizes = (self.given.n_latent, tier.n_hidden, self.layout)
        generator = variant.generator(*sizes, streams, rows.mean(0)[None])
        if variant.discriminator is None:
            width = self.layout.width * (1 if variant.transform is None else 2)
            discriminator: nn.Module = TableDiscriminator(width, tier.n_hidden, streams)
        else:
            discriminator = variant.discriminator(self.layout, tier.n_hidden, streams[0])
        if variant.warm_up is not None:
            variant.warm_up(generator, discriminator, rows, self.layout, streams[0])
        return generator, discriminator

    def configure(self, tier: Any, values: Any, generator: nn.Module, pool: Any) -> TrainingConfig:
        """Configuration of the variant's game."""
        config = super().configure(tier, values, generator, pool)
        config = replace(config, **{**BASE_GAME, **self.variant.game})
        if self.variant.transform is None:
            return config
        transform = self.variant.transform(tier.instance_noise, values.batch_size, self.layout)
        return replace(config, discriminator_transform=transform)


# Steps in the time of 1,000 whose penalties are taken in all.
N_LAZY_STEPS = 1350

VARIANTS = {
    "none": Variant(),
    "twice the steps": Variant({"n_steps": 2000}),
    "half the batch, twice the steps": Variant({"n_steps": 2000, "batch_size": 64}),
    "penalties every 4th of 1350 steps": Variant(
        {"n_steps": N_LAZY_STEPS}, game={"penalty_interval": 4}
    ),
    "penalties every 4th of 2000 steps": Variant({"n_steps": 2000}, game={"penalty_interval": 4}),
    "a tenth of the penalties": Variant({"gamma": 0.1}),
    "instance noise .03": Variant(game={"discriminator_transform": InstanceNoise(0.03)}),
    "Fourier features": Variant(discriminator=FourierDiscriminator),
    "Fourier features, a tenth of the penalties": Variant(
        {"gamma": 0.1}, discriminator=FourierDiscriminator
    ),
    "masked columns": Variant(transform=MaskedColumns),
    "packed pairs": Variant(discriminator=PackingDiscriminator),
    "conditioned on a level": Variant(generator=ConditionalGenerator),
    "autoencoder first": Variant(warm_up=warm_up_by_autoencoder),
    "energy distance first": Variant(warm_up=warm_up_by_energy),
    "column prediction first": Variant(warm_up=warm_up_by_prediction),
    "held-out early stopping": Variant(recipe=stop_early),
}
