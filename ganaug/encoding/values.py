"""Values of one column of a DataFrame <-> floats, in which gaps are NaN."""

from typing import Any, Protocol

import numpy as np
import pandas as pd
from pandas.api import types

from ganaug.encoding.casting import cast, plain

# Units of dates in nanoseconds, the coarsest first.
UNITS = {
    "D": 86_400_000_000_000,
    "h": 3_600_000_000_000,
    "min": 60_000_000_000,
    "s": 1_000_000_000,
    "ms": 1_000_000,
    "us": 1_000,
    "ns": 1,
}

# What pandas finds in columns of objects, and what such columns are taken for.
NUMERIC_OBJECTS = ("integer", "floating", "mixed-integer-float", "decimal")
LEVEL_OBJECTS = ("string", "boolean", "categorical", "empty")


class Values(Protocol):
    """Values of one column, and the floats that stand for them.

    Attributes
    ----------
    of_levels : bool
        True where floats are numbers of levels, from 0 on, False where they are
        quantities.
    """

    of_levels: bool

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

    of_levels = False

    def __init__(self, column: pd.Series):
        self._dtype = column.dtype
        of_objects = column.dtype.kind == "O" and not isinstance(column.dtype, pd.SparseDtype)
        self._whole = of_objects and types.infer_dtype(column, skipna=True) == "integer"

    def read(self, column: pd.Series) -> np.ndarray:
        numbers = pd.to_numeric(column).to_numpy(dtype=np.float64, na_value=np.nan)
        if np.isinf(numbers).any():
            raise ValueError(
                f"column {column.name!r} holds infinity. Replace it, for instance by NaN."
            )
        return numbers

    def write(self, numbers: np.ndarray) -> pd.Series:
        gaps = np.isnan(numbers)
        filled = np.where(gaps, 0.0, numbers)
        if self._whole:
            filled = np.round(filled).astype(int)
        values = pd.Series(cast(filled, plain(self._dtype)), dtype=self._dtype)
        return values.mask(gaps) if gaps.any() else values


class Dates:
    """Dates or durations, counted in the coarsest unit that tells them apart.

    Of dates in a time zone the local time counts, so that midnights stay midnights.

    Examples
    --------
    >>> born = pd.Series(pd.to_datetime(["2001-02-03", "2001-02-05", None]))
    >>> dates = Dates(born)
    >>> dates.read(born), dates.write(np.array([1.0])).tolist()
    (array([ 0.,  2., nan]), [Timestamp('2001-02-04 00:00:00')])
    """

    of_levels = False

    def __init__(self, column: pd.Series):
        self._dtype = column.dtype
        # as NumPy has them: integers of a unit, which reach as far as the column does
        self._plain = self._local(column).dtype
        ticks = self._ticks(column.dropna())
        self._first = int(ticks.min()) if len(ticks) else 0
        tick = UNITS[np.datetime_data(self._plain)[0]]
        lengths = [unit // tick for unit in UNITS.values() if unit >= tick]
        since = ticks - self._first
        self._unit = next(length for length in lengths if not (since % length).any())

    @property
    def _zone(self) -> Any:
        return getattr(self._dtype, "tz", None)

    def read(self, column: pd.Series) -> np.ndarray:
        numbers = np.full(len(column), np.nan)
        present = column.notna().to_numpy()
        numbers[present] = (self._ticks(column[present]) - self._first) / self._unit
        return numbers

    def write(self, numbers: np.ndarray) -> pd.Series:
        gaps = np.isnan(numbers)
        units = np.round(np.where(gaps, 0.0, numbers)).astype(np.int64)
        values = pd.Series((self._first + units * self._unit).view(self._plain))
        if self._zone is not None:
            first = np.ones(len(values), dtype=bool)
            values = values.dt.tz_localize(self._zone, nonexistent="shift_forward", ambiguous=first)
        values = values.mask(gaps) if gaps.any() else values
        return values.astype(self._dtype)

    def _local(self, column: pd.Series) -> np.ndarray:
        return (column if self._zone is None else column.dt.tz_localize(None)).to_numpy()

    def _ticks(self, column: pd.Series) -> np.ndarray:
        return self._local(column.astype(self._dtype)).view(np.int64)


class Levels:
    """Categories, strings or bools: what has no order and no distances.

    Examples
    --------
    >>> colour = pd.Series(["red", "blue", None])
    >>> levels = Levels(colour)
    >>> levels.read(colour), levels.write(np.array([1.0, 0.0])).tolist()
    (array([ 1.,  0., nan]), ['red', 'blue'])
    """

    of_levels = True

    def __init__(self, column: pd.Series):
        self._dtype, self._name = column.dtype, column.name
        self._levels = pd.Index(_known_levels(column), dtype=object)
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
    try:
        return sorted(column.dropna().unique())
    except TypeError as error:
        raise ValueError(
            f"column {column.name!r} mixes types ({error}). Convert it to strings."
        ) from error


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
