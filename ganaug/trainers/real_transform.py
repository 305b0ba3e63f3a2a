"""What leaves an image in its class: declared by name, or by a transform of the user."""

import copy
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ganaug.encoding.image import ImageEncoder
from ganaug.training.diffaug import KINDS

# What images may be put through without ceasing to be of their class.
POLICIES = {
    "photo": ("affine", "flip", "color", "cutout"),
    "grey": ("affine", "color", "cutout"),
    "symbol": ("affine",),
}

# Transformed versions of each image at most, and the size to which they let a class grow.
MAX_VERSIONS = 9
GROWN = 2000


def augmentation_kinds(augment: str | Sequence[str] | None, n_channels: int) -> tuple[str, ...]:
    """Kinds of differentiable augmentation that ``ImageGAN(augment=...)`` stands for.

    Raises
    ------
    ValueError
        For an unknown name.

    Examples
    --------
    >>> augmentation_kinds("grey", 1), augmentation_kinds(None, 3)
    (('affine', 'color', 'cutout'), ())
    """
    if augment is None:
        return ()
    if augment == "auto":
        return ("affine", "color") if n_channels > 1 else ("affine",)
    if isinstance(augment, str):
        return POLICIES[augment]
    unknown = [kind for kind in augment if kind not in KINDS]
    if unknown:
        raise ValueError(
            f"augment names {unknown[0]!r}; known are {', '.join(map(repr, KINDS))}, or one of "
            f"{', '.join(map(repr, POLICIES))}."
        )
    return tuple(augment)


class RealTransform:
    """Adds transformed versions to the real images of a class.

    Parameters
    ----------
    transform : callable
        Takes an image and returns one, or a pipeline of albumentations. Copied, so that
        one with a seed does the same every time.
    encoder : ImageEncoder
        Of the images.
    """

    def __init__(self, transform: Callable, encoder: ImageEncoder):
        self._transform, self._encoder = copy.deepcopy(transform), encoder
        modules = {kind.__module__.partition(".")[0] for kind in type(transform).__mro__}
        self._of_albumentations = "albumentations" in modules

    def check(self, images: Tensor) -> None:
        """Raise a ValueError if encoded images (n, ...) come back in another form."""
        # by a copy, as a transform with a seed goes on with every image
        copy.deepcopy(self)._versions(self._decoded(images))

    def enlarged(self, images: Tensor) -> Tensor:
        """Encoded images (n, ...), and after them transformed versions of each."""
        X = self._decoded(images)
        n_versions = int(np.clip(GROWN // len(images) - 1, 1, MAX_VERSIONS))
        return torch.cat([images, *(self._versions(X) for _ in range(n_versions))])

    def _decoded(self, images: Tensor) -> Any:
        return self._encoder.decode(images.numpy()).reshape(-1, *self._encoder.image_shape)

    def _versions(self, X: Any) -> Tensor:
        """One version of each image, encoded."""
        versions = np.empty_like(X)
        for image, version in zip(X, versions, strict=True):
            made = self._called(image.copy())
            if made.shape != image.shape or made.dtype != image.dtype:
                raise ValueError(
                    f"real_transform makes {made.dtype} of the shape {made.shape} of an image that "
                    f"is {image.dtype} of the shape {image.shape}; it must keep both."
                )
            version[:] = made
        return torch.from_numpy(self._encoder.encode(versions))

    def _called(self, image: np.ndarray) -> Any:
        if self._of_albumentations:
            return self._transform(image=image)["image"]
        return np.asarray(self._transform(image))
