"""AugmentedClassifier: the classifier that it holds, fitted on real and synthetic rows."""

import numpy as np
import pandas as pd
import pytest
import sklearn
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_digits
from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis
from sklearn.ensemble import AdaBoostClassifier
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.semi_supervised import SelfTrainingClassifier
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier
from two_gaussians import GaussianModel, Log, MarkingGaussianModel, partly_labelled

from ganaug import AugmentedClassifier, TableGAN, multiply
from ganaug.evaluation.methods import METHODS


class Witness(ClassifierMixin, BaseEstimator):
    """Classifier that remembers what it was fitted on."""

    def fit(self, X, y, sample_weight=None):
        self.X_, self.y_, self.weight_ = X, y, sample_weight
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.full(len(X), self.classes_[0])


@pytest.fixture
def augmented():
    """Maker of a quickly fitted classifier around another."""

    def make(estimator, **options):
        model = AugmentedClassifier(estimator, gan=TableGAN(n_steps=3), gate=None, random_state=0)
        return model.set_params(**options)

    return make


@pytest.fixture
def routing():
    """Metadata routing, switched on for the length of a test."""
    with sklearn.config_context(enable_metadata_routing=True):
        yield


def test_the_classifier_sees_real_rows_first_and_unchanged(augmented, blobs):
    X, y = blobs
    model = augmented(Witness()).fit(X, y)
    seen = model.estimator_
    assert np.array_equal(seen.X_[:60], X)
    assert np.array_equal(seen.y_[:60], y)
    assert seen.y_[60:].tolist() == [1] * 20
    assert seen.weight_ is None
    assert model.n_synthetic_ == 20
    assert model.gan_.classes_.tolist() == [1]


def test_answers_are_those_of_the_fitted_classifier(augmented, blobs):
    X, y = blobs
    model = augmented(LogisticRegression()).fit(X, y)
    for method in ("predict", "predict_proba", "predict_log_proba", "decision_function"):
        assert np.array_equal(getattr(model, method)(X), getattr(model.estimator_, method)(X))
    assert model.score(X, y) > 0.9


def test_it_can_do_what_its_classifier_can(augmented, blobs):
    model = augmented(LinearSVC())
    for stage in (model, model.fit(*blobs)):
        assert hasattr(stage, "decision_function")
        assert not hasattr(stage, "predict_proba")


@pytest.mark.parametrize("estimator", [RidgeClassifier(), LogisticRegression(tol=1e-10)])
def test_synthetic_rows_without_weight_change_nothing(augmented, blobs, estimator):
    X, y = blobs
    model = augmented(estimator, synthetic_weight=0.0).fit(X, y)
    assert model.n_synthetic_ == 20
    plain = sklearn.clone(estimator).fit(X, y).coef_
    assert np.allclose(model.estimator_.coef_, plain, atol=1e-6)
    weighed = augmented(estimator, synthetic_weight=1.0).fit(X, y).estimator_.coef_
    assert not np.allclose(weighed, plain, atol=1e-3)


def test_synthetic_rows_of_weight_1_count_as_without_weights(augmented, blobs):
    weighed, plain = (
        augmented(RidgeClassifier(), synthetic_weight=weight).fit(*blobs).estimator_.coef_
        for weight in (1.0, None)
    )
    assert np.allclose(weighed, plain, atol=1e-10)


def test_a_synthetic_weight_needs_a_classifier_that_takes_weights(augmented, blobs):
    with pytest.raises(ValueError, match="synthetic_weight=0.5 needs.*KNeighborsClassifier"):
        augmented(KNeighborsClassifier(), synthetic_weight=0.5).fit(*blobs)


@pytest.mark.usefixtures("routing")
@pytest.mark.parametrize(("synthetic_weight", "each"), [(None, 1.0), (0.25, 0.25)])
def test_routed_weights_are_extended_over_the_synthetic_rows(
    augmented, blobs, synthetic_weight, each
):
    witness = Witness().set_fit_request(sample_weight=True)
    weight = np.arange(60.0)
    model = augmented(witness, synthetic_weight=synthetic_weight)
    seen = model.fit(*blobs, sample_weight=weight).estimator_.weight_
    # against the mean of the real ones
    assert seen.tolist() == [*weight, *[each * 29.5] * 20]


@pytest.mark.usefixtures("routing")
def test_weights_are_routed_through_cross_validation(augmented, blobs):
    X, y = blobs
    ridge = RidgeClassifier().set_fit_request(sample_weight=True)
    params = {"sample_weight": np.ones(60)}
    scores = cross_val_score(augmented(ridge), X, y, params=params, cv=3, error_score="raise")
    assert scores.min() > 0.9


