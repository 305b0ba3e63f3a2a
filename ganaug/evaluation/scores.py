"""By what the gate judges classifiers."""

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
        rated = classifier.predict_proba(X)
    elif hasattr(classifier, "decision_function"):
        rated = classifier.decision_function(X)
    else:
        return float(balanced_accuracy_score(y, classifier.predict(X)))
    if rated.ndim == 1:
        rated = np.stack([-rated, rated], axis=1)
    precisions = [
        average_precision_score(y == label, rated[:, column])
        for column, label in enumerate(classifier.classes_)
        if (y == label).any()
    ]
    return float(np.mean(precisions))


def score_of(scoring: Any, estimator: Any) -> Callable[[Any, Any, np.ndarray], float]:
    """What scores a classifier: a scorer by name, a callable, or None for average precision."""
    return macro_average_precision if scoring is None else check_scoring(estimator, scoring)
