"""What models offer to other parts of the package: documented members, the same of every kind."""

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.frozen import FrozenEstimator
from sklearn.neighbors import KernelDensity

from ganaug import ClassTranslator, GANOverSampler, ImageGAN, PairedTranslator, TableGAN
from ganaug.models.protocol import is_image_model, is_row_model

SMALL = {"n_steps": 2, "random_state": 0}
DIGITS = load_digits(n_class=3)
IMAGES, LABELS = DIGITS.images[:90], DIGITS.target[:90]
NOISE = np.random.default_rng(0).normal(size=(7, 64)).astype(np.float32)


@pytest.fixture(scope="module")
def table():
    """A model of rows of numbers and words, and its training data."""
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"size": rng.normal(size=60), "kind": rng.choice(["hut", "flat"], 60)})
    y = np.repeat(["a", "b"], [40, 20])
    return TableGAN(**SMALL).fit(X, y), X, y


@pytest.fixture(scope="module", params=["ImageGAN", "ClassTranslator", "PairedTranslator"])
def image_model(request):
    """A model of images of each kind."""
    if request.param == "ImageGAN":
        return ImageGAN(**SMALL).fit(IMAGES, LABELS)
    if request.param == "ClassTranslator":
        return ClassTranslator(**SMALL, guard=0).fit(IMAGES, LABELS)
    return PairedTranslator(**SMALL).fit(IMAGES > 8, IMAGES, LABELS)


def test_models_say_what_they_are_models_of():
    for model in (ImageGAN(), ClassTranslator(), PairedTranslator()):
        assert is_image_model(model)
        assert not is_row_model(model)
    assert is_row_model(TableGAN())
    for stranger in (KernelDensity(), None, GANOverSampler(), FrozenEstimator(ImageGAN())):
        assert not is_image_model(stranger)
        assert not is_row_model(stranger)


def test_the_whole_generator_of_a_class_makes_what_generate_makes(image_model):
    noise = NOISE[:, : image_model.n_latent]
    with torch.no_grad():
        made = image_model.generate_tensors(
            image_model.generator_for(1), torch.from_numpy(noise), 1
        )
    assert made.shape == (7, 1, 8, 8)
    # as tensors images are not rounded to the numbers of grey that the training data have
    assert np.allclose(made[:, 0].numpy(), image_model.generate(noise, 1), atol=0.51)


def test_training_images_are_those_of_the_class(image_model):
    assert np.array_equal(image_model.training_samples(2), IMAGES[LABELS == 2])
    assert np.array_equal(image_model.training_samples(), IMAGES)
    assert np.array_equal(image_model.training_labels(), LABELS)


def test_a_training_image_is_nearest_to_itself(image_model):
    images = IMAGES[LABELS == 1]
    assert np.array_equal(image_model.nearest_training_samples(images[3:9], 1), images[3:9])


def test_pixels_run_from_black_to_white(image_model):
    pixels = image_model.to_pixels(IMAGES)
    assert pixels.dtype == np.uint8
    assert pixels.shape == IMAGES.shape
    assert np.array_equal(pixels, np.round(IMAGES * 255 / 16).astype(np.uint8))


def test_training_rows_are_those_of_the_class_as_they_came(table):
    gan, X, y = table
    rows = gan.training_samples("b")
    assert isinstance(rows, pd.DataFrame)
    expected = X[y == "b"].sort_values("size").reset_index(drop=True)
    pd.testing.assert_frame_equal(rows.sort_values("size").reset_index(drop=True), expected)


def test_a_training_row_is_nearest_to_itself(table):
    gan, X, y = table
    rows = X[y == "a"].iloc[5:11].reset_index(drop=True)
    nearest = gan.nearest_training_samples(rows, "a").reset_index(drop=True)
    pd.testing.assert_frame_equal(nearest, rows)


def test_unknown_classes_are_refused_by_name(table, image_model):
    for model in (table[0], image_model):
        with pytest.raises(ValueError, match="no GAN was trained for 'stranger'"):
            model.training_samples("stranger")


def test_guides_are_those_that_came_with_the_images():
    model = PairedTranslator(**SMALL).fit(IMAGES > 8, IMAGES, LABELS)
    assert np.array_equal(model.training_guides(), IMAGES > 8)
    assert np.array_equal(model.guides_to_pixels(IMAGES > 8), 255 * (IMAGES > 8))
