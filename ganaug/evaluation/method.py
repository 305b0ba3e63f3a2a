"""Method: one way to show a classifier more of scarce classes."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, clone

from ganaug.evaluation.added_rows import AddRows, Rows
from ganaug.evaluation.applicability import always, nothing


@dataclass(frozen=True)
class Method:
    """A way to augment a training set or to weight it, and the classifier that learns from it.

    Attributes
    ----------
    name : str
        Name in tables and on pages.
    description : str
        What it does, in a line that needs no other.
    add_rows : callable or None, default=None
        Function of ``added_rows``; None adds nothing.
    share : float, default=1.0
        Rows that it adds, for each one that the strategy asks for.
    weight : float, default=1.0
        Weight of an added row, against 1 of a real one.
    needs_gan : bool, default=False
        True where rows are drawn from the user's model, which is fitted before.
    asks_model : bool, default=False
        True where the user's model, fitted or not, says how rows may be changed.
    self_training : bool, default=False
        True where the classifier labels rows without a class before, which then count as real
        ones of those classes.
    prepare : callable, default=sklearn.base.clone
        Makes the unfitted classifier out of the user's; None where that has no such form.
    replaces_classifier : bool, default=False
        True where the prepared classifier is the same whatever the user's is.
    weights_classes : bool, default=False
        True where all classes weigh alike in the prepared classifier.
    takes_kind : callable
        Function of rows and of a model for such rows, fitted or not: True where it is a
        method for that kind of data: tables, images or sequences.
    rows_obstacle : callable
        Function of rows of its kind and of the size of the smallest class to be enlarged: why
        it cannot be used on them, empty where it can.
    classifier_obstacle : callable
        Function of a classifier: why it cannot be used for it, empty where it can.

    Examples
    --------
    >>> from ganaug.evaluation.methods import COPIES
    >>> X, y = np.array([[1.0], [2.0], [9.0]]), np.array([0, 0, 1])
    >>> X_all, y_all = COPIES.augment(X, y, {1: 1}, None, np.random.RandomState(0))
    >>> X_all.ravel().tolist(), y_all.tolist()
    ([1.0, 2.0, 9.0, 9.0], [0, 0, 1, 1])
    """

    name: str
    description: str
    add_rows: AddRows | None = None
    share: float = 1.0
    weight: float = 1.0
    needs_gan: bool = False
    asks_model: bool = False
    self_training: bool = False
    prepare: Callable[[BaseEstimator], BaseEstimator | None] = clone
    replaces_classifier: bool = False
    weights_classes: bool = False
    takes_kind: Callable[[Any, Any], bool] = always
    rows_obstacle: Callable[[Any, int], str] = nothing
    classifier_obstacle: Callable[[BaseEstimator], str] = nothing

    @property
    def rows_key(self) -> tuple[AddRows | None, float, bool]:
        """Key that methods have in common which add the same rows, of other weights perhaps."""
        return self.add_rows, self.share, self.self_training

    def obstacle(self, estimator: BaseEstimator, X: Any, n_smallest: int) -> str:
        """Why it cannot be done to rows ``X`` of its kind for a classifier; empty where it can.

        Parameters
        ----------
        estimator : classifier
        X : rows
        n_smallest : int
            Rows of the smallest class to be enlarged.
        """
        obstacle = self.classifier_obstacle(estimator) or self.rows_obstacle(X, n_smallest)
        if not obstacle and self.prepare(estimator) is None:
            return f"{type(estimator).__name__} weighs no classes (class_weight)"
        return obstacle

    def augment(
        self,
        X: Any,
        y: np.ndarray,
        counts: Mapping,
        model: Any,
        rng: np.random.RandomState,
    ) -> Rows:
        """Real rows, and after them those that the method adds.

        Parameters
        ----------
        X, y : rows and their classes
        counts : dict of label to int
            Rows that the strategy asks for.
        model : model or None
            The user's model for such rows; fitted, where the method needs it.
        rng : RandomState

        Returns
        -------
        X : rows of the type of X
        y : (n + added,) array
        """
        if self.add_rows is None or not counts:
            return X, y
        added = {label: math.ceil(self.share * n) for label, n in counts.items()}
        return self.add_rows(X, y, added, model, rng)
