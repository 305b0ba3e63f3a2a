"""One column of levels <-> one-hot rows."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from ganaug.storage.fields import Array

# Levels with a feature of their own; rarer ones share the last.
MAX_LEVELS = 50


@dataclass(eq=False)
class CategoricalColumn:
    """One-hot encoding of the levels of a column; gaps are a level.

    The most frequent levels have a feature each. Where there are more than
    ``MAX_LEVELS``, the others share one, and decoding gives the first of them.

    Attributes
    ----------
    levels : (levels,) array
        Numbers of the levels that occur, rising; NaN, for gaps, is the last.
    frequent : (frequent,) array of int
        Places in ``levels`` of those that have a feature each, rising.
    width : int
        Number of encoded features.

    Examples
    --------
    >>> column = CategoricalColumn.fit(np.array([0, 1, 1, np.nan]))
    >>> column.encode(np.array([1.0, np.nan]))
    array([[0., 1., 0.],
           [0., 0., 1.]], dtype=float32)
    >>> column.decode(np.array([[0.2, 0.1, 0.7]]))
    array([nan])
    """

    levels: Annotated[np.ndarray, Array("float64", "levels", nan=True)]
    frequent: Annotated[np.ndarray, Array("int64", "frequent", 0)]

    def __post_init__(self) -> None:
        n_frequent = len(self.frequent)
        n_levels = len(self.levels)
        values = self.levels[:-1] if np.isnan(self.levels[-1:]).any() else self.levels
        rising = not np.isnan(values).any() and (np.diff(values) > 0).all()
        # the last one is below the number of levels where all rise from above -1
        among = (np.diff(self.frequent, prepend=-1, append=n_levels) > 0).all()
        if not (n_levels and n_frequent and rising and among):
            raise ValueError("levels of a column must rise, and the frequent ones be among them")
        self.has_rare = n_frequent < n_levels
        self.width = n_frequent + self.has_rare
        self._feature_of = np.full(n_levels, n_frequent)
        self._feature_of[self.frequent] = np.arange(n_frequent)
        rare = np.setdiff1d(np.arange(n_levels), self.frequent)
        self._level_of = self.levels[np.append(self.frequent, rare[:1])]

    @classmethod
    def fit(cls, codes: np.ndarray) -> "CategoricalColumn":
        """Fit a column to numbers (n,) of levels, NaN for gaps."""
        # NaN counts as a value, the last
        levels, places = np.unique(codes, return_inverse=True)
        by_size = np.argsort(-np.bincount(places), kind="stable")
        n_frequent = len(by_size) if len(by_size) <= MAX_LEVELS else MAX_LEVELS - 1
        return cls(levels.astype(float), np.sort(by_size[:n_frequent]))

    def encode(self, codes: np.ndarray, rng: np.random.Generator | None = None) -> np.ndarray:
        """One-hot rows (n, width), of zeros where a level is new; nothing is random about them."""
        features = self.feature_numbers(codes)
        rows = np.zeros((len(codes), self.width), dtype=np.float32)
        rows[np.arange(len(codes)), features] = features >= 0
        return rows

    def feature_numbers(self, codes: np.ndarray) -> np.ndarray:
        """Number (n,) of the feature of each level; -1 for those that are new."""
        places = np.searchsorted(self.levels, codes).clip(max=len(self.levels) - 1)
        nearest = self.levels[places]
        known = (nearest == codes) | (np.isnan(nearest) & np.isnan(codes))
        return np.where(known, self._feature_of[places], -1)

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """Levels (n,) of rows (n, width) in which the largest feature counts."""
        return self._level_of[codes.argmax(axis=1)]
