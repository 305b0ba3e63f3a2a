"""Samples of a fitted model to look at: real ones, generated ones, and what those resemble."""

from collections.abc import Callable, Hashable
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.utils.validation import check_is_fitted

from ganaug.encoding.frames import is_frame, to_pandas
from ganaug.encoding.rows import take_rows
from ganaug.models.protocol import FittedImageModel, FittedModel, FittedSequenceModel
from ganaug.randomness import SEED_LIMIT, hash_keys
from ganaug.report.curves import short

# Numbers in between are written without an exponent or decimals.
MIN_WHOLE = 9999.5
MAX_WHOLE = 1e12


def examples(
    gan: FittedImageModel, label: Hashable, n_images: int, random_state: int
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
    return _examples(gan, label, n_images, random_state, gan.to_unit_range)


def sequence_examples(
    gan: FittedSequenceModel, label: Hashable, n_sequences: int, random_state: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Training sequences of a class, generated ones, and the training sequences nearest to these.

    Parameters
    ----------
    gan : model of sequences
        Fitted.
    label : label
        A trained class.
    n_sequences : int
        Number of sequences of each kind; of the training sequences as many as there are.
    random_state : int
        Chooses the training sequences and draws the samples.

    Returns
    -------
    real, generated, nearest : (n, steps, channels) arrays
        NaN in gaps, and after the end of shorter ones. Nearest step by step.

    Raises
    ------
    NotFittedError
        Before ``fit``.
    ValueError
        For an unknown label.
    """
    return _examples(gan, label, n_sequences, random_state, gan.as_steps)


def _examples(
    gan: FittedModel,
    label: Hashable,
    n_samples: int,
    random_state: int,
    to_view: Callable[[Any], np.ndarray],
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Real, generated and nearest samples of a class, as they are looked at."""
    generated = _draw(gan, label, n_samples, random_state)
    real = gan.training_samples(label)
    chosen = np.random.RandomState(random_state).permutation(len(real))[:n_samples]
    nearest = gan.nearest_training_samples(generated, label)
    return to_view(real[chosen]), to_view(generated), to_view(nearest)


def row_examples(
    gan: FittedModel, label: Hashable, n_rows: int, random_state: int
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Training rows of a class, generated ones, and the training rows nearest to the latter.

    Parameters
    ----------
    gan : model of rows
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
    generated = _draw(gan, label, n_rows, random_state)
    train = gan.training_samples(label)
    chosen = np.random.RandomState(random_state).permutation(train.shape[0])[:n_rows]
    nearest = gan.nearest_training_samples(generated, label)
    real, generated, nearest = (
        _frame(gan, rows) for rows in (take_rows(train, chosen), generated, nearest)
    )
    return real, generated, nearest


def _draw(gan: FittedModel, label: Hashable, n_samples: int, random_state: int) -> Any:
    """Samples of a class, from other noise than those of the classes beside it."""
    check_is_fitted(gan)
    labels = gan.classes_.tolist()
    # of an unknown label the model itself tells
    place = labels.index(label) if label in labels else 0
    [seed] = hash_keys(random_state, place)
    return gan.sample({label: n_samples}, int(seed % SEED_LIMIT))[0]


def _frame(gan: FittedModel, rows: Any) -> pd.DataFrame:
    """Rows of any container under the names of their columns."""
    if is_frame(rows):
        return to_pandas(rows)
    values = rows.toarray() if sparse.issparse(rows) else rows
    return pd.DataFrame(values, columns=getattr(gan, "feature_names_in_", None))


def cell_text(value: Any) -> str:
    """Value of a row in a few letters.

    Examples
    --------
    >>> cell_text(3.14159265), cell_text(pd.Timestamp("2024-02-29")), cell_text("red")
    ('3.142', '2024-02-29', 'red')
    >>> cell_text(16410.213), cell_text(551.28), cell_text(2.5e30), cell_text(float("nan"))
    ('16410', '551.28', '2.5e+30', '')
    """
    if pd.isna(value):
        return ""
    if isinstance(value, (float, np.floating)):
        number = float(value)
        if abs(number) < MAX_WHOLE and number == round(number, 2):
            # money has two decimals
            return f"{number:.15g}"
        return f"{number:.0f}" if MIN_WHOLE <= abs(number) < MAX_WHOLE else f"{number:.4g}"
    if isinstance(value, pd.Timestamp) and value == value.normalize():
        return str(value.date())
    return short(value, 20)
