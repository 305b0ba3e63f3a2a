"""draw_gan: one call from a fitted ImageGAN to its picture."""

import numpy as np
import pytest
from matplotlib.image import imread
from sklearn.exceptions import NotFittedError

from ganaug import ImageGAN, SmallClassWarning, TableGAN
from ganaug.report import draw_gan
from ganaug.report.examples import examples


def noise(n, *shape, n_classes=2):
    """Random images with labels in turn."""
    return np.random.default_rng(0).random((n, *shape)), np.arange(n) % n_classes


@pytest.fixture
def quick_images():
    """Model that trains in no time, and badly."""
    return ImageGAN(n_steps=2, capacity=0.5, random_state=0)


@pytest.fixture
def copying():
    """Model whose samples are its training images."""
    return ImageGAN(n_steps=0, augment=None, random_state=0)


@pytest.mark.parametrize("shape", [(8, 8), (9, 12, 3)])
@pytest.mark.parametrize("scale", ["uint8", "-1 to 1"])
def test_a_picture_of_a_fitted_model_is_one_call(tmp_path, quick_images, shape, scale):
    X, y = noise(24, *shape)
    X = (255 * X).astype(np.uint8) if scale == "uint8" else 2 * X - 1
    draw_gan(tmp_path / "picture.png", quick_images.fit(X, y))
    assert imread(tmp_path / "picture.png").std() > 0.1


def test_the_picture_does_not_depend_on_how_the_same_images_came(tmp_path, copying):
    X, y = (256 * noise(24, 8, 8)[0]).astype(np.uint8), np.arange(24) % 2
    draw_gan(tmp_path / "images.png", copying.fit(X, y))
    draw_gan(tmp_path / "scaled.png", copying.fit(X / 127.5 - 1, y))
    draw_gan(
        tmp_path / "rows.png", copying.set_params(image_shape=(8, 8)).fit(X.reshape(24, 64), y)
    )
    first, scaled, rows = (imread(tmp_path / f"{n}.png") for n in ("images", "scaled", "rows"))
    assert np.abs(first - scaled).max() < 0.01
    assert np.array_equal(first, rows)


def test_what_is_copied_has_itself_as_its_nearest(copying):
    X, y = noise(24, 8, 10, 3)
    real, generated, nearest = examples(copying.fit(X, y), 1, 9, random_state=0)
    assert real.shape == generated.shape == (9, 8, 10, 3)
    assert np.allclose(generated, nearest, atol=1e-6)
    for image in real:
        assert np.isclose(X[y == 1], image, atol=1e-6).all(axis=(1, 2, 3)).any()
    assert len(np.unique(real, axis=0)) == 9


def test_mirror_images_are_the_nearest_where_augmentation_mirrors(copying):
    gan = copying.fit(noise(24, 8, 8)[0])
    # as if it had learnt to mirror
    gan._X = gan._X[..., ::-1]
    for augment, mirrors in ((["flip"], True), (None, False)):
        gan.set_params(augment=augment)
        _, generated, nearest = examples(gan, 0, 5, random_state=0)
        assert np.allclose(generated, nearest, atol=1e-6) == mirrors


def test_small_classes_and_those_left_out_are_drawn_as_far_as_they_go(tmp_path, quick_images):
    X, y = noise(40, 8, 8)
    y = np.where(np.arange(40) < 3, 7, y)
    with pytest.warns(SmallClassWarning):
        gan = quick_images.fit(X, y)
    heights = []
    for labels in ([7], [0], None):
        draw_gan(tmp_path / "picture.png", gan, labels=labels)
        heights.append(len(imread(tmp_path / "picture.png")))
    # moved copies have no curves
    assert heights == sorted(set(heights))


def test_of_many_classes_the_first_twenty_are_drawn(tmp_path, copying):
    X, y = noise(200, 8, 8, n_classes=20)
    draw_gan(tmp_path / "all.png", copying.fit(X, y), n_images=1)
    X, y = noise(210, 8, 8, n_classes=21)
    draw_gan(tmp_path / "first.png", copying.fit(X, y), n_images=1)
    assert imread(tmp_path / "first.png").shape == imread(tmp_path / "all.png").shape
    with pytest.raises(ValueError, match="1 to 20 classes, got 21"):
        draw_gan(tmp_path / "more.png", copying, labels=range(21))


def test_drawing_leaves_the_models_own_stream_where_it_was(tmp_path, copying):
    X, y = noise(24, 8, 8)
    alone = copying.fit(X, y).sample(5)[0]
    draw_gan(tmp_path / "picture.png", copying.fit(X, y))
    assert np.array_equal(alone, copying.sample(5)[0])


def test_what_cannot_be_drawn_is_refused_and_leaves_no_file(tmp_path, copying):
    path = tmp_path / "picture.png"
    with pytest.raises(NotFittedError):
        draw_gan(path, copying)
    with pytest.raises(TypeError, match="draws models of images or sequences, got TableGAN"):
        draw_gan(path, TableGAN())
    gan = copying.fit(*noise(24, 8, 8))
    with pytest.raises(ValueError, match="no GAN was trained for 5"):
        draw_gan(path, gan, labels=[5])
    with pytest.raises(ValueError, match="n_images must be 1 or more, got 0"):
        draw_gan(path, gan, n_images=0)
    assert not any(tmp_path.iterdir())


def test_a_path_that_cannot_be_written_is_named_before_samples_are_drawn(tmp_path, copying):
    gan = copying.fit(*noise(24, 8, 8))
    gan.generators_ = {}
    with pytest.raises(OSError, match="nowhere"):
        draw_gan(tmp_path / "nowhere" / "picture.png", gan)
    with pytest.raises(IsADirectoryError):
        draw_gan(tmp_path, gan)
    (tmp_path / "old.png").write_bytes(b"as it was")
    with pytest.raises(KeyError):
        draw_gan(tmp_path / "old.png", gan)
    assert (tmp_path / "old.png").read_bytes() == b"as it was"


def test_classes_are_drawn_from_other_noise_and_repeatably(quick_images):
    gan = quick_images.fit(*noise(24, 8, 8))
    gan.generators_[1] = gan.generators_[0]
    first, again, second = (examples(gan, label, 4, random_state=3)[1] for label in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.allclose(first, second)
