"""Which features of an encoded row belong together, and how choices among them are made."""

from dataclasses import dataclass
from functools import lru_cache

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn.functional import one_hot

Rows = Float[Tensor, "members batch features"]

# Of a choice; smaller ones are none.
MIN_ODDS = 1e-7


@dataclass(frozen=True)
class FeatureLayout:
    """Features of an encoded row.

    Attributes
    ----------
    width : int
        Features of a row.
    blocks : tuple of (start, end)
        Features of which one is 1 and the others are 0.
    gates : tuple of (feature, gate)
        Features that are 0 wherever another one, of a block, is 0.

    Examples
    --------
    >>> layout = FeatureLayout(4, blocks=((1, 4),))
    >>> layout.chosen(torch.tensor([[[0.5, 0.0, 0.0, 9.0]]]), torch.zeros(1, 1, 4))
    tensor([[[0.5000, 0.0000, 0.0000, 1.0000]]])
    """

    width: int
    blocks: tuple[tuple[int, int], ...] = ()
    gates: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        ends = [0, *(place for block in self.blocks for place in block), self.width]
        apart = all(start < end for start, end in self.blocks) and ends == sorted(ends)
        chosen = {place for start, end in self.blocks for place in range(start, end)}
        gated = all(0 <= a < self.width and a not in chosen and b in chosen for a, b in self.gates)
        if not (apart and gated):
            raise ValueError(f"blocks {self.blocks} and gates {self.gates} are none of such rows")

    def chosen(self, rows: Rows, noise: Rows) -> Rows:
        """Let the noise choose in every block, with the odds that ``rows`` has there as logits.

        Gradients pass as if the odds were the choice (the straight-through estimator).

        Parameters
        ----------
        rows : (members, batch, features)
            Quantities, and logits of the blocks.
        noise : (members, batch, features)
            Standard normal; the first feature of a block decides.

        References
        ----------
        Bengio, Léonard and Courville, "Estimating or propagating gradients through
        stochastic neurons for conditional computation", arXiv 1308.3432, 2013.
        """
        if not self.blocks:
            return rows
        places, real, flat, within = _padded(self.blocks, rows.device)
        odds = rows[..., places].masked_fill(~real, -torch.inf).softmax(-1)
        # within (0, all odds], so that nothing is chosen that has none
        until = odds.detach().cumsum(-1)
        uniform = torch.special.ndtr(noise[..., places[:, :1]]).clamp_min(MIN_ODDS)
        choice = (until < uniform * until[..., -1:]).sum(-1)
        hard = one_hot(choice, real.shape[1]).to(odds)
        straight = hard + (odds - odds.detach())
        rows = rows.index_copy(-1, flat, straight.flatten(-2)[..., within])
        return self.gated(rows)

    def gated(self, rows: Rows) -> Rows:
        """Set features to 0 whose gate is closed."""
        if not self.gates:
            return rows
        features, gates = _numbers(self.gates, rows.device)
        return rows.index_copy(-1, features, rows[..., features] * rows[..., gates])

    def ungated(self, rows: Rows) -> Rows:
        """Undo what mixing with rows whose gate is closed did to a feature of an open one."""
        if not self.gates:
            return rows
        features, gates = _numbers(self.gates, rows.device)
        openness = rows[..., gates]
        open_rows = rows[..., features] / openness.masked_fill(openness == 0, 1)
        return rows.index_copy(-1, features, open_rows)

    def packed(self, rows: Float[Tensor, "n features"]) -> Float[Tensor, "n packed"]:
        """One feature for each quantity and each block: the place that is 1, -1 for none.

        Examples
        --------
        >>> FeatureLayout(4, blocks=((1, 4),)).packed(torch.tensor([[0.5, 0.0, 0.0, 1.0]]))
        tensor([[0.5000, 2.0000]])
        """
        quantities = rows[:, ~self.is_choice(rows.device)]
        if not self.blocks:
            return quantities
        places, real, _, _ = _padded(self.blocks, rows.device)
        largest, index = rows[:, places].masked_fill(~real, -torch.inf).max(-1)
        return torch.cat([quantities, torch.where(largest > 0, index, -1).to(rows)], dim=-1)

    def unpacked(self, packed: Float[Tensor, "*n packed"]) -> Float[Tensor, "*n features"]:
        """Rows of their packed form."""
        if not self.blocks:
            return packed
        source, place = _packing(self.width, self.blocks, packed.device)
        rows = packed[..., source]
        return torch.where(self.is_choice(packed.device), (rows == place).to(rows), rows)

    def is_choice(self, device: torch.device) -> Bool[Tensor, " features"]:
        """True for the features of blocks."""
        return _is_choice(self.width, self.blocks, device)


# Tensors are made once: a step that a GPU captures may not fetch numbers from its host.


@lru_cache(maxsize=8)
def _padded(
    blocks: tuple[tuple[int, int], ...], device: torch.device
) -> tuple[
    Int[Tensor, "blocks most"], Bool[Tensor, "blocks most"], Int[Tensor, " _"], Int[Tensor, " _"]
]:
    """Features of all blocks, side by side in rows of one length, and where they come from.

    Returns
    -------
    places : numbers of the features; short rows are filled up with their first
    real : False for what fills rows up
    flat : numbers of the features of all blocks
    within : where they stand in ``places``, counted row by row
    """
    most = max(end - start for start, end in blocks)
    steps = torch.arange(most, device=device)
    start, end = torch.tensor(blocks, device=device).T[..., None]
    real = start + steps < end
    places = torch.where(real, start + steps, start)
    return places, real, places[real], real.flatten().nonzero()[:, 0]


@lru_cache(maxsize=8)
def _packing(
    width: int, blocks: tuple[tuple[int, int], ...], device: torch.device
) -> tuple[Int[Tensor, " features"], Int[Tensor, " features"]]:
    """Of each feature: the packed one that tells of it, and its place in its block."""
    quantities = (~_is_choice(width, blocks, device)).nonzero()[:, 0]
    source, place = torch.zeros(2, width, dtype=torch.long, device=device)
    source[quantities] = torch.arange(len(quantities), device=device)
    for number, (start, end) in enumerate(blocks, len(quantities)):
        source[start:end] = number
        place[start:end] = torch.arange(end - start, device=device)
    return source, place


@lru_cache(maxsize=8)
def _numbers(
    gates: tuple[tuple[int, int], ...], device: torch.device
) -> tuple[Int[Tensor, " gates"], Int[Tensor, " gates"]]:
    """Features with a gate, and their gates."""
    features, of_gates = torch.tensor(gates, device=device).unbind(-1)
    return features, of_gates


@lru_cache(maxsize=8)
def _is_choice(
    width: int, blocks: tuple[tuple[int, int], ...], device: torch.device
) -> Bool[Tensor, " features"]:
    mask = torch.zeros(width, dtype=torch.bool, device=device)
    for start, end in blocks:
        mask[start:end] = True
    return mask
