"""Common origins of columns that are counted from their first values, so that these compare."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from ganaug.encoding.casting import MAX_EXACT
from ganaug.encoding.dates import Dates, unit_lengths
from ganaug.encoding.numbers import ExactNumbers
from ganaug.encoding.values import Values

# Distances that columns of dates have in a common unit, at most: of larger ones, steps are lost.
MAX_SPAN = MAX_EXACT // 8


def align(values: Sequence[Values], frame: pd.DataFrame) -> list[Values]:
    """Readers and writers of columns, of which those that are alike count from one origin.

    Then the floats of one column are below those of another where its dates or numbers are.

    Parameters
    ----------
    values : sequence of readers and writers
    frame : DataFrame
        Columns that they were fitted to.

    Examples
    --------
    >>> days = pd.DataFrame({"end": ["2020-01-03"], "start": ["2020-01-01"]}).astype("M8[s]")
    >>> fitted = [Dates.fit(column) for _, column in days.items()]
    >>> [one.read(days.iloc[:, j]).tolist() for j, one in enumerate(align(fitted, days))]
    [[2.0], [0.0]]
    """
    dates: dict[int, Dates] = {}
    numbers: dict[int, ExactNumbers] = {}
    for place, one in enumerate(values):
        if isinstance(one, Dates) and frame.iloc[:, place].notna().any():
            dates[place] = one
        elif isinstance(one, ExactNumbers) and one.is_large:
            numbers[place] = one
    aligned: dict[int, Values] = {}
    aligned.update(_aligned_dates(dates, frame))
    aligned.update(_aligned_numbers(numbers))
    return [aligned.get(place, one) for place, one in enumerate(values)]


def _aligned_dates(dates: Mapping[int, Dates], frame: pd.DataFrame) -> Iterator[tuple[int, Dates]]:
    """Columns of dates by their numbers, those of one type in a common unit if that is exact."""
    spans: dict[int, tuple[int, int]] = {}
    for place, one in dates.items():
        latest = int(np.nanmax(one.read(frame.iloc[:, place])))
        spans[place] = one.first, one.first + latest * one.unit
    for plain in dict.fromkeys(one.plain for one in dates.values()):
        alike = [place for place, one in dates.items() if one.plain == plain]
        units = dict.fromkeys(dates[place].unit for place in alike)
        by_unit = [[place for place in alike if dates[place].unit == unit] for unit in units]
        together = _common_count([dates[place] for place in alike])
        latest = max(spans[place][1] for place in alike)
        is_exact = (latest - together[0]) // together[1] <= MAX_SPAN
        for places in [alike] if is_exact else by_unit:
            first, unit = _common_count([dates[place] for place in places])
            latest = max(spans[place][1] for place in places)
            if (latest - first) // unit <= MAX_SPAN:
                for place in places:
                    yield place, replace(dates[place], first=first, unit=unit)


def _common_count(dates: Sequence[Dates]) -> tuple[int, int]:
    """First tick of some columns, and the coarsest unit in which all their dates lie behind it."""
    first = min(one.first for one in dates)
    step = math.gcd(*(n for one in dates for n in (one.unit, one.first - first)))
    return first, next(unit for unit in unit_lengths(dates[0].plain) if step % unit == 0)


def _aligned_numbers(numbers: Mapping[int, ExactNumbers]) -> Iterator[tuple[int, ExactNumbers]]:
    """Columns of large numbers by their numbers, those of as many places if that is exact."""
    for n_places in dict.fromkeys(one.places for one in numbers.values()):
        alike = {place: one for place, one in numbers.items() if one.places == n_places}
        lowest = min(one.lowest for one in alike.values())
        highest = max(one.highest for one in alike.values())
        distances = [one.lowest - lowest for one in alike.values()]
        unit = math.gcd(*distances, *(one.unit for one in alike.values()))
        if (highest - lowest) // unit <= MAX_EXACT:
            for place, one in alike.items():
                yield place, replace(one, lowest=lowest, highest=highest, unit=unit)
