"""How classes of images are generated, by their size."""

import warnings
from collections.abc import Callable, Hashable
from dataclasses import replace

from sklearn.exceptions import ConvergenceWarning
from torch import Generator, Tensor, nn

from ganaug.models.classwise import ClasswiseTrainer, Settings, Tier
from ganaug.models.seeds import SEED_LIMIT
from ganaug.training.diffaug import Augmentation
from ganaug.training.ensemble import select_members
from ganaug.training.networks.copies import MovedCopies
from ganaug.training.networks.image import ImageDiscriminator, ImageGenerator, Plan
from ganaug.training.views import View

GAN = Tier("convolutional GAN", 10, True)
COPIES = Tier("moved copies", 1, False)
TIERS = (GAN, COPIES)

# Tensors of the size of all its maps that an update of a discriminator with penalties keeps for the
# backward pass: 9 to 10 from 28 to 64 pixels; the rest is for what comes and goes.
COPIES_OF_MAPS = 16

# Share of the steps that a pooled start takes, on the images of all classes.
POOLED_SHARE = 0.5


class ImageTrainer(ClasswiseTrainer):
    """Trains the generators of all classes of images.

    Parameters
    ----------
    images, seeds, settings
        As in ``ClasswiseTrainer``.
    sizes : Plan
        Of the networks.
    augmentation : Augmentation
        What the discriminators see.
    pooled : (n, channels, height, width) tensor or None
        Images of all classes to train a common start on; None starts each class
        by itself.
    n_threads : int, default=1
        As in ``ClasswiseTrainer``.
    """

    TIERS = TIERS
    MEMBERS_AT_ONCE = {"cpu": 8, "cuda": 64}

    # The penalties take a large part of a step's time, and every fourth step is enough (Karras et
    # al., "Analyzing and improving the image quality of StyleGAN", CVPR 2020, section 3.1).
    PENALTY_EVERY = 4

    def __init__(
        self,
        images: dict[Hashable, Tensor],
        seeds: dict[Hashable, int],
        settings: Settings,
        *,
        sizes: Plan,
        augmentation: Augmentation,
        pooled: Tensor | None = None,
        n_threads: int = 1,
    ):
        self._sizes, self._augmentation, self._pooled = sizes, augmentation, pooled
        self._start: tuple[nn.Module, nn.Module] | None = None
        super().__init__(images, seeds, settings, n_threads)

    @property
    def n_steps(self) -> int:
        """Generator updates, over all games, if every class trains well at once."""
        return super().n_steps + self._n_pooled_steps

    def prepare(self, on_steps: Callable[[int], object]) -> None:
        """Train the pooled start."""
        if self._pooled is not None and self._n_pooled_steps > 0:
            self._start = self._pooled_start(self._pooled, on_steps)

    def bytes_of_member(self) -> int:
        """Of the maps that the backward passes need."""
        stages = zip(self._sizes.widths, self._sizes.sides, strict=True)
        n_values = sum(width * side[0] * side[1] for width, side in stages)
        return 4 * 2 * self._settings.batch_size * n_values * COPIES_OF_MAPS

    def networks(
        self, tier: Tier, samples: list[Tensor], streams: list[Generator]
    ) -> tuple[nn.Module, nn.Module]:
        """Fresh networks, or clones of the pooled start."""
        if self._start is not None:
            members = [0] * len(samples)
            return select_members(self._start[0], members), select_members(self._start[1], members)
        generator = ImageGenerator(self._settings.n_latent, self._sizes, streams)
        return generator, ImageDiscriminator(self._sizes, streams)

    def view(self, tier: Tier) -> View:
        """Images through the differentiable augmentation."""
        return self._augmentation

    def untrained(self, tier: Tier, samples: Tensor, stream: Generator) -> tuple[str, nn.Module]:
        """Real images, moved where their class allows it."""
        return COPIES.name, MovedCopies(samples, moved="affine" in self._augmentation.kinds)

    @property
    def _n_pooled_steps(self) -> int:
        any_trained = any(tier.trained for tier, _ in self._chunks)
        if self._pooled is None or not any_trained:
            return 0
        return int(POOLED_SHARE * self._settings.n_steps)

    def _pooled_start(
        self, images: Tensor, on_steps: Callable[[int], object]
    ) -> tuple[nn.Module, nn.Module] | None:
        """Networks of one GAN of all classes; None where it failed."""
        seed = (1 + sum(self._seeds.values())) % SEED_LIMIT
        settings = replace(self._settings, n_steps=self._n_pooled_steps)
        outcome = self._play(GAN, [images], [seed], settings, on_steps)
        if not bool(outcome.healthy.all()):
            warnings.warn(
                "The pooled start diverged or collapsed: each class starts by itself.",
                ConvergenceWarning,
                stacklevel=7,
            )
            return None
        return outcome.generator.cpu().requires_grad_(True), outcome.discriminator.cpu()
