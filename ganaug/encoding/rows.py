"""Rows of tables of any type: arrays, sparse matrices, frames."""

from typing import Any, TypeAlias, TypeVar

import numpy as np
import pandas as pd
from scipy import sparse

from ganaug.encoding.frames import cast_like, is_frame, join_frames, take_frame_rows, to_pandas

# Rows of numbers, and rows of any columns.
Matrix: TypeAlias = np.ndarray | sparse.spmatrix | sparse.sparray
Table: TypeAlias = Any

# Type of what a model is trained on, and draws.
Samples = TypeVar("Samples")


def dense(X: Matrix) -> np.ndarray:
    """Dense array of a sparse matrix; an array as it is."""
    return X if isinstance(X, np.ndarray) else X.toarray()


def take_rows(X: Table, rows: np.ndarray | slice) -> Any:
    """Rows by number, or those of which a mask is True."""
    if isinstance(X, pd.DataFrame):
        return X.iloc[rows]
    if is_frame(X):
        if isinstance(rows, np.ndarray) and rows.dtype == bool:
            rows = np.flatnonzero(rows)
        return take_frame_rows(X, rows)
    return X[rows]


def class_numbers(y: np.ndarray, n_rows: int) -> np.ndarray:
    """Number (n_rows,) of each row's class: ``y`` has those of the first rows, others have none.

    Examples
    --------
    >>> class_numbers(np.array(["b", "a"]), 3)
    array([ 1,  0, -1])
    """
    numbers = np.unique(y, return_inverse=True)[1]
    return np.concatenate([numbers, np.full(n_rows - len(y), -1)])


def take_columns(X: Any, rows: np.ndarray) -> Any:
    """Rows of which each column comes from a row of its own.

    Parameters
    ----------
    X : (n, columns) array or frame
    rows : (n_new, columns) integer array
        Number of the row that each value is taken from.

    Examples
    --------
    >>> take_columns(np.array([[1, 10], [2, 20]]), np.array([[0, 1], [1, 1]])).tolist()
    [[1, 20], [2, 20]]
    """
    if isinstance(X, pd.DataFrame):
        columns = [X.iloc[chosen, j].reset_index(drop=True) for j, chosen in enumerate(rows.T)]
        return pd.concat(columns, axis=1)
    if is_frame(X):
        return cast_like(take_columns(to_pandas(X), rows), X)
    return np.take_along_axis(X, rows, axis=0)


def join_rows(parts: list[Any]) -> Any:
    """Rows of all parts one after the other, in the type of the first."""
    if isinstance(parts[0], pd.DataFrame):
        return pd.concat(parts, ignore_index=True)
    if is_frame(parts[0]):
        return join_frames(parts)
    if sparse.issparse(parts[0]):
        return sparse.vstack(parts, format=parts[0].format)
    return np.concatenate(parts)
