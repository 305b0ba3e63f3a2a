"""One column of levels <-> one-hot rows."""

import numpy as np
from scipy.special import ndtr

# Levels with a place of their own; rarer ones share the last.
MOST_LEVELS = 50


class CategoricalColumn:
    """One-hot encoding of the levels of a column; gaps are a level.

    The most frequent levels have a place each. Where there are more than
    ``MOST_LEVELS``, the others share one, and are told apart again by how often
    they occur in the class.

    Parameters
    ----------
    codes : (n,) array
        Numbers of levels, NaN for gaps.
    groups : (n,) array of int
        Number of each row's class.

    Attributes
    ----------
    width : int
        Number of encoded features.

    Examples
    --------
    >>> column = CategoricalColumn(np.array([0, 1, 1, np.nan]), np.zeros(4, dtype=int))
    >>> column.encode(np.array([1.0, np.nan]))
    array([[0., 1., 0.],
           [0., 0., 1.]], dtype=float32)
    >>> column.decode(np.array([[0.2, 0.1, 0.7]]), np.zeros((1, 3)), 0)
    array([nan])
    """

    def __init__(self, codes: np.ndarray, groups: np.ndarray):
        # NaN counts as a value, the last
        self._levels, found = np.unique(codes, return_inverse=True)
        by_size = np.argsort(-np.bincount(found), kind="stable")
        n_own = len(by_size) if len(by_size) <= MOST_LEVELS else MOST_LEVELS - 1
        self._own, self._rare = np.sort(by_size[:n_own]), np.sort(by_size[n_own:])
        self._places = np.full(len(by_size), n_own)
        self._places[self._own] = np.arange(n_own)
        self.width = n_own + bool(len(self._rare))
        self._until = _cumulated_shares(found, groups, self._rare)

    def encode(self, codes: np.ndarray, rng: np.random.Generator | None = None) -> np.ndarray:
        """One-hot rows (n, width), of zeros where a level is new; nothing is random about them."""
        found = np.searchsorted(self._levels, codes).clip(max=len(self._levels) - 1)
        known = (self._levels[found] == codes) | (np.isnan(self._levels[found]) & np.isnan(codes))
        return np.eye(self.width, dtype=np.float32)[self._places[found]] * known[:, None]

    def decode(self, codes: np.ndarray, blur: np.ndarray, group: int) -> np.ndarray:
        """Levels (n,) of rows (n, width) in which the largest feature counts.

        Of levels that share a place, standard normal ``blur`` (n, width) chooses one
        as frequent as in class ``group``; by its last feature, as the first has chosen
        the place.
        """
        places = codes.argmax(axis=1)
        index = np.append(self._own, -1)[places]
        shared = index < 0
        if shared.any():
            chosen = np.searchsorted(self._until[group], ndtr(blur[shared, -1]), side="right")
            index[shared] = self._rare[chosen.clip(max=len(self._rare) - 1)]
        return self._levels[index]


def _cumulated_shares(found: np.ndarray, groups: np.ndarray, rare: np.ndarray) -> np.ndarray:
    """Shares (groups, rare) of rare levels in each class, cumulated; in all where it has none."""
    counts = np.zeros((groups.max() + 1, found.max() + 1))
    np.add.at(counts, (groups, found), 1)
    counts = counts[:, rare]
    totals = counts.sum(axis=1, keepdims=True)
    counts = np.where(totals > 0, counts, counts.sum(axis=0))
    return counts.cumsum(axis=1) / np.maximum(counts.sum(axis=1, keepdims=True), 1)
