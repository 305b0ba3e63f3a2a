"""Pictures: a PNG with what it was given."""

import numpy as np
from matplotlib.image import imread

from ganaug.report.pictures import draw_samples


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
