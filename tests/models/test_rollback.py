"""A fit that fails or is interrupted leaves an estimator as it was."""

import copy
import pickle
from functools import cache

import h5py
import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, clone
from sklearn.exceptions import NotFittedError
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.validation import check_is_fitted
from torch import tensor
from torch.utils.data import Dataset, TensorDataset

from ganaug import (
    AugmentedClassifier,
    ClassTranslator,
    DiscriminatorFeatures,
    GANMixer,
    GANOverSampler,
    ImageGAN,
    PairedTranslator,
    SuperResolver,
    TableGAN,
)
from ganaug.trainers.checkpoint import Checkpoint

# More than there are before a state could be written.
N_STEPS = 6


class Ending(Checkpoint):
    """A checkpoint that ends training where the first state of a game could be written."""

    def __init__(self, error):
        super().__init__(None)
        self._error = error

    def save(self, name, game):
        raise self._error


class InterruptedGAN(TableGAN):
    """A model whose training is interrupted."""

    def fit(self, X, y=None, labels=None):
        return super().fit(X, y, labels, Ending(KeyboardInterrupt()))


class Resampler(BaseEstimator):
    """A model of rows that repeats one, or fails where it is told to."""

    def __init__(self, fails=None):
        self.fails = fails

    def fit(self, X, y=None):
        if self.fails == "fit":
            raise MemoryError
        self.row_ = np.asarray(X)[:1]
        return self

    def sample(self, counts):
        if self.fails == "sample":
            raise KeyboardInterrupt
        y = np.repeat(list(counts), list(counts.values()))
        return np.repeat(self.row_, len(y), axis=0), y


def raising(error, at):
    """Give the caller's first argument back, or the mapping of its arguments; raise at a call."""
    n_calls = 0

    def transform(*image, **pair):
        nonlocal n_calls
        n_calls += 1
        if n_calls == at:
            raise error
        return image[0] if image else pair

    return transform


def condition(error, at):
    """Accept all rows; raise at a call."""
    count = raising(error, at)
    return lambda rows: np.ones(count(len(rows)), dtype=bool)


def table(seed):
    """Rows of two classes; of another range for another seed."""
    rng = np.random.default_rng(seed)
    y = np.repeat([0, 1], [20, 12])
    return rng.normal(size=(32, 3)) + 1000 * seed + 10 * y[:, None], y


def images(seed):
    """Images of two classes; of another size for another seed."""
    rng, side = np.random.default_rng(seed), 8 + 4 * seed
    y = np.repeat([0, 1], [14, 11])
    return rng.random((25, side, side)) / 2 + y[:, None, None] / 2, y


def fit_images(model, X, y, **options):
    """Fit a model of images, one of pairs too."""
    if isinstance(model, PairedTranslator):
        return model.fit(X > 0.5, X, y, **options)
    return model.fit(X, y, **options)


MODELS = {
    "TableGAN": (TableGAN(n_steps=N_STEPS, random_state=0), table, fit_images),
    "ImageGAN": (ImageGAN(n_steps=N_STEPS, random_state=0), images, fit_images),
    "pooled start": (
        ImageGAN(n_steps=N_STEPS, sharing="pooled", random_state=0),
        images,
        fit_images,
    ),
    "cascade": (
        ImageGAN(n_steps=N_STEPS, upscaler=SuperResolver(n_steps=N_STEPS), random_state=0),
        lambda seed: images(2 + seed),
        fit_images,
    ),
    "ClassTranslator": (
        ClassTranslator(n_steps=N_STEPS, guard=0, random_state=0),
        images,
        fit_images,
    ),
    "PairedTranslator": (PairedTranslator(n_steps=N_STEPS, random_state=0), images, fit_images),
}


@cache
def fitted(kind):
    """A model that is fitted once for all tests, which copy it."""
    model, data, fit = MODELS[kind]
    return fit(clone(model), *data(0))


