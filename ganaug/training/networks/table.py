"""Networks for encoded table rows: residual perceptrons with a member axis."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Generator, Tensor, nn
from torch.nn.functional import leaky_relu

from ganaug.training.ensemble import LEAKY_SLOPE, MemberLinear

Rows = Float[Tensor, "members batch features"]
Noise = Float[Tensor, "members batch latent"]


class Perceptron(nn.Module):
    """Two residual blocks between two linear layers, without normalisation layers.

    Blocks end in a layer that starts at zero, so depth does not change the
    variance of what passes at the start.

    Parameters
    ----------
    n_in, n_hidden, n_out : int
        Widths.
    streams : sequence of torch.Generator
        One per member, for the starting weights.
    output_gain : float
        Scale of the last layer's start; 0 makes a network that starts at zero.
    """

    def __init__(
        self,
        n_in: int,
        n_hidden: int,
        n_out: int,
        streams: Sequence[Generator],
        output_gain: float,
    ):
        super().__init__()
        self.first = MemberLinear(n_in, n_hidden, streams)
        self.blocks = nn.ModuleList(ResidualBlock(n_hidden, streams) for _ in range(2))
        self.last = MemberLinear(n_hidden, n_out, streams, gain=output_gain)

    def features(self, rows: Rows) -> Float[Tensor, "members batch hidden"]:
        """Activations in front of the last layer."""
        hidden = self.first(rows)
        for block in self.blocks:
            hidden = block(hidden)
        return leaky_relu(hidden, LEAKY_SLOPE)

    def forward(self, rows: Rows) -> Float[Tensor, "members batch out"]:
        """Map rows of every member through its own network."""
        return self.last(self.features(rows))


class ResidualBlock(nn.Module):
    """``x + linear(rectify(linear(rectify(x))))``, the last layer starting at zero."""

    def __init__(self, n_hidden: int, streams: Sequence[Generator]):
        super().__init__()
        self.first = MemberLinear(n_hidden, n_hidden, streams)
        self.second = MemberLinear(n_hidden, n_hidden, streams, gain=0.0)

    def forward(
        self, hidden: Float[Tensor, "members batch hidden"]
    ) -> Float[Tensor, "members batch hidden"]:
        """Add the block's correction."""
        branch = self.first(leaky_relu(hidden, LEAKY_SLOPE))
        return hidden + self.second(leaky_relu(branch, LEAKY_SLOPE))


class Discriminator(nn.Module):
    """Rates rows: the higher the logit, the more real."""

    def __init__(self, n_features: int, n_hidden: int, streams: Sequence[Generator]):
        super().__init__()
        self.perceptron = Perceptron(n_features, n_hidden, 1, streams, output_gain=0.3)

    def features(self, rows: Rows) -> Float[Tensor, "members batch hidden"]:
        """Activations of the last hidden layer."""
        return self.perceptron.features(rows)

    def forward(self, rows: Rows) -> Float[Tensor, "members batch"]:
        """Logits of the rows."""
        return self.perceptron(rows).squeeze(-1)


class NoiseGenerator(nn.Module):
    """Maps noise straight to rows: for classes with rows enough to learn their whole shape."""

    def __init__(self, n_latent: int, n_features: int, n_hidden: int, streams: Sequence[Generator]):
        super().__init__()
        self.perceptron = Perceptron(n_latent, n_hidden, n_features, streams, output_gain=0.7)

    def forward(self, noise: Noise) -> Rows:
        """Generate one row from each latent point."""
        return self.perceptron(noise)

    def hand_out(self, noise: Noise) -> tuple[Rows, Rows]:
        """Rows for the user, and no noise to blur them with."""
        rows = self(noise)
        return rows, torch.zeros_like(rows)
