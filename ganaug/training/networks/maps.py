"""Images of all members as convolutions take them, and back."""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import pixel_shuffle, pixel_unshuffle

from ganaug.training.ensemble import Maps

AnyMaps = Float[Tensor, "_ _ _ _"]
Images = Float[Tensor, "members batch channels height width"]


def to_grouped(images: Images, shared: bool) -> Maps:
    """Images of all members as convolutions take them.

    Channels of members stand beside one another; where members share their layers,
    they are one batch instead.
    """
    maps = images.flatten(0, 1) if shared else images.transpose(0, 1).flatten(1, 2)
    return maps.contiguous(memory_format=torch.channels_last)


def from_grouped(maps: Maps, n_members: int, shared: bool) -> Images:
    """Undo ``to_grouped``."""
    if shared:
        return maps.unflatten(0, (n_members, -1))
    return maps.unflatten(1, (n_members, -1)).transpose(0, 1)


def fold(maps: AnyMaps, halving: tuple[int, int]) -> AnyMaps:
    """Fold 2 x 2 pixels into channels, or where maps are halved along their rows alone, 2 steps.

    Examples
    --------
    >>> fold(torch.arange(4.0).reshape(1, 1, 1, 4), (1, 2)).squeeze()
    tensor([[0., 2.],
            [1., 3.]])
    """
    if halving == (2, 2):
        return pixel_unshuffle(maps, 2)
    pairs = maps.unflatten(3, (-1, 2))
    return pairs.permute(0, 1, 4, 2, 3).flatten(1, 2)


def unfold(maps: AnyMaps, halving: tuple[int, int]) -> AnyMaps:
    """Undo ``fold``."""
    if halving == (2, 2):
        return pixel_shuffle(maps, 2)
    pairs = maps.unflatten(1, (-1, 2))
    return pairs.permute(0, 1, 3, 4, 2).flatten(3, 4)
