"""Whether to augment, with what and how much: judged on real rows that nothing was trained on."""

import math
import os
import time
import warnings
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from sklearn.base import BaseEstimator, clone
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import StratifiedKFold

from ganaug.encoding.rows import take_rows
from ganaug.evaluation.candidates import with_class_weights
from ganaug.evaluation.fitting import Fit, weight_name
from ganaug.evaluation.refits import costly, refitted
from ganaug.evaluation.sources import (
    MOVED,
    NONE,
    OF_GAN,
    WEIGHTS,
    augmented,
    sources_for,
    weight_of,
)
from ganaug.evaluation.statistics import paired_interval
from ganaug.models.held_out import HeldOutModel
from ganaug.randomness import SEED_LIMIT
from ganaug.storage.atomic import atomic_write
from ganaug.strategy import class_counts

# Of a classifier on rows and classes; higher is better.
Score = Callable[[Any, Any, np.ndarray], float]

# Parts that the data are divided into, each to be left out once, and times that this is repeated.
N_FOLDS = 5
N_REPEATS = {"fast": 1, "thorough": 3}

# Of these parts, left out in a fast judgement where generators are costly.
N_COSTLY = 2

# Left-out rows are scored in blocks: so many in all, at least, to see how scores vary; more, up to
# so many of a part, while each has so many rows of every class.
MIN_BLOCKS = 5
MAX_BLOCKS_OF_PART = 5
ROWS_IN_BLOCK = 5

# What may be chosen, where rows and classifiers allow it: copies and SMOTE without noise were worse
# than with it wherever they were compared, and shuffled columns are what a GAN has to beat.
CHOICES = (NONE, WEIGHTS, "copies + noise", "SMOTE + noise", MOVED, *OF_GAN)

# A gain counts where this share of Student's t is above 0, of it and of how far the score is above
# that on shuffled labels. Where labels are noise, few judgements then find one: a slow test counts.
SURE = 0.95

# What the mean of all variances counts for, in degrees of freedom.
SHRINKAGE = 4

# Shuffles of the labels of a block.
N_SHUFFLED = 3
CHANCE = "chance"


@dataclass(frozen=True)
class LeftOut:
    """A part of the data that a generator has not seen.

    Attributes
    ----------
    train, test : (n,) integer arrays
        Numbers of the rows that it was trained on, and of the others.
    model : fitted model
    seconds : float
        That its training took.
    """

    train: np.ndarray
    test: np.ndarray
    model: Any
    seconds: float


