"""Tables as they come <-> matrices of floats, in which gaps are NaN."""

import numbers
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from ganaug.encoding.values import Values, values_of


class Container:
    """Remembers in what type a table came, to give synthetic rows back in the same.

    Parameters
    ----------
    X : (n, columns) array, sparse matrix or DataFrame
        Checked. Its type, columns, dtypes and levels are kept, not its rows.
    categorical_features : "from_dtype", array-like or None
        As in ``TableGAN``.

    Attributes
    ----------
    of_levels : list of bool
        Of each column: True where its floats are numbers of levels.

    Raises
    ------
    ValueError
        For columns of types that cannot be read, or categorical features that X does not
        have; names the columns.

    Examples
    --------
    >>> X = pd.DataFrame({"age": [30, 40], "town": ["Ulm", "Bonn"]})
    >>> container = Container(X)
    >>> container.read(X)
    array([[30.,  1.],
           [40.,  0.]])
    >>> container.wrap(np.array([[35.2, 1.0]]))
       age town
    0   35  Ulm
    """

    def __init__(self, X: Any, categorical_features: Any = "from_dtype"):
        self._columns = X.columns if isinstance(X, pd.DataFrame) else None
        self._sparse_type = type(X) if sparse.issparse(X) else None
        self._dtype: Any = None if isinstance(X, pd.DataFrame) else X.dtype
        categorical = _mask(categorical_features, X)
        self.of_levels = [False] * X.shape[1]
        self._values: list[Values] | None = None
        if self._columns is not None or X.dtype.kind in "OUS" or categorical.any():
            frame = self._frame(X)
            self._values = [
                values_of(frame.iloc[:, j], bool(categorical[j])) for j in range(X.shape[1])
            ]
            self.of_levels = [values.of_levels for values in self._values]

    def in_order(self, X: Any) -> Any:
        """Rows with the remembered columns in their order.

        Raises
        ------
        ValueError
            For other columns, or rows of another kind.
        """
        named = isinstance(X, pd.DataFrame)
        columns: Any = set(X.columns) if named else X.shape[1]
        wanted: Any = len(self.of_levels) if self._columns is None else set(self._columns)
        if columns != wanted:
            raise ValueError(f"rows have the columns {columns}; those before had {wanted}.")
        return X if self._columns is None else X[list(self._columns)]

    def read(self, X: Any) -> Any:
        """Matrix (n, columns) of floats; arrays and sparse matrices of numbers stay as they are."""
        if self._values is None:
            return X
        frame = self._frame(X)
        matrix = np.empty(X.shape)
        for j, values in enumerate(self._values):
            matrix[:, j] = values.read(frame.iloc[:, j])
        return matrix

    def wrap(self, rows: np.ndarray) -> Any:
        """Rows (n, columns) of such a matrix in the remembered type."""
        if self._sparse_type is not None:
            return self._sparse_type(rows)
        if self._values is None:
            return rows
        columns = [values.write(rows[:, j]) for j, values in enumerate(self._values)]
        if self._columns is None:
            return np.stack([column.to_numpy(dtype=self._dtype) for column in columns], axis=1)
        return pd.concat(columns, axis=1).set_axis(self._columns, axis=1)

    def _frame(self, X: Any) -> pd.DataFrame:
        if isinstance(X, pd.DataFrame):
            return X
        if sparse.issparse(X):
            raise ValueError("sparse matrices hold numbers only: pass a dense X with categories.")
        frame = pd.DataFrame(X)
        return frame.infer_objects() if X.dtype.kind == "O" else frame


def _mask(categorical_features: Any, X: Any) -> np.ndarray:
    """Columns (columns,) that the user calls categorical."""
    n_columns = X.shape[1]
    mask = np.zeros(n_columns, dtype=bool)
    if categorical_features is None or isinstance(categorical_features, str):
        return mask
    chosen = list(categorical_features)
    if len(chosen) == n_columns and all(isinstance(one, bool | np.bool_) for one in chosen):
        return np.array(chosen)
    names = list(getattr(X, "columns", []))
    for one in chosen:
        if one in names:
            mask[names.index(one)] = True
        elif (
            isinstance(one, numbers.Integral)
            and not isinstance(one, bool)
            and -n_columns <= one < n_columns
        ):
            mask[one] = True
        else:
            raise ValueError(
                f"categorical_features names {one!r}, which X does not have. Give names of its "
                f"columns, numbers up to {n_columns - 1}, or a mask of {n_columns} bools."
            )
    return mask
