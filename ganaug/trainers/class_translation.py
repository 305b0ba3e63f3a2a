"""Recipe of translators between classes: all in one game, with layers in common."""

from dataclasses import replace

from torch import Generator, Tensor, nn

from ganaug.trainers.hyperparameters import Hyperparameters
from ganaug.trainers.image import COPIES, image_config, share_all
from ganaug.trainers.recipe import Networks, Recipe, bare_network
from ganaug.trainers.tiers import Tier
from ganaug.training.class_translation import TranslationBatch, TranslationSampler, cycle_loss
from ganaug.training.config import TrainingConfig
from ganaug.training.diffaug import Augmentation
from ganaug.training.input_samplers import SourceGenerator
from ganaug.training.networks.image import ImageDiscriminator, StageSizes
from ganaug.training.networks.unet import UNet
from ganaug.training.pool import Pool

TRANSLATOR = Tier("class translator", 10, True)

# Memory of an update, relative to that of GANs which make images of noise: images pass through
# an encoder and a decoder, and back.
RELATIVE_MEMORY = 2.2


def class_translation_recipe(
    images: Recipe,
    sizes: StageSizes,
    augmentation: Augmentation,
    consistency: float,
    n_classes: int,
) -> Recipe:
    """Recipe of one network that translates images of any class into images of each.

    Parameters
    ----------
    images : Recipe
        As ``image_recipe`` gives it.
    sizes : StageSizes
        Sizes of the networks.
    augmentation : Augmentation
        Changes through which the discriminators see images.
    consistency : float
        Weight of the loss of ``cycle_loss``.
    n_classes : int
        Number of classes, also of those too small to be translated into.
    """

    def networks(tier: Tier, samples: list[Tensor], streams: list[Generator]) -> Networks:
        network = UNet(sizes, sizes, 0, streams)
        return SourceGenerator(network), ImageDiscriminator(sizes, streams)

    def configure(
        tier: Tier, values: Hyperparameters, generator: nn.Module, pool: Pool
    ) -> TrainingConfig:
        assert isinstance(generator, SourceGenerator)
        network = generator.network

        def loss(batch: TranslationBatch, translated: Tensor) -> Tensor:
            return consistency * cycle_loss(network, batch, translated)

        return image_config(values, pool, augmentation, TranslationSampler(pool), loss)

    recipe = replace(
        images,
        tiers=(TRANSLATOR, COPIES),
        networks=networks,
        configure=configure,
        finalize=bare_network,
        bytes_per_member=round(RELATIVE_MEMORY * images.bytes_per_member),
        min_members=2,
    )
    return share_all(recipe, n_classes)
