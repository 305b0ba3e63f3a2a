"""Layout of encoded rows: which features are quantities, and which form one-hot blocks."""

from dataclasses import dataclass
from functools import lru_cache

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn.functional import one_hot

Rows = Float[Tensor, "members batch features"]
Blocks = tuple[tuple[int, int], ...]

# Smallest probability of a category that counts; one below it is never drawn.
MIN_PROBABILITY = 1e-7


@dataclass(frozen=True)
class FeatureLayout:
    """Features of an encoded row.

    Attributes
    ----------
    width : int
        Number of features.
    blocks : tuple of (start, end)
        One-hot blocks: ranges of features of which one is 1 and the others are 0.
    presence_masks : tuple of (feature, mask)
        Quantities that may be missing, each with the feature of a block that is 1 where the
        quantity is present; where it is 0, so is the quantity.

    Examples
    --------
    >>> layout = FeatureLayout(4, blocks=((1, 4),))
    >>> layout.sample_one_hot(torch.tensor([[[0.5, 0.0, 0.0, 9.0]]]), torch.zeros(1, 1, 4))
    tensor([[[0.5000, 0.0000, 0.0000, 1.0000]]])
    """

    width: int
    blocks: Blocks = ()
    presence_masks: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        ends = [0, *(place for block in self.blocks for place in block), self.width]
        apart = all(start < end for start, end in self.blocks) and ends == sorted(ends)
        in_blocks = {place for start, end in self.blocks for place in range(start, end)}
        masked = all(
            0 <= feature < self.width and feature not in in_blocks and mask in in_blocks
            for feature, mask in self.presence_masks
        )
        if not (apart and masked):
            raise ValueError(
                f"blocks {self.blocks} and presence masks {self.presence_masks} are none of rows "
                f"of {self.width} features"
            )

    def sample_one_hot(self, logits: Rows, noise: Rows) -> Rows:
        """Draw one category of every block.

        Gradients pass as if the probabilities were the draw (the straight-through estimator).

        Parameters
        ----------
        logits : (members, batch, features)
            Quantities, which stay as they are, and logits of the blocks' categories.
        noise : (members, batch, features)
            Standard normal; the first feature of a block decides.

        References
        ----------
        Bengio, Léonard and Courville, "Estimating or propagating gradients through
        stochastic neurons for conditional computation", arXiv 1308.3432, 2013.
        """
        if not self.blocks:
            return logits
        index = _block_index(self.blocks, logits.device)
        block_logits = logits[..., index.features].masked_fill(~index.is_feature, -torch.inf)
        probabilities = block_logits.softmax(-1)
        # within (0, sum], so that no category is drawn that has no probability
        cumulative = probabilities.detach().cumsum(-1)
        first = noise[..., index.features[:, :1]]
        uniform = torch.special.ndtr(first).clamp_min(MIN_PROBABILITY)
        drawn = (cumulative < uniform * cumulative[..., -1:]).sum(-1)
        hard = one_hot(drawn, index.features.shape[1]).to(probabilities)
        straight_through = hard + (probabilities - probabilities.detach())
        values = straight_through.flatten(-2)[..., index.places]
        return self.mask_absent(logits.index_copy(-1, index.flat_features, values))

    def mask_absent(self, rows: Rows) -> Rows:
        """Set quantities to 0 where their presence mask is 0."""
        if not self.presence_masks:
            return rows
        features, masks = _presence_index(self.presence_masks, rows.device)
        return rows.index_copy(-1, features, rows[..., features] * rows[..., masks])

    def divide_by_presence(self, rows: Rows) -> Rows:
        """Undo what mixing with rows without a value did to the value of a quantity."""
        if not self.presence_masks:
            return rows
        features, masks = _presence_index(self.presence_masks, rows.device)
        presence = rows[..., masks]
        quantities = rows[..., features] / presence.masked_fill(presence == 0, 1)
        return rows.index_copy(-1, features, quantities)

    def to_ordinal(self, rows: Float[Tensor, "n features"]) -> Float[Tensor, "n ordinal"]:
        """Quantities, then the number of each block's category, -1 for none.

        Examples
        --------
        >>> FeatureLayout(4, blocks=((1, 4),)).to_ordinal(torch.tensor([[0.5, 0.0, 0.0, 1.0]]))
        tensor([[0.5000, 2.0000]])
        """
        quantities = rows[:, ~self.one_hot_mask(rows.device)]
        if not self.blocks:
            return quantities
        index = _block_index(self.blocks, rows.device)
        values = rows[:, index.features].masked_fill(~index.is_feature, -torch.inf)
        largest, category = values.max(-1)
        return torch.cat([quantities, torch.where(largest > 0, category, -1).to(rows)], dim=-1)

    def to_one_hot(self, ordinal: Float[Tensor, "*n ordinal"]) -> Float[Tensor, "*n features"]:
        """Rows of their ordinal form."""
        if not self.blocks:
            return ordinal
        source, category = _ordinal_index(self.width, self.blocks, ordinal.device)
        rows = ordinal[..., source]
        return torch.where(self.one_hot_mask(ordinal.device), (rows == category).to(rows), rows)

    def one_hot_mask(self, device: torch.device) -> Bool[Tensor, " features"]:
        """True for the features of blocks."""
        return _one_hot_mask(self.width, self.blocks, device)


