"""Real rows that lend their levels to drawn ones: in linked columns, and those of many levels."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np

from ganaug.encoding.categories import CategoricalColumn
from ganaug.encoding.rows import Matrix, dense
from ganaug.storage.fields import Array

# Donors of a class, at most.
MAX_DONORS = 10_000

# Columns are linked where they have so few of the pairs that they would have if they knew nothing
# of one another, at most; that is counted in so many rows and columns.
MAX_PAIRS = 0.6
N_ROWS = 2000
MAX_COLUMNS = 100

# A row takes the levels of one of so many donors: those nearest to it.
N_NEAREST = 5

# What tells donors apart that are equally far.
TINY = 1e-6

# Distances that are held at once.
N_DISTANCES = 2**22


@dataclass(eq=False)
class LevelDonors:
    """Training rows from which drawn rows take the levels of some columns.

    Columns of levels are linked where few of the possible pairs of their levels occur, such
    as city and country; a drawn row takes the levels of linked columns from one donor. Donors
    are rows of its class that agree with as many of its own levels as any do, and of these
    the nearest. Columns of very many levels, of which the rare ones share a feature, take
    theirs likewise, each by itself if it is linked to none.

    Attributes
    ----------
    columns : (k,) array of int
        Columns whose levels come from donors, rising.
    groups : (k,) array of int
        Number of the group of linked columns that each belongs to.
    levels : (donors, k) array
        Levels of the donors, class by class.
    scores : (donors, q) array
        Their encoded quantities.
    offsets : (classes + 1,) array of int
        Where the donors of each class begin, and those of the last one end.

    References
    ----------
    Andridge and Little, "A review of hot deck imputation for survey non-response",
    International Statistical Review, 2010.

    Examples
    --------
    >>> levels = np.array([[0.0, 10.0], [1.0, 11.0], [2.0, 12.0]])
    >>> donors = LevelDonors(
    ...     np.array([3, 4]), np.array([0, 0]), levels, np.zeros((3, 0)), np.array([0, 3])
    ... )
    >>> drawn = np.array([[1, 1], [2, 7]])
    >>> of_donors = np.array([[0, 0], [1, 1], [2, 2]])
    >>> donors.draw(drawn, np.zeros((2, 0)), of_donors, 0, np.full((2, 2), 0.5))
    array([[ 1., 11.],
           [ 2., 12.]])
    """

    columns: Annotated[np.ndarray, Array("int64", "k", 0)]
    groups: Annotated[np.ndarray, Array("int64", "k", 0)]
    levels: Annotated[np.ndarray, Array("float64", "donors k", nan=True)]
    scores: Annotated[np.ndarray, Array("float32", "donors q")]
    offsets: Annotated[np.ndarray, Array("int64", "_", 0)]

    def __post_init__(self) -> None:
        n_donors = len(self.levels)
        # every class has one, where there are columns to lend
        rising = (np.diff(self.offsets) >= bool(len(self.columns))).all()
        if not (rising and self.offsets[:1] == 0 and self.offsets[-1] == n_donors):
            raise ValueError("donors must be those of one class after the other")
        if (np.diff(self.columns) <= 0).any():
            raise ValueError("columns of donors must rise")

    @classmethod
    def fit(cls, X: Matrix, groups: np.ndarray, columns: Sequence[Any]) -> "LevelDonors":
        """Find the columns that need donors, and choose these.

        Parameters
        ----------
        X : (n, columns) array or sparse matrix
        groups : (n,) array of int
            Class of each row, negative where it has none.
        columns : sequence
            Encoders of the columns.
        """
        is_level = np.array([isinstance(column, CategoricalColumn) for column in columns])
        candidates = np.flatnonzero(is_level)
        linked, sizes = _linked_columns(X, candidates)
        has_rare = np.array([columns[j].has_rare for j in candidates.tolist()], dtype=bool)
        lent = has_rare | (sizes > 1)
        n_classes = int(groups.max() + 1) if lent.any() else 0
        rng = np.random.default_rng(0)
        chosen = [rng.permutation(np.flatnonzero(groups == group)) for group in range(n_classes)]
        chosen = [rows[:MAX_DONORS] for rows in chosen]
        donors = dense(X[np.concatenate([*chosen, np.zeros(0, dtype=int)])])
        quantities = [j for j, one in enumerate(columns) if not is_level[j]]
        scores = np.empty((len(donors), len(quantities)), dtype=np.float32)
        for k, j in enumerate(quantities):
            scores[:, k] = columns[j].encode(donors[:, j])[:, 0]
        return cls(
            columns=candidates[lent],
            groups=linked[lent],
            levels=donors[:, candidates[lent]].astype(float),
            scores=scores,
            offsets=np.cumsum([0, *map(len, chosen)], dtype=np.int64),
        )

    def draw(
        self,
        features: np.ndarray,
        scores: np.ndarray,
        of_donors: np.ndarray,
        group: int | None,
        uniform: np.ndarray,
    ) -> np.ndarray:
        """Levels (n, k) that rows take.

        Parameters
        ----------
        features : (n, k) array of int
            One-hot features that the rows have drawn in each column.
        scores : (n, q) array
            Their quantities.
        of_donors : (donors, k) array of int
            Features of the donors.
        group : int or None
            Class of the rows; None takes donors of all.
        uniform : (n, k) array
            Uniform between 0 and 1: chooses among donors.
        """
        own = slice(*self.offsets[group : group + 2]) if group is not None else slice(None)
        drawn = np.empty(features.shape)
        for number in np.unique(self.groups):
            columns = np.flatnonzero(self.groups == number)
            wanted, kinds = np.unique(features[:, columns], axis=0, return_inverse=True)
            order = np.argsort(kinds.ravel(), kind="stable")
            ends = np.cumsum(np.bincount(kinds.ravel()))
            for kind, rows in zip(wanted, np.split(order, ends[:-1]), strict=True):
                n_equal = (of_donors[own][:, columns] == kind).sum(axis=1)
                donors = np.flatnonzero(n_equal == n_equal.max()) + (own.start or 0)
                nearest = _choose(scores[rows], self.scores[donors], uniform[rows, columns[0]])
                drawn[np.ix_(rows, columns)] = self.levels[np.ix_(donors[nearest], columns)]
        return drawn


def _linked_columns(X: Matrix, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Number of the group of linked columns that each column is in, and the size of that group."""
    rng = np.random.default_rng(0)
    some = dense(X[rng.permutation(X.shape[0])[:N_ROWS]][:, columns[:MAX_COLUMNS]])
    numbers = [np.unique(column, return_inverse=True)[1] for column in some.T]
    shuffled = [rng.permutation(column) for column in numbers]
    groups = np.arange(len(columns), dtype=np.int64)
    for i, first in enumerate(numbers):
        for j, second in enumerate(numbers[:i]):
            if _n_pairs(first, second) <= MAX_PAIRS * _n_pairs(first, shuffled[j]):
                groups[groups == groups[i]] = groups[j]
    return groups, np.bincount(groups)[groups] if len(groups) else groups


