"""Models fitted out of fold: each without a part of the rows, on which it can then be judged."""

import time
import warnings
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import StratifiedKFold

from ganaug.evaluation.refits import FailedFit, fit_per_fold, is_expensive
from ganaug.models.protocol import Model
from ganaug.randomness import SEED_LIMIT
from ganaug.strategy import class_counts
from ganaug.unlabeled import UnlabeledRows

# Folds that the rows are divided into, each to be left out once, and times that this is repeated.
N_FOLDS = 5
N_REPEATS = {"fast": 1, "thorough": 3}

# Folds that are left out by "fast" where models are expensive.
N_EXPENSIVE_FOLDS = 2


@dataclass(frozen=True)
class Fold:
    """A part of the rows that a model was not fitted on, and the model.

    Attributes
    ----------
    train, test : (n,) integer arrays
        Numbers of the rows that the model was fitted on, and of the others.
    model : model
        Fitted, unless it failed.
    seconds : float
        Seconds that its training took.
    error : str, default=""
        Error that its training ended in, if it failed.
    """

    train: np.ndarray
    test: np.ndarray
    model: Any
    seconds: float
    error: str = ""

    @classmethod
    def of(cls, train: np.ndarray, test: np.ndarray, fitted: Any, seconds: float) -> "Fold":
        """A fold with its model, which may be a ``FailedFit``."""
        if isinstance(fitted, FailedFit):
            return cls(train, test, fitted.model, seconds, fitted.error)
        return cls(train, test, fitted, seconds)


def fit_out_of_fold(
    gan: Model | None,
    X: Any,
    y: np.ndarray,
    labels: list[Hashable],
    rng: np.random.RandomState,
    effort: str = "fast",
    unlabeled: UnlabeledRows | None = None,
    n_jobs: int | None = None,
    verbose: int = 0,
) -> list[Fold]:
    """Train models of the given classes, each without a fold of the rows.

    Parameters
    ----------
    gan : model or None
        Model to copy, as in ``AugmentedClassifier``.
    X, y : rows and their classes
    labels : list of labels
        Classes to train.
    rng : RandomState
    effort : {"fast", "thorough"}, default="fast"
        How often the rows are divided into folds anew.
    unlabeled : UnlabeledRows or None, default=None
        Rows without a class, which are left out of no fold.
    n_jobs : int or None, default=None
        Models at a time, where they do not train side by side anyway.
    verbose : int, default=0
        1 shows how far the training has come.

    Returns
    -------
    list of Fold
        Empty where all these classes are too small to be divided.

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
    counts = class_counts(y)
    sizes = [counts[label] for label in labels]
    n_folds = count_folds(gan, X, sizes, effort)
    if not n_folds:
        return []
    with warnings.catch_warnings():
        # of classes of few rows, which the model that sees all rows will tell of
        warnings.simplefilter("ignore")
        splits = _splits(y, N_REPEATS[effort], rng)[:n_folds]
        start = time.perf_counter()
        parts = [train for train, _ in splits]
        models = fit_per_fold(gan, X, y, parts, labels, rng, unlabeled, n_jobs, verbose)
        seconds = (time.perf_counter() - start) / len(splits)
    return [
        Fold.of(train, test, model, seconds)
        for (train, test), model in zip(splits, models, strict=True)
    ]


def count_folds(gan: Model | None, X: Any, sizes: Sequence[int], effort: str) -> int:
    """Folds that models are trained without, each in turn; 0 where all classes are too small.

    Parameters
    ----------
    gan, X, effort
        As in ``fit_out_of_fold``.
    sizes : sequence of int
        Sizes of the classes to train.
    """
    if max(sizes) < N_FOLDS:
        return 0
    if effort == "fast" and is_expensive(gan, X, sizes):
        return N_EXPENSIVE_FOLDS
    return N_FOLDS * N_REPEATS[effort]


def _splits(
    y: np.ndarray, n_repeats: int, rng: np.random.RandomState
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Numbers of training and of left-out rows; the only row of a class is never left out."""
    sizes = class_counts(y)
    divided = np.flatnonzero([sizes[label] > 1 for label in y.tolist()])
    splits = []
    for _ in range(n_repeats):
        folds = StratifiedKFold(N_FOLDS, shuffle=True, random_state=rng.randint(SEED_LIMIT))
        for _, left_out in folds.split(divided, y[divided]):
            test = divided[left_out]
            splits.append((np.delete(np.arange(len(y)), test), test))
    return splits
