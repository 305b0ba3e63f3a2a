"""What the faces ask of a model: ``fit(X, y)`` and ``sample({label: n})``, nothing more."""

from collections.abc import Hashable
from inspect import signature
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn import config_context
from sklearn.base import clone
from sklearn.utils._param_validation import HasMethods
from sklearn.utils.validation import has_fit_parameter

from ganaug.encoding.container import Container
from ganaug.models.classwise import SEED_LIMIT
from ganaug.models.table import TableGAN

# Constraint of every face's ``gan`` parameter.
GAN_CONSTRAINT = [HasMethods(["fit", "sample"]), None]


def prepared(gan: Any, X: Any, rng: np.random.RandomState) -> Any:
    """Unfitted copy of ``gan``, seeded where it has no seed of its own.

    Parameters
    ----------
    gan : model or None
        None takes ``TableGAN()``. A ``FrozenEstimator`` stays fitted.
    X : array or DataFrame
        Rows that it will be fitted on.
    rng : RandomState

    Raises
    ------
    ValueError
        If ``gan`` is None and X does not hold rows of a table.
    """
    if gan is None and X.ndim != 2:
        raise ValueError(
            f"X has {X.ndim} dimensions; TableGAN, the default, takes rows (n, features). Pass "
            "gan=, a model for such samples."
        )
    model = clone(TableGAN() if gan is None else gan)
    seed = int(rng.randint(SEED_LIMIT))
    if model.get_params().get("random_state", 0) is None:
        model.set_params(random_state=seed)
    return model


def fit_labels(model: Any, X: Any, y: np.ndarray, labels: list[Hashable]) -> Any:
    """Train ``model`` for the given classes only.

    A model whose ``fit`` takes ``labels`` sees all rows; another one sees those
    of the given classes.
    """
    # imbalanced-learn switches parameter checks off below fit_resample; the model's own must run
    with config_context(skip_parameter_validation=False):
        if has_fit_parameter(model, "labels"):
            return model.fit(X, y, labels=labels)
        rows = np.flatnonzero(np.isin(y, np.array(labels, dtype=y.dtype)))
        return model.fit(take_rows(X, rows), y[rows])


def draw(model: Any, counts: dict[Hashable, int], rng: np.random.RandomState) -> Any:
    """Samples of a model, seeded where it takes a seed."""
    if "random_state" in signature(model.sample).parameters:
        return model.sample(counts, random_state=int(rng.randint(SEED_LIMIT)))
    return model.sample(counts)


def augment(
    gan: Any, X: Any, y: np.ndarray, counts: dict[Hashable, int], rng: np.random.RandomState
) -> tuple[Any, np.ndarray, Any]:
    """Real rows first and unchanged, then ``counts`` synthetic ones, class by class.

    Returns
    -------
    X : rows of the type of X
    y : (n + added,) array
    model : the fitted model; unfitted where ``counts`` is empty
    """
    model = prepared(gan, X, rng)
    if not counts:
        return X, y, model
    fit_labels(model, X, y, list(counts))
    X_new, y_new = draw(model, counts, rng)
    return join_rows(X, X_new), np.concatenate([y, np.asarray(y_new, dtype=y.dtype)]), model


def take_rows(X: Any, rows: np.ndarray) -> Any:
    """Rows of an array, a sparse matrix or a DataFrame by number."""
    return X.iloc[rows] if isinstance(X, pd.DataFrame) else X[rows]


def join_rows(X: Any, X_new: Any) -> Any:
    """Rows of both, in the type of the first."""
    if isinstance(X, pd.DataFrame):
        if not isinstance(X_new, pd.DataFrame):
            X_new = Container(X).wrap(np.asarray(X_new))
        return pd.concat([X, X_new], ignore_index=True)
    if sparse.issparse(X):
        return sparse.vstack([X, X_new], format=X.format)
    return np.concatenate([X, np.asarray(X_new, dtype=X.dtype)])