@dataclass(frozen=True)
class _BlockIndex:
    """Places of the features of blocks, which are padded to one length.

    Attributes
    ----------
    features : (blocks, longest)
        Numbers of the features of each block; short blocks are padded with their first.
    is_feature : (blocks, longest)
        False for padding.
    flat_features : (n,)
        Numbers of the features of all blocks.
    places : (n,)
        Where these stand in ``features``, counted row by row.
    """

    features: Int[Tensor, "blocks longest"]
    is_feature: Bool[Tensor, "blocks longest"]
    flat_features: Int[Tensor, " n"]
    places: Int[Tensor, " n"]


# Tensors are made once, on the host, which is the one to know how many there are of what: a step
# that a GPU captures may not fetch numbers from its host, nor wait for them.


@lru_cache(maxsize=8)
def _block_index(blocks: Blocks, device: torch.device) -> _BlockIndex:
    longest = max(end - start for start, end in blocks)
    steps = torch.arange(longest)
    start, end = torch.tensor(blocks).T[..., None]
    is_feature = start + steps < end
    features = torch.where(is_feature, start + steps, start)
    places = is_feature.flatten().nonzero()[:, 0]
    index = (features, is_feature, features[is_feature], places)
    return _BlockIndex(*(part.to(device) for part in index))


@lru_cache(maxsize=8)
def _ordinal_index(
    width: int, blocks: Blocks, device: torch.device
) -> tuple[Int[Tensor, " features"], Int[Tensor, " features"]]:
    """Ordinal feature that stands for each feature, and the category that it is there."""
    quantities = (~_one_hot_mask(width, blocks, torch.device("cpu"))).nonzero()[:, 0]
    source, category = torch.zeros(2, width, dtype=torch.long)
    source[quantities] = torch.arange(len(quantities))
    for number, (start, end) in enumerate(blocks, len(quantities)):
        source[start:end] = number
        category[start:end] = torch.arange(end - start)
    return source.to(device), category.to(device)


@lru_cache(maxsize=8)
def _presence_index(
    presence_masks: tuple[tuple[int, int], ...], device: torch.device
) -> tuple[Int[Tensor, " masked"], Int[Tensor, " masked"]]:
    """Quantities that may be missing, and their presence masks."""
    features, masks = torch.tensor(presence_masks, device=device).unbind(-1)
    return features, masks


@lru_cache(maxsize=8)
def _one_hot_mask(width: int, blocks: Blocks, device: torch.device) -> Bool[Tensor, " features"]:
    mask = torch.zeros(width, dtype=torch.bool, device=device)
    for start, end in blocks:
        mask[start:end] = True
    return mask