class Case:
    """A model to fit well or badly, and data for it."""

    def __init__(self, kind):
        model, self.data, self._fit = MODELS[kind]
        self.model = clone(model)
        self._kind = kind

    def fit(self, X, y, **options):
        return self._fit(self.model, X, y, **options)

    def fit_well(self):
        """Fit to the first data, as a model that was fitted so before."""
        vars(self.model).update(vars(copy.deepcopy(fitted(self._kind))))


@pytest.fixture(params=list(MODELS))
def case(request):
    """A model of each kind, and its data."""
    return Case(request.param)


def state(estimator):
    """What an estimator holds beside its parameters: the objects, and what is in them."""
    own = {name: one for name, one in vars(estimator).items() if name not in estimator.get_params()}
    return {name: id(one) for name, one in vars(estimator).items()}, pickle.dumps(own)


def check_unchanged(estimator, fit, error, match=None):
    """Have a fit fail; nothing of the estimator is another one after it."""
    if hasattr(estimator, "sample"):
        twin = copy.deepcopy(estimator)
    before = state(estimator)
    with pytest.raises(error, match=match):
        fit()
    assert state(estimator) == before
    if hasattr(estimator, "sample"):
        for found, wanted in zip(estimator.sample(5), twin.sample(5), strict=True):
            assert np.array_equal(found, wanted)


def check_unfitted(estimator, fit, error, match=None):
    """Have a first fit fail; the estimator is as it was made."""
    with pytest.raises(error, match=match):
        fit()
    assert set(vars(estimator)) == set(vars(clone(estimator)))
    with pytest.raises(NotFittedError):
        check_is_fitted(estimator)


def check_both(estimator, fit_well, fit, error, match=None):
    """Have a first fit fail, and then one of a fitted estimator."""
    check_unfitted(estimator, fit, error, match)
    fit_well()
    check_unchanged(estimator, fit, error, match)


def bad(X):
    X = X.copy()
    X[3].flat[1] = np.inf
    return X


def test_data_that_are_refused(case):
    X, y = case.data(1)
    check_both(case.model, case.fit_well, lambda: case.fit(bad(X), y), ValueError)


def test_labels_that_are_unknown(case):
    def fit():
        case.fit(*case.data(1), labels=[99])

    check_both(case.model, case.fit_well, fit, ValueError, "labels must name")


def test_the_checkpoint_of_another_fit(case, tmp_path):
    path = tmp_path / "run.h5"
    case.model.set_params(n_steps=0)
    case.fit(*case.data(0), checkpoint=path)
    case.model = clone(case.model).set_params(n_steps=N_STEPS)

    def fit():
        case.fit(*case.data(1), checkpoint=path)

    check_both(case.model, case.fit_well, fit, ValueError, "checkpoint of another fit")


@pytest.mark.medium
def test_too_little_memory_amid_training(case):
    def fit():
        case.fit(*case.data(1), checkpoint=Ending(MemoryError()))

    check_both(case.model, case.fit_well, fit, MemoryError)


def test_an_interrupted_training_leaves_the_older_model(case):
    case.fit_well()
    interrupted = Ending(KeyboardInterrupt())
    check_unchanged(
        case.model, lambda: case.fit(*case.data(1), checkpoint=interrupted), KeyboardInterrupt
    )


def test_a_first_training_that_is_interrupted_leaves_what_was_trained(case):
    with pytest.raises(KeyboardInterrupt):
        case.fit(*case.data(0), checkpoint=Ending(KeyboardInterrupt()))
    assert case.model.n_steps_ < N_STEPS
    X_new, y_new = case.model.sample({0: 2, 1: 3})
    assert X_new.shape == (5, *case.data(0)[0].shape[1:])
    # and it is a fitted one then
    check_unchanged(case.model, lambda: case.fit(*case.data(1), labels=[99]), ValueError)


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
@pytest.mark.parametrize("at", [1, 7])
@pytest.mark.parametrize("kind", ["ImageGAN", "pooled start", "cascade", "PairedTranslator"])
def test_a_transform_that_raises(kind, at, error):
    case = Case(kind)

    def fit_raising():
        # set on the model itself, as a copy would count anew
        case.model.real_transform = raising(error(), at)
        try:
            case.fit(*case.data(1))
        finally:
            case.model.real_transform = None

    check_both(case.model, case.fit_well, fit_raising, error)


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_a_condition_that_raises(error):
    gan = TableGAN(n_steps=3, random_state=0)

    def fit_raising():
        gan.conditions = condition(error(), 1)
        try:
            gan.fit(*table(1))
        finally:
            gan.conditions = None

    check_both(gan, lambda: gan.fit(*table(0)), fit_raising, error)


