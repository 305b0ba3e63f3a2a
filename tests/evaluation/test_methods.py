"""What may be done to a training set: the rows that each method adds, and where it applies."""

import math
import pickle
from functools import partial

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.datasets import load_digits
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import SVC, LinearSVC
from two_gaussians import GaussianModel, Log, overlapping

from ganaug import AugmentedClassifier, ImageGAN, SequenceGAN, TableGAN
from ganaug.evaluation.methods import (
    CLASS_WEIGHTS,
    COMPARED,
    COPIES,
    COPIES_QUARTER_WEIGHT,
    COPIES_WITH_NOISE,
    GAN,
    GAN_QUARTER_ROWS,
    GAN_QUARTER_WEIGHT,
    GATE_CHOICES,
    GATE_CHOICES_OF_SEQUENCES,
    JITTER,
    MAGNITUDE_WARPING,
    MOVED_COPIES,
    MOVED_THRESHOLDS,
    NONE,
    SCALING,
    SHUFFLED_COLUMNS,
    SMOTE_POINTS,
    SMOTE_WITH_NOISE,
    TIME_WARPING,
    WINDOW_WARPING,
    gate_choices,
)

ALL = list(dict.fromkeys([*COMPARED, *GATE_CHOICES]))
OF_SEQUENCES = [JITTER, SCALING, MAGNITUDE_WARPING, TIME_WARPING, WINDOW_WARPING]
OF_TABLES = [method for method in ALL if method not in (MOVED_COPIES, *OF_SEQUENCES)]


@pytest.fixture
def waves():
    """Sine waves (50, 20, 3) of three channels that lie apart; 10 of the class 1 are slower."""
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], [40, 10])
    phases = rng.uniform(0, 2 * np.pi, size=(50, 1, 1))
    steps = np.arange(20)[:, None] / np.where(y == 0, 2, 4)[:, None, None]
    return np.sin(steps + phases) * [1, 5, 50] + [0, 100, -1000], y


def names(methods):
    return [method.name for method in methods]


def applicable(estimator, X, n_smallest, model):
    return [
        method
        for method in ALL
        if method.takes_kind(X, model) and not method.obstacle(estimator, X, n_smallest)
    ]


def test_names_tell_methods_apart_and_all_are_described():
    assert len(set(names(ALL))) == len(ALL)
    assert all(method.description for method in ALL)


@pytest.mark.parametrize("method", OF_TABLES, ids=names(OF_TABLES))
def test_real_rows_come_first_and_as_many_are_added_as_are_asked_for(method):
    X, y = overlapping(60, 20)
    model = GaussianModel().fit(X, y)
    X_all, y_all = method.augment(X, y, {1: 41}, model, np.random.RandomState(0))
    n_added = {GAN_QUARTER_ROWS: 11}.get(method, 41 if method.add_rows else 0)
    assert np.array_equal(X_all[:80], X)
    assert y_all.tolist() == [*y, *[1] * n_added]
    assert len(X_all) == len(y_all)


@pytest.mark.parametrize("method", OF_TABLES, ids=names(OF_TABLES))
def test_the_same_seed_adds_the_same_rows(method):
    X, y = overlapping(60, 20)
    model = GaussianModel().fit(X, y)
    first, second = (
        method.augment(X, y, {1: 9}, model, np.random.RandomState(3))[0] for _ in range(2)
    )
    assert np.array_equal(first, second)


