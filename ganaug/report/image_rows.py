"""Rows of images of each class."""

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from torch.nn.functional import avg_pool2d

from ganaug.report import curves
from ganaug.report.sample_rows import Layout, draw_sample_rows

# Inches: the side of an image, and where classes stand abreast.
SIDE = 0.7
SIDE_ABREAST = 0.55

# Pixels along the longer side of an image above which it is drawn smaller, not to fill files and
# screens.
MAX_PIXELS = 128


def image_size(shape: tuple[int, ...], abreast: bool) -> tuple[float, float]:
    """Width and height of images of a shape, in inches: all shapes get the same area."""
    height, width = shape[:2]
    n_pixels = (height * width) ** 0.5 / _shrinkage(height, width)
    # no pixel that is drawn is lost
    side = max(SIDE_ABREAST if abreast else SIDE, n_pixels / curves.DPI)
    stretch = (width / height) ** 0.5
    return side * stretch, side / stretch


def draw_image_rows(
    axis: Axes,
    kinds: Mapping[str, Mapping[Hashable, np.ndarray]],
    layout: Layout,
    notes: Mapping[Hashable, str],
    colours: Mapping[Hashable, Any],
) -> None:
    """Draw a row of images for each kind of them, as ``draw_sample_rows``.

    Black and white are the lowest and the highest value of the first kind.
    """
    first = next(iter(kinds.values()))
    lowest = min(float(images.min()) for images in first.values())
    contrast = max(float(images.max()) for images in first.values()) - lowest or 1.0
    width, height = layout.sample

    def draw(axis: Axes, image: np.ndarray, kind: str, label: Hashable, place: Any) -> None:
        left, top = place
        axis.imshow(
            np.clip(pixels((image[None] - lowest) / contrast)[0], 0, 1),
            extent=(left, left + width, top + height, top),
            cmap="gray",
            vmin=0,
            vmax=1,
            interpolation="nearest",
        )

    draw_sample_rows(axis, kinds, layout, notes, colours, draw)


def pixels(images: np.ndarray) -> np.ndarray:
    """Images as they can be drawn: in grey or in three colours, large ones made smaller.

    Examples
    --------
    >>> pixels(np.zeros((2, 256, 300, 4))).shape
    (2, 86, 100, 3)
    """
    if images.ndim == 4 and images.shape[-1] < 3:
        images = images.mean(axis=-1)
    elif images.ndim == 4:
        images = images[..., :3]
    shrinkage = _shrinkage(*images.shape[1:3])
    if shrinkage == 1:
        return images
    maps = torch.from_numpy(images.reshape(*images.shape[:3], -1).astype(np.float32))
    small = avg_pool2d(maps.permute(0, 3, 1, 2), shrinkage, ceil_mode=True).permute(0, 2, 3, 1)
    return small.numpy().reshape(*small.shape[:3], *images.shape[3:])


def _shrinkage(height: int, width: int) -> int:
    """Factor by which images are drawn smaller."""
    return -(-max(height, width) // MAX_PIXELS)
