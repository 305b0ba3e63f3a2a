"""Generators that start from real rows: for classes too small to be learnt from noise."""

import math
from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ganaug.training.ensemble import Generators, unset
from ganaug.training.layout import FeatureLayout, Rows
from ganaug.training.networks.rebuilding import RebuildableNetwork
from ganaug.training.networks.table import Noise, ResidualMLP, random_projection

# Latent coordinates that choose the anchor: its row, a neighbour, and the way between them.
N_CHOICES = 3
N_NEIGHBOURS = 5

# In place of no odds at all, whose logarithm is not a number to compute with.
TINY = 1e-9


class SmotePoints(nn.Module):
    """Points on the lines between real rows and their nearest neighbours, as in SMOTE.

    The first three latent coordinates choose row, neighbour and place between
    them, so a latent point always has the same anchor. In blocks, points hold the
    odds of the two rows' levels; a quantity that one of them lacks is the other's.

    Parameters
    ----------
    n_members, n_rows : int
        Of rows, those of the member that has the most.
    layout : FeatureLayout
        Of the rows.

    References
    ----------
    Chawla et al., "SMOTE: synthetic minority over-sampling technique", JAIR 2002.

    Examples
    --------
    >>> anchors = SmotePoints.from_rows([torch.tensor([[0.0, 0.0], [1.0, 2.0]])], FeatureLayout(2))
    >>> anchors(torch.tensor([[[-9.0, 0.0, 0.0], [-9.0, 0.0, 9.0]]]))
    tensor([[[0.5000, 1.0000],
             [1.0000, 2.0000]]])
    """

    rows: Tensor
    neighbours: Tensor
    n_rows: Tensor
    n_neighbours: Tensor

    def __init__(self, n_members: int, n_rows: int, layout: FeatureLayout):
        super().__init__()
        self._layout = layout
        self.register_buffer("rows", unset(n_members, n_rows, layout.width))
        self.register_buffer("neighbours", unset(n_members, n_rows, N_NEIGHBOURS, dtype=torch.long))
        self.register_buffer("n_rows", unset(n_members, 1, dtype=torch.long))
        self.register_buffer("n_neighbours", unset(n_members, 1, dtype=torch.long))

    @classmethod
    def from_rows(
        cls, rows: Sequence[Float[Tensor, "_ features"]], layout: FeatureLayout
    ) -> "SmotePoints":
        """SmotePoints among the encoded rows (n_k, features) of each member, one at least."""
        longest = max(len(own) for own in rows)
        anchors = cls(len(rows), longest, layout)
        padded = [nn.functional.pad(own, (0, 0, 0, longest - len(own))) for own in rows]
        anchors.rows = torch.stack(padded)
        anchors.neighbours = torch.stack([_nearest(own, longest) for own in rows])
        anchors.n_rows = torch.tensor([[len(own)] for own in rows])
        anchors.n_neighbours = (anchors.n_rows - 1).clamp(1, N_NEIGHBOURS)
        return anchors

    def forward(self, noise: Noise) -> Rows:
        """Anchor of each latent point."""
        choice = uniform_from_normal(noise[..., :N_CHOICES])
        member = torch.arange(len(self.rows), device=noise.device)[:, None]
        row = _pick(choice[..., 0], self.n_rows)
        neighbour = self.neighbours[member, row, _pick(choice[..., 1], self.n_neighbours)]
        start, end = self.rows[member, row], self.rows[member, neighbour]
        points = torch.lerp(start, end, choice[..., 2:])
        return self._layout.ungated(points)