@pytest.mark.parametrize("as_frame", [False, True])
def test_shuffled_columns_take_each_value_from_the_class_and_break_what_goes_together(as_frame):
    X, y = np.repeat([np.arange(40.0)], 2, axis=0).T, np.repeat([0, 1], [30, 10])
    rows = pd.DataFrame(X, columns=["a", "b"]).astype({"b": "category"}) if as_frame else X
    drawn, y_all = SHUFFLED_COLUMNS.augment(rows, y, {1: 200}, None, np.random.RandomState(0))
    added = np.asarray(drawn, dtype=float)[40:]
    assert y_all[40:].tolist() == [1] * 200
    assert set(added.ravel()) == set(np.arange(30.0, 40.0))
    assert (added[:, 0] != added[:, 1]).mean() > 0.7
    if as_frame:
        assert drawn.dtypes.equals(rows.dtypes)


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_matrix, pd.DataFrame])
def test_copies_are_rows_of_the_class_in_the_type_of_the_real_ones(kind):
    X, y = np.arange(80.0).reshape(40, 2), np.repeat([0, 1], [30, 10])
    rows, _ = COPIES.augment(kind(X), y, {1: 25}, None, np.random.RandomState(0))
    assert type(rows) is type(kind(X))
    values = rows.toarray() if sparse.issparse(rows) else np.asarray(rows)
    assert set(map(tuple, values[40:])) <= set(map(tuple, X[30:]))


def test_moved_copies_are_images_near_those_of_the_class():
    digits = load_digits(n_class=2)
    X, y = digits.images[:40], digits.target[:40]
    model = ImageGAN(n_steps=0, augment="symbol")
    X_all, y_all = MOVED_COPIES.augment(X, y, {1: 30}, model, np.random.RandomState(0))
    assert X_all.shape == (70, 8, 8)
    added = X_all[40:].reshape(30, -1)

    def distances(label):
        real = X[y == label].reshape(-1, 64)
        return np.linalg.norm(added[:, None] - real, axis=2).min(axis=1)

    assert (distances(1) < distances(0)).mean() > 0.9
    assert distances(1).min() > 0


def test_a_row_of_quarter_weight_weighs_a_quarter_and_all_others_are_whole():
    weights = {method.weight for method in ALL if "weighted 1/4" in method.name}
    assert weights == {0.25}
    assert {method.weight for method in ALL if "weighted 1/4" not in method.name} == {1.0}


def test_methods_that_differ_by_weight_alone_add_the_same_rows():
    assert GAN.rows_key == GAN_QUARTER_WEIGHT.rows_key
    assert COPIES.rows_key == COPIES_QUARTER_WEIGHT.rows_key
    assert GAN.rows_key != GAN_QUARTER_ROWS.rows_key
    whole = [method for method in ALL if method.add_rows and method.weight == 1]
    assert len({method.rows_key for method in whole}) == len(whole)


def test_class_weights_are_set_on_a_copy():
    estimator = SVC()
    assert CLASS_WEIGHTS.prepare(estimator).class_weight == "balanced"
    assert estimator.class_weight is None
    assert NONE.prepare(estimator).class_weight is None


def test_classifiers_without_weights_get_fewer_rows_instead():
    X, _ = overlapping(60, 20)
    assert applicable(KNeighborsClassifier(), X, 20, TableGAN())[-2:] == [GAN, GAN_QUARTER_ROWS]
    assert applicable(SVC(), X, 20, TableGAN())[-2:] == [GAN, GAN_QUARTER_WEIGHT]


def test_simple_methods_take_tables_of_any_kind_but_sparse_ones():
    X, y = overlapping(60, 20)
    mixed = pd.DataFrame(X).assign(kind=pd.Categorical(y.astype(str)))
    gaps = np.where(X > 2, np.nan, X)
    of_any_table = [method for method in OF_TABLES if method is not GAN_QUARTER_ROWS]
    for rows in (mixed, gaps):
        assert applicable(LogisticRegression(), rows, 9, TableGAN()) == of_any_table
    dense = [SHUFFLED_COLUMNS, COPIES_WITH_NOISE, SMOTE_POINTS, SMOTE_WITH_NOISE]
    of_sparse = [method for method in of_any_table if method not in dense]
    found = applicable(LogisticRegression(), sparse.csr_matrix(X), 9, TableGAN())
    assert found == of_sparse


