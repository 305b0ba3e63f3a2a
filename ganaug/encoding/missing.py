"""Missing values of a matrix: where they are, and what may stand there instead."""

import numpy as np

from ganaug.encoding.rows import Matrix, class_numbers


def missing_mask(X: Matrix) -> np.ndarray:
    """Mask of the values that are NaN, in the shape of X; also of sparse matrices.

    Examples
    --------
    >>> missing_mask(np.array([[1.0, np.nan]])), missing_mask(np.array([[1, 2]]))
    (array([[False,  True]]), array([[False, False]]))
    """
    if not isinstance(X, np.ndarray):
        gaps = X.copy()
        gaps.data = missing_mask(X.data)
        return gaps.toarray()
    return np.isnan(X) if X.dtype.kind == "f" else np.zeros(X.shape, dtype=bool)


def impute_from_class(X: Matrix, y: np.ndarray, rng: np.random.RandomState) -> Matrix:
    """Impute gaps by values of random rows of the same class (hot deck), in a copy of X.

    Where a class has no value at all, those of other classes serve; a column
    without any keeps its gaps. Rows after those that ``y`` has classes of have none, and
    serve one another.

    Examples
    --------
    >>> X = np.array([[1.0], [np.nan], [7.0]])
    >>> impute_from_class(X, np.array([0, 0, 1]), np.random.RandomState(0)).ravel()
    array([1., 1., 7.])
    """
    gaps = missing_mask(X)
    if not gaps.any():
        return X
    groups = class_numbers(y, X.shape[0])
    X = X.copy() if isinstance(X, np.ndarray) else X.toarray()
    for column in np.flatnonzero(gaps.any(axis=0)):
        missing = gaps[:, column]
        for group in np.unique(groups[missing]):
            in_class = groups == group
            donors = np.flatnonzero(in_class & ~missing)
            donors = donors if len(donors) else np.flatnonzero(~missing)
            rows = np.flatnonzero(in_class & missing)
            if len(donors):
                X[rows, column] = X[rng.choice(donors, len(rows)), column]
    return X
