"""Networks that enlarge images: an interpolation, and learnt detail on top of it."""

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, interpolate, leaky_relu, pixel_shuffle

from ganaug.training.ensemble import LEAKY_SLOPE, MemberConv2d, WeightStreams
from ganaug.training.networks.maps import Images, from_grouped, to_grouped
from ganaug.training.networks.residual import conv_block
from ganaug.training.rebuildable import RebuildableNetwork

Enlarged = Float[Tensor, "members batch channels large_height large_width"]

# Channels of the maps, all as small as the image that comes in, and blocks that change them.
N_CHANNELS = 32
N_BLOCKS = 4


def downscale(
    images: Float[Tensor, "*n channels height width"], scale: int
) -> Float[Tensor, "*n channels small_height small_width"]:
    """Make images ``scale`` times smaller: the means of squares of pixels.

    Examples
    --------
    >>> import torch
    >>> downscale(torch.arange(8.0).reshape(1, 2, 4), scale=2)
    tensor([[[2.5000, 4.5000]]])
    """
    small = avg_pool2d(images.reshape(-1, *images.shape[-3:]), scale)
    return small.reshape(*images.shape[:-3], *small.shape[1:])


class Upscaler(RebuildableNetwork):
    """Bicubic interpolation plus a learnt correction, which starts at zero.

    Parameters
    ----------
    n_channels : int
        Number of channels of the images.
    scale : int
        Factor by which both sides grow.
    streams : sequence of torch.Generator
        One per member, for the starting weights.

    References
    ----------
    Shi et al., "Real-time single image and video super-resolution using an efficient
    sub-pixel convolutional neural network", CVPR 2016: work on small maps, shuffle last.

    Examples
    --------
    >>> import torch
    >>> from torch import Generator
    >>> upscaler = Upscaler(3, 4, [Generator()])
    >>> upscaler(torch.zeros(1, 2, 3, 8, 6)).shape
    torch.Size([1, 2, 3, 32, 24])
    """

    def __init__(self, n_channels: int, scale: int, streams: WeightStreams):
        super().__init__()
        self.config = {"n_channels": n_channels, "scale": scale}
        self.scale = scale
        self.n_channels = n_channels
        gain = N_BLOCKS**-0.5
        self.first = MemberConv2d(n_channels, N_CHANNELS, 3, streams)
        self.blocks = nn.ModuleList(conv_block(N_CHANNELS, streams, gain) for _ in range(N_BLOCKS))
        self.last = MemberConv2d(N_CHANNELS, n_channels * scale**2, 3, streams, gain=0.0)

    def forward(self, images: Images) -> Enlarged:
        """Enlarge images; values may leave [-1, 1]."""
        n_members = len(images)
        small = to_grouped(images, shared=False)
        maps = self.first(small)
        for block in self.blocks:
            maps = block(maps)
        detail = pixel_shuffle(self.last(leaky_relu(maps, LEAKY_SLOPE)), self.scale)
        large = interpolate(small, scale_factor=self.scale, mode="bicubic", align_corners=False)
        return from_grouped(large + detail, n_members, shared=False)
