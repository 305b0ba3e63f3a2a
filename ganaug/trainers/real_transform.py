"""Transforms of the user that leave an image in its class."""

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ganaug.encoding.image import ImageEncoder

# Transformed versions of each image at most, and the size to which they let a class grow.
MAX_VERSIONS = 9
MAX_GROWN_SIZE = 2000


class RealTransform:
    """Adds transformed versions to the real images of a class.

    Parameters
    ----------
    transform : callable
        Takes an image and returns one, or a pipeline of albumentations. Copied, so that
        one with a seed does the same every time.
    encoder : ImageEncoder
        Encoder of the images.
    """

    def __init__(self, transform: Callable, encoder: ImageEncoder):
        self._transform = copy.deepcopy(transform)
        self._encoder = encoder
        modules = {kind.__module__.partition(".")[0] for kind in type(transform).__mro__}
        self._of_albumentations = "albumentations" in modules

    def check(self, images: Tensor) -> None:
        """Raise a ValueError if encoded images (n, ...) come back in another form."""
        # by a copy, as a transform with a seed goes on with every image
        copy.deepcopy(self)._make_versions(self._decode(images))

    def enlarge(self, images: Tensor) -> Tensor:
        """Encoded images (n, ...), and after them transformed versions of each."""
        X = self._decode(images)
        n_versions = int(np.clip(MAX_GROWN_SIZE // len(images) - 1, 1, MAX_VERSIONS))
        return torch.cat([images, *(self._make_versions(X) for _ in range(n_versions))])

    def _decode(self, images: Tensor) -> Any:
        return self._encoder.decode(images.numpy()).reshape(-1, *self._encoder.image_shape)

    def _make_versions(self, X: Any) -> Tensor:
        """One version of each image, encoded."""
        versions = np.empty_like(X)
        for image, version in zip(X, versions, strict=True):
            made = self._call(image.copy())
            if made.shape != image.shape or made.dtype != image.dtype:
                raise ValueError(
                    f"real_transform makes {made.dtype} of the shape {made.shape} of an image that "
                    f"is {image.dtype} of the shape {image.shape}; it must keep both."
                )
            version[:] = made
        return torch.from_numpy(self._encoder.encode(versions))

    def _call(self, image: np.ndarray) -> Any:
        if self._of_albumentations:
            return self._transform(image=image)["image"]
        return np.asarray(self._transform(image))