class Failing(Dataset):
    """A data set that raises where a sample is asked for."""

    def __init__(self, X, y, error, at):
        self.X, self.targets, self._error, self._at = X, y, error, at

    def __len__(self):
        return len(self.X)

    def __getitem__(self, index):
        if index == self._at:
            raise self._error
        return self.X[index], self.targets[index]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), MemoryError(), OSError()])
@pytest.mark.parametrize("kind", ["TableGAN", "ImageGAN"])
def test_a_data_set_that_raises(kind, error):
    case = Case(kind)
    data = Failing(*case.data(1), error, at=7)
    check_both(case.model, case.fit_well, lambda: case.model.fit_dataset(data), type(error))


@pytest.mark.parametrize("kind", ["TableGAN", "ImageGAN"])
def test_a_data_set_of_a_continuous_target(kind):
    case = Case(kind)
    X, y = case.data(1)
    continuous = TensorDataset(tensor(X), tensor(y + 0.5 * np.arange(len(y))))
    check_both(case.model, case.fit_well, lambda: case.model.fit_dataset(continuous), ValueError)


def test_an_interruption_of_a_fit_to_some_rows_counts_all():
    X, y = table(0)
    data = TensorDataset(tensor(X), tensor(y))
    gan = TableGAN(n_steps=N_STEPS, random_state=0)
    with pytest.raises(KeyboardInterrupt):
        gan.fit_dataset(data, max_samples=20, checkpoint=Ending(KeyboardInterrupt()))
    assert gan.class_counts_ == {0: 20, 1: 12}
    check_unchanged(
        gan,
        lambda: gan.fit_dataset(data, max_samples=25, checkpoint=Ending(KeyboardInterrupt())),
        KeyboardInterrupt,
    )


@pytest.mark.parametrize("options", [{"max_rows": 1}, {"labels": [99]}, {"target": "nothing"}])
def test_files_of_rows(tmp_path, options):
    X, y = table(1)
    pd.DataFrame(X).assign(kind=y).to_csv(tmp_path / "table.csv", index=False)
    gan = TableGAN(n_steps=3, random_state=0)
    options = {"target": "kind", **options}
    check_both(
        gan,
        lambda: gan.fit(*table(0)),
        lambda: gan.fit_file(tmp_path / "table.csv", **options),
        ValueError,
    )


@pytest.mark.parametrize("kind", ["ImageGAN", "ClassTranslator"])
@pytest.mark.parametrize("options", [{"max_samples": 1}, {"labels": [99]}, {"target": "nothing"}])
def test_files_of_images(tmp_path, kind, options):
    with h5py.File(tmp_path / "images.h5", "w") as file:
        file["X"], file["y"] = images(1)
    case = Case(kind)
    check_both(
        case.model,
        case.fit_well,
        lambda: case.model.fit_file(tmp_path / "images.h5", **options),
        ValueError,
    )


class Array:
    """What raises when it is made an array."""

    def __init__(self, error):
        self._error = error

    def __array__(self, dtype=None, copy=None):
        raise self._error


@pytest.mark.parametrize("small", [np.zeros((2, 4, 4)), Array(MemoryError())])
def test_small_images_that_cannot_be_used(small):
    resolver = SuperResolver(n_steps=2, random_state=0)
    error = ValueError if isinstance(small, np.ndarray) else MemoryError
    check_both(
        resolver,
        lambda: resolver.fit(images(0)[0]),
        lambda: resolver.fit(images(1)[0], small=small),
        error,
    )


