"""Recipe of a network that enlarges images of all classes."""

import math
from dataclasses import replace

import torch
from torch import Generator, Tensor, nn

from ganaug.trainers.hyperparameters import Hyperparameters
from ganaug.trainers.image import GAMMA, image_config
from ganaug.trainers.recipe import Defaults, Networks, Recipe, bare_network
from ganaug.trainers.tiers import Tier
from ganaug.training.config import TrainingConfig
from ganaug.training.diffaug import Augmentation
from ganaug.training.input_samplers import PairBatch, PairSampler, SourceGenerator, l1_loss
from ganaug.training.networks.image import ImageDiscriminator, StageSizes
from ganaug.training.networks.upscaler import N_CHANNELS, Upscaler
from ganaug.training.pool import Pool

RESOLVER = Tier("super-resolution", 1, True)

# The default.
LEARNING_RATE = 2e-3

# Tensors of the size of all the upscaler's maps that are in memory at a time.
TENSORS_PER_MAP = 17


def super_resolution_recipe(
    images: Recipe,
    sizes: StageSizes,
    augmentation: Augmentation,
    small: Tensor,
    scale: int,
    fidelity: float,
) -> Recipe:
    """Recipe of a network that makes large images of small ones.

    Parameters
    ----------
    images : Recipe
        As ``image_recipe`` gives it for large images.
    sizes : StageSizes
        Sizes of the discriminator.
    augmentation : Augmentation
        Changes through which the discriminator sees images.
    small : (n, channels, height, width) tensor
        Small images, in the order of the large ones.
    scale : int
        Factor by which both sides grow.
    fidelity : float
        Weight of the mean absolute distance to the large images.
    """

    def upscaler(streams: list[Generator]) -> Upscaler:
        return Upscaler(sizes.n_channels, scale, streams)

    def networks(tier: Tier, samples: list[Tensor], streams: list[Generator]) -> Networks:
        return SourceGenerator(upscaler(streams)), ImageDiscriminator(sizes, streams)

    def configure(
        tier: Tier, values: Hyperparameters, generator: nn.Module, pool: Pool
    ) -> TrainingConfig:
        def loss(batch: PairBatch, enlarged: Tensor) -> Tensor:
            return fidelity * l1_loss(batch.target, enlarged)

        sources = Pool(small.to(pool.samples.device), [torch.arange(len(small))])
        return image_config(values, pool, augmentation, PairSampler(sources, pool), loss)

    def fallback(tier: Tier, samples: Tensor, stream: Generator) -> tuple[str, nn.Module]:
        # its correction starts at zero
        return "bicubic interpolation", upscaler([stream]).requires_grad_(False)

    n_mapped = N_CHANNELS * math.prod(small.shape[2:])
    batch_size = images.hyperparameters(RESOLVER).batch_size
    return replace(
        images,
        subject="SuperResolver",
        tiers=(RESOLVER,),
        defaults=lambda tier: Defaults(LEARNING_RATE, GAMMA),
        networks=networks,
        configure=configure,
        fallback=fallback,
        finalize=bare_network,
        bytes_per_member=images.bytes_per_member + 4 * batch_size * TENSORS_PER_MAP * n_mapped,
    )
