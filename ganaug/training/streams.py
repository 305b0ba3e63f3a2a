"""Randomness of the game: one seeded stream per member, drawn in blocks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor

# Numbers that one member draws at a time. It depends on nothing but the shape asked for, so
# that a member sees the same numbers whoever trains beside it.
BLOCK = 2**16
LONGEST_BLOCK = 32

# What a member may be given at a time, in a state that is gone on from.
MAX_DRAWN = 2**27


# What draws the numbers of a block.
DRAWS = {"randn": torch.randn, "rand": torch.rand}


@dataclass(frozen=True)
class BlockState:
    """Numbers that are drawn again to go on.

    Attributes
    ----------
    draw : str
        Key of ``DRAWS``.
    shape : tuple of int
        Of what one member is given at a time.
    begun : list of tensors
        States of the members' generators before.
    n_given : int
        How many have been given.
    """

    draw: str
    shape: tuple[int, ...]
    begun: list[Tensor]
    n_given: int

    def __post_init__(self) -> None:
        n_given = 0 <= self.n_given <= LONGEST_BLOCK
        size = 1
        for side in self.shape:
            size *= max(side, 1)
        if self.draw not in DRAWS or not n_given or min(self.shape, default=0) < 0:
            raise ValueError(f"streams draw none of {self.draw} and the shape {self.shape}")
        if size > MAX_DRAWN:
            raise ValueError(f"streams draw no {size} numbers at a time")


@dataclass(frozen=True)
class StreamsState:
    """State from which streams of as many members go on, with the same numbers.

    Attributes
    ----------
    generators : list of tensors
        States of the members' generators.
    blocks : list of BlockState
    """

    generators: list[Tensor]
    blocks: list[BlockState]


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
        self._blocks: dict[tuple[str, tuple[int, ...]], _Block] = {}

    def normal(self, *shape: int) -> Float[Tensor, "members *shape"]:
        """Draw standard normal numbers, ``shape`` of them for each member."""
        return self._next("randn", shape)

    def uniform(self, *shape: int) -> Float[Tensor, "members *shape"]:
        """Draw numbers uniform in [0, 1), ``shape`` of them for each member."""
        return self._next("rand", shape)

    def state(self) -> StreamsState:
        """What to ``resume`` from, to go on with the same numbers."""
        blocks = [
            BlockState(draw, shape, block.begun, block.n_given)
            for (draw, shape), block in self._blocks.items()
        ]
        return StreamsState(self._states(), blocks)

    def resume(self, state: StreamsState) -> None:
        """Go to where streams of as many members were.

        Raises
        ------
        ValueError, RuntimeError
            For a state of other streams.
        """
        self._blocks = {}
        for own in state.blocks:
            self._set(own.begun)
            block = self._blocks[own.draw, own.shape] = self._drawn(own.draw, own.shape)
            if own.n_given > len(block.numbers):
                raise ValueError(f"streams gave {own.n_given} of {len(block.numbers)} numbers")
            block.n_given = own.n_given
        self._set(state.generators)

    def _next(self, draw: str, shape: tuple[int, ...]) -> Tensor:
        block = self._blocks.get((draw, shape))
        if block is None or block.n_given == len(block.numbers):
            block = self._blocks[draw, shape] = self._drawn(draw, shape)
        block.n_given += 1
        return block.numbers[block.n_given - 1]

    def _drawn(self, draw: str, shape: tuple[int, ...]) -> "_Block":
        begun = self._states()
        length = max(1, min(LONGEST_BLOCK, BLOCK // max(1, torch.Size(shape).numel())))
        blocks = [
            DRAWS[draw](length, *shape, generator=generator, device=self._device)
            for generator in self._generators
        ]
        return _Block(begun, torch.stack(blocks, dim=1).unbind(0))

    def _states(self) -> list[Tensor]:
        return [generator.get_state() for generator in self._generators]

    def _set(self, states: list[Tensor]) -> None:
        for generator, state in zip(self._generators, states, strict=True):
            generator.set_state(state)


@dataclass
class _Block:
    """Numbers drawn at once, how many were given, and the generators' states before."""

    begun: list[Tensor]
    numbers: tuple[Tensor, ...]
    n_given: int = 0