@pytest.mark.usefixtures("routing")
def test_weights_that_the_classifier_did_not_ask_for_are_refused(augmented, blobs):
    with pytest.raises((TypeError, ValueError), match="sample_weight"):
        augmented(Witness()).fit(*blobs, sample_weight=np.ones(60))


def test_weights_reach_the_classifier_without_routing(augmented, blobs):
    weight = np.arange(60.0)
    alone = augmented(Witness()).fit(*blobs, sample_weight=weight).estimator_
    last = augmented(make_pipeline(StandardScaler(), Witness())).fit(*blobs, sample_weight=weight)
    for seen in (alone, last.estimator_[-1]):
        assert seen.weight_[:60].tolist() == weight.tolist()
    by_place = augmented(Witness()).fit(*blobs, weight).estimator_
    assert np.array_equal(by_place.weight_, alone.weight_)


def test_weights_of_rows_without_a_class_are_left_out(augmented, blobs):
    X, y = blobs
    marked = np.where(np.arange(60) % 3, y, -1)
    model = augmented(Witness(), unlabeled_label=-1).fit(X, marked, sample_weight=np.arange(60.0))
    assert model.estimator_.weight_[:40].tolist() == np.flatnonzero(marked >= 0).tolist()


def test_boosting_weighs_rows_whatever_their_sum(blobs):
    X, y = blobs
    X = X + np.random.default_rng(0).normal(scale=8.0, size=X.shape)
    stump = DecisionTreeClassifier(max_depth=1)
    model = AugmentedClassifier(stump, gan=TableGAN(n_steps=0), gate=None, random_state=0)
    boosted = AdaBoostClassifier(model, n_estimators=5, random_state=0).fit(X, y)
    assert boosted.score(X, y) > boosted.estimators_[0].score(X, y)
    trees = [model.fit(X, y, sample_weight=w * (1.0 + y)).estimator_.tree_ for w in (1, 1 / 64)]
    assert trees[0].threshold.tolist() == trees[1].threshold.tolist()


def test_other_parameters_need_routing(augmented, blobs):
    with pytest.raises((TypeError, ValueError), match="enable_metadata_routing"):
        augmented(Witness()).fit(*blobs, groups=np.ones(60))


def test_weights_that_the_classifier_cannot_take_are_refused(blobs):
    model = AugmentedClassifier(KNeighborsClassifier(), gan=TableGAN(n_steps=10**9))
    with pytest.raises(ValueError, match="KNeighborsClassifier takes none"):
        model.fit(*blobs, sample_weight=np.ones(60))


def test_columns_may_be_chosen_by_name(augmented, frame):
    X, y = frame
    chosen = ColumnTransformer(
        [("scaled", StandardScaler(), ["weight"]), ("kept", "passthrough", ["sunny"])]
    )
    model = augmented(make_pipeline(chosen, LogisticRegression())).fit(X, y)
    assert model.predict(X).shape == (60,)
    assert model.feature_names_in_.tolist() == X.columns.tolist()
    with pytest.raises(ValueError, match="feature names"):
        model.predict(X[X.columns[::-1]])


def test_a_frame_reaches_the_classifier_with_its_dtypes(augmented, frame):
    X, y = frame
    seen = augmented(Witness()).fit(X, y).estimator_.X_
    assert seen.dtypes.to_dict() == X.dtypes.to_dict()
    pd.testing.assert_frame_equal(seen.iloc[:60], X)


@pytest.mark.parametrize("kind", [sparse.csr_matrix, sparse.csc_matrix])
def test_sparse_rows_stay_sparse(augmented, blobs, kind):
    X, y = blobs
    seen = augmented(Witness()).fit(kind(X.round()), y).estimator_.X_
    assert seen.format == kind(X).format
    assert seen.shape == (80, 3)


@pytest.mark.parametrize(
    ("strategy", "n_synthetic"), [({1: 25}, 5), (0.75, 10), (multiply(2.0), 60), ("all", 20)]
)
def test_the_strategy_says_how_many_rows_to_add(augmented, blobs, strategy, n_synthetic):
    model = augmented(Witness(), sampling_strategy=strategy).fit(*blobs)
    assert model.n_synthetic_ == len(model.estimator_.y_) - 60 == n_synthetic


def test_labels_may_be_strings(augmented, blobs):
    X, y = blobs
    names = np.where(y == 0, "no", "yes")
    model = augmented(LogisticRegression()).fit(X, names)
    assert model.classes_.tolist() == ["no", "yes"]
    assert np.mean(model.predict(X) == names) > 0.9


def test_balanced_data_stay_as_they_are_with_a_warning_that_names_the_remedy(augmented, blobs):
    model = augmented(Witness())
    with pytest.warns(UserWarning, match=r"adds no rows.*multiply\(2\.0\)"):
        model.fit(blobs[0], np.repeat([0, 1], 30))
    assert model.n_synthetic_ == 0


