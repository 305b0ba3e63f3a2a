"""The gate: what to do to a training set, chosen on real rows that nothing was trained on."""

import math
import os
import time
import warnings
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.exceptions import FitFailedWarning
from sklearn.model_selection import StratifiedKFold

from ganaug.caller import warn_caller
from ganaug.encoding.rows import take_rows
from ganaug.evaluation.fitting import Fit
from ganaug.evaluation.folds import N_FOLDS, Fold
from ganaug.evaluation.held_out import HeldOutModel
from ganaug.evaluation.methods import CHANCE, GATE_CHOICES, NONE, SELF_TRAINED, Method
from ganaug.evaluation.self_training import SelfTraining
from ganaug.evaluation.statistics import SURE, moderated_intervals
from ganaug.evaluation.trials import Score, Trials
from ganaug.evaluation.weights import weight_name
from ganaug.randomness import SEED_LIMIT
from ganaug.storage.atomic import atomic_write
from ganaug.strategy import class_counts

# Blocks that left-out rows are scored in, at least, over all folds: to see how scores vary.
MIN_BLOCKS = 5

# Blocks of one fold, at most, and rows of every class in a block where there are so many.
MAX_BLOCKS_OF_FOLD = 5
MIN_ROWS_OF_BLOCK = 5


# What a choice says of all methods.
HELPS = "a method helps"
NOTHING_HELPS = "nothing helps"
CANNOT_BE_TOLD = "cannot be told"
NOT_JUDGED = "not judged"


@dataclass(frozen=True)
class Choice:
    """Name of the chosen method, what that says of all, and why, in a sentence."""

    name: str
    verdict: str
    sentence: str


@dataclass(frozen=True)
class Selection:
    """The method that was chosen, and why.

    Attributes
    ----------
    method : Method
        What is to be done; that named "none" for nothing.
    chosen : str
        Its name.
    verdict : {"a method helps", "nothing helps", "cannot be told", "not judged"}
        What was found out: "cannot be told" where the best method gains, by no more than
        chance would with so few rows, or no score is above chance.
    sentence : str
        Why it was chosen.
    table : DataFrame
        A row for each method: ``score`` and ``gain`` over "none", with the interval
        ``low`` to ``high`` that decides, of ``statistics.moderated_intervals``: the gain is
        above ``low`` with a confidence of 80 %, and so below ``high``. ``wins`` and ``losses``
        among the blocks of left-out rows; ``note``, why it was not tried, if so. Empty where
        nothing could be tried.
    scores : DataFrame
        Score of each method (columns) on each block of left-out rows (rows); "chance" is
        the score of "none" on shuffled labels.
    n_fits : int
        Number of times that a classifier was fitted.
    seconds : dict of str to float
        Seconds that "generators" took to train without a part of the rows, and
        "classifiers" to be fitted and scored.
    held_out_model : HeldOutModel or None
        One of these generators, and the rows that it has not seen; not pickled along, as both
        hold data.
    """

    method: Method
    verdict: str
    sentence: str
    table: pd.DataFrame
    scores: pd.DataFrame
    n_fits: int
    seconds: dict[str, float]
    held_out_model: HeldOutModel | None

    @property
    def chosen(self) -> str:
        """Name of the chosen method."""
        return self.method.name

    @classmethod
    def without_trial(cls, sentence: str) -> "Selection":
        """The choice of "none" where nothing could be tried, and why."""
        return cls(NONE, NOT_JUDGED, sentence, pd.DataFrame(), pd.DataFrame(), 0, {}, None)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "held_out_model": None}

    def to_html(self, path: str | os.PathLike) -> None:
        """Write a page with the gains, samples, their quality, training and cost.

        Parameters
        ----------
        path : path
            File to write; replaced where there is one. It needs nothing beside it. After
            pickling it lacks samples, quality and training.

        Raises
        ------
        OSError
            If the file cannot be written, before anything is evaluated.
        """
        # matplotlib takes a while to load
        from ganaug.evaluation.pages import write_selection

        with atomic_write(path) as page:
            write_selection(
                page,
                chosen=self.chosen,
                sentence=self.sentence,
                table=self.table,
                scores=self.scores,
                n_fits=self.n_fits,
                seconds=self.seconds,
                held_out_model=self.held_out_model,
            )


