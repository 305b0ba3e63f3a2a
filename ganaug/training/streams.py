"""Randomness of the game: one seeded stream per member, drawn in blocks."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor

# Numbers that one member draws at a time. It depends on nothing but the shape asked for, so
# that a member sees the same numbers whoever trains beside it.
BLOCK_SIZE = 2**16
MAX_BLOCK_LENGTH = 32

# Numbers that a member may be given at a time, in a state that is resumed.
MAX_DRAWN = 2**27

# Functions that draw the numbers of a block.
DRAWS = {"randn": torch.randn, "rand": torch.rand}


@dataclass(frozen=True)
class BlockState:
    """Numbers that are drawn again to go on.

    Attributes
    ----------
    draw : str
        Key of ``DRAWS``.
    shape : tuple of int
        Shape of the numbers that one member is given at a time.
    start_states : list of tensors
        States of the members' generators before the block.
    n_given : int
        How often numbers of the block have been given.
    """

    draw: str
    shape: tuple[int, ...]
    start_states: list[Tensor]
    n_given: int

    def __post_init__(self) -> None:
        size = math.prod(max(length, 1) for length in self.shape)
        given = 0 <= self.n_given <= MAX_BLOCK_LENGTH
        if self.draw not in DRAWS or not given or min(self.shape, default=0) < 0:
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
        """State to ``resume`` from, to go on with the same numbers."""
        blocks = [
            BlockState(draw, shape, block.start_states, block.n_given)
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
        for saved in state.blocks:
            self._set_states(saved.start_states)
            block = self._draw_block(saved.draw, saved.shape)
            if saved.n_given > len(block.numbers):
                raise ValueError(f"streams gave {saved.n_given} of {len(block.numbers)} numbers")
            block.n_given = saved.n_given
            self._blocks[saved.draw, saved.shape] = block
        self._set_states(state.generators)

    def _next(self, draw: str, shape: tuple[int, ...]) -> Tensor:
        block = self._blocks.get((draw, shape))
        if block is None or block.n_given == len(block.numbers):
            block = self._blocks[draw, shape] = self._draw_block(draw, shape)
        block.n_given += 1
        return block.numbers[block.n_given - 1]

    def _draw_block(self, draw: str, shape: tuple[int, ...]) -> "_Block":
        start_states = self._states()
        length = max(1, min(MAX_BLOCK_LENGTH, BLOCK_SIZE // max(1, torch.Size(shape).numel())))
        blocks = [
            DRAWS[draw](length, *shape, generator=generator, device=self._device)
            for generator in self._generators
        ]
        return _Block(start_states, torch.stack(blocks, dim=1).unbind(0))

    def _states(self) -> list[Tensor]:
        return [generator.get_state() for generator in self._generators]

    def _set_states(self, states: list[Tensor]) -> None:
        for generator, state in zip(self._generators, states, strict=True):
            generator.set_state(state)


@dataclass
class _Block:
    """Numbers drawn at once, how often some were given, and the generators' states before."""

    start_states: list[Tensor]
    numbers: tuple[Tensor, ...]
    n_given: int = 0
