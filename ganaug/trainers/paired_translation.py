"""Recipe of images that are learnt from guides."""

from dataclasses import dataclass, replace

import torch
from torch import Generator, Tensor, nn

from ganaug.trainers.hyperparameters import Hyperparameters
from ganaug.trainers.image import COPIES, enlarge, image_config, moved_copies, share_all
from ganaug.trainers.paired_transform import PairedTransform
from ganaug.trainers.recipe import Networks, Recipe, bare_network
from ganaug.trainers.tiers import Tier
from ganaug.training.config import TrainingConfig
from ganaug.training.diffaug import Augmentation
from ganaug.training.guided_translation import (
    GuideBatch,
    GuidedGenerator,
    GuideSampler,
    best_of_two_l1,
)
from ganaug.training.networks.image import StageSizes
from ganaug.training.networks.patch_discriminator import PatchDiscriminator
from ganaug.training.networks.unet import UNet
from ganaug.training.pool import Pool
from ganaug.training.untrained.moved_copies import N_CHOICES

PAIRED = Tier("paired translator", 10, True)

# Memory of an update, relative to that of GANs which make images of noise: guides pass through
# an encoder and a decoder, twice.
RELATIVE_MEMORY = 1.5


@dataclass(frozen=True)
class PairSizes:
    """Sizes of the networks of guides, of images, and of both as channels of one."""

    guides: StageSizes
    images: StageSizes
    pairs: StageSizes


def paired_translation_recipe(
    images: Recipe,
    sizes: PairSizes,
    augmentation: Augmentation,
    fidelity: float,
    real_transform: PairedTransform | None,
    n_classes: int,
) -> Recipe:
    """Recipe of generators that make images of guides.

    Samples are guides and images as channels of one; the first ``N_CHOICES`` numbers of the
    noise choose guides, and are not for the networks.

    Parameters
    ----------
    images : Recipe
        As ``image_recipe`` gives it for pairs.
    sizes : PairSizes
    augmentation : Augmentation
        Changes through which the discriminators see pairs.
    fidelity : float
        Weight of the distance to the guides' own images.
    real_transform : PairedTransform or None
        Adds to the pairs that classes train on.
    n_classes : int
        Number of classes that share one network, each with gains of its own; 1 shares nothing.
    """
    n_guide_channels = sizes.guides.n_channels

    def networks(tier: Tier, samples: list[Tensor], streams: list[Generator]) -> Networks:
        n_noise = images.hyperparameters(PAIRED).n_latent - N_CHOICES
        network = UNet(sizes.guides, sizes.images, n_noise, streams)
        return GuidedGenerator(network), PatchDiscriminator(sizes.pairs, streams)

    def configure(
        tier: Tier, values: Hyperparameters, generator: nn.Module, pool: Pool
    ) -> TrainingConfig:
        def loss(batch: GuideBatch, samples: Tensor) -> Tensor:
            return fidelity * best_of_two_l1(generator, batch, samples)

        sampler = GuideSampler(pool, n_guide_channels, values.n_latent - N_CHOICES)
        return image_config(values, pool, augmentation, sampler, loss)

    def fallback(tier: Tier, samples: Tensor, stream: Generator) -> tuple[str, nn.Module]:
        return COPIES.name, moved_copies(samples[:, n_guide_channels:], augmentation)

    recipe = replace(
        images,
        tiers=(PAIRED, COPIES),
        networks=networks,
        configure=configure,
        fallback=fallback,
        split_validation=lambda samples: (enlarge(samples, real_transform), None),
        finalize=bare_network,
        bytes_per_member=round(RELATIVE_MEMORY * images.bytes_per_member),
    )
    return share_all(recipe, n_classes) if n_classes > 1 else recipe


def join_pairs(guides: Tensor, images: Tensor) -> Tensor:
    """Guides and images, as channels of one."""
    return torch.cat([guides, images], dim=1)
