"""One column of levels <-> one-hot rows."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from scipy.special import ndtr

from ganaug.encoding.columns import SLACK
from ganaug.storage.fields import Array

# Levels with a place of their own; rarer ones share the last.
MAX_LEVELS = 50


@dataclass(eq=False)
class CategoricalColumn:
    """One-hot encoding of the levels of a column; gaps are a level.

    The most frequent levels have a place each. Where there are more than
    ``MAX_LEVELS``, the others share one, and are told apart again by how often
    they occur in the class.

    Attributes
    ----------
    levels : (levels,) array
        Numbers of the levels that occur, rising; NaN, for gaps, is the last.
    frequent : (frequent,) array of int
        Places in ``levels`` of those that have a feature each, rising.
    cumulative_shares : (classes, levels - frequent) array
        Shares of the other levels in each class, cumulated.
    width : int
        Number of encoded features.

    Examples
    --------
    >>> column = CategoricalColumn.fit(np.array([0, 1, 1, np.nan]), np.zeros(4, dtype=int))
    >>> column.encode(np.array([1.0, np.nan]))
    array([[0., 1., 0.],
           [0., 0., 1.]], dtype=float32)
    >>> column.decode(np.array([[0.2, 0.1, 0.7]]), np.zeros((1, 3)), 0)
    array([nan])
    """

    levels: Annotated[np.ndarray, Array("float64", "levels", nan=True)]
    frequent: Annotated[np.ndarray, Array("int64", "frequent", 0)]
    cumulative_shares: Annotated[np.ndarray, Array("float64", "classes rare", 0, 1 + SLACK)]

    def __post_init__(self) -> None:
        n_frequent = len(self.frequent)
        n_levels = len(self.levels)
        values = self.levels[:-1] if np.isnan(self.levels[-1:]).any() else self.levels
        rising = not np.isnan(values).any() and (np.diff(values) > 0).all()
        # the last one is below the number of levels where all rise from above -1
        among = (np.diff(self.frequent, prepend=-1, append=n_levels) > 0).all()
        if not (n_levels and n_frequent and rising and among):
            raise ValueError("levels of a column must rise, and the frequent ones be among them")
        self._rare = np.setdiff1d(np.arange(n_levels), self.frequent)
        if self.cumulative_shares.shape[1] != len(self._rare):
            raise ValueError(f"there are shares of {self.cumulative_shares.shape[1]} levels")
        self._feature_of = np.full(n_levels, n_frequent)
        self._feature_of[self.frequent] = np.arange(n_frequent)
        self.width = n_frequent + bool(len(self._rare))

    @classmethod
    def fit(cls, codes: np.ndarray, groups: np.ndarray) -> "CategoricalColumn":
        """Fit a column to some levels.

        Parameters
        ----------
        codes : (n,) array
            Numbers of levels, NaN for gaps.
        groups : (n,) array of int
            Number of each row's class, negative where it has none.
        """
        # NaN counts as a value, the last
        levels, places = np.unique(codes, return_inverse=True)
        by_size = np.argsort(-np.bincount(places), kind="stable")
        n_frequent = len(by_size) if len(by_size) <= MAX_LEVELS else MAX_LEVELS - 1
        rare = np.sort(by_size[n_frequent:])
        cumulative_shares = _cumulative_shares(places, groups, rare)
        return cls(levels.astype(float), np.sort(by_size[:n_frequent]), cumulative_shares)

    def encode(self, codes: np.ndarray, rng: np.random.Generator | None = None) -> np.ndarray:
        """One-hot rows (n, width), of zeros where a level is new; nothing is random about them."""
        places = np.searchsorted(self.levels, codes).clip(max=len(self.levels) - 1)
        nearest = self.levels[places]
        known = (nearest == codes) | (np.isnan(nearest) & np.isnan(codes))
        rows = np.zeros((len(codes), self.width), dtype=np.float32)
        rows[np.arange(len(codes)), self._feature_of[places]] = known
        return rows

    def decode(self, codes: np.ndarray, jitter: np.ndarray, group: int) -> np.ndarray:
        """Levels (n,) of rows (n, width) in which the largest feature counts.

        Of levels that share a place, standard normal ``jitter`` (n, width) draws one
        as frequent as in class ``group``; by its last feature, as the first has drawn
        the place.
        """
        index = np.append(self.frequent, -1)[codes.argmax(axis=1)]
        shared = index < 0
        if shared.any():
            drawn = np.searchsorted(
                self.cumulative_shares[group], ndtr(jitter[shared, -1]), side="right"
            )
            index[shared] = self._rare[drawn.clip(max=len(self._rare) - 1)]
        return self.levels[index]


def _cumulative_shares(places: np.ndarray, groups: np.ndarray, rare: np.ndarray) -> np.ndarray:
    """Shares (groups, rare) of rare levels in each class, cumulated; in all where it has none."""
    counts = np.zeros((groups.max() + 1, places.max() + 1))
    has_class = groups >= 0
    np.add.at(counts, (groups[has_class], places[has_class]), 1)
    counts = counts[:, rare]
    totals = counts.sum(axis=1, keepdims=True)
    counts = np.where(totals > 0, counts, np.bincount(places)[rare])
    return counts.cumsum(axis=1) / np.maximum(counts.sum(axis=1, keepdims=True), 1)
