"""Self-training: as scikit-learn does it, for rows of every type, and never judged by it."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.semi_supervised import SelfTrainingClassifier
from sklearn.svm import LinearSVC
from two_gaussians import Log, MarkingGaussianModel, partly_labelled

from ganaug.evaluation.fitting import Fit
from ganaug.evaluation.folds import fit_out_of_fold
from ganaug.evaluation.methods import SELF_TRAINED, SELF_TRAINING, SELF_TRAINING_GAN
from ganaug.evaluation.scores import macro_average_precision
from ganaug.evaluation.selection import select
from ganaug.evaluation.self_training import MAX_ITERATIONS, THRESHOLD, SelfTraining, label_rows
from ganaug.evaluation.trials import Trials
from ganaug.evaluation.weights import weight_name
from ganaug.unlabeled import split_unlabeled


@pytest.mark.parametrize(
    "estimator", [LogisticRegression(), GaussianNB(), LogisticRegression(C=0.02)]
)
def test_rows_are_labelled_as_by_scikit_learn(estimator):
    X, _, marked = partly_labelled()
    peer = SelfTrainingClassifier(estimator, threshold=THRESHOLD, max_iter=MAX_ITERATIONS)
    peer.fit(X, marked)
    X_real, y_real, rest = label_rows(estimator, *split_unlabeled(X, marked, -1))
    found = {tuple(row): label for row, label in zip(X_real, y_real, strict=True)}
    expected = {
        tuple(row): label for row, label in zip(X, peer.transduction_, strict=True) if label >= 0
    }
    assert found == expected
    n_left = int((peer.transduction_ < 0).sum())
    assert n_left == (0 if rest is None else len(rest.X))
    if estimator.get_params().get("C") == 0.02:
        assert 0 < n_left < (marked < 0).sum()


def test_the_given_rows_come_first_and_their_labels_keep_their_type():
    X, y, marked = partly_labelled()
    names = np.array(["left", "right"])
    table = pd.DataFrame(X, columns=[f"c{j}" for j in range(10)])
    by_name = make_pipeline(
        make_column_transformer((StandardScaler(), ["c3", "c5"])), LogisticRegression()
    )
    marks = np.where(marked < 0, "?", names[marked])
    X_known, y_known, unlabeled = split_unlabeled(table, marks, "?")
    X_real, y_real, _ = label_rows(by_name, X_known, y_known, unlabeled)
    assert list(X_real) == list(table)
    assert np.array_equal(X_real.to_numpy()[:40], X[marked >= 0])
    assert y_real[:40].tolist() == names[y[marked >= 0]].tolist()
    assert len(y_real) > 40
    assert set(y_real) == set(names)


def test_images_are_labelled():
    X, _, marked = partly_labelled()
    flat = make_pipeline(FunctionTransformer(lambda X: X.reshape(len(X), -1)), GaussianNB())
    images = X.reshape(-1, 2, 5)
    as_images = label_rows(flat, *split_unlabeled(images, marked, -1))
    as_rows = label_rows(GaussianNB(), *split_unlabeled(X, marked, -1))
    assert np.array_equal(as_images[0].reshape(-1, 10), as_rows[0])
    assert np.array_equal(as_images[1], as_rows[1])


def test_a_model_learns_from_what_was_labelled_and_from_the_rest():
    X, _, marked = partly_labelled()
    log = Log()
    X_known, y_known, unlabeled = split_unlabeled(X, marked, -1)
    gan = MarkingGaussianModel(log=log)
    doubtful = LogisticRegression(C=0.02)
    training = SelfTraining(unlabeled, gan)
    rng = np.random.RandomState(0)
    counts = {0: 3, 1: 5}
    X_all, y_all = training.augment(SELF_TRAINING_GAN, doubtful, X_known, y_known, counts, rng)
    ((seen, labels, mark),) = log
    n_real = int((labels >= 0).sum())
    assert mark == -1
    assert sorted(map(tuple, seen)) == sorted(map(tuple, X))
    assert 40 < n_real < len(X)
    assert np.array_equal(X_all[:n_real], seen[:n_real])
    assert y_all[n_real:].tolist() == [0] * 3 + [1] * 5
    X_real, y_real = training.augment(SELF_TRAINING, doubtful, X_known, y_known, counts, rng)
    assert np.array_equal(X_real, X_all[:n_real])
    assert np.array_equal(y_real, y_all[:n_real])
    assert len(log) == 1


def test_classifiers_without_probabilities_do_not_train_themselves():
    for method in SELF_TRAINED:
        assert not method.obstacle(LogisticRegression(), np.zeros((3, 1)), 2)
        assert "predict_proba" in method.obstacle(LinearSVC(), np.zeros((3, 1)), 2)


class Witness(ClassifierMixin, BaseEstimator):
    """A classifier that is sure of all, and logs what it learns from and is scored on."""

    def __init__(self, log=None):
        self.log = log

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.log.append(("fit", X, y))
        return self

    def predict_proba(self, X):
        self.log.append(("asked", X, None))
        return np.tile([0.9, 0.1], (len(X), 1))

    def predict(self, X):
        return np.full(len(X), self.classes_[0])


def test_the_gate_judges_by_labelled_rows_and_trains_on_all_others():
    X, y, marked = partly_labelled()
    log = Log()
    models = Log()
    X_known, y_known, unlabeled = split_unlabeled(X, marked, -1)
    gan = MarkingGaussianModel(log=models)
    rng = np.random.RandomState(0)
    folds = fit_out_of_fold(gan, X_known, y_known, [0, 1], rng, unlabeled=unlabeled)
    assert len(models) == len(folds) == 5
    for fold, (seen, labels, mark) in zip(folds, models, strict=True):
        assert np.array_equal(seen[: len(fold.train)], X_known[fold.train])
        assert np.array_equal(seen[len(fold.train) :], unlabeled.X)
        assert mark == -1
        assert labels[len(fold.train) :].tolist() == [-1] * 100
    scored = []

    def score(classifier, rows, labels):
        scored.append(rows)
        return macro_average_precision(classifier, rows, labels)

    def trials(self_training=None):
        estimator = Witness(log)
        fit = Fit(weight_name(estimator))
        counts = {0: 10, 1: 10}
        return Trials(estimator, X_known, y_known, counts, fit, score, self_training)

    found = select(trials(SelfTraining(unlabeled, gan)), folds, rng)
    tried = found.table.index[found.table["note"] == ""]
    assert {"self-training", "self-training + GAN"} <= set(tried)
    # a model for each fold besides
    assert len(models) == 10
    hidden = set(map(tuple, unlabeled.X))
    assert not hidden & {tuple(row) for rows in scored for row in rows}
    fits = [labels for kind, _, labels in log if kind == "fit"]
    assert all(set(labels.tolist()) == {0, 1} for labels in fits)
    # 32 of 40 labelled rows, all others, and 16 synthetic ones
    sizes = {len(labels) for labels in fits}
    assert {32, 132, 148} <= sizes
    without = select(trials(), folds, rng)
    assert not set(without.table.index) & {"self-training", "self-training + GAN"}
