"""Copies: what is copied is found, what is not is not."""

import math
import warnings

import numpy as np
import pytest

from ganaug.metrics.copies import find_copies
from ganaug.metrics.features import random_cnn_features


@pytest.fixture
def noise():
    """Images of noise, of a number and seed."""
    return lambda n, seed: np.random.default_rng(seed).uniform(-1, 1, size=(n, 2, 9, 8))


@pytest.mark.parametrize("with_held_out", [True, False])
def test_copies_are_found_and_named(noise, with_held_out):
    train, held_out = noise(30, 0), noise(40, 1) if with_held_out else None
    order = np.random.default_rng(2).permutation(30)
    copies = find_copies(train, train[order], held_out)
    assert copies.nearest.tolist() == order.tolist()
    assert copies.distances.tolist() == [0] * 30
    assert (copies.ratio, copies.close) == (0, 1)


def test_mirrored_copies_are_found_where_they_are_looked_for(noise):
    train, held_out = noise(30, 0), noise(40, 1)
    fake = np.concatenate([train[3:6, ..., ::-1], train[:2]])
    found = find_copies(train, fake, held_out, mirrored=True)
    assert found.nearest.tolist() == [3, 4, 5, 0, 1]
    assert found.mirrored.tolist() == [True, True, True, False, False]
    assert found.close == 1
    missed = find_copies(train, fake, held_out)
    assert missed.close == pytest.approx(2 / 5)


@pytest.mark.parametrize("mirrored", [True, False])
def test_new_images_are_as_far_away_as_new_real_ones(noise, mirrored):
    train, held_out = noise(60, 0), noise(300, 1)
    copies = find_copies(train, noise(300, 2), held_out, mirrored=mirrored)
    assert copies.ratio == pytest.approx(1, abs=0.05)
    assert copies.close < 0.05
    assert copies.close_real == pytest.approx(0.01, abs=0.005)
    among_themselves = find_copies(train, noise(300, 2), mirrored=mirrored)
    assert among_themselves.ratio == pytest.approx(1, abs=0.05)


def test_a_training_image_is_not_its_own_neighbour_even_in_the_mirror(noise):
    train = noise(10, 0)
    symmetric = train + train[..., ::-1]
    # the mirror images equal the images: looking for them must change nothing
    plain, mirrored = (
        find_copies(symmetric, noise(5, 1), mirrored=mirrored) for mirrored in (False, True)
    )
    assert mirrored.ratio == pytest.approx(plain.ratio)
    assert mirrored.ratio > 0


def test_a_blurred_copy_hides_from_no_one(noise):
    train, held_out = noise(30, 0), noise(40, 1)
    nearly = np.clip(train + 0.1 * noise(30, 2), -1, 1)
    for features in (random_cnn_features, lambda images: images.reshape(len(images), -1)):
        copies = find_copies(train, nearly, held_out, features=features)
        assert copies.nearest.tolist() == list(range(30))
        assert copies.ratio < 0.6
        assert copies.close == 1


@pytest.mark.parametrize(("n_train", "n_fake", "n_held_out"), [(1, 3, 0), (2, 0, 2), (1, 0, 0)])
def test_without_images_there_are_no_figures(noise, n_train, n_fake, n_held_out):
    copies = find_copies(noise(n_train, 0), noise(n_fake, 1), noise(n_held_out, 2))
    assert math.isnan(copies.ratio)
    assert math.isnan(copies.close)
    assert len(copies.distances) == len(copies.nearest) == n_fake


def test_two_held_out_images_suffice_and_say_what_the_share_is_worth(noise):
    copies = find_copies(noise(5, 0), noise(5, 1), noise(2, 2))
    assert 0 <= copies.close <= 1
    assert copies.close_real == 0.5


def test_samples_that_were_trained_on_tell_no_copies_of_which_is_warned():
    train = np.random.default_rng(0).normal(size=(20, 1, 8, 8))
    with pytest.warns(UserWarning, match="pass samples that the model has not seen"):
        find_copies(train, train[:5], train[5:])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        find_copies(train[:10], train[:5], train[8:])
