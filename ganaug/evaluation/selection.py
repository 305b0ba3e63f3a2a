"""The gate: what to do to a training set, chosen on real rows that nothing was trained on."""

import math
import os
import time
import warnings
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.model_selection import StratifiedKFold

from ganaug.encoding.rows import take_rows
from ganaug.evaluation.fitting import Fit
from ganaug.evaluation.folds import N_FOLDS, Fold
from ganaug.evaluation.held_out import HeldOutModel
from ganaug.evaluation.methods import CHANCE, GATE_CHOICES, NONE, SELF_TRAINED, Method
from ganaug.evaluation.provenance import Provenance
from ganaug.evaluation.scores import MEASURES, ranking_and_decisions
from ganaug.evaluation.self_training import SelfTraining
from ganaug.evaluation.statistics import lower_bound, paired_interval
from ganaug.evaluation.weights import weight_name
from ganaug.randomness import SEED_LIMIT
from ganaug.storage.atomic import atomic_write
from ganaug.strategy import class_counts

# Maps a classifier, rows and classes to a number; higher is better.
Score = Callable[[BaseEstimator, Any, np.ndarray], float]

# Blocks that left-out rows are scored in, at least, over all folds: to see how scores vary.
MIN_BLOCKS = 5

# Blocks of one fold, at most, and rows of every class in a block where there are so many.
MAX_BLOCKS_OF_FOLD = 5
MIN_ROWS_OF_BLOCK = 5

# Shuffles of the labels of a block.
N_SHUFFLES = 3


@dataclass(frozen=True, repr=False)
class Selection:
    """The method that was chosen, and why.

    Attributes
    ----------
    method : Method
        What is to be done; that named "none" for nothing.
    chosen : str
        Its name.
    sentence : str
        Why it was chosen.
    table : DataFrame
        A row for each method that was tried: ``score`` and ``gain`` over "none", with its
        95 % interval ``low`` to ``high``, widened for training rows that blocks have in
        common; ``wins`` and ``losses`` among the blocks of left-out rows. The choice itself
        is by ``statistics.lower_bound``. Empty where nothing could be tried.
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
    measures : dict of str to DataFrame
        Tables like ``table``, by ranking ("average_precision", of each class against the
        others, averaged) and by decisions ("balanced_accuracy"), whatever the score.
    provenance : Provenance or None
        Data, settings, versions and machine, as texts.
    """

    method: Method
    sentence: str
    table: pd.DataFrame
    scores: pd.DataFrame
    n_fits: int
    seconds: dict[str, float]
    held_out_model: HeldOutModel | None
    measures: dict[str, pd.DataFrame] = field(default_factory=dict)
    provenance: Provenance | None = None

    @property
    def chosen(self) -> str:
        """Name of the chosen method."""
        return self.method.name

    @classmethod
    def without_trial(cls, sentence: str) -> "Selection":
        """The choice of "none" where nothing could be tried, and why."""
        return cls(NONE, sentence, pd.DataFrame(), pd.DataFrame(), 0, {}, None)

    def __repr__(self) -> str:
        return f"<Selection of {self.chosen!r}. {self.sentence}>"

    def _repr_html_(self) -> str:
        # matplotlib takes a while to load
        from ganaug.evaluation.pages import selection_fragment

        return selection_fragment(self)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "held_out_model": None}

    def to_html(self, path: str | os.PathLike, data_name: str | None = None) -> None:
        """Write a page with the gains, samples, their quality, training and cost.

        Parameters
        ----------
        path : path
            File to write; replaced where there is one. It needs nothing beside it. After
            pickling it lacks samples, quality and training.
        data_name : str or None, default=None
            Name of the data, for the page.

        Raises
        ------
        OSError
            If the file cannot be written, before anything is evaluated.
        """
        # matplotlib takes a while to load
        from ganaug.evaluation.pages import write_selection

        with atomic_write(path) as page:
            write_selection(page, self, data_name)


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

    Returns
    -------
    Selection
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
    methods = _applicable(choices, estimator, X, y, counts, folds)
    min_blocks = math.ceil(MIN_BLOCKS / len(folds))
    records: list[dict[str, float]] = []
    measured: list[dict[str, dict[str, float]]] = []
    test_ratios = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for fold in folds:
            classifiers = _fitted(estimator, methods, X, y, counts, fold, rng, fit, self_training)
            blocks = list(_blocks(fold.test, y, min_blocks, rng))
            test_ratios += [len(block) / len(fold.train) for block in blocks]
            for block in blocks:
                X_block = take_rows(X, block)
                records.append(_scores_on(classifiers, X_block, y[block], rng, score))
                measured.append(
                    {
                        name: ranking_and_decisions(classifier, X_block, y[block])
                        for name, classifier in classifiers.items()
                    }
                )
    scores = pd.DataFrame(records)
    test_ratio = float(np.mean(test_ratios))
    table = gain_table(scores, test_ratio)
    chosen, sentence = choose(scores, table)
    first = folds[0]
    return Selection(
        method=next(method for method in methods if method.name == chosen),
        sentence=sentence,
        table=table,
        scores=scores,
        n_fits=len(folds) * len(methods),
        seconds={
            "generators": sum(fold.seconds for fold in folds),
            "classifiers": time.perf_counter() - start,
        },
        held_out_model=HeldOutModel.of(first.model, take_rows(X, first.test), y[first.test]),
        measures=_measures(measured, test_ratio),
    )


