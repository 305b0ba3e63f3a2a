"""What a training set may be given, so that classifiers see more of scarce classes."""

import math
from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.base import BaseEstimator

from ganaug.encoding.rows import join_rows
from ganaug.evaluation.candidates import simple_samplers, with_class_weights
from ganaug.models.protocol import like, with_drawn
from ganaug.models.seeds import SEED_LIMIT
from ganaug.sampling import class_counts

NONE, WEIGHTS = "none", "class weights"

# Sources of rows, and how many of those that the strategy asks for.
SHARES = {"copies + noise": 1.0, "SMOTE + noise": 1.0, "GAN, a quarter": 0.25, "GAN": 1.0}
OF_GAN = ("GAN, a quarter", "GAN")


def sources_for(estimator: BaseEstimator, X: Any, least: int) -> list[str]:
    """Names of what may be done to rows X for a classifier; first of all, nothing.

    ``least`` rows, or more, have the classes that are to be enlarged.

    Examples
    --------
    >>> from sklearn.neighbors import KNeighborsClassifier
    >>> sources_for(KNeighborsClassifier(), np.array([[1.0], [np.nan]]), 9)
    ['none', 'GAN, a quarter', 'GAN']
    """
    weights = [WEIGHTS] * (with_class_weights(estimator) is not None)
    simple = simple_samplers({None: least}) if _takes_noise(X) else {}
    return [NONE, *weights, *(source for source in SHARES if source in (*simple, *OF_GAN))]


def rows_of(source: str, counts: Mapping[Hashable, int]) -> dict[Hashable, int]:
    """Rows that a source adds to each class, where the strategy asks for ``counts``."""
    share = SHARES.get(source, 0.0)
    return {label: math.ceil(share * n) for label, n in counts.items() if share > 0}


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
    model : fitted model or None
        For the GAN.
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
    sizes = class_counts(y)
    sampler = simple_samplers({label: sizes[label] for label in added})[source]
    sampler.set_params(
        sampling_strategy={label: sizes[label] + n for label, n in added.items()},
        random_state=int(rng.randint(SEED_LIMIT)),
    )
    X_all, y_all = sampler.fit_resample(np.asarray(X).reshape(len(X), -1), y)
    X_new = X_all[len(X) :].reshape(-1, *X.shape[1:])
    return join_rows([X, like(X_new, X)]), y_all


def _takes_noise(X: Any) -> bool:
    """True for finite numbers without categories, which simple methods can blur and mix."""
    if sparse.issparse(X):
        return False
    if isinstance(X, pd.DataFrame):
        numeric = all(isinstance(dtype, np.dtype) and dtype.kind in "iuf" for dtype in X.dtypes)
        return numeric and not X.isna().to_numpy().any()
    return X.dtype.kind in "iuf" and bool(np.isfinite(X).all())
