"""Keypoints <-> heat maps, as guides of images."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

MIN_SIGMA = 0.5


def keypoint_maps(
    keypoints: ArrayLike, image_shape: Sequence[int], sigma: float = 1.5
) -> np.ndarray:
    """Draw keypoints as heat maps: a bell around each, one map for each kind of point.

    Parameters
    ----------
    keypoints : (n, maps, 2) or (n, maps, points, 2) array
        Columns and rows (x, y) in pixels, of which (0, 0) is the middle of the first;
        ``nan`` where a point is absent. In four dimensions, a map holds several points of
        a kind.
    image_shape : (height, width) or (height, width, channels)
        Shape of the images that the maps are to guide.
    sigma : float, default=1.5
        Standard deviation of a bell in pixels, 0.5 or more.

    Returns
    -------
    (n, height, width, maps) float32 array
        1 at points in the middle of a pixel, towards 0 away from them; nothing but 0 where
        a map has no point.

    Raises
    ------
    ValueError
        For keypoints of another shape or outside the image, or a sigma below 0.5.

    Examples
    --------
    >>> maps = keypoint_maps([[[1, 2], [np.nan, np.nan]]], (8, 8))
    >>> maps.shape, maps[0, 2, 1].tolist()
    ((1, 8, 8, 2), [1.0, 0.0])
    """
    points = np.asarray(keypoints, dtype=float)
    if points.ndim == 3:
        points = points[:, :, None]
    if points.ndim != 4 or points.shape[-1] != 2:
        raise ValueError(
            f"keypoints have the shape {np.shape(keypoints)}; (n, maps, 2), or (n, maps, points, "
            "2) for several of a kind, is needed. Drop a third column of visibilities, "
            "and put nan where a point is absent."
        )
    if not sigma >= MIN_SIGMA:
        raise ValueError(
            f"sigma must be {MIN_SIGMA} or more, got {sigma!r}: narrower bells would "
            "fall between pixels."
        )
    height, width = (int(side) for side in image_shape[:2])
    outside = ((points < -0.5) | (points > np.array([width, height]) - 0.5)).any(axis=-1)
    if outside.any():
        image, kind, number = np.argwhere(outside)[0]
        x, y = points[image, kind, number]
        raise ValueError(
            f"{outside.sum()} of the keypoints are outside the image of {height} x {width} pixels; "
            f"the first is (x={x:g}, y={y:g}) of image {image}. Absent ones are nan."
        )
    x = points[..., None, :, 0]
    y = points[..., None, :, 1]
    of_columns = _bells(np.arange(width)[:, None], x, sigma)
    of_rows = _bells(np.arange(height)[:, None], y, sigma)
    # the largest of the points' bells in each pixel
    maps = np.zeros((*points.shape[:2], height, width), dtype=np.float32)
    for number in range(points.shape[2]):
        bell = of_rows[..., :, None, number] * of_columns[..., None, :, number]
        np.maximum(maps, bell, out=maps)
    return np.ascontiguousarray(maps.transpose(0, 2, 3, 1))


def _bells(places: np.ndarray, centres: np.ndarray, sigma: float) -> np.ndarray:
    """Heights of bells at places; 0 where a centre is not there."""
    return np.nan_to_num(np.exp(-(((places - centres) / sigma) ** 2) / 2)).astype(np.float32)
