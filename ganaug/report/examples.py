"""Samples of a fitted model to look at: real ones, generated ones, and what those resemble."""

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.utils.validation import check_is_fitted

from ganaug.encoding.table import dense
from ganaug.metrics.copies import find_copies
from ganaug.models.image_mixin import ImageModelMixin
from ganaug.models.table import TableGAN
from ganaug.trainers.real_transform import augmentation_kinds


def examples(
    gan: ImageModelMixin, label: Hashable, n_images: int, random_state: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Training images of a class, generated ones, and the training images nearest to the latter.

    Parameters
    ----------
    gan : model of images
        Fitted.
    label : label
        A trained class.
    n_images : int
        Number of images of each kind; of the training images as many as there are.
    random_state : int
        Chooses the training images and draws the samples.

    Returns
    -------
    real, generated, nearest : (n, height, width, channels) arrays in [0, 1]
        The third holds for each generated image the training image of its class that
        is nearest by blurred pixels; its mirror image where that is nearer and the
        model's ``augment`` mirrors.

    Raises
    ------
    NotFittedError
        Before ``fit``.
    ValueError
        For an unknown label.
    """
    check_is_fitted(gan)
    drawn, _ = gan.sample({label: n_images}, random_state)
    train, generated = (gan._encoder.encode(X) for X in (gan._X[gan._y == label], drawn))
    chosen = np.random.RandomState(random_state).permutation(len(train))[:n_images]
    n_channels = gan._encoder.n_channels
    copies = find_copies(
        train, generated, mirrored="flip" in augmentation_kinds(gan.augment, n_channels)
    )
    nearest = train[copies.nearest]
    nearest[copies.mirrored] = nearest[copies.mirrored, ..., ::-1]
    real, generated, nearest = (
        (images.transpose(0, 2, 3, 1) + 1) / 2 for images in (train[chosen], generated, nearest)
    )
    return real, generated, nearest


def row_examples(
    gan: TableGAN, label: Hashable, n_rows: int, random_state: int
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Training rows of a class, generated ones, and the training rows nearest to the latter.

    Parameters
    ----------
    gan : TableGAN
        Fitted.
    label : label
        A trained class.
    n_rows : int
        Number of rows of each kind; of the training rows as many as there are.
    random_state : int
        Chooses the training rows and draws the samples.

    Returns
    -------
    real, generated, nearest : DataFrames
        Nearest by what the networks see: normal scores and levels.

    Raises
    ------
    NotFittedError
        Before ``fit``.
    ValueError
        For an unknown label.
    """
    check_is_fitted(gan)
    generated, _ = gan.sample({label: n_rows}, random_state)
    kept = gan.classes_[gan._kept_labels] == label
    train, drawn = gan._kept_rows[kept], dense(gan._container.read(generated))
    features = [gan._encoder.encode(values) for values in (train, drawn)]
    nearest = train[find_copies(*features, features=np.asarray).nearest]
    chosen = np.random.RandomState(random_state).permutation(len(train))[:n_rows]
    real, nearest = (_frame(gan, gan._container.wrap(rows)) for rows in (train[chosen], nearest))
    return real, _frame(gan, generated), nearest


def _frame(gan: TableGAN, rows: Any) -> pd.DataFrame:
    """Rows of any container under the names of their columns."""
    if isinstance(rows, pd.DataFrame):
        return rows
    values = rows.toarray() if sparse.issparse(rows) else rows
    return pd.DataFrame(values, columns=getattr(gan, "feature_names_in_", None))
