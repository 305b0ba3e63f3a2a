"""Transforms through which the discriminators see real and generated samples alike."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from ganaug.training.streams import Streams

Samples = Float[Tensor, "members batch *features"]
DiscriminatorTransform = Callable[[Samples, Streams], Samples]


@dataclass(frozen=True, eq=False)
class InstanceNoise:
    """Samples blurred by Gaussian noise.

    Attributes
    ----------
    scale : float
        Standard deviation of the noise, in that of the factors.
    factors : (members, rank, features) or None
        What standard normal noise of the width ``rank`` is multiplied by; None for independent
        noise of a standard deviation of 1 in all features.

    References
    ----------
    Sønderby et al., "Amortised MAP inference for image super-resolution", ICLR 2017.
    """

    scale: float
    factors: Float[Tensor, "members rank features"] | None = None

    def __call__(self, samples: Samples, streams: Streams) -> Samples:
        """Add fresh noise."""
        if self.scale == 0:
            return samples
        if self.factors is None:
            return samples + self.scale * streams.normal(*samples.shape[1:])
        noise = streams.normal(samples.shape[1], self.factors.shape[1])
        return torch.baddbmm(samples, noise, self.factors, alpha=self.scale)
