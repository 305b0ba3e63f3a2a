"""The gate chooses by rows that nothing has seen, does no harm, and says why."""

import warnings

import numpy as np
import pandas as pd
import pytest
from imblearn.ensemble import EasyEnsembleClassifier
from imblearn.pipeline import make_pipeline
from imblearn.under_sampling import RandomUnderSampler
from sklearn import config_context
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import load_digits
from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import AdaBoostClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier

from ganaug import AugmentedClassifier, ImageGAN, TableGAN, multiply
from ganaug.evaluation.fitting import Fit, weight_name
from ganaug.evaluation.gate import Judgement, judge, left_out
from ganaug.evaluation.refits import refitted
from ganaug.evaluation.scores import macro_average_precision
from ganaug.evaluation.sources import augmented, sources_for, weight_of


def overlapping(n_rich=300, n_scarce=20, seed=0):
    """Two Gaussians of ten columns, of which the scarce one lies along a curve of its own."""
    rng = np.random.default_rng(seed)
    rich, scarce = rng.normal(size=(n_rich, 10)), rng.normal(size=(n_scarce, 10)) * 0.7 + 0.6
    return np.concatenate([rich, scarce]), np.repeat([0, 1], [n_rich, n_scarce])


class Draws(BaseEstimator):
    """A model that draws each class around a given place, and remembers what it was fitted on."""

    def __init__(self, place=0.6, log=None):
        self.place, self.log = place, log

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        if self.log is not None:
            self.log.append(("model", X))
        return self

    def sample(self, n, random_state=None):
        rng = np.random.default_rng(random_state)
        y = np.repeat(list(n), list(n.values()))
        return rng.normal(size=(len(y), 10)) * 0.7 + self.place, y


class Witness(ClassifierMixin, BaseEstimator):
    """A classifier that remembers what it was fitted on and what it is asked."""

    def __init__(self, log=None):
        self.log = log

    def fit(self, X, y):
        self.classes_, self.seen_ = np.unique(y), X
        self.log.append(("classifier", X))
        return self

    def predict_proba(self, X):
        assert not set(map(tuple, X)) & set(map(tuple, self.seen_))
        self.log.append(("asked", X))
        return np.full((len(X), len(self.classes_)), 1 / len(self.classes_))


class Log(list):
    """A list that clones share."""

    def __deepcopy__(self, memo):
        return self


def test_nothing_is_judged_on_rows_that_it_has_seen():
    X, y = overlapping()
    log = Log()
    rng = np.random.RandomState(0)
    parts = left_out(Draws(log=log), X, y, [1], rng)
    judge(Witness(log), X, y, {1: 280}, parts, rng, macro_average_precision)
    left = [set(map(tuple, part)) for kind, part in log if kind == "asked"]
    assert set.union(*left) == {tuple(X[row]) for part in parts for row in part.test}
    of_models = [set(map(tuple, part)) for kind, part in log if kind == "model"]
    for part, seen in zip(parts, of_models, strict=True):
        assert not seen & set(map(tuple, X[part.test]))
        assert seen <= set(map(tuple, X[part.train]))


def test_rows_that_help_are_taken_and_rows_that_harm_are_not():
    X, y = overlapping(300, 15)
    X_test, y_test = overlapping(999, 999, seed=1)
    plain = QuadraticDiscriminantAnalysis(reg_param=1e-3)
    good = AugmentedClassifier(plain, gan=Draws(), random_state=0).fit(X, y)
    assert good.source_ == "GAN"
    assert good.report_.table.loc["GAN", "gain"] > 0
    assert good.report_.sentence.startswith("Chosen was GAN: ")
    assert good.n_synthetic_ == 285
    assert good.score(X_test, y_test) > plain.fit(X, y).score(X_test, y_test)
    bad = AugmentedClassifier(LogisticRegression(), gan=Draws(-5.0), random_state=0).fit(X, y)
    assert bad.report_.table.loc["GAN", "gain"] < 0
    assert not bad.source_.startswith("GAN")


def of_noise(seed):
    """What is done where labels are shuffled."""
    X, y = overlapping(100, 30)
    shuffled = np.random.default_rng(seed).permutation(y)
    model = AugmentedClassifier(gan=TableGAN(n_steps=20), random_state=seed)
    return model.fit(X, shuffled).source_


def test_nothing_is_done_where_labels_are_noise():
    assert [of_noise(seed) for seed in range(4)].count("none") >= 3


@pytest.mark.slow
def test_of_a_hundred_judgements_of_noise_five_find_something_at_most():
    assert [of_noise(seed) for seed in range(100)].count("none") >= 95


def test_classes_too_small_to_be_judged_are_left_alone_and_it_says_so():
    X, y = overlapping(40, 4)
    model = AugmentedClassifier(gan=TableGAN(n_steps=10**9), random_state=0).fit(X, y)
    assert model.source_ == "none"
    assert model.n_synthetic_ == 0
    assert model.gan_ is None
    assert "have 4 rows at most" in model.report_.sentence
    assert "gate=None" in model.report_.sentence