@dataclass(frozen=True)
class Judgement:
    """What the gate found.

    Attributes
    ----------
    chosen : str
        Name of what is to be done, "none" for nothing.
    sentence : str
        Why.
    table : DataFrame
        A row for each thing that may be done: ``score`` and ``gain`` over doing nothing,
        with its 95 % interval ``low`` to ``high``, widened for training rows that blocks
        have in common; ``wins`` and ``losses`` among the blocks of left-out rows. Empty
        where nothing could be judged.
    scores : DataFrame
        Of each (columns) on each block; "chance" is the score of "none" on shuffled labels.
    n_fits : int
        Times that a classifier was fitted to judge.
    seconds : dict of str to float
        That "generators" took to train without a part of the rows, and "classifiers" to be
        fitted and scored.
    examined : HeldOutModel or None
        One of these generators, and the rows that it has not seen; not pickled along, as both
        hold data.
    """

    chosen: str
    sentence: str
    table: pd.DataFrame
    scores: pd.DataFrame
    n_fits: int
    seconds: dict[str, float]
    examined: HeldOutModel | None

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "examined": None}

    def to_html(self, path: str | os.PathLike) -> None:
        """Write a page that tells it all: gains, samples, their quality, training, cost.

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
        from ganaug.evaluation.pages import write_judgement

        with atomic_write(path) as page:
            write_judgement(page, self)


def left_out(
    gan: Any,
    X: Any,
    y: np.ndarray,
    labels: list[Hashable],
    rng: np.random.RandomState,
    effort: str = "fast",
) -> list[LeftOut]:
    """Train generators of the given classes, each without a part of the data.

    Parameters
    ----------
    gan : model or None
        As in the faces.
    X, y : rows and their classes
    labels : list of labels
    rng : RandomState
    effort : {"fast", "thorough"}, default="fast"

    Returns
    -------
    list of LeftOut; empty where all these classes are too small to be divided

    Raises
    ------
    ValueError
        If ``gan`` is frozen: it has seen all rows, perhaps.
    """
    if isinstance(gan, FrozenEstimator):
        raise ValueError(
            "a frozen gan may have seen the rows that it would be judged on. Pass gate=None, or "
            "a gan to be trained."
        )
    sizes = class_counts(y)
    if max(sizes[label] for label in labels) < N_FOLDS:
        return []
    # the only row of a class is never left out
    rows = np.flatnonzero([sizes[label] > 1 for label in y.tolist()])
    splits: list[tuple[np.ndarray, np.ndarray]] = []
    with warnings.catch_warnings():
        # of classes of few rows, which the model that sees all rows will tell of
        warnings.simplefilter("ignore")
        for _ in range(N_REPEATS[effort]):
            folds = StratifiedKFold(N_FOLDS, shuffle=True, random_state=rng.randint(SEED_LIMIT))
            for _, left in folds.split(rows, y[rows]):
                splits.append((np.delete(np.arange(len(y)), rows[left]), rows[left]))
        if effort == "fast" and costly(gan, X, [sizes[label] for label in labels]):
            splits = splits[:N_COSTLY]
        start = time.perf_counter()
        models = refitted(gan, X, y, [train for train, _ in splits], labels, rng)
        each = (time.perf_counter() - start) / len(splits)
    return [LeftOut(*split, model, each) for split, model in zip(splits, models, strict=True)]


def judge(
    estimator: BaseEstimator,
    X: Any,
    y: np.ndarray,
    counts: Mapping[Hashable, int],
    parts: Sequence[LeftOut],
    rng: np.random.RandomState,
    score: Score,
    fit: Fit | None = None,
) -> Judgement:
    """Try what may be done to training rows, each time on a part of them, and choose.

    No generator, over-sampler or classifier sees the rows that it is judged on.

    Parameters
    ----------
    estimator : classifier
        Cloned.
    X, y : rows and their classes
    counts : dict of label to int
        Rows that the strategy asks for, of one class at least.
    parts : sequence of LeftOut
    rng : RandomState
    score : callable
        Of a classifier on rows and classes; higher is better.
    fit : Fit or None, default=None
        How the classifier is fitted; None weighs all real rows alike.

    Returns
    -------
    Judgement
    """
    if not parts:
        most = max(class_counts(y)[label] for label in counts)
        sentence = (
            f"Not judged, so nothing was done: classes to be enlarged have {most} rows at most, "
            f"and {N_FOLDS} are needed to leave some out in turn. gate=None adds rows unjudged."
        )
        return Judgement(NONE, sentence, pd.DataFrame(), pd.DataFrame(), 0, {}, None)
    start, fit = time.perf_counter(), fit or Fit(weight_name(estimator), 1.0, {})
    records: list[dict[str, float]] = []
    least = min(min(class_counts(y[part.train])[label] for label in counts) for part in parts)
    able = sources_for(estimator, X, least, parts[0].model)
    sources, ratios = [source for source in CHOICES if source in able], []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for part in parts:
            own = take_rows(X, part.train), y[part.train]
            share = len(part.train) / len(y)
            wanted = {label: math.ceil(n * share) for label, n in counts.items()}
            classifiers = {}
            for source in sources:
                rows = augmented(source, *own, wanted, part.model, rng)
                classifier, factor = unfitted(source, estimator), weight_of(source)
                classifiers[source] = fit(classifier, *rows, part.train, factor)
            blocks = list(_blocks(part.test, y, math.ceil(MIN_BLOCKS / len(parts)), rng))
            ratios += [len(block) / len(part.train) for block in blocks]
            for block in blocks:
                left = take_rows(X, block), y[block]
                record = {name: score(one, *left) for name, one in classifiers.items()}
                shuffled = [rng.permutation(left[1]) for _ in range(N_SHUFFLED)]
                by_chance = [score(classifiers[NONE], left[0], one) for one in shuffled]
                records.append({CHANCE: float(np.mean(by_chance)), **record})
    scores = pd.DataFrame(records)
    table = _table(scores, float(np.mean(ratios)))
    seconds = {
        "generators": sum(part.seconds for part in parts),
        "classifiers": time.perf_counter() - start,
    }
    one = parts[0]
    examined = HeldOutModel.of(one.model, take_rows(X, one.test), y[one.test])
    n_fits = len(parts) * len(sources)
    return Judgement(*_choice(scores, table), table, scores, n_fits, seconds, examined)


def unfitted(source: str, estimator: BaseEstimator) -> Any:
    """The classifier for the rows of a source: with class weights where these are the source."""
    return with_class_weights(estimator) if source == WEIGHTS else clone(estimator)


def _blocks(
    test: np.ndarray, y: np.ndarray, least: int, rng: np.random.RandomState
) -> Iterator[np.ndarray]:
    """Left-out rows in blocks, ``least`` or more, with equal shares of the classes."""
    sizes = class_counts(y[test]).values()
    n_blocks = max(least, min(MAX_BLOCKS_OF_PART, min(sizes) // ROWS_IN_BLOCK))
    n_blocks = min(n_blocks, max(sizes))
    if n_blocks == 1:
        yield test
        return
    folds = StratifiedKFold(n_blocks, shuffle=True, random_state=rng.randint(SEED_LIMIT))
    for _, block in folds.split(np.zeros(len(test)), y[test]):
        yield test[block]


def _table(scores: pd.DataFrame, test_ratio: float) -> pd.DataFrame:
    """What is known of everything that may be done."""
    rows = {}
    for source in scores.columns.drop(CHANCE):
        gains = (scores[source] - scores[NONE]).to_numpy()
        low, high = paired_interval(gains, test_ratio)
        rows[source] = {
            "score": scores[source].mean(),
            "gain": gains.mean(),
            "low": low,
            "high": high,
            "wins": int((gains > 0).sum()),
            "losses": int((gains < 0).sum()),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def _choice(scores: pd.DataFrame, table: pd.DataFrame) -> tuple[str, str]:
    """What is to be done, and why."""
    others = scores.drop(columns=[CHANCE, NONE])
    able = _least(others.sub(scores[CHANCE], axis=0)) > 0
    if not able.any():
        return NONE, "Nothing was done: nothing lets this classifier score above chance."
    least = _least(others.sub(scores[NONE], axis=0))[able]
    best = str(least.idxmax())
    one = table.loc[best]
    found = (
        f"{best}: {one['score']:.3f} against {table.loc[NONE, 'score']:.3f} on real rows that were "
        f"left out, {one['gain']:+.3f} [{one['low']:+.3f}, {one['high']:+.3f}]"
    )
    if least[best] > 0:
        return best, f"Chosen was {found}."
    return NONE, f"Nothing was done: no gain is beyond chance. Nearest to one was {found}."


def _least(gains: pd.DataFrame) -> pd.Series:
    """What each gain is at least, if blocks are taken for independent.

    Few blocks say little of how a gain varies, and what seems to vary least is taken too
    often. So the variance of each is drawn towards their mean (Smyth, "Linear models and
    empirical Bayes methods for assessing differential expression", 2004).
    """
    n_blocks = len(gains)
    freedom = n_blocks - 1 + SHRINKAGE
    variance = ((n_blocks - 1) * gains.var() + SHRINKAGE * gains.var().mean()) / freedom
    return gains.mean() - float(stats.t.ppf(SURE, freedom)) * (variance / n_blocks) ** 0.5
