"""Classifiers of aeon and sktime, whose sequences have their channels first."""

import numpy as np
import pytest

from ganaug import AugmentedClassifier, SequenceGAN, compare

pytestmark = pytest.mark.filterwarnings("ignore")


def nearest_of_aeon():
    module = pytest.importorskip("aeon.classification.distance_based")
    return module.KNeighborsTimeSeriesClassifier(distance="euclidean")


def nearest_of_sktime():
    module = pytest.importorskip("sktime.classification.distance_based")
    return module.KNeighborsTimeSeriesClassifier(distance="euclidean")


@pytest.fixture(scope="module")
def waves():
    """Waves (60, 2, 16) of two channels; 15 of them slower than the others."""
    y = np.repeat(["fast", "slow"], [45, 15])
    phases = np.random.default_rng(0).uniform(0, 6, size=(60, 1, 1))
    steps = np.arange(16) / np.where(y == "fast", 1, 2)[:, None, None]
    return np.concatenate([np.sin(steps + phases), np.cos(steps + phases)], axis=1), y


@pytest.mark.parametrize("make", [nearest_of_aeon, nearest_of_sktime])
@pytest.mark.parametrize("method", ["auto", "window warping", "GAN"])
def test_their_classifiers_learn_from_samples_that_lie_as_theirs_do(make, method, waves):
    X, y = waves
    model = AugmentedClassifier(
        make(),
        gan=SequenceGAN(n_steps=0, layout="channels_first"),
        method=method,
        scoring="balanced_accuracy",
        random_state=0,
    ).fit(X, y)
    assert model.score(X, y) > 0.9
    assert model.n_synthetic_ == (30 if method != "auto" or model.source_ != "none" else 0)


def test_they_are_compared(waves):
    X, y = waves
    table = compare(
        {"aeon": nearest_of_aeon(), "sktime": nearest_of_sktime()},
        X,
        y,
        gan=SequenceGAN(n_steps=0, layout="channels_first"),
        cv=2,
        gate=None,
        random_state=0,
    )
    means = table.set_index(["estimator", "method"])["mean"].unstack("estimator")
    assert (means.loc[["jitter", "time warping", "window warping", "GAN"], ["aeon"]] > 0.9).all(
        None
    )
    # sktime's weighs no classes, and so has no mean there
    both = means[["aeon", "sktime"]].dropna()
    assert np.allclose(both["aeon"], both["sktime"], atol=0.05)
    assert len(both) > 5
