"""Images of all members as convolutions take them, and back."""

import torch
from jaxtyping import Float
from torch import Tensor

from ganaug.training.ensemble import Maps

AnyMaps = Float[Tensor, "_ _ _ _"]
Images = Float[Tensor, "members batch channels height width"]


def to_grouped(images: Images, shared: bool) -> Maps:
    """Images of all members as convolutions take them.

    Channels of members stand beside one another; where members share their layers,
    they are one batch instead.
    """
    return side_by_side(images, shared).contiguous(memory_format=torch.channels_last)


def side_by_side(images: Images, shared: bool) -> AnyMaps:
    """Images as by ``to_grouped``, in whatever order of memory."""
    return images.flatten(0, 1) if shared else images.transpose(0, 1).flatten(1, 2)


def from_grouped(maps: Maps, n_members: int, shared: bool) -> Images:
    """Undo ``to_grouped``."""
    if shared:
        return maps.unflatten(0, (n_members, -1))
    return maps.unflatten(1, (n_members, -1)).transpose(0, 1)


def fold(maps: AnyMaps, folding: tuple[int, int]) -> AnyMaps:
    """Fold squares of pixels into channels, or of sequences, which have one row, steps.

    The order of memory is that which convolutions like best.

    Examples
    --------
    >>> fold(torch.arange(4.0).reshape(1, 1, 1, 4), (1, 2)).squeeze()
    tensor([[0., 2.],
            [1., 3.]])
    """
    squares = maps.unflatten(3, (-1, folding[1])).unflatten(2, (-1, folding[0]))
    return squares.permute(0, 2, 4, 1, 3, 5).flatten(3).permute(0, 3, 1, 2)


def unfold(maps: AnyMaps, folding: tuple[int, int]) -> AnyMaps:
    """Undo ``fold``; the order of memory is that of images."""
    squares = maps.unflatten(1, (-1, *folding))
    return squares.permute(0, 1, 4, 2, 5, 3).flatten(4).flatten(2, 3)
