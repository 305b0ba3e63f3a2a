"""Feature spaces: fixed networks, and classifiers that leave out what they are asked about."""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.neighbors import KNeighborsClassifier

from ganaug.metrics.features import blurred_pixels, random_cnn_features, shrink
from ganaug.metrics.out_of_fold import OutOfFoldClassifier


@pytest.fixture(scope="module")
def digits():
    """Images of 8 x 8 pixels of all digits, in random order, and their labels."""
    X, y = load_digits(return_X_y=True)
    chosen = np.random.default_rng(0).permutation(len(y))[:600]
    return X[chosen].reshape(-1, 1, 8, 8) / 8 - 1, y[chosen]


@pytest.mark.parametrize("features", [random_cnn_features, blurred_pixels])
def test_features_tell_digits_apart_without_having_seen_any(digits, features):
    X, y = digits
    rows = features(X)
    assert KNeighborsClassifier(1).fit(rows[:300], y[:300]).score(rows[300:], y[300:]) > 0.85


@pytest.mark.parametrize("features", [random_cnn_features, blurred_pixels])
def test_features_of_an_image_do_not_hear_of_the_others(digits, features):
    X, _ = digits
    together = features(X)
    assert np.allclose(features(X[:3]), together[:3], atol=1e-3)
    assert np.allclose(features(X[::-1])[::-1], together, atol=1e-3)
    assert len(features(X[:0])) == 0


def test_random_features_are_the_same_every_time_about_1_in_size_and_leave_states_alone(digits):
    X, _ = digits
    before = torch.random.get_rng_state()
    assert np.array_equal(random_cnn_features(X), random_cnn_features(X))
    assert 0.3 < np.sqrt(np.mean(random_cnn_features(X) ** 2)) < 3
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 32, 32), (5, 13, 28), (3, 128, 64)])
def test_random_features_come_from_images_of_all_shapes(shape):
    images = np.random.default_rng(0).uniform(-1, 1, size=(3, *shape))
    assert random_cnn_features(images).shape == (3, 840)
    assert np.isfinite(random_cnn_features(images)).all()


@pytest.mark.parametrize("features", [random_cnn_features, blurred_pixels])
def test_large_images_have_the_features_of_smaller_ones(features):
    small = np.random.default_rng(0).uniform(-1, 1, size=(3, 2, 128, 100)).astype(np.float32)
    large = small.repeat(3, axis=2).repeat(3, axis=3)
    assert np.allclose(features(large), features(small), atol=1e-3)


def test_images_are_made_smaller_as_far_as_they_have_to_be():
    assert shrink(np.zeros((2, 1, 128, 128))).shape == (2, 1, 128, 128)
    assert shrink(np.zeros((2, 1, 129, 300), dtype=np.float32)).shape == (2, 1, 43, 100)
    assert shrink(np.zeros((2, 1, 8, 512), dtype=np.float32)).shape == (2, 1, 8, 512)
    pixels = np.arange(4 * 256.0, dtype=np.float32).reshape(1, 1, 4, 256).repeat(8, axis=2)
    assert shrink(pixels)[0, 0, 0, 0] == pixels[0, 0, :2, :2].mean()


@pytest.fixture(scope="module")
def out_of_fold(digits):
    """Classifiers of the first half."""
    X, y = digits
    return OutOfFoldClassifier(X[:300], y[:300], seed=0, n_steps=100)


def test_every_training_image_is_new_to_exactly_one_model(digits, out_of_fold):
    unseen = np.array([space.unseen for space in out_of_fold.spaces()])
    assert unseen.shape == (3, 300)
    assert (unseen.sum(axis=0) == 1).all()
    _, y = digits
    shares = [np.bincount(y[:300][own], minlength=10) for own in unseen]
    assert np.ptp(shares, axis=0).max() <= 1


def test_to_a_model_its_unseen_images_look_like_new_ones_and_its_own_do_not(digits, out_of_fold):
    X, y = digits

    def spread_within_classes(rows, labels):
        centres = np.array([rows[labels == digit].mean(axis=0) for digit in range(10)])
        return np.linalg.norm(rows - centres[labels], axis=1).mean()

    seen, unseen, new = [], [], []
    for space in out_of_fold.spaces():
        train = space.features(X[:300])
        seen.append(spread_within_classes(train[~space.unseen], y[:300][~space.unseen]))
        unseen.append(spread_within_classes(train[space.unseen], y[:300][space.unseen]))
        new.append(spread_within_classes(space.features(X[300:400]), y[300:400]))
    assert np.mean(seen) < np.mean(unseen)
    assert np.mean(unseen) == pytest.approx(np.mean(new), rel=0.15)


def test_it_recognises_new_images(digits, out_of_fold):
    X, y = digits
    probabilities = out_of_fold.probabilities(X[300:])
    assert np.allclose(probabilities.sum(axis=1), 1)
    assert (probabilities.argmax(axis=1) == y[300:]).mean() > 0.9


def test_classes_of_one_image_do_not_stop_it():
    images = np.random.default_rng(0).uniform(-1, 1, size=(2, 1, 8, 8))
    spaces = OutOfFoldClassifier(images, ["b", "a"], seed=0, n_steps=2).spaces()
    assert [space.unseen.sum() for space in spaces] == [1, 1]
