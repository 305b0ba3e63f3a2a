"""Rows of tables of any type: arrays, sparse matrices, DataFrames."""

from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from scipy import sparse

# Rows of numbers, and rows of any columns.
Matrix: TypeAlias = np.ndarray | sparse.spmatrix | sparse.sparray
Table: TypeAlias = Matrix | pd.DataFrame


def take_rows(X: Table, rows: np.ndarray | slice) -> Any:
    """Rows by number, or those of which a mask is True."""
    return X.iloc[rows] if isinstance(X, pd.DataFrame) else X[rows]


def join_rows(parts: list[Any]) -> Any:
    """Rows of all parts one after the other, in the type of the first."""
    if isinstance(parts[0], pd.DataFrame):
        return pd.concat(parts, ignore_index=True)
    if sparse.issparse(parts[0]):
        return sparse.vstack(parts, format=parts[0].format)
    return np.concatenate(parts)
