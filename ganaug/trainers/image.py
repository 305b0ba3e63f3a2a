"""Recipe of images: which generators serve classes of which size, and how they are trained."""

import math
from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import replace

import numpy as np
import torch
from sklearn.exceptions import ConvergenceWarning
from torch import Generator, Tensor, nn

from ganaug.caller import warn_caller
from ganaug.metrics.features import random_cnn_features
from ganaug.randomness import SEED_LIMIT
from ganaug.ranks import Ranks
from ganaug.trainers.hyperparameters import Hyperparameters
from ganaug.trainers.image_validation import ImageValidation, split_validation
from ganaug.trainers.real_transform import RealTransform
from ganaug.trainers.recipe import (
    Defaults,
    Networks,
    OnSteps,
    PlayGame,
    Pretraining,
    Recipe,
    member_values,
)
from ganaug.trainers.tiers import Tier
from ganaug.training.config import AuxiliaryLoss, TrainingConfig
from ganaug.training.diffaug import Augmentation
from ganaug.training.discriminator_transform import DiscriminatorTransform
from ganaug.training.early_stopping import ValidationMetric
from ganaug.training.ensemble import select_members
from ganaug.training.input_samplers import GaussianNoise, InputSampler
from ganaug.training.loop import Game
from ganaug.training.networks.image import ImageDiscriminator, ImageGenerator, StageSizes
from ganaug.training.pool import Pool
from ganaug.training.sharing import share_discriminator, share_generator
from ganaug.training.streams import MemberStreams
from ganaug.training.untrained.moved_copies import MovedCopies

GAN = Tier("convolutional GAN", 10, True)
COPIES = Tier("moved copies", 1, False)
TIERS = (GAN, COPIES)

# Tensors of the size of all its maps, and of the images, that are in memory at a time in an update
# of a discriminator with penalties. A step on torch's meta device tells.
TENSORS_PER_MAP = 12
TENSORS_PER_IMAGE = 7

# Classes share a network where the smallest that is trained has fewer images than this: at equal
# time it did better at 20 and at 500 images a class; no larger classes were measured.
SHARED_BELOW = 1000

# A network that all classes share sees this many batches' worth of images in an update, divided
# between them, but not less than a pair of images of each.
SHARED_BATCHES = 3
MIN_BATCH = 2

# Images of up to SMALL pixels a side are learnt in fewer steps. How many a class has makes no
# difference: at 20 as at 500, samples come nearer and nearer to real ones over this many.
N_STEPS = 2000
N_STEPS_SMALL = 1000
SMALL = 12

# The defaults.
LEARNING_RATE = 4e-3
GAMMA = 0.2

# Losses, in nats, beyond which a game may have diverged: three times the largest that were seen at
# default settings on real data.
MAX_LOSS = 50.0

# The penalties take a large part of a step's time, and every fourth step is enough (Karras et
# al., "Analyzing and improving the image quality of StyleGAN", CVPR 2020, section 3.1).
PENALTY_INTERVAL = 4

# Without these, games of colour images at the default learning rate diverged within a hundred
# steps.
WARMUP_STEPS = 50
CLIP_RMS_MULTIPLE = 2.0

# Share of the steps that a pooled start takes, on the images of all classes, and images of one of
# its updates relative to those of a class's own.
POOLED_SHARE = 0.5
POOLED_BATCHES = 4


def default_n_steps(height: int, width: int) -> int:
    """Updates that images of a size take."""
    return N_STEPS_SMALL if max(height, width) <= SMALL else N_STEPS


def default_sharing(sizes: Collection[int], n_unlabeled: int = 0) -> str:
    """Default of ``ImageGAN(sharing=...)`` for classes of these sizes.

    Examples
    --------
    >>> default_sharing([2000, 2000]), default_sharing([2000, 2000], n_unlabeled=50)
    ('none', 'conditional')
    """
    large_enough = [size for size in sizes if size >= GAN.min_rows]
    small = min(large_enough, default=0) < SHARED_BELOW
    among_classes = small and len(large_enough) > 1
    with_others = bool(large_enough) and n_unlabeled >= GAN.min_rows
    return "conditional" if among_classes or with_others else "none"


