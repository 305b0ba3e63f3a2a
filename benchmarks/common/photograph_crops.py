"""Large squares of the two photographs that come with scikit-learn, each near and from afar."""

import cv2
import numpy as np
from sklearn.datasets import load_sample_images

from benchmarks.common.small_cnn import Images

# Side of the squares that are cut out, in pixels: near, and from afar.
CUTS = (200, 400)


def photograph_crops(side: int, n_each: int, rng: np.random.Generator) -> Images:
    """Random squares in colour, brought to a side: of each photograph and each size of the squares.

    Parameters
    ----------
    side : int
        Pixels of an image along each side.
    n_each : int
        Images of each of the four classes.
    rng : numpy.random.Generator
    """
    kinds = [(photograph, cut) for photograph in load_sample_images().images for cut in CUTS]
    images = [
        _random_square(photograph, cut, side, rng)
        for photograph, cut in kinds
        for _ in range(n_each)
    ]
    return Images(np.stack(images), np.repeat(np.arange(len(kinds)), n_each))


def _random_square(
    photograph: np.ndarray, cut: int, side: int, rng: np.random.Generator
) -> np.ndarray:
    top, left = (rng.integers(0, length - cut + 1) for length in photograph.shape[:2])
    square = photograph[top : top + cut, left : left + cut]
    shrinks = side < cut
    return cv2.resize(
        square, (side, side), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    )
