"""Splits of a comparison: numbers of training and test rows among those that have a class."""

from collections.abc import Hashable, Iterable, Sequence
from typing import Any

import numpy as np
from sklearn.model_selection import RepeatedStratifiedKFold, check_cv

from ganaug.randomness import SEED_LIMIT
from ganaug.unlabeled import UnlabeledRows

Split = tuple[np.ndarray, np.ndarray]


def splits_of(
    cv: Any, X: Any, y: np.ndarray, rng: np.random.RandomState, unlabeled: UnlabeledRows | None
) -> list[Split]:
    """Numbers of training and test rows among those that have a class."""
    if unlabeled is not None and isinstance(cv, Iterable) and not hasattr(cv, "split"):
        return [
            (_numbers(train, len(y), unlabeled), _numbers(test, len(y), unlabeled))
            for train, test in cv
        ]
    if cv is None:
        cv = RepeatedStratifiedKFold(n_splits=5, n_repeats=2, random_state=rng.randint(SEED_LIMIT))
    splits = check_cv(cv, y, classifier=True).split(X, y)
    # masks are as good as numbers
    return [tuple(np.arange(len(y))[part] for part in split) for split in splits]


def classes_missing(splits: Sequence[Split], y: np.ndarray) -> list[Hashable]:
    """Classes without a test row in some splits.

    Examples
    --------
    >>> splits = [(np.array([2, 3]), np.array([0, 1])), (np.array([0, 1]), np.array([2, 3]))]
    >>> classes_missing(splits, np.array(["a", "b", "a", "a"]))
    ['b']
    """
    tested = [set(y[test].tolist()) for _, test in splits]
    return [label for label in np.unique(y).tolist() if not all(label in some for some in tested)]


def _numbers(part: np.ndarray, n_labelled: int, unlabeled: UnlabeledRows) -> np.ndarray:
    """Numbers that some of all rows have among those of classes; others are left out."""
    places = np.argsort(unlabeled.order)
    # masks are as good as numbers
    numbers = places[np.arange(len(places))[part]]
    return numbers[numbers < n_labelled]
