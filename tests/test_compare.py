"""compare(): fair, paired, honest about what cannot be compared."""

import inspect
import re
from contextlib import contextmanager

import joblib
import numpy as np
import pandas as pd
import pytest
import torch
from imblearn.over_sampling import RandomOverSampler
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.datasets import load_digits, load_iris, load_wine
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.exceptions import FitFailedWarning, UndefinedMetricWarning
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import StratifiedKFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.tree import DecisionTreeClassifier
from two_gaussians import GaussianModel, Log, MarkingGaussianModel, partly_labelled

from ganaug import ImageGAN, SmallClassWarning, TableGAN, compare, multiply
from ganaug.comparing import _networks
from ganaug.evaluation.progress_log import SplitLog
from ganaug.evaluation.summary import with_means

SIMPLE = [
    "none", "moved thresholds", "class weights", "copies", "copies weighted 1/4", "copies + noise",
    "SMOTE", "SMOTE + noise",
]  # fmt: skip
OF_GAN = ["GAN", "GAN weighted 1/4"]
NETWORKS = ["small network", "small network, from the discriminator"]
METHODS = [*SIMPLE, "shuffled columns", *OF_GAN]
QUICK = TableGAN(n_steps=3)
TREE = DecisionTreeClassifier(random_state=0)


class Unaimed(BaseEstimator):
    """A sampler that nobody can tell how many rows to add."""

    def fit_resample(self, X, y):
        return X, y


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


def test_every_method_has_a_row_of_every_classifier(two_classifiers):
    table, _ = two_classifiers
    for name in ("tree", "nearest"):
        methods = table.loc[table["estimator"] == name, "method"]
        assert methods.tolist() == [*METHODS, "chosen by the gate"]


def test_all_methods_are_documented():
    # which Python 3.13 does not indent
    text = inspect.getdoc(compare)
    for name in [*METHODS, "moved copies", "chosen by the gate"]:
        assert f"\n{name}  " in text


def test_no_augmentation_scores_what_a_plain_fit_scores(wine):
    X, y = wine
    splits = list(StratifiedKFold(3).split(X, y))
    table = compare(TREE, X, y, gan=QUICK, gate=None, cv=splits, random_state=0)
    assert (table["estimator"] == "DecisionTreeClassifier").all()
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
    notes = table[table["note"] != ""].set_index(["estimator", "method"])["note"]
    assert {estimator for estimator, _ in notes.index} == {"nearest"}
    assert notes["nearest", "class weights"].startswith("not used: KNeighborsClassifier weighs no")
    assert "\nclass weights: not used: KNeighbors" in str(table)


def test_the_page_says_why_a_method_is_not_used(wine, tmp_path):
    page = tmp_path / "page.html"
    compare(KNeighborsClassifier(), *wine, gan=QUICK, gate=None, cv=2, random_state=0, report=page)
    assert "KNeighborsClassifier weighs no classes" in page.read_text(encoding="utf-8")


class Weighed(DecisionTreeClassifier):
    """A tree; all of its kind remember rows and weights together."""

    seen: list = []

    def fit(self, X, y, sample_weight=None):
        self.seen.append((X, sample_weight))
        return super().fit(X, y, sample_weight)


def test_rows_of_quarter_weight_are_the_gans(two_classifiers, wine):
    _, scores = two_classifiers
    of_quarter_weight = scores[scores["method"] == "GAN weighted 1/4"]
    assert set(of_quarter_weight["estimator"]) == {"tree"}  # neighbours know no weights
    Weighed.seen.clear()
    compare(Weighed(), *wine, gan=QUICK, gate=None, cv=2, random_state=0)
    (full, no_weights), (light, weights) = Weighed.seen[:2]
    assert no_weights is None
    assert np.array_equal(full, light)
    assert weights.tolist() == [1.0] * 89 + [0.25] * (len(full) - 89)


