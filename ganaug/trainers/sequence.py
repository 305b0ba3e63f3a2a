"""Recipe of sequences: which generators serve classes of which size, and how they are trained."""

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Generator, Tensor, nn

from ganaug.randomness import SEED_LIMIT
from ganaug.trainers.hyperparameters import Hyperparameters
from ganaug.trainers.image import GAN, image_config, image_recipe
from ganaug.trainers.recipe import Networks, Recipe
from ganaug.trainers.tiers import Tier
from ganaug.training.config import TrainingConfig
from ganaug.training.diffaug import Augmentation
from ganaug.training.input_samplers import GaussianNoise
from ganaug.training.networks.image import ImageDiscriminator
from ganaug.training.networks.image_stages import StageSizes
from ganaug.training.networks.sequence import SequenceGenerator
from ganaug.training.pool import Pool
from ganaug.training.sequence_diffaug import KINDS, SequenceAugmentation
from ganaug.training.untrained.warped_copies import WarpedCopies

COPIES = Tier("warped copies", 1, False)
TIERS = (GAN, COPIES)

# The default of n_steps.
N_STEPS = 1000

# Sequences that are drawn to see how much fine noise they lack.
N_DRAWN = 512

# Changes that leave most sequences in their class.
DEFAULT_KINDS = ("shift", "warp", "scale")


def sequence_kinds(augment: str | Sequence[str] | None) -> tuple[str, ...]:
    """Kinds of changes that ``SequenceGAN(augment=...)`` stands for.

    Raises
    ------
    ValueError
        For an unknown name.

    Examples
    --------
    >>> sequence_kinds("auto"), sequence_kinds(["noise"])
    (('shift', 'warp', 'scale'), ('noise',))
    """
    if augment is None:
        return ()
    if isinstance(augment, str):
        return DEFAULT_KINDS
    unknown = [kind for kind in augment if kind not in KINDS]
    if unknown:
        raise ValueError(f"augment names {unknown[0]!r}; known are {', '.join(map(repr, KINDS))}.")
    return tuple(augment)


def sequence_recipe(
    given: Hyperparameters,
    sizes: StageSizes,
    augmentation: SequenceAugmentation,
    device: torch.device,
) -> Recipe:
    """Recipe of GANs that make sequences from noise, each class by itself.

    Parameters
    ----------
    given : Hyperparameters
        Hyper-parameters of all tiers.
    sizes : StageSizes
        Sizes of the networks.
    augmentation : SequenceAugmentation
        Changes through which the discriminators see sequences, and by which copies differ.
    device : torch.device
    """

    def fallback(tier: Tier, samples: Tensor, stream: Generator) -> tuple[str, nn.Module]:
        return COPIES.name, WarpedCopies(samples, augmentation.n_values, augmentation.kinds)

    def configure(
        tier: Tier, values: Hyperparameters, generator: nn.Module, pool: Pool
    ) -> TrainingConfig:
        return image_config(values, pool, augmentation, GaussianNoise(values.n_latent))

    def networks(tier: Tier, samples: list[Tensor], streams: list[Generator]) -> Networks:
        generator = SequenceGenerator(given.n_latent, sizes, streams)
        return generator, ImageDiscriminator(sizes, streams)

    def finalize(generator: nn.Module, samples: Tensor, seed: int) -> nn.Module:
        if isinstance(generator, SequenceGenerator):
            stream = Generator().manual_seed(2 * SEED_LIMIT + seed)
            noise = torch.randn(N_DRAWN, given.n_latent, generator=stream)
            generator.match_power(samples, noise, augmentation.n_values)
        return generator

    recipe = image_recipe(given, sizes, Augmentation(()), device)
    return replace(
        recipe,
        tiers=TIERS,
        networks=networks,
        configure=configure,
        fallback=fallback,
        finalize=finalize,
    )
