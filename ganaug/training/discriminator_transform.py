"""Transforms through which the discriminators see real and generated samples alike."""

from collections.abc import Callable
from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor

from ganaug.training.streams import Streams

Samples = Float[Tensor, "members batch *features"]
DiscriminatorTransform = Callable[[Samples, Streams], Samples]


@dataclass(frozen=True, eq=False)
class InstanceNoise:
    """Samples blurred by independent Gaussian noise.

    Attributes
    ----------
    scale : float or (members, 1, features) tensor
        Standard deviation of the noise.

    References
    ----------
    Sønderby et al., "Amortised MAP inference for image super-resolution", ICLR 2017.
    """

    scale: float | Float[Tensor, "members 1 features"]

    def __call__(self, samples: Samples, streams: Streams) -> Samples:
        """Add fresh noise."""
        return samples + self.scale * streams.normal(*samples.shape[1:])
