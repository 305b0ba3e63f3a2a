"""MiniROCKET: shares of positive values after almost fixed convolutions, as features of sequences.

Dempster, Schmidt and Webb, "MiniRocket: A very fast (almost) deterministic transform for time
series classification", KDD 2021. Written for torch, which runs wherever the benchmarks do.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import torch
from sklearn.base import BaseEstimator, TransformerMixin
from torch import Tensor
from torch.nn.functional import conv1d

LENGTH = 9
N_FEATURES = 10_000
MAX_DILATIONS = 32
GOLDEN_RATIO = (1 + 5**0.5) / 2

# Sequences that are convolved at a time.
BATCH = 64


@dataclass(frozen=True)
class Convolution:
    """All kernels with one dilation.

    Attributes
    ----------
    dilation : int
    weights : (kernels, channels, 9) tensor
        Zero in the channels that a kernel does not see.
    is_padded : (kernels,) tensor of bool
        True where all places of a sequence count, else those where the whole kernel lies inside.
    biases : (kernels, biases) tensor
    """

    dilation: int
    weights: Tensor
    is_padded: Tensor
    biases: Tensor


class MiniRocket(TransformerMixin, BaseEstimator):
    """Transformer of sequences (n, time, channels) of nine steps or more to features.

    Parameters
    ----------
    random_state : int
        Seed of the training sequences that biases are quantiles of, and of the channels.
    """

    def __init__(self, random_state: int = 0):
        self.random_state = random_state

    def fit(self, X: np.ndarray, y: np.ndarray | None = None) -> "MiniRocket":
        """Choose channels and biases."""
        rng = np.random.default_rng(self.random_state)
        self.convolutions_ = list(fit_convolutions(as_channels(X), rng))
        return self

    @torch.no_grad()
    def transform(self, X: np.ndarray) -> np.ndarray:
        """Features (n, features) in [0, 1]."""
        parts = [
            torch.cat([positive_shares(batch, one) for one in self.convolutions_], dim=1)
            for batch in as_channels(X).split(BATCH)
        ]
        return torch.cat(parts).numpy()


def as_channels(X: np.ndarray) -> Tensor:
    """Tensor (n, channels, time) of sequences (n, time, channels)."""
    return torch.from_numpy(np.ascontiguousarray(X.swapaxes(1, 2), dtype=np.float32))


def fixed_kernels() -> Tensor:
    """The 84 kernels (84, 9): three weights are 2, the others -1.

    Examples
    --------
    >>> fixed_kernels().shape, fixed_kernels().sum().item()
    (torch.Size([84, 9]), 0.0)
    """
    kernels = torch.full((math.comb(LENGTH, 3), LENGTH), -1.0)
    for kernel, places in zip(kernels, combinations(range(LENGTH), 3), strict=True):
        kernel[list(places)] = 2.0
    return kernels


def dilations_of(n_steps: int, n_each: int) -> dict[int, int]:
    """Number of biases of each dilation, of ``n_each`` of a kernel; dilations grow by equal ratios.

    Examples
    --------
    >>> dilations_of(65, 8)
    {1: 3, 2: 1, 3: 1, 4: 1, 5: 1, 8: 1}
    """
    n_dilations = min(n_each, MAX_DILATIONS)
    highest = math.log2((n_steps - 1) / (LENGTH - 1))
    found = (2 ** np.linspace(0, highest, n_dilations)).astype(int)
    dilations, shares = np.unique(found, return_counts=True)
    counts = (shares * n_each / n_dilations).astype(int)
    # what rounding down has left goes to the smallest dilations
    for place in range(n_each - counts.sum()):
        counts[place % len(counts)] += 1
    return dict(zip(dilations.tolist(), counts.tolist(), strict=True))


@torch.no_grad()
def fit_convolutions(X: Tensor, rng: np.random.Generator) -> Iterator[Convolution]:
    """Convolutions of each dilation, with biases from sequences (n, channels, time)."""
    kernels = fixed_kernels()
    n_kernels = len(kernels)
    n_biases = 0
    for number, (dilation, count) in enumerate(
        dilations_of(X.shape[2], N_FEATURES // n_kernels).items()
    ):
        seen = torch.from_numpy(channel_masks(n_kernels, X.shape[1], rng))
        weights = kernels[:, None] * seen[..., None]
        is_padded = (torch.arange(n_kernels) + number) % 2 == 0
        rows = rng.integers(0, len(X), n_kernels)
        # numbers of low discrepancy, other ones for each bias of all
        order = np.arange(1 + n_biases, 1 + n_biases + n_kernels * count)
        levels = torch.from_numpy(order * GOLDEN_RATIO % 1).float().reshape(n_kernels, count)
        n_biases += n_kernels * count
        biases = torch.empty(n_kernels, count)
        for kernel, row in enumerate(rows):
            found = convolved(X[row][None], weights[kernel][None], dilation)[0, 0]
            inside = found if is_padded[kernel] else valid_part(found, dilation)
            biases[kernel] = torch.quantile(inside, levels[kernel])
        yield Convolution(dilation, weights, is_padded, biases)


def channel_masks(n_kernels: int, n_channels: int, rng: np.random.Generator) -> np.ndarray:
    """Masks (kernels, channels) of the random channels that each kernel sees, 9 at most."""
    highest = math.log2(min(n_channels, LENGTH) + 1)
    sizes = (2 ** rng.uniform(0, highest, n_kernels)).astype(int)
    ranks = rng.permuted(np.tile(np.arange(n_channels), (n_kernels, 1)), axis=1)
    return (ranks < sizes[:, None]).astype(np.float32)


def convolved(X: Tensor, weights: Tensor, dilation: int) -> Tensor:
    """Convolutions (n, kernels, time), with zeros around."""
    return conv1d(X, weights, dilation=dilation, padding=dilation * (LENGTH // 2))


def valid_part(found: Tensor, dilation: int) -> Tensor:
    """The places where whole kernels lie inside."""
    margin = dilation * (LENGTH // 2)
    return found[..., margin : found.shape[-1] - margin]


def positive_shares(X: Tensor, one: Convolution) -> Tensor:
    """Shares (n, kernels * biases) of the places where a convolution is above a bias."""
    found = convolved(X, one.weights, one.dilation)
    shares = torch.empty(len(X), *one.biases.shape)
    for is_padded, places in ((True, found), (False, valid_part(found, one.dilation))):
        kernels = torch.nonzero(one.is_padded == is_padded)[:, 0]
        # one bias after the other: all at once would take much memory
        for number, bias in enumerate(one.biases[kernels].T):
            above = places[:, kernels] > bias[:, None]
            shares[:, kernels, number] = above.float().mean(dim=-1)
    return shares.flatten(1)