@pytest.mark.parametrize(
    ("method", "estimator", "n_smallest", "words"),
    [
        (CLASS_WEIGHTS, KNeighborsClassifier(), 9, "KNeighborsClassifier weighs no classes"),
        (COPIES_QUARTER_WEIGHT, KNeighborsClassifier(), 9, "takes no weights of rows"),
        (MOVED_THRESHOLDS, LinearSVC(), 9, "LinearSVC has no predict_proba"),
        (SMOTE_WITH_NOISE, SVC(), 1, "one row, without neighbours"),
    ],
)
def test_a_method_that_cannot_be_used_says_why(method, estimator, n_smallest, words):
    X, _ = overlapping(60, 20)
    assert words in method.obstacle(estimator, X, n_smallest)
    assert not method.obstacle(LogisticRegression(), X, 9)


@pytest.mark.parametrize("n_smallest", [1, 2, 3])
def test_smote_needs_two_rows_of_a_class(n_smallest):
    X, _ = overlapping(60, 20)
    found = applicable(SVC(), X, n_smallest, TableGAN())
    assert COPIES_WITH_NOISE in found
    for method in (SMOTE_POINTS, SMOTE_WITH_NOISE):
        assert (method in found) == (n_smallest > 1)
    if n_smallest > 1:
        y = np.repeat([0, 1], [80 - n_smallest, n_smallest])
        rows, _ = SMOTE_POINTS.augment(X, y, {1: 5}, None, np.random.RandomState(0))
        assert len(rows) == 85


@pytest.mark.parametrize("wrap", [lambda model: model, FrozenEstimator])
def test_images_are_moved_and_tables_shuffled(wrap):
    digits = load_digits(n_class=2)
    X, y = digits.images[:40], digits.target[:40]
    of_images = applicable(SVC(), X, 9, wrap(ImageGAN(n_steps=0).fit(X, y)))
    assert MOVED_COPIES in of_images
    assert SHUFFLED_COLUMNS not in of_images
    table = X.reshape(40, -1)
    of_tables = applicable(SVC(), table, 9, wrap(TableGAN(n_steps=0).fit(table, y)))
    assert MOVED_COPIES not in of_tables
    assert SHUFFLED_COLUMNS in of_tables


@pytest.mark.parametrize("method", OF_SEQUENCES, ids=names(OF_SEQUENCES))
def test_moved_sequences_come_after_the_real_ones_and_lie_as_these_do(method, waves):
    X, y = waves
    kinds = {
        "channels_last": X,
        "channels_first": X.swapaxes(1, 2),
    }
    added = {}
    for layout, rows in kinds.items():
        for flat in (False, True):
            model = SequenceGAN(layout=layout, sequence_shape=rows.shape[1:] if flat else None)
            given = rows.reshape(50, -1) if flat else rows
            X_all, y_all = method.augment(given, y, {1: 30}, model, np.random.RandomState(0))
            assert np.array_equal(X_all[:50], given)
            assert y_all.tolist() == [*y, *[1] * 30]
            moved = X_all[50:].reshape(30, *rows.shape[1:])
            added[layout, flat] = moved if layout == "channels_last" else moved.swapaxes(1, 2)
    first = added["channels_last", False]
    assert all(np.allclose(first, other) for other in added.values())


@pytest.mark.parametrize("method", OF_SEQUENCES, ids=names(OF_SEQUENCES))
def test_moved_sequences_do_not_depend_on_units(method, waves):
    X, y = waves
    factors = np.array([3.0, 1e-3, 7.0])
    offsets = np.array([-5.0, 1.0, 0.0])
    plain, other = (
        method.augment(rows, y, {1: 30}, SequenceGAN(), np.random.RandomState(0))[0][50:]
        for rows in (X, X * factors + offsets)
    )
    assert np.allclose(plain * factors + offsets, other)
    assert not np.allclose(plain, plain[:1])