def _applicable(
    choices: Sequence[Method],
    estimator: BaseEstimator,
    X: Any,
    y: np.ndarray,
    counts: Mapping[Hashable, int],
    folds: Sequence[Fold],
) -> list[Method]:
    """Methods that can be tried on every fold."""
    sizes = [class_counts(y[fold.train]) for fold in folds]
    n_smallest = min(of_fold[label] for of_fold in sizes for label in counts)
    model = folds[0].model
    return [method for method in choices if method.is_applicable(estimator, X, n_smallest, model)]


def _fitted(
    estimator: BaseEstimator,
    methods: Sequence[Method],
    X: Any,
    y: np.ndarray,
    counts: Mapping[Hashable, int],
    fold: Fold,
    rng: np.random.RandomState,
    fit: Fit,
    self_training: SelfTraining | None,
) -> dict[str, BaseEstimator]:
    """Classifiers by the methods' names, fitted to the training rows of a fold."""
    X_train = take_rows(X, fold.train)
    y_train = y[fold.train]
    share = len(fold.train) / len(y)
    wanted = {label: math.ceil(n * share) for label, n in counts.items()}
    classifiers = {}
    for method in methods:
        if method.self_training and self_training is not None:
            augment = self_training.augment
            X_all, y_all = augment(method, estimator, X_train, y_train, wanted, rng)
        else:
            X_all, y_all = method.augment(X_train, y_train, wanted, fold.model, rng)
        classifiers[method.name] = fit(method, estimator, X_all, y_all, fold.train)
    return classifiers


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


def _scores_on(
    classifiers: Mapping[str, BaseEstimator],
    X: Any,
    y: np.ndarray,
    rng: np.random.RandomState,
    score: Score,
) -> dict[str, float]:
    """Scores of fitted classifiers on a block of left-out rows, and that of chance."""
    scores = {name: score(classifier, X, y) for name, classifier in classifiers.items()}
    shuffles = [rng.permutation(y) for _ in range(N_SHUFFLES)]
    by_chance = [score(classifiers[NONE.name], X, shuffled) for shuffled in shuffles]
    return {CHANCE: float(np.mean(by_chance)), **scores}


def _measures(
    measured: Sequence[Mapping[str, Mapping[str, float]]], test_ratio: float
) -> dict[str, pd.DataFrame]:
    """Gains by ranking and by decisions, of what was measured on each block."""
    return {
        measure: gain_table(
            pd.DataFrame([{name: of[measure] for name, of in block.items()} for block in measured]),
            test_ratio,
        )
        for measure in MEASURES
    }


def gain_table(scores: pd.DataFrame, test_ratio: float) -> pd.DataFrame:
    """Gains of all methods over "none", with their intervals: a row a method.

    Parameters
    ----------
    scores : DataFrame
        Scores on blocks, as in ``Selection``, with or without those of chance.
    test_ratio : float
        Test rows per training row, as in ``paired_interval``.
    """
    rows = {}
    for name in scores.columns.drop(CHANCE, errors="ignore"):
        gains = (scores[name] - scores[NONE.name]).to_numpy()
        low, high = paired_interval(gains, test_ratio)
        rows[name] = {
            "score": scores[name].mean(),
            "gain": gains.mean(),
            "low": low,
            "high": high,
            "wins": int((gains > 0).sum()),
            "losses": int((gains < 0).sum()),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def choose(scores: pd.DataFrame, table: pd.DataFrame) -> tuple[str, str]:
    """Name of the method of the largest gain that is surely there, and why.

    A gain counts where its lower bound is above 0, and so is that of how far the score is above
    that on shuffled labels: where labels are noise, few choices are then anything but "none".

    Parameters
    ----------
    scores, table : DataFrames
        Scores on blocks and gains, as in ``Selection``.
    """
    others = scores.drop(columns=[CHANCE, NONE.name])
    above_chance = lower_bound(others.sub(scores[CHANCE], axis=0)) > 0
    if not above_chance.any():
        return NONE.name, "Nothing was done: nothing lets this classifier score above chance."
    bounds = lower_bound(others.sub(scores[NONE.name], axis=0))[above_chance]
    best = str(bounds.idxmax())
    row = table.loc[best]
    gain = (
        f"{best}: {row['score']:.3f} against {table.loc[NONE.name, 'score']:.3f} on real rows that "
        f"were left out, {row['gain']:+.3f} [{row['low']:+.3f}, {row['high']:+.3f}]"
    )
    if bounds[best] > 0:
        return best, f"Chosen was {gain}."
    return NONE.name, f"Nothing was done: no gain is significant. The best was {gain}."