def select(
    estimator: BaseEstimator,
    X: Any,
    y: np.ndarray,
    counts: Mapping[Hashable, int],
    folds: Sequence[Fold],
    rng: np.random.RandomState,
    score: Score,
    fit: Fit | None = None,
    self_training: SelfTraining | None = None,
    n_jobs: int | None = None,
    verbose: int = 0,
) -> Selection:
    """Try each method on the training rows of every fold, and choose by the rows left out.

    No generator, over-sampler or classifier sees the rows that it is judged on.

    Parameters
    ----------
    estimator : classifier
        Cloned.
    X, y : rows and their classes
    counts : dict of label to int
        Rows that the strategy asks for, of one class at least.
    folds : sequence of Fold
        Models of parts of the rows, by ``fit_out_of_fold``.
    rng : RandomState
    score : callable
        Maps a classifier, rows and their classes to a number; higher is better.
    fit : Fit or None, default=None
        How the classifier is fitted; None weighs all real rows alike.
    self_training : SelfTraining or None, default=None
        What methods that label rows need; None tries none of them.
    n_jobs : int or None, default=None
        Fits of a classifier at a time. The choice does not depend on it.
    verbose : int, default=0
        1 shows how far the trials have come.

    Returns
    -------
    Selection

    Warns
    -----
    FitFailedWarning
        For methods that fail; the others are chosen from.
    """
    if not folds:
        largest = max(class_counts(y)[label] for label in counts)
        return Selection.without_trial(
            f"Not judged, so nothing was done: classes to be enlarged have {largest} rows at most, "
            f"and {N_FOLDS} are needed to leave some out in turn. gate=None adds rows unjudged."
        )
    start = time.perf_counter()
    fit = fit or Fit(weight_name(estimator))
    choices = GATE_CHOICES if self_training is None else (*GATE_CHOICES, *SELF_TRAINED)
    obstacles = _obstacles(choices, estimator, X, y, counts, folds)
    methods = [method for method, obstacle in obstacles.items() if not obstacle]
    min_blocks = math.ceil(MIN_BLOCKS / len(folds))
    trials = Trials(estimator, X, y, counts, fit, score, self_training)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        blocks = [list(_blocks(fold.test, y, min_blocks, rng)) for fold in folds]
        scores, failures = trials.run(methods, folds, blocks, rng, n_jobs, verbose)
    for name, error in failures.items():
        warn_caller(f"the gate could not try {name!r}: {error}", FitFailedWarning)
    reasons = {method.name: obstacle for method, obstacle in obstacles.items() if obstacle}
    table = gain_table(scores, reasons | failures)
    choice = choose(scores, table)
    first = folds[0]
    return Selection(
        method=next(method for method in methods if method.name == choice.name),
        verdict=choice.verdict,
        sentence=choice.sentence,
        table=table,
        scores=scores,
        n_fits=len(folds) * len(methods),
        seconds={
            "generators": sum(fold.seconds for fold in folds),
            "classifiers": time.perf_counter() - start,
        },
        held_out_model=None
        if first.error
        else HeldOutModel.of(first.model, take_rows(X, first.test), y[first.test]),
    )


def _obstacles(
    choices: Sequence[Method],
    estimator: BaseEstimator,
    X: Any,
    y: np.ndarray,
    counts: Mapping[Hashable, int],
    folds: Sequence[Fold],
) -> dict[Method, str]:
    """Methods for such rows, and why each cannot be tried; empty for those that can."""
    sizes = [class_counts(y[fold.train]) for fold in folds]
    n_smallest = min(of_fold[label] for of_fold in sizes for label in counts)
    model = folds[0].model
    return {
        method: method.obstacle(estimator, X, n_smallest)
        for method in choices
        if method.takes_kind(X, model)
    }


