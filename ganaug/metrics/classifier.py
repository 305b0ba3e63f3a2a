"""A small convolutional classifier that trains in seconds and tells what it sees."""

import math
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Generator, Tensor, nn
from torch.nn.functional import (
    adaptive_avg_pool2d,
    avg_pool2d,
    cross_entropy,
    leaky_relu,
    normalize,
)
from torch.nn.utils import skip_init

from ganaug.training.defaults import torch_defaults
from ganaug.training.rebuildable import RebuildableNetwork

LEAKY_SLOPE = 0.2

# Width of the last hidden layer, hence of the classifier's features.
N_HIDDEN = 64

# Accuracy on scikit-learn's digits and on small parts of MNIST gains little from more.
N_STEPS = 200
BATCH_SIZE = 64

# Larger images are shrunk to it: their classes show in small ones too, in far less time.
LONGEST_SIDE = 32

# Images that pass through a network at a time, where nothing is learnt.
CHUNK = 256


@dataclass(eq=False)
class ImageClassifier:
    """Convolutional network, trained with an equal share of each class in every batch.

    Attributes
    ----------
    classes : list
        Labels in order.
    network : Network
        Network with as many outputs.

    Examples
    --------
    >>> dark, light = -np.ones((9, 1, 8, 8)), np.ones((9, 1, 8, 8))
    >>> images, y = np.concatenate([dark, light]), ["dark"] * 9 + ["light"] * 9
    >>> classifier = ImageClassifier.fit(images, y, seed=0, n_steps=20)
    >>> classifier.classes
    ['dark', 'light']
    >>> classifier.probabilities(dark).round(1)[0].tolist()
    [1.0, 0.0]
    """

    classes: list
    network: "Network"

    def __post_init__(self) -> None:
        if self.network.config["n_classes"] != len(self.classes):
            raise ValueError(f"a network has no outputs for {len(self.classes)} classes")

    @classmethod
    @torch_defaults()
    def fit(
        cls,
        images: np.ndarray,
        y: Iterable[Hashable],
        *,
        seed: int,
        classes: Sequence[Hashable] | None = None,
        n_steps: int = N_STEPS,
    ) -> "ImageClassifier":
        """A classifier that has learnt from images.

        Parameters
        ----------
        images : (n, channels, height, width) array
            Images in [-1, 1], 4 pixels or more a side.
        y : sequence of n hashables
            Labels of two classes or more.
        seed : int
            Seed of the starting weights and the batches. The same seed on the same machine
            with as many threads gives the same classifier.
        classes : sequence of hashables, optional
            All labels to tell apart, where ``y`` may miss some.
        n_steps : int
            Batches to learn from; time is linear in it.
        """
        known = classes_of(y) if classes is None else list(classes)
        stream = Generator().manual_seed(seed)
        network = Network(images.shape[1:], len(known), stream)
        _train(network, as_tensor(images), codes_of(y, known), stream, n_steps)
        return cls(known, network)

    def features(self, images: np.ndarray) -> np.ndarray:
        """Last hidden layer, (n, 64), every row of length 8.

        That length makes single features about 1 in size, whatever the contrast of
        an image.
        """
        return in_chunks(
            lambda batch: normalize(self.network.hidden(batch)) * math.sqrt(N_HIDDEN), images
        )

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        """Probability of each class, (n, classes), if all were equally frequent."""
        return in_chunks(lambda batch: self.network(batch).softmax(dim=1), images)


def classes_of(y: Iterable[Hashable]) -> list:
    """Distinct labels in order, as plain Python objects.

    Examples
    --------
    >>> classes_of(np.array([3, 1, 3]))
    [1, 3]
    """
    return sorted(set(_as_list(y)))  # type: ignore[type-var]


def codes_of(y: Iterable[Hashable], classes: Sequence[Hashable]) -> np.ndarray:
    """Position of each label among the classes.

    Raises
    ------
    ValueError
        If a label is not among them.

    Examples
    --------
    >>> codes_of(["b", "a"], ["a", "b", "c"])
    array([1, 0])
    """
    positions = {label: code for code, label in enumerate(classes)}
    labels = _as_list(y)
    unknown = set(labels) - positions.keys()
    if unknown:
        raise ValueError(
            f"the label {unknown.pop()!r} is not among those of the training images: {classes}"
        )
    return np.array([positions[label] for label in labels], dtype=int)


