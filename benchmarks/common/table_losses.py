"""Losses of encoded rows that need no discriminator."""

import torch
from torch import Tensor
from torch.nn.functional import log_softmax

from ganaug.training.layout import FeatureLayout

# Smallest squared distance that counts: the root is steep below.
MIN_SQUARE = 1e-4


def columns_of(layout: FeatureLayout) -> Tensor:
    """Number of the column that each feature belongs to: a block is one, a quantity another."""
    starts = torch.ones(layout.width, dtype=torch.long)
    for start, end in layout.blocks:
        starts[start + 1 : end] = 0
    return starts.cumsum(0) - 1


def column_losses(outputs: Tensor, real: Tensor, layout: FeatureLayout, std: float) -> Tensor:
    """Negative log-likelihoods of rows, feature by feature, up to a constant.

    Parameters
    ----------
    outputs, real : (members, batch, features)
        Means of quantities and logits of blocks; rows.
    std : float
        Standard deviation of quantities around their means.
    """
    parts = list(((outputs - real) / std).square().div(2).unbind(-1))
    for start, end in layout.blocks:
        logs = -real[..., start:end] * log_softmax(outputs[..., start:end], dim=-1)
        parts[start:end] = logs.unbind(-1)
    return torch.stack(parts, dim=-1)


def energy_distance(fake: Tensor, real: Tensor) -> Tensor:
    """Unbiased energy distance of fake from real rows, of each member.

    References
    ----------
    Székely and Rizzo, "Energy statistics", 2013.
    """
    pairs = [_distances(fake, real).mean((1, 2))]
    for rows in (fake, real):
        n = rows.shape[1]
        pairs.append(_distances(rows, rows).sum((1, 2)) / (n * (n - 1)))
    return 2 * pairs[0] - pairs[1] - pairs[2]


def _distances(first: Tensor, second: Tensor) -> Tensor:
    """Distances of all pairs of rows."""
    squares = first.square().sum(-1)[:, :, None] + second.square().sum(-1)[:, None]
    return (squares - 2 * first @ second.mT).clamp_min(MIN_SQUARE).sqrt()
