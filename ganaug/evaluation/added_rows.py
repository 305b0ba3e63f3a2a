"""Rows added to a training set: each function returns the real rows, and new ones after them.

All take ``X`` and ``y`` (n,), the rows and their classes; ``counts``, the rows to add to each
class; ``model``, a model for such rows, fitted where rows are drawn from it; and ``rng``. They
return ``X`` in its type and ``y`` (n + added,).
"""

import warnings
from collections.abc import Callable, Hashable
from typing import Any

import numpy as np
import pandas as pd

from ganaug.encoding.frames import is_frame
from ganaug.encoding.rows import join_rows, take_columns, take_rows
from ganaug.encoding.schema import TableSchema
from ganaug.models.image import ImageGAN
from ganaug.models.protocol import inner_model
from ganaug.randomness import SEED_LIMIT
from ganaug.resampling import append_samples, convert_like, fit_classes
from ganaug.trainers.tiers import SmallClassWarning

Counts = dict[Hashable, int]
Rows = tuple[Any, np.ndarray]
AddRows = Callable[[Any, np.ndarray, Counts, Any, np.random.RandomState], Rows]


def add_copies(
    X: Any, y: np.ndarray, counts: Counts, model: Any, rng: np.random.RandomState
) -> Rows:
    """Add random rows of each class, repeated."""
    chosen = _random_rows(y, counts, 1, rng)[:, 0]
    return join_rows([X, take_rows(X, chosen)]), np.concatenate([y, y[chosen]])


def add_shuffled_columns(
    X: np.ndarray | pd.DataFrame,
    y: np.ndarray,
    counts: Counts,
    model: Any,
    rng: np.random.RandomState,
) -> Rows:
    """Add rows whose columns each come from another random row of the class."""
    chosen = _random_rows(y, counts, X.shape[1], rng)
    return join_rows([X, take_columns(X, chosen)]), np.concatenate([y, y[chosen[:, 0]]])


def add_moved_copies(
    X: np.ndarray, y: np.ndarray, counts: Counts, model: Any, rng: np.random.RandomState
) -> Rows:
    """Add images of each class, moved as the ``augment`` of ``model`` allows."""
    bare = inner_model(model)
    same = {name: getattr(bare, name) for name in ("augment", "image_shape", "value_range")}
    mover = ImageGAN(n_steps=0, random_state=int(rng.randint(SEED_LIMIT)), **same)
    with warnings.catch_warnings():
        # that small classes are served by moved copies
        warnings.simplefilter("ignore", SmallClassWarning)
        fit_classes(mover, X, y, list(counts))
    return append_samples(mover, X, y, counts, rng)


def add_moved_sequences(
    move: Callable[[np.ndarray, np.random.RandomState], np.ndarray],
    X: np.ndarray,
    y: np.ndarray,
    counts: Counts,
    model: Any,
    rng: np.random.RandomState,
) -> Rows:
    """Add random sequences of each class, changed by a function of ``sequence_moves``."""
    chosen = _random_rows(y, counts, 1, rng)[:, 0]
    sequences = _channels_last(X, model)
    known = np.ma.masked_invalid(sequences)
    centre = known.mean(axis=(0, 1)).filled(0.0)
    spread = known.std(axis=(0, 1)).filled(0.0)
    # what is constant stays so
    spread[spread == 0] = 1.0
    moved = centre + spread * move((sequences[chosen] - centre) / spread, rng)
    if _has_channels_first(model):
        moved = moved.swapaxes(1, 2)
    X_new = convert_like(moved.reshape(-1, *X.shape[1:]), X)
    return join_rows([X, X_new]), np.concatenate([y, y[chosen]])


def add_samples(
    X: Any, y: np.ndarray, counts: Counts, model: Any, rng: np.random.RandomState
) -> Rows:
    """Add samples of the fitted model."""
    return append_samples(model, X, y, counts, rng)


def add_drawn(
    draw: Callable[..., tuple[np.ndarray, np.ndarray]],
    X: np.ndarray | pd.DataFrame,
    y: np.ndarray,
    counts: Counts,
    model: Any,
    rng: np.random.RandomState,
    noise: float = 0.0,
) -> Rows:
    """Add rows that a function of ``simple_over_sampling`` draws; images are rows of pixels."""
    flat = X if is_frame(X) else X.reshape(len(X), -1)
    schema = TableSchema.fit(flat)
    table = np.asarray(schema.read(flat), dtype=float)
    drawn, labels = draw(table, y, counts, schema.is_categorical, rng, noise)
    X_new = schema.wrap(drawn)
    if not is_frame(X):
        X_new = X_new.reshape(-1, *X.shape[1:])
    return join_rows([X, convert_like(X_new, X)]), np.concatenate([y, labels])


def _channels_last(X: np.ndarray, model: Any) -> np.ndarray:
    """Sequences (n, time, channels) of floats, of those that a model of sequences takes."""
    channels_first = _has_channels_first(model)
    if X.ndim == 2:
        one_channel = (1, X.shape[1]) if channels_first else (X.shape[1], 1)
        shape = getattr(inner_model(model), "sequence_shape", None) or one_channel
        X = X.reshape(len(X), *shape)
    X = X.astype(float)
    return X.swapaxes(1, 2) if channels_first else X


def _has_channels_first(model: Any) -> bool:
    """True where a model takes sequences (n, channels, time)."""
    return getattr(inner_model(model), "layout", None) == "channels_first"


def _random_rows(
    y: np.ndarray, counts: Counts, n_columns: int, rng: np.random.RandomState
) -> np.ndarray:
    """Numbers of rows (added, n_columns), each of the class that is to be enlarged."""
    return np.concatenate(
        [rng.choice(np.flatnonzero(y == label), (n, n_columns)) for label, n in counts.items()]
    )
