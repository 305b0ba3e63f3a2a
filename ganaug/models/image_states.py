"""Fitted states of models of images, as files hold them."""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import numpy as np

from ganaug.encoding.image import ImageEncoder
from ganaug.metrics.classifier import ImageClassifier
from ganaug.models.label_guard import LabelGuard
from ganaug.models.state_checks import (
    check_copies,
    check_health,
    check_history,
    check_kind,
    check_labels,
)
from ganaug.models.states import FittedClasses, History, Share, check_trained
from ganaug.storage.fields import (
    Array,
    Count,
    Interval,
    Label,
    Text,
)
from ganaug.storage.fields import attribute as of
from ganaug.training.diffaug import Augmentation
from ganaug.training.networks.conv_encoder import ConvEncoder
from ganaug.training.networks.image import ImageGenerator
from ganaug.training.networks.unet import UNet
from ganaug.training.networks.upscaler import Upscaler
from ganaug.training.rebuildable import RebuildableNetwork
from ganaug.training.untrained.moved_copies import MovedCopies


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
        check_labels(self.X, self.y, self.classes, "images")
        low = float(self.X.min())
        high = float(self.X.max())
        if not encoder.low <= low <= high <= encoder.high:
            raise ValueError(f"training images run from {low:g} to {high:g}")
        shape = (encoder.n_channels, encoder.height, encoder.width)
        check_copies(self, MovedCopies, shape, "images")

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
    health: Text = of("health_")
    n_steps: Count = of("n_steps_")

    def __post_init__(self) -> None:
        check_history(self.history)
        check_health([self.health])
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
