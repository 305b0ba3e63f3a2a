"""Games of images whose discriminators see features of a frozen network.

After Sauer et al., "Projected GANs converge faster", NeurIPS 2021.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

import torch
from torch import Generator, Tensor, nn
from torch.nn.functional import interpolate, leaky_relu

import ganaug.models.image
from benchmarks.common.pretrained import efficientnet_lite0
from ganaug.trainers.image import image_recipe
from ganaug.trainers.recipe import Recipe
from ganaug.training.config import TrainingConfig
from ganaug.training.ensemble import LEAKY_SLOPE, MemberConv2d, MemberLinear
from ganaug.training.networks.image import ImageDiscriminator
from ganaug.training.networks.image_stages import StageSizes
from ganaug.training.networks.maps import from_grouped, to_grouped

# Blocks of EfficientNet-Lite0 whose maps are seen: the last of an eighth, a 16th and a 32nd of the
# image's side.
BLOCKS = (4, 10, 15)

# Maps that a discriminator makes of those of each block.
N_MAPS = 64


class FrozenStages:
    """Maps of some blocks of EfficientNet-Lite0, side by side in one row of numbers.

    Parameters
    ----------
    side : int
        Pixels that images are enlarged to.
    scale : float
        Factor of the features, whose spread it sets to about this number: gradient penalties weigh
        the more, the smaller it is.
    """

    def __init__(self, side: int, scale: float):
        self.side = side
        self.network = efficientnet_lite0().eval().requires_grad_(False)
        self.network = self.network.to(memory_format=torch.channels_last)
        self.seen: list[Tensor] = []
        for number in BLOCKS:
            block = self.network.get_submodule(f"_blocks.{number}")
            block.register_forward_hook(lambda module, given, maps: self.seen.append(maps))
        self.scales = [1.0] * len(BLOCKS)
        with torch.no_grad():
            noise = torch.rand(16, 3, 8, 8, generator=Generator().manual_seed(0))
            maps = self.maps(2 * interpolate(noise, size=(side, side), mode="bilinear") - 1)
        self.shapes = [tuple(one.shape[1:]) for one in maps]
        self.scales = [scale / float(one.std()) for one in maps]

    def maps(self, images: Tensor) -> list[Tensor]:
        """Maps of the blocks for images (n, 1 or 3, height, width) from -1 to 1."""
        images = images.expand(-1, 3, -1, -1)
        large = interpolate(images, size=(self.side, self.side), mode="bilinear")
        large = large.contiguous(memory_format=torch.channels_last)
        self.seen.clear()
        self.network.extract_features(large)
        return [maps * scale for maps, scale in zip(self.seen, self.scales, strict=True)]

    def __call__(self, images: Tensor) -> Tensor:
        """Features (members, batch, values) of images of all members."""
        maps = self.maps(images.flatten(0, 1))
        return torch.cat([one.flatten(1) for one in maps], dim=1).unflatten(0, images.shape[:2])


class FeatureDiscriminator(nn.Module):
    """Rates images by features of a frozen network, and by their pixels where asked to.

    Parameters
    ----------
    shapes : list of (channels, height, width)
        Of the maps that are seen.
    sizes : StageSizes or None
        Of a discriminator of pixels, whose coarsest maps are looked at beside them.
    streams : list of Generator
    """

    def __init__(
        self, shapes: list[Any], sizes: StageSizes | None, streams: list[Generator], image: Any
    ):
        super().__init__()
        self.shared = False
        self._shapes = shapes
        self._image = image
        self.pixels = None if sizes is None else ImageDiscriminator(sizes, streams)
        n_values = 0
        if self.pixels is not None:
            n_values = self.pixels.last.weight.shape[1]
            self.pixels.last = nn.Identity()
        self.narrow = nn.ModuleList(MemberConv2d(one[0], N_MAPS, 1, streams) for one in shapes)
        self.look = nn.ModuleList(MemberConv2d(N_MAPS, N_MAPS, 3, streams) for _ in shapes)
        n_values += sum(N_MAPS * one[1] * one[2] for one in shapes)
        self.last = MemberLinear(n_values, 1, streams, gain=0.3)

    def forward(self, samples: Tensor) -> Tensor:
        """Logits (members, batch) of what ``SeenThroughNetwork`` makes of images."""
        n_members = len(samples)
        widths = [one[0] * one[1] * one[2] for one in self._shapes]
        pixels, *parts = samples.split([samples.shape[2] - sum(widths), *widths], dim=2)
        seen = []
        if self.pixels is not None:
            seen.append(self.pixels.coarsest_maps(pixels.unflatten(2, self._image)).flatten(2))
        for part, shape, narrow, look in zip(
            parts, self._shapes, self.narrow, self.look, strict=True
        ):
            maps = leaky_relu(
                narrow(to_grouped(part.unflatten(2, shape), self.shared)), LEAKY_SLOPE
            )
            maps = leaky_relu(look(maps), LEAKY_SLOPE)
            seen.append(from_grouped(maps, n_members, self.shared).flatten(2))
        return self.last(torch.cat(seen, dim=2)).squeeze(-1)


@dataclass(frozen=True)
class SeenThroughNetwork:
    """Differentiable augmentation, then features of the network, after the pixels if asked to."""

    augmentation: Any
    stages: FrozenStages
    with_pixels: bool

    def __call__(self, samples: Tensor, streams: Any) -> Tensor:
        """Rows of numbers (members, batch, values)."""
        images = self.augmentation(samples, streams)
        features = self.stages(images)
        return torch.cat([images.flatten(2), features], dim=2) if self.with_pixels else features


@dataclass(frozen=True)
class FeatureGame:
    """A game whose discriminator sees features of a frozen network.

    Attributes
    ----------
    side : int
        Pixels that images are enlarged to for the frozen network.
    with_pixels : bool, default=False
        Whether it sees pixels too.
    scale : float, default=0.1
        Of the features, as in ``FrozenStages``.
    """

    side: int
    with_pixels: bool = False
    scale: float = 0.1

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Have ``ImageGAN`` play so."""
        with patch.object(ganaug.models.image, "image_recipe", self.recipe):
            yield

    def recipe(self, given: Any, sizes: StageSizes, augmentation: Any, device: Any) -> Recipe:
        """The recipe of ``ImageGAN`` with these discriminators."""
        base = image_recipe(given, sizes, augmentation, device)
        stages = FrozenStages(self.side, self.scale)

        def networks(tier: Any, samples: Any, streams: Any) -> tuple[nn.Module, nn.Module]:
            generator, _ = base.networks(tier, samples, streams)
            own = sizes if self.with_pixels else None
            image = (sizes.n_channels, *samples[0].shape[-2:])
            return generator, FeatureDiscriminator(stages.shapes, own, streams, image)

        def configure(tier: Any, values: Any, generator: Any, pool: Any) -> TrainingConfig:
            config = base.configure(tier, values, generator, pool)
            seen = SeenThroughNetwork(config.discriminator_transform, stages, self.with_pixels)
            return replace(config, discriminator_transform=seen)

        return replace(base, networks=networks, configure=configure)
