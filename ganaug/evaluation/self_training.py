"""Self-training: a classifier labels rows without a class, where it is sure of them."""

from collections.abc import Callable, Hashable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, clone

from ganaug.encoding.rows import join_rows, take_rows
from ganaug.evaluation.method import Method
from ganaug.models.joint_fitting import choose_tiers_by
from ganaug.models.protocol import Model
from ganaug.resampling import clone_seeded, fit_classes
from ganaug.unlabeled import UnlabeledRows

# Those of scikit-learn's ``SelfTrainingClassifier`` by default: the probability above which a
# classifier is sure of a row, and the number of times that it is fitted anew to what it has
# labelled.
THRESHOLD = 0.75
MAX_ITERATIONS = 10


def label_rows(
    estimator: BaseEstimator, X: Any, y: np.ndarray, unlabeled: UnlabeledRows
) -> tuple[Any, np.ndarray, UnlabeledRows | None]:
    """Label rows without a class as ``SelfTrainingClassifier`` does, for rows of any type.

    That one makes arrays of DataFrames, whose columns classifiers may choose by name, takes no
    images, and no labels of text but as objects.

    Parameters
    ----------
    estimator : classifier
        Has ``predict_proba``; cloned.
    X, y : rows and their classes
    unlabeled : UnlabeledRows

    Returns
    -------
    X : rows of the type of X
        The given ones, then those that were labelled.
    y : (n + labelled,) array
    rest : UnlabeledRows or None
        Those of which the classifier is not sure.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> rest = UnlabeledRows(np.array([[9.0], [1.6], [-9.0]]), -1, np.arange(5))
    >>> X, y, rest = label_rows(LogisticRegression(C=0.4), np.array([[1.0], [2.0]]),
    ...                         np.array([0, 1]), rest)
    >>> X.ravel().tolist(), y.tolist(), rest.X.tolist()
    ([1.0, 2.0, 9.0, -9.0], [0, 1, 1, 0], [[1.6]])
    """
    rest = unlabeled.X
    for _ in range(MAX_ITERATIONS):
        if not rest.shape[0]:
            break
        classifier = clone(estimator).fit(X, y)
        probabilities = classifier.predict_proba(rest)
        sure = probabilities.max(axis=1) > THRESHOLD
        if not sure.any():
            break
        found = classifier.classes_[probabilities[sure].argmax(axis=1)]
        X = join_rows([X, take_rows(rest, np.flatnonzero(sure))])
        y = np.concatenate([y, found.astype(y.dtype)])
        rest = take_rows(rest, np.flatnonzero(~sure))
    left = UnlabeledRows(rest, unlabeled.label, unlabeled.order) if rest.shape[0] else None
    return X, y, left


@dataclass(frozen=True)
class SelfTraining:
    """Rows without a class and a model, for methods in which a classifier labels rows.

    Attributes
    ----------
    unlabeled : UnlabeledRows
    gan : model or None
        Model to copy, as in ``AugmentedClassifier``.
    watch : callable, optional
        Maps a copy to the context in which it is trained.
    """

    unlabeled: UnlabeledRows
    gan: Model | None
    watch: Callable[[Any], AbstractContextManager] = nullcontext

    def prepare(
        self,
        method: Method,
        estimator: BaseEstimator,
        X: Any,
        y: np.ndarray,
        labels: list[Hashable],
        rng: np.random.RandomState,
        sizes: Mapping[Hashable, int] | None = None,
    ) -> tuple[Any, np.ndarray, Any]:
        """Real rows with those that were labelled, and a model that was trained on them.

        Parameters
        ----------
        method : Method
            With ``self_training``.
        estimator : classifier
        X, y : rows and their classes
        labels : list of labels
            Classes to train.
        rng : RandomState
        sizes : dict of label to int, optional
            Sizes of the classes that the rows are a part of.

        Returns
        -------
        X, y : rows and their classes
            The given ones first.
        model : fitted model or None
            None where the method needs none.
        """
        X_real, y_real, rest = label_rows(estimator, X, y, self.unlabeled)
        model = None
        if method.needs_gan:
            model = clone_seeded(self.gan, X, rng)
            choose_tiers_by(model, sizes or {})
            with self.watch(model):
                fit_classes(model, X_real, y_real, labels, rest)
        return X_real, y_real, model

    def augment(
        self,
        method: Method,
        estimator: BaseEstimator,
        X: Any,
        y: np.ndarray,
        counts: Mapping[Hashable, int],
        rng: np.random.RandomState,
        sizes: Mapping[Hashable, int] | None = None,
    ) -> tuple[Any, np.ndarray]:
        """Training rows as the method leaves them: labelled ones, then all others.

        Parameters
        ----------
        method, estimator, X, y, rng, sizes
            As in ``prepare``.
        counts : dict of label to int
            Rows that the strategy asks for.
        """
        X_real, y_real, model = self.prepare(method, estimator, X, y, list(counts), rng, sizes)
        return method.augment(X_real, y_real, counts, model, rng)
