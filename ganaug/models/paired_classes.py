"""How images are learnt from guides: the classes share one network, each with its own gains."""

from collections.abc import Collection, Hashable

import torch
from torch import Generator, Tensor, nn

from ganaug.models.image_classes import COPIES, ImageTrainer
from ganaug.models.paired_transform import PairedTransform
from ganaug.models.settings import Settings
from ganaug.models.tiers import Tier
from ganaug.training.diffaug import Augmentation
from ganaug.training.early_stopping import Judge
from ganaug.training.guided import BesideGuide, Guided, Guides, nearest_deviation
from ganaug.training.inputs import Inputs
from ganaug.training.networks.copies import N_CHOICES
from ganaug.training.networks.image import Plan
from ganaug.training.networks.translation import PatchDiscriminator, UNet
from ganaug.training.pool import Pool
from ganaug.training.rules import FurtherLoss

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
    sizes : Plan, Plan and Plan
        Of guides, of images, and of both together.
    augmentation : Augmentation
        What the discriminators see.
    fidelity : float
        Weight of the distance to the guides' own images.
    real_transform : PairedTransform or None
        Adds to what classes train on.
    n_threads : int
        As in ``ClasswiseTrainer``.
    """

    TIERS = (PAIRED, COPIES)

    def __init__(
        self,
        images: dict[Hashable, Tensor],
        seeds: dict[Hashable, int],
        settings: Settings,
        *,
        labels: Collection[Hashable],
        sizes: tuple[Plan, Plan, Plan],
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

    def judged(self, samples: list[Tensor]) -> tuple[list[Tensor], Judge | None]:
        """All pairs, and no judge."""
        return [self._enlarged(own) for own in samples], None

    def inputs(self, pool: Pool) -> Inputs:
        """Guides with noise."""
        return Guides(pool, self._of_guides.n_channels, self._n_noise)

    def further_loss(self, generator: nn.Module) -> FurtherLoss:
        """Images should be near those that their guides came with."""

        def loss(inputs: Guided, samples: Tensor) -> Tensor:
            return self._fidelity * nearest_deviation(generator, inputs, samples)

        return loss

    def finished(self, generator: nn.Module, samples: Tensor, seed: int) -> nn.Module:
        """The network alone."""
        assert isinstance(generator, BesideGuide)
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
        return BesideGuide(network), PatchDiscriminator(self._sizes, streams)


def joined(guides: Tensor, images: Tensor) -> Tensor:
    """Guides and images, as channels of one."""
    return torch.cat([guides, images], dim=1)
