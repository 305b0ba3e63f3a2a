"""Copies of training images among generated ones."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from sklearn.neighbors import NearestNeighbors

from ganaug.caller import warn_caller
from ganaug.metrics.features import blurred_pixels

# Quantile of the distances of new real images: what lies nearer is called close.
CLOSE_QUANTILE = 0.01


@dataclass(frozen=True)
class Copies:
    """Distances of generated images to training images.

    Attributes
    ----------
    distances : (n_fake,) array
        Distance to the nearest training image.
    nearest : (n_fake,) array
        Number of that image.
    mirrored : (n_fake,) bool array
        True where its mirror image is the nearest.
    ratio : float
        Median distance of the generated images over that of new real ones: about 1
        where nothing is copied, 0 where everything is. NaN without images to compare.
    close : float
        Share of generated images nearer than all but 1 % of new real ones.
    close_real : float
        The same share of new real images, each against the others: about 1 %, and
        1 / n of n images where they are fewer than 100.
    """

    distances: np.ndarray
    nearest: np.ndarray
    mirrored: np.ndarray
    ratio: float
    close: float
    close_real: float


def find_copies(
    train: np.ndarray,
    fake: np.ndarray,
    held_out: np.ndarray | None = None,
    *,
    features: Callable[[np.ndarray], np.ndarray] = blurred_pixels,
    mirrored: bool = False,
) -> Copies:
    """Compare generated images' distances to the training images with those of new real ones.

    It finds images learnt by heart; finding none is no proof that nothing about a
    training image can be told from the samples.

    Parameters
    ----------
    train, fake : (n, channels, height, width) arrays
        Training images, one or more, and generated ones.
    held_out : (n, channels, height, width) array, optional
        New real images. Without them, or where there are none, the training images
        serve, each against all others.
    features : callable, default=blurred_pixels
        Maps images to the rows whose Euclidean distances count. Networks that
        learnt from the training images do not qualify.
    mirrored : bool, default=False
        Look for the training images' mirror images too.

    Returns
    -------
    Copies

    Warns
    -----
    UserWarning
        Where all new images are equal to training images.

    Examples
    --------
    >>> train, held_out = np.random.default_rng(0).normal(size=(2, 20, 1, 8, 8))
    >>> copies = find_copies(train, train[[7, 3]], held_out)
    >>> copies.nearest.tolist(), copies.ratio, copies.close
    ([7, 3], 0.0, 1.0)
    """
    views = [train, train[..., ::-1]] if mirrored else [train]
    candidates = np.concatenate([features(view) for view in views])
    distances, nearest = _nearest(candidates, features(fake))
    if held_out is None or not len(held_out):
        real_distances = _among_themselves(candidates, len(train))
    else:
        real_distances, _ = _nearest(candidates, features(held_out))
        if not real_distances.any():
            warn_caller(
                "all held-out samples of a class are equal to training samples, so that copies "
                "cannot be told: pass samples that the model has not seen."
            )
    close_real = [
        _share_close(real_distances[[number]], np.delete(real_distances, number))
        for number in range(len(real_distances))
    ]
    return Copies(
        distances,
        nearest % len(train),
        nearest >= len(train),
        _ratio_of_medians(distances, real_distances),
        _share_close(distances, real_distances),
        float(np.mean(close_real)) if close_real else math.nan,
    )


def _nearest(candidates: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if not len(rows):
        return np.empty(0), np.empty(0, dtype=int)
    search = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(candidates)
    nearest = search.kneighbors(rows, return_distance=False)[:, 0]
    # the search rounds so that a copy is not at distance 0
    return np.linalg.norm(rows - candidates[nearest], axis=1), nearest


def _among_themselves(candidates: np.ndarray, n_train: int) -> np.ndarray:
    """Distance of each training image to the nearest candidate that does not come from it."""
    n_own = len(candidates) // n_train
    if n_train == 1:
        return np.empty(0)
    search = NearestNeighbors(n_neighbors=n_own + 1, algorithm="brute").fit(candidates)
    nearest = search.kneighbors(candidates[:n_train], return_distance=False)
    is_other = nearest % n_train != np.arange(n_train)[:, None]
    first = np.take_along_axis(nearest, is_other.argmax(axis=1)[:, None], axis=1)[:, 0]
    return np.linalg.norm(candidates[:n_train] - candidates[first], axis=1)


def _ratio_of_medians(distances: np.ndarray, real_distances: np.ndarray) -> float:
    if not len(distances) or not len(real_distances) or not np.median(real_distances):
        return math.nan
    return float(np.median(distances) / np.median(real_distances))


def _share_close(distances: np.ndarray, real_distances: np.ndarray) -> float:
    if not len(distances) or not len(real_distances):
        return math.nan
    return float(np.mean(distances < np.quantile(real_distances, CLOSE_QUANTILE)))
