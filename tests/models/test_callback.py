"""Trainings can be watched, and ended, by a function of the user."""

import threading

import numpy as np
import pytest
from joblib import parallel_config
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.tree import DecisionTreeClassifier

from ganaug import (
    AugmentedClassifier,
    ClassTranslator,
    GANOverSampler,
    ImageGAN,
    PairedTranslator,
    SuperResolver,
    TableGAN,
    compare,
    load,
)
from ganaug.training.step import HISTORY_KEYS

DIGITS = load_digits(n_class=2)
IMAGES = DIGITS.images[:24]
KINDS = DIGITS.target[:24]
LARGE = IMAGES.repeat(2, axis=1).repeat(2, axis=2)
TINY = {"n_steps": 12, "random_state": 0}


class Log:
    """Callback that holds what no copy can, a lock, and all that it was told."""

    def __init__(self, ends_at=None):
        self.seen = []
        self._lock = threading.Lock()
        self._ends_at = ends_at

    def __call__(self, status):
        with self._lock:
            self.seen.append(status)
        return status.step == self._ends_at


@pytest.fixture
def rows():
    """Rows of three classes: of two sizes that share a game, and of one that needs another."""
    y = np.repeat([0, 1, 2], [20, 30, 310])
    return np.random.default_rng(0).normal(size=(360, 3)) + y[:, None], y


def drawn(model):
    return model.sample(30, random_state=0)[0]


def test_a_callback_is_told_means_of_the_steps_since_it_was_last_called(blobs):
    log = Log()
    gan = TableGAN(**TINY, callback=log).fit(*blobs)
    # the host looks at every fifth step
    assert [status.step for status in log.seen] == [5, 10, 12]
    before = 0
    for status in log.seen:
        assert (status.n_steps, status.labels) == (12, (0, 1))
        assert (status.stage, status.attempt) == ("anchored GAN", 1)
        for name in HISTORY_KEYS:
            means = {
                label: float(gan.history_[label][name][before : status.step].mean())
                for label in (0, 1)
            }
            assert getattr(status, name) == pytest.approx(means, rel=1e-5)
            assert status.metrics[f"{name}/1"] == getattr(status, name)[1]
        assert status.validation_metric == {}
        assert status.seconds_left >= 0
        before = status.step
    assert log.seen[-1].seconds_left == 0


def test_ratings_of_images_are_told_once_they_are_there():
    log = Log()
    ImageGAN(n_steps=20, capacity=0.3, random_state=0, callback=log).fit(IMAGES, KINDS)
    rated = [sorted(status.validation_metric) for status in log.seen]
    assert rated == [[], [0, 1], [0, 1], [0, 1]]
    assert [status.step for status in log.seen] == [5, 10, 15, 20]


MODELS = {
    "table": (TableGAN(**TINY), (DIGITS.data[:40, 18:22], DIGITS.target[:40])),
    "images": (ImageGAN(**TINY, capacity=0.3), (IMAGES, KINDS)),
    "pooled": (ImageGAN(**TINY, capacity=0.3, sharing="pooled"), (IMAGES, KINDS)),
    "translator": (ClassTranslator(**TINY, capacity=0.3, guard=0), (IMAGES, KINDS)),
    "pairs": (PairedTranslator(**TINY, capacity=0.3), (IMAGES > 8, IMAGES, KINDS)),
    "upscaler": (SuperResolver(**TINY), (LARGE,)),
}


@pytest.mark.parametrize("name", MODELS)
def test_every_model_is_watched_and_comes_out_bit_by_bit_as_unwatched(name):
    model, data = MODELS[name]
    log = Log()
    watched = clone(model).set_params(callback=log).fit(*data)
    steps = [(status.stage, status.step) for status in log.seen]
    assert steps[-1][1] == 12
    assert (steps[0] == ("pooled start", 5)) == (name == "pooled")
    plain = clone(model).fit(*data)
    if name == "upscaler":
        assert np.array_equal(watched.transform(IMAGES), plain.transform(IMAGES))
    else:
        assert np.array_equal(drawn(watched), drawn(plain))


def test_the_upscaler_of_a_cascade_has_a_callback_of_its_own():
    of_upscaler = Log()
    log = Log()
    upscaler = SuperResolver(n_steps=5, callback=of_upscaler)
    ImageGAN(**TINY, capacity=0.3, upscaler=upscaler, callback=log).fit(LARGE, KINDS)
    assert [status.step for status in of_upscaler.seen] == [5]
    assert {status.n_steps for status in log.seen} == {12}


