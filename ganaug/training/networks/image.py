"""Generator and discriminator of images."""

import math

from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import leaky_relu

from ganaug.training.ensemble import LEAKY_SLOPE, MemberLinear, WeightStreams
from ganaug.training.latent import Noise
from ganaug.training.networks.conv_decoder import ConvDecoder
from ganaug.training.networks.conv_encoder import ConvEncoder
from ganaug.training.networks.image_stages import StageSizes
from ganaug.training.networks.maps import Images, from_grouped


class ImageGenerator(ConvDecoder):
    """Maps noise to images.

    Parameters
    ----------
    n_latent : int
        Width of the noise.
    sizes, streams
        As in ``ConvDecoder``.
    """

    def __init__(self, n_latent: int, sizes: StageSizes, streams: WeightStreams):
        n_values = sizes.channels[-1] * math.prod(sizes.resolutions[-1])
        # noise is not rectified, so its variance is kept by a smaller gain
        first = MemberLinear(n_latent, n_values, streams, gain=0.7)
        super().__init__(sizes, streams)
        self.config = {"n_latent": n_latent, "sizes": sizes}
        self.n_latent = n_latent
        self.first = first

    def forward(self, noise: Noise) -> Images:
        """Generate one image from each latent point."""
        return self.decode(self.first(noise).unflatten(2, (-1, *self.sizes.resolutions[-1])))


class ImageDiscriminator(ConvEncoder):
    """Rates images: the higher the logit, the more real.

    Parameters
    ----------
    sizes, streams
        As in ``ConvEncoder``.

    Attributes
    ----------
    last : MemberLinear
        Layer that gives the logits; each member keeps its own where the others are shared.
    """

    def __init__(self, sizes: StageSizes, streams: WeightStreams):
        super().__init__(sizes, streams)
        n_values = sizes.channels[-1] * math.prod(sizes.resolutions[-1])
        self.last = MemberLinear(n_values, 1, streams, gain=0.3)

    def forward(self, images: Images) -> Float[Tensor, "members batch"]:
        """Logits of the images."""
        maps = from_grouped(self.stage_maps(images)[-1], len(images), self.shared)
        # rectified in the order of memory in which gradients arrive, which is far faster
        return self.last(leaky_relu(maps.flatten(2), LEAKY_SLOPE)).squeeze(-1)
