"""Images of all members as convolutions take them, and back."""

import torch
from jaxtyping import Float
from torch import Tensor

from ganaug.training.ensemble import Maps

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
