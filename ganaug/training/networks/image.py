"""Networks for images: small residual convolutions with a member axis, no normalisation layers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import (
    avg_pool2d,
    interpolate,
    leaky_relu,
    pad,
    pixel_shuffle,
    pixel_unshuffle,
)

from ganaug.training.ensemble import LEAKY_SLOPE, Generators, Maps, MemberConv2d, MemberLinear
from ganaug.training.networks.rebuilding import RebuildableNetwork

Images = Float[Tensor, "members batch channels height width"]
Noise = Float[Tensor, "members batch latent"]
Coarsest = Float[Tensor, "members batch hidden rows columns"]

# Sides are halved until the shorter one is at most this long.
COARSEST = 7

# Images with a shorter side above this enter and leave the networks with every 2 x 2 pixels
# folded into channels: the stage of full resolution, which would cost the most, is spared.
LARGEST_UNFOLDED = 16


@dataclass(frozen=True)
class StageSizes:
    """Sizes of the maps inside both networks, from the finest stage to the coarsest.

    Attributes
    ----------
    n_channels, height, width : int
        Of the images.
    folded : bool
        True where 2 x 2 pixels are folded into channels at the finest stage.
    sides : tuple of (height, width)
        Of each stage; each is half the one before.
    widths : tuple of int
        Channels of each stage.
    """

    n_channels: int
    height: int
    width: int
    folded: bool
    sides: tuple[tuple[int, int], ...]
    widths: tuple[int, ...]

    def __post_init__(self) -> None:
        if not (0 < len(self.sides) == len(self.widths) and all(self.widths)):
            raise ValueError(f"{len(self.sides)} stages have no widths {self.widths}")
        halves = zip(self.sides, self.sides[1:], strict=False)
        halved = all((2 * a, 2 * b) == larger for larger, (a, b) in halves)
        factor = 2 if self.folded else 1
        rows, columns = (factor * side for side in self.sides[0])
        if not (halved and self.n_channels > 0 < self.height <= rows and 0 < self.width <= columns):
            raise ValueError(f"stages of the sides {self.sides} are none of such images")

    @property
    def padded(self) -> tuple[int, int]:
        """Sides that the networks work with: those of the image, rounded up."""
        factor = 2 if self.folded else 1
        return self.sides[0][0] * factor, self.sides[0][1] * factor

    @property
    def margin(self) -> tuple[int, int, int, int]:
        """Pixels added left, right, above and below."""
        vertical, horizontal = self.padded[0] - self.height, self.padded[1] - self.width
        left, top = horizontal // 2, vertical // 2
        return left, horizontal - left, top, vertical - top


def stage_sizes(n_channels: int, height: int, width: int, capacity: float) -> StageSizes:
    """Stages for images of a size.

    Parameters
    ----------
    n_channels, height, width : int
        Of the images.
    capacity : float
        Multiplies the number of channels of every stage.

    Examples
    --------
    >>> stage_sizes(1, 28, 28, capacity=1.0).sides, stage_sizes(1, 28, 28, capacity=1.0).widths
    (((14, 14), (7, 7)), (16, 32))
    >>> stage_sizes(3, 50, 64, capacity=1.0).padded
    (56, 64)
    """
    n_halvings = max(0, math.ceil(math.log2(min(height, width) / COARSEST)))
    folded = min(height, width) > LARGEST_UNFOLDED
    coarsest = [math.ceil(side / 2**n_halvings) for side in (height, width)]
    stages = range(1 if folded else 0, n_halvings + 1)
    sides = [
        (coarsest[0] * 2 ** (n_halvings - i), coarsest[1] * 2 ** (n_halvings - i)) for i in stages
    ]
    return StageSizes(
        n_channels,
        height,
        width,
        folded,
        tuple(sides),
        tuple(_width(math.sqrt(a * b), depth, capacity) for depth, (a, b) in enumerate(sides)),
    )


def _width(side: float, depth: int, capacity: float) -> int:
    """Channels of a stage, a multiple of 8: more where maps are coarse and have been halved."""
    ratio = 16 / 2 ** round(math.log2(side))
    return 8 * max(1, round(2 * capacity * min(ratio if ratio > 1 else ratio**0.5, 3, 2**depth)))


def to_grouped(images: Images, shared: bool) -> Maps:
    """Images of all members as convolutions take them.

    Channels of members stand beside one another; where members share their layers,
    they are one batch instead.
    """
    maps = images.flatten(0, 1) if shared else images.transpose(0, 1).flatten(1, 2)
    return maps.contiguous(memory_format=torch.channels_last)


def from_grouped(maps: Maps, n_members: int, shared: bool) -> Images:
    """Undo ``to_grouped``."""
    if shared:
        return maps.unflatten(0, (n_members, -1))
    return maps.unflatten(1, (n_members, -1)).transpose(0, 1)


class _StraightThroughClamp(torch.autograd.Function):
    """Values held to [-1, 1]; a gradient passes the bounds where it leads back inside.

    Images are black and white to the very pixel in many places. A generator that is
    seen as it will be decoded can reach that: it goes beyond, and is not seen to.
    A plain clamp would keep for ever what has once gone beyond by mistake.
    """

    @staticmethod
    def forward(ctx: Any, values: Tensor) -> Tensor:
        ctx.save_for_backward(values)
        return values.clamp(-1, 1)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        (values,) = ctx.saved_tensors
        # a step goes against the gradient
        outwards = ((values > 1) & (gradient < 0)) | ((values < -1) & (gradient > 0))
        return gradient.masked_fill(outwards, 0)


class ResidualConvBlock(nn.Module):
    """``x + conv(rectify(conv(rectify(x))))``, the last layer starting at zero."""

    def __init__(self, n_channels: int, streams: Generators, gain: float):
        super().__init__()
        self.first = MemberConv2d(n_channels, n_channels, 3, streams, gain)
        self.second = MemberConv2d(n_channels, n_channels, 3, streams, gain=0.0)

    def forward(self, maps: Maps) -> Maps:
        """Add the block's correction."""
        branch = self.first(leaky_relu(maps, LEAKY_SLOPE))
        return maps + self.second(leaky_relu(branch, LEAKY_SLOPE))


