"""Parameters of the models and classifiers that None stands for."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV

from ganaug import (
    AugmentedClassifier,
    DiscriminatorClassifier,
    DiscriminatorFeatures,
    GANMixer,
    GANOverSampler,
    ImageGAN,
    TableGAN,
)

OF_ROWS = [AugmentedClassifier, GANOverSampler, GANMixer, DiscriminatorFeatures]
OF_ANY = [*OF_ROWS, DiscriminatorClassifier]


@pytest.mark.parametrize("face", OF_ANY)
def test_a_parameter_of_the_default_model_is_set_in_the_place_of_none(face):
    estimator = face().set_params(gan__n_steps=7)
    assert estimator.gan.n_steps == 7
    assert isinstance(estimator.gan, TableGAN if face in OF_ROWS else ImageGAN)
    again = clone(estimator)
    assert again.get_params()["gan__n_steps"] == 7
    assert again.set_params(gan__n_steps=8).gan.n_steps == 8
    assert estimator.gan.n_steps == 7


@pytest.mark.parametrize("face", OF_ANY)
def test_parameters_of_images_choose_the_model_of_images(face):
    assert isinstance(face().set_params(gan__augment="photo", gan__n_steps=7).gan, ImageGAN)


def test_the_default_model_of_images_keeps_what_it_is_by_default():
    assert DiscriminatorFeatures().set_params(gan__augment="photo").gan.batch_size == 32


@pytest.mark.parametrize("face", OF_ANY)
def test_what_cannot_be_set_is_named_and_leaves_none(face):
    estimator = face()
    with pytest.raises(ValueError, match="'goodness' for estimator"):
        estimator.set_params(gan__goodness=1)
    with pytest.raises(ValueError, match="'beauty' for estimator"):
        estimator.set_params(beauty__n_steps=1)
    assert estimator.gan is None


def test_a_model_that_was_given_is_not_replaced():
    model = ImageGAN(batch_size=9)
    estimator = AugmentedClassifier().set_params(gan=model, gan__n_steps=7)
    assert estimator.gan is model
    assert (model.n_steps, model.batch_size) == (7, 9)


def test_a_grid_reaches_the_defaults_of_model_and_classifier(blobs):
    grid = GridSearchCV(
        AugmentedClassifier(gate=None, random_state=0),
        {"gan__n_steps": [1, 2], "estimator__C": [0.1, 1.0]},
        cv=2,
        error_score="raise",
    ).fit(*blobs)
    best = grid.best_estimator_
    assert best.gan_.n_steps_ == grid.best_params_["gan__n_steps"]
    assert best.get_params()["estimator__C"] == grid.best_params_["estimator__C"]
    assert isinstance(best.estimator, LogisticRegression)


def test_images_are_told_which_model_to_pass():
    images = np.random.default_rng(0).random((40, 8, 8))
    sampler = GANOverSampler().set_params(gan__n_steps=1)
    with pytest.raises(ValueError, match=r"gan=TableGAN\(n_steps=1\) takes rows. Pass gan=Image"):
        sampler.fit_resample(images, np.repeat([0, 1], [30, 10]))
