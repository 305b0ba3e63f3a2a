"""Columns of 0 and 1 that encode one category <-> one column of its levels."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from scipy import sparse
from scipy.special import gammaln

from ganaug.encoding.casting import cast
from ganaug.encoding.missing import missing_mask
from ganaug.encoding.rows import Matrix, dense
from ganaug.storage.fields import Array

# Columns are taken for a category where independent ones would look like it in fewer tables.
MAX_CHANCE = 0.05


@dataclass(eq=False)
class OneHotGroups:
    """Groups of neighbouring columns of which at most one is 1 in every row, the others 0.

    Such columns come from ``pandas.get_dummies`` or scikit-learn's ``OneHotEncoder``. A group
    becomes one column of levels: 0 where all are 0, else the number of the column that
    is 1, from 1 on; NaN where all have a gap.

    A run of columns is a group where no two of them are 1 in one row, and where this is
    no chance: of independent columns with ``n_1, n_2, ...`` ones among ``n`` rows, it is
    true with the probability ``(n)_N / ((n)_n_1 (n)_n_2 ...)``, where ``N`` is the
    sum of them and ``(n)_k = n (n - 1) ... (n - k + 1)``. This has to be below ``MAX_CHANCE``
    over the number of columns of 0 and 1. Where runs overlap, columns are shared out so that
    the product of all probabilities is the smallest.

    Attributes
    ----------
    dtype : numpy.dtype
        Dtype of the matrix.
    places : (columns,) array of int
        Number of the merged column that each column goes to, rising; columns of one number
        are a group.

    Examples
    --------
    >>> X = np.tile([[7.0, 1, 0, 0], [8.0, 0, 1, 0], [9.0, 0, 0, 1]], (5, 1))
    >>> groups = OneHotGroups.fit(X)
    >>> groups.merge(X[:3])
    array([[7., 1.],
           [8., 2.],
           [9., 3.]])
    >>> np.array_equal(groups.split(groups.merge(X)), X)
    True
    """

    dtype: np.dtype
    places: Annotated[np.ndarray, Array("int64", "columns", 0)]

    def __post_init__(self) -> None:
        steps = np.diff(self.places, prepend=-1)
        if not (len(steps) and steps[0] == 1 and np.isin(steps, [0, 1]).all()):
            raise ValueError("places of columns must rise, one by one")
        if self.dtype.kind not in "biuf":
            raise ValueError(f"a matrix of {self.dtype} has no columns of 0 and 1")
        self._starts = np.flatnonzero(steps)
        self._ends = np.append(self._starts[1:], len(steps))
        self._is_group = self._ends - self._starts > 1
        # one level more stands for rows of other columns than one-hot ones
        n_levels = (self._ends - self._starts)[self._is_group].max(initial=0) + 1
        self._merged_dtype = np.promote_types(self.dtype, np.min_scalar_type(n_levels))

    @classmethod
    def fit(
        cls, X: Matrix, may_be_one_hot: Sequence[bool] | np.ndarray | None = None
    ) -> "OneHotGroups":
        """Groups of the columns of a matrix.

        Parameters
        ----------
        X : (n, columns) array or sparse matrix
            All rows, of all classes and of none; NaN where there are gaps.
        may_be_one_hot : sequence of bool, default=None
            False for columns that belong to no group whatever they hold; None asks all.
        """
        asked = np.ones(X.shape[1], dtype=bool) if may_be_one_hot is None else may_be_one_hot
        places = np.zeros(X.shape[1], dtype=np.int64)
        places[1:] = 1
        for start, end in _groups(*_exclusive_columns(X, asked)):
            places[start + 1 : end] = 0
        return cls(X.dtype, places.cumsum())

    def columns_of(self, place: int) -> range:
        """Columns that became one merged column."""
        return range(int(self._starts[place]), int(self._ends[place]))

    def merged_name(self, place: int, names: Sequence[Any]) -> str:
        """Name of a column, or names of the first and the last column of a group."""
        first, *others = [repr(names[column]) for column in self.columns_of(place)]
        return f"{first} to {others[-1]}" if others else first

    def merge_mask(self, is_categorical: Sequence[bool]) -> list[bool]:
        """True for merged columns of levels, given the mask of such columns."""
        return (np.asarray(is_categorical)[self._starts] | self._is_group).tolist()

    def merge(self, X: Matrix) -> Matrix:
        """Matrix with one column of levels for each group; X itself where there is none.

        A row that has anything but one 1 or none has a level of its own, the one after the last.
        """
        if not self._is_group.any():
            return X
        by_column: Any = X if isinstance(X, np.ndarray) else X.tocsc()
        groups = zip(self._starts[self._is_group], self._ends[self._is_group], strict=True)
        levels = np.column_stack([_levels(by_column[:, start:end]) for start, end in groups])
        others = by_column[:, self._starts[~self._is_group]].astype(self._merged_dtype)
        levels = levels.astype(self._merged_dtype)
        order = np.argsort(np.argsort(self._is_group, kind="stable"))
        if isinstance(X, np.ndarray):
            return np.hstack([others, levels])[:, order]
        joined = sparse.hstack([others, type(others)(levels)], format="csc")
        return joined[:, order].asformat(X.format)

    def split(self, rows: np.ndarray) -> np.ndarray:
        """Rows (n, columns) of merged ones, in the dtype of the matrix."""
        if not self._is_group.any():
            return rows
        X = np.zeros((len(rows), len(self.places)), dtype=self.dtype)
        X[:, self._starts[~self._is_group]] = cast(rows[:, ~self._is_group], self.dtype)
        for place in np.flatnonzero(self._is_group):
            start = self._starts[place]
            end = self._ends[place]
            levels = rows[:, place]
            ones = np.flatnonzero(levels > 0)
            X[ones, start - 1 + levels[ones].astype(int).clip(max=end - start)] = 1
            gaps = missing_mask(levels)
            if gaps.any():
                X[gaps, start:end] = np.nan
        return X


def _levels(columns: Matrix) -> np.ndarray:
    """Levels (n,) of the columns (n, k) of a group."""
    n_columns = columns.shape[1]
    n_ones = np.asarray((columns != 0).sum(axis=1)).ravel()
    total = np.asarray(columns.sum(axis=1, dtype=float)).ravel()
    levels = np.asarray(columns @ np.arange(1, n_columns + 1)).ravel()
    levels = np.where((n_ones <= 1) & (total == n_ones), levels, n_columns + 1)
    return np.where(np.isnan(total), np.nan, levels)


def _exclusive_columns(
    X: Matrix, may_be_one_hot: Sequence[bool] | np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which columns before each one are never 1 in a row where another is.

    Returns
    -------
    first : (columns,) array of int
        First column of the longest run that ends with each column and in which no row has
        two ones; the column itself where it holds more than 0 and 1.
    n_ones, n_rows : (columns,) arrays of int
        Rows in which each column is 1, and in which it has no gap; 0 where it holds more.
    """
    by_column = X if isinstance(X, np.ndarray) else X.tocsc()
    first = np.arange(X.shape[1])
    n_ones, n_rows = np.zeros((2, X.shape[1]), dtype=int)
    # column that was the last to be 1 in each row
    last = np.full(X.shape[0], -1)
    start = 0
    gaps = np.zeros(X.shape[0], dtype=bool)
    for j in range(X.shape[1]):
        values = dense(by_column[:, [j]]).ravel()
        gaps_before = gaps
        gaps = missing_mask(values)
        is_one = values == 1
        if not may_be_one_hot[j] or not (is_one | (values == 0) | gaps).all():
            start = j + 1
            continue
        if not np.array_equal(gaps, gaps_before):
            start = j
        start = max(start, int(last[is_one].max(initial=-1)) + 1)
        last[is_one] = j
        first[j] = start
        n_ones[j] = is_one.sum()
        n_rows[j] = len(gaps) - gaps.sum()
    return first, n_ones, n_rows


