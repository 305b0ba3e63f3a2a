"""How classes of images are generated, by their size."""

import math
from collections.abc import Callable, Collection, Hashable
from dataclasses import replace
from typing import cast

import torch
from sklearn.exceptions import ConvergenceWarning
from torch import Generator, Tensor, nn

from ganaug.caller import warn_caller
from ganaug.randomness import SEED_LIMIT
from ganaug.trainers.hyperparameters import Settings
from ganaug.trainers.image_validation import ImageValidation, split_validation
from ganaug.trainers.per_class import PerClassTrainer
from ganaug.trainers.real_transform import RealTransform
from ganaug.trainers.tiers import Tier
from ganaug.training.diffaug import Augmentation
from ganaug.training.discriminator_transform import DiscriminatorTransform
from ganaug.training.early_stopping import ValidationMetric
from ganaug.training.ensemble import select_members
from ganaug.training.networks.image import ImageDiscriminator, ImageGenerator
from ganaug.training.networks.image_stages import StageSizes
from ganaug.training.pool import Pool
from ganaug.training.sharing import share_discriminator, share_generator
from ganaug.training.untrained.moved_copies import MovedCopies

GAN = Tier("convolutional GAN", 10, True)
COPIES = Tier("moved copies", 1, False)
TIERS = (GAN, COPIES)

# Tensors of the size of all its maps that an update of a discriminator with penalties keeps for the
# backward pass: 9 to 10 from 28 to 64 pixels; the rest is for what comes and goes.
COPIES_OF_MAPS = 16

# Classes share a network where the smallest that is trained has fewer images than this: at equal
# time it did better at 20 and at 500 images a class; no larger classes were measured.
SHARED_BELOW = 1000

# A network that all classes share sees this many batches' worth of images in an update, divided
# between them, but not less than a pair of images of each.
SHARED_BATCHES = 3
MIN_BATCH = 2

# The default.
LEARNING_RATE = 4e-3

# Share of the steps that a pooled start takes, on the images of all classes, and images of one of
# its updates relative to those of a class's own.
POOLED_SHARE = 0.5
POOLED_BATCHES = 4


def default_sharing(sizes: Collection[int]) -> str:
    """How classes of these sizes share by default."""
    large_enough = [size for size in sizes if size >= GAN.least_rows]
    small = min(large_enough, default=0) < SHARED_BELOW
    return "conditional" if small and len(large_enough) > 1 else "none"


