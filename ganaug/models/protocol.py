"""Protocols of models: the members that other parts of the package ask for, never a class."""

from collections.abc import Hashable, Iterator, Mapping
from typing import Any, Protocol, TypeGuard

import numpy as np
import pandas as pd
from sklearn.frozen import FrozenEstimator
from torch import Tensor, nn


class GenerativeModel(Protocol):
    """Generative model of classes: all that a face asks of what its user gives it.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from ganaug import TableGAN
    >>> X, y = load_iris(return_X_y=True)
    >>> model: Model = TableGAN(n_steps=5, random_state=0)
    >>> model.fit(X, y).sample({0: 3})[0].shape
    (3, 4)
    """

    def fit(self, X: Any, y: Any) -> Any:
        """Train on samples and their classes; return itself."""

    def sample(self, n: Mapping[Hashable, int]) -> tuple[Any, np.ndarray]:
        """Draw so many samples of each class; return them and their labels."""


class FrozenModel(Protocol):
    """Fitted model in scikit-learn's ``FrozenEstimator``, which passes its members on."""

    estimator: Any

    def fit(self, X: Any, y: Any) -> Any:
        """Leave the model as it is; return itself."""


# What faces take as ``gan``.
Model = GenerativeModel | FrozenModel


class FittedModel(Protocol):
    """Fitted model of this package, as pages, banks and batches ask for it.

    Attributes
    ----------
    sample_kind : {"rows", "images", "sequences"}
        What it is a model of.
    classes_, class_counts_, tiers_, generators_, discriminators_, history_, health_, \
auto_n_steps_, n_features_in_, n_latent
        As in ``TableGAN``.
    """

    sample_kind: str
    n_latent: int
    n_features_in_: int
    classes_: np.ndarray
    class_counts_: dict[Hashable, int]
    tiers_: dict[Hashable, str]
    generators_: dict[Hashable, Any]
    discriminators_: dict[Hashable, Any]
    history_: dict[Hashable, dict[str, np.ndarray]]
    health_: dict[Hashable, str]

    @property
    def auto_n_steps_(self) -> dict[Hashable, int]:
        """Updates that ``n_steps="auto"`` gives each class."""

    def sample(
        self, n: int | Mapping[Hashable, int], random_state: int | None = None
    ) -> tuple[Any, np.ndarray]:
        """Draw samples, and their labels."""

    def iter_batches(
        self,
        n: int | Mapping[Hashable, int],
        batch_size: int = 1024,
        random_state: int | None = None,
        n_jobs: int | None = None,
    ) -> Iterator[tuple[Any, np.ndarray]]:
        """Draw samples a batch at a time."""

    def evaluate(self, X: Any, y: np.ndarray, random_state: int = 0) -> pd.DataFrame:
        """Quality of the samples, beside held-out ones."""

    def generator_for(self, label: Hashable) -> nn.Module:
        """Whole generator of a class."""

    def latent_std(self, label: Hashable) -> float:
        """Standard deviation of the noise that samples of a class are drawn from."""

    def generate_tensors(self, generator: nn.Module, noise: Tensor, label: Hashable) -> Tensor:
        """Samples as a tensor, on the device of the noise."""

    def training_samples(self, label: Hashable) -> Any:
        """Training samples of a class."""

    def nearest_training_samples(self, X: Any, label: Hashable) -> Any:
        """Training sample of a class that each sample resembles most."""


class FittedImageModel(FittedModel, Protocol):
    """Fitted model of images, as pictures ask for it."""

    def to_unit_range(self, X: np.ndarray) -> np.ndarray:
        """Images to look at, of floats in [0, 1]."""

    def to_pixels(self, X: np.ndarray) -> np.ndarray:
        """Images to look at, of uint8."""


class FittedSequenceModel(FittedModel, Protocol):
    """Fitted model of sequences, as pictures ask for it."""

    def as_steps(self, X: Any) -> np.ndarray:
        """Sequences (n, steps, channels) to look at, of floats, with NaN in gaps."""


def inner_model(model: Any) -> Any:
    """Model that a ``FrozenEstimator`` holds; others as they are."""
    return model.estimator if isinstance(model, FrozenEstimator) else model


def is_image_model(model: Any) -> TypeGuard[FittedImageModel]:
    """Return True for a model of images; False where it does not say.

    Examples
    --------
    >>> from ganaug import ImageGAN, TableGAN
    >>> is_image_model(ImageGAN()), is_image_model(TableGAN())
    (True, False)
    """
    # of a frozen model nothing is known: it may have seen what it would be shown with
    return getattr(type(model), "sample_kind", None) == "images"


def is_sequence_model(model: Any) -> TypeGuard[FittedSequenceModel]:
    """Return True for a model of sequences; False where it does not say.

    Examples
    --------
    >>> from ganaug import SequenceGAN, TableGAN
    >>> is_sequence_model(SequenceGAN()), is_sequence_model(TableGAN())
    (True, False)
    """
    return getattr(type(model), "sample_kind", None) == "sequences"


def is_row_model(model: Any) -> TypeGuard[FittedModel]:
    """Return True for a model of rows of this package; False where it does not say."""
    return getattr(type(model), "sample_kind", None) == "rows"


class RowSampler(Protocol):
    """Generator of rows: encoded ones, and the noise that is put on their values."""

    def sample_rows(self, noise: Tensor) -> tuple[Tensor, Tensor]:
        """Rows and noise (1, n, features) for latent points (1, n, n_latent)."""
