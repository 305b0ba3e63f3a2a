"""Pictures: a PNG with what it was given."""

import numpy as np
import pytest
from matplotlib.image import imread

from ganaug.report.pictures import PANELS, draw_history, draw_quality, draw_samples
from ganaug.training.loop import FIGURES


def test_a_picture_grows_with_its_classes_and_images(tmp_path):
    def size_of(n_classes, n_images):
        images = {label: np.ones((n_images, 4, 4)) for label in range(n_classes)}
        draw_samples(tmp_path / "grid.png", images, images)
        return imread(tmp_path / "grid.png").shape[:2]

    height, width = size_of(2, 3)
    assert size_of(4, 3)[0] > height
    assert size_of(2, 6)[1] > width


def test_real_images_are_left_and_generated_ones_right(tmp_path):
    dark, light = np.full((3, 4, 4), 16.0), np.zeros((3, 4, 4))
    draw_samples(tmp_path / "grid.png", {"a": dark, "b": dark}, {"a": light, "b": light})
    grey = imread(tmp_path / "grid.png")[..., :3].mean(axis=-1)
    half = grey.shape[1] // 2
    assert grey[:, :half].mean() < 0.6 < grey[:, half:].mean()


def pixels_of(draw, tmp_path, *given):
    """Width, height and colours of the PNG that is drawn."""
    draw(tmp_path / "picture.png", *given)
    return imread(tmp_path / "picture.png")[..., :3]


def test_generated_images_stand_below_real_ones_and_above_their_nearest(tmp_path):
    kinds = [{"a": np.full((2, 4, 4, 3), 1.0) * colour} for colour in np.eye(3)]
    picture = pixels_of(draw_quality, tmp_path, *kinds)
    heights = [np.argwhere((picture == colour).all(axis=-1))[:, 0].mean() for colour in np.eye(3)]
    assert heights == sorted(heights)


@pytest.mark.parametrize("shape", [(8, 8), (6, 9), (12, 5, 3)])
def test_a_picture_of_quality_takes_all_shapes_and_numbers_and_ten_classes(tmp_path, shape):
    def classes(n_classes, n_images):
        rng = np.random.default_rng(0)
        return {f"class {label}": rng.random((n_images, *shape)) for label in range(n_classes)}

    def size_of(n_classes, n_images):
        fake = classes(n_classes, n_images)
        return pixels_of(draw_quality, tmp_path, classes(n_classes, 2), fake, fake).shape

    assert size_of(2, 1)[0] > size_of(1, 1)[0]
    assert size_of(1, 5)[1] > size_of(1, 2)[1] == size_of(1, 0)[1]
    assert size_of(12, 1) == size_of(10, 1)


def test_whole_numbers_below_the_darkest_real_one_do_not_wrap(tmp_path):
    real, fake = {"a": np.full((1, 4, 4), 9, np.uint8)}, {"a": np.full((1, 4, 4), 8, np.uint8)}
    real["a"][0, 0, 0] = 250
    picture = pixels_of(draw_quality, tmp_path, real, fake, fake)
    black = (picture.max(axis=-1) < 0.02).sum()
    assert 0 < black < picture.shape[0] * picture.shape[1] / 40


def test_images_without_contrast_are_drawn_too(tmp_path):
    flat = {"a": np.ones((1, 4, 4))}
    assert pixels_of(draw_quality, tmp_path, flat, flat, flat).min() < 1


def test_every_figure_of_training_has_its_curve():
    curves = [name for _, panel in PANELS.values() for name in panel]
    assert sorted(curves) == sorted(FIGURES)


@pytest.mark.parametrize("n_steps", [0, 1, 3, 200])
def test_a_history_of_any_length_is_drawn(tmp_path, n_steps):
    steps = np.linspace(0, 1, n_steps)
    history = {"a": dict.fromkeys(FIGURES, steps), "b": {"fooled": np.full(n_steps, np.nan)}}
    assert pixels_of(draw_history, tmp_path, history).min() < 0.5


def test_a_history_grows_with_its_classes(tmp_path):
    one = {"fooled": np.linspace(0, 0.5, 20)}
    height = [
        pixels_of(draw_history, tmp_path, dict.fromkeys(range(n), one)).shape[0] for n in (1, 2)
    ]
    assert height[1] > height[0]
