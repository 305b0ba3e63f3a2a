"""Values of one column of a DataFrame <-> floats, in which gaps are NaN."""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import numpy as np
import pandas as pd
from pandas.api import types

from ganaug.encoding.casting import cast, underlying_dtype
from ganaug.storage.fields import Interval

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

# The last that 64 bits count; the first one stands for a gap.
LAST_TICK = 2**63 - 2

# Names of pandas for columns of objects, by what such columns are taken for.
NUMERIC_OBJECTS = ("integer", "floating", "mixed-integer-float", "decimal")
LEVEL_OBJECTS = ("string", "boolean", "categorical", "empty")


@dataclass(eq=False)
class Numbers:
    """Numbers of any dtype, nullable ones too.

    As of all columns, ``read`` gives floats (n,) of values, in which gaps are NaN, and ``write``
    values of floats, in the dtype of the column; ``is_categorical`` is True where floats are
    numbers of levels, from 0 on, and False where they are quantities; ``holds_gaps`` is False
    where the dtype has no missing value.

    Attributes
    ----------
    dtype : dtype
        Dtype of the column.
    whole : bool
        True for objects that are whole numbers.

    Examples
    --------
    >>> rooms = pd.Series([2, None], dtype="Int8")
    >>> numbers = Numbers.fit(rooms)
    >>> numbers.read(rooms), numbers.write(np.array([2.2, np.nan])).tolist()
    (array([ 2., nan]), [2, <NA>])
    """

    dtype: np.dtype | pd.api.extensions.ExtensionDtype
    whole: bool

    is_categorical: ClassVar[bool] = False
    holds_gaps: ClassVar[bool] = True

    def __post_init__(self) -> None:
        known = self.dtype.kind in "iuf" or self.dtype == np.dtype("O")
        if not known or isinstance(self.dtype, pd.CategoricalDtype | pd.PeriodDtype):
            raise ValueError(f"a column of {self.dtype} holds no numbers")

    @classmethod
    def fit(cls, column: pd.Series) -> "Numbers":
        """Fit to a column of numbers."""
        of_objects = column.dtype.kind == "O" and not isinstance(column.dtype, pd.SparseDtype)
        whole = of_objects and types.infer_dtype(column, skipna=True) == "integer"
        return cls(column.dtype, whole)

    def read(self, column: pd.Series) -> np.ndarray:
        numbers = pd.to_numeric(column).to_numpy(dtype=np.float64, na_value=np.nan)
        if np.isinf(numbers).any():
            raise ValueError(
                f"column {column.name!r} holds infinity. Replace it, for instance by NaN."
            )
        return numbers

    def write(self, numbers: np.ndarray) -> pd.Series:
        gaps = np.isnan(numbers)
        without_gaps = np.where(gaps, 0.0, numbers)
        if self.whole:
            without_gaps = cast(np.asarray(without_gaps, dtype=float), np.dtype(int))
        values = pd.Series(cast(without_gaps, underlying_dtype(self.dtype)), dtype=self.dtype)
        return values.mask(gaps) if gaps.any() else values


