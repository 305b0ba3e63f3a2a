"""Fitted states of models, as files hold them: records, and what has to agree in them."""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import numpy as np

from ganaug.encoding.conditions import Conditions
from ganaug.encoding.image import ImageEncoder
from ganaug.encoding.one_hot import OneHotGroups
from ganaug.encoding.schema import TableSchema
from ganaug.encoding.sequence import SequenceEncoder
from ganaug.encoding.table import TableEncoder
from ganaug.metrics.classifier import ImageClassifier
from ganaug.models.label_guard import LabelGuard
from ganaug.models.row_selection import RowSelector
from ganaug.models.state_checks import check_history, check_kind
from ganaug.storage.fields import (
    MAX_COUNT,
    Array,
    Count,
    Interval,
    Label,
    MaxLength,
    Sorted,
    SortedLabels,
    Text,
)
from ganaug.storage.fields import attribute as of
from ganaug.training.diffaug import Augmentation
from ganaug.training.networks.anchored import AnchoredGenerator
from ganaug.training.networks.conv_encoder import ConvEncoder
from ganaug.training.networks.image import ImageGenerator
from ganaug.training.networks.image_stages import StageSizes
from ganaug.training.networks.sequence import SequenceGenerator
from ganaug.training.networks.table import TableDiscriminator, TableGenerator
from ganaug.training.networks.unet import UNet
from ganaug.training.networks.upscaler import Upscaler
from ganaug.training.rebuildable import RebuildableNetwork
from ganaug.training.untrained.local_gaussian import LocalGaussian
from ganaug.training.untrained.moved_copies import MovedCopies
from ganaug.training.untrained.warped_copies import WarpedCopies

Share = Annotated[float, Interval(0, 1)]
Size = Annotated[int, Interval(1, MAX_COUNT)]
Digest = Annotated[str, MaxLength(64)]
Names = Annotated[np.ndarray, Array("text", "features")]
History = dict[str, Annotated[np.ndarray, Array("float32", "_", nan=True)]]


@dataclass(frozen=True, eq=False)
class FittedClasses:
    """State of a model of classes: one generator for each."""

    classes: SortedLabels = of("classes_")
    class_counts: dict[Label, Size] = of("class_counts_")
    tiers: dict[Label, Text] = of("tiers_")
    generators: dict[Label, RebuildableNetwork] = of("generators_")
    discriminators: dict[Label, RebuildableNetwork | None] = of("discriminators_")
    history: dict[Label, History] = of("history_")
    n_steps: Count = of("n_steps_")
    data_digest: Digest = of("data_digest_")
    n_features_in: Count = of("n_features_in_")
    feature_names_in: Names | None = of("feature_names_in_", optional=True)
    stream: np.random.RandomState = of("_stream")

    def __post_init__(self) -> None:
        labels = [(type(label), label) for label in self.classes.tolist()]
        names = ("class_counts", "tiers", "generators", "discriminators", "history")
        for name in names:
            if [(type(label), label) for label in getattr(self, name)] != labels:
                raise ValueError(f"{name} are not those of the classes {self.classes!r:.100}")
        for history in self.history.values():
            check_history(history)

    def trained_networks(self) -> list[tuple[Any, Any]]:
        """Generators and discriminators of the classes that have both."""
        pairs = zip(self.generators.values(), self.discriminators.values(), strict=True)
        return [pair for pair in pairs if pair[1] is not None]


@dataclass(frozen=True, eq=False)
class FittedTable(FittedClasses):
    """Fitted state of a ``TableGAN``, as files hold it."""

    schema: TableSchema = of("_schema")
    one_hot: OneHotGroups = of("_one_hot")
    encoder: TableEncoder = of("_encoder")
    conditions: Conditions | None = of("_conditions")
    acceptance: dict[Label, Share] = of("acceptance_")
    n_tried: dict[Label, Annotated[np.ndarray, Array("int64", "2", 0)]] = of("_n_tried")
    kept_rows: Annotated[np.ndarray, Array("number", "kept merged", nan=True)] = of("_kept_rows")
    kept_labels: Annotated[np.ndarray, Array("int64", "kept", 0)] = of("_kept_labels")
    selector: RowSelector | None = of("_selector")

    def __post_init__(self) -> None:
        super().__post_init__()
        sizes = (len(self.one_hot.places), len(self.schema.is_categorical))
        merged = (len(self.encoder.columns), self.kept_rows.shape[1])
        if set(sizes) != {self.n_features_in} or set(merged) != {self.one_hot.n_merged}:
            raise ValueError(f"there are {sizes}, {merged} and {self.n_features_in} columns")
        if not np.isin(self.classes, self.encoder.labels).all():
            raise ValueError("the encoder does not know all classes")
        # none at all where the model was saved without rows
        if len(self.kept_labels) and set(self.kept_labels) != {*range(len(self.classes))}:
            raise ValueError("there are no kept rows of a class, or of none")
        if not (self.acceptance.keys() == self.n_tried.keys() <= self.class_counts.keys()):
            raise ValueError("acceptances are not those of the classes")
        self._check_names()
        self._check_networks()
        if self.conditions is not None:
            self.conditions.check_columns(self.schema.columns)
        if self.selector is not None:
            self.selector.check(self.encoder.labels, len(self.encoder.columns))
        self.schema.check_writable()

    def _check_names(self) -> None:
        """Raise a ValueError where names of columns are not as scikit-learn has them."""
        columns = self.schema.columns
        if columns is not None:
            # those of all are text, or of none
            texts = [isinstance(name, str) for name in columns]
            names = list(self.feature_names_in) if self.feature_names_in is not None else []
            if names != (list(columns) if all(texts) else []) or len(set(texts)) > 1:
                raise ValueError("names of columns are not those of the table")

    def _check_networks(self) -> None:
        """Raise a ValueError for networks of other rows than the encoder's."""
        layout = self.encoder.layout
        for generator in self.generators.values():
            check_kind(generator, AnchoredGenerator, TableGenerator, LocalGaussian)
            if generator.layout != layout:
                raise ValueError("a generator makes other rows than the encoder")
        for _, discriminator in self.trained_networks():
            check_kind(discriminator, TableDiscriminator)
            if discriminator.config["n_features"] != layout.width:
                raise ValueError("a discriminator looks at other rows than the encoder's")


