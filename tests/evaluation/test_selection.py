"""The gate chooses by rows that nothing has seen, does no harm, and says why."""

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from imblearn.pipeline import make_pipeline as imblearn_pipeline
from imblearn.under_sampling import RandomUnderSampler
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import load_digits
from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import AdaBoostClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from two_gaussians import GaussianModel, Log, overlapping

from ganaug import AugmentedClassifier, ImageGAN, SequenceGAN, TableGAN, compare, multiply
from ganaug.evaluation.choice import choose, gain_table
from ganaug.evaluation.fitting import Fit
from ganaug.evaluation.folds import fit_out_of_fold
from ganaug.evaluation.methods import (
    CHANCE,
    GATE_CHOICES,
    MOVED_COPIES,
    NONE,
    SCALING,
    usual_method,
)
from ganaug.evaluation.scores import macro_average_precision
from ganaug.evaluation.selection import Selection, _blocks, select
from ganaug.evaluation.trials import Trials
from ganaug.evaluation.weights import weight_name


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

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


def test_nothing_is_judged_on_rows_that_it_has_seen():
    X, y = overlapping()
    log = Log()
    rng = np.random.RandomState(0)
    folds = fit_out_of_fold(GaussianModel(log=log), X, y, [1], rng)
    witness = Witness(log)
    fit = Fit(weight_name(witness))
    trials = Trials(witness, X, y, {1: 280}, fit, macro_average_precision, None)
    select(trials, folds, rng)
    left_out = [set(map(tuple, rows)) for kind, rows in log if kind == "asked"]
    assert set.union(*left_out) == {tuple(X[row]) for fold in folds for row in fold.test}
    of_models = [set(map(tuple, rows)) for kind, rows in log if kind == "model"]
    for fold, seen in zip(folds, of_models, strict=True):
        assert not seen & set(map(tuple, X[fold.test]))
        assert seen <= set(map(tuple, X[fold.train]))


def test_rows_that_help_are_taken_and_rows_that_harm_are_not():
    X, y = overlapping(300, 15)
    X_test, y_test = overlapping(999, 999, seed=1)
    plain = QuadraticDiscriminantAnalysis(reg_param=1e-3)
    good = AugmentedClassifier(plain, gan=GaussianModel(), random_state=0).fit(X, y)
    # simpler methods do as well here
    assert good.report_.table.loc["GAN", "low"] > 0
    assert good.report_.verdict == "a method helps"
    assert good.report_.sentence.startswith(f"Chosen was {good.source_}: ")
    assert good.n_synthetic_ == (285 if good.report_.method.add_rows else 0)
    assert good.score(X_test, y_test) > plain.fit(X, y).score(X_test, y_test)
    bad = AugmentedClassifier(LogisticRegression(), gan=GaussianModel(-5.0), random_state=0).fit(
        X, y
    )
    assert bad.report_.table.loc["GAN", "gain"] < 0
    assert not bad.source_.startswith("GAN")


def of_noise(seed, scoring=None):
    """What is done where labels are shuffled."""
    X, y = overlapping(100, 30)
    shuffled = np.random.default_rng(seed).permutation(y)
    model = AugmentedClassifier(gan=TableGAN(n_steps=20), scoring=scoring, random_state=seed)
    return model.fit(X, shuffled).source_


@pytest.mark.slow
def test_nothing_is_done_where_labels_are_noise():
    assert [of_noise(seed) for seed in range(4)].count("none") >= 3


@pytest.mark.slow
@pytest.mark.parametrize("scoring", [None, "balanced_accuracy"])
def test_of_a_hundred_choices_on_noise_five_find_something_at_most(scoring):
    assert [of_noise(seed, scoring) for seed in range(100)].count("none") >= 95


