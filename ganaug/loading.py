"""``load`` for what ``save`` has written."""

from pathlib import Path
from typing import Any, TypeVar, overload

import torch
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from ganaug.discriminator_classifier import (
    DiscriminatorClassifier,
    FittedDiscriminatorClassifier,
)
from ganaug.encoding.categories import CategoricalColumn
from ganaug.encoding.columns import MissingAwareColumn, NumericColumn
from ganaug.encoding.conditions import Conditions
from ganaug.encoding.csv_format import CsvFormat
from ganaug.encoding.curves import Curves
from ganaug.encoding.dates import Dates
from ganaug.encoding.equations import LinearEquations
from ganaug.encoding.image import ImageEncoder
from ganaug.encoding.level_donors import LevelDonors
from ganaug.encoding.levels import Levels
from ganaug.encoding.numbers import ExactNumbers, Numbers
from ganaug.encoding.one_hot import OneHotGroups
from ganaug.encoding.orders import Orders
from ganaug.encoding.relations import Relations
from ganaug.encoding.rounding import Rounding
from ganaug.encoding.schema import TableSchema
from ganaug.encoding.sequence import SequenceEncoder
from ganaug.encoding.spelling import (
    BoolSpelling,
    DateSpelling,
    Gaps,
    LevelSpelling,
    NumberSpelling,
)
from ganaug.encoding.support import Support
from ganaug.encoding.table import TableEncoder
from ganaug.encoding.table_spelling import TableSpelling
from ganaug.metrics.boosted_trees import BoostedTrees
from ganaug.metrics.classifier import ImageClassifier, Network
from ganaug.metrics.linear_classifier import LinearClassifier
from ganaug.models import image_states, sequence_states, states
from ganaug.models.class_translator import ClassTranslator
from ganaug.models.discriminator_backbone import DiscriminatorBackbone
from ganaug.models.image import ImageGAN
from ganaug.models.label_guard import LabelGuard
from ganaug.models.paired_translator import PairedTranslator
from ganaug.models.row_selection import RowSelector
from ganaug.models.sequence import SequenceGAN
from ganaug.models.super_resolver import SuperResolver
from ganaug.models.table import TableGAN
from ganaug.sampler import FittedOverSampler, GANOverSampler
from ganaug.storage.sealed import open_file
from ganaug.storage.tree import from_datasets
from ganaug.strategy import multiply
from ganaug.training.defaults import torch_defaults
from ganaug.training.diffaug import Augmentation
from ganaug.training.layout import FeatureLayout
from ganaug.training.networks import (
    backbone_classifier,
    image,
    patch_discriminator,
    table,
    unet,
)
from ganaug.training.networks.anchored import AnchoredGenerator
from ganaug.training.networks.image_stages import StageSizes
from ganaug.training.networks.sequence import SequenceGenerator
from ganaug.training.networks.upscaler import Upscaler
from ganaug.training.untrained.local_gaussian import LocalGaussian
from ganaug.training.untrained.moved_copies import MovedCopies
from ganaug.training.untrained.warped_copies import WarpedCopies
from ganaug.transformers import DiscriminatorFeatures, FittedFeatures, FittedMixer, GANMixer

