"""A linear classifier of features."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression

from ganaug.metrics.classifier import classes_of, codes_of
from ganaug.storage.fields import Array

# Weight of the data against the penalty, for rows of length 1: of features of photographs, 20 or
# 100 of each class, 3 to 30 gave the best accuracy, and this probabilities that were not far off.
INVERSE_PENALTY = 12.0

# Where rows are few, the fit ends long before.
MAX_ITER = 1000


@dataclass(eq=False)
class LinearClassifier:
    """Logistic regression on features about 1 in size, with an equal weight of each class.

    Attributes
    ----------
    classes : list
        Labels in order.
    weights : (d, n_classes) array
    biases : (n_classes,) array

    Examples
    --------
    >>> rows = np.random.default_rng(0).normal(size=(40, 3)) + np.repeat([[-2], [2]], 20, axis=0)
    >>> classifier = LinearClassifier.fit(rows, ["low"] * 20 + ["high"] * 20)
    >>> classifier.classes, classifier.probabilities(rows[:1]).round()
    (['high', 'low'], array([[0., 1.]]))
    """

    classes: list
    weights: Annotated[np.ndarray, Array("float64", "features classes")]
    biases: Annotated[np.ndarray, Array("float64", "classes")]

    def __post_init__(self) -> None:
        if len(self.classes) != len(self.biases):
            raise ValueError(f"a linear classifier has no outputs for {len(self.classes)} classes")

    @classmethod
    def fit(
        cls,
        features: np.ndarray,
        y: Iterable[Hashable],
        *,
        seed: int = 0,
        classes: Sequence[Hashable] | None = None,
    ) -> "LinearClassifier":
        """A classifier that has learnt from features.

        Parameters
        ----------
        features : (n, d) array
        y : sequence of n hashables
            Labels of two classes or more.
        seed : int
            Of no effect, as the fit draws nothing; for calls that other classifiers take.
        classes : sequence of hashables, optional
            Labels in order; all occur in ``y``.
        """
        classes = classes_of(y) if classes is None else list(classes)
        model = LogisticRegression(
            C=INVERSE_PENALTY / features.shape[1], class_weight="balanced", max_iter=MAX_ITER
        ).fit(features, codes_of(y, classes))
        weights = model.coef_
        biases = model.intercept_
        if len(classes) == 2:
            # one row of weights tells both
            weights = np.concatenate([-weights, weights]) / 2
            biases = np.concatenate([-biases, biases]) / 2
        return cls(classes, weights.T.copy(), biases)

    def probabilities(self, features: np.ndarray) -> np.ndarray:
        """Probability of each class, (n, classes), if all were equally frequent.

        Raises
        ------
        ValueError
            For features of another width.
        """
        if features.shape[1] != len(self.weights):
            raise ValueError(
                f"features gives {features.shape[1]} numbers for an image; what was trained on "
                f"features takes {len(self.weights)}. Set the network that fit was given."
            )
        return softmax(features @ self.weights + self.biases, axis=1)
