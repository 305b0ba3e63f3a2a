"""Values of one column of a DataFrame <-> floats, in which gaps are NaN."""

from typing import Any, Protocol

import numpy as np
import pandas as pd
from pandas.api import types

from ganaug.encoding.casting import cast

# Units of dates, the coarsest first.
UNITS = ("D", "h", "min", "s", "ms", "us", "ns")

# What pandas finds in columns of objects, and what such columns are taken for.
NUMERIC_OBJECTS = ("integer", "floating", "mixed-integer-float", "decimal")
LEVEL_OBJECTS = ("string", "boolean", "categorical", "empty")


class Values(Protocol):
    """Values of one column, and the floats that stand for them.

    Attributes
    ----------
    n_levels : int or None
        Floats are the numbers of levels, 0 to ``n_levels - 1``; None where they are
        quantities.
    """

    n_levels: int | None

    def read(self, column: pd.Series) -> np.ndarray:
        """Floats (n,) of values."""

    def write(self, numbers: np.ndarray) -> pd.Series:
        """Values of floats (n,), in the dtype of the column."""


class Numbers:
    """Numbers of any dtype, nullable ones too.

    Examples
    --------
    >>> rooms = pd.Series([2, None], dtype="Int8")
    >>> numbers = Numbers(rooms)
    >>> numbers.read(rooms), numbers.write(np.array([2.2, np.nan])).tolist()
    (array([ 2., nan]), [2, <NA>])
    """

    n_levels: int | None = None

    def __init__(self, column: pd.Series):
        self._dtype = column.dtype

    def read(self, column: pd.Series) -> np.ndarray:
        numbers = pd.to_numeric(column).to_numpy(dtype=np.float64, na_value=np.nan)
        if np.isinf(numbers).any():
            raise ValueError(
                f"column {column.name!r} holds infinity. Replace it, for instance by NaN."
            )
        return numbers

    def write(self, numbers: np.ndarray) -> pd.Series:
        # nullable and sparse dtypes are filled from the plain ones inside them
        plain = getattr(self._dtype, "numpy_dtype", getattr(self._dtype, "subtype", self._dtype))
        gaps = np.isnan(numbers)
        values = pd.Series(cast(np.where(gaps, 0.0, numbers), plain), dtype=self._dtype)
        return values.mask(gaps) if gaps.any() else values


class Dates:
    """Dates or durations, counted in the coarsest unit that tells them apart.

    Examples
    --------
    >>> born = pd.Series(pd.to_datetime(["2001-02-03", "2001-02-05", None]))
    >>> dates = Dates(born)
    >>> dates.read(born), dates.write(np.array([1.0])).tolist()
    (array([ 0.,  2., nan]), [Timestamp('2001-02-04 00:00:00')])
    """

    n_levels: int | None = None

    def __init__(self, column: pd.Series):
        present = column.dropna()
        self._dtype, self._first = column.dtype, present.min()
        since = present - self._first
        self._unit = next(unit for unit in UNITS if not (since % pd.Timedelta(1, unit)).any())

    def read(self, column: pd.Series) -> np.ndarray:
        return ((column - self._first) / pd.Timedelta(1, self._unit)).to_numpy(dtype=np.float64)

    def write(self, numbers: np.ndarray) -> pd.Series:
        if self._first is pd.NaT:
            return pd.Series(self._first, index=range(len(numbers)), dtype=self._dtype)
        since = pd.to_timedelta(np.round(numbers), unit=self._unit)
        return pd.Series(self._first + since).astype(self._dtype)


class Levels:
    """Categories, strings or bools: what has no order and no distances.

    Examples
    --------
    >>> colour = pd.Series(["red", "blue", None])
    >>> levels = Levels(colour)
    >>> levels.read(colour), levels.write(np.array([1.0, 0.0])).tolist()
    (array([ 1.,  0., nan]), ['red', 'blue'])
    """

    def __init__(self, column: pd.Series):
        self._dtype, self._name = column.dtype, column.name
        self._levels = pd.Index(_known_levels(column), dtype=object)
        self.n_levels: int | None = len(self._levels)
        gaps = column[column.isna()]
        # marked as the column marks its own: None, NaN or NA
        self._gap: Any = gaps.iloc[0] if len(gaps) else np.nan

    def read(self, column: pd.Series) -> np.ndarray:
        codes = self._levels.get_indexer(pd.Index(column, dtype=object))
        unknown = column[(codes < 0) & column.notna().to_numpy()]
        if len(unknown):
            raise ValueError(
                f"column {self._name!r} holds {unknown.iloc[0]!r}, which did not occur in the "
                "data of fit. Fit on data that hold every category."
            )
        return np.where(codes < 0, np.nan, codes)

    def write(self, numbers: np.ndarray) -> pd.Series:
        gaps = np.isnan(numbers)
        values = np.full(len(numbers), self._gap, dtype=object)
        codes = np.round(numbers[~gaps]).astype(int).clip(0, len(self._levels) - 1)
        values[~gaps] = self._levels.to_numpy()[codes]
        return pd.Series(values, dtype=self._dtype)


def _known_levels(column: pd.Series) -> list:
    """Levels that occur, and those that the type knows of."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return list(column.dtype.categories)
    if types.is_bool_dtype(column.dtype):
        return [False, True]
    return sorted(column.dropna().unique())


def values_of(column: pd.Series, categorical: bool) -> Values:
    """What reads a column of a DataFrame.

    Parameters
    ----------
    column : Series
    categorical : bool
        True where its values are levels whatever they are.

    Raises
    ------
    ValueError
        For a dtype that is none of numbers, dates and levels, or objects of several
        types; names the column.
    """
    if categorical:
        return Levels(column)
    dtype = column.dtype
    if dtype.kind == "O" and not isinstance(dtype, pd.CategoricalDtype | pd.StringDtype):
        return _objects(column)
    if types.is_bool_dtype(dtype) or isinstance(dtype, pd.CategoricalDtype | pd.StringDtype):
        return Levels(column)
    if dtype.kind in "mM":
        return Dates(column)
    if types.is_numeric_dtype(dtype) and dtype.kind != "c":
        return Numbers(column)
    raise ValueError(
        f"column {column.name!r} is of the type {dtype}, which is none of numbers, dates, strings, "
        "bools and categories. Convert it, or leave it out."
    )


def _objects(column: pd.Series) -> Values:
    found = types.infer_dtype(column, skipna=True)
    if found in NUMERIC_OBJECTS:
        return Numbers(column)
    if found in LEVEL_OBJECTS:
        return Levels(column)
    raise ValueError(
        f"column {column.name!r} holds objects that pandas takes for {found!r}. Convert them to "
        "numbers, strings or dates (astype, pandas.to_datetime), or leave the column out."
    )