def test_one_class_is_refused_before_the_classifier_is_fitted(augmented, blobs):
    with pytest.raises(ValueError, match="y holds 1 class: 0"):
        augmented(DecisionTreeClassifier()).fit(blobs[0], np.zeros(60, dtype=int))


def test_weights_reach_the_last_step_of_a_pipeline(augmented, blobs):
    X, y = blobs
    scaled = make_pipeline(StandardScaler(with_mean=False, with_std=False), RidgeClassifier())
    model = augmented(scaled, synthetic_weight=0.0).fit(X, y)
    assert np.allclose(model.estimator_[-1].coef_, RidgeClassifier().fit(X, y).coef_)


@pytest.mark.parametrize(
    ("weights", "message"),
    [({"sample_weight": np.ones(7)}, "X has 60 rows"), ({"groups": np.ones(60)}, "groups has one")],
)
@pytest.mark.usefixtures("routing")
def test_weights_that_do_not_fit_are_refused_before_training(blobs, weights, message):
    estimator = GridSearchCV(Witness().set_fit_request(sample_weight=True), {}, cv=GroupKFold(2))
    model = AugmentedClassifier(estimator, gan=TableGAN(n_steps=10**9))
    with pytest.raises(ValueError, match=message):
        model.fit(*blobs, **weights)


def test_the_same_seed_gives_the_same_classifier(augmented, blobs):
    first, second = (augmented(RidgeClassifier()).fit(*blobs).estimator_.coef_ for _ in range(2))
    other = augmented(RidgeClassifier(), random_state=1).fit(*blobs).estimator_.coef_
    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)


def test_it_is_the_last_step_of_a_plain_pipeline(augmented, blobs):
    model = make_pipeline(StandardScaler(), augmented(LogisticRegression()))
    assert cross_val_score(model, *blobs, cv=3, error_score="raise").min() > 0.9


def test_a_grid_reaches_the_options_of_model_and_classifier(augmented, blobs):
    grid = GridSearchCV(
        Pipeline([("model", augmented(LogisticRegression()))]),
        {"model__gan__n_steps": [1, 2], "model__estimator__C": [0.1, 1.0]},
        cv=2,
        error_score="raise",
    ).fit(*blobs)
    best = grid.best_estimator_["model"]
    assert best.gan_.n_steps_ == grid.best_params_["model__gan__n_steps"]
    assert best.get_params()["estimator__C"] == grid.best_params_["model__estimator__C"]


@pytest.mark.slow
def test_processes_side_by_side_give_what_one_process_gives(augmented, blobs):
    model = augmented(LogisticRegression(), gan__device="cpu")
    scores = [cross_val_score(model, *blobs, cv=4, n_jobs=n_jobs) for n_jobs in (1, 2)]
    assert np.array_equal(*scores)
    assert np.isfinite(scores[0]).all()


def test_gaps_that_the_classifier_does_not_take_are_named_before_training(mixed):
    X, y = mixed
    patient = TableGAN(n_steps=10**9, random_state=0)
    model = AugmentedClassifier(LogisticRegression(), gan=patient)
    with pytest.raises(ValueError, match="They hold gaps in 'weight'"):
        model.fit(X[["weight", "sunny"]], y)
    with pytest.raises(
        ValueError, match="other values than numbers in .*and gaps in 'weight', 'colour'"
    ):
        model.fit(X, y)


def test_rows_without_a_class_teach_the_model_and_not_the_classifier():
    X, _, marked = partly_labelled()
    log = Log()
    model = AugmentedClassifier(
        LogisticRegression(),
        gan=MarkingGaussianModel(log=log),
        unlabeled_label=-1,
        sampling_strategy=multiply(2.0),
        gate=None,
        random_state=0,
    ).fit(X, marked)
    assert model.classes_.tolist() == [0, 1]
    assert model.predict_proba(X).shape == (140, 2)
    assert model.n_synthetic_ == 40
    ((seen, labels, mark),) = log
    assert mark == -1
    assert len(seen) == 140
    assert (labels == -1).sum() == 100
    # the same as without them where the model knows none
    labelled = marked >= 0
    ignorant = model.set_params(gan=GaussianModel()).fit(X, marked)
    alone = AugmentedClassifier(**ignorant.get_params(deep=False)).set_params(unlabeled_label=None)
    alone.fit(X[labelled], marked[labelled])
    assert np.array_equal(ignorant.predict_proba(X), alone.predict_proba(X))