def test_a_class_of_one_row_leaves_smote_out(wine):
    X, y = wine
    keep = np.concatenate([np.flatnonzero(y == 0)[:30], np.flatnonzero(y == 1)[:1]])
    rest = np.setdiff1d(np.flatnonzero(y < 2), keep)
    with pytest.warns(match="smoothed copies"):
        table = compare(TREE, X, y, gan=QUICK, cv=[(keep, rest)], random_state=0)
    unusable = table.loc[table["mean"].isna(), "method"].tolist()
    assert unusable == ["SMOTE", "SMOTE + noise"]


@pytest.mark.medium
def test_equal_seeds_give_equal_tables(wine):
    first, second = (
        compare(TREE, *wine, gan=QUICK, cv=2, random_state=0).drop(columns="seconds")
        for _ in range(2)
    )
    pd.testing.assert_frame_equal(first, second)


@pytest.mark.parametrize("backend", ["loky", "threading", "multiprocessing"])
def test_every_backend_gives_the_same_scores(wine, backend):
    def table(n_jobs):
        options = {"gan": TableGAN(n_steps=1), "cv": 2, "gate": None, "random_state": 0}
        return compare(TREE, *wine, n_jobs=n_jobs, **options).drop(columns="seconds")

    with joblib.parallel_config(backend=backend):
        pd.testing.assert_frame_equal(table(2), table(1))


@pytest.mark.parametrize("package", ["dask", "ray"])
def test_backends_of_clusters_give_the_same_scores(wine, package):
    pytest.importorskip("distributed" if package == "dask" else package)
    options = {"gan": TableGAN(n_steps=1), "cv": 2, "gate": None, "random_state": 0}
    with cluster(package):
        several = compare(TREE, *wine, n_jobs=2, **options)
    one = compare(TREE, *wine, **options)
    pd.testing.assert_frame_equal(several.drop(columns="seconds"), one.drop(columns="seconds"))


@contextmanager
def cluster(package):
    """Context in which joblib runs on a cluster of two workers of this machine."""
    if package == "dask":
        from distributed import Client

        with Client(n_workers=2, threads_per_worker=1), joblib.parallel_config(backend="dask"):
            yield
        return
    import ray
    from ray.util.joblib import register_ray

    ray.init(num_cpus=2)
    register_ray()
    with joblib.parallel_config(backend="ray"):
        yield
    ray.shutdown()


class Failing(BaseEstimator):
    """A model that fails whenever it is trained on more rows than it likes, and logs its fits."""

    def __init__(self, max_rows=0, log=None):
        self.max_rows, self.log = max_rows, log

    def fit(self, X, y):
        if self.log is not None:
            self.log.append(len(X))
        if len(X) > self.max_rows:
            raise RuntimeError("too many rows\nfor this model")
        return self

    def sample(self, n):
        y = np.repeat(list(n), list(n.values()))
        return np.zeros((len(y), 13)), y


@pytest.mark.medium
def test_a_method_that_fails_is_a_row_that_says_why_and_costs_the_others_nothing(wine, tmp_path):
    both = {"tree": TREE, "nearest": KNeighborsClassifier()}
    options = {"gan": QUICK, "gate": None, "cv": 3, "random_state": 0}
    alone = compare(both, *wine, **options)
    with pytest.warns(FitFailedWarning, match="'mine' with tree, nearest: no score on 3 of 3"):
        table, scores = compare(
            both, *wine, methods={"mine": Failing()}, return_scores=True,
            report=tmp_path / "page.html", **options,
        )  # fmt: skip
    mine = table["method"] == "mine"
    error = "RuntimeError: too many rows"
    note = f"no score on 3 of 3 splits: {error}"
    assert table.loc[mine & (table["estimator"] != "mean"), "note"].tolist() == [note, note]
    assert table.loc[mine, ["mean", "gain", "low", "high"]].isna().all(axis=None)
    assert not table.loc[~mine, "note"].str.startswith("no score").any()
    assert (scores.loc[scores["method"] == "mine", "error"] == error).all()
    others = table[~mine].drop(columns="seconds").reset_index(drop=True)
    pd.testing.assert_frame_equal(others, alone.drop(columns="seconds"))


