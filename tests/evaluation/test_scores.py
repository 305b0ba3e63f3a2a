"""Scores: what ranks and what decides, and their names."""

import math

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.metrics import average_precision_score, f1_score, make_scorer
from sklearn.tree import DecisionTreeClassifier
from two_gaussians import overlapping

from ganaug.evaluation.scores import MEASURES, ranking_and_decisions, scoring_meaning


def test_ranking_is_average_precision_and_decisions_are_balanced_accuracy():
    X, y = overlapping(60, 20)
    classifier = RidgeClassifier().fit(X, y)
    found = ranking_and_decisions(classifier, X, y)
    ratings = classifier.decision_function(X)
    by_class = [average_precision_score(y == 0, -ratings), average_precision_score(y, ratings)]
    assert found["average_precision"] == pytest.approx(np.mean(by_class))
    recalls = [(classifier.predict(X)[y == label] == label).mean() for label in (0, 1)]
    assert found["balanced_accuracy"] == pytest.approx(np.mean(recalls))
    assert list(found) == list(MEASURES)


def test_equal_ratings_count_together():
    rng = np.random.default_rng(0)
    X = rng.integers(0, 4, (90, 1))
    y = rng.integers(0, 3, 90)
    # four leaves rate ninety rows
    tree = DecisionTreeClassifier(random_state=0).fit(X, y)
    by_class = average_precision_score(np.eye(3)[y], tree.predict_proba(X), average=None)
    found = ranking_and_decisions(tree, X, y)["average_precision"]
    assert found == pytest.approx(np.mean(by_class), rel=1e-12)


def test_moving_the_threshold_changes_decisions_alone():
    X, y = overlapping(60, 20)
    classifier = LogisticRegression().fit(X, y)
    before = ranking_and_decisions(classifier, X, y)
    classifier.intercept_ += 1.5
    after = ranking_and_decisions(classifier, X, y)
    assert after["average_precision"] == pytest.approx(before["average_precision"])
    assert after["balanced_accuracy"] > before["balanced_accuracy"]


class OnlyNames(ClassifierMixin, BaseEstimator):
    """A classifier that says nothing but names."""

    def fit(self, X, y):
        self.inner_ = RidgeClassifier().fit(X, y)
        return self

    def predict(self, X):
        return self.inner_.predict(X)


def test_classifiers_that_only_name_classes_rank_nothing():
    X, y = overlapping(30, 30)
    found = ranking_and_decisions(OnlyNames().fit(X, y), X, y)
    assert math.isnan(found["average_precision"])
    assert found["balanced_accuracy"] > 0.5


def test_every_way_to_score_has_a_name():
    assert scoring_meaning("f1_macro") == "f1 macro (scoring='f1_macro')"

    def cost(estimator, X, y):
        return 0.0

    assert scoring_meaning(cost) == "cost (scoring=cost)"
    assert "make_scorer(f1_score" in scoring_meaning(make_scorer(f1_score))
