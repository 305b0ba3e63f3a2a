"""Gradient-boosted trees that are saved as plain arrays."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from scipy.special import log_softmax
from sklearn.ensemble import HistGradientBoostingClassifier

from ganaug.openmp import threads_for_rows
from ganaug.storage.fields import Array
from ganaug.validation import TREE_NODES, TreePredictor, grown_trees

# Levels that a split can tell apart; columns of more are taken for quantities.
MAX_LEVELS = 255

# Words of 32 bits that hold a set of levels.
N_WORDS = 8


@dataclass(eq=False)
class BoostedTrees:
    """scikit-learn's ``HistGradientBoostingClassifier``, with its trees as arrays.

    Attributes
    ----------
    levels : list of arrays
        Levels of each column that has some, rising; an empty array for quantities.
    baseline : (outputs,) array
        Scores before the first tree.
    ends : (trees,) array of int
        Number of the node after each tree's last; trees take turns over the outputs.
    features, left, right, subsets : (nodes,) arrays of int
        Column that a node asks, the nodes that follow it within its tree, 0 of a leaf, and
        the row of ``words`` with the levels that go left, -1 where a threshold divides.
    thresholds, values : (nodes,) arrays
        The largest number that goes left, and the score of a leaf.
    gaps_left : (nodes,) array of bool
        True where gaps go left.
    words : (subsets, 8) array
        Sets of levels, a bit for each.

    Examples
    --------
    >>> X = np.arange(100.0)[:, None]
    >>> trees = BoostedTrees.fit(X, X[:, 0] > 50, is_categorical=[False], seed=0)
    >>> trees.log_probabilities(np.array([[3.0], [90.0]])).argmax(axis=1)
    array([0, 1])
    """

    levels: list[Annotated[np.ndarray, Array("float64", "_")]]
    baseline: Annotated[np.ndarray, Array("float64", "outputs")]
    ends: Annotated[np.ndarray, Array("int64", "trees", 1)]
    features: Annotated[np.ndarray, Array("int64", "nodes", 0)]
    thresholds: Annotated[np.ndarray, Array("float64", "nodes")]
    gaps_left: Annotated[np.ndarray, Array("bool", "nodes")]
    left: Annotated[np.ndarray, Array("int64", "nodes", 0)]
    right: Annotated[np.ndarray, Array("int64", "nodes", 0)]
    values: Annotated[np.ndarray, Array("float64", "nodes")]
    subsets: Annotated[np.ndarray, Array("int64", "nodes", -1)]
    words: Annotated[np.ndarray, Array("uint32", f"subsets {N_WORDS}", 0)]

    def __post_init__(self) -> None:
        self._check()
        self._order = sorted(range(len(self.levels)), key=lambda j: not len(self.levels[j]))
        n_levels = [len(self.levels[j]) for j in self._order if len(self.levels[j])]
        bits = np.arange(32 * N_WORDS) < np.array(n_levels, dtype=int).reshape(-1, 1)
        packed = np.packbits(bits, axis=1, bitorder="little")
        self._known = packed.view("<u4").astype(np.uint32).reshape(-1, N_WORDS)
        self._predictors = self._make_predictors()

    def _check(self) -> None:
        """Raise a ValueError for trees that cannot be walked from their roots to leaves."""
        n_nodes = len(self.features)
        starts = np.concatenate([[0], self.ends[:-1]])
        sizes = self.ends - starts
        if not ((sizes > 0).all() and self.ends.max(initial=0) == n_nodes):
            raise ValueError("trees do not divide the nodes")
        own = np.arange(n_nodes) - np.repeat(starts, sizes)
        size = np.repeat(sizes, sizes)
        inner = (self.left > 0) | (self.right > 0)
        forward = (
            (own < self.left) & (own < self.right) & (np.maximum(self.left, self.right) < size)
        )
        n_levels = np.array([len(values) for values in self.levels])
        known = self.features < len(self.levels)
        asks_levels = n_levels[np.where(known, self.features, 0)] > 0
        if not (forward | ~inner).all() or not known.all():
            raise ValueError("nodes of trees lead nowhere")
        if not ((self.subsets >= 0) <= (asks_levels & inner)).all():
            raise ValueError("nodes of trees ask for levels of quantities")
        if (self.subsets >= len(self.words)).any() or n_levels.max(initial=0) > MAX_LEVELS:
            raise ValueError("there are fewer sets of levels, or more levels, than trees know")
        if any((np.diff(values) <= 0).any() for values in self.levels):
            raise ValueError("levels must rise")
        if not len(self.baseline) or len(self.ends) % len(self.baseline):
            raise ValueError("trees do not take turns over the outputs")

    @classmethod
    def fit(
        cls,
        X: np.ndarray,
        y: np.ndarray,
        is_categorical: Sequence[bool],
        seed: int,
        max_iter: int = 100,
        max_leaf_nodes: int = 31,
    ) -> "BoostedTrees":
        """Trees that tell classes apart; they stop where held-out rows no longer gain.

        Parameters
        ----------
        X : (n, columns) array
            Numbers, NaN where there are gaps.
        y : (n,) array
            Classes, two or more.
        is_categorical : (columns,) sequence of bool
            True for columns whose numbers stand for levels.
        seed : int
            Seed of the choice of held-out rows.
        max_iter, max_leaf_nodes : int
            As scikit-learn's classifier has them.
        """
        levels = [
            levels_of(X[:, j]) if is_categorical[j] else np.empty(0) for j in range(X.shape[1])
        ]
        order = sorted(range(len(levels)), key=lambda j: not len(levels[j]))
        codes = encoded(X, levels, order)
        # its own encoding of levels is the identity: all codes occur, and these columns are first
        model = HistGradientBoostingClassifier(
            categorical_features=np.array([len(levels[j]) > 0 for j in order]),
            max_iter=max_iter,
            max_leaf_nodes=max_leaf_nodes,
            early_stopping=True,
            random_state=seed,
        )
        # what lies between the largest doubles may overflow
        with np.errstate(over="ignore"), threads_for_rows(len(codes)):
            model.fit(codes, y)
        baseline, trees = grown_trees(model)
        nodes = np.concatenate([tree.nodes for tree in trees])
        n_sets = [len(tree.raw_left_cat_bitsets) for tree in trees]
        sizes = [len(tree.nodes) for tree in trees]
        first_set = np.repeat(np.cumsum(n_sets) - n_sets, sizes)
        is_leaf = nodes["is_leaf"].astype(bool)
        by_subset = nodes["is_categorical"].astype(bool) & ~is_leaf
        limit = np.finfo(np.float64).max
        return cls(
            levels=levels,
            baseline=baseline,
            ends=np.cumsum(sizes),
            features=np.where(is_leaf, 0, np.array(order)[nodes["feature_idx"].clip(0)]),
            thresholds=np.nan_to_num(nodes["num_threshold"]).clip(-limit, limit),
            gaps_left=nodes["missing_go_to_left"].astype(bool),
            left=np.where(is_leaf, 0, nodes["left"]).astype(np.int64),
            right=np.where(is_leaf, 0, nodes["right"]).astype(np.int64),
            values=nodes["value"].copy(),
            subsets=np.where(by_subset, first_set + nodes["bitset_idx"], -1).astype(np.int64),
            words=np.concatenate([tree.raw_left_cat_bitsets for tree in trees]),
        )

    def scores(self, X: np.ndarray) -> np.ndarray:
        """Scores (n, outputs) of rows: of two classes, the log odds of the second."""
        codes = encoded(X, self.levels, self._order)
        n_known = len(self._known)
        places = np.zeros(len(self.levels), dtype=np.uint32)
        places[:n_known] = np.arange(n_known)
        scores = np.tile(self.baseline, (len(X), 1))
        for i, predictor in enumerate(self._predictors):
            scores[:, i % len(self.baseline)] += predictor.predict(codes, self._known, places, 1)
        return scores

    def log_probabilities(self, X: np.ndarray) -> np.ndarray:
        """Logarithm of the probability of each class, (n, classes)."""
        scores = self.scores(X)
        if scores.shape[1] == 1:
            scores = np.hstack([np.zeros_like(scores), scores])
        return log_softmax(scores, axis=1)

    def _make_predictors(self) -> list[TreePredictor]:
        """scikit-learn's trees, which predict fast."""
        place = np.argsort(self._order)
        nodes = np.zeros(len(self.features), dtype=TREE_NODES)
        nodes["feature_idx"] = place[self.features]
        nodes["num_threshold"] = self.thresholds
        nodes["missing_go_to_left"] = self.gaps_left
        nodes["left"] = self.left
        nodes["right"] = self.right
        nodes["value"] = self.values
        nodes["is_leaf"] = self.left == 0
        nodes["is_categorical"] = self.subsets >= 0
        nodes["bitset_idx"] = self.subsets.clip(0)
        words = np.ascontiguousarray(self.words, dtype=np.uint32)
        return [TreePredictor(tree, words, words) for tree in np.split(nodes, self.ends[:-1])]


def levels_of(values: np.ndarray) -> np.ndarray:
    """Levels of a column, rising, without gaps; an empty array where they are too many."""
    levels = np.unique(values[~np.isnan(values)]).astype(np.float64)
    return levels if len(levels) <= MAX_LEVELS else np.empty(0)


def encoded(X: np.ndarray, levels: Sequence[np.ndarray], order: Sequence[int]) -> np.ndarray:
    """Columns in another order, levels by their places; a level that is not known is a gap."""
    columns = np.empty((len(X), len(order)))
    for place, j in enumerate(order):
        values = X[:, j]
        if len(levels[j]):
            found = np.searchsorted(levels[j], values).clip(max=len(levels[j]) - 1)
            values = np.where(levels[j][found] == values, found, np.nan)
        columns[:, place] = values
    return columns
