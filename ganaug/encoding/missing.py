"""Missing values of a matrix: where they are, and what may stand there instead."""

from typing import Any

import numpy as np
from scipy import sparse


def missing_mask(X: Any) -> np.ndarray:
    """True where a value is NaN, in the shape of X; sparse matrices too.

    Examples
    --------
    >>> missing_mask(np.array([[1.0, np.nan]])), missing_mask(np.array([[1, 2]]))
    (array([[False,  True]]), array([[False, False]]))
    """
    if sparse.issparse(X):
        gaps = X.copy()
        gaps.data = missing_mask(X.data)
        return gaps.toarray()
    return np.isnan(X) if X.dtype.kind == "f" else np.zeros(X.shape, dtype=bool)


def impute_from_class(X: Any, y: np.ndarray, rng: np.random.RandomState) -> Any:
    """Copy of X with values of random rows of the same class in its gaps.

    Where a class has no value at all, those of other classes serve; a column
    without any keeps its gaps.

    Examples
    --------
    >>> X = np.array([[1.0], [np.nan], [7.0]])
    >>> impute_from_class(X, np.array([0, 0, 1]), np.random.RandomState(0)).ravel()
    array([1., 1., 7.])
    """
    gaps = missing_mask(X)
    if not gaps.any():
        return X
    X = X.toarray() if sparse.issparse(X) else X.copy()
    for column in np.flatnonzero(gaps.any(axis=0)):
        missing = gaps[:, column]
        for label in np.unique(y[missing]):
            own = y == label
            donors = np.flatnonzero(own & ~missing)
            donors = donors if len(donors) else np.flatnonzero(~missing)
            rows = np.flatnonzero(own & missing)
            if len(donors):
                X[rows, column] = X[rng.choice(donors, len(rows)), column]
    return X