@pytest.mark.slow
def test_one_of_many_methods_is_above_chance_more_surely_than_a_single_one_would_be():
    def found(seed):
        rng = np.random.default_rng(seed)
        scores = pd.DataFrame(rng.normal(0.5, 0.1, size=(10, len(NAMES))), columns=NAMES)
        return chosen(scores.assign(none=0.5, **{CHANCE: 0.5})).name != "none"

    assert np.mean([found(seed) for seed in range(150)]) < 0.06


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


def test_every_method_is_tried_on_every_fold_and_counted():
    X, y = overlapping()
    model = AugmentedClassifier(LogisticRegression(), gan=GaussianModel(), random_state=0).fit(X, y)
    table = model.report_.table
    assert list(table.index) == [
        "none", "moved thresholds", "class weights", "copies weighted 1/4", "copies + noise",
        "SMOTE + noise", "GAN weighted 1/4", "GAN", "1/4 of the GAN rows",
    ]  # fmt: skip
    assert (table.loc["none", ["gain", "wins", "losses"]] == 0).all()
    # of a method that was not tried it says why
    tried = table.index[table["note"] == ""]
    assert table.index.difference(tried).tolist() == ["1/4 of the GAN rows"]
    note = table.loc["1/4 of the GAN rows", "note"]
    assert note == "this classifier takes weights of rows instead"
    assert model.report_.n_fits == 5 * len(tried)
    assert set(model.report_.scores) == {"chance", *tried}


def test_the_score_is_the_users(blobs):
    asked = []

    def scoring(estimator, X, y):
        asked.append(len(X))
        return float((estimator.predict(X) == 1).mean())

    X, y = overlapping(60, 20)
    table = AugmentedClassifier(gan=GaussianModel(), scoring=scoring, random_state=0).fit(X, y)
    assert asked
    assert table.report_.table["score"].dropna().between(0, 1).all()
    with pytest.raises(ValueError, match=r"Did you mean 'balanced_accuracy'\?$"):
        AugmentedClassifier(scoring="balanced").fit(*blobs)
    with pytest.raises(ValueError, match=r"is not known\. Known are: 'accuracy', 'adjusted"):
        AugmentedClassifier(scoring="goodness").fit(*blobs)


def test_the_same_seed_judges_alike(quick):
    X, y = overlapping(60, 20)
    first, second = (
        AugmentedClassifier(gan=quick, random_state=3).fit(X, y).report_.scores for _ in range(2)
    )
    pd.testing.assert_frame_equal(first, second)


def test_a_thorough_choice_leaves_more_out(quick):
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
    assert model.report_.n_fits == 2 * (model.report_.table["note"] == "").sum()


@pytest.fixture
def quick_images_of_digits():
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer

    digits = load_digits(n_class=2)
    flat = make_pipeline(
        FunctionTransformer(lambda X: X.reshape(len(X), -1)), KNeighborsClassifier(1)
    )
    return digits.images[:40], digits.target[:40], ImageGAN(n_steps=2, random_state=0), flat


def test_folds_of_two_rows_are_judged_too():
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


@pytest.mark.slow
def test_pipelines_that_take_no_weights_are_chosen_for_too():
    X, y = overlapping(60, 20)
    resampling = imblearn_pipeline(RandomUnderSampler(random_state=0), LogisticRegression())
    for classifier in (
        resampling,
        make_pipeline(StandardScaler(), AdaBoostClassifier(n_estimators=3)),
    ):
        model = AugmentedClassifier(
            classifier, gan=GaussianModel(), sampling_strategy=0.8, random_state=0
        )
        assert "none" in model.fit(X, y).report_.table.index


NAMES = [method.name for method in GATE_CHOICES]


def block_scores(gains, n_blocks=10, deviation=0.01, above_chance=0.2):
    """Scores of all methods on blocks; ``gains`` over "none" of some, and none of the others."""
    rng = np.random.default_rng(0)
    none = 0.7 + 0.05 * rng.normal(size=n_blocks)
    # noise of mean 0 and of the given deviation: a mean gain is what was asked for
    noise = rng.normal(size=(n_blocks, len(NAMES)))
    noise = (noise - noise.mean(axis=0)) / noise.std(axis=0, ddof=1)
    scores = pd.DataFrame(
        {
            name: none + gains.get(name, 0.0) + deviation * noise[:, column]
            for column, name in enumerate(NAMES)
        }
    )
    return scores.assign(none=none, **{CHANCE: none - above_chance})