def test_true_ends_the_training_of_these_classes_and_others_go_on(rows):
    log = Log(ends_at=5)
    gan = TableGAN(**TINY, callback=lambda status: log(status) and len(status.labels) == 2)
    gan.fit(*rows)
    n_steps = {label: len(history["fool_rate"]) for label, history in gan.history_.items()}
    assert n_steps == {0: 5, 1: 5, 2: 12}
    assert gan.n_steps_ == 12
    assert len(drawn(gan)) == 30


@pytest.mark.parametrize("returned", [1, "text", [True]])
def test_nothing_but_true_ends_a_training(blobs, returned):
    gan = TableGAN(**TINY, callback=lambda status: returned).fit(*blobs)
    assert gan.n_steps_ == 12


def test_what_was_stopped_before_it_is_of_use_is_not_repeated_but_left_to_a_fallback():
    log = Log(ends_at=5)
    gan = ImageGAN(n_steps=100, random_state=0, learning_rate=30.0, callback=log)
    with pytest.warns(ConvergenceWarning, match="stopped by its callback, and .* Stop it later"):
        gan.fit(IMAGES, KINDS)
    assert len(log.seen) == 1
    assert set(gan.tiers_.values()) == {"moved copies"}


@pytest.mark.parametrize("error", [RuntimeError("pruned"), KeyboardInterrupt()])
def test_what_a_callback_raises_ends_the_fit(blobs, error):
    def raise_at_once(status):
        raise error

    gan = TableGAN(**TINY, callback=raise_at_once)
    with pytest.raises(type(error)):
        gan.fit(*blobs)
    if isinstance(error, KeyboardInterrupt):
        # as where the user presses ctrl-C
        assert gan.n_steps_ == 5
        return
    with pytest.raises(NotFittedError):
        drawn(gan)
    before = drawn(gan.set_params(callback=None).fit(*blobs))
    with pytest.raises(RuntimeError, match="pruned"):
        gan.set_params(callback=raise_at_once, n_steps=20).fit(*blobs)
    assert np.array_equal(drawn(gan), before)


def test_a_callback_is_neither_copied_nor_kept_in_files(blobs, tmp_path):
    log = Log()
    gan = TableGAN(n_steps=5, callback=log, random_state=0)
    assert clone(gan).callback is log
    gan.fit(*blobs).save(tmp_path / "gan.h5")
    again = load(tmp_path / "gan.h5")
    assert again.callback is None
    assert np.array_equal(drawn(again), drawn(gan))
    again.fit(*blobs)


def test_faces_train_their_models_under_the_eyes_of_the_callback(blobs):
    log = Log()
    GANOverSampler(TableGAN(**TINY, callback=log), random_state=0).fit_resample(*blobs)
    assert [status.step for status in log.seen] == [5, 10, 12]
    assert log.seen[0].labels == (1,)


def test_models_that_are_tried_on_parts_of_the_rows_are_not_watched(blobs):
    log = Log()
    gan = TableGAN(**TINY, callback=log)
    tree = DecisionTreeClassifier(random_state=0)
    compare(tree, *blobs, gan=gan, cv=2, gate=None, random_state=0)
    assert log.seen == []
    model = AugmentedClassifier(tree, gan=gan, gate="fast", random_state=0).fit(*blobs)
    assert len(log.seen) == (3 if model.gan_ is not None else 0)


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_jobs_report_in_the_process_of_the_fit_what_they_would_have_told_at_once(rows, backend):
    log = Log()
    TableGAN(**TINY, callback=log).fit(*rows)
    beside = Log()
    with parallel_config(backend, n_jobs=2):
        TableGAN(**TINY, callback=beside).fit(*rows)
    assert [status.metrics for status in beside.seen] == [status.metrics for status in log.seen]
    assert [status.step for status in log.seen] == [5, 10, 12] * 2


def test_a_training_that_was_stopped_goes_on_from_its_checkpoint(rows, tmp_path):
    gan = TableGAN(**TINY)
    whole = drawn(clone(gan).fit(*rows))
    stopped = clone(gan).set_params(callback=Log(ends_at=5))
    assert stopped.fit(*rows, checkpoint=tmp_path / "run.h5").n_steps_ == 5
    log = Log()
    gan.set_params(callback=log).fit(*rows, checkpoint=tmp_path / "run.h5")
    assert np.array_equal(drawn(gan), whole)
    assert [status.step for status in log.seen] == [10, 12] * 2