def _blocks(
    test: np.ndarray, y: np.ndarray, min_blocks: int, rng: np.random.RandomState
) -> Iterator[np.ndarray]:
    """Left-out rows in blocks with equal shares of the classes: ``min_blocks``, if rows suffice."""
    sizes = class_counts(y[test]).values()
    n_blocks = max(min_blocks, min(MAX_BLOCKS_OF_FOLD, min(sizes) // MIN_ROWS_OF_BLOCK))
    n_blocks = min(n_blocks, max(sizes))
    if n_blocks == 1:
        yield test
        return
    folds = StratifiedKFold(n_blocks, shuffle=True, random_state=rng.randint(SEED_LIMIT))
    for _, block in folds.split(np.zeros(len(test)), y[test]):
        yield test[block]


def gain_table(scores: pd.DataFrame, obstacles: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Gains of all methods over "none", with their intervals: a row a method.

    Parameters
    ----------
    scores : DataFrame
        Scores on blocks, as in ``Selection``.
    obstacles : dict of str to str, optional
        Methods that were not tried, and why.
    """
    gains = scores.drop(columns=CHANCE).sub(scores[NONE.name], axis=0)
    intervals = moderated_intervals(gains.drop(columns=NONE.name))
    table = intervals.drop(columns="error").reindex(gains.columns, fill_value=0.0)
    table.insert(0, "score", scores.mean())
    table["wins"] = (gains > 0).sum()
    table["losses"] = (gains < 0).sum()
    table["note"] = ""
    left_out = pd.Series(obstacles or {}, dtype=object).to_frame("note")
    return pd.concat([table, left_out.assign(wins=0, losses=0)])


def choose(scores: pd.DataFrame, table: pd.DataFrame) -> Choice:
    """Choose the simplest method whose gain is surely there and as good as the largest.

    A gain is surely there where its interval lies above 0, and so does that of how far the score
    is above that on shuffled labels: where labels are noise, few choices are then anything but
    "none". It is as good as the largest of these within one standard error of their difference.

    Parameters
    ----------
    scores, table : DataFrames
        Scores on blocks and gains, as in ``Selection``; columns in order, the simplest first.

    References
    ----------
    Breiman et al., "Classification and regression trees", 1984: the one-standard-error rule.
    """
    others = scores.drop(columns=[CHANCE, NONE.name])
    # one of many methods is above chance by chance more often than each
    sure = 1 - (1 - SURE) / others.shape[1]
    above_chance = moderated_intervals(others.sub(scores[CHANCE], axis=0), sure)["low"] > 0
    if not above_chance.any():
        return Choice(
            NONE.name,
            CANNOT_BE_TOLD,
            "Nothing was done: nothing lets this classifier score above chance.",
        )
    gains = table.loc[others.columns[above_chance]]
    best = str(gains["gain"].idxmax())
    helpful = gains.index[gains["low"] > 0]
    if not len(helpful):
        if gains["gain"].max() <= 0:
            return Choice(
                NONE.name,
                NOTHING_HELPS,
                f"Nothing was done: nothing gains. The best was {_gain(best, table)}.",
            )
        return Choice(
            NONE.name,
            CANNOT_BE_TOLD,
            "Nothing was done: whether anything helps cannot be told with so few rows. The best "
            f"was {_gain(best, table)}.",
        )
    best = str(gains.loc[helpful, "gain"].idxmax())
    behind = moderated_intervals(others[helpful].rsub(others[best], axis=0))
    chosen = str(behind.index[behind["gain"] <= behind["error"]][0])
    sentence = f"Chosen was {_gain(chosen, table)}."
    if chosen != best:
        sentence += (
            f" It is simpler than {_gain(best, table)}, and as good within one standard error."
        )
    return Choice(chosen, HELPS, sentence)


def _gain(name: str, table: pd.DataFrame) -> str:
    """Name, score and gain of a method, in words."""
    row = table.loc[name]
    return (
        f"{name}: {row['score']:.3f} against {table.loc[NONE.name, 'score']:.3f} on real rows that "
        f"were left out, {row['gain']:+.3f} [{row['low']:+.3f}, {row['high']:+.3f}]"
    )