def chosen(scores):
    return choose(scores, gain_table(scores), "so few rows")


@pytest.mark.parametrize("name", NAMES[1:])
def test_the_surest_gain_is_chosen_whatever_it_is_of(name):
    others = dict.fromkeys(NAMES[1:], 0.02)
    choice = chosen(block_scores({**others, name: 0.1}))
    assert choice.name == name
    assert choice.verdict == "a method helps"
    assert choice.sentence.startswith(f"Chosen was {name}: 0.")
    assert "+0.100 [" in choice.sentence


@pytest.mark.parametrize("gain", [-0.01, -0.1, 0.002])
def test_nothing_is_chosen_without_a_gain_beyond_chance(gain):
    # 0.002 is less than the error of a mean of ten blocks allows to tell
    choice = chosen(block_scores(dict.fromkeys(NAMES[1:], gain)))
    assert choice.name == "none"
    assert choice.verdict == ("cannot be told" if gain > 0 else "nothing helps")
    assert choice.sentence.startswith("Nothing was done: ")
    assert ("The best was " if gain > 0 else "no method scores more") in choice.sentence


def test_a_large_gain_that_varies_loses_to_a_small_one_that_does_not():
    scores = block_scores({"class weights": 0.05})
    lucky = scores["none"] + 0.06 + 0.4 * np.resize([-1, 1], len(scores))
    assert chosen(scores.assign(GAN=lucky)).name == "class weights"


def test_of_equal_gains_the_simplest_is_chosen():
    scores = block_scores({})
    same = scores["none"] + 0.1 + 0.01 * np.resize([-1, 1], len(scores))
    equal = scores.assign(**dict.fromkeys(NAMES[1:], same))
    assert chosen(equal).name == NAMES[1]


def test_a_gain_counts_only_where_the_score_is_above_that_on_shuffled_labels():
    gains = {"GAN": 0.1}
    assert chosen(block_scores(gains, above_chance=0.0)).name == "GAN"
    choice = chosen(block_scores(gains, above_chance=-0.2))
    assert (choice.name, choice.verdict) == ("none", "cannot be told")
    assert "does not surely score above chance" in choice.sentence


def test_few_blocks_need_a_larger_gain_than_many():
    gains = {"GAN": 0.003}
    assert chosen(block_scores(gains, n_blocks=5)).name == "none"
    assert chosen(block_scores(gains, n_blocks=60)).name == "GAN"


def test_a_simpler_method_is_taken_that_is_as_good_within_two_standard_errors():
    gains = {"class weights": 0.097, "GAN": 0.1}
    choice = chosen(block_scores(gains))
    assert choice.name == "class weights"
    assert "simpler than GAN: " in choice.sentence
    assert chosen(block_scores({**gains, "class weights": 0.08})).name == "GAN"


def test_what_is_shown_decides():
    for seed in range(30):
        gains = np.random.default_rng(seed).normal(0, 0.01, len(NAMES) - 1)
        scores = block_scores(dict(zip(NAMES[1:], gains, strict=True)))
        table = gain_table(scores)
        choice = choose(scores, table, "so few rows")
        assert (choice.name == "none") == (not (table["low"] > 0).any())
        assert choice.name == "none" or table.loc[choice.name, "low"] > 0


USUAL = "GAN"


def chosen_beside(scores):
    return choose(scores, gain_table(scores), "only 9 rows of 'om'", USUAL)


