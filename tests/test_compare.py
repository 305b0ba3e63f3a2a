"""compare(): fair, paired, honest about what cannot be compared."""

import numpy as np
import pandas as pd
import pytest
from imblearn.over_sampling import RandomOverSampler
from sklearn.datasets import load_iris, load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import StratifiedKFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.tree import DecisionTreeClassifier

from ganaug import TableGAN, compare, multiply

METHODS = ["none", "class weights", "copies", "copies + noise", "SMOTE", "SMOTE + noise", "GAN"]
QUICK = TableGAN(n_steps=3)
TREE = DecisionTreeClassifier(random_state=0)


@pytest.fixture(scope="module")
def wine():
    """Scikit-learn's wine: 178 rows, three classes of unequal size."""
    return load_wine(return_X_y=True)


@pytest.fixture(scope="module")
def two_classifiers(wine):
    """Table and scores of a tree and a nearest-neighbour classifier on three folds."""
    estimators = {"tree": TREE, "nearest": KNeighborsClassifier()}
    return compare(
        estimators, *wine, gan=QUICK, cv=3, random_state=0, reference="SMOTE", return_scores=True
    )


def test_every_method_has_a_row(wine):
    table = compare(TREE, *wine, gan=QUICK, cv=3, random_state=0)
    assert table["method"].tolist() == METHODS
    assert (table["estimator"] == "DecisionTreeClassifier").all()


def test_no_augmentation_scores_what_a_plain_fit_scores(wine):
    X, y = wine
    splits = list(StratifiedKFold(3).split(X, y))
    table = compare(TREE, X, y, gan=QUICK, cv=splits, random_state=0)
    scores = [
        balanced_accuracy_score(y[test], TREE.fit(X[train], y[train]).predict(X[test]))
        for train, test in splits
    ]
    assert table.loc[0, "mean"] == pytest.approx(np.mean(scores))
    assert table.loc[0, "sd"] == pytest.approx(np.std(scores, ddof=1))


def test_gains_are_means_of_paired_differences(two_classifiers):
    table, scores = two_classifiers
    tree = scores[scores["estimator"] == "tree"]
    by_split = tree.pivot(index="split", columns="method", values="score")
    for row in table[table["estimator"] == "tree"].itertuples():
        differences = by_split[row.method] - by_split["SMOTE"]
        assert row.gain == pytest.approx(differences.mean())
        assert row.wins == (differences > 0).sum()
        assert row.losses == (differences < 0).sum()
        assert row.low <= row.gain <= row.high


def test_means_over_classifiers_are_made_of_both(two_classifiers):
    table, _ = two_classifiers
    means = table.pivot(index="method", columns="estimator", values="mean").dropna()
    assert np.allclose(means["mean"], (means["tree"] + means["nearest"]) / 2)


def test_what_a_classifier_cannot_do_is_not_a_number(two_classifiers):
    table, _ = two_classifiers
    weights = table[table["method"] == "class weights"].set_index("estimator")["mean"]
    assert weights.isna().to_dict() == {"tree": False, "nearest": True, "mean": True}


def test_a_class_of_one_row_leaves_smote_out(wine):
    X, y = wine
    keep = np.concatenate([np.flatnonzero(y == 0)[:30], np.flatnonzero(y == 1)[:1]])
    rest = np.setdiff1d(np.flatnonzero(y < 2), keep)
    with pytest.warns(match="smoothed copies"):
        table = compare(TREE, X, y, gan=QUICK, cv=[(keep, rest)], random_state=0)
    unusable = table.loc[table["mean"].isna(), "method"].tolist()
    assert unusable == ["SMOTE", "SMOTE + noise"]


def test_equal_seeds_give_equal_tables(wine):
    first, second = (
        compare(TREE, *wine, gan=QUICK, cv=3, random_state=0).drop(columns="seconds")
        for _ in range(2)
    )
    pd.testing.assert_frame_equal(first, second)


def test_parallel_jobs_give_the_same_scores(wine):
    one, two = (
        compare(TREE, *wine, gan=QUICK, cv=2, random_state=0, n_jobs=n_jobs)["mean"]
        for n_jobs in (None, 2)
    )
    assert np.allclose(one, two, equal_nan=True)


def test_further_methods_may_be_samplers_or_models(wine):
    methods = {"random": RandomOverSampler(), "untrained": TableGAN(n_steps=0)}
    table = compare(TREE, *wine, gan=QUICK, methods=methods, cv=2, reference="random")
    assert table["method"].tolist() == [*METHODS, *methods]
    assert (table["reference"] == "random").all()


def test_test_rows_do_not_influence_the_scores_of_other_test_rows():
    X, y = load_iris(return_X_y=True)
    train, test = np.r_[0:50, 50:70, 100:110], np.r_[70:100, 110:150]
    strange = X.copy()
    strange[test[-1]] = 1e6
    tables = [
        compare(
            LogisticRegression(max_iter=1000),
            rows,
            y,
            gan=QUICK,
            cv=[(train, kept)],
            random_state=0,
        )
        for rows, kept in ((X, test[:-1]), (strange, test[:-1]))
    ]
    assert np.array_equal(tables[0]["mean"], tables[1]["mean"])


def test_dataframes_stay_dataframes_for_the_classifier():
    X, y = load_iris(return_X_y=True, as_frame=True)

    class NeedsNames(LogisticRegression):
        def fit(self, X, y):
            assert list(X.columns)[0] == "sepal length (cm)"
            return super().fit(X, y)

    table = compare(
        NeedsNames(max_iter=1000), X, y, gan=QUICK, cv=2, sampling_strategy=multiply(1.5)
    )
    assert table["mean"].notna().all()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"reference": "nothing"}, "unknown methods"),
        ({"methods": {"SMOTE": TableGAN()}}, "taken"),
        ({"sampling_strategy": {0: 59, 1: 71, 2: 48}}, r"multiply\(2.0\)"),
        ({"sampling_strategy": "most"}, "sampling_strategy"),
        ({"scoring": "beauty"}, "beauty"),
        ({"estimator": {}}, "empty"),
    ],
)
def test_bad_requests_are_refused_before_training(wine, changes, message):
    X, y = wine
    rows = np.arange(len(y))
    arguments = {"estimator": TREE, "cv": [(rows, rows)], "gan": TableGAN(n_steps=10**9)}
    arguments |= changes
    with pytest.raises(ValueError, match=message):
        compare(X=X, y=y, **arguments)


@pytest.mark.parametrize(
    "values", [["red"], [None], pd.to_datetime(["2020-01-01"]), pd.Categorical(["red"])]
)
def test_columns_that_the_simple_methods_cannot_mix_are_named(values):
    X = pd.DataFrame({"size": [1.0], "colour": pd.Series(values)})
    with pytest.raises(ValueError, match=r"takes columns of numbers.*'colour'.*OneHot") as e:
        compare(LogisticRegression(), X, [0])
    assert "'size'" not in str(e.value)


def test_of_many_bad_columns_five_are_named():
    X = pd.DataFrame({f"c{i}": ["red"] for i in range(8)})
    with pytest.raises(ValueError, match="'c4'.* and 3 more"):
        compare(LogisticRegression(), X, [0])