@dataclass(eq=False)
class Dates:
    """Dates or durations, counted in the coarsest unit that tells them apart.

    Of dates in a time zone the local time counts, so that midnights stay midnights.

    Attributes
    ----------
    dtype : dtype
        Dtype of the column.
    plain : numpy.dtype
        NumPy's dtype of such dates: integers of a unit, which reach as far as the column does.
    first : int
        Earliest date, in that unit.
    unit : int
        The coarsest unit that tells the column's dates apart, in that of ``plain``.

    Examples
    --------
    >>> born = pd.Series(pd.to_datetime(["2001-02-03", "2001-02-05", None]))
    >>> dates = Dates.fit(born)
    >>> dates.read(born), dates.write(np.array([1.0])).tolist()
    (array([ 0.,  2., nan]), [Timestamp('2001-02-04 00:00:00')])
    """

    dtype: np.dtype | pd.api.extensions.ExtensionDtype
    plain: np.dtype
    first: Annotated[int, Interval(-LAST_TICK, LAST_TICK)]
    unit: Annotated[int, Interval(1, UNITS["D"])]

    is_categorical: ClassVar[bool] = False
    holds_gaps: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if self.plain.kind not in "mM" or self.plain.kind != self.dtype.kind:
            raise ValueError(f"a column of {self.dtype} holds no dates of {self.plain}")
        if self.unit not in _lengths(self.plain):
            raise ValueError(f"dates have no unit of {self.unit} ticks")

    @classmethod
    def fit(cls, column: pd.Series) -> "Dates":
        """Fit to a column of dates."""
        plain = _local(column, column.dtype).dtype
        ticks = _ticks(column.dropna(), column.dtype)
        first = int(ticks.min()) if len(ticks) else 0
        since = ticks - first
        unit = next(length for length in _lengths(plain) if not (since % length).any())
        return cls(column.dtype, plain, first, unit)

    def read(self, column: pd.Series) -> np.ndarray:
        numbers = np.full(len(column), np.nan)
        present = column.notna().to_numpy()
        ticks = _ticks(column[present], self.dtype)
        numbers[present] = (ticks - self.first) / self.unit
        return numbers

    def write(self, numbers: np.ndarray) -> pd.Series:
        gaps = np.isnan(numbers)
        # ticks end with 64 bits, and the lowest stands for a gap
        lowest = max(-((LAST_TICK + self.first) // self.unit), -LAST_TICK)
        highest = min((LAST_TICK - self.first) // self.unit, LAST_TICK)
        units = cast(np.where(gaps, 0.0, numbers), np.dtype(np.int64)).clip(lowest, highest)
        values = pd.Series((self.first + units * self.unit).view(self.plain))
        zone = _zone(self.dtype)
        if zone is not None:
            values = _localized(values, zone)
        values = values.mask(gaps) if gaps.any() else values
        return values.astype(self.dtype)


def _zone(dtype: Any) -> Any:
    return getattr(dtype, "tz", None)


def _local(column: pd.Series, dtype: Any) -> np.ndarray:
    """Dates as NumPy has them, in the time of their zone."""
    return (column if _zone(dtype) is None else column.dt.tz_localize(None)).to_numpy()


def _localized(values: pd.Series, zone: Any) -> pd.Series:
    """Dates in a time zone: of two equal times the first, of none the next."""
    first = np.ones(len(values), dtype=bool)
    try:
        return values.dt.tz_localize(zone, nonexistent="shift_forward", ambiguous=first)
    except (NotImplementedError, OverflowError) as error:
        raise ValueError(f"dates in the time zone {zone} end with the year 9999") from error


def _ticks(column: pd.Series, dtype: Any) -> np.ndarray:
    return _local(column.astype(dtype), dtype).view(np.int64)


def _lengths(plain: np.dtype) -> list[int]:
    """Units of dates in ticks of NumPy's dtype, the coarsest first."""
    tick = UNITS[np.datetime_data(plain)[0]]
    return [unit // tick for unit in UNITS.values() if unit >= tick]


@dataclass(eq=False)
class Levels:
    """Categories, strings or bools: what has no order and no distances.

    Attributes
    ----------
    dtype : dtype
        Dtype of the column.
    name : hashable
        Name of the column, for messages.
    levels : pandas.Index
        Levels by number.
    gap : None, NaN, NA or NaT
        Value that stands for a missing value.

    Examples
    --------
    >>> colour = pd.Series(["red", "blue", None])
    >>> levels = Levels.fit(colour)
    >>> levels.read(colour), levels.write(np.array([1.0, 0.0])).tolist()
    (array([ 1.,  0., nan]), ['red', 'blue'])
    """

    dtype: np.dtype | pd.api.extensions.ExtensionDtype
    name: Any
    levels: pd.Index
    gap: Any

    is_categorical: ClassVar[bool] = True

    @property
    def holds_gaps(self) -> bool:
        of_numpy = isinstance(self.dtype, np.dtype | pd.SparseDtype)
        return not (of_numpy and self.dtype.kind in "iu")

    def __post_init__(self) -> None:
        if not (self.levels.is_unique and pd.api.types.is_scalar(self.gap) and pd.isna(self.gap)):
            raise ValueError(f"levels of column {self.name!r} occur twice, or a gap is none")

    @classmethod
    def fit(cls, column: pd.Series) -> "Levels":
        """Fit to a column of levels."""
        gaps = column[column.isna()]
        # marked as the column marks its own: None, NaN or NA
        gap: Any = gaps.iloc[0] if len(gaps) else np.nan
        return cls(column.dtype, column.name, pd.Index(_known_levels(column), dtype=object), gap)

    def read(self, column: pd.Series) -> np.ndarray:
        codes = self.levels.get_indexer(pd.Index(column, dtype=object))
        unknown = column[(codes < 0) & column.notna().to_numpy()]
        if len(unknown):
            raise ValueError(
                f"column {self.name!r} holds {unknown.iloc[0]!r}, which did not occur in the "
                "data of fit. Fit on data that hold every category."
            )
        return np.where(codes < 0, np.nan, codes)

    def write(self, numbers: np.ndarray) -> pd.Series:
        gaps = np.isnan(numbers)
        values = np.full(len(numbers), self.gap, dtype=object)
        codes = cast(numbers[~gaps], np.dtype(int)).clip(0, len(self.levels) - 1)
        values[~gaps] = self.levels.to_numpy()[codes]
        return pd.Series(values, dtype=self.dtype)


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


def values_of(column: pd.Series, categorical: bool) -> Numbers | Dates | Levels:
    """Reader and writer of a column of a DataFrame.

    Parameters
    ----------
    column : Series
        Column of the table.
    categorical : bool
        True where its values are levels whatever they are.

    Raises
    ------
    ValueError
        For a dtype that is none of numbers, dates and levels, or objects of several
        types; names the column.
    """
    if categorical:
        return Levels.fit(column)
    dtype = column.dtype
    if dtype.kind == "O" and not isinstance(dtype, pd.CategoricalDtype | pd.StringDtype):
        return _objects(column)
    if types.is_bool_dtype(dtype) or isinstance(dtype, pd.CategoricalDtype | pd.StringDtype):
        return Levels.fit(column)
    if dtype.kind in "mM":
        return Dates.fit(column)
    if types.is_numeric_dtype(dtype) and dtype.kind != "c":
        return Numbers.fit(column)
    raise ValueError(
        f"column {column.name!r} is of the type {dtype}, which is none of numbers, dates, strings, "
        "bools and categories. Convert it, or leave it out."
    )


def _objects(column: pd.Series) -> Numbers | Levels:
    kind = types.infer_dtype(column, skipna=True)
    if kind in NUMERIC_OBJECTS:
        return Numbers.fit(column)
    if kind in LEVEL_OBJECTS:
        return Levels.fit(column)
    raise ValueError(
        f"column {column.name!r} holds objects that pandas takes for {kind!r}. Convert them to "
        "numbers, strings or dates (astype, pandas.to_datetime), or leave the column out."
    )
