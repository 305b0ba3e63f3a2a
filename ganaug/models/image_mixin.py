"""Parts that models of images share: checks, quality, and pixels to look at."""

import math
import numbers
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Any, ClassVar, cast

import numpy as np
import pandas as pd
import torch
from sklearn.utils import column_or_1d, gen_batches
from sklearn.utils.validation import check_is_fitted, validate_data
from torch import Tensor, nn

from ganaug.encoding.dataset import check_in_memory, stack_pictures
from ganaug.encoding.image import ImageEncoder
from ganaug.encoding.image_sides import MAX_GAN_SIDE
from ganaug.metrics.copies import find_copies
from ganaug.metrics.feature_network import N_TRIED, FeatureNetwork
from ganaug.metrics.images import image_quality
from ganaug.models.held_samples import HeldSamplesMixin
from ganaug.models.protocol import FittedModel
from ganaug.models.state_checks import check_held
from ganaug.models.training_mixin import show_seconds
from ganaug.strategy import class_counts
from ganaug.trainers.augmentation_policies import POLICIES, augmentation_kinds
from ganaug.trainers.device import RUN_CONSTRAINTS
from ganaug.trainers.hyperparameters import PRECISIONS
from ganaug.trainers.image import default_n_steps
from ganaug.training.defaults import torch_defaults
from ganaug.training.passes import samples_per_pass
from ganaug.unlabeled import LABEL_CONSTRAINT, unlabeled_last
from ganaug.validation import Interval, StrOptions, check_classes, check_targets

# Images of which a discriminator gives features in one pass: double precision is fastest with few.
FEATURE_BATCH = 16

# Images that are generated in one pass at most.
MAX_PER_PASS = 256


def check_gan_sides(height: int, width: int) -> None:
    """Raise a ValueError for images that are larger than those which a GAN learns.

    Examples
    --------
    >>> check_gan_sides(96, 256)
    Traceback (most recent call last):
    ...
    ValueError: GANs learn images of up to 128 pixels a side; these have 96 x 256. Make them \
smaller (size=128 of read_image_folder, --size 128), or have small ones learnt and enlarged: \
ImageGAN(upscaler=SuperResolver(scale=4)).
    """
    if max(height, width) > MAX_GAN_SIDE:
        raise ValueError(
            f"GANs learn images of up to {MAX_GAN_SIDE} pixels a side; these have {height} x "
            f"{width}. Make them smaller (size={MAX_GAN_SIDE} of read_image_folder, --size "
            f"{MAX_GAN_SIDE}), or have small ones learnt and enlarged: "
            "ImageGAN(upscaler=SuperResolver(scale=4))."
        )


