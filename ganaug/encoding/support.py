"""Range of the values of a class, without the gaps in it."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from ganaug.storage.fields import Array

# A gap is wider than so many times the mean distance of the values beside it, on both sides.
MIN_GAP = 8.0

# How far a class reaches beyond its outermost value, in mean distances of the values beside it.
MARGIN = 1.0

# Largest probability with which so many rows of any class lie where those of a class do, for that
# to be taken for a property of the class. Where ten rows have but one of many values, classifiers
# learn more from rows that have others too.
MAX_CHANCE = 1e-6

# Share of all other rows, at most, that have the only value of a class, which then is its property
# even where the class has two rows.
MAX_SHARE_OF_CONSTANT = 0.03

# A column has levels if its values are no more than this, nor than the square root of its rows: a
# class has no other levels than its rows.
MAX_LEVELS = 10

# Values are few, of which some may occur once, up to this share of the rows of a class.
MAX_SHARE_OF_FEW = 1 / 3

LARGEST = float(np.finfo(float).max)

# Distances beside a gap that count, on each side.
N_DISTANCES = 3


@dataclass(eq=False)
class Support:
    """Intervals in which values of each class lie.

    Neighbouring values of a class belong to one interval unless they lie much farther apart
    than the values beside them do. Values of which each occurs more than once, or which are few
    for so many rows, such as those of a code, are intervals by themselves. Intervals count where
    so many rows of any class would hardly all lie in them; else nothing but gaps counts that no
    class has rows in, and that a class does not reach much beyond its outermost values. A value
    that all rows of a class have, and few others, is its interval in any case. Where a column has
    but a few values, those of a class are its intervals in any case, and of a class of
    one row those within reach.

    Attributes
    ----------
    starts, ends : (intervals,) arrays
        Ends of the intervals of all classes, those of the first class first, rising.
    offsets : (classes + 1,) array of int
        Where the intervals of each class begin in these, and those of the last one end.

    Examples
    --------
    >>> values = np.array([*8 * [3.0], *12 * [8.0], *range(1, 31)])
    >>> groups = np.repeat([0, 1], [20, 30])
    >>> support = Support.fit(values, values, groups)
    >>> support.nearest(np.array([1.0, 5.0, 6.0, 9.0]), 0), support.nearest(np.array([5.0]), 1)
    (array([3., 3., 8., 8.]), array([5.]))
    """

    starts: Annotated[np.ndarray, Array("float64", "intervals")]
    ends: Annotated[np.ndarray, Array("float64", "intervals")]
    offsets: Annotated[np.ndarray, Array("int64", "_", 0)]

    def __post_init__(self) -> None:
        n_intervals = len(self.starts)
        rising = (np.diff(self.offsets) >= 0).all() and self.offsets[-1:].tolist() == [n_intervals]
        if not (rising and self.offsets[0] == 0 and (self.starts <= self.ends).all()):
            raise ValueError("intervals of a column must rise")

    @classmethod
    def fit(
        cls, values: np.ndarray, scores: np.ndarray, groups: np.ndarray, reach: float = 0.0
    ) -> "Support":
        """Find the intervals of each class.

        Parameters
        ----------
        values : (n,) array
            Finite numbers.
        scores : (n,) array
            The same on the scale on which distances are measured, in the same order.
        groups : (n,) array of int
            Number of each value's class, negative where it has none.
        reach : float
            How far from it the class of a single value reaches.
        """
        everything = np.sort(values)
        n_levels = 1 + np.count_nonzero(np.diff(everything))
        has_levels = n_levels <= min(MAX_LEVELS, np.sqrt(len(everything)))
        order = np.lexsort((values, groups))
        order = order[groups[order] >= 0]
        starts: list[np.ndarray] = []
        ends: list[np.ndarray] = []
        sizes = np.bincount(groups[order])
        stops = sizes.cumsum()
        for start, stop in zip(stops - sizes, stops, strict=True):
            own = order[start:stop]
            # the only row of a table tells of no levels
            if has_levels and len(values) > 1:
                low = high = _levels(values[own], everything, reach)
            else:
                low, high = _intervals(values[own], scores[own], everything, reach)
            starts.append(low)
            ends.append(high)
        offsets = np.cumsum([0, *map(len, starts)])
        return cls(np.concatenate([[], *starts]), np.concatenate([[], *ends]), offsets)

    def nearest(self, values: np.ndarray, group: int) -> np.ndarray:
        """Values (n,), those outside the intervals of a class moved to the nearest end of one."""
        return values.clip(*self.nearest_interval(values, group))

    def nearest_interval(self, values: np.ndarray, group: int) -> tuple[np.ndarray, np.ndarray]:
        """First and last values (n,) of the interval of a class that each value is nearest to."""
        own = slice(*self.offsets[group : group + 2]) if group + 1 < len(self.offsets) else slice(0)
        starts = self.starts[own]
        ends = self.ends[own]
        if not len(starts):
            return np.full(len(values), -LARGEST), np.full(len(values), LARGEST)
        interval = (np.searchsorted(starts, values, side="right") - 1).clip(0)
        after = (interval + 1).clip(max=len(starts) - 1)
        below = values.clip(starts[interval], ends[interval])
        above = starts[after]
        # halved, as the distance of the largest doubles is none
        is_above = (above > values) & (above / 2 - values / 2 < values / 2 - below / 2)
        interval = np.where(is_above, after, interval)
        return starts[interval], ends[interval]


def _levels(values: np.ndarray, everything: np.ndarray, reach: float) -> np.ndarray:
    """Levels of a class; where it has a single row, all those within its reach."""
    if len(values) != 1:
        return np.unique(values)
    levels = np.unique(everything)
    # halved, as the distance of the largest doubles is none
    return levels[np.abs(levels / 2 - values / 2) <= reach / 2]


def _intervals(
    values: np.ndarray, scores: np.ndarray, everything: np.ndarray, reach: float
) -> tuple[np.ndarray, np.ndarray]:
    """First and last values of the intervals of a class, whose values rise."""
    n = len(values)
    if n < 2:
        with np.errstate(over="ignore"):
            return (values - reach).clip(-LARGEST), (values + reach).clip(max=LARGEST)
    distinct, counts = np.unique(values, return_counts=True)
    few = len(distinct) <= min(MAX_LEVELS, n * MAX_SHARE_OF_FEW)
    n_others = len(everything) - n
    n_alike = _count_inside(distinct, distinct, everything) - n
    is_constant = len(distinct) == 1 and n_alike <= MAX_SHARE_OF_CONSTANT * n_others
    may_be_levels = few or counts.min() > 1
    if is_constant or (may_be_levels and _is_unlikely(distinct, distinct, everything, n)):
        return distinct, distinct
    is_gap = _gaps(scores)
    starts = values[np.append(True, is_gap)]
    ends = values[np.append(is_gap, True)]
    near = min(N_DISTANCES, n - 1)
    with np.errstate(over="ignore"):
        low, high = np.diff(values[[0, near, -1 - near, -1]] / near * MARGIN)[[0, 2]]
        starts[0] -= low * (counts[0] == 1)
        ends[-1] += high * (counts[-1] == 1)
    if not _is_unlikely(starts, ends, everything, n):
        # all the same, nothing lies where no class has rows
        is_empty = _count(ends[:-1], starts[1:], everything) == 0
        starts = np.append(starts[0], starts[1:][is_empty])
        ends = np.append(ends[:-1][is_empty], ends[-1])
        starts[0] = starts[0] if counts[0] == 1 else -LARGEST
        ends[-1] = ends[-1] if counts[-1] == 1 else LARGEST
    return starts.clip(-LARGEST), ends.clip(max=LARGEST)


def _count(low: np.ndarray, high: np.ndarray, everything: np.ndarray) -> np.ndarray:
    """Number of rising values between each pair of ends, without these."""
    return np.searchsorted(everything, high, "left") - np.searchsorted(everything, low, "right")


def _is_unlikely(low: np.ndarray, high: np.ndarray, everything: np.ndarray, n: int) -> bool:
    """True where ``n`` rows of any class would hardly all lie in these intervals."""
    return (_count_inside(low, high, everything) / len(everything)) ** n < MAX_CHANCE


def _count_inside(low: np.ndarray, high: np.ndarray, everything: np.ndarray) -> int:
    """Number of rising values that lie in any of these intervals, or at their ends."""
    inside = np.searchsorted(everything, high, "right") - np.searchsorted(everything, low, "left")
    return int(inside.sum())


def _gaps(scores: np.ndarray) -> np.ndarray:
    """True for each distance (n - 1,) of rising scores that is much longer than those beside it."""
    place = np.arange(len(scores) - 1)
    left = _mean_distance(scores, np.maximum(place - N_DISTANCES, 0), place)
    after = np.minimum(place + 1 + N_DISTANCES, len(scores) - 1)
    right = _mean_distance(scores, place + 1, after)
    return np.diff(scores) > MIN_GAP * np.fmax(left, right)


def _mean_distance(values: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Mean distance of neighbours among rising values from place to place; NaN for a lone one."""
    n_distances = np.where(end > start, end - start, np.nan)
    return (values[end] - values[start]) / n_distances


# Of no class: any value may be.
NO_SUPPORT = Support(np.empty(0), np.empty(0), np.zeros(1, dtype=int))
