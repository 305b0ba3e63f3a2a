"""Differentiable augmentation: what both networks see, so that few images do not become known."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample

from ganaug.training.streams import Streams

Images = Float[Tensor, "members batch channels height width"]
Numbers = Float[Tensor, "members batch numbers"]

# Probability with which each kind of change is made to what a discriminator sees.
PROBABILITY = 0.25

# Largest probability of some kinds: mirrored more often, images would only be mirrored back, and
# some have to be seen whole.
MAX_PROBABILITY = {"flip": 0.5, "cutout": 0.5}

# Largest moves: share of the sides, degrees, and share of the size.
TRANSLATION = 0.1
ROTATION = 8.0
SCALE = 0.08

# Numbers that say how an image is moved.
N_MOVES = 4


def flip(images: Images, numbers: Numbers) -> Images:
    """Mirror left to right."""
    return images.flip(-1)


def affine(images: Images, numbers: Numbers) -> Images:
    """Move, turn and scale a little."""
    return move(images, 2 * numbers - 1)


def move(images: Images, moves: Float[Tensor, "members batch moves"]) -> Images:
    """Turn, scale and shift each image; what comes in from outside repeats the border.

    Parameters
    ----------
    images : (members, batch, channels, height, width)
    moves : (members, batch, 4)
        Rotation, scale, and shift along the width and the height, in [-1, 1] of
        ``ROTATION``, ``SCALE`` and ``TRANSLATION``.
    """
    n_members, n_batch, _, height, width = images.shape
    angle = moves[..., 0] * (ROTATION * math.pi / 180)
    scale = 1 + moves[..., 1] * SCALE
    cosine = scale * angle.cos()
    sine = scale * angle.sin()
    # the grid is 2 long on each side, whatever the image's
    shift = moves[..., 2:] * (2 * TRANSLATION)
    aspect = height / width
    rows = [cosine, -sine * aspect, shift[..., 0], sine / aspect, cosine, shift[..., 1]]
    matrices = torch.stack(rows, dim=-1).reshape(n_members * n_batch, 2, 3)
    flat = images.flatten(0, 1)
    grid = affine_grid(matrices, list(flat.shape), align_corners=False)
    moved = grid_sample(flat, grid, padding_mode="border", align_corners=False)
    return moved.unflatten(0, (n_members, n_batch))


def color(images: Images, numbers: Numbers) -> Images:
    """Change brightness and contrast, and the saturation of colours."""
    brightness, saturation, contrast = numbers[..., None, None, None].unbind(2)
    images = images + (brightness - 0.5)
    if images.shape[2] > 1:
        grey = images.mean(dim=2, keepdim=True)
        images = grey + 2 * saturation * (images - grey)
    mean = images.mean(dim=(2, 3, 4), keepdim=True)
    return mean + (0.5 + contrast) * (images - mean)


def cutout(images: Images, numbers: Numbers) -> Images:
    """Set a square, half as wide and high as the image, to mid-grey."""
    height, width = images.shape[-2:]
    rows, columns = (
        (torch.arange(length, device=images.device) + 0.5 - middle[..., None] * length).abs()
        < length / 4
        for length, middle in ((height, numbers[..., 0]), (width, numbers[..., 1]))
    )
    hidden = rows[..., :, None] & columns[..., None, :]
    return images.masked_fill(hidden[:, :, None], 0.0)


# Changes of images by numbers in [0, 1) that are drawn for each.
KINDS: dict[str, Callable[[Images, Numbers], Images]] = {
    "affine": affine,
    "flip": flip,
    "color": color,
    "cutout": cutout,
}

# Numbers that a change of an image takes.
N_NUMBERS = {"affine": N_MOVES, "flip": 0, "color": 3, "cutout": 2}

# Kinds that move pixels; the others change their values.
GEOMETRIC = ("affine", "flip")


@dataclass(frozen=True)
class Augmentation:
    """Random changes of the given kinds, one after the other, each of a share of the images.

    By default most stay as they are, so that the discriminators see edges that no turn has blurred
    and colours as they come; all numbers are fresh at each call.

    The discriminators see real and generated images through it alike, so what it
    does to images does not appear in those of the generators.

    Parameters
    ----------
    kinds : tuple of str
        Kinds of changes, keys of ``KINDS``.
    n_guides : int, default=0
        Number of channels that come first, and move with the others but keep their values.
    probability : float, default=0.25
        Probability with which each kind of change is made to an image; of mirroring and
        hidden squares a half at most.

    References
    ----------
    Zhao et al., "Differentiable augmentation for data-efficient GAN training",
    NeurIPS 2020.

    Examples
    --------
    >>> from ganaug.training.streams import MemberStreams
    >>> streams = MemberStreams([0], torch.device("cpu"))
    >>> Augmentation(("affine", "cutout"))(torch.zeros(1, 3, 1, 8, 8), streams).shape
    torch.Size([1, 3, 1, 8, 8])
    """

    kinds: tuple[str, ...]
    n_guides: int = 0
    probability: float = PROBABILITY

    def __post_init__(self) -> None:
        if self.n_guides < 0 or not set(self.kinds) <= set(KINDS):
            raise ValueError(f"changes are some of {list(KINDS)}; got {self.kinds!r}")
        if not 0 <= self.probability <= 1:
            raise ValueError(f"probability={self.probability!r} is none: 0 to 1 is expected")

    def __call__(self, images: Images, streams: Streams) -> Images:
        """Change images, each in its own way."""
        n_images = images.shape[1]
        for kind in self.kinds:
            numbers = streams.uniform(n_images, N_NUMBERS[kind])
            probability = min(self.probability, MAX_PROBABILITY.get(kind, 1.0))
            is_changed = streams.uniform(n_images) < probability
            images = self._change_some(kind, images, numbers, is_changed)
        return images

    def _change_some(
        self, kind: str, images: Images, numbers: Numbers, is_changed: Bool[Tensor, "members batch"]
    ) -> Images:
        """Change the images of a mask, and on a CPU no others."""
        if images.device.type != "cpu":
            # how many they are, only the device knows
            changed = self._change(kind, images, numbers)
            return torch.where(is_changed[..., None, None, None], changed, images)
        rows = is_changed.flatten().nonzero()[:, 0]
        if len(rows) == 0:
            return images
        flat = images.flatten(0, 1)
        changed = self._change(kind, flat[rows][None], numbers.flatten(0, 1)[rows][None])[0]
        return flat.index_copy(0, rows, changed).view_as(images)

    def _change(self, kind: str, images: Images, numbers: Numbers) -> Images:
        """Change all images, and no values of guides."""
        n_kept = 0 if kind in GEOMETRIC else self.n_guides
        changed = KINDS[kind](images[:, :, n_kept:], numbers)
        return torch.cat([images[:, :, :n_kept], changed], dim=2) if n_kept else changed
