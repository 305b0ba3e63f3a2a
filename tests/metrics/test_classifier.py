"""The small classifier: it learns, in balance, from its own randomness."""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from ganaug.metrics.classifier import ImageClassifier, classes_of, codes_of
from ganaug.metrics.tstr import tstr_accuracy


@pytest.fixture(scope="module")
def digits():
    """Images of 8 x 8 pixels of the digits 0, 1 and 2, and their labels as words."""
    X, y = load_digits(n_class=3, return_X_y=True)
    order = np.random.default_rng(0).permutation(len(y))
    return X[order].reshape(-1, 1, 8, 8) / 8 - 1, np.array(["none", "one", "two"])[y[order]]


def test_it_recognises_images_that_it_has_not_seen(digits):
    X, y = digits
    classifier = ImageClassifier.fit(X[:60], y[:60], seed=0, n_steps=60)
    right = classifier.probabilities(X[60:]).argmax(axis=1) == codes_of(y[60:], classifier.classes)
    assert right.mean() > 0.95


def test_probabilities_sum_to_1_and_features_have_one_length(digits):
    X, y = digits
    classifier = ImageClassifier.fit(X[:60], y[:60], seed=0, n_steps=5)
    assert np.allclose(classifier.probabilities(X).sum(axis=1), 1)
    assert np.allclose(np.linalg.norm(classifier.features(X), axis=1), 8)
    # the order of images, and what stands beside one, is all the same
    assert np.allclose(classifier.features(X[::-1])[::-1], classifier.features(X), atol=1e-4)
    assert classifier.features(X[:0]).shape == (0, 64)


def test_a_seed_says_all_and_the_global_states_are_left_alone(digits):
    X, y = digits
    before = torch.random.get_rng_state(), np.random.get_state()[1].copy()
    first, again, other = (
        ImageClassifier.fit(X[:40], y[:40], seed=seed, n_steps=3).features(X) for seed in (4, 4, 5)
    )
    assert np.array_equal(first, again)
    assert not np.allclose(first, other)
    assert torch.equal(torch.random.get_rng_state(), before[0])
    assert np.array_equal(np.random.get_state()[1], before[1])


def test_a_scarce_class_counts_as_much_as_another():
    # nothing to go by: an unbalanced classifier would always say 0
    images, y = np.zeros((20, 1, 8, 8)), [0] * 18 + [1] * 2
    probabilities = ImageClassifier.fit(images, y, seed=0).probabilities(images[:1])
    assert probabilities[0] == pytest.approx([0.5, 0.5], abs=0.2)


@pytest.mark.parametrize("shape", [(1, 8, 8), (4, 9, 17), (3, 33, 20), (3, 128, 96)])
def test_images_of_all_shapes_are_welcome(shape):
    images = np.random.default_rng(0).uniform(-1, 1, size=(4, *shape))
    classifier = ImageClassifier.fit(images, [0, 0, 1, 1], seed=0, n_steps=2)
    assert classifier.features(images).shape == (4, 64)


def test_labels_may_be_anything_that_sorts():
    y = [("b", 1), ("a", 2), ("b", 1)]
    assert classes_of(y) == [("a", 2), ("b", 1)]
    assert codes_of(y, classes_of(y)).tolist() == [1, 0, 1]
    with pytest.raises(ValueError, match="'c' is not among"):
        codes_of(["c"], ["a", "b"])


def test_what_is_learnt_from_good_samples_serves_and_from_shuffled_labels_does_not(digits):
    X, y = digits
    good = tstr_accuracy(X[:60], y[:60], X[60:], y[60:], seed=0, n_steps=60)
    wrong = np.array(["none", "one", "two"])[(codes_of(y[:60], classes_of(y)) + 1) % 3]
    bad = tstr_accuracy(X[:60], wrong, X[60:], y[60:], seed=0, n_steps=60)
    assert list(good) == ["none", "one", "two"]
    assert min(good.values()) > 0.9
    assert max(bad.values()) < 0.1


def test_a_class_that_training_lacks_is_never_recognised_and_one_class_teaches_nothing(digits):
    X, y = digits
    lacking = y != "two"
    accuracies = tstr_accuracy(X[lacking], y[lacking], X, y, seed=0, n_steps=60)
    assert accuracies["two"] == 0
    assert accuracies["one"] > 0.9
    alone = y == "two"
    assert np.isnan(
        list(tstr_accuracy(X[alone], y[alone], X, y, seed=0, n_steps=60).values())
    ).all()
