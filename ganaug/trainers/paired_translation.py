"""How images are learnt from guides: the classes share one network, each with its own gains."""

from collections.abc import Collection, Hashable

import torch
from torch import Generator, Tensor, nn

from ganaug.trainers.hyperparameters import Settings
from ganaug.trainers.image import COPIES, ImageTrainer
from ganaug.trainers.paired_transform import PairedTransform
from ganaug.trainers.tiers import Tier
from ganaug.training.config import AuxiliaryLoss
from ganaug.training.diffaug import Augmentation
from ganaug.training.early_stopping import ValidationMetric
from ganaug.training.guided_translation import (
    GuideBatch,
    GuidedGenerator,
    GuideSampler,
    best_of_two_l1,
)
from ganaug.training.input_samplers import InputSampler
from ganaug.training.networks.image_stages import StageSizes
from ganaug.training.networks.patch_discriminator import PatchDiscriminator
from ganaug.training.networks.unet import UNet
from ganaug.training.pool import Pool
from ganaug.training.untrained.moved_copies import N_CHOICES

PAIRED = Tier("paired translator", 10, True)


class PairedTrainer(ImageTrainer):
    """Trains generators that make images of guides.

    Parameters
    ----------
    images : dict of label to (n_k, guide channels + channels, height, width) tensor
        Guides and images, as channels of one.
    seeds, settings, labels
        As in ``ImageTrainer``; the first ``N_CHOICES`` numbers of the noise choose guides,
        and are not for the networks.
    sizes : StageSizes, StageSizes and StageSizes
        Of guides, of images, and of both together.
    augmentation : Augmentation
        What the discriminators see.
    fidelity : float
        Weight of the distance to the guides' own images.
    real_transform : PairedTransform or None
        Adds to what classes train on.
    n_threads : int
        As in ``PerClassTrainer``.
    """

    TIERS = (PAIRED, COPIES)

    def __init__(
        self,
        images: dict[Hashable, Tensor],
        seeds: dict[Hashable, int],
        settings: Settings,
        *,
        labels: Collection[Hashable],
        sizes: tuple[StageSizes, StageSizes, StageSizes],
        augmentation: Augmentation,
        fidelity: float,
        real_transform: PairedTransform | None,
        n_threads: int,
    ):
        self._fidelity = fidelity
        self._of_guides, self._of_images, of_both = sizes
        n_trained = sum(len(own) >= PAIRED.least_rows for own in images.values())
        super().__init__(
            images,
            seeds,
            settings,
            labels=labels,
            sizes=of_both,
            augmentation=augmentation,
            sharing="conditional" if n_trained > 1 else "none",
            real_transform=real_transform,
            n_threads=n_threads,
        )

    def judged(self, samples: list[Tensor]) -> tuple[list[Tensor], ValidationMetric | None]:
        """All pairs, and no judge."""
        return [self._enlarged(own) for own in samples], None

    def inputs(self, pool: Pool) -> InputSampler:
        """Guides with noise."""
        return GuideSampler(pool, self._of_guides.n_channels, self._n_noise)

    def auxiliary_loss(self, generator: nn.Module) -> AuxiliaryLoss:
        """Images should be near those that their guides came with."""

        def loss(inputs: GuideBatch, samples: Tensor) -> Tensor:
            return self._fidelity * best_of_two_l1(generator, inputs, samples)

        return loss

    def finished(self, generator: nn.Module, samples: Tensor, seed: int) -> nn.Module:
        """The network alone."""
        assert isinstance(generator, GuidedGenerator)
        return generator.network

    def untrained(self, tier: Tier, samples: Tensor, stream: Generator) -> tuple[str, nn.Module]:
        """Real images, moved; their guides are not needed."""
        images = samples[:, self._of_guides.n_channels :]
        return super().untrained(tier, images, stream)

    @property
    def _n_noise(self) -> int:
        return self._settings.n_latent - N_CHOICES

    def _fresh(self, streams: list[Generator]) -> tuple[nn.Module, nn.Module]:
        network = UNet(self._of_guides, self._of_images, self._n_noise, streams)
        return GuidedGenerator(network), PatchDiscriminator(self._sizes, streams)


def joined(guides: Tensor, images: Tensor) -> Tensor:
    """Guides and images, as channels of one."""
    return torch.cat([guides, images], dim=1)