def test_a_frozen_model_cannot_be_judged(quick):
    X, y = overlapping(40, 20)
    frozen = FrozenEstimator(quick.fit(X, y))
    with pytest.raises(ValueError, match="gate=None"):
        AugmentedClassifier(gan=frozen).fit(X, y)
    assert AugmentedClassifier(gan=frozen, gate=None).fit(X, y).n_synthetic_ == 20


def test_every_candidate_is_tried_on_every_part_and_counted():
    X, y = overlapping()
    model = AugmentedClassifier(LogisticRegression(), gan=Draws(), random_state=0).fit(X, y)
    table = model.report_.table
    assert list(table.index) == [
        "none", "class weights", "copies + noise", "SMOTE + noise", "GAN, light", "GAN",
    ]  # fmt: skip
    assert (table.loc["none", ["gain", "wins", "losses"]] == 0).all()
    assert model.report_.n_fits == 5 * len(table)
    assert set(model.report_.scores) == {"chance", *table.index}
    mixed = pd.DataFrame(X).assign(kind=pd.Categorical(y.astype(str)))
    assert sources_for(LinearSVC(), mixed, 9, TableGAN()) == [
        "none", "class weights", "copies", "marginals", "GAN, light", "GAN",
    ]  # fmt: skip


def test_the_score_is_the_users(blobs):
    asked = []

    def scoring(estimator, X, y):
        asked.append(len(X))
        return float((estimator.predict(X) == 1).mean())

    X, y = overlapping(60, 20)
    table = AugmentedClassifier(gan=Draws(), scoring=scoring, random_state=0).fit(X, y)
    assert asked
    assert table.report_.table["score"].between(0, 1).all()
    with pytest.raises(ValueError, match="'scoring' parameter"):
        AugmentedClassifier(scoring="goodness").fit(*blobs)


def test_the_same_seed_judges_alike(quick):
    X, y = overlapping(60, 20)
    first, second = (
        AugmentedClassifier(gan=quick, random_state=3).fit(X, y).report_.scores for _ in range(2)
    )
    pd.testing.assert_frame_equal(first, second)


def test_a_thorough_judgement_leaves_more_out(quick):
    X, y = overlapping(60, 20)
    fast, thorough = (
        AugmentedClassifier(gan=quick, gate=gate, random_state=0).fit(X, y).report_
        for gate in ("fast", "thorough")
    )
    assert thorough.n_fits == 3 * fast.n_fits


def test_images_are_judged_too(quick_images_of_digits):
    X, y, gan, estimator = quick_images_of_digits
    model = AugmentedClassifier(
        estimator, gan=gan, sampling_strategy=multiply(2.0), random_state=0
    ).fit(X, y)
    assert model.source_ in model.report_.table.index
    assert model.report_.n_fits == 2 * len(model.report_.table)


@pytest.fixture
def quick_images_of_digits():
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer

    digits = load_digits(n_class=2)
    flat = make_pipeline(
        FunctionTransformer(lambda X: X.reshape(len(X), -1)), KNeighborsClassifier(1)
    )
    return digits.images[:40], digits.target[:40], ImageGAN(n_steps=2, random_state=0), flat


def test_corrected_probabilities_are_those_of_the_real_shares():
    X, y = overlapping(900, 60)
    X_test, y_test = overlapping(9000, 600, seed=1)
    options = {"gan": Draws(), "gate": None, "random_state": 0}
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


def test_models_of_parts_are_those_fitted_one_by_one():
    X, y = overlapping(400, 40)
    y[:3], y[3:40] = 2, 3
    rng = np.random.default_rng(0)
    parts = [np.sort(rng.permutation(440)[:360]) for _ in range(3)]
    gan = TableGAN(n_steps=15, random_state=5)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        together = refitted(gan, X, y, parts, [0, 1, 2, 3], np.random.RandomState(0))
        for model, rows in zip(together, parts, strict=True):
            alone = TableGAN(n_steps=15, random_state=5).fit(X[rows], y[rows])
            assert model.tiers_ == alone.tiers_
            counts = {0: 5, 1: 20, 2: 5, 3: 5}
            difference = model.sample(counts, 0)[0] - alone.sample(counts, 0)[0]
            assert np.abs(difference).max() < 1e-4


