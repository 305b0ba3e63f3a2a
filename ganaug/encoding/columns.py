"""One numeric column <-> normal scores."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from scipy.special import ndtr, ndtri

from ganaug.encoding.rounding import Rounding
from ganaug.encoding.support import NO_SUPPORT, Support
from ganaug.storage.fields import Array

# Scores beyond are not used: the outermost 3 in 10 million rows.
SCORE_LIMIT = 5.0

# How far a class of one row reaches from it, in standard deviations within classes.
LONE_REACH = 1.5

# Distinct values that are remembered of a column; others lie between their neighbours.
MAX_VALUES = 10_000

# Error of a share by rounding, at most.
SLACK = 1e-9


@dataclass(eq=False)
class NumericColumn:
    """Randomised empirical distribution function of one numeric column.

    A value becomes ``z = ndtri(u)`` with ``u`` in the middle between the shares of rows
    below and up to it, or drawn between them where it occurs more than once, so that ties,
    zeros and integers all become standard normal; decoding inverts it. Values that occur
    once are joined by straight lines; values that occur more often keep exactly their
    share. What is decoded lies within the range of the fitted values, has their decimals,
    and lies where those of its class do. Of more than ``MAX_VALUES`` different values so many
    are remembered: the smallest and the largest, the most frequent, and others at even
    ranks.

    Attributes
    ----------
    values : (values,) array
        Distinct values that are remembered, rising.
    below, above : (values,) arrays
        Shares of rows that lie below each value, and up to it.
    repeated : (values,) array of bool
        True for values that occur more than once.
    support : Support
        Where the values of each class lie.
    rounding : Rounding
        Decimals and steps of the values.
    width : int
        Number of encoded features, 1.

    Examples
    --------
    >>> column = NumericColumn.fit(np.array([0, 0, 0, 7]))
    >>> column.decode(np.array([[-3.0], [0.0], [3.0]]))
    array([0., 0., 7.])
    """

    values: Annotated[np.ndarray, Array("float64", "values")]
    below: Annotated[np.ndarray, Array("float64", "values", -SLACK, 1 + SLACK)]
    above: Annotated[np.ndarray, Array("float64", "values", 0, 1 + SLACK)]
    repeated: Annotated[np.ndarray, Array("bool", "values")]
    support: Support
    rounding: Rounding

    width: ClassVar[int] = 1

    def __post_init__(self) -> None:
        if not (len(self.values) and (np.diff(self.values) > 0).all()):
            raise ValueError("values of a column must rise")
        # A repeated value holds its interval of u; a single one holds its middle.
        middle = (self.below + self.above) / 2
        left = np.where(self.repeated, self.below, middle)
        right = np.where(self.repeated, self.above, middle)
        self._knots = np.stack([left, right], axis=1).ravel()
        if not (np.diff(self._knots) >= -SLACK).all():
            raise ValueError("shares of a column must rise")
        # slopes between the largest doubles would overflow; a power of two loses no digit
        self._scale = 2.0**100 if np.abs(self.values).max() > 1e270 else 1.0
        self._knot_values = np.repeat(self.values / self._scale, 2)

    @classmethod
    def fit(cls, values: np.ndarray, groups: np.ndarray | None = None) -> "NumericColumn":
        """Fit a column to some values.

        Parameters
        ----------
        values : (n,) array
            Finite numbers, at least one.
        groups : (n,) array of int, default=None
            Number of each row's class, negative where it has none; None takes all rows
            for one.
        """
        values = np.asarray(values, dtype=np.float64)
        distinct, counts = np.unique(values, return_counts=True)
        kept = _remembered(counts)
        above = counts.cumsum()[kept] / len(values)
        column = cls(
            values=distinct[kept],
            below=above - counts[kept] / len(values),
            above=above,
            repeated=counts[kept] > 1,
            support=NO_SUPPORT,
            rounding=Rounding.fit(distinct),
        )
        groups = np.zeros(len(values), dtype=int) if groups is None else groups
        reach = LONE_REACH * deviation_within(values, groups)
        column.support = Support.fit(values, column.encode(values)[:, 0], groups, reach)
        return column

    def encode(self, values: np.ndarray, rng: np.random.Generator | None = None) -> np.ndarray:
        """Normal scores (n, 1) within +-5.

        ``rng`` spreads tied values over their interval; None puts all of them
        at its middle. Values not seen in ``fit`` lie between their neighbours, a gap
        in the middle of all.
        """
        values = np.asarray(values, dtype=np.float64)
        index = np.searchsorted(self.values, values).clip(max=len(self.values) - 1)
        seen = self.values[index] == values
        within = np.full(len(values), 0.5)
        if rng is not None:
            within[self.repeated[index]] = rng.uniform(size=int(self.repeated[index].sum()))
        tied = self.below[index] + within * (self.above[index] - self.below[index])
        middle = (self.below + self.above) / 2
        u = np.where(seen, tied, np.interp(values, self.values, middle))
        return np.nan_to_num(np.clip(ndtri(u), -SCORE_LIMIT, SCORE_LIMIT))[:, None]

    def decode(self, scores: np.ndarray, group: int | None = None) -> np.ndarray:
        """Values (n,) of normal scores (n, 1), where those of a class lie if one is given.

        Scores beyond the ends of a class are mirrored there.
        """
        values = self._quantile(scores[:, 0])
        if group is not None:
            low, high = self.support.nearest_interval(values, group)
            # moved to the ends, many would have the same value, which hardly any row has
            beyond = (values < low) | (values > high) | self._is_lone_end(values)
            first, last = (self._scores_of_ends(ends[beyond]) for ends in (low, high))
            values[beyond] = self._quantile(fold(scores[beyond, 0], first, last))
        return self.admit(values, group)

    def admit(self, values: np.ndarray, group: int | None = None) -> np.ndarray:
        """Nearest values (n,) that the column may have, in a class if one is given."""
        values = values.clip(self.values[0], self.values[-1])
        if group is not None:
            values = self.support.nearest(values, group)
        return self.rounding.round(values)

    def _scores_of_ends(self, ends: np.ndarray) -> np.ndarray:
        """Scores (n,) that decode to the ends of intervals; of repeated values their middle."""
        index = np.searchsorted(self.values, ends).clip(max=len(self.values) - 1)
        tied = (self.below[index] + self.above[index]) / 2
        between = np.interp(ends / self._scale, self._knot_values, self._knots)
        shares = np.where(self.values[index] == ends, tied, between)
        return np.clip(ndtri(shares), -SCORE_LIMIT, SCORE_LIMIT)

    def _is_lone_end(self, values: np.ndarray) -> np.ndarray:
        """True for the smallest and the largest of all values, where these occur once."""
        return np.isin(values, self.values[[0, -1]][~self.repeated[[0, -1]]])

    def _quantile(self, scores: np.ndarray) -> np.ndarray:
        return self._scale * np.interp(ndtr(scores), self._knots, self._knot_values)


@dataclass(eq=False)
class MissingAwareColumn:
    """A numeric column with gaps: its score, 0 in gaps, and its presence, one-hot.

    Attributes
    ----------
    column : NumericColumn
        Column of the values that are present.

    Examples
    --------
    >>> column = MissingAwareColumn.fit(np.array([1.0, np.nan, 3.0]), np.zeros(3, dtype=int))
    >>> column.encode(np.array([np.nan]))
    array([[0., 0., 1.]])
    >>> column.decode(np.array([[3.0, 1.0, 0.0], [3.0, 0.0, 1.0]]))
    array([ 3., nan])
    """

    column: NumericColumn

    width: ClassVar[int] = 3

    @classmethod
    def fit(cls, values: np.ndarray, groups: np.ndarray) -> "MissingAwareColumn":
        """Fit a column to some values.

        Parameters
        ----------
        values : (n,) array
            Numbers, NaN where there is a gap, but not everywhere.
        groups : (n,) array of int
            Number of each row's class, negative where it has none.
        """
        present = ~np.isnan(values)
        return cls(NumericColumn.fit(values[present], groups[present]))

    def encode(self, values: np.ndarray, rng: np.random.Generator | None = None) -> np.ndarray:
        """Encoded values (n, 3): normal score, 1 where present, 1 where not."""
        gaps = np.isnan(values)[:, None]
        return np.hstack([self.column.encode(values, rng), ~gaps, gaps])

    def decode(self, codes: np.ndarray, group: int | None = None) -> np.ndarray:
        """Values (n,) of codes (n, 3), NaN where the last feature is the larger one."""
        values = self.column.decode(codes[:, :1], group)
        return np.where(codes[:, 2] > codes[:, 1], np.nan, values)

    def admit(self, values: np.ndarray, group: int | None = None) -> np.ndarray:
        """Nearest values (n,) that the column may have, none of them a gap."""
        return self.column.admit(values, group)


def _remembered(counts: np.ndarray) -> np.ndarray:
    """Numbers of the sorted values to remember, by how often each occurs."""
    if len(counts) <= MAX_VALUES:
        return np.arange(len(counts))
    ranks = np.linspace(0, len(counts) - 1, MAX_VALUES // 2).round().astype(int)
    frequent = np.argsort(-counts, kind="stable")[: MAX_VALUES // 2]
    return np.union1d(ranks, frequent[counts[frequent] > 1])


def fold(values: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Values as mirrors at both ends of intervals bring them inside.

    Examples
    --------
    >>> fold(np.array([0.5, 1.25, -0.5, 2.25]), np.zeros(4), np.ones(4))
    array([0.5 , 0.75, 0.5 , 0.25])
    """
    width = high - low
    with np.errstate(invalid="ignore", divide="ignore"):
        gone = np.nan_to_num(np.mod(values - low, 2 * width))
    return low + width - np.abs(gone - width)


def deviation_within(values: np.ndarray, groups: np.ndarray | None) -> float:
    """Standard deviation of values around the mean of their group, without those of no group.

    Where none has a group, all are taken for one.

    Examples
    --------
    >>> values = np.array([0.0, 2.0, 100.0, 102.0])
    >>> round(deviation_within(values, np.array([0, 0, 1, 1])), 6)
    1.0
    """
    if groups is None or groups.max(initial=-1) < 0:
        groups = np.zeros(len(values), dtype=int)
    elif groups.min() < 0:
        values = values[groups >= 0]
        groups = groups[groups >= 0]
    # squares of the largest doubles would overflow
    scale = max(float(np.abs(values).max()), np.finfo(float).tiny)
    scaled = values / scale
    sizes = np.maximum(np.bincount(groups), 1)
    means = np.bincount(groups, weights=scaled) / sizes
    lowest = np.full(len(sizes), np.inf)
    highest = -lowest
    np.minimum.at(lowest, groups, scaled)
    np.maximum.at(highest, groups, scaled)
    # a mean of equal values is rounded, and none of them
    deviations = np.where((lowest == highest)[groups], 0.0, scaled - means[groups])
    return scale * float(np.sqrt(np.mean(deviations**2)))
