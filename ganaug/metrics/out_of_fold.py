"""Image classifiers of which each has left out a fold of the images."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import partial
from typing import TypeVar

import numpy as np

from ganaug.metrics.classifier import N_STEPS, ImageClassifier, classes_of, codes_of
from ganaug.metrics.features import FeatureSpace

Classifier = TypeVar("Classifier")


def cross_fit(
    fit: Callable[..., Classifier],
    samples: np.ndarray,
    y: np.ndarray,
    fold_of: np.ndarray,
    seeds: Sequence[int],
) -> list[Classifier]:
    """Classifiers of which each has learnt from all samples but those of its fold.

    Parameters
    ----------
    fit : callable
        Maps samples, their labels, ``seed`` and ``classes``, all labels to tell apart, to a
        classifier.
    samples : (n, ...) array
    y : (n,) array
        Labels.
    fold_of : (n,) array of int
        Fold of each sample, from 0.
    seeds : sequence of int
        Seed of the classifier of each fold.
    """
    classes = classes_of(y)
    return [
        fit(samples[fold_of != fold], y[fold_of != fold], seed=seed, classes=classes)
        for fold, seed in enumerate(seeds)
    ]


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
        Seed of the folds and the networks.
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
        fold_of = _folds(codes, n_folds, np.random.default_rng(seeds[-1]))
        seeds = seeds[: fold_of.max() + 1].tolist()
        self._unseen = [fold_of == fold for fold in range(len(seeds))]
        fit = partial(ImageClassifier.fit, n_steps=n_steps)
        self._models = cross_fit(fit, images, codes, fold_of, seeds)

    def spaces(self) -> list[FeatureSpace]:
        """The last hidden layer of each model and the training images that are new to it."""
        return [
            FeatureSpace(model.features, unseen)
            for model, unseen in zip(self._models, self._unseen, strict=True)
        ]

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        """Mean over models of each class's probability, (n, classes), for new images."""
        return np.mean([model.probabilities(images) for model in self._models], axis=0)


def _folds(codes: np.ndarray, n_folds: int, rng: np.random.Generator) -> np.ndarray:
    """Fold of each row; classes are dealt out one after the other, however small they are."""
    order = rng.permutation(len(codes))
    order = order[np.argsort(codes[order], kind="stable")]
    folds = np.empty(len(codes), dtype=int)
    folds[order] = np.arange(len(codes)) % n_folds
    return folds
