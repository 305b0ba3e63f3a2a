"""Search for the spelling of a column in a text table, in one reading of its cells."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from ganaug.caller import warn_caller
from ganaug.encoding.csv_format import CsvFormat
from ganaug.encoding.identifiers import are_distinct, look_like_identifiers
from ganaug.encoding.spelling import (
    BOOLS,
    DATE_FORMATS,
    DAYS,
    MAX_DECIMALS,
    BoolSpelling,
    DateSpelling,
    Gaps,
    LevelSpelling,
    NumberSpelling,
    Spelling,
    parse_numbers,
)

# Words that stand for gaps among numbers, dates and bools, as in pandas; among levels they are
# levels.
GAPS = frozenset(
    ["#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>"]
    + ["N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"]
)

# Share of the cells that may be other words, such as "?", in a column of numbers or dates.
MAX_STRAY_SHARE = 0.1

# Different words of a column that are counted.
MAX_WORDS = 1000

# Share of numbers from which a column of levels is told of.
MIN_TOLD_SHARE = 0.5

# Numbers with signs of money or shares, with commas between thousands, or with decimal commas.
SIGNS = "[%$\u20ac\u00a3\u00a5]"
WITH_SIGNS = rf"(?=.*{SIGNS})(?:{SIGNS}|[-+\s\d.,'])+"
WITH_COMMAS = r"\s*[-+]?\d{1,3}(?:,\d{3})+(?:\.\d*)?\s*|\s*[-+]?\d+,\d+\s*"

# A comma that parts no thousands.
DECIMAL_COMMA = r"\d,\d{1,2}(?!\d)"

# Cells in the form of dates with years of four digits, which "0000-00-00" has too.
DAY_FORM = r"(\d{4}([-/.])\d{1,2}\2\d{1,2}|\d{1,2}([-/.])\d{1,2}\3\d{4})"
CLOCK_FORM = r"(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|\+00:00)?)?"


class ColumnScan:
    """Counts of what the cells of a column are.

    Parameters
    ----------
    name : str
        Name of the column, for warnings.
    form : CsvFormat
        Format of the file.
    is_label : bool, default=False
        True for class labels: any word is one, and dates are no quantities.

    Examples
    --------
    >>> scan = ColumnScan("height", CsvFormat(na_values=("?",)))
    >>> scan.add(pd.Series(["1.50", "1.75", "?"]))
    >>> scan.spelling().read(pd.Series(["1.60", "?"])).tolist()
    [1.6, <NA>]
    """

    def __init__(self, name: str, form: CsvFormat, is_label: bool = False):
        self._name = name
        self._decimal = form.decimal
        self._is_label = is_label
        self._empty = frozenset(["", *form.na_values])
        self._n_cells = 0
        self._gaps: Counter[str] = Counter()
        # cells without a digit and dates that never were, and how many others are no numbers
        self._words: Counter[str] = Counter()
        self._n_odd = 0
        self._n_with_signs = 0
        self._example = ""
        self._signed = ""
        self._dates: list[DateSpelling] = []
        self._numbers = _NumberFacts(form.decimal)
        self._identifiers = _Identifiers()

    def add(self, cells: pd.Series) -> None:
        """Count the next cells of the column."""
        counts = cells.value_counts(sort=False)
        counts.index = counts.index.astype(object)
        empty = counts.index.isin(self._empty)
        self._gaps.update(counts[empty].to_dict())
        counts = counts[~empty]
        words = counts.index.to_series()
        self._n_cells += int(counts.sum())
        is_number = parse_numbers(words, self._decimal, "coerce").notna()
        self._numbers.add(counts[is_number])
        is_odd = ~is_number & words.str.contains(r"\d")
        is_odd[is_odd] = ~_are_impossible_dates(words[is_odd])
        self._add_odd(counts[is_odd])
        if len(self._words) < MAX_WORDS:
            self._words.update(counts[~is_number & ~is_odd].to_dict())
        plain = is_number.all() and not empty.any() and self._numbers.whole and self._numbers.fit
        self._identifiers.add(cells if plain else None)

    def spelling(self) -> Spelling:
        """Spelling of all cells so far; a warning says which of them do not fit in."""
        known = frozenset() if self._is_label else GAPS
        strays = {word: n for word, n in self._words.items() if word not in known}
        max_strays = 0 if self._is_label else MAX_STRAY_SHARE * self._n_cells
        few = sum(strays.values()) <= max_strays and len(self._words) < MAX_WORDS
        gaps = self._gaps_among(self._empty | known | set(strays))
        n_numbers = self._numbers.n_cells
        if n_numbers and not self._n_odd and few and self._numbers.fit:
            self._warn_of_strays(strays, "number")
            self._warn_of_identifiers()
            return self._numbers.spelling(gaps)
        is_dates = len({one.format for one in self._dates}) == 1
        if is_dates and not n_numbers and few and not self._is_label:
            self._warn_of_strays(strays, "date")
            return replace(self._dates[0], gaps=gaps)
        if strays and not n_numbers and not self._n_odd and set(strays) <= set(BOOLS):
            words = {BOOLS[word]: word for word in sorted(strays, key=strays.__getitem__)}
            bools = {True: "True", False: "False"} | words
            gaps = self._gaps_among(self._empty | known)
            return BoolSpelling(gaps, bools[True], bools[False])
        self._warn_of_numbers(strays)
        return LevelSpelling(self._gaps_among(self._empty))

    def _add_odd(self, counts: pd.Series) -> None:
        """Count cells with digits that are no numbers, and keep the dates that all are."""
        if counts.empty:
            return
        cells = counts.index.to_series()
        if not self._n_odd:
            self._example = cells.iloc[0]
            self._dates = list(_spellings_of_date(self._example))
        self._n_odd += int(counts.sum())
        signs = cells.str.fullmatch(f"{WITH_SIGNS}|{WITH_COMMAS}")
        self._n_with_signs += int(counts[signs].sum())
        signed = [self._signed, *cells[signs]]
        # a decimal comma tells most
        self._signed = next(filter(_has_decimal_comma, signed), next(filter(None, signed), ""))
        self._dates = [spelling for spelling in self._dates if spelling.fits(cells).all()]

    def _gaps_among(self, words: frozenset[str]) -> Gaps:
        """Gaps that these words stand for."""
        counts = self._gaps + Counter({word: self._words[word] for word in words})
        return Gaps(words, max(counts, key=counts.__getitem__) if counts else "")

    def _warn_of_strays(self, strays: Mapping[str, int], kind: str) -> None:
        if strays:
            shown = list(strays)[:5]
            warn_caller(
                f"column {self._name!r}: {sum(strays.values())} of {self._n_cells} cells are no "
                f"{kind} ({', '.join(map(repr, shown))}), and taken for gaps. Where they are, name "
                f"them by na_values (--na-values {shown[0]!r}); else mend these cells."
            )

    def _warn_of_numbers(self, strays: Mapping[str, int]) -> None:
        n_numbers = self._numbers.n_cells
        if self._n_with_signs and not self._is_label:
            if self._n_with_signs + n_numbers >= MIN_TOLD_SHARE * self._n_cells:
                is_decimal = self._decimal != "," and _has_decimal_comma(self._signed)
                remedy = ", or name a decimal comma by decimal (--decimal ,)" if is_decimal else ""
                warn_caller(
                    f"column {self._name!r} is taken for levels, without an order: "
                    f"{self._n_with_signs} of {self._n_cells} cells are numbers with signs or "
                    f"separators, such as {self._signed!r}. Write plain numbers to have them "
                    f"learnt as such{remedy}."
                )
            return
        if n_numbers < MIN_TOLD_SHARE * self._n_cells or not self._numbers.fit or self._is_label:
            return
        n_others = self._n_cells - n_numbers
        if n_others:
            example = self._example or next(iter(strays or self._words))
            warn_caller(
                f"column {self._name!r} is taken for levels, without an order: {n_others} of "
                f"{self._n_cells} cells are no numbers, such as {example!r}. Name gaps among them "
                "by na_values (--na-values), or mend these cells."
            )

    def _warn_of_identifiers(self) -> None:
        ends = self._identifiers.ends()
        if ends and not self._is_label:
            warn_caller(
                f"column {self._name!r} has another whole number in every row, {ends[0]} to "
                f"{ends[1]}, as identifiers have, and synthetic rows repeat some of them. Unless "
                f"it measures something, leave it out by drop (--drop {self._name!r}, or "
                f"--keep {self._name!r} of augment)."
            )


class _NumberFacts:
    """Facts about the numbers of a column."""

    def __init__(self, decimal: Any):
        self._decimal = decimal
        self._code = False
        self._decimals: set[int] = set()
        self._lowest = 0
        self._highest = 0
        self.n_cells = 0
        self.whole = True

    def add(self, counts: pd.Series) -> None:
        """Take in numbers, counted by how they are written."""
        if counts.empty:
            return
        words = counts.index.to_series()
        self.n_cells += int(counts.sum())
        # what begins so, such as 01234, is a code and no number
        self._code |= bool(words.str.match(r"0\d").any())
        whole = words.str.fullmatch(r"\s*[+-]?\d+\s*")
        self.whole &= bool(whole.all())
        long = list(map(int, words[whole & (words.str.len() > 18)]))
        negative = [-1] * bool(words.str.contains("-").any())
        self._lowest = min([self._lowest, *negative, *long])
        self._highest = max([self._highest, *long])
        point = re.escape(self._decimal)
        plain = words.str.extract(rf"^\s*[+-]?\d*{point}?(\d*)\s*$")[0]
        fraction = plain.where(words.str.contains(self._decimal, regex=False), "")
        self._decimals |= set(fraction.str.len().fillna(-1).astype(int))

    @property
    def fit(self) -> bool:
        """True where they are numbers, and 64 bits hold them."""
        return not self._code and (not self.whole or self._dtype != "")

    @property
    def _dtype(self) -> Any:
        if not self.whole:
            return "Float64"
        if self._lowest >= -(2**63) and self._highest < 2**63:
            return "Int64"
        return "UInt64" if self._lowest >= 0 and self._highest < 2**64 else ""

    def spelling(self, gaps: Gaps) -> NumberSpelling:
        """Spelling of these numbers."""
        alike = len(self._decimals) == 1 and 0 < min(self._decimals) <= MAX_DECIMALS
        n_decimals = min(self._decimals) if alike else None
        return NumberSpelling(gaps, self._dtype, self._decimal, n_decimals)


class _Identifiers:
    """Whole numbers of a column, as long as they are all different."""

    def __init__(self) -> None:
        self._parts: list[np.ndarray] | None = []

    def add(self, cells: pd.Series | None) -> None:
        """Take in whole numbers; None are some that are none."""
        if self._parts is None:
            return
        numbers = None if cells is None else pd.to_numeric(cells.astype(object)).to_numpy()
        if numbers is None or numbers.dtype.kind not in "iu" or not are_distinct(numbers):
            self._parts = None
        else:
            self._parts.append(numbers)

    def ends(self) -> tuple[int, int] | None:
        """Lowest and highest number, where they look like identifiers."""
        numbers = np.concatenate(self._parts) if self._parts else np.array([])
        if not look_like_identifiers(numbers):
            return None
        return int(numbers.min()), int(numbers.max())


def _has_decimal_comma(cell: str) -> bool:
    """True for a cell with a comma that parts no thousands."""
    return re.search(DECIMAL_COMMA, cell) is not None


def _are_impossible_dates(words: pd.Series) -> np.ndarray:
    """Mask (n,) of what has the form of a date and is none, such as "0000-00-00"."""
    days = words.str.extract(f"^{DAY_FORM}{CLOCK_FORM}$")[0]
    mask = days.notna().to_numpy(dtype=bool, copy=True)
    for format in DAYS:
        if mask.any():
            mask[mask] = pd.to_datetime(days[mask], format=format, errors="coerce").isna()
    return mask


def _spellings_of_date(cell: str) -> list[DateSpelling]:
    """Ways to spell dates in which a cell is one."""
    fraction = re.search(r":\d\d\.(\d+)", cell)
    spellings = []
    for format in DATE_FORMATS:
        try:
            datetime.strptime(cell, format)
        except ValueError:
            continue
        ways = [DateSpelling(Gaps(), format, n_fraction_digits=len(fraction[1]) if fraction else 6)]
        if fraction is None:
            ways.append(DateSpelling(Gaps(), format, padded=False))
        spellings += [way for way in ways if way.fits(pd.Series([cell])).all()]
    return spellings
