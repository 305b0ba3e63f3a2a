"""Inputs of the generators, drawn afresh in each step."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from jaxtyping import Float
from torch import Tensor, nn

from ganaug.training.pool import Pool
from ganaug.training.streams import Streams

# Draws so many inputs for each member, in the form that its generators take.
InputSampler = Callable[[Streams, int], Any]


@dataclass(frozen=True)
class GaussianNoise:
    """Sampler of latent points.

    Examples
    --------
    >>> import torch
    >>> from ganaug.training.streams import MemberStreams
    >>> GaussianNoise(n_latent=3)(MemberStreams([0, 1], torch.device("cpu")), 5).shape
    torch.Size([2, 5, 3])
    """

    n_latent: int

    def __call__(self, streams: Streams, n: int) -> Float[Tensor, "members n latent"]:
        """Draw standard normal numbers."""
        return streams.normal(n, self.n_latent)


class PairBatch(NamedTuple):
    """Batch of real samples that belong together, (members, batch, *features) each.

    Attributes
    ----------
    source : inputs of the generators
    target : samples that they should make of them
    """

    source: Tensor
    target: Tensor


@dataclass(frozen=True)
class PairSampler:
    """Sampler of real samples that are to be turned into others, which are known.

    Attributes
    ----------
    sources, targets : Pool
        Real samples, of which equal rows belong together.
    """

    sources: Pool
    targets: Pool

    def __call__(self, streams: Streams, n: int) -> PairBatch:
        """Draw samples, and what each of them stands for."""
        uniform = streams.uniform(n)
        return PairBatch(self.sources.draw(uniform), self.targets.draw(uniform))


class SourceGenerator(nn.Module):
    """Generator of a batch with a ``source``, of which alone it makes its samples.

    Parameters
    ----------
    network : Module
        Maps sources (members, batch, *features) to samples.
    """

    def __init__(self, network: nn.Module):
        super().__init__()
        self.network = network

    def forward(self, inputs: Any) -> Tensor:
        """Samples of the ``source`` of the inputs."""
        return self.network(inputs.source)


def l1_loss(targets: Tensor, samples: Tensor) -> Float[Tensor, " members"]:
    """Mean absolute distance of samples to their targets."""
    return (samples - targets).abs().flatten(1).mean(dim=1)
