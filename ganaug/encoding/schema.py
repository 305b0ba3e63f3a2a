"""Tables as they come <-> matrices of floats, in which gaps are NaN."""

import numbers
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from ganaug.encoding.alignment import align
from ganaug.encoding.casting import holds_gaps
from ganaug.encoding.dates import Dates
from ganaug.encoding.frames import LIBRARIES, from_pandas, is_frame, library_of, to_pandas
from ganaug.encoding.levels import Levels
from ganaug.encoding.numbers import needs_counting
from ganaug.encoding.rows import Matrix, Table
from ganaug.encoding.values import Values, values_of
from ganaug.storage.fields import Text
from ganaug.storage.tree import to_datasets


@dataclass(eq=False)
class TableSchema:
    """Type, columns and dtypes of a table, to give synthetic rows back in the same.

    Attributes
    ----------
    columns : pandas.Index or None
        Columns of a frame; None for arrays and sparse matrices.
    sparse_type : type or None
        Type of a sparse matrix.
    dtype : numpy.dtype or None
        Dtype of an array or a sparse matrix.
    is_categorical : list of bool
        True for each column whose floats are numbers of levels.
    values : list of Numbers, ExactNumbers, Dates or Levels, or None
        Reader and writer of each column; None where rows are numbers as they are.
    library : str or None
        Library of a frame, such as "polars"; None for pandas and what is no frame.

    Examples
    --------
    >>> X = pd.DataFrame({"age": [30, 40], "town": ["Ulm", "Bonn"]})
    >>> schema = TableSchema.fit(X)
    >>> schema.read(X)
    array([[30.,  1.],
           [40.,  0.]])
    >>> schema.wrap(np.array([[35.2, 1.0]]))
       age town
    0   35  Ulm
    """

    columns: pd.Index | None
    sparse_type: type | None
    dtype: np.dtype | None
    is_categorical: list[bool]
    values: list[Values] | None
    library: Text | None = None

    def __post_init__(self) -> None:
        if self.values is None:
            agree = not any(self.is_categorical)
        else:
            agree = [values.is_categorical for values in self.values] == self.is_categorical
        if self.columns is not None:
            agree &= self.dtype is None is self.sparse_type and self.values is not None
            agree &= len(self.columns) == len(self.is_categorical)
        elif self.values is None:
            agree &= self.dtype is not None and self.dtype.kind in "biuf"
        else:
            agree &= self.sparse_type is None and self.dtype is not None
        if self.library is not None:
            agree &= self.columns is not None and self.library in LIBRARIES
        if not agree:
            raise ValueError("columns, types and values of a table do not go together")

    @classmethod
    def fit(cls, X: Table, categorical_features: Any = "from_dtype") -> "TableSchema":
        """Schema of a table.

        Parameters
        ----------
        X : (n, columns) array, sparse matrix or frame
            Checked. Its type, columns, dtypes and levels are kept, not its rows.
        categorical_features : "from_dtype", array-like or None
            As in ``TableGAN``.

        Raises
        ------
        ValueError
            For columns of types that cannot be read, or categorical features that X does not
            have; names the columns.
        """
        library = library_of(X)
        X = to_pandas(X) if library else X
        columns = X.columns if isinstance(X, pd.DataFrame) else None
        sparse_type = type(X) if sparse.issparse(X) else None
        dtype = None if columns is not None else X.dtype
        names = list(getattr(X, "columns", []))
        categorical = _categorical_mask(categorical_features, X.shape[1], names)
        is_categorical = [False] * X.shape[1]
        values = None
        if columns is not None or _needs_reading(X) or categorical.any():
            frame = _frame(X)
            kinds = [values_of(frame.iloc[:, j], bool(categorical[j])) for j in range(X.shape[1])]
            values = align(kinds, frame)
            is_categorical = [column.is_categorical for column in values]
        return cls(columns, sparse_type, dtype, is_categorical, values, library)

    def may_be_one_hot(self, categorical_features: Any) -> np.ndarray:
        """Columns (columns,) that hold numbers or bools and are not named."""
        names = [] if self.columns is None else list(self.columns)
        named = _categorical_mask(categorical_features, len(self.is_categorical), names)
        if self.values is None:
            return ~named
        return ~named & [_holds_flags(values) for values in self.values]

    def whole_columns(self) -> list[int]:
        """Numbers of a frame's columns of whole numbers."""
        if self.columns is None:
            return []
        return [
            number
            for number, values in enumerate(self.values or ())
            if not values.is_categorical and values.dtype.kind in "iu"
        ]

    def check_writable(self) -> None:
        """Raise a ValueError for a column whose values its type cannot hold; names it."""
        for name, values in self._named_values():
            n_levels = len(values.levels) if isinstance(values, Levels) else 1
            # a gap comes last, where there can be one
            gap = [np.nan] * holds_gaps(values.dtype)
            try:
                written = values.write(np.array([*range(n_levels), *gap]))
                if isinstance(values, Levels) and not np.array_equal(
                    values.read(written)[:n_levels], np.arange(n_levels)
                ):
                    raise ValueError("it does not tell its levels apart")
            except (TypeError, ValueError, ArithmeticError) as error:
                raise ValueError(f"column {name!r} cannot be written: {error}") from error

    def check_saveable(self) -> None:
        """Raise a TypeError for a column, or an array, that no file can hold; names it."""
        if self.columns is None and self.sparse_type is None:
            try:
                to_datasets(self.dtype)
            except TypeError as error:
                raise TypeError(f"an array of {self.dtype} cannot be saved: {error}") from error
        for name, values in self._named_values():
            try:
                to_datasets(values)
            except TypeError as error:
                raise TypeError(f"column {name!r} cannot be saved: {error}") from error

    def _named_values(self) -> Iterator[tuple[Any, Values]]:
        """Name or number of each column, and what reads and writes it."""
        names = range(len(self.is_categorical)) if self.columns is None else self.columns
        return zip(names, self.values or (), strict=False)

    def reorder_columns(self, X: Table) -> Any:
        """Rows with the remembered columns in their order.

        Raises
        ------
        ValueError
            For other columns, or rows of another kind.
        """
        X = to_pandas(X) if is_frame(X) else X
        columns: Any = set(X.columns) if isinstance(X, pd.DataFrame) else X.shape[1]
        wanted: Any = len(self.is_categorical) if self.columns is None else set(self.columns)
        if columns != wanted:
            raise ValueError(f"rows have the columns {columns}; those before had {wanted}.")
        return X if self.columns is None else X[list(self.columns)]

    def read(self, X: Table) -> Any:
        """Matrix (n, columns) of floats; arrays and sparse matrices of numbers stay as they are."""
        if self.values is None:
            return X
        frame = _frame(X)
        matrix = np.empty(X.shape)
        for j, values in enumerate(self.values):
            matrix[:, j] = values.read(frame.iloc[:, j])
        return matrix

    def replace_unknown(self, X: Table, y: np.ndarray, rng: np.random.RandomState) -> Table:
        """Replace levels that did not occur in fit by those of random rows of the same class.

        Parameters
        ----------
        X : table
            Returned as a DataFrame where columns have types.
        y : (n,) array
        rng : RandomState
        """
        if self.values is None:
            return X
        frame = _frame(X).copy(deep=False)
        for j, values in enumerate(self.values):
            if isinstance(values, Levels):
                frame.isetitem(j, values.replace_unknown(frame.iloc[:, j], y, rng))
        return frame

    def wrap(self, rows: np.ndarray) -> Any:
        """Rows (n, columns) of such a matrix in the remembered type."""
        if self.sparse_type is not None:
            return self.sparse_type(rows)
        if self.values is None:
            return rows
        columns = [values.write(rows[:, j]) for j, values in enumerate(self.values)]
        if self.columns is None:
            return np.stack([column.to_numpy(dtype=self.dtype) for column in columns], axis=1)
        frame = pd.concat(columns, axis=1).set_axis(self.columns, axis=1)
        return frame if self.library is None else from_pandas(frame, self.library)


