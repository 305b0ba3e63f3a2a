"""How translators of images are trained: all classes in one game, with layers in common."""

from collections.abc import Callable, Collection, Hashable
from typing import Any

from torch import Generator, Tensor, nn

from ganaug.trainers.hyperparameters import Settings
from ganaug.trainers.image import COPIES, ImageTrainer
from ganaug.trainers.tiers import Tier
from ganaug.trainers.trained_class import Trained
from ganaug.training.class_translation import TranslationBatch, TranslationSampler, cycle_loss
from ganaug.training.config import AuxiliaryLoss
from ganaug.training.diffaug import Augmentation
from ganaug.training.early_stopping import ValidationMetric
from ganaug.training.input_samplers import InputSampler, SourceGenerator
from ganaug.training.networks.image import ImageDiscriminator
from ganaug.training.networks.image_stages import StageSizes
from ganaug.training.networks.unet import UNet
from ganaug.training.pool import Pool

TRANSLATOR = Tier("class translator", 10, True)


class TranslationTrainer(ImageTrainer):
    """Trains one network that translates images of any class into images of each.

    Parameters
    ----------
    images, seeds, settings, labels, sizes, augmentation, n_threads
        As in ``ImageTrainer``.
    consistency : float
        Weight of the loss of ``cycle_loss``.
    """

    TIERS = (TRANSLATOR, COPIES)
    INDEPENDENT = False

    def __init__(
        self,
        images: dict[Hashable, Tensor],
        seeds: dict[Hashable, int],
        settings: Settings,
        *,
        labels: Collection[Hashable],
        sizes: StageSizes,
        augmentation: Augmentation,
        consistency: float,
        n_threads: int = 1,
    ):
        self._consistency = consistency
        super().__init__(
            images,
            seeds,
            settings,
            labels=labels,
            sizes=sizes,
            augmentation=augmentation,
            sharing="conditional",
            n_threads=n_threads,
        )

    def judged(self, samples: list[Tensor]) -> tuple[list[Tensor], ValidationMetric | None]:
        """All images, and no judge: translations are told from real images by their guard."""
        return samples, None

    def inputs(self, pool: Pool) -> InputSampler:
        """Images of other classes."""
        return TranslationSampler(pool)

    def auxiliary_loss(self, generator: nn.Module) -> AuxiliaryLoss:
        """Images that go to another class and come back should be what they were."""
        translate: Any = generator

        def loss(crossing: TranslationBatch, translated: Tensor) -> Tensor:
            return self._consistency * cycle_loss(translate.network, crossing, translated)

        return loss

    def finished(self, generator: nn.Module, samples: Tensor, seed: int) -> nn.Module:
        """The network alone."""
        assert isinstance(generator, SourceGenerator)
        return generator.network

    def _labels_by_tier(self) -> dict[Tier, list[Hashable]]:
        """A class that is alone has nothing to be translated from."""
        by_tier = super()._labels_by_tier()
        if len(by_tier.get(TRANSLATOR, [])) == 1:
            by_tier.setdefault(COPIES, []).extend(by_tier.pop(TRANSLATOR))
        return by_tier

    def _train_chunk(
        self, tier: Tier, labels: list[Hashable], on_steps: Callable[[int], object]
    ) -> dict[Hashable, Trained]:
        """All classes at once; for a second time too, as each needs the others."""
        trained = self._game(tier, labels, self._settings, on_steps)
        if len(trained) < len(labels) and not self.interrupted:
            trained = self._game(tier, labels, self.second_settings(tier), on_steps)
        return trained

    def _fresh(self, streams: list[Generator]) -> tuple[nn.Module, nn.Module]:
        network = UNet(self._sizes, self._sizes, 0, streams)
        return SourceGenerator(network), ImageDiscriminator(self._sizes, streams)
