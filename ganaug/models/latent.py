"""Points of the latent space, and ways through it."""

import math
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from sklearn.utils import check_array
from torch import Tensor


def as_noise(noise: Any, n_latent: int) -> Float[Tensor, "n latent"]:
    """Latent points that a user gave; a ValueError for those of another model."""
    noise = check_array(noise, dtype=np.float32, ensure_min_samples=0, input_name="noise")
    if noise.shape[1] != n_latent:
        raise ValueError(
            f"noise has {noise.shape[1]} columns, this model takes n_latent={n_latent}."
        )
    return torch.from_numpy(noise)


def great_circle(
    start: Float[Tensor, " latent"], end: Float[Tensor, " latent"], n: int
) -> Float[Tensor, "n latent"]:
    """Points from ``start`` to ``end`` along a great circle; straight where they are aligned.

    Examples
    --------
    >>> great_circle(torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0]), 3)
    tensor([[1.0000, 0.0000],
            [0.7071, 0.7071],
            [0.0000, 1.0000]])
    """
    share = torch.linspace(0, 1, n)[:, None]
    cosine = torch.nn.functional.cosine_similarity(start, end, dim=0).clamp(-1, 1)
    angle = float(cosine.acos())
    if min(angle, math.pi - angle) < 1e-3:
        return torch.lerp(start, end, share)
    weights = torch.sin((1 - share) * angle), torch.sin(share * angle)
    return (weights[0] * start + weights[1] * end) / math.sin(angle)
