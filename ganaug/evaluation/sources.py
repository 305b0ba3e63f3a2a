"""What a training set may be given, so that classifiers see more of scarce classes."""

import math
import warnings
from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.frozen import FrozenEstimator

from ganaug.encoding.rows import join_rows, take_rows
from ganaug.evaluation.candidates import simple_samplers, with_class_weights
from ganaug.evaluation.fitting import weight_name
from ganaug.models.image import ImageGAN
from ganaug.models.image_mixin import ImageModelMixin
from ganaug.randomness import SEED_LIMIT
from ganaug.resampling import fit_labels, like, with_drawn
from ganaug.strategy import class_counts
from ganaug.trainers.tiers import SmallClassWarning

NONE, WEIGHTS = "none", "class weights"
COPIES, MARGINALS, MOVED = "copies", "marginals", "moved copies"
GAN, LIGHT, A_QUARTER, GATED = "GAN", "GAN, light", "GAN, a quarter", "gated"
OF_GAN = (LIGHT, A_QUARTER, GAN)

# Of a synthetic row of "GAN, light", against 1 of a real one; on ten tables it has the best mean
# rank by average precision, ahead of all rows of weight 1 and of fewer of these.
LIGHT_WEIGHT = 0.25

# What needs no training, in the order of the tables.
SIMPLE = (
    *(NONE, WEIGHTS, COPIES, "copies + noise", "SMOTE", "SMOTE + noise"),
    *(MARGINALS, MOVED),
)


def sources_for(estimator: BaseEstimator, X: Any, least: int, model: Any) -> list[str]:
    """Names of what may be done to rows X for a classifier; first of all, nothing.

    ``copies`` repeats rows; ``copies + noise``, ``SMOTE`` and ``SMOTE + noise`` need finite
    numbers, ``marginals``, which mixes the columns of a class's rows, needs a table, and
    ``moved copies`` images that a model of images takes: shifted, turned and scaled, as its
    ``augment`` allows.

    Parameters
    ----------
    estimator : classifier
    X : rows
    least : int
        Rows of the smallest class to be enlarged.
    model : model
        For such rows.

    Examples
    --------
    >>> from sklearn.neighbors import KNeighborsClassifier
    >>> sources_for(KNeighborsClassifier(), np.array([[1.0], [np.nan]]), 9, None)
    ['none', 'copies', 'marginals', 'GAN, a quarter', 'GAN']
    """
    found = [NONE] if with_class_weights(estimator) is None else [NONE, WEIGHTS]
    found += [COPIES, *(simple_samplers(least) if _takes_noise(X) else ()), *mixed(X, model)]
    return [*found, A_QUARTER if weight_name(estimator) is None else LIGHT, GAN]


def mixed(X: Any, model: Any) -> list[str]:
    """What is made of the columns of tables, or the pixels of images."""
    if isinstance(_bare(model), ImageModelMixin):
        return [MOVED]
    return [] if sparse.issparse(X) or X.ndim > 2 else [MARGINALS]


def _bare(model: Any) -> Any:
    return model.estimator if isinstance(model, FrozenEstimator) else model


def rows_of(source: str, counts: Mapping[Hashable, int]) -> dict[Hashable, int]:
    """Rows that a source adds to each class, where the strategy asks for ``counts``."""
    if source in (NONE, WEIGHTS):
        return {}
    share = 0.25 if source == A_QUARTER else 1.0
    return {label: math.ceil(share * n) for label, n in counts.items()}


def weight_of(source: str) -> float:
    """Of each row that a source adds, against 1 of a real one."""
    return LIGHT_WEIGHT if source == LIGHT else 1.0


def augmented(
    source: str,
    X: Any,
    y: np.ndarray,
    counts: Mapping[Hashable, int],
    model: Any,
    rng: np.random.RandomState,
) -> tuple[Any, np.ndarray]:
    """Real rows, and after them those that a source adds.

    Parameters
    ----------
    source : str
        One of ``sources_for``.
    X, y : rows and their classes
    counts : dict of label to int
        Rows that the strategy asks for.
    model : model or None
        Fitted, for the GAN.
    rng : RandomState

    Returns
    -------
    X : rows of the type of X
    y : (n + added,) array
    """
    added = rows_of(source, counts)
    if not added:
        return X, y
    if source in OF_GAN:
        return with_drawn(model, X, y, added, rng)
    if source == MOVED:
        names, bare = ("augment", "image_shape", "value_range"), _bare(model)
        same = {name: getattr(bare, name) for name in names}
        mover = ImageGAN(n_steps=0, random_state=int(rng.randint(SEED_LIMIT)), **same)
        with warnings.catch_warnings():
            # that small classes are served by moved copies
            warnings.simplefilter("ignore", SmallClassWarning)
            fit_labels(mover, X, y, list(added))
        return with_drawn(mover, X, y, added, rng)
    if source in (COPIES, MARGINALS):
        return _repeated(X, y, added, X.shape[1] if source == MARGINALS else 1, rng)
    sizes = class_counts(y)
    sampler = simple_samplers(min(sizes[label] for label in added))[source]
    sampler.set_params(
        sampling_strategy={label: sizes[label] + n for label, n in added.items()},
        random_state=int(rng.randint(SEED_LIMIT)),
    )
    X_all, y_all = sampler.fit_resample(np.asarray(X, dtype=float).reshape(len(X), -1), y)
    X_new = X_all[len(X) :].reshape(-1, *X.shape[1:])
    return join_rows([X, like(X_new, X)]), y_all


def _repeated(
    X: Any,
    y: np.ndarray,
    added: dict[Hashable, int],
    n_columns: int,
    rng: np.random.RandomState,
) -> tuple[Any, np.ndarray]:
    """Rows, and after them random ones of the same class, each column chosen by itself or all."""
    chosen = np.concatenate(
        [rng.choice(np.flatnonzero(y == label), (n, n_columns)) for label, n in added.items()]
    )
    if n_columns == 1:
        X_new = take_rows(X, chosen[:, 0])
    elif isinstance(X, pd.DataFrame):
        columns = [X.iloc[own, j].reset_index(drop=True) for j, own in enumerate(chosen.T)]
        X_new = pd.concat(columns, axis=1)
    else:
        X_new = np.take_along_axis(X, chosen, axis=0)
    return join_rows([X, X_new]), np.concatenate([y, y[chosen[:, 0]]])


def _takes_noise(X: Any) -> bool:
    """True for finite numbers without categories, which simple methods can blur and mix."""
    if sparse.issparse(X):
        return False
    if isinstance(X, pd.DataFrame):
        # bools among them
        numeric = all(pd.api.types.is_numeric_dtype(dtype) for dtype in X.dtypes)
        return numeric and not X.isna().to_numpy().any()
    return X.dtype.kind in "biuf" and bool(np.isfinite(X).all())
