"""Trials of the gate: the same side by side, and one that fails costs the others nothing."""

import re

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.exceptions import FitFailedWarning
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier
from two_gaussians import GaussianModel, overlapping

from ganaug import AugmentedClassifier, TableGAN

OF_GAN = ["GAN weighted 1/4", "GAN"]


class FailingModel(GaussianModel):
    """A model that fails where it sees a given row, or any if none is given."""

    def __init__(self, row=None):
        super().__init__()
        self.row = row

    def fit(self, X, y):
        if self.row is None or any(np.array_equal(row, self.row) for row in X):
            raise RuntimeError("no such row, please")
        return super().fit(X, y)


def judged(gan=None, estimator=None, **options):
    """A classifier with a gate, fitted."""
    X, y = overlapping(60, 20)
    gan = TableGAN(n_steps=1) if gan is None else gan
    return AugmentedClassifier(estimator, gan=gan, random_state=0, **options).fit(X, y)


@pytest.fixture(scope="module")
def alone():
    """A classifier with a gate, fitted by one job."""
    return judged()


@pytest.mark.medium
@pytest.mark.parametrize(
    "backend", [pytest.param("loky", marks=pytest.mark.slow), "threading", "multiprocessing"]
)
def test_any_number_of_jobs_on_any_backend_judges_alike(alone, backend):
    with joblib.parallel_config(backend=backend):
        several = judged(n_jobs=2)
    pd.testing.assert_frame_equal(several.report_.scores, alone.report_.scores)
    assert several.source_ == alone.source_


@pytest.mark.medium
def test_models_of_parts_are_the_same_side_by_side():
    one, two = (judged(GaussianModel(), n_jobs=n_jobs).report_.scores for n_jobs in (None, 2))
    pd.testing.assert_frame_equal(one, two)


@pytest.mark.parametrize("row", [None, overlapping(60, 20)[0][70]], ids=["everywhere", "in a part"])
def test_a_model_that_fails_is_a_row_that_says_why(alone, row):
    with pytest.warns(FitFailedWarning) as warned:
        model = judged(FailingModel(row))
    error = "RuntimeError: no such row, please"
    assert [str(one.message) for one in warned] == [
        f"the gate could not try {name!r}: {error}" for name in OF_GAN
    ]
    table = model.report_.table
    assert set(table.index) == set(alone.report_.table.index)
    assert table.loc[OF_GAN, "note"].tolist() == [error, error]
    assert table.loc[OF_GAN, ["score", "gain", "low", "high"]].isna().all(axis=None)
    others = alone.report_.scores.drop(columns=OF_GAN)
    pd.testing.assert_frame_equal(model.report_.scores, others)
    assert not model.source_.startswith("GAN")


class Unbalanced(DecisionTreeClassifier):
    """A tree that refuses to weigh classes, once it is fitted."""

    def fit(self, X, y, sample_weight=None):
        if self.class_weight is not None:
            raise ArithmeticError
        return super().fit(X, y, sample_weight)


def test_a_method_with_which_the_classifier_fails_is_a_row():
    with pytest.warns(FitFailedWarning, match="could not try 'class weights': ArithmeticError"):
        table = judged(GaussianModel(), Unbalanced(random_state=0)).report_.table
    noted = table.index[table["note"] != ""]
    assert set(noted) == {"class weights", "1/4 of the GAN rows"}
    assert table.loc["class weights", "note"] == "ArithmeticError"


class Unlearned(BaseEstimator):
    """A classifier that fails."""

    def fit(self, X, y):
        raise ArithmeticError("cannot learn")

    def predict(self, X):
        return np.zeros(len(X))


def test_a_classifier_that_fails_is_an_error():
    with pytest.raises(ArithmeticError, match="cannot learn"):
        judged(GaussianModel(), Unlearned())


def test_parameters_of_the_model_that_are_refused_are_an_error():
    with pytest.raises(ValueError, match="'n_steps' parameter of TableGAN"):
        judged(TableGAN(n_steps=-1))


def test_the_verdict_is_said_and_work_is_shown_where_that_is_wanted(capsys):
    model = judged(estimator=LogisticRegression(), verbose=1)
    n_fits = model.report_.n_fits
    shown = capsys.readouterr()
    assert shown.out == ""
    lines = shown.err.splitlines()
    # before anything is trained
    ahead = r"gate: 5 folds, with 5 trained generators and up to (\d+) fits of Logistic"
    assert int(re.match(ahead, lines[0])[1]) >= n_fits
    assert model.report_.sentence in lines
    assert any(line.startswith("5 folds, TableGAN: ") for line in lines)
    assert any(line.startswith(f"gate: {n_fits}/{n_fits} fits") for line in lines)
    judged(verbose=0)
    assert capsys.readouterr().err == ""
