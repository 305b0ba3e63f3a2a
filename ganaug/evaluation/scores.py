"""Scores of classifiers."""

import math
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.metrics import balanced_accuracy_score, check_scoring, get_scorer_names
from sklearn.utils import assert_all_finite

from ganaug.validation import check_name

# What is shown beside the score that decides: names of columns, and what they are called. The
# first is the score of scoring=None.
RANKING = "average_precision"
MEASURES = {RANKING: "average precision", "balanced_accuracy": "balanced accuracy"}


def macro_average_precision(classifier: Any, X: Any, y: np.ndarray) -> float:
    """Average precision of each class against the others, averaged over the classes in ``y``.

    Balanced accuracy where the classifier only names classes.

    Examples
    --------
    >>> from sklearn.dummy import DummyClassifier
    >>> X, y = np.zeros((4, 1)), np.array([0, 0, 0, 1])
    >>> macro_average_precision(DummyClassifier().fit(X, y), X, y)
    0.5
    """
    ratings = _ratings(classifier, X)
    if ratings is None:
        return float(balanced_accuracy_score(y, classifier.predict(X)))
    assert_all_finite(ratings, input_name="ratings of classes")
    precisions = [
        _average_precision(y == label, ratings[:, column])
        for column, label in enumerate(classifier.classes_)
        if (y == label).any()
    ]
    return float(np.mean(precisions))


def ranking_and_decisions(classifier: Any, X: Any, y: np.ndarray) -> dict[str, float]:
    """Ranking of a classifier, and its decisions: ``MEASURES`` by their columns.

    NaN for the ranking where the classifier only names classes.

    Examples
    --------
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> X, y = np.arange(4.0)[:, None], np.array([0, 0, 1, 1])
    >>> ranking_and_decisions(DecisionTreeClassifier().fit(X, y), X, y)
    {'average_precision': 1.0, 'balanced_accuracy': 1.0}
    """
    ranks = _rates(classifier)
    with warnings.catch_warnings():
        # a small part of the rows may lack a class that is predicted
        warnings.simplefilter("ignore")
        return {
            "average_precision": macro_average_precision(classifier, X, y) if ranks else math.nan,
            "balanced_accuracy": float(balanced_accuracy_score(y, classifier.predict(X))),
        }


def scoring_name(scoring: Any) -> str:
    """Name of a score, in words.

    Examples
    --------
    >>> scoring_name(None), scoring_name("balanced_accuracy")
    ('average precision', 'balanced accuracy')
    """
    name = "average_precision" if scoring is None else scoring
    return (name if isinstance(name, str) else getattr(name, "__name__", "score")).replace("_", " ")


def scoring_meaning(scoring: Any) -> str:
    """Meaning of a score, in words and by the parameter that chose it.

    Examples
    --------
    >>> scoring_meaning(None)
    'average precision of each class against the others, averaged (scoring=None)'
    """
    if scoring is None:
        return f"{scoring_name(None)} of each class against the others, averaged (scoring=None)"
    return f"{scoring_name(scoring)} (scoring={getattr(scoring, '__name__', repr(scoring))})"


def score_of(scoring: Any, estimator: Any) -> Callable[[Any, Any, np.ndarray], float]:
    """Scorer of a classifier: by name, a callable, or None for average precision."""
    if scoring is None:
        return macro_average_precision
    if isinstance(scoring, str):
        check_name("scoring", scoring, get_scorer_names())
    scorer = check_scoring(estimator, scoring)
    if hasattr(estimator, "__sklearn_tags__"):
        return scorer
    return partial(_score_with_tags, scorer)


def _score_with_tags(scorer: Callable, classifier: Any, X: Any, y: np.ndarray) -> float:
    return scorer(_TaggedClassifier(classifier), X, y)


class _TaggedClassifier(ClassifierMixin, BaseEstimator):
    """Fitted classifier of a library without scikit-learn's tags, as scorers ask for them."""

    def __init__(self, classifier: Any):
        self.classifier = classifier

    def __getattr__(self, name: str) -> Any:
        return getattr(self.classifier, name)


def _average_precision(positive: np.ndarray, ratings: np.ndarray) -> float:
    """Average precision of ratings, equal ones of which count together.

    The gate asks for it thousands of times, of a few rows each: scikit-learn's checks of its
    arguments would take longer than small classifiers.
    """
    order = np.argsort(-ratings, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(ratings[order])), len(order) - 1)
    n_found = np.cumsum(positive[order])[ends]
    shares = np.diff(n_found, prepend=0) / n_found[-1]
    return float(np.sum(shares * n_found / (ends + 1)))


def _rates(classifier: Any) -> bool:
    """True where a classifier says how sure it is of each class."""
    return hasattr(classifier, "predict_proba") or hasattr(classifier, "decision_function")


def _ratings(classifier: Any, X: Any) -> np.ndarray | None:
    """Ratings of each class by a classifier (n, n_classes); None where it only names classes."""
    if not _rates(classifier):
        return None
    by_probability = hasattr(classifier, "predict_proba")
    ratings = classifier.predict_proba(X) if by_probability else classifier.decision_function(X)
    return np.stack([-ratings, ratings], axis=1) if ratings.ndim == 1 else ratings
