"""Columns of numbers <-> floats: those that floats hold, and those that need counting."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Context, Decimal, InvalidOperation
from typing import Annotated, Any, ClassVar

import numpy as np
import pandas as pd

from ganaug.encoding.casting import (
    MAX_EXACT,
    arrow_kind,
    cast,
    is_gap,
    quotient,
    underlying_dtype,
)
from ganaug.storage.fields import Interval

# The largest count that is taken: floats end not far beyond.
MAX_MAGNITUDE = 1e300

MAX_PLACES = 300

# Arithmetic of decimals that loses no digit of what is taken.
EXACT = Context(prec=700)

# What may mark a missing value among objects; others are written as NaN.
MARKS = (None, pd.NA, pd.NaT)


@dataclass(eq=False)
class Numbers:
    """Numbers of any dtype that floats hold exactly, nullable ones too.

    As of all columns, ``read`` gives floats (n,) of values, in which gaps are NaN, and ``write``
    values of floats, in the dtype of the column; ``is_categorical`` is True where floats are
    numbers of levels, from 0 on, and False where they are quantities.

    Attributes
    ----------
    dtype : dtype
        Dtype of the column.

    Examples
    --------
    >>> rooms = pd.Series([2, None], dtype="Int8")
    >>> numbers = Numbers.fit(rooms)
    >>> numbers.read(rooms), numbers.write(np.array([2.2, np.nan])).tolist()
    (array([ 2., nan]), [2, <NA>])
    """

    dtype: np.dtype | pd.api.extensions.ExtensionDtype

    is_categorical: ClassVar[bool] = False

    def __post_init__(self) -> None:
        known = self.dtype.kind in "iuf" or self.dtype == np.dtype("O")
        if not known or isinstance(self.dtype, pd.CategoricalDtype | pd.PeriodDtype):
            raise ValueError(f"a column of {self.dtype} holds no numbers")

    @classmethod
    def fit(cls, column: pd.Series) -> "Numbers":
        """Fit to a column of numbers."""
        return cls(column.dtype)

    def read(self, column: pd.Series) -> np.ndarray:
        if arrow_kind(self.dtype) == "halffloat":
            # pandas has no other gaps in numbers of this size
            column = column.astype("double[pyarrow]")
        try:
            numbers = pd.to_numeric(column).to_numpy(dtype=np.float64, na_value=np.nan)
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"column {column.name!r} held numbers when it was first seen, and now holds other "
                f"values: {error}."
            ) from error
        if np.isinf(numbers).any():
            raise ValueError(
                f"column {column.name!r} holds infinity. Replace it, for instance by NaN."
            )
        return numbers

    def write(self, numbers: np.ndarray) -> pd.Series:
        gaps = np.isnan(numbers)
        without_gaps = np.where(gaps, 0.0, numbers)
        values = pd.Series(cast(without_gaps, underlying_dtype(self.dtype)), dtype=self.dtype)
        return values.mask(gaps) if gaps.any() else values


@dataclass(eq=False)
class ExactNumbers:
    """Whole numbers of any size, and ``decimal.Decimal``, counted in units of the last place.

    Floats hold every whole number up to 2^53. Where counts lie beyond, floats say how far
    they are from the lowest, in the largest unit that all such distances are multiples of.

    Attributes
    ----------
    dtype : dtype
        Dtype of the column.
    decimal : bool
        True for decimals, False for whole numbers.
    places : int
        Digits behind the point of every value.
    lowest, highest : int
        Range of the values, and of those of columns that they are compared with, in units of the
        last place.
    unit : int
        Greatest common divisor of the distances from the lowest.
    gap : None, NaN, NA or NaT
        Value that stands for a missing value.
    is_large : bool
        True where floats are distances from the lowest.

    Examples
    --------
    >>> prices = pd.Series([Decimal("1.10"), Decimal("2.25")])
    >>> numbers = ExactNumbers.fit(prices)
    >>> numbers.read(prices), numbers.write(np.array([1.5])).tolist()
    (array([1.1 , 2.25]), [Decimal('1.50')])
    >>> codes = pd.Series([2**70, 2**70 + 6])
    >>> numbers = ExactNumbers.fit(codes)
    >>> numbers.read(codes), numbers.write(np.array([1.0]))[0] - 2**70
    (array([0., 1.]), 6)
    """

    dtype: np.dtype | pd.api.extensions.ExtensionDtype
    decimal: bool
    places: Annotated[int, Interval(0, MAX_PLACES)]
    lowest: Annotated[int, Interval(-MAX_MAGNITUDE, MAX_MAGNITUDE)]
    highest: Annotated[int, Interval(-MAX_MAGNITUDE, MAX_MAGNITUDE)]
    unit: Annotated[int, Interval(1, MAX_MAGNITUDE)]
    gap: Any

    is_categorical: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if self.dtype.kind not in "iuO" or isinstance(self.dtype, pd.CategoricalDtype):
            raise ValueError(f"a column of {self.dtype} holds no whole numbers or decimals")
        if self.lowest > self.highest or not is_gap(self.gap):
            raise ValueError("the lowest number is not the lowest, or a gap is none")
        self.is_large = max(abs(self.lowest), abs(self.highest)) > MAX_EXACT
        self._origin = self.lowest if self.is_large else 0
        self._per_one = self.unit if self.is_large else 10**self.places

    @classmethod
    def fit(cls, column: pd.Series) -> "ExactNumbers":
        """Fit to a column of whole numbers or decimals, with one of them at least."""
        present = column.dropna().tolist()
        decimal = isinstance(present[0], Decimal)
        places = max(map(_places, present)) if decimal else 0
        if places > MAX_PLACES:
            raise ValueError(
                f"column {column.name!r} has more than {MAX_PLACES} decimals. Round it."
            )
        counts = _counts(present, places, column.name)
        lowest = min(counts)
        unit = math.gcd(*(count - lowest for count in counts)) or 1
        gaps = column[column.isna()].tolist()
        gap: Any = gaps[0] if gaps and any(gaps[0] is mark for mark in MARKS) else np.nan
        return cls(column.dtype, decimal, places, lowest, max(counts), unit, gap)

    def read(self, column: pd.Series) -> np.ndarray:
        present = column.notna().to_numpy()
        numbers = np.full(len(column), np.nan)
        counts = _counts(column[present].tolist(), self.places, column.name)
        numbers[present] = [quotient(count - self._origin, self._per_one) for count in counts]
        return numbers

    def write(self, numbers: np.ndarray) -> pd.Series:
        values = np.empty(len(numbers), dtype=object)
        values[:] = [self.gap if math.isnan(one) else self._value(one) for one in numbers.tolist()]
        return pd.Series(values, dtype=self.dtype)

    def _value(self, number: float) -> int | Decimal:
        # the whole part by itself, so that no digit is lost
        whole = int(number)
        count = self._origin + whole * self._per_one + round((number - whole) * self._per_one)
        if self.dtype.kind in "iu":
            limits = np.iinfo(underlying_dtype(self.dtype))
            count = min(max(count, int(limits.min)), int(limits.max))
        return Decimal(count).scaleb(-self.places, EXACT) if self.decimal else count


def needs_counting(column: pd.Series) -> bool:
    """True for a column of an integer dtype that has numbers which no float is."""
    present = column.dropna()
    return len(present) > 0 and max(-int(present.min()), int(present.max())) > MAX_EXACT


def _places(value: Decimal) -> int:
    """Number of digits behind the point, also of what is not finite."""
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _counts(values: Iterable[Any], places: int, name: Any) -> list[int]:
    """Whole numbers that values are, in units of the last of some places."""
    try:
        counts = [
            int(value)
            if isinstance(value, int | np.integer) and not places
            # a number of another type is rounded to the places
            else int(EXACT.to_integral_value(Decimal(value).scaleb(places, EXACT)))
            for value in values
        ]
    except (OverflowError, ValueError, InvalidOperation) as error:
        raise ValueError(
            f"column {name!r} holds infinity. Replace it, for instance by NaN."
        ) from error
    if any(abs(count) > MAX_MAGNITUDE for count in counts):
        raise ValueError(
            f"column {name!r} holds numbers of more than 300 digits. Convert them to strings."
        )
    return counts
