"""Judge of what small photographs show: a network that has seen a million larger ones.

It is trained further on the images, and knows shapes that a network does not learn from a few
thousand small ones.
"""

from functools import lru_cache

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from benchmarks.common.pretrained import efficientnet_lite0
from benchmarks.common.small_cnn import Images, Mixture, Recipe, train

# Of enlarged images: with less the network, made for 224 pixels, sees little.
SIDE = 96

# Of EfficientNet-Lite0: its last maps, and the dropout before its last layer.
N_FEATURES = 1280
DROPOUT = 0.2

RECIPE = Recipe(
    widths=(), n_steps=1000, learning_rate=0.001, weight_decay=0.02, dropout=0.0, batch_size=32
)


class EnlargingClassifier(nn.Module):
    """Features of the network on enlarged images, and a linear layer."""

    def __init__(self, n_classes: int):
        super().__init__()
        self.network = efficientnet_lite0()
        # no class of its own at first
        linear = nn.Linear(N_FEATURES, n_classes)
        nn.init.zeros_(linear.weight)
        self.head = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(DROPOUT), linear
        )

    def forward(self, images: Tensor) -> Tensor:
        """Logits of images (n, 3, H, W) from -1 to 1."""
        large = interpolate(images, size=(SIDE, SIDE), mode="bicubic")
        large = large.contiguous(memory_format=torch.channels_last)
        return self.head(self.network.extract_features(large))


@lru_cache
def photograph_judge(images: Images) -> nn.Module:
    """The network, trained on labelled images."""
    torch.manual_seed(0)
    model = EnlargingClassifier(int(images.y.max()) + 1)
    return train(RECIPE, images, Mixture(), "photo", seed=0, model=model)
