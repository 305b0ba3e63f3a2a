"""Networks for encoded table rows: residual perceptrons with a member axis."""

from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import leaky_relu

from ganaug.training.ensemble import LEAKY_SLOPE, WeightStreams
from ganaug.training.latent import Noise, random_projection
from ganaug.training.layout import FeatureLayout, Rows
from ganaug.training.networks.quantile_map import QuantileMap
from ganaug.training.networks.residual import ResidualMLP
from ganaug.training.rebuildable import RebuildableNetwork

# Smallest frequency of a category, so that each stays possible.
MIN_FREQUENCY = 1e-4

# Corrections that bring categories to their frequencies: how many, and how much of the way.
N_ROUNDS = 6
DAMPING = 0.7


class TableDiscriminator(RebuildableNetwork):
    """Rates rows: the higher the logit, the more real.

    Parameters
    ----------
    n_features, n_hidden : int
        Widths of the rows and of the hidden layers.
    streams : sequence of torch.Generator
        One per member, for the starting weights.
    """

    def __init__(self, n_features: int, n_hidden: int, streams: WeightStreams):
        super().__init__()
        self.config = {"n_features": n_features, "n_hidden": n_hidden}
        self.perceptron = ResidualMLP(n_features, n_hidden, 1, streams, output_gain=0.3)

    @property
    def last(self) -> nn.Module:
        """Layer that gives the logits; each member keeps its own where the others are shared."""
        return self.perceptron.last

    def features(self, rows: Rows) -> Float[Tensor, "members batch units"]:
        """Rectified activations of all hidden layers, the first layer's first."""
        return leaky_relu(torch.cat(self.perceptron.hidden_layers(rows), dim=-1), LEAKY_SLOPE)

    @property
    def feature_names(self) -> list[str]:
        """Names of the features, which say their layer and unit."""
        n_layers = 1 + len(self.perceptron.blocks)
        units = range(self.config["n_hidden"])
        return [f"layer{layer}_unit{unit}" for layer in range(n_layers) for unit in units]

    def forward(self, rows: Rows) -> Float[Tensor, "members batch"]:
        """Logits of the rows."""
        return self.perceptron(rows).squeeze(-1)


class TableGenerator(RebuildableNetwork):
    """Maps noise straight to rows: for classes with rows enough to learn their whole shape.

    Parameters
    ----------
    n_latent, n_hidden : int
        Widths of the noise and of the hidden layers.
    layout : FeatureLayout
        Layout of the rows.
    streams : sequence of torch.Generator
        One per member, for the starting weights.
    frequencies : (members, features) or None
        Means of the real rows: the probabilities that categories start with, even ones for None.
    """

    def __init__(
        self,
        n_latent: int,
        n_hidden: int,
        layout: FeatureLayout,
        streams: WeightStreams,
        frequencies: Float[Tensor, "members features"] | None = None,
    ):
        super().__init__()
        self.layout = layout
        self.n_latent = n_latent
        self._n_hidden = n_hidden
        self.perceptron = ResidualMLP(n_latent, n_hidden, layout.width, streams, output_gain=0.7)
        if frequencies is not None:
            logits = (frequencies + MIN_FREQUENCY).log()
            with torch.no_grad():
                is_one_hot = layout.one_hot_mask(frequencies.device)
                self.perceptron.last.bias[..., is_one_hot] = logits[:, None, is_one_hot]
        self.quantile_map: QuantileMap | None = None

    @property
    def config(self) -> dict[str, Any]:  # type: ignore[override]
        """Arguments of ``from_config``."""
        sizes = {"n_latent": self.n_latent, "n_hidden": self._n_hidden, "layout": self.layout}
        return {**sizes, "has_quantile_map": self.quantile_map is not None}

    @classmethod
    def from_config(
        cls, n_latent: int, n_hidden: int, layout: FeatureLayout, has_quantile_map: bool
    ) -> "TableGenerator":
        """Generator of one member whose tensors are to be replaced."""
        generator = cls(n_latent, n_hidden, layout, [None])
        if has_quantile_map:
            generator.quantile_map = QuantileMap(layout, n_members=1)
        return generator

    def forward(self, noise: Noise) -> Rows:
        """Generate one row from each latent point, as the game sees it."""
        return self._rows(self.perceptron.activations(noise), noise)

    def _rows(self, hidden: Float[Tensor, "members batch hidden"], noise: Noise) -> Rows:
        """Rows of the last hidden layer's activations, and of the noise that they came of."""
        return self.layout.sample_one_hot(
            self.perceptron.last(hidden), random_projection(noise, self.layout.width)
        )

    def sample_rows(self, noise: Noise) -> tuple[Rows, Rows]:
        """Rows for the user, and noise that jitters their categories alone."""
        rows = self(noise)
        if self.quantile_map is not None:
            rows = self.layout.mask_absent(self.quantile_map(rows))
        is_one_hot = self.layout.one_hot_mask(rows.device)
        return rows, random_projection(noise, self.layout.width) * is_one_hot

    @torch.no_grad()
    def match_marginals(self, real: Sequence[Float[Tensor, "_ features"]], noise: Noise) -> None:
        """Have ``sample_rows`` distribute each feature, by itself, as it is in real rows.

        Parameters
        ----------
        real : sequence of (n_k, features)
            Rows of each member.
        noise : (members, batch, latent)
            Latent points whose rows stand for all that are generated.
        """
        is_one_hot = self.layout.one_hot_mask(noise.device)
        wanted = torch.stack([rows.mean(0) for rows in real])[:, is_one_hot]
        # each round changes the last layer alone
        hidden = self.perceptron.activations(noise)
        for _ in range(N_ROUNDS if self.layout.blocks else 0):
            drawn = self._rows(hidden, noise).mean(1)[:, is_one_hot]
            ratio = (wanted + MIN_FREQUENCY) / (drawn + MIN_FREQUENCY)
            self.perceptron.last.bias[..., is_one_hot] += DAMPING * ratio.log()[:, None]
        self.quantile_map = QuantileMap.fit(self._rows(hidden, noise), real, self.layout)
