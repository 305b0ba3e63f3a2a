"""U-Net: images turned into others of their size."""

import math

from jaxtyping import Float
from torch import Tensor

from ganaug.training.ensemble import MemberLinear, WeightStreams
from ganaug.training.latent import Noise
from ganaug.training.networks.conv_decoder import ConvDecoder
from ganaug.training.networks.conv_encoder import ConvEncoder
from ganaug.training.networks.image_stages import StageSizes
from ganaug.training.networks.maps import Images, from_grouped
from ganaug.training.rebuildable import RebuildableNetwork


class UNet(RebuildableNetwork):
    """Encoder and decoder with equal stages, and skip connections from one to the other.

    Parameters
    ----------
    sources, targets : StageSizes
        Sizes of the images that come in and go out; equal but for their channels.
    n_latent : int
        Width of the noise that enters at the coarsest stage; 0 for none.
    streams : sequence of torch.Generator
        One per member, for the starting weights.

    References
    ----------
    Ronneberger, Fischer and Brox, "U-Net: convolutional networks for biomedical image
    segmentation", MICCAI 2015; maps are added here, not joined.

    Examples
    --------
    >>> import torch
    >>> from torch import Generator
    >>> from ganaug.training.networks.image_stages import stage_sizes
    >>> sizes = stage_sizes(2, 28, 28, capacity=1.0), stage_sizes(1, 28, 28, capacity=1.0)
    >>> UNet(*sizes, 3, [Generator()])(torch.zeros(1, 5, 2, 28, 28), torch.zeros(1, 5, 3)).shape
    torch.Size([1, 5, 1, 28, 28])
    """

    def __init__(
        self, sources: StageSizes, targets: StageSizes, n_latent: int, streams: WeightStreams
    ):
        super().__init__()
        self.config = {"sources": sources, "targets": targets, "n_latent": n_latent}
        self.n_latent = n_latent
        self.encoder = ConvEncoder(sources, streams)
        self.decoder = ConvDecoder(targets, streams)
        self.noise: MemberLinear | None = None
        if n_latent > 0:
            n_values = sources.channels[-1] * math.prod(sources.resolutions[-1])
            self.noise = MemberLinear(n_latent, n_values, streams, gain=0.7)

    def forward(
        self, images: Float[Tensor, "members batch _ height width"], noise: Noise | None = None
    ) -> Images:
        """Turn images into others."""
        *skips, last = self.encoder.stage_maps(images)
        coarsest = from_grouped(last, len(images), self.encoder.shared)
        if self.noise is not None and noise is not None:
            coarsest = coarsest + self.noise(noise).unflatten(2, (-1, *coarsest.shape[3:]))
        return self.decoder.decode(coarsest, skips[::-1])
