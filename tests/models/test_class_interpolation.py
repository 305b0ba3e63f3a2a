"""Ways from one class to another, through generators between theirs."""

import numpy as np
import pytest
import torch
from sklearn.exceptions import NotFittedError

from ganaug import ImageGAN, SmallClassWarning, load
from ganaug.training.ensemble import interpolate_modules


@pytest.fixture(scope="module")
def images():
    """Twelve images that are bright on the left, twelve at the top, and three of a third class."""
    y = np.array([0, 1] * 12 + [2] * 3)
    X = np.random.default_rng(0).integers(0, 60, (27, 8, 8), dtype=np.uint8)
    X[y == 0, :, :4] += 180
    X[y == 1, :4] += 180
    return X, y


@pytest.fixture(scope="module")
def gan(images):
    """A model of classes that share layers, and of one too small for that."""
    with pytest.warns(SmallClassWarning):
        return ImageGAN(n_steps=60, random_state=0).fit(*images)


@pytest.fixture
def points():
    """Two latent points."""
    return np.random.default_rng(1).normal(size=(2, 64))


def test_a_way_begins_in_one_class_and_ends_in_the_other(gan, points):
    way = gan.interpolate(*points, 0, n=5, to=1).astype(int)
    assert way.shape == (5, 8, 8)
    assert np.abs(way[0] - gan.generate(points[:1], 0)[0]).max() <= 1
    assert np.abs(way[4] - gan.generate(points[1:], 1)[0]).max() <= 1
    back = gan.interpolate(points[1], points[0], 1, n=5, to=0)[::-1].astype(int)
    assert np.abs(way - back).max() <= 1


def test_images_between_are_of_weights_between(gan, points):
    middle = gan.interpolate(points[0], points[0], 0, n=3, to=1)[1]
    generators = gan.generators_[0], gan.generators_[1]
    halfway = interpolate_modules(*generators, torch.tensor([0.5]))
    with torch.no_grad():
        image = halfway(torch.from_numpy(points[:1, None].astype(np.float32)))[0]
    assert np.array_equal(middle, gan._encoder.decode(image.numpy())[0])
    faded = np.mean([gan.generate(points[:1], label)[0] for label in (0, 1)], axis=0)
    assert np.abs(middle - faded).max() > 5


def test_the_class_itself_is_as_if_nothing_was_named(gan, points):
    for to in (None, 0):
        assert np.array_equal(
            gan.interpolate(*points, 0, n=4, to=to), gan.interpolate(*points, 0, n=4)
        )


def test_a_model_from_its_file_crosses_alike(gan, points, tmp_path):
    gan.save(tmp_path / "gan.h5")
    again = load(tmp_path / "gan.h5")
    assert again.crosses(0, 1)
    ways = [one.interpolate(*points, 0, n=4, to=1) for one in (gan, again)]
    assert np.array_equal(*ways)


def test_classes_without_common_layers_have_nothing_between_them(gan, images, points):
    assert not gan.crosses(0, 2)
    with pytest.raises(ValueError, match="moved copies"):
        gan.interpolate(*points, 0, to=2)
    with pytest.raises(ValueError, match="no GAN was trained for 9"):
        gan.interpolate(*points, 0, to=9)
    with pytest.raises(ValueError, match="n must be 2 or more"):
        gan.interpolate(*points, 0, n=1, to=1)
    with pytest.warns(SmallClassWarning):
        apart = ImageGAN(n_steps=1, sharing="none", random_state=0).fit(*images)
    with pytest.raises(ValueError, match="no layers in common"):
        apart.interpolate(*points, 0, to=1)
    with pytest.raises(NotFittedError):
        ImageGAN().interpolate(*points, 0, to=1)
    with pytest.raises(NotFittedError):
        ImageGAN().crosses(0, 1)


def test_long_ways_are_made_in_parts(gan, points, monkeypatch):
    whole = gan.interpolate(*points, 0, n=7, to=1)
    monkeypatch.setattr(ImageGAN, "_chunk_size", 3)
    in_parts = gan.interpolate(*points, 0, n=7, to=1)
    assert np.abs(whole.astype(int) - in_parts).max() <= 1