def test_a_method_that_fails_on_some_splits_has_the_scores_of_the_others(wine):
    X, y = wine
    rows = np.arange(len(y))
    splits = [(rows[::2], rows[1::2]), (np.delete(rows, slice(0, 178, 3)), rows[::3])]
    with pytest.warns(FitFailedWarning, match="no score on 1 of 2 splits"):
        table, scores = compare(
            TREE, X, y, gan=QUICK, gate=None, cv=splits, methods={"mine": Failing(60)},
            random_state=0, return_scores=True,
        )  # fmt: skip
    mine = scores[scores["method"] == "mine"].set_index("split")
    assert mine["error"].isna().tolist() == [True, False]
    assert table.set_index("method").loc["mine", "mean"] == mine.loc[0, "score"]


def test_a_model_that_fails_is_trained_once_a_split_and_leaves_the_rest(wine, tmp_path):
    log = Log()
    both = {"tree": TREE, "other tree": DecisionTreeClassifier(max_depth=2, random_state=0)}
    page = tmp_path / "page.html"
    with pytest.warns(FitFailedWarning, match="1/4' with tree, other tree: no score on 3 of 3"):
        table = compare(
            both, *wine, gan=Failing(log=log), gate=None, cv=3, random_state=0, report=page
        )
    assert len(log) == 3
    failed = table[table["note"] != ""]
    assert set(failed["method"]) == set(OF_GAN)
    assert table.loc[~table["method"].isin(OF_GAN), "mean"].notna().all()
    assert "splits without a score" in page.read_text(encoding="utf-8")


class Unlearned(ClassifierMixin, BaseEstimator):
    """A classifier that fails."""

    def fit(self, X, y):
        raise RuntimeError("cannot learn")

    def predict(self, X):
        return X


def test_a_classifier_with_which_everything_fails_is_an_error_after_one_split(wine):
    log = Log()
    with pytest.raises(ValueError, match="classifier 'bad', first with RuntimeError: cannot"):
        compare({"good": TREE, "bad": Unlearned()}, *wine, gan=GaussianModel(log=log), gate=None)
    assert len(log) == 1


class InterruptedTree(DecisionTreeClassifier):
    """A tree that ctrl-C meets once so many have been grown."""

    n_grown = 0
    limit = 0

    def fit(self, X, y, sample_weight=None):
        InterruptedTree.n_grown += 1
        if InterruptedTree.n_grown > self.limit:
            raise KeyboardInterrupt
        return super().fit(X, y, sample_weight)


def test_what_trains_comes_first_in_a_split_and_is_said_to(wine, monkeypatch):
    told = []
    monkeypatch.setattr(SplitLog, "describe", lambda log, text: told.append(text))
    compare({"tree": TREE}, *wine, cv=2, gan=QUICK, gate=None, random_state=0)
    assert told[:4] == ["GAN, generators", "GAN, tree", *["GAN weighted 1/4, tree"] * 2]
    assert sum("generators" in text for text in told) == 2
    assert told[4] == "none, tree"


def test_an_interruption_keeps_the_splits_that_are_done(wine, monkeypatch):
    options = {"gan": QUICK, "gate": None, "random_state": 0, "return_scores": True}
    _, all_scores = compare(TREE, *wine, cv=3, **options)
    monkeypatch.setattr(InterruptedTree, "n_grown", 0)
    monkeypatch.setattr(InterruptedTree, "limit", 2 * len(METHODS) + 1)
    with pytest.warns(UserWarning, match="interrupted: 2 of 3 splits are done"):
        table, scores = compare(
            {TREE.__class__.__name__: InterruptedTree(random_state=0)}, *wine, cv=3, **options
        )
    expected = all_scores[all_scores["split"] < 2].drop(columns="seconds")
    pd.testing.assert_frame_equal(scores.drop(columns="seconds"), expected)
    assert table["mean"].notna().all()
    assert table.verdict.endswith("interrupted after 2 of 3 splits.")
    monkeypatch.setattr(InterruptedTree, "limit", 0)
    with pytest.raises(KeyboardInterrupt):
        compare(InterruptedTree(), *wine, cv=3, **options)