def test_what_gained_most_elsewhere_is_kept_where_nothing_can_be_told():
    choice = chosen_beside(block_scores({USUAL: -0.002, "class weights": 0.002}))
    assert (choice.name, choice.verdict) == (USUAL, "cannot be told")
    assert "cannot be told with only 9 rows of 'om'. GAN: 0." in choice.sentence
    choice = chosen_beside(block_scores({USUAL: 0.1, "class weights": 0.102}))
    assert (choice.name, choice.verdict) == (USUAL, "a method helps")
    assert "Here class weights scores more, but these are too few rows to be" in choice.sentence
    assert "to be sure: +0.002 [" in choice.sentence
    assert choice.sentence.endswith("each end with a confidence of 99 %.")
    assert "scores more" not in chosen_beside(block_scores({USUAL: 0.1})).sentence


def test_what_gained_most_elsewhere_is_not_kept_where_it_seems_to_harm():
    choice = chosen_beside(block_scores({USUAL: -0.01, "class weights": 0.02}))
    assert (choice.name, choice.verdict) == ("class weights", "a method helps")
    choice = chosen_beside(block_scores(dict.fromkeys(NAMES[1:], -0.01)))
    assert (choice.name, choice.verdict) == ("none", "nothing helps")


def test_what_is_surely_better_takes_its_place():
    gains = {USUAL: 0.05, "class weights": 0.09}
    choice = chosen_beside(block_scores(gains))
    assert (choice.name, choice.verdict) == ("class weights", "a method helps")
    assert "surely better than GAN: 0." in choice.sentence
    # as good with a confidence of less than 99 %
    assert chosen_beside(block_scores({**gains, "class weights": 0.055})).name == USUAL
    # surely better than what may be a loss, and perhaps no gain either
    scores = block_scores({"class weights": 0.002}, deviation=1e-4)
    none = scores["none"] + 0.02 * np.resize([-1, 1], len(scores))
    scores = scores.assign(none=none)
    assert chosen_beside(scores).name == USUAL


def test_nothing_is_kept_where_labels_are_noise():
    choice = chosen_beside(block_scores({USUAL: 0.1}, above_chance=-0.2))
    assert (choice.name, choice.verdict) == ("none", "cannot be told")


@pytest.mark.parametrize(
    ("scoring", "expected"),
    [
        (None, "GAN weighted 1/4"),
        ("average_precision", "GAN weighted 1/4"),
        ("balanced_accuracy", "GAN"),
        ("accuracy", None),
        (lambda *given: 0.5, None),
    ],
)
def test_what_gained_most_elsewhere_is_known_of_tables_and_sequences(scoring, expected):
    usual = usual_method(scoring, TableGAN())
    assert (usual and usual.name) == expected
    of_sequences = usual_method(scoring, SequenceGAN())
    assert (of_sequences == SCALING) == (scoring == "balanced_accuracy")
    assert usual_method(scoring, ImageGAN()) is None
    assert usual_method(scoring, GaussianModel()) is None


@pytest.mark.filterwarnings("ignore::ganaug.SmallClassWarning")
def test_the_gate_starts_from_scaling_of_sequences():
    rng = np.random.default_rng(0)
    X = np.sin(np.linspace(0, 9, 20) * rng.uniform(0.8, 1.2, (48, 1))) + rng.normal(0, 1, (48, 20))
    y = np.repeat(["many", "few"], [36, 12])
    X[y == "few"] += 1.5
    model = AugmentedClassifier(
        LogisticRegression(),
        gan=SequenceGAN(n_steps=0),
        scoring="balanced_accuracy",
        random_state=0,
    ).fit(X, y)
    assert model.report_.table.loc["scaling", "high"] >= 0
    assert model.source_ == "scaling"


@pytest.mark.medium
@pytest.mark.parametrize("scoring", [None, "balanced_accuracy", "accuracy"])
def test_the_gate_keeps_what_gained_most_by_the_users_score(scoring, monkeypatch):
    X, y = overlapping(60, 20)
    told = []

    def note(scores, table, rows, usual):
        told.append(usual)
        return choose(scores, table, rows, usual)

    monkeypatch.setattr("ganaug.evaluation.selection.choose", note)
    gan = TableGAN(n_steps=0)
    AugmentedClassifier(gan=gan, scoring=scoring, random_state=0).fit(X, y)
    compare(LogisticRegression(), X, y, gan=gan, scoring=scoring, cv=2, gate="fast")
    expected = {None: "GAN weighted 1/4", "balanced_accuracy": "GAN", "accuracy": None}
    assert told == [expected[scoring]] * 3


