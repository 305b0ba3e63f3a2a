"""Classifier of images: a discriminator's stages, and a linear layer on their features."""

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.utils import skip_init

from ganaug.training.ensemble import WeightStreams
from ganaug.training.networks.backbone import ImageBackbone
from ganaug.training.networks.image_stages import StageSizes
from ganaug.training.rebuildable import RebuildableNetwork


class BackboneClassifier(RebuildableNetwork):
    """A backbone, its features brought to one scale, and one linear layer.

    Parameters
    ----------
    sizes, low, high, scale, is_whole
        As in ``ImageBackbone``.
    n_classes : int
    streams : sequence of one torch.Generator
        Source of the starting weights.
    """

    def __init__(
        self,
        sizes: StageSizes,
        low: float,
        high: float,
        scale: int,
        n_classes: int,
        streams: WeightStreams,
        is_whole: bool = False,
    ):
        super().__init__()
        self.config = {
            "sizes": sizes,
            "low": low,
            "high": high,
            "scale": scale,
            "n_classes": n_classes,
            "is_whole": is_whole,
        }
        self.backbone = ImageBackbone(sizes, low, high, streams, scale, is_whole)
        self.norm = nn.BatchNorm1d(self.backbone.num_features)
        self.head = skip_init(nn.Linear, self.backbone.num_features, n_classes)
        (stream,) = streams
        if stream is not None:
            nn.init.normal_(
                self.head.weight, std=self.backbone.num_features**-0.5, generator=stream
            )
            nn.init.zeros_(self.head.bias)

    def finish_loading(self) -> None:
        """Have features normalised by the values of training."""
        self.eval()

    def forward(
        self, images: Float[Tensor, "n channels height width"]
    ) -> Float[Tensor, "n classes"]:
        """Logits of the classes."""
        return self.head(self.norm(self.backbone(images)))
