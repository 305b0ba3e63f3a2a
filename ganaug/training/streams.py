"""Randomness of the game: one seeded stream per member, drawn in blocks."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor

# Numbers that one member draws at a time. It depends on nothing but the shape asked for, so
# that a member sees the same numbers whoever trains beside it.
BLOCK = 2**16
LONGEST_BLOCK = 32


@runtime_checkable
class Streams(Protocol):
    """Random tensors with a leading member axis."""

    def normal(self, *shape: int) -> Float[Tensor, "members *shape"]:
        """Draw standard normal numbers, ``shape`` of them for each member."""

    def uniform(self, *shape: int) -> Float[Tensor, "members *shape"]:
        """Draw numbers uniform in [0, 1), ``shape`` of them for each member."""


class MemberStreams:
    """Random tensors with a leading member axis, member k's from its own seed.

    What a member draws does not depend on the members beside it, so a class
    trains alike alone and among others.

    Parameters
    ----------
    seeds : sequence of int
        One per member.
    device : torch.device
        Where the numbers are made. Devices give different numbers.

    Examples
    --------
    >>> together = MemberStreams([7, 8], torch.device("cpu")).normal(2, 3)
    >>> alone = MemberStreams([8], torch.device("cpu")).normal(2, 3)
    >>> torch.equal(together[1], alone[0])
    True
    """

    def __init__(self, seeds: Sequence[int], device: torch.device):
        self._generators = [torch.Generator(device).manual_seed(seed) for seed in seeds]
        self._device = device
        self._pending: dict[tuple, Iterator[Tensor]] = {}

    def normal(self, *shape: int) -> Float[Tensor, "members *shape"]:
        """Draw standard normal numbers, ``shape`` of them for each member."""
        return self._next(torch.randn, shape)

    def uniform(self, *shape: int) -> Float[Tensor, "members *shape"]:
        """Draw numbers uniform in [0, 1), ``shape`` of them for each member."""
        return self._next(torch.rand, shape)

    def _next(self, draw: Callable[..., Tensor], shape: tuple[int, ...]) -> Tensor:
        key = (draw, shape)
        drawn = next(self._pending.get(key, iter(())), None)
        if drawn is None:
            length = max(1, min(LONGEST_BLOCK, BLOCK // max(1, torch.Size(shape).numel())))
            blocks = [
                draw(length, *shape, generator=generator, device=self._device)
                for generator in self._generators
            ]
            self._pending[key] = iter(torch.stack(blocks, dim=1).unbind(0))
            drawn = next(self._pending[key])
        return drawn