def test_weights_follow_the_rows_that_have_a_class():
    X, _, marked = partly_labelled()
    labelled = marked >= 0
    weights = np.arange(140.0)
    with sklearn.config_context(enable_metadata_routing=True):
        estimator = LogisticRegression().set_fit_request(sample_weight=True)
        settings = {"gan": GaussianModel(), "gate": None, "sampling_strategy": multiply(2.0)}
        model = AugmentedClassifier(estimator, **settings, random_state=0, unlabeled_label=-1)
        alone = AugmentedClassifier(estimator, **settings, random_state=0)
        model.fit(X, marked, sample_weight=weights)
        alone.fit(X[labelled], marked[labelled], sample_weight=weights[labelled])
        assert np.array_equal(model.predict_proba(X), alone.predict_proba(X))
        with pytest.raises(ValueError, match="X has 140 rows"):
            model.fit(X, marked, sample_weight=weights[labelled])


def test_the_gate_may_choose_self_training():
    X, _, marked = partly_labelled(40, 400, seed=2)
    # copies and SMOTE help less; samples of the model are far off
    estimator = QuadraticDiscriminantAnalysis(reg_param=0.001)
    model = AugmentedClassifier(
        estimator,
        gan=GaussianModel(place=3.0),
        unlabeled_label=-1,
        sampling_strategy=multiply(2.0),
        gate="thorough",
        random_state=0,
    ).fit(X, marked)
    assert model.source_ == "self-training"
    assert model.n_synthetic_ == 0
    assert model.gan_ is None
    peer = SelfTrainingClassifier(estimator).fit(X, marked)
    assert np.allclose(model.predict_proba(X), peer.predict_proba(X))
    assert {"self-training", "self-training + GAN"} <= set(model.report_.table.index)


def test_what_is_no_class_leaves_two_of_them():
    X, y, _ = partly_labelled()
    model = AugmentedClassifier(gan=GaussianModel(), unlabeled_label=-1)
    with (
        pytest.warns(UserWarning, match="leaves one class"),
        pytest.raises(ValueError, match="1 class"),
    ):
        model.fit(X, np.where(y == 0, -1, 1))
    with pytest.raises(ValueError, match="all 140 rows are marked"):
        model.fit(X, np.full(140, -1))


def test_classifiers_without_probabilities_are_not_trained_by_themselves():
    X, _, marked = partly_labelled()
    model = AugmentedClassifier(
        LinearSVC(),
        gan=GaussianModel(),
        unlabeled_label=-1,
        sampling_strategy=multiply(2.0),
        random_state=0,
    )
    assert "none" in model.fit(X, marked).report_.table.index
    assert "no predict_proba" in model.report_.table.loc["self-training", "note"]


class Stranger:
    """Classifier of a library that follows scikit-learn's ways without its base classes."""

    def get_params(self, deep=True):
        return {}

    def set_params(self):
        return self

    def fit(self, X, y):
        self.shape_ = X.shape
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.full(len(X), self.classes_[0])


@pytest.mark.parametrize("gate", [None, "fast"])
def test_classifiers_of_other_libraries_need_no_tags(augmented, blobs, gate):
    X, y = blobs
    model = augmented(Stranger(), gate=gate, scoring="balanced_accuracy").fit(X, y)
    assert model.estimator_.shape_ == (len(y) + model.n_synthetic_, X.shape[1])
    assert (model.predict(X) == y[0]).all()


@pytest.mark.parametrize("name", ["none", "SMOTE + noise", "class weights", "GAN weighted 1/4"])
def test_a_named_method_is_done_unjudged(blobs, name):
    X, y = blobs
    given = TableGAN(n_steps=0, random_state=0)
    model = AugmentedClassifier(gan=given, method=name, random_state=0).fit(X, y)
    assert model.source_ == name
    assert model.report_ is None
    assert (model.gan_ is not None) == METHODS[name].needs_gan
    assert (model.n_synthetic_ > 0) == (METHODS[name].add_rows is not None)


def test_copies_of_images_move_without_a_gan():
    digits = load_digits(n_class=2)
    rows = np.r_[np.flatnonzero(digits.target == 0), np.flatnonzero(digits.target == 1)[:20]]
    classifier = make_pipeline(FunctionTransformer(lambda X: X.reshape(len(X), -1)), SVC())
    model = AugmentedClassifier(classifier, method="moved copies", random_state=0)
    model.fit(digits.images[rows], digits.target[rows])
    assert model.gan_ is None
    assert model.n_synthetic_ == 178 - 20


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"method": "moved copies"}, "for images"),
        ({"method": "jitter"}, "for sequences"),
        ({"method": "self-training"}, "no unlabeled_label"),
        ({"method": "moved thresholds", "estimator": SVC()}, "no predict_proba"),
        ({"method": "SMOT"}, "method='SMOT' is not known. Did you mean 'SMOTE'"),
        ({"method": "smote"}, "method='smote' is not known. Did you mean 'SMOTE'"),
    ],
    ids=str,
)
def test_a_named_method_that_cannot_be_used_is_refused(blobs, settings, message):
    with pytest.raises(ValueError, match=message):
        AugmentedClassifier(**settings).fit(*blobs)