class ImageTrainer(PerClassTrainer):
    """Trains the generators of all classes of images.

    Parameters
    ----------
    images : dict of label to (n_k, channels, height, width) tensor
        Encoded images: with sharing, also of classes that are not to be generated,
        to learn from.
    seeds, settings
        As in ``PerClassTrainer``.
    labels : collection of labels
        The classes to generate; one network for all generates the others too.
    sizes : StageSizes
        Of the networks.
    augmentation : Augmentation
        What the discriminators see.
    sharing : {"none", "pooled", "conditional"}
        As in ``ImageGAN``.
    real_transform : RealTransform or None, default=None
        Adds to the images that classes train on.
    n_threads : int, default=1
        As in ``PerClassTrainer``.
    """

    TIERS = TIERS
    MEMBERS_AT_ONCE = {"cpu": 8, "cuda": 64}
    GAMMA = 0.2
    MAX_LOSS = 50.0

    # The penalties take a large part of a step's time, and every fourth step is enough (Karras et
    # al., "Analyzing and improving the image quality of StyleGAN", CVPR 2020, section 3.1).
    PENALTY_INTERVAL = 4

    # Without these, games of colour images at the default learning rate leapt off within a hundred
    # steps.
    WARMUP_STEPS = 50
    CLIP_RMS_MULTIPLE = 2.0

    def __init__(
        self,
        images: dict[Hashable, Tensor],
        seeds: dict[Hashable, int],
        settings: Settings,
        *,
        labels: Collection[Hashable],
        sizes: StageSizes,
        augmentation: Augmentation,
        sharing: str,
        real_transform: RealTransform | None = None,
        n_threads: int = 1,
    ):
        self._real_transform = real_transform
        self._images, self._sharing, self._labels = images, sharing, set(labels)
        self._sizes, self._augmentation = sizes, augmentation
        self._start: tuple[nn.Module, nn.Module] | None = None
        if sharing == "conditional":
            even = SHARED_BATCHES * settings.batch_size // len(images)
            batch_size = min(settings.batch_size, max(MIN_BATCH, even))
            settings = replace(settings, batch_size=batch_size)
        else:
            images = {label: images[label] for label in labels}
        super().__init__(images, seeds, settings, n_threads)

    @property
    def n_steps(self) -> int:
        """Generator updates, over all games, if every class trains well at once."""
        wanted = any(tier.trained and self._labels & set(own) for tier, own in self._chunks)
        return super().n_steps + self._n_pooled_steps if wanted else 0

    def prepare(self, on_steps: Callable[[int], object]) -> None:
        """Train the pooled start."""
        if self._n_pooled_steps > 0:
            self._start = self._pooled_start(on_steps)

    def judged(self, samples: list[Tensor]) -> tuple[list[Tensor], ValidationMetric | None]:
        """Images to train on, and a judge that looks at others where there are enough."""
        parts = [split_validation(own) for own in samples]
        used = [self._enlarged(used) for used, _ in parts]
        held_out = [self.unpack(held) for _, held in parts]
        return used, ImageValidation(held_out, self._settings.n_latent)

    def bytes_of_member(self) -> int:
        """Of the maps that the backward passes need."""
        stages = zip(self._sizes.channels, self._sizes.resolutions, strict=True)
        n_values = sum(width * side[0] * side[1] for width, side in stages)
        return 4 * 2 * self._settings.batch_size * n_values * COPIES_OF_MAPS

    def networks(
        self, tier: Tier, samples: list[Tensor], streams: list[Generator]
    ) -> tuple[nn.Module, nn.Module]:
        """Fresh networks, clones of the pooled start, or equal networks that share layers."""
        if self._start is None and self._sharing != "conditional":
            return self._fresh(streams)
        start, members = self._start or self._fresh(streams[:1]), [0] * len(samples)
        generator, discriminator = (select_members(network, members) for network in start)
        if self._sharing == "conditional":
            share_generator(cast(ImageGenerator, generator))
            share_discriminator(cast(ImageDiscriminator, discriminator))
        return generator, discriminator

    def default_learning_rate(self, tier: Tier) -> float:
        """The same for all."""
        return LEARNING_RATE

    def view(self, tier: Tier) -> DiscriminatorTransform:
        """Images through the differentiable augmentation."""
        return self._augmentation

    def untrained(self, tier: Tier, samples: Tensor, stream: Generator) -> tuple[str, nn.Module]:
        """Real images, moved where their class allows it."""
        return COPIES.name, MovedCopies(samples, moved="affine" in self._augmentation.kinds)

    def _chunks_of(self, tier: Tier, labels: list[Hashable]) -> list[list[Hashable]]:
        return [labels] if self._sharing == "conditional" else super()._chunks_of(tier, labels)

    def _fresh(self, streams: list[Generator]) -> tuple[nn.Module, nn.Module]:
        generator = ImageGenerator(self._settings.n_latent, self._sizes, streams)
        return generator, ImageDiscriminator(self._sizes, streams)

    def _enlarged(self, images: Tensor) -> Tensor:
        return images if self._real_transform is None else self._real_transform.enlarged(images)

    @property
    def _n_pooled_steps(self) -> int:
        any_trained = any(tier.trained for tier, _ in self._chunks)
        if self._sharing != "pooled" or not any_trained:
            return 0
        return int(POOLED_SHARE * self._settings.n_steps)

    def _pooled_start(
        self, on_steps: Callable[[int], object]
    ) -> tuple[nn.Module, nn.Module] | None:
        """Networks of one GAN of all classes; None where it failed."""
        seed = (1 + sum(self.seeds.values())) % SEED_LIMIT
        settings = replace(
            self._settings,
            n_steps=self._n_pooled_steps,
            batch_size=POOLED_BATCHES * self._settings.batch_size,
        )
        networks = self._fresh([Generator().manual_seed(seed)])
        classes = [self.unpack(self._enlarged(own)) for own in self._images.values()]
        outcome = self._play(GAN, networks, evenly(classes), [seed], settings, None, on_steps)
        if not bool(outcome.health.good.all()):
            warn_caller(
                f"The pooled start {outcome.health.fault(0)}. Each class starts by itself.",
                ConvergenceWarning,
            )
            return None
        return outcome.generator.cpu().requires_grad_(True), outcome.discriminator.cpu()


def evenly(classes: list[Tensor]) -> Pool:
    """One member that draws from all classes alike, whatever their sizes."""
    most = max(map(len, classes))
    rows, first = [], 0
    for own in classes:
        repeated = torch.arange(len(own)).repeat(math.ceil(most / len(own)))
        rows.append(first + repeated[:most])
        first += len(own)
    return Pool(torch.cat(classes), [torch.cat(rows)])