class AnchoredGenerator(RebuildableNetwork):
    """An anchor plus a learnt, bounded residual that starts at zero.

    Before training it is SMOTE; the game moves its rows by at most ``REACH``
    in each feature, to where the discriminator takes them for real. The game is
    played on rows blurred by Gaussian noise of standard deviation ``SMOOTHING``.
    What is handed out is blurred as much, and lies a random part of the way from
    the anchor to the corrected row, which keeps more variety.

    Parameters
    ----------
    anchors : SmotePoints
    frequencies : (members, 1, features)
        Means of the members' rows.
    layout : FeatureLayout
        Of the rows.
    n_latent, n_hidden : int
        Width of the noise and of the hidden layers.
    streams : sequence of torch.Generator
        One per member, for the starting weights.
    """

    REACH = 1.0
    SMOOTHING = 0.5

    # Share of choices that follow the whole class instead of the anchor.
    LEAPS = 0.02

    frequencies: Tensor

    def __init__(
        self,
        anchors: SmotePoints,
        frequencies: Float[Tensor, "members 1 features"],
        layout: FeatureLayout,
        n_latent: int,
        n_hidden: int,
        streams: Generators,
    ):
        super().__init__()
        self.n_latent, self._n_hidden = n_latent, n_hidden
        n_features = layout.width
        self.layout, self.anchors = layout, anchors
        self.register_buffer("frequencies", frequencies)
        self.residual = ResidualMLP(
            n_latent + n_features, n_hidden, n_features, streams, output_gain=0.0
        )

    @classmethod
    def from_rows(
        cls,
        rows: Sequence[Float[Tensor, "_ features"]],
        layout: FeatureLayout,
        n_latent: int,
        n_hidden: int,
        streams: Generators,
    ) -> "AnchoredGenerator":
        """A generator that starts from the encoded rows (n_k, features) of each member."""
        frequencies = torch.stack([own.mean(0, True) for own in rows])
        anchors = SmotePoints.from_rows(rows, layout)
        return cls(anchors, frequencies, layout, n_latent, n_hidden, streams)

    @property
    def config(self) -> dict[str, Any]:  # type: ignore[override]
        """Arguments of ``from_config``."""
        sizes = {"n_rows": self.anchors.rows.shape[1], "layout": self.layout}
        return {**sizes, "n_latent": self.n_latent, "n_hidden": self._n_hidden}

    @classmethod
    def from_config(
        cls, n_rows: int, layout: FeatureLayout, n_latent: int, n_hidden: int
    ) -> "AnchoredGenerator":
        """A generator of one member whose tensors are to be replaced."""
        anchors, frequencies = SmotePoints(1, n_rows, layout), unset(1, 1, layout.width)
        return cls(anchors, frequencies, layout, n_latent, n_hidden, [None])

    def finish_loading(self) -> None:
        """Raise a ValueError where a row has neighbours that are none."""
        anchors = self.anchors
        # rows beyond are those of a class that was larger, and trained beside this one
        n_rows, n_neighbours = int(anchors.n_rows), int(anchors.n_neighbours)
        inside = bool(((anchors.neighbours >= 0) & (anchors.neighbours < n_rows)).all())
        few = n_neighbours == min(max(n_rows - 1, 1), N_NEIGHBOURS)
        if not (inside and few and 1 <= n_rows <= anchors.rows.shape[1]):
            raise ValueError(f"neighbours of {n_rows} rows are not among them")

    def forward(self, noise: Noise) -> Rows:
        """Generate one row from each latent point, as the game sees it."""
        anchors = self.anchors(noise)
        return self._moved(anchors, self._correction(anchors, noise), self._free(noise))

    def sample_rows(self, noise: Noise) -> tuple[Rows, Rows]:
        """Rows for the user, and the noise to blur them with."""
        anchors = self.anchors(noise)
        strength = uniform_from_normal(noise[..., N_CHOICES : N_CHOICES + 1])
        free = self._free(noise)
        rows = self._moved(anchors, strength * self._correction(anchors, noise), free)
        choices = self.layout.is_choice(rows.device)
        return rows, torch.where(choices, free, self.SMOOTHING * free)

    def _free(self, noise: Noise) -> Rows:
        """Noise for each feature, of the coordinates that choose nothing else."""
        return random_projection(noise[..., N_CHOICES + 1 :], self.layout.width)

    def _moved(self, anchors: Rows, correction: Rows, free: Rows) -> Rows:
        if not self.layout.blocks:
            return anchors + correction
        choices = self.layout.is_choice(anchors.device)
        odds = torch.lerp(anchors, self.frequencies, self.LEAPS)
        start = torch.where(choices, odds.clamp_min(TINY).log(), anchors)
        return self.layout.chosen(start + correction, free)

    def _correction(self, anchors: Rows, noise: Noise) -> Rows:
        return self.REACH * self.residual(torch.cat([anchors, noise], dim=-1)).tanh()


