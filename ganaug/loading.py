"""``load``: saved models and samplers, back from their files."""

from pathlib import Path
from typing import Any

import torch

from ganaug.encoding.categories import CategoricalColumn
from ganaug.encoding.columns import GappedColumn, NumericColumn
from ganaug.encoding.conditions import Conditions
from ganaug.encoding.container import Container
from ganaug.encoding.image import ImageEncoder
from ganaug.encoding.table import TableEncoder
from ganaug.encoding.values import Dates, Levels, Numbers
from ganaug.metrics.classifier import ImageClassifier, Network
from ganaug.models.base import ClassGAN
from ganaug.models.class_translator import ClassTranslator
from ganaug.models.image import ImageGAN
from ganaug.models.label_guard import LabelGuard
from ganaug.models.paired_translator import PairedTranslator
from ganaug.models.super_resolver import SuperResolver
from ganaug.models.table import TableGAN
from ganaug.sampler import GANOverSampler
from ganaug.sampling import multiply
from ganaug.storage.sealed import open_file
from ganaug.storage.tree import LAYERS, from_datasets
from ganaug.training.diffaug import Augmentation
from ganaug.training.ensemble import MemberConv2d, MemberLinear
from ganaug.training.layout import Layout
from ganaug.training.networks import image, table, translation
from ganaug.training.networks.anchored import AnchoredGenerator, Anchors, LocalGaussian
from ganaug.training.networks.copies import MovedCopies
from ganaug.training.networks.marginals import QuantileMap
from ganaug.training.networks.upscaler import Upscaler
from ganaug.transformers import DiscriminatorFeatures, GANMixer

ESTIMATORS = (
    *(TableGAN, ImageGAN, ClassTranslator, PairedTranslator, SuperResolver),
    *(GANOverSampler, GANMixer, DiscriminatorFeatures),
)

# Of what else their files hold objects.
PARTS = (
    *(CategoricalColumn, Conditions, Container, Dates, GappedColumn, ImageEncoder, Levels, Numbers),
    *(NumericColumn, TableEncoder, multiply),
    *(AnchoredGenerator, Anchors, Layout, LocalGaussian, MemberConv2d, MemberLinear, MovedCopies),
    *(QuantileMap, table.Discriminator, table.NoiseGenerator, table.Perceptron),
    *(table.ResidualBlock, image.ConvBlock, image.ImageDiscriminator, image.ImageGenerator),
    *(image.Plan, *LAYERS, Upscaler, translation.UNet, translation.PatchDiscriminator),
    *(image.Encoder, image.Decoder, Augmentation, LabelGuard, ImageClassifier, Network),
)
CLASSES: dict[str, type] = {kind.__name__: kind for kind in ESTIMATORS + PARTS}


def load(path: str | Path, device: str | torch.device = "auto") -> Any:
    """A model or sampler from the file to which its ``save`` wrote it.

    No code of the file is run, and no objects are made but this package's and layers of torch.

    Parameters
    ----------
    path : path
    device : str or torch.device, default="auto"
        On which the model trains if it is fitted again.

    Returns
    -------
    estimator
        Fitted, as it was saved.

    Raises
    ------
    FileNotFoundError, OSError
        If the file cannot be read.
    ValueError
        If it is none of a model, damaged, incomplete, or written by a newer version.

    See Also
    --------
    ganaug.TableGAN.save : Writes such a file.
    """
    with open_file(path, "model") as file:
        try:
            estimator = from_datasets(file, CLASSES)["object"]
            if not isinstance(estimator, ESTIMATORS):
                raise ValueError(f"it holds a {type(estimator).__name__}")
        except (ValueError, TypeError, KeyError) as error:
            raise ValueError(f"{path} is no model of ganaug: {error}.") from error
    for trained in (estimator, getattr(estimator, "gan_", None)):
        if isinstance(trained, ClassGAN | SuperResolver):
            trained.set_params(device=device)
    return estimator


def model_in(estimator: Any) -> Any:
    """The model that an estimator is, or holds.

    Raises
    ------
    ValueError
        If it makes no samples.
    """
    if isinstance(estimator, SuperResolver):
        raise ValueError("the file holds a SuperResolver, which makes no samples of classes.")
    return estimator if hasattr(estimator, "sample") else estimator.gan_
