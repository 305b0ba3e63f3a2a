"""Trials of methods: each is done to the training rows of a fold, and judged on those left out."""

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils.parallel import delayed

from ganaug.encoding.rows import take_rows
from ganaug.evaluation.failures import error_text
from ganaug.evaluation.fitting import Fit
from ganaug.evaluation.folds import Fold
from ganaug.evaluation.methods import CHANCE, NONE, Method
from ganaug.evaluation.self_training import SelfTraining
from ganaug.parallel import results_in_order
from ganaug.progress import progress
from ganaug.randomness import SEED_LIMIT
from ganaug.strategy import class_counts

# Maps a classifier, rows and classes to a number; higher is better.
Score = Callable[[BaseEstimator, Any, np.ndarray], float]

# Rows left out in blocks, by their numbers.
Blocks = Sequence[np.ndarray]

# Shuffles of the labels of a block.
N_SHUFFLES = 3


@dataclass(frozen=True)
class Trials:
    """What all trials have in common.

    Attributes
    ----------
    estimator : classifier
        Cloned.
    X, y : rows and their classes
    counts : dict of label to int
        Rows that the strategy asks for.
    fit : Fit
        How the classifier is fitted.
    score : callable
        Maps a classifier, rows and their classes to a number; higher is better.
    self_training : SelfTraining or None
        What methods that label rows need.
    """

    estimator: BaseEstimator
    X: Any
    y: np.ndarray
    counts: Mapping[Hashable, int]
    fit: Fit
    score: Score
    self_training: SelfTraining | None

    def run(
        self,
        methods: Sequence[Method],
        folds: Sequence[Fold],
        blocks: Sequence[Blocks],
        rng: np.random.RandomState,
        n_jobs: int | None = None,
        verbose: int = 0,
    ) -> tuple[pd.DataFrame, dict[str, str]]:
        """Try all methods on all folds.

        Parameters
        ----------
        methods : sequence of Method
            With "none" among them.
        folds : sequence of Fold
        blocks : sequence of sequence of integer arrays
            Left-out rows of each fold.
        rng : RandomState
        n_jobs : int or None, default=None
            Trials at a time. Scores do not depend on it.
        verbose : int, default=0
            1 shows how far the trials have come.

        Returns
        -------
        scores : DataFrame
            Score of each method (columns) on each block (rows); "chance" is the score of
            "none" on shuffled labels.
        failures : dict of str to str
            Methods that have no score, as they failed on a fold, and the error.

        Raises
        ------
        Exception
            If the classifier fails on rows to which nothing was done.
        """
        seeds = rng.randint(SEED_LIMIT, size=len(folds)).tolist()
        places = [(number, method) for number in range(len(folds)) for method in methods]
        calls = [
            delayed(self.scores_of)(method, folds[number], blocks[number], seeds[number])
            for number, method in places
        ]
        columns: dict[str, list[float]] = {CHANCE: []}
        failures: dict[str, str] = {}
        with progress(len(calls), "gate", "fit", verbose) as on_fits:
            results = results_in_order(calls, n_jobs)
            for number, method in places:
                on_fits.describe(f"part {number + 1}, {method.name}")
                result = next(results)
                on_fits(1)
                if isinstance(result, str):
                    failures.setdefault(method.name, result)
                    continue
                for name, scores in result.items():
                    columns.setdefault(name, []).extend(scores)
        tried = {name: scores for name, scores in columns.items() if name not in failures}
        return pd.DataFrame(tried), failures

    def scores_of(
        self, method: Method, fold: Fold, blocks: Blocks, seed: int
    ) -> dict[str, list[float]] | str:
        """Scores of a method on the blocks of a fold, and of "none" by chance; or its error."""
        rng = np.random.RandomState(seed)
        if method.needs_gan and not method.self_training and fold.error:
            return fold.error
        try:
            classifier = self._fitted(method, fold, rng)
            parts = [(take_rows(self.X, block), self.y[block]) for block in blocks]
            scores = {method.name: [self.score(classifier, X, y) for X, y in parts]}
        except Exception as error:
            if method == NONE:
                # nothing could be compared with it
                raise
            return error_text(error)
        if method == NONE:
            scores[CHANCE] = [self._score_by_chance(classifier, X, y, rng) for X, y in parts]
        return scores

    def _fitted(self, method: Method, fold: Fold, rng: np.random.RandomState) -> BaseEstimator:
        """Classifier that was fitted to the training rows of a fold."""
        X = take_rows(self.X, fold.train)
        y = self.y[fold.train]
        share = len(fold.train) / len(self.y)
        wanted = {label: math.ceil(n * share) for label, n in self.counts.items()}
        if method.self_training and self.self_training is not None:
            augment = self.self_training.augment
            sizes = class_counts(self.y)
            X_all, y_all = augment(method, self.estimator, X, y, wanted, rng, sizes)
        else:
            X_all, y_all = method.augment(X, y, wanted, fold.model, rng)
        return self.fit(method, self.estimator, X_all, y_all, fold.train)

    def _score_by_chance(
        self, classifier: BaseEstimator, X: Any, y: np.ndarray, rng: np.random.RandomState
    ) -> float:
        """Mean score of a classifier on shuffled labels."""
        shuffles = [rng.permutation(y) for _ in range(N_SHUFFLES)]
        return float(np.mean([self.score(classifier, X, shuffled) for shuffled in shuffles]))