@pytest.mark.medium
def test_progress_names_splits_and_methods_and_what_is_left(wine, capsys, monkeypatch):
    monkeypatch.setattr("ganaug.progress.BEAT", 0.01)
    monkeypatch.setattr("ganaug.progress.LINE_GAP", 0.0)
    gan = clone(QUICK).set_params(n_steps=200)
    compare(TREE, *wine, gan=gan, cv=2, gate=None, random_state=0, verbose=1)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.splitlines()[0] == (
        f"comparison: 2 splits, with about {2 * len(METHODS)} fits of classifiers and 2 "
        "trained generators."
    )
    line = (
        r"comparison: 1/2 splits, \d+ s, about \d+ s left: split 2, GAN, generators, step \d+/200"
    )
    assert re.search(line, shown.err)


def test_classes_that_are_small_in_all_splits_are_told_of_once(wine):
    X, y = wine
    kept = np.r_[0:40, 59:79, 130:136]
    with pytest.warns(SmallClassWarning) as told:
        compare(TREE, X[kept], y[kept], gan=QUICK, gate=None, cv=3, random_state=0)
    assert [str(one.message)[:7] for one in told] == ["class 2"]


def test_further_methods_may_be_samplers_or_models(wine):
    methods = {"random": RandomOverSampler(), "untrained": TableGAN(n_steps=0)}
    table = compare(TREE, *wine, gan=QUICK, methods=methods, gate=None, cv=2, reference="random")
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
            gate=None,
            cv=[(train, kept)],
            random_state=0,
        )
        for rows, kept in ((X, test[:-1]), (strange, test[:-1]))
    ]
    assert np.array_equal(tables[0]["mean"], tables[1]["mean"])


def test_dataframes_stay_dataframes_for_the_classifier():
    X, y = load_iris(return_X_y=True, as_frame=True)

    class NeedsNames(LogisticRegression):
        def fit(self, X, y, sample_weight=None):
            assert list(X.columns)[0] == "sepal length (cm)"
            return super().fit(X, y, sample_weight)

    table = compare(
        NeedsNames(max_iter=1000), X, y, gan=QUICK, cv=2, gate=None, sampling_strategy=multiply(1.5)
    )
    assert table["mean"].notna().all()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"reference": "nothing"}, "unknown methods"),
        ({"cv": [(np.arange(59), np.arange(59, 178))]}, "holds the class 0 alone"),
        ({"methods": {"SMOTE": TableGAN()}}, "taken"),
        ({"sampling_strategy": {0: 59, 1: 71, 2: 48}}, r"multiply\(2.0\)"),
        ({"sampling_strategy": "most"}, "sampling_strategy"),
        ({"scoring": "beauty"}, "beauty"),
        ({"estimator": {}}, "empty"),
        ({"gate": "slow"}, "gate must be one of"),
        ({"scoring": ["accuracy", "f1"]}, "scoring must be"),
        ({"estimator": {"GAN": TableGAN()}}, "'GAN' is no classifier"),
        ({"methods": {"mine": Unaimed()}}, "'mine' is no sampler"),
    ],
)
def test_bad_requests_are_refused_before_training(wine, changes, message):
    X, y = wine
    rows = np.arange(len(y))
    arguments = {"estimator": TREE, "cv": [(rows, rows)], "gan": TableGAN(n_steps=10**9)}
    arguments |= changes
    with pytest.raises(ValueError, match=message):
        compare(X=X, y=y, **arguments)


@pytest.mark.medium
def test_what_the_gate_chooses_is_what_the_classifier_with_a_gate_does(wine):
    X, y = wine
    # the third class is scarce, and copies of it matter to nearest neighbours
    rows = np.concatenate([np.flatnonzero(y < 2), np.flatnonzero(y == 2)[:18]])
    table, scores = compare(
        KNeighborsClassifier(7), X[rows], y[rows], gan=QUICK, cv=3, random_state=0,
        return_scores=True,
    )  # fmt: skip
    by_split = scores.pivot(index="split", columns="method", values="score")
    chosen = scores.dropna(subset="chosen").set_index("split")["chosen"]
    assert len(chosen) == 3
    for split, name in chosen.items():
        if name in by_split:
            assert by_split.loc[split, "chosen by the gate"] == by_split.loc[split, name]
    own = table.set_index("method")["seconds"]
    assert own["chosen by the gate"] > own["GAN"]


