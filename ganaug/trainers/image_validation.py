"""Validation of the generators of images while they train."""

from collections.abc import Callable

import numpy as np
import torch
from jaxtyping import Float
from torch import Generator, Tensor, nn

from ganaug.metrics.features import random_cnn_features
from ganaug.metrics.kid import kid
from ganaug.training.passes import samples_per_pass

# Classes of so many images and more leave a share of them, and not more than so many, out of
# their training, for the validation alone. Smaller ones have none to spare: their validation knows
# what they were trained on, and sees whether samples fall apart or lose variety, but not whether
# they are copies.
MIN_IMAGES_TO_SPLIT = 200
SHARE_HELD_OUT = 0.2
MAX_HELD_OUT = 200

N_DRAWN = 128

# Images of each member that are generated in one pass at most, so that activations stay small.
AT_ONCE = 32


class ImageValidation:
    """Kernel distance (KID) between generated and real images in features of a network.

    Parameters
    ----------
    real : list of (n_k, channels, height, width) tensors
        Images of each member.
    n_latent : int
        Width of the noise; the same points are used each time, so that two states of
        a generator are compared on equal terms.
    features : callable, default=random_cnn_features
        Maps images to features about 1 in size.
    """

    def __init__(
        self,
        real: list[Tensor],
        n_latent: int,
        features: Callable[[np.ndarray], np.ndarray] = random_cnn_features,
    ):
        self._features = features
        self._real = [features(images.numpy()) for images in real]
        stream = Generator().manual_seed(0)
        self._noise = torch.randn(len(real), N_DRAWN, n_latent, generator=stream)
        n_values = len(real) * real[0][:1].numel()
        self._at_once = samples_per_pass(n_values, AT_ONCE)

    def __call__(self, generator: nn.Module) -> Float[Tensor, " members"]:
        """Rate the generators of all members."""
        device = next(generator.parameters()).device
        with torch.no_grad():
            parts = [
                [self._features(images) for images in generator(noise.to(device)).cpu().numpy()]
                for noise in self._noise.split(self._at_once, 1)
            ]
        fake = [np.concatenate(of_member) for of_member in zip(*parts, strict=True)]
        return torch.tensor(
            [kid(real, images) for real, images in zip(self._real, fake, strict=True)]
        )


def split_validation(images: Tensor) -> tuple[Tensor, Tensor]:
    """Images to train on, and images for the validation: the same ones where there are few.

    Those held out are taken at even distances: images may come in an order, such as that of
    their sources, of which none should be left out as a whole.
    """
    if len(images) < MIN_IMAGES_TO_SPLIT:
        return images, images
    n_held_out = min(round(SHARE_HELD_OUT * len(images)), MAX_HELD_OUT)
    held_out = torch.zeros(len(images), dtype=torch.bool)
    held_out[torch.linspace(0, len(images) - 1, n_held_out).round().long()] = True
    return images[~held_out], images[held_out]
