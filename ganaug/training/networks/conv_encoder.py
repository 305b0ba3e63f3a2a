"""Encoder of images: from pixels to coarse maps, with a member axis and no normalisation layers."""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, leaky_relu, pad

from ganaug.training.ensemble import LEAKY_SLOPE, MemberConv2d, WeightStreams
from ganaug.training.networks.image_stages import StageSizes
from ganaug.training.networks.maps import Images, fold, from_grouped, side_by_side
from ganaug.training.networks.residual import conv_block
from ganaug.training.networks.stage_pooling import (
    pool_stages,
    stage_feature_names,
    summarize_stages,
    summary_feature_names,
)
from ganaug.training.rebuildable import RebuildableNetwork

Coarsest = Float[Tensor, "members batch hidden rows columns"]


class ConvEncoder(RebuildableNetwork):
    """Maps images to maps of every stage, from the finest to the coarsest.

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
        channels = sizes.channels
        gain = len(channels) ** -0.5
        n_in = sizes.n_channels * math.prod(sizes.folding)
        self.first = MemberConv2d(n_in, channels[0], sizes.kernel, streams)
        self.blocks = nn.ModuleList(conv_block(n, streams, gain, sizes.kernel) for n in channels)
        self.widen = nn.ModuleList(
            MemberConv2d(before, after, 1, streams, gain=0.7)
            for before, after in zip(channels, channels[1:], strict=False)
        )

    def stage_maps(self, images: Images) -> list[Tensor]:
        """Maps of all stages."""
        maps = side_by_side(images, self.shared)
        if any(self.sizes.margin):
            maps = pad(maps, self.sizes.margin, mode="replicate")
        if self.sizes.fold > 1:
            maps = fold(maps, self.sizes.folding)
        maps = self.first(maps.contiguous(memory_format=torch.channels_last))
        stages: list[Tensor] = [self.blocks[0](maps)]
        for widen, block in zip(self.widen, self.blocks[1:], strict=True):
            stages.append(block(widen(avg_pool2d(stages[-1], self.sizes.halving))))
        return stages

    def coarsest_maps(self, images: Images) -> Coarsest:
        """Maps of the coarsest stage, rectified."""
        maps = leaky_relu(self.stage_maps(images)[-1], LEAKY_SLOPE)
        return from_grouped(maps, len(images), self.shared)

    def features(self, images: Images) -> Float[Tensor, "members batch features"]:
        """Maps of all stages: of images their maxima over the cells of a grid (``pool_stages``).

        Of sequences these are summaries of each channel (``summarize_stages``).
        """
        n_members = len(images)
        stages = [
            from_grouped(maps, n_members, self.shared).flatten(0, 1)
            for maps in self.stage_maps(images)
        ]
        pool = summarize_stages if self.sizes.height == 1 else pool_stages
        return pool(stages).unflatten(0, (n_members, -1))

    @property
    def feature_names(self) -> list[str]:
        """Names of the features, which say their stage and channel, and place or summary."""
        of_sequences = self.sizes.height == 1
        return (summary_feature_names if of_sequences else stage_feature_names)(self.sizes.channels)