def _n_pairs(first: np.ndarray, second: np.ndarray) -> int:
    """Number of different pairs of two columns of numbers from 0 on."""
    return len(np.unique(first * (second.max() + 1) + second))


def _choose(scores: np.ndarray, donors: np.ndarray, uniform: np.ndarray) -> np.ndarray:
    """Number (n,) of one of the donors (m, q) that are nearest to each row of scores (n, q)."""
    n_donors = len(donors)
    n_nearest = min(N_NEAREST, n_donors)
    place = uniform * n_donors
    donors = donors.astype(float)
    chosen = np.empty(len(scores), dtype=int)
    at_once = max(1, N_DISTANCES // n_donors)
    for start in range(0, len(scores), at_once):
        rows = slice(start, start + at_once)
        # those that are equally far count from a place on that is each row's own
        turn = (np.arange(n_donors) - place[rows, None].astype(int)) % n_donors
        distances = (donors**2).sum(axis=1) - 2 * scores[rows] @ donors.T + TINY * turn / n_donors
        nearest = np.argpartition(distances, n_nearest - 1, axis=1)[:, :n_nearest]
        number = (place[rows] % 1 * n_nearest).astype(int)
        chosen[rows] = np.take_along_axis(nearest, number[:, None], axis=1)[:, 0]
    return chosen