@dataclass(frozen=True, eq=False)
class FittedImages(FittedClasses):
    """State of a model of images: its training images, and how they are encoded."""

    # True for models that draw without their training images.
    CAN_BE_BARE: ClassVar[bool] = False

    encoder: ImageEncoder = of("_encoder")
    X: Annotated[np.ndarray, Array("number", "images ...")] = of("_X")
    y: np.ndarray = of("_y")

    def __post_init__(self) -> None:
        super().__post_init__()
        encoder = self.encoder
        if self.X.shape[1:] != encoder.shape or self.X.dtype != encoder.dtype:
            raise ValueError(f"training images of the shape {self.X.shape} are not those encoded")
        if not len(self.X):
            self._check_bare()
            return
        Sorted().check(np.unique(self.y), "labels", {})
        if self.y.shape != self.X.shape[:1] or not np.isin(self.classes, self.y).all():
            raise ValueError("training images have no labels, or not those of all classes")
        low = float(self.X.min())
        high = float(self.X.max())
        if not encoder.low <= low <= high <= encoder.high:
            raise ValueError(f"training images run from {low:g} to {high:g}")
        shape = (encoder.n_channels, encoder.height, encoder.width)
        for label, generator in self.generators.items():
            if self.discriminators[label] is None:
                check_kind(generator, MovedCopies)
                if generator.config["shape"][1:] != shape:
                    raise ValueError("copies are no images of the encoder's")

    def _check_bare(self) -> None:
        """Raise a ValueError where a model without its training images cannot do without."""
        draws_alone = not any(generator.HOLDS_SAMPLES for generator in self.generators.values())
        if len(self.y) or not (self.CAN_BE_BARE and draws_alone):
            raise ValueError("it has no training images, and draws from them")


@dataclass(frozen=True, eq=False)
class FittedImageGAN(FittedImages):
    """Fitted state of a ``ImageGAN``, as files hold it."""

    CAN_BE_BARE = True

    upscaler: Any = of("upscaler_")

    def __post_init__(self) -> None:
        super().__post_init__()
        scale = 1
        encoder = self.encoder
        if self.upscaler is not None:
            small = getattr(self.upscaler, "upscaler_", None)
            if small is None or small.config["n_channels"] != encoder.n_channels:
                raise ValueError("its upscaler is none, or one of other images")
            scale = small.config["scale"]
        if encoder.height % scale or encoder.width % scale:
            raise ValueError(f"its upscaler makes no images {scale} times as large")
        sides = encoder.height // scale, encoder.width // scale
        check_trained(self, ImageGenerator, sides, encoder.n_channels, sizes=encoder.n_channels)


@dataclass(frozen=True, eq=False)
class FittedSequenceGAN(FittedClasses):
    """Fitted state of a ``SequenceGAN``, as files hold it."""

    encoder: SequenceEncoder = of("_encoder")
    X: np.ndarray = of("_X")
    y: np.ndarray = of("_y")

    def __post_init__(self) -> None:
        super().__post_init__()
        encoder = self.encoder
        sides = 1, encoder.n_steps
        if len(self.X):
            Sorted().check(np.unique(self.y), "labels", {})
            if self.y.shape != self.X.shape[:1] or not np.isin(self.classes, self.y).all():
                raise ValueError("training sequences have no labels, or not those of all classes")
            encoder.check_shape(self.X)
        elif any(generator.HOLDS_SAMPLES for generator in self.generators.values()):
            raise ValueError("it has no training sequences, and draws from them")
        for label, generator in self.generators.items():
            if self.discriminators[label] is None:
                check_kind(generator, WarpedCopies)
                if generator.config["shape"][1:] != (encoder.n_channels, *sides):
                    raise ValueError("copies are no sequences of the encoder's")
        check_trained(self, SequenceGenerator, sides, encoder.n_channels, sizes=encoder.n_channels)


