"""Cells of a text table <-> values: numbers, dates, bools or levels, and what stands for gaps."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd

from ganaug.storage.fields import Interval

# Words that pandas reads as bools.
BOOLS = dict.fromkeys(("True", "TRUE", "true"), True) | dict.fromkeys(
    ("False", "FALSE", "false"), False
)

# Decimals that every double of a usual size has.
MAX_DECIMALS = 15

DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y")
DAYS_IN_WORDS = ("%d-%b-%Y", "%d %b %Y", "%b %d, %Y")
TIMES = ("%H:%M", "%H:%M:%S", "%H:%M:%S.%f")
ZONES = ("", "Z", "+00:00")
CLOCKS = tuple(f"{gap}{time}{zone}" for gap in " T" for time in TIMES for zone in ZONES)

# Formats of ``strftime`` in which dates and times of day are sought.
MOMENTS = tuple(f"{day}{clock}" for day in DAYS for clock in CLOCKS)
DATE_FORMATS = DAYS + DAYS_IN_WORDS + MOMENTS + TIMES


@dataclass(frozen=True)
class Gaps:
    """Cells that stand for missing values.

    Attributes
    ----------
    words : frozenset of str
        All of them, the empty cell too.
    usual : str
        The most frequent one, by which gaps are written.
    """

    words: frozenset[str] = frozenset([""])
    usual: str = ""

    def mask(self, cells: pd.Series) -> np.ndarray:
        """Mask (n,) of the cells that are gaps."""
        return cells.isin(self.words).to_numpy()

    def write(self, texts: pd.Series, values: pd.Series) -> pd.Series:
        """Cells of values in words, gaps as they are written."""
        return texts.astype(object).mask(values.isna().to_numpy(), self.usual)


@dataclass(frozen=True)
class NumberSpelling:
    """Spelling of a column of numbers.

    Like the other spellings, it has ``read``, which gives values (n,) of pandas' nullable types of
    cells (n,), and ``write``, which gives cells of values.

    Attributes
    ----------
    gaps : Gaps
    dtype : str
        "Int64", "UInt64" or "Float64".
    decimal : str
        Decimal point.
    n_decimals : int or None
        Decimals that every cell has; None where they differ.

    Examples
    --------
    >>> prices = NumberSpelling(Gaps(frozenset(["", "?"]), "?"), "Float64", ",", 2)
    >>> prices.read(pd.Series(["2,50", "?"])).tolist()
    [2.5, <NA>]
    >>> prices.write(pd.Series([3.5, None])).tolist()
    ['3,50', '?']
    """

    gaps: Gaps
    dtype: Literal["Int64", "UInt64", "Float64"]
    decimal: Literal[".", ","] = "."
    n_decimals: Annotated[int, Interval(0, MAX_DECIMALS)] | None = None

    def read(self, cells: pd.Series) -> pd.Series:
        missing = self.gaps.mask(cells)
        plain = np.float64 if self.dtype == "Float64" else np.dtype(self.dtype.lower())
        numbers = np.zeros(len(cells), plain)
        numbers[~missing] = parse_numbers(cells[~missing], self.decimal)
        kind = pd.arrays.FloatingArray if self.dtype == "Float64" else pd.arrays.IntegerArray
        return pd.Series(kind(numbers, missing), index=cells.index)

    def write(self, values: pd.Series) -> pd.Series:
        texts = values.astype(object).map(self._text)
        return self.gaps.write(texts, values)

    def _text(self, value: Any) -> str:
        if pd.isna(value):
            return ""
        if self.dtype != "Float64":
            return str(int(value))
        value = float(value)
        text = repr(value) if self.n_decimals is None else f"{value:.{self.n_decimals}f}"
        return text.replace(".", self.decimal)


@dataclass(frozen=True)
class DateSpelling:
    """Spelling of a column of dates, or of times of day, which are ``datetime.time`` objects.

    Attributes
    ----------
    gaps : Gaps
    format : str
        Format of ``strftime``, one of ``DATE_FORMATS``.
    padded : bool, default=True
        False where days, months and hours below 10 are a digit.
    n_fraction_digits : int, default=6
        Digits of the fractions of seconds.

    Examples
    --------
    >>> days = DateSpelling(Gaps(), "%d.%m.%Y", padded=False)
    >>> dates = days.read(pd.Series(["3.12.2020", ""]))
    >>> dates.tolist(), days.write(dates).tolist()
    ([Timestamp('2020-12-03 00:00:00'), NaT], ['3.12.2020', ''])
    """

    gaps: Gaps
    format: str
    padded: bool = True
    n_fraction_digits: Annotated[int, Interval(0, 6)] = 6

    def __post_init__(self) -> None:
        # of others, some would write texts of any length
        if self.format not in DATE_FORMATS:
            raise ValueError(f"{self.format!r:.40} is no known format of dates")

    def read(self, cells: pd.Series) -> pd.Series:
        present = cells.mask(self.gaps.mask(cells))
        moments = pd.to_datetime(present, format=self.format, errors="coerce")
        if self.format not in TIMES:
            return moments
        return moments.dt.time.astype(object).mask(moments.isna(), None)

    def write(self, values: pd.Series) -> pd.Series:
        if self.format in TIMES:
            texts = values.map(lambda time: time.strftime(self.format), na_action="ignore")
            texts = texts.astype("string")
        else:
            texts = values.dt.strftime(self.format)
        if not self.padded:
            texts = texts.str.replace(r"(?<![\d:])0(?=\d)", "", regex=True)
        if self.n_fraction_digits < 6:
            kept = rf"(:\d\d\.\d{{{self.n_fraction_digits}}})\d+"
            texts = texts.str.replace(kept, r"\1", regex=True)
        return self.gaps.write(texts, values)

    def fits(self, cells: pd.Series) -> np.ndarray:
        """Mask (n,) of the cells that are dates spelt so to the letter."""
        return (self.write(self.read(cells)) == cells).to_numpy() & ~self.gaps.mask(cells)


@dataclass(frozen=True)
class BoolSpelling:
    """Spelling of a column of bools.

    Attributes
    ----------
    gaps : Gaps
    true, false : str
        Words for them.
    """

    gaps: Gaps
    true: str
    false: str

    def read(self, cells: pd.Series) -> pd.Series:
        present = cells.mask(self.gaps.mask(cells))
        return present.map(BOOLS).astype("boolean")

    def write(self, values: pd.Series) -> pd.Series:
        texts = values.astype(object).map({True: self.true, False: self.false})
        return self.gaps.write(texts, values)


@dataclass(frozen=True)
class LevelSpelling:
    """Spelling of a column of levels, which are written as they are.

    Attributes
    ----------
    gaps : Gaps
    """

    gaps: Gaps

    def read(self, cells: pd.Series) -> pd.Series:
        return cells.mask(self.gaps.mask(cells)).astype("string")

    def write(self, values: pd.Series) -> pd.Series:
        return self.gaps.write(values.astype(object), values)


Spelling = NumberSpelling | DateSpelling | BoolSpelling | LevelSpelling


def parse_numbers(cells: pd.Series, decimal: str, errors: Any = "raise") -> pd.Series:
    """Numbers (n,) of cells; ``errors="coerce"`` gives NaN for what is none.

    Examples
    --------
    >>> parse_numbers(pd.Series(["1,5", "1.5"]), ",", "coerce").tolist()
    [1.5, nan]
    """
    if decimal != ".":
        # where the comma is the point, the point is none
        cells = cells.mask(cells.str.contains(".", regex=False), "no number")
        cells = cells.str.replace(decimal, ".", regex=False)
    # of strings in Arrow, pandas overflows at some
    return pd.to_numeric(cells.astype(object), errors=errors)
