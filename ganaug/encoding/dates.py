"""Columns of dates, times and durations <-> floats, in which gaps are NaN."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
import pandas as pd

from ganaug.encoding import moments
from ganaug.encoding.casting import MAX_EXACT, arrow_kind, cast, quotient
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

OBJECTS = (moments.DATE_OBJECTS, moments.DATETIME_OBJECTS, moments.TIME_OBJECTS)


@dataclass(eq=False)
class Dates:
    """Dates, times of day or durations, counted in the coarsest unit that tells them apart.

    Of dates in a time zone the local time counts, so that midnights stay midnights.

    Attributes
    ----------
    dtype : dtype
        Dtype of the column; objects are ``datetime.date`` where ``plain`` counts days,
        ``datetime.datetime`` where it counts moments, ``datetime.time`` where durations.
    plain : numpy.dtype
        NumPy's dtype of such dates: integers of a unit, which reach as far as the column does.
    first : int
        Earliest date of the column, and of those that it is compared with, in that unit.
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

    def __post_init__(self) -> None:
        if self.dtype == np.dtype("O"):
            agree = self.plain in OBJECTS
        else:
            time = arrow_kind(self.dtype) == "time" and self.plain.kind == "m"
            agree = self.plain.kind in "mM" and (time or self.plain.kind == self.dtype.kind)
        if not agree:
            raise ValueError(f"a column of {self.dtype} holds no dates of {self.plain}")
        if self.unit not in unit_lengths(self.plain):
            raise ValueError(f"dates have no unit of {self.unit} ticks")

    @classmethod
    def fit(cls, column: pd.Series, kind: str = "") -> "Dates":
        """Fit to a column of dates, of objects of a kind where it holds such."""
        plain = moments.numpy_dtype(column, kind)
        ticks = _ticks(column.dropna(), column.dtype, plain)
        first = int(ticks.min()) if len(ticks) else 0
        distances = _distances(ticks, first)
        unit = next(length for length in unit_lengths(plain) if not (distances % length).any())
        return cls(column.dtype, plain, first, unit)

    def read(self, column: pd.Series) -> np.ndarray:
        numbers = np.full(len(column), np.nan)
        present = column.notna().to_numpy()
        ticks = _ticks(column[present], self.dtype, self.plain)
        distances = _distances(ticks, self.first)
        counts = distances / self.unit
        for place in np.flatnonzero(counts > MAX_EXACT):
            counts[place] = quotient(int(distances[place]), self.unit)
        numbers[present] = np.where(ticks < self.first, -counts, counts)
        return numbers

    def write(self, numbers: np.ndarray) -> pd.Series:
        gaps = np.isnan(numbers)
        is_before = numbers < 0
        units = cast(np.abs(np.where(gaps, 0.0, numbers)), np.dtype(np.uint64))
        # ticks end with 64 bits, and the lowest stands for a gap
        before = units.clip(max=np.uint64((LAST_TICK + self.first) // self.unit))
        after = units.clip(max=np.uint64((LAST_TICK - self.first) // self.unit))
        distances = (np.where(is_before, before, after) * np.uint64(self.unit)).view(np.int64)
        # what overflows on the way comes back
        ticks = self.first + np.where(is_before, -distances, distances)
        return moments.in_dtype(ticks.view(self.plain), gaps, self.dtype)


def _ticks(column: pd.Series, dtype: object, plain: np.dtype) -> np.ndarray:
    return moments.local_values(column, dtype, plain).view(np.int64)


def _distances(ticks: np.ndarray, first: int) -> np.ndarray:
    """Distances (n,) from the first tick, which signed numbers of 64 bits do not always hold."""
    return np.where(ticks < first, first - ticks, ticks - first).view(np.uint64)


def unit_lengths(plain: np.dtype) -> list[int]:
    """Units of dates in ticks of NumPy's dtype, the coarsest first."""
    tick = UNITS[np.datetime_data(plain)[0]]
    return [unit // tick for unit in UNITS.values() if unit >= tick]
