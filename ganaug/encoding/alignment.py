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
    aligned: dict[int, Values] = {**_aligned_dates(dates, frame), **dict(_aligned_numbers(numbers))}
    return [aligned.get(place, one) for place, one in enumerate(values)]


def _aligned_dates(dates: Mapping[int, Dates], frame: pd.DataFrame) -> dict[int, Dates]:
    """Columns of dates by their numbers, those of one type in a common unit if that is exact."""
    latest = {
        place: one.first + int(np.nanmax(one.read(frame.iloc[:, place]))) * one.unit
        for place, one in dates.items()
    }
    aligned: dict[int, Dates] = {}
    for plain in dict.fromkeys(one.plain for one in dates.values()):
        alike = {place: one for place, one in dates.items() if one.plain == plain}
        together = _in_common_unit(alike, latest)
        if not together:
            for unit in dict.fromkeys(one.unit for one in alike.values()):
                equal = {place: one for place, one in alike.items() if one.unit == unit}
                together |= _in_common_unit(equal, latest)
        aligned |= together
    return aligned


def _in_common_unit(dates: Mapping[int, Dates], latest: Mapping[int, int]) -> dict[int, Dates]:
    """Columns of dates by their numbers, in the coarsest common unit; none if that is not exact."""
    first = min(one.first for one in dates.values())
    step = math.gcd(*(n for one in dates.values() for n in (one.unit, one.first - first)))
    plain = next(iter(dates.values())).plain
    unit = next(unit for unit in unit_lengths(plain) if step % unit == 0)
    if (max(latest[place] for place in dates) - first) // unit > MAX_SPAN:
        return {}
    return {place: replace(one, first=first, unit=unit) for place, one in dates.items()}


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
