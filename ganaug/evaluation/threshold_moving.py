"""Decisions that rate all classes alike, by the probabilities that a classifier gives anyway."""

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone
from sklearn.utils.metaestimators import available_if


def _has_decision_function(classifier: "ThresholdMovingClassifier") -> bool:
    return hasattr(classifier.estimator, "decision_function")


class ThresholdMovingClassifier(ClassifierMixin, MetaEstimatorMixin, BaseEstimator):
    """Classifier that names the class whose probability is largest against its share.

    For two classes, the threshold of 1/2 moves to the share of the second one. Of probabilities
    that are right, these are the decisions of best balanced accuracy.

    Parameters
    ----------
    estimator : classifier
        With ``predict_proba``; cloned.

    Attributes
    ----------
    estimator_ : classifier
        Fitted.
    classes_ : (n_classes,) array
        Labels.
    shares_ : (n_classes,) array
        Of the training rows' weight.

    References
    ----------
    Zhou and Liu, "Training cost-sensitive neural networks with methods addressing the class
    imbalance problem", IEEE TKDE, 2006.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> X, y = np.array([[0.0], [1], [2], [3], [4], [5], [6]]), np.array([0, 0, 0, 0, 0, 0, 1])
    >>> plain = LogisticRegression(C=0.1).fit(X, y)
    >>> moved = ThresholdMovingClassifier(LogisticRegression(C=0.1)).fit(X, y)
    >>> plain.predict([[6.0]]), moved.predict([[6.0]])
    (array([0]), array([1]))
    """

    def __init__(self, estimator: Any):
        self.estimator = estimator

    def fit(self, X: Any, y: np.ndarray, **fit_params: Any) -> "ThresholdMovingClassifier":
        """Fit the classifier, and count its classes.

        Parameters
        ----------
        X, y : rows and their classes
        **fit_params
            Passed on. ``sample_weight``, whatever step of a pipeline it is for, counts.
        """
        self.estimator_ = clone(self.estimator).fit(X, y, **fit_params)
        self.classes_ = self.estimator_.classes_
        weights = np.ones(len(y))
        for name, value in fit_params.items():
            if name.split("__")[-1] == "sample_weight" and value is not None:
                weights = np.asarray(value, dtype=float)
        sums = np.array([weights[y == label].sum() for label in self.classes_])
        self.shares_ = sums / sums.sum()
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Labels (n,) of the rows."""
        # no rows of a class weigh anything: never named, as nothing is known of it
        shares = np.where(self.shares_ > 0, self.shares_, np.inf)
        return self.classes_[(self.predict_proba(X) / shares).argmax(axis=1)]

    def predict_proba(self, X: Any) -> np.ndarray:
        """Probabilities (n, n_classes), as the classifier gives them."""
        return self.estimator_.predict_proba(X)

    @available_if(_has_decision_function)
    def decision_function(self, X: Any) -> np.ndarray:
        """Scores (n,) or (n, n_classes), as the classifier gives them."""
        return self.estimator_.decision_function(X)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        inner = self.estimator.__sklearn_tags__()
        tags.input_tags = inner.input_tags
        return tags