class LocalGaussian(RebuildableNetwork):
    """Gaussians around real rows: for classes of a few rows, without any training.

    Around row i, the covariance is that of its nearest neighbours, shrunk
    towards one that all classes share; a lone row takes the shared one whole.

    Parameters
    ----------
    rows : (1, n, features)
        Encoded rows of one class.
    factors : (1, n, rank, features)
        Of the covariance around each row.
    layout : FeatureLayout
        Of the rows.
    n_latent : int
        Width of the noise, above the rank.

    References
    ----------
    Sakho, Malherbe and Scornet, "Do we need rebalancing strategies? A theoretical
    and empirical study around SMOTE and its variants", arXiv 2402.03819, 2024.
    """

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
        self.layout, self.n_latent = layout, n_latent
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
            Encoded.
        shared : (rank, features)
            Factor of the shared covariance ``shared.T @ shared``.
        layout : FeatureLayout
            Of the rows.
        n_latent : int
            Width of the noise; bounds the rank that is used.
        """
        k = min(N_NEIGHBOURS, len(rows) - 1)
        around = _nearest(rows, len(rows))[:, :k]
        local = rows[around] - rows[:, None]
        own_share = k / (k + N_NEIGHBOURS)
        parts = [
            local * math.sqrt(own_share / max(1, k)),
            shared.expand(len(rows), -1, -1) * math.sqrt(1 - own_share),
        ]
        factors = torch.cat(parts, dim=1)[:, : n_latent - 1]
        return cls(rows[None].clone(), factors[None].clone(), layout, n_latent)

    @property
    def config(self) -> dict[str, Any]:  # type: ignore[override]
        """Arguments of ``from_config``."""
        _, n_rows, n_factors, _ = self.factors.shape
        sizes = {"n_rows": n_rows, "n_factors": n_factors, "n_latent": self.n_latent}
        return {**sizes, "layout": self.layout}

    @classmethod
    def from_config(
        cls, n_rows: int, n_factors: int, n_latent: int, layout: FeatureLayout
    ) -> "LocalGaussian":
        """A generator whose tensors are to be replaced."""
        rows, factors = unset(1, n_rows, layout.width), unset(1, n_rows, n_factors, layout.width)
        return cls(rows, factors, layout, n_latent)

    def finish_loading(self) -> None:
        """Raise a ValueError for noise that is narrower than the factors, or no rows."""
        if self.factors.shape[2] >= self.n_latent or not self.rows.shape[1]:
            raise ValueError("noise is too narrow for its factors, or there are no rows")

    def sample_rows(self, noise: Noise) -> tuple[Rows, Rows]:
        """Real rows, and the noise to blur them with."""
        row = _pick(uniform_from_normal(noise[..., 0]), torch.tensor(self.rows.shape[1]))[0]
        factors = self.factors[0, row]
        steps = torch.einsum("br,brf->bf", noise[0, :, 1 : 1 + factors.shape[1]], factors)
        choices = self.layout.is_choice(noise.device)
        return self.rows[:, row], torch.where(
            choices, random_projection(noise, len(choices)), steps
        )


def uniform_from_normal(noise: Tensor) -> Tensor:
    """Standard normal numbers mapped to (0, 1) by their distribution function.

    Examples
    --------
    >>> uniform_from_normal(torch.tensor([-9.0, 0.0, 9.0]))
    tensor([0.0000, 0.5000, 1.0000])
    """
    return torch.special.ndtr(noise)


def _pick(uniform: Tensor, count: Tensor) -> Tensor:
    """Integers in [0, count) from numbers in [0, 1]."""
    return torch.minimum((uniform * count).long(), count - 1)


def _nearest(rows: Float[Tensor, "n features"], n_padded: int) -> Tensor:
    """Numbers (n_padded, 5) of each row's nearest other rows; a lone row is its own."""
    k = min(N_NEIGHBOURS, len(rows) - 1)
    nearest = torch.zeros(n_padded, N_NEIGHBOURS, dtype=torch.long, device=rows.device)
    distances = torch.cdist(rows, rows).fill_diagonal_(torch.inf)
    nearest[: len(rows), :k] = distances.topk(k, largest=False).indices
    return nearest