def _holds_flags(values: Values) -> bool:
    """True for columns that hold numbers or bools."""
    if isinstance(values, Levels):
        return len(values.levels) == 2 and pd.api.types.infer_dtype(values.levels) == "boolean"
    return not isinstance(values, Dates)


def _needs_reading(X: Matrix) -> bool:
    """True for matrices of anything but numbers that floats hold exactly."""
    if X.dtype.kind in "iu" and X.dtype.itemsize > 4:
        present = X.data if sparse.issparse(X) else X.ravel()
        return needs_counting(pd.Series(present))
    return X.dtype.kind in "OUSmM"


def _frame(X: Table) -> pd.DataFrame:
    """Rows as a DataFrame."""
    if is_frame(X):
        return to_pandas(X)
    if sparse.issparse(X):
        raise ValueError(
            "sparse matrices hold numbers only, up to 2**53: pass a dense X with categories, or "
            "with larger numbers."
        )
    frame = pd.DataFrame(X)
    return frame.infer_objects() if X.dtype.kind == "O" else frame


def _categorical_mask(categorical_features: Any, n_columns: int, names: list) -> np.ndarray:
    """Columns (columns,) that the user calls categorical."""
    mask = np.zeros(n_columns, dtype=bool)
    if categorical_features is None or isinstance(categorical_features, str):
        return mask
    features = list(categorical_features)
    if len(features) == n_columns and all(
        isinstance(feature, bool | np.bool_) for feature in features
    ):
        return np.array(features)
    for feature in features:
        if feature in names:
            mask[names.index(feature)] = True
        elif (
            isinstance(feature, numbers.Integral)
            and not isinstance(feature, bool)
            and -n_columns <= int(feature) < n_columns
        ):
            mask[feature] = True
        else:
            raise ValueError(
                f"categorical_features names {feature!r}, which X does not have. Give names of its "
                f"columns, numbers up to {n_columns - 1}, or a mask of {n_columns} bools."
            )
    return mask
