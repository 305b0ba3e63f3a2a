"""Columns that follow from another one by a curve, but for a small error."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from scipy.interpolate import make_smoothing_spline
from scipy.stats import rankdata

from ganaug.encoding.columns import NumericColumn, deviation_within
from ganaug.encoding.subsample import evenly_spaced
from ganaug.storage.fields import Array

# Largest error of a curve, in standard deviations of its target within classes: of all rows
# together, and of those of each class.
MAX_ERROR = 0.3
MAX_CLASS_ERROR = 0.6

# Rows that curves are fitted to at most, and of a table at least; rows of a class that count.
MAX_ROWS = 2000
MIN_ROWS = 50
MIN_CLASS_ROWS = 5

# Points of a curve, at even ranks of its source.
N_KNOTS = 65

# Bins of ranks whose means tell which pairs of columns are worth a curve: those whose error is no
# larger than so many standard deviations.
N_BINS = 32
MAX_BIN_ERROR = 0.7

# Columns of fewer different values are levels; so are those of which one value is more frequent.
MIN_DISTINCT = 20
MAX_TIED = 0.1

# Squares of larger numbers, and of smaller ones, are none.
LARGEST = 1e100
SMALLEST = 1e-100

# Curves that are tried for each column, those of the columns that tell most of it.
MAX_TRIED = 3


@dataclass(eq=False)
class Curves:
    """Columns that are a smooth function of one other column, but for a small error.

    In place of such a column its error is encoded, so what is drawn lies as near to the curve as
    real rows do. The curve is fitted to rows of all classes: it serves the smallest too. It
    counts where it leaves little of what the column varies by, in every class.

    Attributes
    ----------
    targets, sources : (curves,) arrays of int
        Columns that follow from another, and these others; no column is both.
    knots, heights : (curves, knots) arrays
        Points of the curves, joined by straight lines: values of the source, rising, and of the
        target.
    columns : list of NumericColumn
        Encoders of the targets' own values, which say what values may be drawn.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x = rng.uniform(-2, 2, 500)
    >>> X = np.column_stack([x, x**2 + 0.05 * rng.normal(size=500)])
    >>> curves = Curves.fit(X, np.zeros(500, dtype=int))
    >>> curves.targets, curves.sources
    (array([1]), array([0]))
    >>> rows = np.array([[1.5, 0.0]])
    >>> curves.add(rows)
    >>> rows.round(1)
    array([[1.5, 2.2]])
    """

    targets: Annotated[np.ndarray, Array("int64", "curves", 0)]
    sources: Annotated[np.ndarray, Array("int64", "curves", 0)]
    knots: Annotated[np.ndarray, Array("float64", "curves knots")]
    heights: Annotated[np.ndarray, Array("float64", "curves knots")]
    columns: list[NumericColumn]

    def __post_init__(self) -> None:
        n_targets = len(np.unique(self.targets))
        if n_targets < len(self.targets) or np.isin(self.sources, self.targets).any():
            raise ValueError("targets of curves must be different columns, and no sources")
        if len(self.columns) != n_targets or (np.diff(self.knots) < 0).any():
            raise ValueError("knots of curves must rise, and each target have an encoder")

    @classmethod
    def fit(cls, X: np.ndarray, groups: np.ndarray, columns: np.ndarray | None = None) -> "Curves":
        """Find the curves between columns of a table.

        Parameters
        ----------
        X : (n, columns) array
            Rows of floats.
        groups : (n,) array of int
            Class of each row, negative where it has none.
        columns : array of int, default=None
            Columns to look at, which have no gaps; None looks at all.
        """
        columns = np.arange(X.shape[1]) if columns is None else columns
        some = X[evenly_spaced(len(X), MAX_ROWS)]
        spread = {
            j: deviation_within(X[:, j], groups)
            for j in columns.tolist()
            if len(X) >= MIN_ROWS and _is_continuous(some[:, j])
        }
        chosen = [j for j in spread if spread[j] > 0]
        some = some[:, chosen]
        spreads = np.array([spread[j] for j in chosen])
        found: dict[int, tuple[int, np.ndarray, np.ndarray]] = {}
        sources: set[int] = set()
        n_tried: Counter[int] = Counter()
        for i, j in _candidates(some, spreads):
            target = chosen[i]
            source = chosen[j]
            related = target in found or target in sources or source in found
            if related or n_tried[target] == MAX_TRIED:
                continue
            n_tried[target] += 1
            knots, heights = _fit_curve(some[:, j], some[:, i])
            errors = X[:, target] - np.interp(X[:, source], knots, heights)
            if _is_small(errors, X[:, target], groups):
                found[target] = source, knots, heights
                sources.add(source)
        targets = sorted(found)
        parts = [found[target] for target in targets]
        return cls(
            targets=np.array(targets, dtype=np.int64),
            sources=np.array([source for source, _, _ in parts], dtype=np.int64),
            knots=np.array([knots for _, knots, _ in parts]).reshape(-1, N_KNOTS),
            heights=np.array([heights for _, _, heights in parts]).reshape(-1, N_KNOTS),
            columns=[NumericColumn.fit(X[:, target], groups) for target in targets],
        )

    def subtract(self, X: np.ndarray) -> np.ndarray:
        """Rows (n, columns) with errors in place of the targets' values."""
        if not len(self.targets):
            return X
        X = X.copy()
        X[:, self.targets] -= self._interpolate(X)
        return X

    def add(self, rows: np.ndarray, group: int | None = None) -> None:
        """Put values of the targets in place of errors in rows (n, columns).

        They are values that the targets may have, in a class if one is given.
        """
        if not len(self.targets):
            return
        values = rows[:, self.targets] + self._interpolate(rows)
        for k, (target, column) in enumerate(zip(self.targets, self.columns, strict=True)):
            rows[:, target] = column.admit(values[:, k], group)

    def _interpolate(self, X: np.ndarray) -> np.ndarray:
        """Heights (n, curves) of the curves where rows have their sources."""
        curves = zip(self.sources, self.knots, self.heights, strict=True)
        return np.column_stack(
            [np.interp(X[:, source], knots, heights) for source, knots, heights in curves]
        )


