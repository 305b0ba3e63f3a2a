"""Decoder of images: from coarse maps to pixels, with a member axis and no normalisation layers."""

from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import interpolate, leaky_relu

from ganaug.training.ensemble import LEAKY_SLOPE, MemberConv2d, WeightStreams
from ganaug.training.networks.image_stages import StageSizes
from ganaug.training.networks.maps import Images, from_grouped, to_grouped, unfold
from ganaug.training.networks.residual import conv_block
from ganaug.training.networks.subpixel import SubpixelConv2d
from ganaug.training.rebuildable import RebuildableNetwork

Coarsest = Float[Tensor, "members batch hidden rows columns"]


class _StraightThroughClamp(torch.autograd.Function):
    """Clamp to [-1, 1]; a gradient passes the bounds where it leads back inside.

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


class ConvDecoder(RebuildableNetwork):
    """Makes images in [-1, 1] of the coarsest maps, stage by stage to the finest.

    Parameters
    ----------
    sizes : StageSizes
        Sizes of the images and of the maps.
    streams : sequence of torch.Generator
        One per member, for the starting weights.

    Attributes
    ----------
    shared : bool
        True where members share their layers (see ``training.sharing``): convolutions then
        take the members' batches one after the other, not their channels side by side.
    """

    def __init__(self, sizes: StageSizes, streams: WeightStreams):
        super().__init__()
        self.sizes = sizes
        self.shared = False
        self.config = {"sizes": sizes}
        channels = sizes.channels[::-1]
        gain = len(channels) ** -0.5
        self.blocks = nn.ModuleList(conv_block(n, streams, gain, sizes.kernel) for n in channels)
        self.narrow = nn.ModuleList(
            MemberConv2d(before, after, 1, streams, gain=0.7)
            for before, after in zip(channels, channels[1:], strict=False)
        )
        n_last = channels[-1]
        self.last = MemberConv2d(n_last, sizes.n_channels, sizes.kernel, streams, gain=0.3)
        self.detail: MemberConv2d | None = None
        # at first nothing: images begin as smooth as the maps
        if sizes.fold > 1 and sizes.height > 1:
            self.detail = SubpixelConv2d(
                n_last, sizes.n_channels, sizes.kernel, sizes.folding, streams, gain=0.0
            )
        elif sizes.fold > 1:
            # of sequences the finest detail is noise, of which free kernels leave more
            n_detail = sizes.n_channels * sizes.fold
            self.detail = MemberConv2d(n_last, n_detail, sizes.kernel, streams, gain=0.0)

    def decode(self, coarsest: Coarsest, skips: Sequence[Tensor] = ()) -> Images:
        """Make images of maps.

        Parameters
        ----------
        coarsest : (members, batch, channels[-1], *resolutions[-1])
            Maps of the coarsest stage.
        skips : sequence of maps
            Skip connections: maps that are added to those of the finer stages, from the second
            coarsest on; none where empty.
        """
        maps = self.blocks[0](to_grouped(coarsest, self.shared))
        for depth, (narrow, block) in enumerate(zip(self.narrow, self.blocks[1:], strict=True)):
            # narrowed before it is enlarged: both are linear, and this order is cheaper
            maps = enlarge(narrow(maps), self.sizes.halving)
            maps = block(maps + skips[depth] if skips else maps)
        maps = leaky_relu(maps, LEAKY_SLOPE)
        images = self.last(maps)
        if self.detail is not None:
            detail = self.detail(maps)
            if self.sizes.height == 1:
                detail = unfold(detail, self.sizes.folding)
            images = enlarge(images, self.sizes.folding) + detail
        left, _, top, _ = self.sizes.margin
        images = images[:, :, top : top + self.sizes.height, left : left + self.sizes.width]
        return from_grouped(_StraightThroughClamp.apply(images), len(coarsest), self.shared)


def enlarge(maps: Tensor, factors: tuple[int, int]) -> Tensor:
    """Maps that are so many times as high and wide."""
    return interpolate(maps, scale_factor=tuple(map(float, factors)), mode="bilinear")
