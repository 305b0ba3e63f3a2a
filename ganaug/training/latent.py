"""Latent noise: standard normal numbers as choices, and as noise of other widths."""

from functools import lru_cache

import torch
from jaxtyping import Float, Int
from torch import Generator, Tensor

Noise = Float[Tensor, "members batch latent"]


def uniform_from_normal(noise: Tensor) -> Tensor:
    """Standard normal numbers mapped to (0, 1) by their distribution function.

    Examples
    --------
    >>> uniform_from_normal(torch.tensor([-9.0, 0.0, 9.0]))
    tensor([0.0000, 0.5000, 1.0000])
    """
    return torch.special.ndtr(noise)


def index_from_uniform(
    uniform: Float[Tensor, "members batch"], n: Int[Tensor, "*_"] | int
) -> Int[Tensor, "members batch"]:
    """Integers in [0, n) from numbers in [0, 1].

    Examples
    --------
    >>> index_from_uniform(torch.tensor([[0.0, 0.5, 1.0]]), 4)
    tensor([[0, 2, 3]])
    """
    return (uniform * n).long().clamp(max=n - 1)


def random_projection(noise: Noise, n_features: int) -> Float[Tensor, "members batch features"]:
    """Turn latent noise into noise of unit variance in every feature.

    Independent between features where there are latent coordinates enough.
    """
    return noise @ _directions(noise.shape[-1], n_features, noise.device)


@lru_cache(maxsize=8)
def _directions(
    n_latent: int, n_features: int, device: torch.device
) -> Float[Tensor, "latent features"]:
    stream = Generator().manual_seed(0)
    directions = torch.randn(n_latent, n_features, generator=stream)
    if n_features <= n_latent:
        return torch.linalg.qr(directions).Q.to(device)
    return (directions / directions.norm(dim=0)).to(device)
