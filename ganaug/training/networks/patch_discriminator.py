"""Discriminator of parts of images."""

from jaxtyping import Float
from torch import Tensor

from ganaug.training.ensemble import MemberConv2d, WeightStreams
from ganaug.training.networks.conv_encoder import ConvEncoder
from ganaug.training.networks.image_stages import StageSizes
from ganaug.training.networks.maps import Images, from_grouped, to_grouped


class PatchDiscriminator(ConvEncoder):
    """Rates parts of images: as many logits as the coarsest stage has places.

    Parameters
    ----------
    sizes, streams
        As in ``ConvEncoder``.

    Attributes
    ----------
    last : MemberConv2d
        Layer that gives the logits; each member keeps its own where the others are shared.

    References
    ----------
    Isola et al., "Image-to-image translation with conditional adversarial networks",
    CVPR 2017.
    """

    def __init__(self, sizes: StageSizes, streams: WeightStreams):
        super().__init__(sizes, streams)
        self.last = MemberConv2d(sizes.channels[-1], 1, 3, streams, gain=0.3)

    def forward(self, images: Images) -> Float[Tensor, "members batch places"]:
        """Logits of the images' parts."""
        maps = to_grouped(self.coarsest_maps(images), shared=False)
        return from_grouped(self.last(maps), len(images), shared=False).flatten(2)
