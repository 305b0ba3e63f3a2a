"""Networks with a member axis: K networks of one shape held as one set of tensors."""

import copy
import math
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Generator, Tensor, nn
from torch.nn.functional import conv2d

LEAKY_SLOPE = 0.2

# Random streams, one a member, for its starting weights; None where they are to be loaded.
WeightStreams = Sequence[Generator | None]

# Maps that convolutions work on: the channels of all members side by side, or where members share
# their layers, the batches of all members one after the other.
Maps = Float[Tensor, "_ _ height width"]


class MemberLinear(nn.Module):
    """Linear layer of every member, computed as one batched matrix product.

    Parameters
    ----------
    n_in, n_out : int
        Widths of the inputs and the outputs.
    streams : sequence of torch.Generator
        One per member; member k's weights are drawn from ``streams[k]`` alone.
    gain : float, default=1.0
        Multiplies weights that keep the variance of leaky-rectified inputs;
        0 starts the layer at zero.
    """

    OUTPUT_AXIS = 2

    def __init__(self, n_in: int, n_out: int, streams: WeightStreams, gain: float = 1.0):
        super().__init__()
        self.weight = _initial_weight((n_in, n_out), n_in, streams, gain)
        self.bias = _initial_bias((1, n_out), streams)

    def forward(
        self, inputs: Float[Tensor, "members batch in"]
    ) -> Float[Tensor, "members batch out"]:
        """Apply member k's layer to member k's batch."""
        return torch.baddbmm(self.bias, inputs, self.weight)


class MemberConv2d(nn.Module):
    """Convolution of every member, computed as one grouped convolution.

    Parameters
    ----------
    n_in, n_out : int
        Channels of one member.
    kernel_size : int or (int, int)
        Height and width of the kernel; odd. Maps keep their size.
    streams : sequence of torch.Generator
        One per member; member k's weights are drawn from ``streams[k]`` alone.
    gain : float, default=1.0
        Multiplies weights that keep the variance of leaky-rectified inputs;
        0 starts the layer at zero.
    """

    OUTPUT_AXIS = 1

    def __init__(
        self,
        n_in: int,
        n_out: int,
        kernel_size: int | tuple[int, int],
        streams: WeightStreams,
        gain: float = 1.0,
    ):
        super().__init__()
        sides = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
        self.weight = _initial_weight((n_out, n_in, *sides), n_in * math.prod(sides), streams, gain)
        self.bias = _initial_bias((n_out,), streams)

    def forward(self, maps: Maps) -> Maps:
        """Convolve member k's channels with member k's kernels."""
        weight = self.weight
        return conv2d(
            maps,
            weight.flatten(0, 1),
            self.bias.flatten(),
            padding=(weight.shape[-2] // 2, weight.shape[-1] // 2),
            groups=len(weight),
        )


def _initial_weight(
    shape: tuple[int, ...], n_inputs: int, streams: WeightStreams, gain: float
) -> nn.Parameter:
    """Weights of all members that keep the variance of leaky-rectified inputs, times a gain."""
    if None in streams:
        return nn.Parameter(placeholder(len(streams), *shape))
    scale = gain * math.sqrt(2 / (1 + LEAKY_SLOPE**2) / n_inputs)
    return nn.Parameter(
        scale * torch.stack([torch.randn(shape, generator=stream) for stream in streams])
    )


def _initial_bias(shape: tuple[int, ...], streams: WeightStreams) -> nn.Parameter:
    """Biases of all members."""
    shape = (len(streams), *shape)
    return nn.Parameter(placeholder(*shape) if None in streams else torch.zeros(shape))


def placeholder(*shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    """Placeholder of a tensor that is to be loaded: its shape, without its memory."""
    return torch.zeros((), dtype=dtype).expand(shape)


def select_members(module: nn.Module, members: Sequence[int]) -> nn.Module:
    """Copy of ``module`` that holds only the given members, in the given order.

    Examples
    --------
    >>> streams = [Generator().manual_seed(seed) for seed in range(3)]
    >>> trio = MemberLinear(2, 5, streams)
    >>> last = select_members(trio, [2])
    >>> last.weight.shape, torch.equal(last.weight[0], trio.weight[2])
    (torch.Size([1, 2, 5]), True)
    """
    # deepcopy takes what the memo holds in place of its own copy of a tensor
    memo: dict[int, Tensor] = {}
    with torch.no_grad():
        for parameter in module.parameters():
            selected = parameter[list(members)].clone()
            memo[id(parameter)] = nn.Parameter(selected, requires_grad=parameter.requires_grad)
        for buffer in module.buffers():
            memo[id(buffer)] = buffer[list(members)].clone()
    return copy.deepcopy(module, memo)


def interpolate_modules(
    first: nn.Module, second: nn.Module, shares: Float[Tensor, " members"]
) -> nn.Module:
    """Module whose members lie between two modules of one member each.

    Parameters
    ----------
    first, second : Module
        Equal but for their parameters.
    shares : (members,)
        Shares of the way from the first (0) to the second (1).

    Examples
    --------
    >>> layers = [MemberLinear(2, 5, [Generator().manual_seed(seed)]) for seed in range(2)]
    >>> trio = interpolate_modules(*layers, torch.tensor([0.0, 0.5, 1.0]))
    >>> trio.weight.shape, torch.equal(trio.weight[2], layers[1].weight[0])
    (torch.Size([3, 2, 5]), True)
    """
    memo: dict[int, Tensor] = {}
    with torch.no_grad():
        for start, end in zip(first.parameters(), second.parameters(), strict=True):
            share = shares.view(-1, *[1] * (start.dim() - 1))
            memo[id(start)] = nn.Parameter(torch.lerp(start, end, share), start.requires_grad)
    return copy.deepcopy(first, memo)
