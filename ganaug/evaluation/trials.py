"""Trials of methods: each is done to the training rows of a fold, and judged on those left out."""

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from joblib import effective_n_jobs
from sklearn.base import BaseEstimator

from ganaug.encoding.rows import take_rows
from ganaug.evaluation.failures import error_text
from ganaug.evaluation.fitting import Fit, threads_for
from ganaug.evaluation.folds import Fold
from ganaug.evaluation.method import Method
from ganaug.evaluation.methods import CHANCE, NONE
from ganaug.evaluation.scores import MEASURES, ranking_and_decisions
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


# Score of a classifier on a block, measures beside it, and its score by chance where asked for.
BlockScores = dict[str, float]


@dataclass(frozen=True)
class Outcome:
    """Outcome of the trials of some methods.

    Attributes
    ----------
    scores : DataFrame
        Score of each method (columns) on each block (rows); "chance" is the score of "none"
        on shuffled labels, NaN where all are equal.
    measures : dict of str to DataFrame
        The same by each of ``MEASURES``, without chance.
    failures : dict of str to str
        Methods that have no score, as they failed on a fold, and the error.
    """

    scores: pd.DataFrame
    measures: dict[str, pd.DataFrame]
    failures: dict[str, str]


@dataclass(frozen=True)
class Trials:
    """Trials of methods on the same rows by the same classifier.

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
    ) -> Outcome:
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
        Outcome

        Raises
        ------
        Exception
            If the classifier fails on rows to which nothing was done.
        """
        seeds = rng.randint(SEED_LIMIT, size=len(folds)).tolist()
        places = [(number, method) for number in range(len(folds)) for method in methods]
        calls = [
            partial(self.scores_of, method, folds[number], blocks[number], seeds[number])
            for number, method in places
        ]
        blocks_of: dict[str, list[BlockScores]] = {}
        failures: dict[str, str] = {}
        n_at_once = effective_n_jobs(n_jobs)
        with progress(len(calls), "gate", "fit", verbose, n_at_once) as on_fits:
            results = results_in_order(calls, n_jobs)
            for number, method in places:
                on_fits.describe(f"fold {number + 1}, {method.name}")
                result = next(results)
                on_fits(1)
                if isinstance(result, str):
                    failures.setdefault(method.name, result)
                else:
                    blocks_of.setdefault(method.name, []).extend(result)
        tried = {name: scored for name, scored in blocks_of.items() if name not in failures}
        by_chance = pd.DataFrame({CHANCE: [scored[CHANCE] for scored in tried[NONE.name]]})
        return Outcome(
            scores=by_chance.join(_column(tried, "score")),
            measures={measure: _column(tried, measure) for measure in MEASURES},
            failures=failures,
        )

    def scores_of(
        self, method: Method, fold: Fold, blocks: Blocks, seed: int
    ) -> list[BlockScores] | str:
        """Scores of a method on each block of a fold, of "none" also by chance; or its error."""
        rng = np.random.RandomState(seed)
        if method.needs_gan and not method.self_training and fold.error:
            return fold.error
        try:
            classifier = self._fitted(method, fold, rng)
            parts = [(take_rows(self.X, block), self.y[block]) for block in blocks]
            with threads_for(classifier, max(map(len, blocks))):
                scored = [
                    {
                        "score": self.score(classifier, *part),
                        **ranking_and_decisions(classifier, *part),
                    }
                    for part in parts
                ]
        except Exception as error:
            if method == NONE:
                # nothing could be compared with it
                raise
            return error_text(error)
        if method == NONE:
            for scores, part in zip(scored, parts, strict=True):
                scores[CHANCE] = self._score_by_chance(classifier, *part, rng)
        return scored

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
        """Mean score of a classifier on shuffled labels; NaN where all are equal."""
        if len(np.unique(y)) < 2:
            return math.nan
        shuffles = [rng.permutation(y) for _ in range(N_SHUFFLES)]
        with threads_for(classifier, len(y)):
            return float(np.mean([self.score(classifier, X, shuffled) for shuffled in shuffles]))


def _column(blocks_of: Mapping[str, Sequence[BlockScores]], name: str) -> pd.DataFrame:
    """Scores of a name, of each method (columns) on each block (rows)."""
    return pd.DataFrame(
        {method: [scored[name] for scored in blocks] for method, blocks in blocks_of.items()}
    )