def test_an_interrupted_resolver_is_the_older_one(interrupt_at_step):
    resolver = SuperResolver(n_steps=2, random_state=0).fit(images(0)[0])
    resolver.set_params(n_steps=10**6)
    interrupt_at_step(10)
    check_unchanged(resolver, lambda: resolver.fit(images(1)[0]), KeyboardInterrupt)


def test_a_stream_that_is_given_goes_back_too():
    stream = np.random.RandomState(0)
    gan = TableGAN(n_steps=3, random_state=stream)
    before = pickle.dumps(stream)
    with pytest.raises(MemoryError):
        gan.fit(*table(0), checkpoint=Ending(MemoryError()))
    assert gan.random_state is stream
    assert pickle.dumps(stream) == before


@pytest.mark.parametrize("face", [GANOverSampler, GANMixer, AugmentedClassifier])
@pytest.mark.parametrize("fails", ["fit", "sample"])
def test_faces_of_models_that_fail(face, fails):
    estimator = face(gan=Resampler(), random_state=0)
    if face is AugmentedClassifier:
        estimator.set_params(gate=None)
    fit = getattr(estimator, "fit_transform" if face is GANMixer else "fit")

    def fit_failing():
        estimator.gan.fails = fails
        try:
            fit(*table(1))
        finally:
            estimator.gan.fails = None

    check_both(
        estimator,
        lambda: fit(*table(0)),
        fit_failing,
        MemoryError if fails == "fit" else KeyboardInterrupt,
    )


@pytest.mark.parametrize(
    "estimator",
    [
        GANOverSampler(random_state=0),
        GANMixer(random_state=0),
        DiscriminatorFeatures(random_state=0),
        AugmentedClassifier(gate=None, random_state=0),
    ],
    ids=str,
)
def test_faces_of_models_that_are_interrupted_and_of_bad_rows(estimator):
    estimator = clone(estimator).set_params(gan=TableGAN(n_steps=N_STEPS))

    def fit_interrupted():
        well, estimator.gan = estimator.gan, InterruptedGAN(n_steps=N_STEPS)
        try:
            estimator.fit(*table(1))
        finally:
            estimator.gan = well

    X, y = table(1)
    X = X[:, :2].copy()
    check_both(estimator, lambda: estimator.fit(*table(0)), fit_interrupted, KeyboardInterrupt)
    X[0] = np.inf
    check_unchanged(estimator, lambda: estimator.fit(X, y), ValueError)


def test_a_gate_that_is_interrupted():
    estimator = AugmentedClassifier(gan=TableGAN(n_steps=2), random_state=0)

    def fit_interrupted():
        # the third part that a model is trained on
        estimator.set_params(gan__conditions=condition(KeyboardInterrupt(), 3))
        try:
            estimator.fit(*table(1))
        finally:
            estimator.set_params(gan__conditions=None)

    check_both(estimator, lambda: estimator.fit(*table(0)), fit_interrupted, KeyboardInterrupt)


@pytest.mark.parametrize("gate", [None, "fast"])
def test_a_classifier_that_refuses_its_rows(gate):
    tree = DecisionTreeClassifier(random_state=0)
    estimator = AugmentedClassifier(tree, gan=TableGAN(n_steps=2), gate=gate, random_state=0)

    def fit_refused():
        estimator.set_params(estimator__max_depth=-1)
        try:
            estimator.fit(*table(1))
        finally:
            estimator.set_params(estimator__max_depth=None)

    check_both(estimator, lambda: estimator.fit(*table(0)), fit_refused, ValueError, "max_depth")


def test_features_of_a_model_without_discriminators():
    features = DiscriminatorFeatures(TableGAN(n_steps=2), random_state=0)

    def fit_refused():
        features.gan.n_steps = 0
        try:
            features.fit(table(1)[0][:, :2])
        finally:
            features.gan.n_steps = 2

    check_both(features, lambda: features.fit(*table(0)), fit_refused, ValueError, "no discrim")
