"""Columns of 0 and 1 that encode one category <-> one column of its levels."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
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


@dataclass(frozen=True, eq=False)
class _Flag:
    """A column of 0 and 1.

    Attributes
    ----------
    column : int
        Its number in the table.
    ones : (n_ones,) array of int
        Rows in which it is 1, rising.
    gaps : bytes
        Rows in which it has a gap, a bit each.
    n_rows : int
        Number of the others.
    """

    column: int
    ones: np.ndarray
    gaps: bytes
    n_rows: int


@dataclass(eq=False)
class OneHotGroups:
    """Groups of columns of which at most one is 1 in every row, the others 0.

    Such columns come from ``pandas.get_dummies`` or scikit-learn's ``OneHotEncoder``. A group
    becomes one column of levels: 0 where all are 0, else the number of the column that
    is 1, from 1 on; NaN where all have a gap.

    A run of columns of 0 and 1, whatever stands between them, is a group where no two of them
    are 1 in one row, and where this is no chance: of independent columns with ``n_1, n_2, ...``
    ones among ``n`` rows, it is true with the probability ``(n)_N / ((n)_n_1 (n)_n_2 ...)``,
    where ``N`` is the sum of them and ``(n)_k = n (n - 1) ... (n - k + 1)``. This has to be below
    ``MAX_CHANCE`` over the number of columns of 0 and 1. Where runs overlap, columns are shared
    out so that the product of all probabilities is the smallest. Columns that have names are also
    looked at in the order of these, as those of one category begin alike; the order counts in
    which the product is smaller.

    Attributes
    ----------
    dtype : numpy.dtype
        Dtype of the matrix.
    places : (columns,) array of int
        Number of the merged column that each column goes to, in the order of their first
        columns; columns of one number are a group.

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
        numbers, first, sizes = np.unique(self.places, return_index=True, return_counts=True)
        in_order = np.array_equal(numbers, np.arange(len(first))) and (np.diff(first) > 0).all()
        if not (len(numbers) and in_order):
            raise ValueError("places of columns must rise, one by one, where they are new")
        if self.dtype.kind not in "biuf":
            raise ValueError(f"a matrix of {self.dtype} has no columns of 0 and 1")
        self.n_merged = len(numbers)
        self._columns = np.split(np.argsort(self.places, kind="stable"), sizes.cumsum()[:-1])
        self._first = first
        self._is_group = sizes > 1
        # one level more stands for rows of other columns than one-hot ones
        n_levels = sizes[self._is_group].max(initial=0) + 1
        self._merged_dtype = np.promote_types(self.dtype, np.min_scalar_type(n_levels))

    @classmethod
    def fit(
        cls,
        X: Matrix,
        may_be_one_hot: Sequence[bool] | np.ndarray | None = None,
        names: Sequence[str] | None = None,
    ) -> "OneHotGroups":
        """Groups of the columns of a matrix.

        Parameters
        ----------
        X : (n, columns) array or sparse matrix
            All rows, of all classes and of none; NaN where there are gaps.
        may_be_one_hot : sequence of bool, default=None
            False for columns that belong to no group whatever they hold; None asks all.
        names : sequence of str, default=None
            Names of the columns, if they have any.
        """
        asked = np.ones(X.shape[1], dtype=bool) if may_be_one_hot is None else may_be_one_hot
        flags = _flags(X if isinstance(X, np.ndarray) else X.tocsc(), asked)
        orders = [flags]
        if names is not None:
            orders.append(sorted(flags, key=lambda flag: names[flag.column]))
        _, groups = max((_groups(order, X.shape[0]) for order in orders), key=itemgetter(0))
        first = np.arange(X.shape[1])
        for group in groups:
            first[group] = min(group)
        return cls(X.dtype, np.unique(first, return_inverse=True)[1].astype(np.int64))

    def columns_of(self, place: int) -> list[int]:
        """Columns that became one merged column, rising."""
        return self._columns[place].tolist()

    def merged_name(self, place: int, names: Sequence[Any]) -> str:
        """Name of a column, or names of the first and the last column of a group."""
        first, *others = [repr(names[column]) for column in self.columns_of(place)]
        return f"{first} to {others[-1]}" if others else first

    def merge_mask(self, is_categorical: Sequence[bool]) -> list[bool]:
        """True for merged columns of levels, given the mask of such columns."""
        return (np.asarray(is_categorical)[self._first] | self._is_group).tolist()

    def merge(self, X: Matrix) -> Matrix:
        """Matrix with one column of levels for each group; X itself where there is none.

        A row that has anything but one 1 or none has a level of its own, the one after the last.
        """
        if not self._is_group.any():
            return X
        by_column: Any = X if isinstance(X, np.ndarray) else X.tocsc()
        places = np.flatnonzero(self._is_group)
        levels = np.column_stack([_levels(by_column[:, self._columns[i]]) for i in places])
        others = by_column[:, self._first[~self._is_group]].astype(self._merged_dtype)
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
        X[:, self._first[~self._is_group]] = cast(rows[:, ~self._is_group], self.dtype)
        for place in np.flatnonzero(self._is_group):
            columns = self._columns[place]
            levels = rows[:, place]
            ones = np.flatnonzero(levels > 0)
            X[ones, columns[levels[ones].astype(int).clip(max=len(columns)) - 1]] = 1
            gaps = missing_mask(levels)
            if gaps.any():
                X[np.ix_(gaps, columns)] = np.nan
        return X