@pytest.mark.parametrize("changes", [{"gate": None}, {"gan": "frozen"}])
def test_without_a_gate_nothing_is_chosen_by_it(wine, changes):
    if "gan" in changes:
        changes = {"gan": FrozenEstimator(TableGAN(n_steps=0).fit(*wine))}
    table = compare(TREE, *wine, **{"gan": QUICK, **changes}, cv=2, random_state=0)
    assert table["method"].tolist() == METHODS


def test_tables_of_any_columns_are_compared_by_what_can_be_done_to_them():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(
        {"size": rng.normal(size=90), "colour": pd.Categorical(rng.choice(["red", "blue"], 90))}
    )
    X.loc[::7, "size"] = np.nan
    y = np.repeat([0, 1], [70, 20])
    X.loc[y == 1, "size"] += 1
    judge = HistGradientBoostingClassifier(max_iter=5, categorical_features="from_dtype")
    table = compare(judge, X, y, gan=QUICK, cv=2, gate=None, random_state=0)
    assert table["mean"].notna().all()


class SmallNetwork(ClassifierMixin, BaseEstimator):
    """A network of torch as scikit-learn would have it."""

    def fit(self, X, y):
        self.classes_, codes = np.unique(y, return_inverse=True)
        torch.manual_seed(0)
        self.net_ = torch.nn.Sequential(
            torch.nn.Conv2d(1, 4, 3), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(144, 3)
        )
        optimizer = torch.optim.Adam(self.net_.parameters(), lr=0.02)
        for _ in range(30):
            loss = torch.nn.functional.cross_entropy(
                self.net_(self._tensor(X)), torch.tensor(codes)
            )
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        return self

    def predict(self, X):
        return self.classes_[self.net_(self._tensor(X)).argmax(1).numpy()]

    def _tensor(self, X):
        return torch.tensor(X[:, None] / 16, dtype=torch.float32)


@pytest.fixture
def short_tuning(monkeypatch):
    """Train small networks for less long, where the model names no steps."""
    monkeypatch.setattr("ganaug.evaluation.fine_tuned.N_STEPS_SMALL", 20)


@pytest.mark.parametrize(
    ("gan", "n_steps"),
    [
        (ImageGAN(n_steps=7), 7),
        (ImageGAN(n_steps=0), "auto"),
        (FrozenEstimator(ImageGAN(n_steps=7)), "auto"),
        (None, "auto"),
    ],
)
def test_small_networks_train_for_as_many_steps_as_the_model_names(gan, n_steps):
    networks = [method.prepare(TREE) for method in _networks(gan, np.zeros((9, 8, 8)))]
    assert [network.n_steps for network in networks] == [n_steps, n_steps]


@pytest.mark.slow
def test_images_and_networks_of_torch_are_compared(tmp_path):
    digits = load_digits(n_class=3)
    rows = np.concatenate(
        [np.flatnonzero(digits.target == k)[:n] for k, n in enumerate([30, 30, 24])]
    )
    table = compare(
        SmallNetwork(), digits.images[rows], digits.target[rows], gan=ImageGAN(n_steps=20),
        cv=2, random_state=0, report=tmp_path / "images.html",
    )  # fmt: skip
    assert table["method"].tolist() == [
        *SIMPLE, "moved copies", *OF_GAN, *NETWORKS, "chosen by the gate"
    ]  # fmt: skip
    assert table.loc[table["mean"].isna(), "method"].tolist() == [
        "moved thresholds",
        "class weights",
        "copies weighted 1/4",
        "GAN weighted 1/4",
    ]
    assert (table["mean"].dropna() > 0.4).all()
    assert (tmp_path / "images.html").read_text(encoding="utf-8").count("<img") == 3 * 8


def test_a_report_that_cannot_be_written_is_refused_before_training(wine, tmp_path):
    with pytest.raises(OSError, match="nowhere"):
        compare(TREE, *wine, gan=TableGAN(n_steps=10**9), cv=2, report=tmp_path / "nowhere" / "a")


