"""Sub-pixel convolution: maps become larger ones, without a pattern of their squares."""

import math

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import conv2d

from ganaug.training.ensemble import Maps, MemberConv2d, WeightStreams
from ganaug.training.networks.maps import AnyMaps, unfold


class SubpixelConv2d(MemberConv2d):
    """Convolution of every member that makes maps so many times as high and wide.

    Each pixel of a square has a kernel of its own, but all have one sum, and first moments that
    differ by the pixels' places alone: where maps are even, or rise evenly, so does what becomes
    of them. Free kernels, and a bias for each pixel, leave a pattern that repeats from square to
    square, a checkerboard.

    Parameters
    ----------
    n_in, n_out : int
        Channels of one member.
    kernel_size : (int, int)
        Height and width of the kernels; odd.
    factors : (int, int)
        Factors by which maps become higher and wider.
    streams, gain
        As in ``MemberConv2d``.

    References
    ----------
    Shi et al., "Real-time single image and video super-resolution using an efficient
    sub-pixel convolutional neural network", CVPR 2016.

    Odena, Dumoulin and Olah, "Deconvolution and checkerboard artifacts", Distill, 2016.

    Examples
    --------
    >>> layer = SubpixelConv2d(2, 1, (3, 3), (2, 2), [torch.Generator().manual_seed(0)])
    >>> enlarged = layer(torch.ones(1, 2, 5, 5)).detach()
    >>> enlarged.shape, float(enlarged[..., 2:-2, 2:-2].std()) < 1e-6
    (torch.Size([1, 1, 10, 10]), True)
    """

    def __init__(
        self,
        n_in: int,
        n_out: int,
        kernel_size: tuple[int, int],
        factors: tuple[int, int],
        streams: WeightStreams,
        gain: float = 1.0,
    ):
        n_pixels = math.prod(factors)
        super().__init__(n_in, n_out * n_pixels, kernel_size, streams, gain)
        self.factors = factors
        self.weight = torch.nn.Parameter(self.weight.detach().unflatten(1, (n_out, n_pixels)))
        self.bias = torch.nn.Parameter(self.bias.detach()[:, :n_out].clone())

    def forward(self, maps: Maps) -> AnyMaps:  # type: ignore[override]
        """Convolve member k's channels with member k's kernels, to larger ones."""
        kernels = self.kernels()
        bias = self.bias.repeat_interleave(kernels.shape[2], dim=1)
        pixels = conv2d(
            maps,
            kernels.flatten(0, 2),
            bias.flatten(),
            padding=(kernels.shape[-2] // 2, kernels.shape[-1] // 2),
            groups=len(kernels),
        )
        return unfold(pixels, self.factors)

    def kernels(self) -> Float[Tensor, "members out pixels in rows columns"]:
        """Kernels of each pixel of a square, freed from what leaves a pattern."""
        rows, columns = self.weight.shape[-2:]
        means = self.weight.mean(dim=(-2, -1), keepdim=True)
        mean = means.mean(dim=2, keepdim=True)
        kernels = self.weight - (means - mean)
        places = self._places()
        for places_of_axis, taps in zip(places, self._taps(), strict=True):
            moments = (kernels * taps).sum(dim=(-2, -1), keepdim=True)
            wanted = moments.mean(dim=2, keepdim=True) + rows * columns * mean * places_of_axis
            kernels = kernels - (moments - wanted) * taps / taps.square().sum().clamp_min(1)
        return kernels

    def _taps(self) -> tuple[Tensor, Tensor]:
        """Rows and columns of the kernels' entries, from their middle."""
        rows, columns = (
            torch.arange(n, device=self.weight.device) - n // 2 for n in self.weight.shape[-2:]
        )
        ones = torch.ones(self.weight.shape[-2:], device=self.weight.device)
        return rows[:, None] * ones, columns * ones

    def _places(self) -> tuple[Tensor, Tensor]:
        """Rows and columns of the pixels of a square, from its middle, in sides of squares."""
        down, along = (
            (torch.arange(n, device=self.weight.device) + 0.5) / n - 0.5 for n in self.factors
        )
        shape = (-1, 1, 1, 1)
        return (
            down.repeat_interleave(len(along)).view(shape),
            along.repeat(len(down)).view(shape),
        )