def test_parts_of_two_rows_are_judged_too():
    digits = load_digits(n_class=2)
    rows = np.concatenate([np.flatnonzero(digits.target == k)[:5] for k in range(2)])
    X, y = digits.images[rows], digits.target[rows]
    model = AugmentedClassifier(
        DummyClassifier(), gan=ImageGAN(n_steps=1), sampling_strategy=multiply(2), random_state=0
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(X, y)
    assert len(model.report_.scores) == 2
    assert model.source_ == "none"


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


@pytest.mark.parametrize("own", [None, 0.5])
def test_light_rows_weigh_a_quarter_of_what_others_would(own):
    X, y = overlapping(60, 20)
    parameters = {} if own is None else {"sample_weight": np.full(80, 2.0)}
    fit = Fit("sample_weight", 1.0 if own is None else own, parameters)
    rows = augmented("GAN, light", X, y, {1: 40}, Draws().fit(X, y), np.random.RandomState(0))
    weights = fit(Weighted(), *rows, np.arange(80), weight_of("GAN, light")).weights_
    assert weights[:80].tolist() == [1.0 if own is None else 2.0] * 80
    assert weights[80:].tolist() == [0.25 * (own or 1.0)] * 40


def test_rows_of_weight_one_need_no_weights():
    X, y = overlapping(60, 20)
    assert Fit("sample_weight", 1.0, {})(Weighted(), X, y, np.arange(80)).weights_ is None


def test_classifiers_without_weights_get_fewer_rows_instead():
    X, y = overlapping(60, 20)
    for classifier, name in ((KNeighborsClassifier(), "GAN, a quarter"), (SVC(), "GAN, light")):
        assert sources_for(classifier, X, 20, TableGAN())[-2:] == [name, "GAN"]


def test_probabilities_are_corrected_for_light_rows(monkeypatch):
    X, y = overlapping(60, 20)
    model = AugmentedClassifier(Weighted(), gan=Draws(), prior_correction=True, random_state=0)

    def chosen(*arguments):
        return Judgement("GAN, light", "", pd.DataFrame(), pd.DataFrame(), 0, {}, None)

    monkeypatch.setattr("ganaug.classifier.judge", chosen)
    found = model.fit(X, y).predict_proba(X[:1])[0]
    # 60 rows of one class, 20 of the other and 40 of weight 0.25
    rise = np.array([60 / 90, 30 / 90]) / [60 / 80, 20 / 80]
    expected = np.array([0.4, 0.6]) / rise
    assert found == pytest.approx(expected / expected.sum())


def test_probabilities_are_corrected_by_the_weights_of_rows():
    X, y = overlapping(60, 20)
    with config_context(enable_metadata_routing=True):
        classifier = Weighted().set_fit_request(sample_weight=True)
        model = AugmentedClassifier(
            classifier, gan=Draws(), gate=None, prior_correction=True, random_state=0
        )
        found = model.fit(X, y, sample_weight=1.0 + y).predict_proba(X[:1])[0]
    # the scarce class has the weight of 40 rows, and gets 40 more
    rise = np.array([60 / 140, 80 / 140]) / [60 / 100, 40 / 100]
    expected = np.array([0.4, 0.6]) / rise
    assert found == pytest.approx(expected / expected.sum())


def test_pipelines_that_resample_and_estimators_without_routing_get_no_weights():
    resampling = make_pipeline(RandomUnderSampler(random_state=0), LogisticRegression())
    assert weight_name(resampling) is None
    assert weight_name(make_pipeline(StandardScaler(), resampling)) is None
    nested = make_pipeline(StandardScaler(), make_pipeline(StandardScaler(), SVC()))
    assert weight_name(nested) == "pipeline__svc__sample_weight"
    with config_context(enable_metadata_routing=True):
        assert weight_name(OneVsRestClassifier(SVC())) is None
        assert weight_name(EasyEnsembleClassifier()) is None
    X, y = overlapping(60, 20)
    for classifier in (resampling, make_pipeline(StandardScaler(), AdaBoostClassifier())):
        model = AugmentedClassifier(classifier, gan=Draws(), sampling_strategy=0.8, random_state=0)
        assert "none" in model.fit(X, y).report_.table.index


def test_class_weights_count_rows_whatever_they_weigh(monkeypatch):
    X, y = np.zeros((80, 1)), np.repeat([0, 1], [60, 20])

    def chosen(*arguments):
        return Judgement("class weights", "", pd.DataFrame(), pd.DataFrame(), 0, {}, None)

    monkeypatch.setattr("ganaug.classifier.judge", chosen)
    # nothing to go by but the shares, which weights make 60 to 40
    for classifier in (LogisticRegression(), DecisionTreeClassifier()):
        with config_context(enable_metadata_routing=True):
            classifier.set_fit_request(sample_weight=True)
            model = AugmentedClassifier(classifier, prior_correction=True, random_state=0)
            found = model.fit(X, y, sample_weight=1.0 + y).predict_proba(X[:1])[0]
        assert found == pytest.approx([0.6, 0.4], abs=1e-3)


def test_a_class_whose_rows_weigh_nothing_is_left_as_it_is():
    X, y = overlapping(60, 20)
    with config_context(enable_metadata_routing=True):
        classifier = GaussianNB().set_fit_request(sample_weight=True)
        model = AugmentedClassifier(classifier, gan=Draws(), gate=None, random_state=0)
        model.fit(X, y, sample_weight=1.0 - y)
        assert np.isfinite(model.set_params(prior_correction=True).predict_proba(X)).all()