def _groups(first: np.ndarray, n_ones: np.ndarray, n_rows: np.ndarray) -> list[tuple[int, int]]:
    """Start and end of the groups among columns that ``_exclusive_columns`` describes."""
    n_columns = len(first)
    n_before = np.append(0, n_ones.cumsum())
    information_before = np.append(0, _log_falling_factorial(n_rows, n_ones).cumsum())
    starts = np.arange(n_columns)
    information = np.zeros(n_columns)
    best = np.zeros(n_columns + 1)
    for j in range(n_columns):
        # minus the logarithm of the probability that each run which ends here is one by chance
        run = slice(first[j], j + 1)
        alone = information_before[j + 1] - information_before[run]
        gained = alone - _log_falling_factorial(n_rows[j], n_before[j + 1] - n_before[run])
        chosen = int(np.argmax(best[run] + gained))
        starts[j] = first[j] + chosen
        information[j] = gained[chosen]
        best[j + 1] = best[starts[j]] + gained[chosen]
    groups = []
    needed = np.log(max(1, (n_rows > 0).sum()) / MAX_CHANCE)
    j = n_columns - 1
    while j >= 0:
        if information[j] > needed:
            groups.append((int(starts[j]), j + 1))
        j = int(starts[j]) - 1
    return groups


def _log_falling_factorial(n: np.ndarray, k: np.ndarray) -> np.ndarray:
    """Logarithm of n (n - 1) ... (n - k + 1)."""
    return gammaln(n + 1) - gammaln(n - k + 1)