def _levels(columns: Matrix) -> np.ndarray:
    """Levels (n,) of the columns (n, k) of a group."""
    n_columns = columns.shape[1]
    n_ones = np.asarray((columns != 0).sum(axis=1)).ravel()
    total = np.asarray(columns.sum(axis=1, dtype=float)).ravel()
    levels = np.asarray(columns @ np.arange(1, n_columns + 1)).ravel()
    levels = np.where((n_ones <= 1) & (total == n_ones), levels, n_columns + 1)
    return np.where(np.isnan(total), np.nan, levels)


def _flags(X: Matrix, may_be_one_hot: Sequence[bool] | np.ndarray) -> list[_Flag]:
    """Columns of an array or CSC matrix that hold nothing but 0, 1 and gaps."""
    flags = []
    for column in np.flatnonzero(may_be_one_hot).tolist():
        values = dense(X[:, [column]]).ravel()
        gaps = missing_mask(values)
        is_one = values == 1
        if (is_one | (values == 0) | gaps).all():
            n_rows = len(gaps) - int(gaps.sum())
            flags.append(_Flag(column, np.flatnonzero(is_one), np.packbits(gaps).tobytes(), n_rows))
    return flags


def _groups(flags: Sequence[_Flag], n: int) -> tuple[float, list[list[int]]]:
    """Groups among columns of ``n`` rows, each of columns that are neighbours in this order.

    Returns
    -------
    information : float
        Minus the logarithm of the probability that all of them are groups by chance.
    groups : list of lists of int
        Columns of each.
    """
    n_ones = np.array([len(flag.ones) for flag in flags], dtype=int)
    n_rows = np.array([flag.n_rows for flag in flags], dtype=int)
    n_before = np.append(0, n_ones.cumsum())
    information_before = np.append(0, _log_falling_factorial(n_rows, n_ones).cumsum())
    starts = np.arange(len(flags))
    information = np.zeros(len(flags))
    best = np.zeros(len(flags) + 1)
    for j, first in enumerate(_exclusive_runs(flags, n)):
        # of each run that ends here
        run = slice(first, j + 1)
        alone = information_before[j + 1] - information_before[run]
        gained = alone - _log_falling_factorial(n_rows[j], n_before[j + 1] - n_before[run])
        chosen = int(np.argmax(best[run] + gained))
        starts[j] = first + chosen
        information[j] = gained[chosen]
        best[j + 1] = best[starts[j]] + gained[chosen]
    groups = []
    total = 0.0
    needed = np.log(max(1, len(flags)) / MAX_CHANCE)
    end = len(flags)
    while end > 0:
        start = int(starts[end - 1])
        if information[end - 1] > needed:
            groups.append([flag.column for flag in flags[start:end]])
            total += float(information[end - 1])
        end = start
    return total, groups


def _exclusive_runs(flags: Sequence[_Flag], n: int) -> Iterator[int]:
    """First column of the longest run that ends with each column and has no two ones in a row."""
    # column that was the last to be 1 in each row
    last = np.full(n, -1)
    start = 0
    for j, flag in enumerate(flags):
        if j and flag.gaps != flags[j - 1].gaps:
            start = j
        start = max(start, int(last[flag.ones].max(initial=-1)) + 1)
        last[flag.ones] = j
        yield start


def _log_falling_factorial(n: np.ndarray, k: np.ndarray) -> np.ndarray:
    """Logarithm of n (n - 1) ... (n - k + 1)."""
    return gammaln(n + 1) - gammaln(n - k + 1)
