"""Stages of a discriminator as an ordinary network: images in, features out."""

from typing import Any

from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import leaky_relu

from ganaug.training.ensemble import LEAKY_SLOPE, WeightStreams
from ganaug.training.networks.conv_encoder import ConvEncoder
from ganaug.training.networks.image_stages import StageSizes
from ganaug.training.networks.upscaler import downscale
from ganaug.training.rebuildable import RebuildableNetwork

Codes = Float[Tensor, "n channels rows columns"]


class ImageBackbone(RebuildableNetwork):
    """Convolutional network that maps images to features, without a member axis.

    Parameters
    ----------
    sizes : StageSizes
        Sizes of the images and of the stages.
    low, high : float
        Values of black and white of the images that it takes.
    streams : sequence of one torch.Generator
        Source of the starting weights.
    scale : int, default=1
        Factor by which images are made smaller first: that of a model's upscaler.
    is_whole : bool, default=False
        True for images of whole numbers; False too where a file of an older version does not tell.

    Attributes
    ----------
    num_features : int
        Number of features of an image.
    input_shape : (channels, height, width)
        Shape of an image.
    encoder : ConvEncoder
        Stages, from the finest to the coarsest.
    """

    def __init__(
        self,
        sizes: StageSizes,
        low: float,
        high: float,
        streams: WeightStreams,
        scale: int = 1,
        is_whole: bool = False,
    ):
        super().__init__()
        self.config: dict[str, Any] = {
            "sizes": sizes,
            "low": low,
            "high": high,
            "scale": scale,
            "is_whole": is_whole,
        }
        self._low = low
        self._high = high
        self._scale = scale
        # sizes of those that were looked at: replicas of torch.nn.DataParallel share the list
        self._first_batches: list[int] = []
        self.encoder = ConvEncoder(sizes, streams)
        self.num_features = len(self.encoder.feature_names)
        self.input_shape = (sizes.n_channels, sizes.height * scale, sizes.width * scale)

    def forward(
        self, images: Float[Tensor, "n channels height width"]
    ) -> Float[Tensor, "n features"]:
        """Features of images: every stage pooled to 4 x 4 places, side by side.

        Parameters
        ----------
        images : (n, channels, height, width) tensor
            Images in the values that the model was fitted on.
        """
        return self.features(self.encode(images))

    def finish_loading(self) -> None:
        """Have loaded weights train again."""
        self.requires_grad_(True)

    def stages(
        self, images: Float[Tensor, "n channels height width"]
    ) -> list[Float[Tensor, "n hidden rows columns"]]:
        """Rectified maps of every stage, from the finest to the coarsest.

        Parameters
        ----------
        images : (n, channels, height, width) tensor
            Images in the values that the model was fitted on.

        Returns
        -------
        list of (n, channels_k, height_k, width_k) tensors
        """
        maps_of_stages = self.encoder.stage_maps(self.encode(images)[None])
        return [leaky_relu(maps, LEAKY_SLOPE) for maps in maps_of_stages]

    def encode(self, images: Float[Tensor, "n channels height width"]) -> Codes:
        """Images in the range [-1, 1], as the stages see them.

        Raises
        ------
        ValueError
            For images of another shape.
        """
        if tuple(images.shape[1:]) != self.input_shape:
            raise ValueError(
                f"images of the shape {tuple(images.shape)} were given; this backbone takes (n, "
                f"{', '.join(map(str, self.input_shape))}). Resize them, or fit a GAN on such ones."
            )
        codes = (images - self._low) * (2 / (self._high - self._low)) - 1
        return codes if self._scale == 1 else downscale(codes, self._scale)

    def features(self, codes: Codes) -> Float[Tensor, "n features"]:
        """Features of encoded images."""
        return self.encoder.features(codes[None])[0]
