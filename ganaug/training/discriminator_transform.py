"""Transforms through which the discriminators see real and generated samples alike."""

from collections.abc import Callable
from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor

from ganaug.training.streams import Streams

Samples = Float[Tensor, "members batch *features"]
DiscriminatorTransform = Callable[[Samples, Streams], Samples]


@dataclass(frozen=True)
class InstanceNoise:
    """Samples blurred by Gaussian noise of standard deviation ``scale``.

    References
    ----------
    Sønderby et al., "Amortised MAP inference for image super-resolution", ICLR 2017.
    """

    scale: float

    def __call__(self, samples: Samples, streams: Streams) -> Samples:
        """Add fresh noise."""
        if self.scale == 0:
            return samples
        return samples + self.scale * streams.normal(*samples.shape[1:])