def test_numbers_of_any_type_can_be_blurred_and_mixed():
    X, y = load_iris(return_X_y=True, as_frame=True)
    nullable = X.convert_dtypes().assign(tall=X.iloc[:, 0] > 6)
    rows = np.r_[0:50, 50:80]
    table = compare(
        TREE, nullable.iloc[rows], y.iloc[rows], gan=QUICK, cv=2, gate=None, random_state=0
    )
    assert table["mean"].notna().all()


def test_masks_of_splits_are_as_good_as_numbers(wine):
    X, y = wine
    splits = list(StratifiedKFold(2).split(X, y))
    masks = [tuple(np.isin(np.arange(len(y)), part) for part in split) for split in splits]
    first, second = (
        compare(TREE, X, y, gan=QUICK, cv=cv, gate=None, random_state=0).drop(columns="seconds")
        for cv in (splits, masks)
    )
    pd.testing.assert_frame_equal(first, second)


def test_means_need_the_scores_of_all_classifiers():
    scores = pd.DataFrame(
        {
            "split": 0,
            "estimator": ["a", "b", "a", "b"],
            "method": ["none", "none", "GAN", "GAN"],
            "score": [0.9, 0.1, 0.9, np.nan],
            "seconds": 1.0,
        }
    )
    means = with_means(scores).query("estimator == 'mean'").set_index("method")["score"]
    assert means.to_dict() == {"none": 0.5}


def test_what_has_no_score_is_reported_without_advice(wine, tmp_path):
    X, y = wine
    two = y < 2
    X, y = X[two], y[two]
    one_class = np.flatnonzero(y == 0)[:10]
    train = np.concatenate([np.flatnonzero(y == 0)[10:], np.flatnonzero(y == 1)[:20]])
    page = tmp_path / "page.html"
    with pytest.warns(UndefinedMetricWarning):
        compare(
            TREE, X, y, gan=QUICK, cv=[(train, one_class)] * 3, gate=None, scoring="roc_auc",
            random_state=0, report=page,
        )  # fmt: skip
    assert "splits without a score" in page.read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_frozen_model_of_images_moves_images_too():
    digits = load_digits(n_class=2)
    gan = FrozenEstimator(ImageGAN(n_steps=1).fit(digits.images[:60], digits.target[:60]))
    rows = np.concatenate([np.flatnonzero(digits.target == k)[:n] for k, n in enumerate([30, 20])])
    network = DummyClassifier()
    table = compare(network, digits.images[rows], digits.target[rows], gan=gan, cv=2)
    assert table["method"].tolist() == [*SIMPLE, "moved copies", *OF_GAN, *NETWORKS]
    networks = table.set_index("method").loc[NETWORKS, "mean"]
    assert (networks > 0.9).all()


@pytest.mark.slow
@pytest.mark.usefixtures("short_tuning")
def test_a_network_that_the_model_was_given_stands_beside_it_as_a_linear_classifier(tmp_path):
    digits = load_digits(n_class=2)
    rows = np.concatenate([np.flatnonzero(digits.target == k)[:n] for k, n in enumerate([30, 20])])
    network = torch.nn.Sequential(torch.nn.AvgPool2d(2), torch.nn.Flatten())
    table, scores = compare(
        {"constant": DummyClassifier(), "other": DummyClassifier()}, digits.images[rows],
        digits.target[rows], gan=ImageGAN(n_steps=1, features=network), cv=2, gate=None,
        random_state=0, return_scores=True, report=tmp_path / "page.html",
    )  # fmt: skip
    rival = scores[scores["method"] == "linear classifier on features"]
    assert (rival["score"] > 0.8).all()
    assert (scores[scores["method"] == "none"]["score"] == 0.5).all()
    # one classifier in place of all
    assert rival.groupby("split")["score"].nunique().eq(1).all()
    assert "logistic regression on the features" in (tmp_path / "page.html").read_text()