class ImageModelMixin(HeldSamplesMixin):
    """Gives models of images their checks, their quality, and pixels to look at.

    A model keeps its training images as ``_X`` and ``_y``, and their encoder as ``_encoder``.
    """

    sample_kind = "images"

    _HELD = ("_X", "_y")

    # Constraints that all of them have in common.
    _parameter_constraints: dict = {
        "n_steps": [Interval(numbers.Integral, 0, None, closed="left"), StrOptions({"auto"})],
        "augment": [StrOptions({"auto", *POLICIES}), "array-like", None],
        "features": [callable, None],
        "capacity": [Interval(numbers.Real, 0, None, closed="neither")],
        "image_shape": ["array-like", None],
        "value_range": ["array-like", None],
        "unlabeled_label": LABEL_CONSTRAINT,
        "batch_size": [Interval(numbers.Integral, 1, None, closed="left")],
        "learning_rate": [Interval(numbers.Real, 0, None, closed="neither")],
        "gamma": [Interval(numbers.Real, 0, None, closed="left")],
        "precision": [StrOptions(set(PRECISIONS))],
        **RUN_CONSTRAINTS,
    }

    STATE: ClassVar[Any]
    image_shape: Sequence[int] | None
    unlabeled_label: Hashable
    _encoder: ImageEncoder
    augment: Any
    features: Any
    classes_: np.ndarray
    _X: np.ndarray
    _y: np.ndarray
    _check_labels: Callable[[Iterable[Hashable]], None]

    # The network of ``features`` as it was tried on images of this shape.
    _tried_features: FeatureNetwork | None = None

    def _generated_sides(self) -> tuple[int, int]:
        """Height and width of what networks generate."""
        return self._encoder.height, self._encoder.width

    def _auto_n_steps(self, tier: str = "") -> int:
        return default_n_steps(*self._generated_sides())

    @property
    def _chunk_size(self) -> int:
        """Images generated in one pass: fewer of large ones."""
        return samples_per_pass(math.prod(self._encoder.shape), MAX_PER_PASS)

    @torch_defaults()
    @show_seconds
    def evaluate(self, X: Any, y: Any, random_state: int = 0) -> pd.DataFrame:
        """Quality of the samples, by class, beside what real images reach.

        As many images of each class are drawn as it was trained on, and compared with
        held-out real ones in features of fixed random networks, of classifiers that
        did not see them, and of the network of ``features``, if there is one. Each
        figure stands beside its ``_real`` value: that of the training images in place
        of the samples.

        Parameters
        ----------
        X : images like those in ``fit``
            Held out: not among the training images.
        y : (n,) array
            Their classes, all of them trained.
        random_state : int, default=0
            Seeds samples and classifiers.

        Returns
        -------
        DataFrame
            A row for each class, then "all". It prints its main figures. The columns are those of
            ``ganaug.metrics.images.image_quality``: how near samples come to held-out images
            (``*_kid``, ``*_precision``, ``*_recall``, ``*_density``, ``*_coverage``,
            ``*_spread``) in each kind of features, whether they are copies
            (``*_copied_*``), whether they show their class (``*label_accuracy``), and what a
            classifier learns from them alone (``tstr_accuracy``).

        Raises
        ------
        NotFittedError
            Before ``fit``.
        ValueError
            For images unlike those in ``fit`` or labels that were not trained; for a loaded
            model whose ``features`` are to be set again, or a network that gives none.
        """
        check_is_fitted(self)
        y = column_or_1d(y)
        self._check_labels(np.unique(y).tolist())
        check_held(self._X, "images")
        features = self._feature_network()
        trained = np.isin(self._y, self.classes_)
        # of a file larger than memory, fewer are held than class_counts_ counts
        held = class_counts(self._y[trained])
        fake, y_fake = cast(FittedModel, self).sample(held, random_state)
        return image_quality(
            self._encoder.encode(self._X[trained]),
            self._y[trained],
            self._encode_checked(X).numpy(),
            y,
            self._encoder.encode(fake),
            y_fake,
            random_state=random_state,
            features=features,
        )

    def _feature_network(self) -> FeatureNetwork | None:
        """The network of ``features``, tried on training images; None without one.

        Raises
        ------
        ValueError
            For a network that gives no features of them, or its name, which is all that a
            saved model keeps.
        """
        if isinstance(self.features, str):
            name = " ".join(self.features.split())
            raise ValueError(
                f"features is the name of a network that a file does not hold: {name:.60}. Set "
                "it again, set_params(features=network), or do without, "
                "set_params(features=None)."
            )
        if self.features is None:
            return None
        images = self._encoder.encode(self._X[:N_TRIED])
        known = self._tried_features
        if known is None or known.network is not self.features or not known.takes(images):
            self._tried_features = known = FeatureNetwork(self.features, images)
        return known

    def _check_images(self, X: Any, y: Any) -> tuple[np.ndarray, np.ndarray]:
        """One array of finite images, those without a class last, and the labels of the others."""
        check_in_memory(X)
        X = stack_pictures(X)
        try:
            X = np.asarray(X)
        except ValueError as error:
            raise ValueError(
                "X holds images of different sizes; resize or crop them to one."
            ) from error
        if y is not None and np.ndim(y) > 1 and np.shape(y)[-1] != 1:
            raise ValueError(
                f"y has the shape {np.shape(y)}: one label per image is needed. Masks are not "
                "labels."
            )
        if y is None:
            X = validate_data(self, X=X, allow_nd=True)
            return X, np.zeros(len(X), dtype=int)
        X, y = validate_data(self, X=X, y=check_targets(y), allow_nd=True)
        X, y = unlabeled_last(X, y, self.unlabeled_label)
        check_classes(y)
        return X, y

    def _encode_checked(self, X: Any) -> torch.Tensor:
        return torch.from_numpy(self._encoder.encode_checked(self._check_new(X)))

    def _check_new(self, X: Any) -> np.ndarray:
        """Images that a user gave after ``fit``, as one array of those in ``fit``'s shape."""
        check_in_memory(X)
        # before scikit-learn compares the second axis alone, and speaks of features
        self._encoder.check_shape(X)
        X = validate_data(self, X=X, reset=False, allow_nd=True)
        self._encoder.check_scale(X)
        return X

    def _discriminator_inputs(self, X: Any) -> Iterator[torch.Tensor]:
        X = self._check_new(X)
        for rows in gen_batches(len(X), FEATURE_BATCH):
            yield torch.from_numpy(self._encoder.encode_checked(X[rows]))

    def _generate(self, generator: nn.Module, noise: Tensor, label: Hashable) -> np.ndarray:
        with torch.no_grad():
            return self._encoder.decode(generator(noise[None])[0].numpy())

    def generate_tensors(self, generator: nn.Module, noise: Tensor, label: Hashable) -> Tensor:
        """Images (n, channels, height, width), or rows, on the device of the noise."""
        encoder = self._encoder
        images = encoder.values(generator(noise[None])[0])
        if np.dtype(encoder.dtype).kind in "iu":
            images = images.round()
        return images.permute(0, 2, 3, 1).flatten(1) if len(encoder.shape) == 1 else images

    def _without_samples(self) -> Any:
        if not self.STATE.CAN_BE_BARE and hasattr(self, "_X"):
            raise ValueError(
                f"{type(self).__name__} makes images of its training images: a file without "
                "them would draw nothing."
            )
        return super()._without_samples()

    def training_samples(self, label: Hashable | None = None) -> np.ndarray:
        """Training images of a class, or all of them, in the type of X."""
        check_is_fitted(self)
        check_held(self._X, "images")
        if label is None:
            return self._X
        self._check_labels([label])
        return self._X[self._y == label]

    def training_labels(self) -> np.ndarray:
        """Classes (n,) of the training images, also of those that are not generated."""
        check_is_fitted(self)
        check_held(self._X, "images")
        return self._y

    def nearest_training_samples(self, X: np.ndarray, label: Hashable) -> np.ndarray:
        """Training image of a class that each image resembles most, by blurred pixels.

        Its mirror image where that is nearer, and ``augment`` mirrors.
        """
        images = self._encoder.encode(self.training_samples(label))
        kinds = augmentation_kinds(self.augment, self._encoder.n_channels)
        copies = find_copies(images, self._encoder.encode(X), mirrored="flip" in kinds)
        nearest = images[copies.nearest]
        nearest[copies.mirrored] = nearest[copies.mirrored, ..., ::-1]
        return self._encoder.decode(nearest)

    def to_unit_range(self, X: np.ndarray) -> np.ndarray:
        """Images to look at: (n, height, width, channels) array of floats in [0, 1].

        Parameters
        ----------
        X : n images like those in ``fit``
        """
        return (self._encoder.encode(X).transpose(0, 2, 3, 1) + 1) / 2

    def to_pixels(self, X: np.ndarray) -> np.ndarray:
        """Images to look at: (n, height, width[, channels]) array of uint8.

        Parameters
        ----------
        X : n images like those in ``fit``
        """
        return self._encoder.as_uint8(X)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()  # type: ignore[misc]
        tags.input_tags.two_d_array = self.image_shape is not None
        tags.input_tags.three_d_array = True
        return tags
