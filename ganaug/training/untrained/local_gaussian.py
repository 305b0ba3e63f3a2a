"""Gaussians around real rows."""

import math
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ganaug.training.ensemble import placeholder
from ganaug.training.latent import (
    Noise,
    index_from_uniform,
    random_projection,
    uniform_from_normal,
)
from ganaug.training.layout import FeatureLayout, Rows
from ganaug.training.rebuildable import RebuildableNetwork
from ganaug.training.untrained.neighbours import N_NEIGHBOURS, nearest_neighbours

# Numbers that are gathered for as many rows as are drawn at once: a wide table has many for each.
GATHERED_AT_ONCE = 2**22


class LocalGaussian(RebuildableNetwork):
    """Gaussians around real rows: for classes of a few rows, without any training.

    Around row i, the covariance is that of its nearest neighbours, shrunk towards one that all
    classes share, in which no feature varies more than it does in the class; a lone row takes
    the shared one whole.

    Parameters
    ----------
    rows : (1, n, features)
        Encoded rows of one class.
    factors : (1, n, rank, features)
        Factors of the covariance around each row.
    layout : FeatureLayout
        Layout of the rows.
    n_latent : int
        Width of the noise, above the rank.

    References
    ----------
    Sakho, Malherbe and Scornet, "Do we need rebalancing strategies? A theoretical
    and empirical study around SMOTE and its variants", arXiv 2402.03819, 2024.
    """

    HOLDS_SAMPLES = True

    rows: Tensor
    factors: Tensor

    def __init__(
        self,
        rows: Float[Tensor, "1 n features"],
        factors: Float[Tensor, "1 n rank features"],
        layout: FeatureLayout,
        n_latent: int,
    ):
        super().__init__()
        self.layout = layout
        self.n_latent = n_latent
        self.register_buffer("rows", rows)
        self.register_buffer("factors", factors)

    @classmethod
    def from_rows(
        cls,
        rows: Float[Tensor, "n features"],
        shared: Float[Tensor, "rank features"],
        layout: FeatureLayout,
        n_latent: int,
    ) -> "LocalGaussian":
        """Gaussians around the rows of one class.

        Parameters
        ----------
        rows : (n, features)
            Encoded rows.
        shared : (rank, features)
            Factor of the shared covariance ``shared.T @ shared``.
        layout : FeatureLayout
            Layout of the rows.
        n_latent : int
            Width of the noise; bounds the rank that is used.
        """
        k = min(N_NEIGHBOURS, len(rows) - 1)
        neighbours = nearest_neighbours(rows, len(rows))[:, :k]
        local = rows[neighbours] - rows[:, None]
        local_share = k / (k + N_NEIGHBOURS)
        if k:
            norms = shared.norm(dim=0)
            shared = shared * (rows.std(0) / norms.masked_fill(norms == 0, 1)).clamp_max(1)
        parts = [
            local * math.sqrt(local_share / max(1, k)),
            shared.expand(len(rows), -1, -1) * math.sqrt(1 - local_share),
        ]
        factors = torch.cat(parts, dim=1)[:, : n_latent - 1]
        return cls(rows[None].clone(), factors[None].clone(), layout, n_latent)

    @property
    def config(self) -> dict[str, Any]:  # type: ignore[override]
        """Arguments of ``from_config``."""
        _, n_rows, n_factors, _ = self.factors.shape
        return {
            "n_rows": n_rows,
            "n_factors": n_factors,
            "n_latent": self.n_latent,
            "layout": self.layout,
        }

    @classmethod
    def from_config(
        cls, n_rows: int, n_factors: int, n_latent: int, layout: FeatureLayout
    ) -> "LocalGaussian":
        """Generator whose tensors are to be replaced."""
        rows = placeholder(1, n_rows, layout.width)
        factors = placeholder(1, n_rows, n_factors, layout.width)
        return cls(rows, factors, layout, n_latent)

    def finish_loading(self) -> None:
        """Raise a ValueError for noise that is narrower than the factors, or no rows."""
        if self.factors.shape[2] >= self.n_latent or not self.rows.shape[1]:
            raise ValueError("noise is too narrow for its factors, or there are no rows")

    def sample_rows(self, noise: Noise) -> tuple[Rows, Rows]:
        """Blurred real rows, and noise that tells levels apart that share a feature."""
        row = index_from_uniform(uniform_from_normal(noise[..., 0]), self.rows.shape[1])[0]
        steps = self._steps(noise[0, :, 1 : 1 + self.factors.shape[2]], row)
        is_one_hot = self.layout.one_hot_mask(noise.device)
        blurred = self.rows[:, row] + steps * ~is_one_hot
        return blurred, random_projection(noise, self.layout.width) * is_one_hot

    def _steps(
        self, coordinates: Float[Tensor, "batch rank"], row: Int[Tensor, " batch"]
    ) -> Float[Tensor, "batch features"]:
        """Steps away from real rows of these numbers, each of the covariance around its row."""
        factors = self.factors[0]
        at_once = max(1, GATHERED_AT_ONCE // max(1, factors[0].numel()))
        parts = zip(coordinates.split(at_once), row.split(at_once), strict=True)
        return torch.cat([torch.einsum("br,brf->bf", part, factors[i]) for part, i in parts])