@torch_defaults()
def in_chunks(function: Callable[[Tensor], Tensor], images: np.ndarray) -> np.ndarray:
    """Rows that a function makes of images, some at a time and without gradients."""
    if not len(images):
        # one image that is not there tells the width
        return in_chunks(function, np.zeros((1, *images.shape[1:])))[:0]
    with torch.no_grad():
        rows = [function(batch).double() for batch in as_tensor(images).split(CHUNK)]
    return torch.cat(rows).numpy()


def as_tensor(images: np.ndarray) -> Tensor:
    """Images as single-precision numbers, in the memory order that convolutions like best."""
    tensor = torch.from_numpy(np.array(images, dtype=np.float32))
    return tensor.contiguous(memory_format=torch.channels_last)


def conv3x3(n_in: int, n_out: int, stride: int, stream: Generator | None) -> nn.Conv2d:
    """3 x 3 convolution that keeps the variance of what a leaky rectifier hands it."""
    layer = skip_init(nn.Conv2d, n_in, n_out, 3, stride=stride, padding=1)
    if stream is None:
        return layer
    nn.init.kaiming_normal_(layer.weight, LEAKY_SLOPE, generator=stream)
    nn.init.zeros_(layer.bias)
    return layer.to(memory_format=torch.channels_last)


class Network(RebuildableNetwork):
    """Halves images to 4 - 8 pixels a side, then one hidden layer sees all of them.

    Parameters
    ----------
    shape : (channels, height, width)
        Shape of the images.
    n_classes : int
    stream : torch.Generator or None
        Source of the starting weights; None where they are to be loaded.
    """

    def __init__(self, shape: tuple[int, ...], n_classes: int, stream: Generator | None):
        super().__init__()
        self.config = {"shape": tuple(shape), "n_classes": n_classes}
        n_channels, *sides = shape
        self._shrinkage = math.ceil(max(sides) / LONGEST_SIDE)
        n_halvings = max(1, math.ceil(math.log2(max(sides) / self._shrinkage / 8)))
        widths = [n_channels, *[24, 48][:n_halvings]]
        layers = [conv3x3(*pair, 2, stream) for pair in zip(widths, widths[1:], strict=False)]
        self.convolutions = nn.ModuleList([*layers, conv3x3(widths[-1], 48, 1, stream)])
        self.middle = _linear(48 * 16, N_HIDDEN, stream)
        self.last = _linear(N_HIDDEN, n_classes, stream)

    @classmethod
    def from_config(cls, shape: tuple[int, ...], n_classes: int) -> "Network":
        """A network whose tensors are to be replaced."""
        return cls(shape, n_classes, None)

    def finish_loading(self) -> None:
        """Put the weights into the memory order that convolutions like best."""
        layers: Any = self.convolutions
        layers.to(memory_format=torch.channels_last)

    def hidden(self, images: Tensor) -> Tensor:
        """Last hidden layer, (n, 64)."""
        if self._shrinkage > 1:
            images = avg_pool2d(images, self._shrinkage, ceil_mode=True)
        for layer in self.convolutions:
            images = leaky_relu(layer(images), LEAKY_SLOPE)
        return leaky_relu(self.middle(adaptive_avg_pool2d(images, 4).flatten(1)), LEAKY_SLOPE)

    def forward(self, images: Tensor) -> Tensor:
        """Logits, (n, classes)."""
        return self.last(self.hidden(images))


def _linear(n_in: int, n_out: int, stream: Generator | None) -> nn.Linear:
    layer = skip_init(nn.Linear, n_in, n_out)
    if stream is None:
        return layer
    nn.init.kaiming_normal_(layer.weight, LEAKY_SLOPE, generator=stream)
    nn.init.zeros_(layer.bias)
    return layer


def _train(
    network: Network, images: Tensor, codes: np.ndarray, stream: Generator, n_steps: int
) -> None:
    targets = torch.from_numpy(codes)
    weights = 1 / torch.bincount(targets)[targets].double()
    optimizer = torch.optim.AdamW(network.parameters(), lr=5e-3, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, n_steps)
    for _ in range(n_steps):
        rows = torch.multinomial(weights, BATCH_SIZE, replacement=True, generator=stream)
        loss = cross_entropy(network(images[rows]), targets[rows], label_smoothing=0.05)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()


def _as_list(y: Iterable[Hashable]) -> list:
    return y.tolist() if hasattr(y, "tolist") else list(y)