@pytest.mark.usefixtures("short_tuning")
def test_a_network_without_a_discriminator_to_start_from_leaves_the_others_their_scores():
    digits = load_digits(n_class=2)
    rows = np.concatenate([np.flatnonzero(digits.target == k)[:n] for k, n in enumerate([30, 20])])
    with pytest.warns(FitFailedWarning, match="from the discriminator' with Dummy"):
        table = compare(
            DummyClassifier(), digits.images[rows], digits.target[rows],
            gan=ImageGAN(n_steps=0), cv=2, gate=None, random_state=0,
        )  # fmt: skip
    means = table.set_index("method")["mean"]
    assert np.isnan(means[NETWORKS[1]])
    assert means[[NETWORKS[0], "GAN"]].notna().all()


def test_a_network_that_gives_no_features_is_refused_before_training():
    digits = load_digits(n_class=2)
    gan = ImageGAN(n_steps=10**7, features=torch.nn.Linear(3, 3))
    with pytest.raises(ValueError, match="features takes no images"):
        compare(DummyClassifier(), digits.images, digits.target, gan=gan)


def compared(X, y, classifier, log=None, **options):
    """A comparison of rows of which -1 marks those without a class."""
    return compare(
        classifier,
        X,
        y,
        gan=MarkingGaussianModel(log=log),
        unlabeled_label=-1,
        sampling_strategy=multiply(2.0),
        random_state=0,
        return_scores=True,
        **options,
    )


def test_rows_without_a_class_train_in_every_split_and_are_in_no_test():
    X, _, marked = partly_labelled()
    log = Log()
    sizes = []

    def score(classifier, rows, labels):
        sizes.append((len(labels), set(labels.tolist())))
        return float((classifier.predict(rows) == labels).mean())

    table, scores = compared(X, marked, LogisticRegression(), log, cv=4, gate=None, scoring=score)
    names = table["method"].tolist()
    assert names[-2:] == ["self-training", "self-training + GAN"]
    assert all(size == 10 and labels == {0, 1} for size, labels in sizes)
    assert len(sizes) == 4 * len(names)
    assert table["mean"].notna().all()
    # the GAN, and that of self-training, in each split
    assert len(log) == 8
    hidden = set(map(tuple, X[marked < 0]))
    assert all(hidden <= set(map(tuple, seen)) for seen, _, _ in log)


def test_splits_that_name_rows_leave_those_without_a_class_out():
    X, y, marked = partly_labelled()
    labelled = np.flatnonzero(marked >= 0)
    hidden = np.flatnonzero(marked < 0)
    splits = [(labelled[:28], labelled[28:]), (labelled[12:], labelled[:12])]
    wider = [
        (np.concatenate([hidden[:9], train]), np.append(test, hidden[9:])) for train, test in splits
    ]
    masks = [
        (np.isin(np.arange(140), train), np.isin(np.arange(140), test)) for train, test in splits
    ]
    first, second, third = (
        compared(X, marked, LogisticRegression(), gate=None, cv=cv)[1]["score"]
        for cv in (splits, iter(wider), masks)
    )
    assert np.array_equal(first, second)
    assert np.allclose(first, third)


@pytest.mark.slow
def test_each_classifier_labels_rows_by_itself(tmp_path):
    X, _, marked = partly_labelled()
    both = {"linear": LogisticRegression(), "neighbours": KNeighborsClassifier()}
    alone = {
        name: compared(X, marked, {name: classifier}, cv=2, gate=None)[1]
        for name, classifier in both.items()
    }
    page = tmp_path / "page.html"
    scores = compared(X, marked, both, cv=2, gate="fast", report=page)[1]
    for name, expected in alone.items():
        found = scores[(scores["estimator"] == name) & scores["chosen"].isna()]
        assert np.array_equal(found["score"], expected["score"])
    assert "rows without a class, labelled by the classifier" in page.read_text(encoding="utf-8")


def test_names_of_self_training_are_taken():
    X, _, marked = partly_labelled()
    with pytest.raises(TypeError, match="methods is a dict of over-samplers or models by name"):
        compared(X, marked, LogisticRegression(), methods=["SMOTE"])
    with pytest.raises(ValueError, match="names that are taken: ..self-training"):
        compared(X, marked, LogisticRegression(), methods={"self-training": GaussianModel()})