def shared_batch_size(batch_size: int, n_classes: int) -> int:
    """Images of each class in an update where all classes share a network."""
    return min(batch_size, max(MIN_BATCH, SHARED_BATCHES * batch_size // n_classes))


def image_recipe(
    given: Hyperparameters, sizes: StageSizes, augmentation: Augmentation, device: torch.device
) -> Recipe:
    """Recipe of GANs that make images from noise, each class by itself.

    Other kinds of images replace what differs.

    Parameters
    ----------
    given : Hyperparameters
        Hyper-parameters of all tiers.
    sizes : StageSizes
        Sizes of the networks.
    augmentation : Augmentation
        Changes through which the discriminators see images.
    device : torch.device
    """

    def networks(tier: Tier, samples: list[Tensor], streams: list[Generator]) -> Networks:
        generator = ImageGenerator(given.n_latent, sizes, streams)
        return generator, ImageDiscriminator(sizes, streams)

    def configure(
        tier: Tier, values: Hyperparameters, generator: nn.Module, pool: Pool
    ) -> TrainingConfig:
        return image_config(values, pool, augmentation, GaussianNoise(values.n_latent))

    def fallback(tier: Tier, samples: Tensor, stream: Generator) -> tuple[str, nn.Module]:
        return COPIES.name, moved_copies(samples, augmentation)

    return Recipe(
        device=device,
        tiers=TIERS,
        hyperparameters=lambda tier: given,
        defaults=lambda tier: Defaults(LEARNING_RATE, GAMMA),
        networks=networks,
        configure=configure,
        fallback=fallback,
        bytes_per_member=2 * given.batch_size * bytes_per_image(sizes),
    )


def bytes_per_image(sizes: StageSizes) -> int:
    """Bytes that an update takes for each image, real or generated, at most.

    Examples
    --------
    >>> from ganaug.training.networks.image_stages import stage_sizes
    >>> [bytes_per_image(stage_sizes(3, side, side, capacity=1.0)) // 2**10 for side in (32, 128)]
    [408, 3588]
    """
    stages = zip(sizes.channels, sizes.resolutions, strict=True)
    n_mapped = sum(width * math.prod(sides) for width, sides in stages)
    n_values = sizes.n_channels * math.prod(sizes.padded)
    return 4 * (TENSORS_PER_MAP * n_mapped + TENSORS_PER_IMAGE * n_values)


def image_config(
    values: Hyperparameters,
    pool: Pool,
    augmentation: DiscriminatorTransform,
    input_sampler: InputSampler,
    auxiliary_loss: AuxiliaryLoss | None = None,
) -> TrainingConfig:
    """Configuration of a game of images.

    Parameters
    ----------
    values : Hyperparameters
    pool : Pool
        Images of the game, on its device.
    augmentation : callable
        Changes through which the discriminators see images.
    input_sampler, auxiliary_loss
        As in ``TrainingConfig``.
    """
    return TrainingConfig(
        n_steps=values.n_steps,
        batch_size=values.batch_size,
        input_sampler=input_sampler,
        gamma=member_values(values.gamma, pool),
        learning_rate=torch.full((pool.n_members,), float(values.learning_rate)),
        discriminator_transform=augmentation,
        penalty_interval=PENALTY_INTERVAL,
        warmup_steps=WARMUP_STEPS,
        auxiliary_loss=auxiliary_loss,
        clip_rms_multiple=CLIP_RMS_MULTIPLE,
        precision=getattr(torch, values.precision),
        max_loss=MAX_LOSS,
        overlapping=True,
    )


def clone_networks(networks: Networks, n_members: int) -> Networks:
    """Equal members of networks of one member."""
    generator, discriminator = networks
    members = [0] * n_members
    return select_members(generator, members), select_members(discriminator, members)


def moved_copies(images: Tensor, augmentation: Augmentation) -> MovedCopies:
    """Real images, moved where their class allows it."""
    return MovedCopies(images, moved="affine" in augmentation.kinds)


def share(
    recipe: Recipe,
    sharing: str,
    images: Mapping[Hashable, Tensor],
    seeds: Mapping[Hashable, int],
    real_transform: RealTransform | None,
    unlabeled_label: Hashable = None,
) -> Recipe:
    """The recipe of GANs of images that share as ``ImageGAN(sharing=...)`` says.

    Parameters
    ----------
    recipe : Recipe
        Recipe of classes each by itself.
    sharing : {"none", "pooled", "conditional"}
    images : dict of label to (n_k, channels, height, width) tensor
        Images of all classes, as they are held, and those without a class.
    seeds : dict of label to int
        Their seeds.
    real_transform : RealTransform or None
        Adds to the images that are trained on.
    unlabeled_label : label or None, default=None
        Label that images without a class have.
    """
    n_classes = len(images.keys() - {unlabeled_label})
    if sharing == "conditional":
        # images without a class come on top, and take nothing from the classes' batches
        return share_all(recipe, n_classes)
    if sharing == "pooled":
        start = pooled_start(recipe, list(images.values()), n_classes, seeds, real_transform)
        return replace(recipe, pretraining=(start,))
    return recipe


def share_all(recipe: Recipe, n_classes: int) -> Recipe:
    """The recipe of classes that share all layers, but for conditional gains and biases."""

    def hyperparameters(tier: Tier) -> Hyperparameters:
        values = recipe.hyperparameters(tier)
        batch_size = shared_batch_size(values.batch_size, n_classes)
        return replace(values, batch_size=batch_size)

    def networks(tier: Tier, samples: list[Tensor], streams: list[Generator]) -> Networks:
        start = recipe.networks(tier, samples[:1], streams[:1])
        generator, discriminator = clone_networks(start, len(samples))
        share_generator(generator)
        share_discriminator(discriminator)
        return generator, discriminator

    batch_size = recipe.hyperparameters(recipe.tiers[0]).batch_size
    bytes_per_sample = recipe.bytes_per_member // batch_size
    return replace(
        recipe,
        hyperparameters=hyperparameters,
        networks=networks,
        in_one_game=lambda tier: True,
        bytes_per_member=bytes_per_sample * shared_batch_size(batch_size, n_classes),
    )


def with_validation(
    recipe: Recipe,
    real_transform: RealTransform | None,
    features: Callable[[np.ndarray], np.ndarray] = random_cnn_features,
) -> Recipe:
    """The recipe with early stopping by the KID to images, held-out ones where a class has enough.

    Parameters
    ----------
    recipe : Recipe
    real_transform : RealTransform or None
        Adds to the images that are trained on.
    features : callable, default=random_cnn_features
        Maps images to the features in which they are compared.
    """
    # the rest of the recipe may hold the images of all classes, and jobs are sent this function
    unpack = recipe.unpack
    n_latent = recipe.hyperparameters(GAN).n_latent

    def split(samples: list[Tensor]) -> tuple[list[Tensor], ValidationMetric]:
        parts = [split_validation(images) for images in samples]
        used = enlarge([images for images, _ in parts], real_transform)
        held_out = [unpack(images) for _, images in parts]
        return used, ImageValidation(held_out, n_latent, features)

    return replace(recipe, split_validation=split)


def enlarge(classes: list[Tensor], real_transform: RealTransform | None) -> list[Tensor]:
    """Images of some classes, with transformed versions of them where there is a transform."""
    if real_transform is None:
        return classes
    return [real_transform.enlarge(images) for images in classes]


def pooled_start(
    separate: Recipe,
    samples: list[Tensor],
    n_classes: int,
    seeds: Mapping[Hashable, int],
    real_transform: RealTransform | None,
) -> Pretraining:
    """Training of one GAN of all classes, whose weights those of each class start from.

    Parameters
    ----------
    separate : Recipe
        Recipe of classes each by itself.
    samples : list of (n_k, channels, height, width) tensors
        Images of all classes, as they are held, and after them those without a class.
    n_classes : int
        Number of classes.
    seeds : dict of label to int
        Seeds of all of them.
    real_transform : RealTransform or None
        Adds to the images.
    """
    seed = (1 + sum(seeds.values())) % SEED_LIMIT
    given = separate.hyperparameters(GAN)
    values = replace(
        given,
        n_steps=int(POOLED_SHARE * given.n_steps),
        batch_size=POOLED_BATCHES * given.batch_size,
    )

    def run(recipe: Recipe, play: PlayGame, on_steps: OnSteps, ranks: Ranks | None) -> Recipe:
        if values.n_steps == 0:
            return recipe
        stream = Generator().manual_seed(seed)
        generator, discriminator = separate.networks(GAN, samples[:1], [stream])
        generator = generator.to(recipe.device)
        discriminator = discriminator.to(recipe.device)
        images = [recipe.unpack(images) for images in enlarge(samples, real_transform)]
        pool = balanced_pool(images, n_classes).to(recipe.device)
        config = recipe.configure(GAN, values, generator, pool)
        random_numbers = MemberStreams([SEED_LIMIT + seed], recipe.device)
        game = Game(generator, discriminator, pool, config, random_numbers)
        outcome = play((seed, values.learning_rate), game, on_steps)
        if not bool(outcome.health.good.all()):
            warn_caller(
                f"The pooled start {outcome.health.fault(0)}. Each class starts by itself.",
                ConvergenceWarning,
            )
            return recipe
        start = outcome.generator.cpu().requires_grad_(True), outcome.discriminator.cpu()
        return replace(
            recipe, networks=lambda tier, samples, streams: clone_networks(start, len(samples))
        )

    return Pretraining(values.n_steps, run)


def balanced_pool(samples: list[Tensor], n_classes: int) -> Pool:
    """Pool of one member that draws from all classes alike, whatever their sizes.

    Of images that come after those of the classes it draws as many as of all classes.

    Examples
    --------
    >>> pool = balanced_pool([torch.zeros(1, 1), torch.ones(2, 1), torch.full((6, 1), 2.0)], 2)
    >>> pool.draw(torch.arange(12.0)[None] / 12).flatten().long().bincount().tolist()
    [3, 3, 6]
    """
    n_unlabeled = sum(map(len, samples[n_classes:]))
    largest = max(*map(len, samples[:n_classes]), math.ceil(n_unlabeled / n_classes))
    rows: list[Tensor] = []
    first = 0
    for number, images in enumerate(samples):
        n_draws = largest if number < n_classes else largest * n_classes
        repeated = torch.arange(len(images)).repeat(math.ceil(n_draws / len(images)))
        rows.append(first + repeated[:n_draws])
        first += len(images)
    return Pool(torch.cat(samples), [torch.cat(rows)])