@pytest.mark.parametrize("method", OF_SEQUENCES, ids=names(OF_SEQUENCES))
def test_moved_sequences_keep_their_class_constants_and_dtype(method, waves):
    X, y = waves
    X[..., 1] = 7
    whole = (10 * X).round().astype(np.int16)
    added = method.augment(whole, y, {1: 30}, SequenceGAN(), np.random.RandomState(0))[0][50:]
    assert added.dtype == np.int16
    assert (added[..., 0].max(axis=1) <= 25).all()
    assert method in (JITTER,) or (added[..., 1] == 70).all()

    def distances(label):
        return np.abs(added[:, None] - whole[y == label]).mean(axis=(2, 3)).min(axis=1)

    assert (distances(1) < distances(0)).mean() > 0.9


def test_one_channel_may_come_as_rows():
    X = np.random.default_rng(0).normal(size=(12, 20)).cumsum(axis=1)
    y = np.repeat([0, 1], [8, 4])
    rows, flipped, deep = (
        WINDOW_WARPING.augment(given, y, {1: 4}, model, np.random.RandomState(0))[0][12:]
        for given, model in (
            (X, SequenceGAN()),
            (X, SequenceGAN(layout="channels_first")),
            (X[..., None], SequenceGAN()),
        )
    )
    assert np.array_equal(rows, flipped)
    assert np.array_equal(rows, deep[..., 0])


def test_a_classifier_with_channels_first_gets_noise_of_each_channels_own_size(waves):
    X, y = waves
    seen = Log()
    classifier = make_pipeline(FunctionTransformer(partial(_flat, seen)), KNeighborsClassifier())
    model = SequenceGAN(layout="channels_first")
    AugmentedClassifier(classifier, gan=model, method="jitter", random_state=0).fit(
        X.swapaxes(1, 2), y
    )
    added = seen[0][50:].swapaxes(1, 2)
    assert added.shape == (30, 20, 3)
    real = X[y == 1]
    nearest = np.abs(added[:, None] - real).sum(axis=(2, 3)).argmin(axis=1)
    noise = (added - real[nearest]).std(axis=(0, 1))
    assert noise == pytest.approx(0.03 * X.std(axis=(0, 1)), rel=0.1)


def _flat(seen, X):
    """Rows of sequences, which are remembered."""
    seen.append(X)
    return X.reshape(len(X), -1)


def test_a_channel_of_gaps_alone_stays_one(waves):
    X, y = waves
    X[..., 2] = np.nan
    added = SCALING.augment(X, y, {1: 5}, SequenceGAN(), np.random.RandomState(0))[0][50:]
    assert np.isnan(added[..., 2]).all()
    assert not np.isnan(added[..., :2]).any()


def test_what_is_of_sequences_is_for_models_of_them(waves):
    X, _ = waves
    flat = X.reshape(50, -1)
    for model in (SequenceGAN(), FrozenEstimator(SequenceGAN())):
        for rows in (X, flat):
            found = applicable(SVC(), rows, 9, model)
            assert set(OF_SEQUENCES) <= set(found)
            assert not {SHUFFLED_COLUMNS, COPIES_WITH_NOISE, SMOTE_WITH_NOISE} & set(found)
            assert {COPIES, SMOTE_POINTS, GAN} <= set(found)
            assert gate_choices(rows, model) == list(GATE_CHOICES_OF_SEQUENCES)
    for model in (TableGAN(), ImageGAN(), None):
        assert not set(OF_SEQUENCES) & set(applicable(SVC(), flat, 9, model))


def test_methods_can_be_pickled():
    for method in ALL:
        copy = pickle.loads(pickle.dumps(method))
        assert (copy.name, copy.share, copy.weight) == (method.name, method.share, method.weight)


def test_shares_are_rounded_up():
    X, y = overlapping(60, 20)
    model = GaussianModel().fit(X, y)
    for n in (1, 4, 5):
        rows, _ = GAN_QUARTER_ROWS.augment(X, y, {0: n, 1: n}, model, np.random.RandomState(0))
        assert len(rows) == 80 + 2 * math.ceil(n / 4)
