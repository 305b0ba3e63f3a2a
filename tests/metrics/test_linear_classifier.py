"""The linear classifier: scikit-learn's logistic regression, in arrays that files can hold."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from ganaug.metrics.linear_classifier import INVERSE_PENALTY, LinearClassifier


def clusters(sizes, width=5):
    rng = np.random.default_rng(0)
    y = np.repeat(np.arange(len(sizes)), sizes)
    return rng.normal(size=(len(y), width)) + 2 * np.eye(width)[y], y


@pytest.mark.parametrize("sizes", [(30, 10), (30, 20, 10)])
def test_probabilities_are_those_of_logistic_regression_with_classes_weighing_alike(sizes):
    X, y = clusters(sizes)
    labels = np.array(["no", "yes", "zebra"])[y]
    expected = LogisticRegression(C=INVERSE_PENALTY / 5, class_weight="balanced").fit(X, labels)
    classifier = LinearClassifier.fit(X, labels)
    assert classifier.classes == expected.classes_.tolist()
    assert classifier.probabilities(X) == pytest.approx(expected.predict_proba(X), abs=1e-6)
    assert classifier.probabilities(X[:0]).shape == (0, len(sizes))


def test_features_of_another_width_are_refused():
    classifier = LinearClassifier.fit(*clusters((10, 10)))
    with pytest.raises(ValueError, match="gives 4 numbers for an image; .* takes 5"):
        classifier.probabilities(np.zeros((2, 4)))


def test_outputs_for_other_labels_are_refused():
    with pytest.raises(ValueError, match="no outputs for 3 classes"):
        LinearClassifier([0, 1, 2], np.zeros((5, 2)), np.zeros(2))
