"""Pairs of columns of which one is never the larger: start and end, part and whole."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from ganaug.encoding.subsample import evenly_spaced
from ganaug.storage.fields import Array

# Largest probability with which columns that know nothing of one another look ordered.
MAX_CHANCE = 1e-6

# Rows that tell which pairs are worth a look at all rows, and what chance would do.
N_ROWS = 500

# How often all pairs are put right: a chain of columns may need more than one pass.
N_PASSES = 5


@dataclass(eq=False)
class Orders:
    """Pairs of columns of which the second is never below the first.

    Attributes
    ----------
    low, high : (pairs,) arrays of int
        Numbers of the columns.

    Examples
    --------
    >>> start = np.arange(40.0)
    >>> orders = Orders.fit(np.column_stack([start + 3, start]))
    >>> orders.low, orders.high
    (array([1]), array([0]))
    >>> rows = np.array([[7.0, 8.0], [9.0, 4.0]])
    >>> orders.restore(rows, lambda column, values: values)
    >>> rows
    array([[8., 7.],
           [9., 4.]])
    """

    low: Annotated[np.ndarray, Array("int64", "pairs", 0)]
    high: Annotated[np.ndarray, Array("int64", "pairs", 0)]

    @classmethod
    def fit(cls, X: np.ndarray, columns: np.ndarray | None = None) -> "Orders":
        """Find the ordered pairs among the columns of a table.

        A pair counts where columns of the same values in random order would hardly have it;
        so columns whose ranges do not overlap are none.

        Parameters
        ----------
        X : (n, columns) array
            Rows of numbers, NaN where there are gaps: rows with one tell nothing of a pair.
        columns : array of int, default=None
            Columns to look at; None looks at all.
        """
        columns = np.arange(X.shape[1]) if columns is None else columns
        some = X[evenly_spaced(len(X), N_ROWS)]
        pairs = []
        for i in columns:
            others = columns[columns != i]
            may_be = ~(some[:, [i]] > some[:, others]).any(axis=0)
            pairs += [
                (i, j)
                for j in others[may_be]
                if _is_no_chance(some[:, i], some[:, j], len(X)) and _is_ordered(X[:, i], X[:, j])
            ]
        low, high = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
        return cls(low, high)

    def restore(self, rows: np.ndarray, admit: Callable[[int, np.ndarray], np.ndarray]) -> None:
        """Exchange values of rows (n, columns) that are not in order, in place.

        ``admit`` gives the nearest values that a column may have, by its number and values.
        """
        for _ in range(N_PASSES):
            moved = False
            for low, high in zip(self.low.tolist(), self.high.tolist(), strict=True):
                wrong = rows[:, low] > rows[:, high]
                if wrong.any():
                    moved = True
                    smaller = admit(low, rows[wrong, high])
                    rows[wrong, high] = admit(high, rows[wrong, low])
                    rows[wrong, low] = smaller
            if not moved:
                return


def _is_ordered(low: np.ndarray, high: np.ndarray) -> bool:
    """True where the first column is never above the second."""
    return not bool((low > high).any())


def _is_no_chance(low: np.ndarray, high: np.ndarray, n: int) -> bool:
    """True where ``n`` rows of such columns would hardly be in order if none knew of the other."""
    known = ~(np.isnan(low) | np.isnan(high))
    if not known.any():
        return False
    low = np.sort(low[known])
    # the share of all pairs of values that are in order
    share = np.searchsorted(low, high[known], side="right").mean() / len(low)
    return bool(n * known.mean() * np.log(share) < np.log(MAX_CHANCE))
