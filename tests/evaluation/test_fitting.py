"""Fitting with weights: real rows keep theirs, synthetic ones have that of their method."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from two_gaussians import GaussianModel, overlapping

from ganaug.evaluation.fitting import Fit
from ganaug.evaluation.methods import CLASS_WEIGHTS, GAN, GAN_QUARTER_WEIGHT, NONE
from ganaug.evaluation.threshold_moving import ThresholdMovingClassifier
from ganaug.openmp import MAX_ROWS_OF_ONE_THREAD, _openmp


class Weighted(ClassifierMixin, BaseEstimator):
    """A classifier that remembers the weights of its rows."""

    def fit(self, X, y, sample_weight=None):
        self.classes_ = np.unique(y)
        self.weights_ = None if sample_weight is None else np.asarray(sample_weight)
        return self


@pytest.mark.parametrize("synthetic_weight", [1.0, 0.5])
@pytest.mark.parametrize("real_weight", [None, 2.0])
def test_rows_of_quarter_weight_weigh_a_quarter_of_what_others_would(synthetic_weight, real_weight):
    X, y = overlapping(60, 20)
    parameters = {} if real_weight is None else {"sample_weight": np.full(80, real_weight)}
    fit = Fit("sample_weight", synthetic_weight, parameters)
    rows = GAN_QUARTER_WEIGHT.augment(
        X, y, {1: 40}, GaussianModel().fit(X, y), np.random.RandomState(0)
    )
    weights = fit(GAN_QUARTER_WEIGHT, Weighted(), *rows, np.arange(80)).weights_
    assert weights[:80].tolist() == [real_weight or 1.0] * 80
    assert weights[80:].tolist() == [0.25 * synthetic_weight * (real_weight or 1.0)] * 40
    whole = fit.sample_weights(GAN, 120, np.arange(80))
    assert whole[80:].tolist() == [synthetic_weight * (real_weight or 1.0)] * 40


def test_rows_of_weight_one_need_no_weights():
    X, y = overlapping(60, 20)
    for method in (NONE, GAN):
        assert Fit("sample_weight")(method, Weighted(), X, y, np.arange(80)).weights_ is None


def test_real_rows_have_the_weights_of_their_numbers():
    X, y = overlapping(60, 20)
    rows = np.arange(79, 19, -1)
    fit = Fit("sample_weight", 1.0, {"sample_weight": np.arange(80.0)})
    fitted = fit(NONE, Weighted(), X[rows], y[rows], rows)
    assert fitted.weights_.tolist() == rows.tolist()


def test_class_weights_count_real_rows_where_these_have_weights():
    X, y = overlapping(60, 20)
    weighted = Fit("sample_weight", 1.0, {"sample_weight": 1.0 + y})
    classifier = weighted(CLASS_WEIGHTS, LogisticRegression(), X, y, np.arange(80))
    assert classifier.class_weight == pytest.approx({0: 80 / 120, 1: 80 / 40})
    plain = Fit("sample_weight")(CLASS_WEIGHTS, LogisticRegression(), X, y, np.arange(80))
    assert plain.class_weight == "balanced"


def test_the_users_classifier_is_left_unfitted():
    X, y = overlapping(60, 20)
    given = LogisticRegression()
    assert Fit("sample_weight")(NONE, given, X, y, np.arange(80)) is not given
    assert not hasattr(given, "coef_")


def n_threads():
    """Threads that OpenMP has, at most."""
    return max(library["num_threads"] for library in _openmp().info())


class Torch(LogisticRegression):
    """A classifier of another package, which may compute by torch."""


class Duck(ClassifierMixin):
    """The same, of a package that does not inherit from scikit-learn's base."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def get_params(self, deep=True):
        return {}


@pytest.mark.parametrize(
    ("classifier", "n_rows", "expected"),
    [
        (LogisticRegression(), MAX_ROWS_OF_ONE_THREAD, 1),
        (ThresholdMovingClassifier(LogisticRegression()), MAX_ROWS_OF_ONE_THREAD, 1),
        (LogisticRegression(), MAX_ROWS_OF_ONE_THREAD + 1, 2),
        (Torch(), 100, 2),
        (Duck(), 100, 2),
    ],
)
def test_few_rows_are_fitted_in_one_thread_by_scikit_learn(classifier, n_rows, expected):
    seen = []
    look = FunctionTransformer(lambda X: seen.append(n_threads()) or X)
    y = np.arange(n_rows) % 2
    with _openmp().limit(limits=2):
        Fit(None)(NONE, make_pipeline(look, classifier), y[:, None], y, np.arange(n_rows))
        assert n_threads() == 2
    assert set(seen) == {expected}
