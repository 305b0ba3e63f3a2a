"""What a classifier does not take is told before any training, with what to do about it."""

import re

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.compose import make_column_transformer
from sklearn.feature_selection import SelectKBest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from ganaug import AugmentedClassifier, ImageGAN, TableGAN, compare
from ganaug.evaluation.first_fit import check_fit
from ganaug.evaluation.fitting import Fit

# Training that no test would live to see the end of.
PATIENT = TableGAN(n_steps=10**9, random_state=0)

# Images as a classifier reads them.
FLAT = make_pipeline(FunctionTransformer(lambda X: X.reshape(len(X), -1)), LogisticRegression())

ADVISED = {
    "make_column_transformer": make_column_transformer,
    "make_pipeline": make_pipeline,
    "OneHotEncoder": OneHotEncoder,
    "SimpleImputer": SimpleImputer,
    "StandardScaler": StandardScaler,
    "classifier": LogisticRegression(),
}


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"age": rng.normal(size=60), "plan": rng.choice(["basic", "gold"], 60)})
    return X, np.repeat(["stayed", "churned"], [40, 20])


def augment(X, y, gate):
    AugmentedClassifier(LogisticRegression(), gan=PATIENT, gate=gate).fit(X, y)


def augment_images(X, y, classifier):
    AugmentedClassifier(classifier, gan=ImageGAN(n_steps=10**9), gate=None).fit(X, y)


def compare_images(X, y, classifier):
    compare(classifier, X, y, gan=ImageGAN(n_steps=10**9))


@pytest.mark.parametrize(
    "run",
    [
        lambda X, y: augment(X, y, "fast"),
        lambda X, y: augment(X, y, None),
        lambda X, y: compare(LogisticRegression(), X, y, gan=PATIENT),
    ],
    ids=["gate", "no gate", "compare"],
)
def test_text_that_a_classifier_does_not_take_is_named_before_training(table, run):
    with pytest.raises(ValueError, match=r"could not convert .*values than numbers in 'plan'\."):
        run(*table)


def test_gaps_that_a_compared_classifier_does_not_take_are_named_before_training(table):
    X, y = table
    ages = X[["age"]].where(X[["age"]] > -1)
    with pytest.raises(ValueError, match=r"LogisticRegression .* NaN\. They hold gaps in 'age'\."):
        compare(LogisticRegression(), ages, y, gan=PATIENT)
    with pytest.raises(ValueError, match=r"They hold gaps in 0\."):
        compare(LogisticRegression(), ages.to_numpy(), y, gan=PATIENT)


@pytest.mark.parametrize("gaps", [[], ["age"], ["plan"], ["age", "plan"]])
@pytest.mark.parametrize("columns", [["age"], ["plan"], ["age", "plan"]])
def test_what_is_advised_fits(table, columns, gaps):
    X, y = table
    X = X[columns].copy()
    for name in {*gaps} & {*columns}:
        X.loc[:2, name] = None
    try:
        LogisticRegression().fit(X, y)
    except ValueError:
        with pytest.raises(ValueError, match="such as make_pipeline") as refused:
            check_fit(Fit(None), "LogisticRegression", LogisticRegression(), X, y)
        line = re.search(r"such as (make_pipeline\(.*\))\.$", str(refused.value))[1]
        model = eval(line, ADVISED)
        check_fit(Fit(None), "the pipeline", model, X, y)
        assert model.fit(X, y).score(X, y) > 0.3


def test_rows_of_numbers_are_not_fitted_to_twice(table):
    X, y = table
    # no classifier at all, which nothing is asked of
    check_fit(Fit(None), "nothing", None, X[["age"]], y)


@pytest.mark.parametrize("shape", [(8, 8), (8, 8, 3)])
@pytest.mark.parametrize(
    "classifier",
    [LogisticRegression(), make_pipeline(make_pipeline(StandardScaler()), KNeighborsClassifier())],
    ids=["classifier", "pipeline"],
)
@pytest.mark.parametrize("run", [augment_images, compare_images])
def test_images_that_a_classifier_does_not_take_are_told_before_training(run, classifier, shape):
    X, y = np.random.default_rng(0).random((60, *shape)), np.repeat([0, 1], [40, 20])
    with pytest.raises(
        ValueError, match=r"takes rows .* shape \(n, 8, 8.*make_pipeline"
    ) as refused:
        run(X, y, classifier)
    advice = re.search(r"such as (make_pipeline.*classifier\))", str(refused.value)).group(1)
    names = {**ADVISED, "FunctionTransformer": FunctionTransformer, "classifier": classifier}
    assert eval(advice, names).fit(X, y).score(X, y) > 0.3


class OfImages(BaseEstimator):
    """Classifier that is not of scikit-learn, whose fit may take long."""

    def fit(self, X, y):
        raise AssertionError


@pytest.mark.parametrize("classifier", [OfImages(), make_pipeline(OfImages()), FLAT])
def test_classifiers_of_images_are_not_fitted_before_training(classifier):
    check_fit(Fit(None), "a network", classifier, np.zeros((60, 8, 8)), np.repeat([0, 1], 30))


def test_a_classifier_that_wants_more_images_than_are_tried_is_taken():
    flat = FLAT.steps[0]
    classifier = Pipeline([flat, ("kept", SelectKBest(k=9)), ("knn", KNeighborsClassifier(9))])
    images = np.random.default_rng(0).random((60, 8, 8))
    check_fit(Fit(None), "KNN", GridSearchCV(classifier, {}), images, np.repeat([0, 1], 30))


def test_of_many_columns_the_first_are_named(table):
    _, y = table
    X = pd.DataFrame({f"c{number}": ["a", "b"] * 30 for number in range(9)})
    with pytest.raises(ValueError, match=r"in 'c0', 'c1', 'c2', 'c3', 'c4', \.\.\.\. Pass"):
        check_fit(Fit(None), "LogisticRegression", LogisticRegression(), X, y)


@pytest.mark.parametrize("form", [None, "%Y-%m-%d", "%d.%m.%Y %H:%M"])
def test_dates_are_advised_to_be_counted(table, form):
    """As ``read_csv`` leaves them, too: texts."""
    X, y = table
    X = X.assign(since=pd.date_range("2020-01-01", periods=60))
    if form is not None:
        X["since"] = X["since"].dt.strftime(form)
    X.loc[3, "since"] = None
    with pytest.raises(ValueError, match="README has such a count_days") as refused:
        check_fit(Fit(None), "LogisticRegression", LogisticRegression(), X, y)
    told = "Make dates of 'since' by pandas.to_datetime. Pass as the estimator a pipeline"
    assert (told in str(refused.value)) == (form is not None)
    X["since"] = pd.to_datetime(X["since"], format=form)
    advice = re.search(r"such as (make_pipeline.*classifier\))", str(refused.value)).group(1)

    def count_days(dates):
        return dates.apply(lambda column: (column - pd.Timestamp("2020-01-01")).dt.days)

    names = {**ADVISED, "FunctionTransformer": FunctionTransformer, "count_days": count_days}
    assert eval(advice, names).fit(X, y).n_features_in_ == 3