ESTIMATORS: tuple[type, ...] = (
    ClassTranslator,
    DiscriminatorClassifier,
    DiscriminatorFeatures,
    GANMixer,
    GANOverSampler,
    ImageGAN,
    PairedTranslator,
    SequenceGAN,
    SuperResolver,
    TableGAN,
)
NETWORKS: tuple[type, ...] = (
    AnchoredGenerator,
    DiscriminatorBackbone,
    LocalGaussian,
    MovedCopies,
    Network,
    SequenceGenerator,
    Upscaler,
    WarpedCopies,
    backbone_classifier.BackboneClassifier,
    image.ImageDiscriminator,
    image.ImageGenerator,
    patch_discriminator.PatchDiscriminator,
    table.TableDiscriminator,
    table.TableGenerator,
    unet.UNet,
)
RECORDS: tuple[type, ...] = (
    Augmentation,
    BoolSpelling,
    BoostedTrees,
    CategoricalColumn,
    Conditions,
    CsvFormat,
    Curves,
    DateSpelling,
    Dates,
    ExactNumbers,
    FeatureLayout,
    FittedDiscriminatorClassifier,
    FittedFeatures,
    FittedMixer,
    FittedOverSampler,
    Gaps,
    ImageClassifier,
    ImageEncoder,
    LabelGuard,
    LevelDonors,
    LevelSpelling,
    Levels,
    LinearClassifier,
    LinearEquations,
    MissingAwareColumn,
    NumberSpelling,
    Numbers,
    NumericColumn,
    OneHotGroups,
    Orders,
    Relations,
    Rounding,
    RowSelector,
    SequenceEncoder,
    StageSizes,
    Support,
    TableEncoder,
    TableSchema,
    TableSpelling,
    multiply,
    image_states.FittedClassTranslator,
    image_states.FittedImageGAN,
    image_states.FittedPairedTranslator,
    sequence_states.FittedSequenceGAN,
    image_states.FittedSuperResolver,
    states.FittedTable,
)
CLASSES: dict[str, type] = {kind.__name__: kind for kind in ESTIMATORS + NETWORKS + RECORDS}


Saved = TypeVar("Saved")


@overload
def load(path: str | Path, device: str | torch.device = "auto", *, kind: type[Saved]) -> Saved: ...
@overload
def load(path: str | Path, device: str | torch.device = "auto", *, kind: None = None) -> Any: ...
@torch_defaults()
def load(
    path: str | Path, device: str | torch.device = "auto", *, kind: type[Any] | None = None
) -> Any:
    """Load an estimator or a backbone from the file to which its ``save`` wrote it.

    No code of the file is run, and no objects are made but this package's and layers of torch.

    Parameters
    ----------
    path : path
    device : str or torch.device, default="auto"
        Device on which the model trains if it is fitted again.
    kind : class or None, default=None
        Class that the file has to hold an object of, such as ``ImageGAN``, which is then known to
        checkers of types too. None takes what it holds.

    Returns
    -------
    estimator
        Fitted, as it was saved; or a ``DiscriminatorBackbone``, in training mode.

    Raises
    ------
    FileNotFoundError, OSError
        If the file cannot be read.
    ValueError
        If it is none of a model, damaged, incomplete, or written by a newer version; for an
        object of another ``kind``.

    See Also
    --------
    ganaug.TableGAN.save : Writes such a file.
    """
    with open_file(path, "model") as file:
        try:
            content = from_datasets(file, CLASSES)
            estimator = content.get("object") if isinstance(content, dict) else None
            if not isinstance(estimator, (*ESTIMATORS, DiscriminatorBackbone)):
                raise ValueError(f"it holds a {type(estimator).__name__}")
            if isinstance(estimator, ESTIMATORS):
                check_is_fitted(estimator)
        except (ValueError, NotFittedError) as error:
            raise ValueError(f"{path} is no model of ganaug: {error}.") from error
    if kind is not None and not isinstance(estimator, kind):
        raise ValueError(
            f"{path} holds a {type(estimator).__name__}, not a {kind.__name__}. Leave kind= "
            "out to load what it holds."
        )
    if isinstance(estimator, DiscriminatorBackbone):
        return estimator
    held = getattr(estimator, "gans_", [getattr(estimator, "gan_", None)])
    for trained in [estimator, *held]:
        if trained is not None and "device" in trained.get_params(deep=False):
            trained.set_params(device=device)
    return estimator


def model_in(estimator: Any) -> Any:
    """Model that an estimator is, or holds.

    Raises
    ------
    ValueError
        If it makes no samples.
    """
    if hasattr(estimator, "sample"):
        return estimator
    if not hasattr(estimator, "gan_"):
        raise ValueError(
            f"the file holds a {type(estimator).__name__}, which makes no samples of classes."
        )
    return estimator.gan_
