"""One column of levels <-> one-hot rows."""

from dataclasses import dataclass, field
from typing import Annotated

import numpy as np

from ganaug.encoding.support import MAX_CHANCE
from ganaug.storage.fields import Array

# Levels with a feature of their own; rarer ones share the last.
MAX_LEVELS = 50


@dataclass(eq=False)
class CategoricalColumn:
    """One-hot encoding of the levels of a column; gaps are a level.

    The most frequent levels have a feature each. Where there are more than
    ``MAX_LEVELS``, the others share one, and decoding gives the first of them. Levels that no
    row of a class has are none of its own where as many rows of any class would hardly lack them.

    Attributes
    ----------
    levels : (levels,) array
        Numbers of the levels that occur, rising; NaN, for gaps, is the last.
    frequent : (frequent,) array of int
        Places in ``levels`` of those that have a feature each, rising.
    frequencies : (classes, features) array of int
        Rows of a class with each feature, and one more; 0 for features that it may not have.
        Without rows where each class may have all.
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
    frequencies: Annotated[np.ndarray, Array("int64", "classes features", 0)] = field(
        default_factory=lambda: np.ones((0, 0), dtype=np.int64)
    )

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
        if len(self.frequencies) and (
            self.frequencies.shape[1] != self.width or not self.frequencies.any(axis=1).all()
        ):
            raise ValueError("a class of a column has no levels, or there are others")

    @classmethod
    def fit(cls, codes: np.ndarray, groups: np.ndarray | None = None) -> "CategoricalColumn":
        """Fit a column to numbers (n,) of levels, NaN for gaps.

        ``groups`` (n,) are numbers of classes, negative where a row has none.
        """
        # NaN counts as a value, the last
        levels, places = np.unique(codes, return_inverse=True)
        by_size = np.argsort(-np.bincount(places), kind="stable")
        n_frequent = len(by_size) if len(by_size) <= MAX_LEVELS else MAX_LEVELS - 1
        column = cls(levels.astype(float), np.sort(by_size[:n_frequent]))
        if groups is not None:
            column.frequencies = _frequencies(column._feature_of[places], column.width, groups)
        return column

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

    def decode(self, codes: np.ndarray, group: int | None = None) -> np.ndarray:
        """Levels (n,) of rows (n, width) in which the largest feature counts.

        Where a class may not have that, it is the most frequent of those that it may have.
        """
        features = codes.argmax(axis=1)
        if group is not None and group < len(self.frequencies):
            own = self.frequencies[group]
            features = np.where(own[features] > 0, features, own.argmax())
        return self._level_of[features]


def _frequencies(features: np.ndarray, width: int, groups: np.ndarray) -> np.ndarray:
    """Frequencies (classes, width) of features (n,), as ``CategoricalColumn`` has them."""
    known = groups >= 0
    n_classes = 1 + int(groups.max(initial=-1))
    counts = np.zeros((n_classes, width), dtype=np.int64)
    np.add.at(counts, (groups[known], features[known]), 1)
    own = counts > 0
    shares = own @ (np.bincount(features, minlength=width) / len(features))
    # the probability that so many rows of any class have none of the others
    is_property = counts.sum(axis=1) * np.log(shares.clip(1e-300)) < np.log(MAX_CHANCE)
    possible = own | ~is_property[:, None]
    return (counts + 1)[:0] if possible.all() else (counts + 1) * possible
