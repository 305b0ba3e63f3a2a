"""Nearest neighbours among the rows of a class."""

import torch
from jaxtyping import Float, Int
from torch import Tensor

N_NEIGHBOURS = 5


def nearest_neighbours(
    rows: Float[Tensor, "n features"], n_padded: int
) -> Int[Tensor, "n_padded neighbours"]:
    """Numbers (n_padded, 5) of each row's nearest other rows; a lone row is its own."""
    k = min(N_NEIGHBOURS, len(rows) - 1)
    nearest = torch.zeros(n_padded, N_NEIGHBOURS, dtype=torch.long, device=rows.device)
    distances = torch.cdist(rows, rows).fill_diagonal_(torch.inf)
    nearest[: len(rows), :k] = distances.topk(k, largest=False).indices
    return nearest