class Partisan(ClassifierMixin, BaseEstimator):
    """A classifier that knows by its training rows which method made them.

    Rows are made so that the first column names the class, the second numbers real rows, and
    those of the model lie far away.
    """

    def __init__(self, favourite="none", class_weight=None):
        self.favourite, self.class_weight = favourite, class_weight

    def fit(self, X, y, sample_weight=None):
        self.classes_ = np.unique(y)
        if self.class_weight is not None:
            self.method_ = "class weights"
        elif X.max() > 1e5:
            self.method_ = "GAN" if sample_weight is None else "GAN weighted 1/4"
        else:
            self.method_ = "none" if len(X) == len(np.unique(X[:, 1])) else "noise"
        return self

    def predict(self, X):
        """Right with nearly all rows after the favourite method, with two of three otherwise."""
        share = 20 if self.method_ == self.favourite else 3
        return np.where(X[:, 1] % share == 0, 1 - X[:, 0], X[:, 0]).astype(int)


class FarModel(BaseEstimator):
    """A model whose samples lie far away from all real rows."""

    def fit(self, X, y):
        self.n_columns_ = X.shape[1]
        return self

    def sample(self, n):
        y = np.repeat(list(n), list(n.values()))
        return np.full((len(y), self.n_columns_), 1e6), y


@pytest.mark.parametrize("method", ["none", "class weights", "GAN weighted 1/4", "GAN"])
def test_what_is_chosen_is_done(method):
    y = np.repeat([0, 1], [200, 100])
    X = np.column_stack([y, np.arange(300.0)])
    model = AugmentedClassifier(
        Partisan(method), gan=FarModel(), scoring="balanced_accuracy", random_state=0
    ).fit(X, y)
    assert model.source_ == model.report_.chosen == model.estimator_.method_ == method
    assert model.n_synthetic_ == (100 if method.startswith("GAN") else 0)
    table = model.report_.table
    assert table.loc[method, "gain"] == table["gain"].max()
    assert (model.gan_ is not None) == method.startswith("GAN")


def test_images_are_moved_where_that_is_chosen(monkeypatch):
    monkeypatch.setattr("ganaug.evaluation.methods.GATE_CHOICES", (NONE, MOVED_COPIES))
    digits = load_digits()
    rows = np.concatenate(
        [np.flatnonzero(digits.target == k)[: 60 if k % 2 else 12] for k in range(10)]
    )
    X, y = digits.images[rows], digits.target[rows]
    flat = FunctionTransformer(lambda X: X.reshape(len(X), -1))
    model = AugmentedClassifier(
        make_pipeline(flat, KNeighborsClassifier()),
        gan=ImageGAN(n_steps=0, augment="symbol"),
        scoring="balanced_accuracy",
        random_state=0,
    ).fit(X, y)
    assert model.source_ == "moved copies"
    assert model.n_synthetic_ == 5 * 48
    assert model.gan_ is None


def test_where_nothing_can_be_told_the_smallest_class_is_named(quick, monkeypatch):
    X, y = overlapping(60, 20)
    scores = pd.DataFrame({"chance": 0.5, "none": 0.7 + 0.001 * np.arange(6)})
    scores["GAN"] = scores["none"] + [0.2, -0.18, 0.2, -0.18, 0.2, -0.18]
    choice = choose(scores, gain_table(scores), "only 20 rows of 'churned'")
    assert choice.verdict == "cannot be told"
    assert "cannot be told with only 20 rows of 'churned'. The best was GAN" in choice.sentence
    told = []

    def note(scores, table, rows, usual):
        told.append(rows)
        return choose(scores, table, rows, usual)

    monkeypatch.setattr("ganaug.evaluation.selection.choose", note)
    AugmentedClassifier(gan=quick, random_state=0).fit(X, y)
    assert told == ["only 20 rows of 1"]


