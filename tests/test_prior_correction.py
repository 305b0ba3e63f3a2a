"""Probabilities of AugmentedClassifier, corrected for the shares that augmentation changed."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn import config_context
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss
from sklearn.naive_bayes import GaussianNB
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier
from two_gaussians import GaussianModel, overlapping

from ganaug import AugmentedClassifier
from ganaug.evaluation.methods import CLASS_WEIGHTS, GAN_QUARTER_WEIGHT
from ganaug.evaluation.selection import Selection


def test_corrected_probabilities_are_those_of_the_real_shares():
    X, y = overlapping(900, 60)
    X_test, y_test = overlapping(9000, 600, seed=1)
    options = {"gan": GaussianModel(), "gate": None, "random_state": 0}
    raw = AugmentedClassifier(LogisticRegression(), **options).fit(X, y)
    corrected = AugmentedClassifier(LogisticRegression(), prior_correction=True, **options)
    corrected.fit(X, y)
    plain = LogisticRegression().fit(X, y)
    briers = [brier_score_loss(y_test, one.predict_proba(X_test)[:, 1])
              for one in (plain, raw, corrected)]  # fmt: skip
    assert briers[2] < briers[1]
    assert briers[2] < briers[0] + 0.005
    found = corrected.predict_proba(X_test)
    assert found.sum(axis=1) == pytest.approx(1)
    assert found.mean(axis=0) == pytest.approx([0.9375, 0.0625], abs=0.03)
    assert np.array_equal(corrected.predict(X_test), found.argmax(axis=1))
    assert np.allclose(corrected.predict_log_proba(X_test), np.log(found))
    with pytest.raises(ValueError, match="LinearSVC has none"):
        AugmentedClassifier(LinearSVC(), prior_correction=True).fit(X, y)


class Weighted(ClassifierMixin, BaseEstimator):
    """A classifier that remembers the weights of its rows."""

    def fit(self, X, y, sample_weight=None):
        self.classes_ = np.unique(y)
        self.weights_ = None if sample_weight is None else np.asarray(sample_weight)
        return self

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def predict_proba(self, X):
        return np.tile([0.4, 0.6], (len(X), 1))


def test_probabilities_are_corrected_for_rows_of_quarter_weight(monkeypatch):
    X, y = overlapping(60, 20)
    model = AugmentedClassifier(
        Weighted(), gan=GaussianModel(), prior_correction=True, random_state=0
    )

    def chosen(*arguments):
        return replace(Selection.without_trial(""), method=GAN_QUARTER_WEIGHT)

    monkeypatch.setattr("ganaug.classifier.select", chosen)
    found = model.fit(X, y).predict_proba(X[:1])[0]
    # 60 rows of one class, 20 of the other and 40 of weight 0.25
    ratio = np.array([60 / 90, 30 / 90]) / [60 / 80, 20 / 80]
    expected = np.array([0.4, 0.6]) / ratio
    assert found == pytest.approx(expected / expected.sum())


def test_probabilities_are_corrected_by_the_weights_of_rows():
    X, y = overlapping(60, 20)
    with config_context(enable_metadata_routing=True):
        classifier = Weighted().set_fit_request(sample_weight=True)
        model = AugmentedClassifier(
            classifier, gan=GaussianModel(), gate=None, prior_correction=True, random_state=0
        )
        found = model.fit(X, y, sample_weight=1.0 + y).predict_proba(X[:1])[0]
    # the scarce class has the weight of 40 rows, and gets 40 more of the mean weight, 1.25
    ratio = np.array([60 / 150, 90 / 150]) / [60 / 100, 40 / 100]
    expected = np.array([0.4, 0.6]) / ratio
    assert found == pytest.approx(expected / expected.sum())


def test_class_weights_count_rows_whatever_they_weigh(monkeypatch):
    X, y = np.zeros((80, 1)), np.repeat([0, 1], [60, 20])

    def chosen(*arguments):
        return replace(Selection.without_trial(""), method=CLASS_WEIGHTS)

    monkeypatch.setattr("ganaug.classifier.select", chosen)
    # nothing to go by but the shares, which weights make 60 to 40
    for classifier in (LogisticRegression(), DecisionTreeClassifier()):
        with config_context(enable_metadata_routing=True):
            classifier.set_fit_request(sample_weight=True)
            model = AugmentedClassifier(
                classifier, gan=GaussianModel(), prior_correction=True, random_state=0
            )
            found = model.fit(X, y, sample_weight=1.0 + y).predict_proba(X[:1])[0]
        assert found == pytest.approx([0.6, 0.4], abs=1e-3)


def test_a_class_whose_rows_weigh_nothing_is_left_as_it_is():
    X, y = overlapping(60, 20)
    with config_context(enable_metadata_routing=True):
        classifier = GaussianNB().set_fit_request(sample_weight=True)
        model = AugmentedClassifier(classifier, gan=GaussianModel(), gate=None, random_state=0)
        model.fit(X, y, sample_weight=1.0 - y)
        assert np.isfinite(model.set_params(prior_correction=True).predict_proba(X)).all()