def _is_continuous(values: np.ndarray) -> bool:
    """True for a column of many values of which none is frequent."""
    _, counts = np.unique(values, return_counts=True)
    varied = len(counts) >= MIN_DISTINCT and counts.max() <= MAX_TIED * len(values)
    return bool(varied and SMALLEST < float(np.abs(values).max()) < LARGEST)


def _candidates(X: np.ndarray, spreads: np.ndarray) -> Iterator[tuple[int, int]]:
    """Pairs (target, source) of columns of which one tells much of the other, best pairs first.

    Means over bins of the source are taken of every second row, and tell of the others.
    """
    n, n_columns = X.shape
    n_bins = min(N_BINS, n // 10)
    half = np.arange(n) % 2
    errors = np.empty((n_columns, n_columns))
    for source in range(n_columns):
        ranks = rankdata(X[:, source], method="ordinal").astype(int) - 1
        bins = ranks * n_bins // n
        differences = np.empty_like(X)
        for side in (0, 1):
            seen = half == side
            sums = np.zeros((n_bins, n_columns))
            np.add.at(sums, bins[seen], X[seen])
            sizes = np.bincount(bins[seen], minlength=n_bins).clip(min=1)
            differences[~seen] = X[~seen] - (sums / sizes[:, None])[bins[~seen]]
        errors[:, source] = np.sqrt(np.mean(differences**2, axis=0)) / spreads
    np.fill_diagonal(errors, np.inf)
    for place in np.argsort(errors, axis=None, kind="stable"):
        target, source = divmod(int(place), n_columns)
        if errors[target, source] > MAX_BIN_ERROR:
            return
        yield target, source


def _fit_curve(source: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Knots and heights of a smoothing spline over the ranks of its source."""
    distinct, where = np.unique(source, return_inverse=True)
    center = target.mean()
    scale = target.std()
    # the spline takes long to find how smooth it is of more points than it has knots
    n_groups = min(len(distinct), N_KNOTS)
    group = where * n_groups // len(distinct)
    counts = np.bincount(group)
    means = np.bincount(group, weights=(target - center) / scale) / counts
    ranks = np.bincount(group, weights=where) / counts / (len(distinct) - 1)
    spline = make_smoothing_spline(ranks, means, w=counts.astype(float))
    places = np.linspace(0, 1, N_KNOTS)
    knots = np.interp(places, np.linspace(0, 1, len(distinct)), distinct)
    return knots, center + scale * spline(places)


def _is_small(errors: np.ndarray, values: np.ndarray, groups: np.ndarray) -> bool:
    """True where errors vary far less than values do, within all classes and in each."""
    if deviation_within(errors, groups) > MAX_ERROR * deviation_within(values, groups):
        return False
    classes = (groups == group for group in range(groups.max(initial=-1) + 1))
    return all(
        errors[rows].std() <= MAX_CLASS_ERROR * values[rows].std()
        for rows in classes
        if rows.sum() >= MIN_CLASS_ROWS
    )