def test_a_report_prints_all_that_was_tried_and_why_one_was_chosen(quick):
    X, y = overlapping(60, 20)
    report = AugmentedClassifier(gan=quick, random_state=0).fit(X, y).report_
    text = str(report)
    assert all(name in text for name in report.table.index)
    heading = "score: average precision of each class against the others, averaged (scoring=None),"
    assert " ".join(text.split()).startswith(
        f"{heading} on {len(report.scores)} parts of the rows left out; gain over none: above low,"
    )
    decisions = report.measures["balanced_accuracy"].loc[[report.chosen, "none"], "score"]
    other = [f"{value:.3f} with {name}" for name, value in decisions.items()]
    end = f"Balanced accuracy on the rows left out: {', '.join(dict.fromkeys(other))}."
    assert " ".join(text.split()).endswith(f"{report.sentence} {end}")
    assert max(map(len, text.splitlines())) < 80
    assert repr(report).startswith("<Selection of ")
    few = AugmentedClassifier(gan=quick, random_state=0).fit(X[57:64], y[57:64]).report_
    assert str(few).startswith("Not judged, ")


def test_where_nothing_was_done_the_score_that_would_have_chosen_is_named():
    ranking = block_scores({"GAN": 0.0})
    decisions = block_scores({"GAN": 0.1})
    parts = {"scores": ranking, "n_fits": 1, "seconds": {}, "held_out_model": None}
    measures = {
        "average_precision": gain_table(ranking),
        "balanced_accuracy": gain_table(decisions),
    }
    nothing = Selection(NONE, "nothing helps", "Nothing.", gain_table(ranking), **parts)
    text = " ".join(str(replace(nothing, measures=measures)).split())
    mean = decisions.mean()
    assert text.endswith(
        f"Balanced accuracy on the rows left out: {mean['GAN']:.3f} with GAN, "
        f"{mean['none']:.3f} with none. scoring='balanced_accuracy' chooses by it."
    )


def test_blocks_of_one_class_say_nothing_of_chance():
    scores = block_scores({"GAN": 0.1})
    scores[CHANCE] = [*scores[CHANCE][:4], *[np.nan] * 6]
    assert chosen(scores).name == "GAN"
    scores.loc[2:, CHANCE] = np.nan
    assert "scores above chance cannot be told with" in chosen(scores).sentence


@pytest.mark.filterwarnings("ignore:The least populated class")
@pytest.mark.parametrize(("sizes", "n_blocks"), [([10, 2], 2), ([10, 1], 1), ([9, 8, 1], 3)])
def test_no_block_is_of_one_class(sizes, n_blocks):
    y = np.repeat(np.arange(len(sizes)), sizes)
    blocks = [*_blocks(np.arange(len(y)), y, 3, np.random.RandomState(0))]
    assert len(blocks) == n_blocks
    assert all(len(np.unique(y[block])) > 1 for block in blocks)


@pytest.mark.parametrize("scoring", ["roc_auc", "neg_log_loss"])
def test_scores_that_need_two_classes_judge_rare_ones(scoring):
    _, y = overlapping(50, 10)
    images = np.random.default_rng(0).random((60, 8, 8)) + y[:, None, None]
    flat = make_pipeline(FunctionTransformer(_flat), LogisticRegression())
    gan = ImageGAN(n_steps=1, random_state=0)
    model = AugmentedClassifier(flat, gan=gan, scoring=scoring, random_state=0).fit(images, y)
    # two folds of twelve rows, of which two are of the rare class
    assert len(model.report_.scores) == 4
    assert model.report_.scores[["none", "chance"]].notna().all(axis=None)


def _flat(images):
    return images.reshape(len(images), -1)