class Decoder(RebuildableNetwork):
    """Makes images in [-1, 1] of the coarsest maps, stage by stage to the finest."""

    def __init__(self, sizes: StageSizes, streams: Generators):
        super().__init__()
        self.sizes, self.shared = sizes, False
        self.config = {"sizes": sizes}
        widths = sizes.widths[::-1]
        gain = len(widths) ** -0.5
        self.blocks = nn.ModuleList(ResidualConvBlock(width, streams, gain) for width in widths)
        self.narrow = nn.ModuleList(
            MemberConv2d(before, after, 1, streams, gain=0.7)
            for before, after in zip(widths, widths[1:], strict=False)
        )
        self.last = MemberConv2d(widths[-1], sizes.n_channels, 3, streams, gain=0.3)
        # at first nothing, or images would begin as checkerboards
        n_detail = 4 * sizes.n_channels if sizes.folded else 0
        self.detail = MemberConv2d(widths[-1], n_detail, 3, streams, 0.0) if n_detail else None

    def decoded(self, coarsest: Coarsest, skipped: Sequence[Tensor] = ()) -> Images:
        """Images of maps.

        Parameters
        ----------
        coarsest : (members, batch, widths[-1], *sides[-1])
        skipped : sequence of maps
            Added to those of the finer stages, from the second coarsest on; none where empty.
        """
        maps = self.blocks[0](to_grouped(coarsest, self.shared))
        for depth, (narrow, block) in enumerate(zip(self.narrow, self.blocks[1:], strict=True)):
            # narrowed before it is enlarged: both are linear, and this order is cheaper
            maps = interpolate(narrow(maps), scale_factor=2, mode="bilinear")
            maps = block(maps + skipped[depth] if skipped else maps)
        maps = leaky_relu(maps, LEAKY_SLOPE)
        images = self.last(maps)
        if self.detail is not None:
            images = interpolate(images, scale_factor=2, mode="bilinear")
            images = images + pixel_shuffle(self.detail(maps), 2)
        left, _, top, _ = self.sizes.margin
        images = images[:, :, top : top + self.sizes.height, left : left + self.sizes.width]
        return from_grouped(_StraightThroughClamp.apply(images), len(coarsest), self.shared)


class ImageGenerator(Decoder):
    """Maps noise to images."""

    def __init__(self, n_latent: int, sizes: StageSizes, streams: Generators):
        n_values = sizes.widths[-1] * math.prod(sizes.sides[-1])
        # noise is not rectified, so its variance is kept by a smaller gain
        first = MemberLinear(n_latent, n_values, streams, gain=0.7)
        super().__init__(sizes, streams)
        self.config = {"n_latent": n_latent, "sizes": sizes}
        self.n_latent, self.first = n_latent, first

    def forward(self, noise: Noise) -> Images:
        """Generate one image from each latent point."""
        return self.decoded(self.first(noise).unflatten(2, (-1, *self.sizes.sides[-1])))


class Encoder(RebuildableNetwork):
    """Maps images to maps of every stage, from the finest to the coarsest."""

    def __init__(self, sizes: StageSizes, streams: Generators):
        super().__init__()
        self.sizes, self.shared = sizes, False
        self.config = {"sizes": sizes}
        widths = sizes.widths
        gain = len(widths) ** -0.5
        n_in = sizes.n_channels * (4 if sizes.folded else 1)
        self.first = MemberConv2d(n_in, widths[0], 3, streams)
        self.blocks = nn.ModuleList(ResidualConvBlock(width, streams, gain) for width in widths)
        self.widen = nn.ModuleList(
            MemberConv2d(before, after, 1, streams, gain=0.7)
            for before, after in zip(widths, widths[1:], strict=False)
        )

    def stages(self, images: Images) -> list[Tensor]:
        """Maps of all stages."""
        maps = to_grouped(images, self.shared)
        if any(self.sizes.margin):
            maps = pad(maps, self.sizes.margin, mode="replicate")
        if self.sizes.folded:
            maps = pixel_unshuffle(maps, 2)
        maps = self.first(maps.contiguous(memory_format=torch.channels_last))
        stages: list[Tensor] = [self.blocks[0](maps)]
        for widen, block in zip(self.widen, self.blocks[1:], strict=True):
            stages.append(block(widen(avg_pool2d(stages[-1], 2))))
        return stages

    def coarsest(self, images: Images) -> Coarsest:
        """Maps of the coarsest stage, rectified."""
        maps = leaky_relu(self.stages(images)[-1], LEAKY_SLOPE)
        return from_grouped(maps, len(images), self.shared)

    def features(self, images: Images) -> Float[Tensor, "members batch hidden"]:
        """Activations of the coarsest stage, averaged over places."""
        return self.coarsest(images).mean(dim=(3, 4))


class ImageDiscriminator(Encoder):
    """Rates images: the higher the logit, the more real."""

    def __init__(self, sizes: StageSizes, streams: Generators):
        super().__init__(sizes, streams)
        n_values = sizes.widths[-1] * math.prod(sizes.sides[-1])
        self.last = MemberLinear(n_values, 1, streams, gain=0.3)

    def forward(self, images: Images) -> Float[Tensor, "members batch"]:
        """Logits of the images."""
        return self.last(self.coarsest(images).flatten(2)).squeeze(-1)