@dataclass(frozen=True, eq=False)
class FittedClassTranslator(FittedImages):
    """Fitted state of a ``ClassTranslator``, as files hold it."""

    augmentation: Augmentation = of("_augmentation")
    known: Annotated[np.ndarray, Array("int64", "known", 0)] = of("_known")
    label_guard: LabelGuard | None = of("_label_guard")
    guard_seed: Count = of("_guard_seed")
    threshold: Annotated[float | int, Interval(0, 1)] = of("_threshold")
    guard_precision: dict[Label, Share] = of("guard_precision_")
    acceptance: dict[Label, Share] = of("acceptance_")

    def __post_init__(self) -> None:
        super().__post_init__()
        check_unet(self, self.encoder.n_channels, self.encoder.n_channels, n_latent=0)
        if not ((np.diff(self.known) > 0).all() and self.known.max(initial=-1) < len(self.X)):
            raise ValueError("known images are not among the training images")
        known = self.y[self.known]
        for label, discriminator in self.discriminators.items():
            if discriminator is not None and (known == label).all():
                raise ValueError(f"class {label!r} has no other to be translated from")
        if self.label_guard is not None:
            self._check_guard(self.label_guard, known)

    def _check_guard(self, guard: LabelGuard, known: np.ndarray) -> None:
        encoder = self.encoder
        shape = (encoder.n_channels, encoder.height, encoder.width)
        shapes = {
            classifier.network.config["shape"]
            for classifier in guard.classifiers
            if isinstance(classifier, ImageClassifier)
        }
        trained = [label for label, network in self.discriminators.items() if network is not None]
        if len(guard.fold_of) != len(known) or not set(trained) <= set(guard.labels.tolist()):
            raise ValueError("the guard does not know the images, or the classes")
        if not shapes <= {shape}:
            raise ValueError("the guard knows images of another size")


@dataclass(frozen=True, eq=False)
class FittedPairedTranslator(FittedImages):
    """Fitted state of a ``PairedTranslator``, as files hold it."""

    augmentation: Augmentation = of("_augmentation")
    guides: Annotated[np.ndarray, Array("number", "images ...")] = of("_guides")
    guide_encoder: ImageEncoder = of("_guide_encoder")

    def __post_init__(self) -> None:
        super().__post_init__()
        guides = self.guide_encoder
        encoder = self.encoder
        alike = (guides.height, guides.width) == (encoder.height, encoder.width)
        if not (alike and self.guides.shape[1:] == guides.shape):
            raise ValueError("guides are not those of the images")
        if not guides.low <= float(self.guides.min()) <= float(self.guides.max()) <= guides.high:
            raise ValueError("guides leave their range")


@dataclass(frozen=True, eq=False)
class FittedSuperResolver:
    """Fitted state of a ``SuperResolver``, as files hold it."""

    encoder: ImageEncoder = of("_encoder")
    upscaler: RebuildableNetwork = of("upscaler_")
    discriminator: RebuildableNetwork | None = of("discriminator_")
    history: History = of("history_")
    n_steps: Count = of("n_steps_")

    def __post_init__(self) -> None:
        check_history(self.history)
        check_kind(self.upscaler, Upscaler)
        if self.discriminator is not None:
            check_kind(self.discriminator, ConvEncoder)
        if self.upscaler.config["n_channels"] != self.encoder.n_channels:
            raise ValueError("the network enlarges images of other channels")


def check_unet(state: FittedImages, n_guides: int, n_seen: int, n_latent: int) -> None:
    """Raise a ValueError for generators that do not turn such images into the encoder's."""
    sides = state.encoder.height, state.encoder.width
    channels = {"sources": n_guides, "targets": state.encoder.n_channels}
    check_trained(state, UNet, sides, n_seen, **channels, n_latent=n_latent)


def check_trained(
    state: FittedClasses, kind: type, sides: tuple[int, int], n_seen: int, **config: Any
) -> None:
    """Raise a ValueError for trained networks of another kind or configuration.

    Parameters
    ----------
    state : FittedClasses
    kind : type
        Class of the generators.
    sides : (height, width)
        Sides of the images that they make.
    n_seen : int
        Channels that the discriminators look at.
    **config
        Values that their configurations have to hold; a StageSizes by its channels.
    """
    configs = [generator.config for generator, _ in state.trained_networks()]
    for generator, discriminator in state.trained_networks():
        check_kind(generator, kind)
        check_kind(discriminator, ConvEncoder)
        for name, wanted in config.items():
            value = generator.config[name]
            if isinstance(value, StageSizes):
                value = value.n_channels if (value.height, value.width) == sides else None
            if value != wanted:
                raise ValueError(f"{name} of a generator does not go with the images")
        if generator.config != configs[0]:
            raise ValueError("generators of the classes are not built alike")
        seen = discriminator.config["sizes"]
        if (seen.n_channels, seen.height, seen.width) != (n_seen, *sides):
            raise ValueError("a discriminator looks at images of another size")
