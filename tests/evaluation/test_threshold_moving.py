"""Thresholds are moved by the classes' shares, and probabilities stay."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from two_gaussians import overlapping

from ganaug.evaluation.threshold_moving import ThresholdMovingClassifier


def test_decisions_rate_classes_alike_and_probabilities_stay():
    X, y = overlapping(400, 20)
    plain = LogisticRegression().fit(X, y)
    moved = ThresholdMovingClassifier(LogisticRegression()).fit(X, y)
    assert np.array_equal(moved.predict_proba(X), plain.predict_proba(X))
    assert np.array_equal(moved.decision_function(X), plain.decision_function(X))
    by_share = plain.predict_proba(X)[:, 1] > np.mean(y)
    assert np.array_equal(moved.predict(X), by_share.astype(int))
    before, after = (balanced_accuracy_score(y, one.predict(X)) for one in (plain, moved))
    assert after > before + 0.1


def test_shares_are_of_weights_also_in_a_pipeline():
    X, y = overlapping(60, 20)
    weights = np.where(y == 1, 3.0, 1.0)
    alone = ThresholdMovingClassifier(LogisticRegression()).fit(X, y, sample_weight=weights)
    assert alone.shares_ == pytest.approx([0.5, 0.5])
    pipeline = make_pipeline(StandardScaler(), LogisticRegression())
    inside = ThresholdMovingClassifier(pipeline)
    inside.fit(X, y, logisticregression__sample_weight=weights)
    assert inside.shares_ == pytest.approx([0.5, 0.5])


def test_it_is_a_classifier_to_scikit_learn():
    X, y = overlapping(60, 20)
    labels = np.array(["no", "yes"])[y]
    scores = cross_val_score(
        ThresholdMovingClassifier(LogisticRegression()), X, labels, scoring="balanced_accuracy"
    )
    assert scores.mean() > 0.6
    assert not hasattr(ThresholdMovingClassifier(LinearSVC()).fit, "predict_log_proba")
