"""Classifiers of images, trained from one start or another."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from sklearn.frozen import FrozenEstimator
from torch import Generator, Tensor

from ganaug.encoding.image import ImageEncoder
from ganaug.encoding.rows import join_rows
from ganaug.evaluation.starts import Start
from ganaug.models.discriminator_backbone import DiscriminatorBackbone
from ganaug.randomness import SEED_LIMIT
from ganaug.resampling import clone_seeded, draw_samples, fit_progress
from ganaug.training.fine_tuning import FineTuning, fine_tune
from ganaug.training.networks.backbone_classifier import BackboneClassifier
from ganaug.training.networks.image_stages import stage_sizes
from ganaug.training.precision import precise_on

# Batches by default, for images of up to SMALL pixels a side and for larger ones.
N_STEPS = 3000
N_STEPS_SMALL = 500
SMALL = 12

# Images that pass through a network at a time, where nothing is learnt.
CHUNK = 256

# Images that a GAN of the classes draws of each, to be mixed into batches.
N_DRAWN = 400

# Context of a training of so many steps, which gives what is called with each that is done.
Watch = Callable[[int], AbstractContextManager[Callable[[int], object]]]


def default_n_steps(encoder: ImageEncoder) -> int:
    """Batches that a classifier of such images learns from, where no number is named."""
    return N_STEPS_SMALL if max(encoder.height, encoder.width) <= SMALL else N_STEPS


def network_steps(gan: Any) -> int | str:
    """Steps for which the small networks train: no more than a model that trains.

    Examples
    --------
    >>> from ganaug import ImageGAN
    >>> [network_steps(gan) for gan in (ImageGAN(n_steps=500), ImageGAN(n_steps=10**6), None)]
    [500, 'auto', 'auto']
    """
    n_steps = getattr(gan, "n_steps", "auto")
    # n_steps=0 is for GANs alone
    is_fewer = isinstance(n_steps, int | np.integer) and 0 < n_steps < N_STEPS
    return n_steps if is_fewer and not isinstance(gan, FrozenEstimator) else "auto"


def _unseen(n_steps: int) -> AbstractContextManager[Callable[[int], object]]:
    return nullcontext(lambda n_new: None)


@dataclass(frozen=True, eq=False)
class ImageSet:
    """Images to learn from: those with a class, and others.

    Attributes
    ----------
    X : (n, ...) array
        Images with a class.
    codes : (n,) array of int
        Numbers of their classes.
    weights : (n,) array
        Weights with which they are drawn.
    unlabelled : (m, ...) array
        Images without a class.
    """

    X: np.ndarray
    codes: np.ndarray
    weights: np.ndarray
    unlabelled: np.ndarray

    def take(self, rows: np.ndarray) -> "ImageSet":
        """The set with some of the images that have a class, and all others."""
        return ImageSet(self.X[rows], self.codes[rows], self.weights[rows], self.unlabelled)


class ImageSetGANs:
    """GANs of a set of images, each trained when it is first asked for.

    Parameters
    ----------
    gan : model or None
        Model to copy; a frozen one stays as it is.
    images : ImageSet
    rng : RandomState
    verbose : int, default=0
        1 shows how far their training has come.
    """

    def __init__(self, gan: Any, images: ImageSet, rng: np.random.RandomState, verbose: int = 0):
        self._gan = gan
        self._images = images
        self._rng = rng
        self._verbose = verbose

    @cached_property
    def backbone(self) -> DiscriminatorBackbone:
        """Discriminator of a GAN of all images, which has seen no label."""
        everything = join_rows([self._images.X, self._images.unlabelled])
        return self._fit(everything, None).backbone()

    @cached_property
    def samples(self) -> tuple[np.ndarray, np.ndarray]:
        """Images that a GAN of the classes draws, and the numbers of their classes."""
        images = self._images
        model = self._fit(images.X, images.codes)
        counts = dict.fromkeys(np.unique(images.codes).tolist(), N_DRAWN)
        return draw_samples(model, counts, self._rng)

    def _fit(self, X: np.ndarray, y: np.ndarray | None) -> Any:
        """A copy of the model, fitted."""
        model = clone_seeded(self._gan, X, self._rng)
        with fit_progress(model, self._verbose):
            return model.fit(X, y)


@dataclass(frozen=True, eq=False)
class FineTuner:
    """Trains classifiers of images.

    Attributes
    ----------
    encoder : ImageEncoder
        Encoder of the images.
    n_classes : int
    capacity : float
        Multiplier of the channels of networks that start from random weights.
    settings : FineTuning
    device : torch.device
    """

    encoder: ImageEncoder
    n_classes: int
    capacity: float
    settings: FineTuning
    device: torch.device

    def train(
        self,
        start: Start,
        images: ImageSet,
        gans: ImageSetGANs,
        rng: np.random.RandomState,
        watch: Watch = _unseen,
    ) -> BackboneClassifier:
        """Classifier, on the CPU, that has learnt from images of a set.

        ``watch`` is entered once the GANs are trained.
        """
        seed = int(rng.randint(SEED_LIMIT))
        backbone = gans.backbone if start.pretrained else None
        classifier = self._untrained(backbone, Generator().manual_seed(seed)).to(self.device)
        X = images.X
        codes = images.codes
        weights = images.weights / images.weights.sum()
        if start.sample_share > 0:
            drawn, drawn_codes = gans.samples
            X = join_rows([X, drawn])
            codes = np.concatenate([codes, drawn_codes])
            added = np.full(len(drawn), start.sample_share / len(drawn))
            weights = np.concatenate([(1 - start.sample_share) * weights, added])
        with watch(self.settings.n_steps) as on_steps:
            fine_tune(
                classifier,
                to_tensor(X, self.encoder).to(self.device),
                torch.from_numpy(codes).to(self.device),
                precise_on(self.device, torch.from_numpy(weights).double()).to(self.device),
                self.settings,
                seed,
                on_steps,
            )
        return classifier.cpu().requires_grad_(False)

    def _untrained(
        self, backbone: DiscriminatorBackbone | None, stream: Generator
    ) -> BackboneClassifier:
        """Classifier of a backbone's stages, or of random ones."""
        if backbone is not None:
            config = backbone.config
        else:
            encoder = self.encoder
            sizes = stage_sizes(encoder.n_channels, encoder.height, encoder.width, self.capacity)
            config = {"sizes": sizes, "low": encoder.low, "high": encoder.high, "scale": 1}
        classifier = BackboneClassifier(**config, n_classes=self.n_classes, streams=[stream])
        if backbone is not None:
            classifier.backbone.load_state_dict(backbone.state_dict())
        return classifier


def to_tensor(X: np.ndarray, encoder: ImageEncoder) -> Tensor:
    """Images as networks take them: (n, channels, height, width), in the values of X."""
    encoder.check_scale(X)
    return torch.from_numpy(encoder.channels_first(X.reshape(len(X), *encoder.image_shape)))


def logits_of(network: BackboneClassifier, images: Tensor) -> Tensor:
    """Logits (n, classes) of images, some at a time."""
    with torch.no_grad():
        return torch.cat([network(part) for part in images.split(CHUNK)])
