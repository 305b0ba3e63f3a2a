"""Residual blocks with a member axis, and the perceptron that is made of them."""

from collections.abc import Callable

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import leaky_relu

from ganaug.training.ensemble import LEAKY_SLOPE, MemberConv2d, MemberLinear, WeightStreams
from ganaug.training.layout import Rows

Features = Float[Tensor, "..."]
Hidden = Float[Tensor, "members batch hidden"]


class ResidualBlock(nn.Module):
    """``x + second(rectify(first(rectify(x))))``, the second layer starting at zero.

    Parameters
    ----------
    make_layer : callable
        Makes a layer of equal width before and after it, from the gain of its start.
    gain : float, default=1.0
        Gain of the first layer.

    Examples
    --------
    >>> import torch
    >>> block = ResidualBlock(lambda gain: MemberLinear(3, 3, [torch.Generator()], gain))
    >>> rows = torch.ones(1, 5, 3)
    >>> torch.equal(block(rows), rows)
    True
    """

    def __init__(self, make_layer: Callable[[float], nn.Module], gain: float = 1.0):
        super().__init__()
        self.first = make_layer(gain)
        self.second = make_layer(0.0)

    def forward(self, inputs: Features) -> Features:
        """Add the block's correction."""
        branch = self.first(leaky_relu(inputs, LEAKY_SLOPE))
        return inputs + self.second(leaky_relu(branch, LEAKY_SLOPE))


def conv_block(
    n_channels: int, streams: WeightStreams, gain: float, kernel: int | tuple[int, int] = 3
) -> ResidualBlock:
    """Residual block of two convolutions, with kernels of 3 x 3 unless told otherwise."""
    return ResidualBlock(
        lambda gain: MemberConv2d(n_channels, n_channels, kernel, streams, gain), gain
    )


class ResidualMLP(nn.Module):
    """Two residual blocks between two linear layers, without normalisation layers.

    Blocks end in a layer that starts at zero, so depth does not change the
    variance of what passes at the start.

    Parameters
    ----------
    n_in, n_hidden, n_out : int
        Widths of the inputs, the hidden layers and the outputs.
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
        streams: WeightStreams,
        output_gain: float,
    ):
        super().__init__()
        self.first = MemberLinear(n_in, n_hidden, streams)
        self.blocks = nn.ModuleList(
            ResidualBlock(lambda gain: MemberLinear(n_hidden, n_hidden, streams, gain))
            for _ in range(2)
        )
        self.last = MemberLinear(n_hidden, n_out, streams, gain=output_gain)

    def hidden_layers(self, rows: Rows) -> list[Hidden]:
        """Hidden layers, not rectified: the first layer's and each block's."""
        layers: list[Hidden] = [self.first(rows)]
        for block in self.blocks:
            layers.append(block(layers[-1]))
        return layers

    def activations(self, rows: Rows) -> Hidden:
        """Rectified activations of the last hidden layer."""
        return leaky_relu(self.hidden_layers(rows)[-1], LEAKY_SLOPE)

    def forward(self, rows: Rows) -> Float[Tensor, "members batch out"]:
        """Map rows of every member through its own network."""
        return self.last(self.activations(rows))
