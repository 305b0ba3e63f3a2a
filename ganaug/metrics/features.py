"""Spaces in which images are compared."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from scipy.ndimage import gaussian_filter
from torch import Generator, Tensor
from torch.nn.functional import adaptive_avg_pool2d, avg_pool2d, leaky_relu

from ganaug.metrics.classifier import LEAKY_SLOPE, conv3x3, in_chunks
from ganaug.training.defaults import torch_defaults

# One network each. They are part of what the figures mean: other seeds, other figures.
NETWORK_SEEDS = (1, 2, 3)
WIDTHS = (8, 16, 32)

# Larger images are compared as they are when made smaller: layers that see 15 pixels across would
# see nothing but their finest texture.
LONGEST_SIDE = 128
SHORTEST_SIDE = 8


@dataclass(frozen=True)
class FeatureSpace:
    """Features that one model gives to images.

    Attributes
    ----------
    features : callable
        Maps images (n, channels, height, width) to features (n, d).
    unseen : (n_train,) bool array
        Which training images the model did not learn from. Only those look to it
        as held-out images do.
    """

    features: Callable[[np.ndarray], np.ndarray]
    unseen: np.ndarray


@torch_defaults()
def random_cnn_features(images: np.ndarray) -> np.ndarray:
    """Features from three fixed random convolutional networks, which know of no class.

    Every layer gives each channel's mean over the quarters of the image, which keep
    its layout, and its standard deviation over the whole. Features are standardised
    by their values on fixed cloudy images: those of an image do not depend on
    what stands beside it.

    Parameters
    ----------
    images : (n, channels, height, width) array
        Images in [-1, 1], 8 pixels or more a side; those of more than 128 are made smaller.

    Returns
    -------
    (n, 840) array
        About 1 in size.

    Examples
    --------
    >>> random_cnn_features(np.zeros((2, 3, 16, 12))).shape
    (2, 840)
    """
    images = shrink(images)
    mean, scale = _reference(images.shape[1:])
    return (_raw_features(images) - mean) / scale


def blurred_pixels(images: np.ndarray) -> np.ndarray:
    """Pixels, (n, d), after a blur of a 28th of the image's side that forgives small shifts.

    Images of more than 128 pixels a side are made smaller first.

    Examples
    --------
    >>> blurred_pixels(np.ones((2, 1, 8, 8))).shape
    (2, 64)
    """
    images = shrink(images)
    sigma = max(images.shape[2:]) / 28
    blurred = gaussian_filter(np.asarray(images, dtype=float), (0, 0, sigma, sigma))
    return blurred.reshape(len(images), math.prod(images.shape[1:]))


def shrink(images: np.ndarray) -> np.ndarray:
    """Make images (n, channels, height, width) of more than 128 pixels a side smaller.

    Pixels are means of squares of them. Long narrow images stay 8 pixels wide.

    Examples
    --------
    >>> shrink(np.zeros((2, 3, 256, 200), dtype=np.float32)).shape
    (2, 3, 128, 100)
    """
    height, width = images.shape[2:]
    factor = min(math.ceil(max(height, width) / LONGEST_SIDE), min(height, width) // SHORTEST_SIDE)
    if factor <= 1:
        return images
    large = torch.from_numpy(np.ascontiguousarray(images))
    return avg_pool2d(large, factor, ceil_mode=True).numpy()


@lru_cache(maxsize=8)
def _reference(shape: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of each feature over fixed images of smooth noise."""
    rng = np.random.default_rng(0)
    noise = rng.standard_normal((128, *shape))
    blur = max(shape[1:]) / 8
    clouds = gaussian_filter(noise, (0, 0, blur, blur), mode="wrap")
    clouds = np.tanh(clouds / clouds.std() + 0.3 * noise)
    features = _raw_features(clouds)
    return features.mean(axis=0), features.std(axis=0) + 1e-6


def _raw_features(images: np.ndarray) -> np.ndarray:
    networks = [_random_network(images.shape[1], seed) for seed in NETWORK_SEEDS]
    return in_chunks(
        lambda batch: torch.cat([_pooled(batch, layers) for layers in networks], dim=1), images
    )


@lru_cache(maxsize=8)
def _random_network(n_channels: int, seed: int) -> list[torch.nn.Conv2d]:
    stream = Generator().manual_seed(seed)
    widths = (n_channels, *WIDTHS)
    return [conv3x3(*pair, 2, stream) for pair in zip(widths, WIDTHS, strict=False)]


def _pooled(images: Tensor, layers: list[torch.nn.Conv2d]) -> Tensor:
    pooled = []
    for layer in layers:
        images = leaky_relu(layer(images), LEAKY_SLOPE)
        pooled += [
            adaptive_avg_pool2d(images, 2).flatten(1),
            _deviations(images),
        ]
    return torch.cat(pooled, dim=1)


def _deviations(maps: Tensor) -> Tensor:
    """Standard deviation of each map, much faster than by ``Tensor.std``."""
    values = maps.flatten(2)
    centred = values - values.mean(dim=2, keepdim=True)
    return torch.linalg.vector_norm(centred, dim=2) / math.sqrt(values.shape[2])
