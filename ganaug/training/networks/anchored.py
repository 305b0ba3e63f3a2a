"""Generators that start from real rows: for classes too small to be learnt from noise."""

from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from ganaug.training.ensemble import WeightStreams, placeholder
from ganaug.training.latent import Noise, random_projection, uniform_from_normal
from ganaug.training.layout import FeatureLayout, Rows
from ganaug.training.networks.residual import ResidualMLP
from ganaug.training.rebuildable import RebuildableNetwork
from ganaug.training.untrained.neighbours import N_NEIGHBOURS
from ganaug.training.untrained.smote_points import N_CHOICES, SmotePoints

# In place of a probability of 0, which has no finite logarithm.
TINY = 1e-9


class AnchoredGenerator(RebuildableNetwork):
    """A SMOTE point, the anchor, plus a learnt, bounded residual that starts at zero.

    Before training it is SMOTE; the game moves its rows to where the discriminator takes them
    for real, in each feature by at most ``MAX_CORRECTION`` times the root mean square of the
    differences between the real row that the anchor starts from and its nearest neighbours. The
    game is played on rows with Gaussian noise of standard deviation ``INSTANCE_NOISE``. Samples
    lie a random part of the way from the anchor to the corrected row, and are blurred by ``BLUR``
    times the differences to the neighbours, with normal weights. So what neighbouring rows have
    in common is kept: constants, narrow features, relations.

    Parameters
    ----------
    anchors : SmotePoints
        Points that rows start from.
    frequencies : (members, 1, features)
        Means of the members' rows.
    layout : FeatureLayout
        Layout of the rows.
    n_latent, n_hidden : int
        Widths of the noise and of the hidden layers.
    streams : sequence of torch.Generator
        One per member, for the starting weights.
    """

    HOLDS_SAMPLES = True

    MAX_CORRECTION = 0.5
    INSTANCE_NOISE = 0.5

    # A SMOTE point varies less than real rows do, by a sixth of the mean square of the differences
    # to neighbours; a quarter also stands for what lies beyond the real rows.
    BLUR = 0.5

    # Share of categories that follow the whole class instead of the anchor.
    MUTATION_RATE = 0.02

    frequencies: Tensor

    def __init__(
        self,
        anchors: SmotePoints,
        frequencies: Float[Tensor, "members 1 features"],
        layout: FeatureLayout,
        n_latent: int,
        n_hidden: int,
        streams: WeightStreams,
    ):
        super().__init__()
        self.n_latent = n_latent
        self._n_hidden = n_hidden
        self.layout = layout
        self.anchors = anchors
        self.register_buffer("frequencies", frequencies)
        self.residual = ResidualMLP(
            n_latent + layout.width, n_hidden, layout.width, streams, output_gain=0.0
        )

    @classmethod
    def from_rows(
        cls,
        rows: Sequence[Float[Tensor, "_ features"]],
        layout: FeatureLayout,
        n_latent: int,
        n_hidden: int,
        streams: WeightStreams,
    ) -> "AnchoredGenerator":
        """Generator that starts from the encoded rows (n_k, features) of each member."""
        frequencies = torch.stack([rows_of_member.mean(0, True) for rows_of_member in rows])
        anchors = SmotePoints.from_rows(rows, layout)
        return cls(anchors, frequencies, layout, n_latent, n_hidden, streams)

    @property
    def config(self) -> dict[str, Any]:  # type: ignore[override]
        """Arguments of ``from_config``."""
        return {
            "n_rows": self.anchors.rows.shape[1],
            "layout": self.layout,
            "n_latent": self.n_latent,
            "n_hidden": self._n_hidden,
        }

    @classmethod
    def from_config(
        cls, n_rows: int, layout: FeatureLayout, n_latent: int, n_hidden: int
    ) -> "AnchoredGenerator":
        """Generator of one member whose tensors are to be replaced."""
        anchors = SmotePoints(1, n_rows, layout)
        frequencies = placeholder(1, 1, layout.width)
        return cls(anchors, frequencies, layout, n_latent, n_hidden, [None])

    def finish_loading(self) -> None:
        """Raise a ValueError where a row has neighbours that are none."""
        anchors = self.anchors
        # rows beyond are those of a class that was larger, and trained beside this one
        n_rows = int(anchors.n_rows)
        n_neighbours = int(anchors.n_neighbours)
        inside = bool(((anchors.neighbours >= 0) & (anchors.neighbours < n_rows)).all())
        few = n_neighbours == min(max(n_rows - 1, 1), N_NEIGHBOURS)
        if not (inside and few and 1 <= n_rows <= anchors.rows.shape[1]):
            raise ValueError(f"neighbours of {n_rows} rows are not among them")

    def forward(self, noise: Noise) -> Rows:
        """Generate one row from each latent point, as the game sees it."""
        anchors = self.anchors(noise)
        return self._corrected(anchors, self._correction(anchors, noise), self._jitter(noise))

    def sample_rows(self, noise: Noise) -> tuple[Rows, Rows]:
        """Rows for the user, and noise that tells levels apart that share a feature."""
        anchors = self.anchors(noise)
        strength = uniform_from_normal(noise[..., N_CHOICES : N_CHOICES + 1])
        jitter = self._jitter(noise)
        rows = self._corrected(anchors, strength * self._correction(anchors, noise), jitter)
        weights = random_projection(noise[..., N_CHOICES + 1 :], N_NEIGHBOURS)
        blurred = rows + self.BLUR * self.anchors.steps(noise, weights)
        return blurred, jitter * self.layout.one_hot_mask(rows.device)

    def _jitter(self, noise: Noise) -> Rows:
        """Standard normal noise for each feature, of the coordinates that choose nothing else."""
        return random_projection(noise[..., N_CHOICES + 1 :], self.layout.width)

    def _corrected(self, anchors: Rows, correction: Rows, jitter: Rows) -> Rows:
        if not self.layout.blocks:
            return anchors + correction
        is_one_hot = self.layout.one_hot_mask(anchors.device)
        probabilities = torch.lerp(anchors, self.frequencies, self.MUTATION_RATE)
        logits = torch.where(is_one_hot, probabilities.clamp_min(TINY).log(), anchors)
        return self.layout.sample_one_hot(logits + correction, jitter)

    def _correction(self, anchors: Rows, noise: Noise) -> Rows:
        residual = self.residual(torch.cat([anchors, noise], dim=-1)).tanh()
        return self.MAX_CORRECTION * self.anchors.step_sizes(noise) * residual
