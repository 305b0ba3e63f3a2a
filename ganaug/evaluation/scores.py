"""Scores of classifiers."""

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.metrics import average_precision_score, balanced_accuracy_score, check_scoring


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
    if hasattr(classifier, "predict_proba"):
        ratings = classifier.predict_proba(X)
    elif hasattr(classifier, "decision_function"):
        ratings = classifier.decision_function(X)
    else:
        return float(balanced_accuracy_score(y, classifier.predict(X)))
    if ratings.ndim == 1:
        ratings = np.stack([-ratings, ratings], axis=1)
    precisions = [
        average_precision_score(y == label, ratings[:, column])
        for column, label in enumerate(classifier.classes_)
        if (y == label).any()
    ]
    return float(np.mean(precisions))


def score_of(scoring: Any, estimator: Any) -> Callable[[Any, Any, np.ndarray], float]:
    """Scorer of a classifier: by name, a callable, or None for average precision."""
    return macro_average_precision if scoring is None else check_scoring(estimator, scoring)
