"""Whatever fits and samples is a model: in every face, for every container of rows."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.frozen import FrozenEstimator
from sklearn.neighbors import KernelDensity
from sklearn.tree import DecisionTreeClassifier

from ganaug import (
    AugmentedClassifier,
    DiscriminatorFeatures,
    GANMixer,
    GANOverSampler,
    TableGAN,
    compare,
)
from ganaug.encoding.rows import join_rows, take_rows
from ganaug.resampling import clone_seeded, fit_classes


class KernelModel(BaseEstimator):
    """Kernel density of every class, for rows of any shape; seeded by the caller."""

    def __init__(self, bandwidth=0.5):
        self.bandwidth = bandwidth

    def fit(self, X, y):
        self.shape_ = np.shape(X)[1:]
        flat = np.asarray(X, dtype=float).reshape(len(y), -1)
        self.densities_ = {
            label: KernelDensity(bandwidth=self.bandwidth).fit(flat[np.asarray(y) == label])
            for label in np.unique(y).tolist()
        }
        return self

    def sample(self, counts, random_state=None):
        rows = [
            self.densities_[label].sample(n_rows, random_state=random_state)
            for label, n_rows in counts.items()
        ]
        X = np.concatenate(rows).reshape(-1, *self.shape_)
        return X, np.repeat(list(counts), list(counts.values()))


class UnseededModel(KernelModel):
    """Kernel densities whose ``sample`` takes counts and nothing else."""

    def sample(self, counts):
        return super().sample(counts)


def resampled(gan, X, y):
    sampler = GANOverSampler(gan, random_state=0)
    X_new, y_new = sampler.fit_resample(X, y)
    return sampler, np.asarray(X_new, dtype=float)[len(y) :], np.asarray(y_new)[len(y) :]


class Memory(BaseEstimator):
    """Classifier that remembers what it was fitted on."""

    def fit(self, X, y):
        self.X_, self.y_ = X, y
        return self

    def predict(self, X):
        return np.full(len(X), self.y_[0])


def classified(gan, X, y):
    classifier = AugmentedClassifier(Memory(), gan=gan, gate=None, random_state=0).fit(X, y)
    seen = classifier.estimator_
    return classifier, np.asarray(seen.X_, dtype=float)[len(y) :], np.asarray(seen.y_)[len(y) :]


def mixed(gan, X, y):
    mixer = GANMixer(gan, fraction=1.0, random_state=0)
    return mixer, np.asarray(mixer.fit_transform(X, y), dtype=float), np.asarray(y)


@pytest.fixture(params=[resampled, classified, mixed], ids=["sampler", "classifier", "mixer"])
def face(request):
    """Function of gan, X, y: the fitted face, its synthetic rows and their labels."""
    return request.param


@pytest.mark.parametrize("model", [KernelModel(), UnseededModel()], ids=["seeded", "unseeded"])
@pytest.mark.parametrize("columns", [None, ["a", "b", "c"]], ids=["array", "frame"])
def test_a_users_model_works_in_every_face(face, model, columns, blobs):
    X, y = blobs
    table = X if columns is None else pd.DataFrame(X, columns=columns)
    fitted, X_new, y_new = face(model, table, y)
    assert type(fitted.gan_) is type(model)
    assert set(fitted.gan_.densities_) <= {0, 1}
    assert len(X_new) == len(y_new) > 0
    assert ((X_new.mean(axis=1) > 5) == y_new).all()


def test_only_needed_classes_reach_a_users_model(blobs):
    _, X_new, y_new = resampled(KernelModel(), *blobs)
    assert set(y_new) == {1}
    assert len(X_new) == 20
    sampler = GANOverSampler(KernelModel())
    sampler.fit_resample(*blobs)
    assert list(sampler.gan_.densities_) == [1]


def test_a_frozen_model_is_not_trained_again(face, quick, blobs):
    X, y = blobs
    gan = FrozenEstimator(quick.fit(X, y))
    fitted, X_new, _ = face(gan, X + 1000, y)
    assert fitted.gan_.estimator is quick
    assert X_new.max() <= X.max()


def test_a_model_is_cloned_before_it_is_fitted(face, blobs):
    gan = TableGAN(n_steps=2)
    fitted, _, _ = face(gan, *blobs)
    assert not hasattr(gan, "classes_")
    assert gan.random_state is None
    assert fitted.gan_.n_steps_ == 2


def test_what_is_not_a_model_is_refused(face, blobs):
    with pytest.raises(ValueError, match="The 'gan' parameter of"):
        face(Memory(), *blobs)


@pytest.mark.parametrize("option", [{"n_steps": -1}, {"n_latent": 1}])
def test_a_bad_option_of_the_model_is_named(face, option, blobs):
    with pytest.raises(ValueError, match=f"The '{next(iter(option))}' parameter of TableGAN"):
        face(TableGAN(**{"n_steps": 1} | option), *blobs)


@pytest.mark.parametrize("augmented", [resampled, classified], ids=["sampler", "classifier"])
def test_samples_of_more_dimensions_than_images_need_a_model_for_them(augmented, blobs):
    _, y = blobs
    films = np.random.default_rng(0).normal(size=(60, 2, 2, 2, 2))
    films += 10.0 * y[:, None, None, None, None]
    _, made, labels = augmented(KernelModel(), films, y)
    assert made.shape == (20, 2, 2, 2, 2)
    assert (labels == 1).all()
    with pytest.raises(ValueError, match="5 dimensions.*Pass gan="):
        augmented(None, films, y)


@pytest.mark.parametrize(("seed", "kept"), [(None, False), (5, True)])
def test_a_model_without_seed_receives_one(seed, kept):
    rng = np.random.RandomState(0)
    first, second = (
        clone_seeded(TableGAN(random_state=seed), np.zeros((2, 2)), rng).random_state
        for _ in range(2)
    )
    assert isinstance(first, int)
    assert (first == seed) == kept
    assert (first == second) == kept


def test_a_model_that_takes_labels_sees_all_rows_and_another_one_only_its_own(quick, blobs):
    X, y = blobs
    assert fit_classes(quick, X, y, [1]).classes_.tolist() == [1]
    assert quick.sample({1: 200})[0].max() <= X.max()
    assert list(fit_classes(KernelModel(), X, y, [1]).densities_) == [1]


@pytest.mark.parametrize(
    "container", [np.asarray, sparse.csr_matrix, sparse.csc_matrix, pd.DataFrame]
)
def test_rows_are_taken_and_joined_in_their_container(container):
    rows = np.arange(12.0).reshape(4, 3)
    X = container(rows)
    taken = take_rows(X, np.array([2, 0]))
    joined = join_rows([X, taken])
    assert type(taken) is type(joined) is type(X)
    dense = joined.toarray() if sparse.issparse(joined) else np.asarray(joined)
    assert np.array_equal(dense, rows[[0, 1, 2, 3, 2, 0]])


def test_nothing_to_add_trains_nothing(blobs):
    X, y = blobs
    sampler = GANOverSampler(TableGAN(n_steps=2), sampling_strategy=dict(Counter(y.tolist())))
    with pytest.warns(UserWarning, match="adds no rows"):
        X_all, y_all = sampler.fit_resample(X, y)
    assert np.array_equal(X_all, X)
    assert np.array_equal(y_all, y)
    assert not hasattr(sampler.gan_, "classes_")


def test_a_frozen_models_columns_are_put_in_the_order_of_the_rows(face, quick):
    rng, y = np.random.default_rng(0), np.repeat([0, 1], [40, 20])
    frame = pd.DataFrame(rng.normal(size=(60, 3)) + [0, 100, 200], columns=["a", "b", "c"])
    _, rows, _ = face(FrozenEstimator(quick.fit(frame[["c", "a", "b"]], y)), frame, y)
    assert np.allclose(rows.mean(axis=0), [0, 100, 200], atol=5)


def test_a_frozen_model_of_other_rows_is_refused(face, quick, blobs):
    X, y = blobs
    frozen = FrozenEstimator(quick.fit(X[:, :2], y))
    with pytest.raises(ValueError, match=r"gan draws rows of the shape \(2,\); X has \(3,\)"):
        face(frozen, X, y)


@pytest.mark.parametrize("dtype", ["uint8", "int64"])
def test_a_users_model_neither_wraps_nor_truncates_integers(dtype):
    X = np.repeat([[0], [3]], [60, 30], axis=0).astype(dtype)
    y = np.repeat([0, 1], [60, 30])
    model = KernelModel(bandwidth=4.0)
    X_all, _ = GANOverSampler(model, random_state=0).fit_resample(X, y)
    drawn, _ = model.fit(X, y).sample({1: 5000}, random_state=0)
    assert X_all.dtype == dtype
    assert np.abs(X_all.astype(float)).max() < 30
    if dtype == "int64":
        assert X_all[90:].mean() == pytest.approx(drawn.mean(), abs=3)


@pytest.mark.parametrize(
    "use",
    [
        lambda gan, X, y: gan.fit(X, y).sample(5),
        lambda gan, X, y: GANOverSampler(gan).fit_resample(X, y),
        lambda gan, X, y: GANOverSampler(FrozenEstimator(gan.fit(X, y))).fit_resample(X, y),
        lambda gan, X, y: AugmentedClassifier(Memory(), gan=gan, gate=None).fit(X, y).predict(X),
        lambda gan, X, y: GANMixer(gan=gan).fit_transform(X, y),
        lambda gan, X, y: DiscriminatorFeatures(gan).fit_transform(X),
        lambda gan, X, y: compare(DecisionTreeClassifier(random_state=0), X, y, gan=gan, cv=2),
    ],
)
def test_without_a_seed_the_global_random_states_are_left_alone(use, blobs):
    numpy_before, torch_before = np.random.get_state()[1].copy(), torch.get_rng_state()
    use(TableGAN(n_steps=2), *blobs)
    assert np.array_equal(np.random.get_state()[1], numpy_before)
    assert torch.equal(torch.get_rng_state(), torch_before)


class Repeater(BaseEstimator):
    """Model whose samples are real rows, as an array whatever X was."""

    def fit(self, X, y):
        self._rows = {label: np.asarray(X)[y == label] for label in np.unique(y).tolist()}
        return self

    def sample(self, counts):
        parts = [np.resize(self._rows[label], (n, 6)) for label, n in counts.items()]
        return np.concatenate(parts), np.repeat(list(counts), list(counts.values()))


def test_arrays_of_a_users_model_become_frames_of_the_same_types(frame):
    X, y = frame
    colours = np.resize(["red", "blue", "green", "blue"], len(X))
    X = X.assign(
        colour=colours,
        floor=pd.Categorical(np.resize([10, 20, 30], len(X))),
        built=pd.Timestamp("2001-02-03") + pd.to_timedelta(X["rooms"], unit="D"),
    )
    y = y.to_numpy()
    X_new, _ = GANOverSampler(Repeater()).fit_resample(X, y)
    assert X_new.dtypes.equals(X.dtypes)
    assert X_new.iloc[60:].reset_index(drop=True).equals(X[y == 1].reset_index(drop=True))


class LazyModel(KernelModel):
    """Draws fewer rows than it is asked for, or says wrongly what it has drawn."""

    def __init__(self, change=None):
        super().__init__()
        self.change = change

    def sample(self, counts, random_state=None):
        return self.change(*super().sample(counts, random_state))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda X, y: (X[1:], y[1:]), "drew 19 samples of class 1; 20 were asked for"),
        (lambda X, y: (X, 1 - y), "drew 0 samples of class 1; 20"),
        (lambda X, y: (X[1:], y), "drew 19 samples and 20 labels; 20"),
        (lambda X, y: (np.vstack([X, X]), np.append(y, 1 - y)), "drew 40 samples and 40 labels"),
        (lambda X, y: X, r"must return samples and their labels, \(X, y\); it returned a ndarray"),
    ],
)
def test_models_that_draw_other_rows_than_they_should_are_named(blobs, change, message):
    X, y = blobs
    gan = LazyModel(change)
    for face in (GANOverSampler(gan), AugmentedClassifier(gan=gan, gate=None)):
        with pytest.raises(ValueError, match=f"LazyModel.sample {message}"):
            face.fit(X, y)
