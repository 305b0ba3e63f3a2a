"""Spaces in which images are compared: random networks and out-of-fold classifiers."""

import math
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from scipy.ndimage import gaussian_filter
from torch import Generator, Tensor
from torch.nn.functional import adaptive_avg_pool2d, leaky_relu

from ganaug.metrics.classifier import (
    LEAKY_SLOPE,
    N_STEPS,
    ImageClassifier,
    classes_of,
    codes_of,
    convolution,
    in_chunks,
)
from ganaug.training.defaults import torch_defaults

# One network each. They are part of what the figures mean: other seeds, other figures.
NETWORK_SEEDS = (1, 2, 3)
WIDTHS = (8, 16, 32)


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
def random_features(images: np.ndarray) -> np.ndarray:
    """Features from three fixed random convolutional networks, which know of no class.

    Every layer gives each channel's mean over the quarters of the image, which keep
    its layout, and its standard deviation over the whole. Features are standardised
    by their values on fixed cloudy images: those of an image do not depend on
    what stands beside it.

    Parameters
    ----------
    images : (n, channels, height, width) array
        In [-1, 1], 8 to 128 pixels a side.

    Returns
    -------
    (n, 840) array
        About 1 in size.

    Examples
    --------
    >>> random_features(np.zeros((2, 3, 16, 12))).shape
    (2, 840)
    """
    mean, scale = _reference(images.shape[1:])
    return (_raw_features(images) - mean) / scale


class OutOfFoldClassifier:
    """Classifiers of which each has left out a fold of the training images.

    A network knows the images that it learnt from: they lie further apart by class
    than new ones, so that features of training images and of others do not compare.
    Here each training image is new to one of the models. Features of two models
    share no axes, so a figure is computed within the space of one (``spaces``) and
    averaged over models; probabilities of other images are averaged at once.

    A generator that copies its training images shows copies to models that know
    them; look at ``find_copies`` for that.

    Parameters
    ----------
    images : (n, channels, height, width) array
        Training images, in [-1, 1].
    y : sequence of n hashables
        Their labels, two classes or more.
    seed : int
        Of the folds and the networks.
    n_folds : int
        Models; each leaves out a share of 1 / ``n_folds`` of every class. Time is
        linear in it.
    n_steps : int
        Batches that each model learns from; time is linear in it.

    Attributes
    ----------
    classes : list
        Labels in order.

    Examples
    --------
    >>> images = np.linspace(-1, 1, 12)[:, None, None, None] * np.ones((1, 1, 8, 8))
    >>> classifier = OutOfFoldClassifier(images, ["dark"] * 6 + ["light"] * 6, seed=0, n_steps=9)
    >>> [int(space.unseen.sum()) for space in classifier.spaces()]
    [4, 4, 4]
    """

    def __init__(
        self,
        images: np.ndarray,
        y: Iterable[Hashable],
        *,
        seed: int,
        n_folds: int = 3,
        n_steps: int = N_STEPS,
    ):
        self.classes = classes_of(y)
        codes = codes_of(y, self.classes)
        seeds = np.random.SeedSequence(seed).generate_state(n_folds + 1)
        folds = _folds(codes, n_folds, np.random.default_rng(seeds[-1]))
        self._unseen = [folds == fold for fold in range(folds.max() + 1)]
        self._models = [
            ImageClassifier.fit(
                images[~unseen],
                codes[~unseen],
                seed=int(seed),
                classes=range(len(self.classes)),
                n_steps=n_steps,
            )
            for unseen, seed in zip(self._unseen, seeds, strict=False)
        ]

    def spaces(self) -> list[FeatureSpace]:
        """The last hidden layer of each model and the training images that are new to it."""
        return [
            FeatureSpace(model.features, unseen)
            for model, unseen in zip(self._models, self._unseen, strict=True)
        ]

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        """Mean over models of each class's probability, (n, classes), for new images."""
        return np.mean([model.probabilities(images) for model in self._models], axis=0)


def blurred_pixels(images: np.ndarray) -> np.ndarray:
    """Pixels, (n, d), after a blur of a 28th of the image's side that forgives small shifts.

    Examples
    --------
    >>> blurred_pixels(np.ones((2, 1, 8, 8))).shape
    (2, 64)
    """
    sigma = max(images.shape[2:]) / 28
    blurred = gaussian_filter(np.asarray(images, dtype=float), (0, 0, sigma, sigma))
    return blurred.reshape(len(images), math.prod(images.shape[1:]))


def _folds(codes: np.ndarray, n_folds: int, rng: np.random.Generator) -> np.ndarray:
    """Fold of each row; classes are dealt out one after the other, however small they are."""
    order = rng.permutation(len(codes))
    order = order[np.argsort(codes[order], kind="stable")]
    folds = np.empty(len(codes), dtype=int)
    folds[order] = np.arange(len(codes)) % n_folds
    return folds


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
    return [convolution(*pair, 2, stream) for pair in zip(widths, WIDTHS, strict=False)]


def _pooled(images: Tensor, layers: list[torch.nn.Conv2d]) -> Tensor:
    pooled = []
    for layer in layers:
        images = leaky_relu(layer(images), LEAKY_SLOPE)
        pooled += [
            adaptive_avg_pool2d(images, 2).flatten(1),
            images.flatten(2).std(dim=2, correction=0),
        ]
    return torch.cat(pooled, dim=1)
