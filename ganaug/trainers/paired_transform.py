"""Transformed versions of real images and their guides, in step."""

import inspect
from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ganaug.encoding.image import ImageEncoder
from ganaug.trainers.real_transform import RealTransform


class PairedTransform(RealTransform):
    """Adds transformed versions to the pairs of a class.

    Parameters
    ----------
    transform : callable
        Takes ``image=`` and ``guide=``, and returns a dict with both, as a pipeline of
        albumentations with ``additional_targets={"guide": "mask"}`` does. Copied, so that
        one with a seed does the same every time.
    guides, images : ImageEncoder
    """

    def __init__(self, transform: Callable, guides: ImageEncoder, images: ImageEncoder):
        super().__init__(transform, images)
        self._encoders = {"guide": guides, "image": images}

    def check(self, pairs: Tensor) -> None:
        """Raise a ValueError if pairs (n, ...) come back in another form, or out of step."""
        # a pipeline hands on what it does not know, as it came
        if self._of_albumentations and "guide" not in _targets_of(self._transform):
            raise ValueError(
                "real_transform would change images and leave their guides as they are: "
                "albumentations takes both as A.Compose([...], additional_targets="
                '{"guide": "mask"}).'
            )
        if not _takes_both(self._transform):
            raise ValueError(
                f"real_transform takes no image= and guide=: {self._transform!r}. It is "
                "called with both by name, and must return a dict with both."
            )
        super().check(pairs)

    def _decode(self, pairs: Tensor) -> dict[str, np.ndarray]:
        n_guides = self._encoders["guide"].n_channels
        parts = {"guide": pairs[:, :n_guides], "image": pairs[:, n_guides:]}
        return {
            name: encoder.decode(parts[name].numpy()).reshape(-1, *encoder.image_shape)
            for name, encoder in self._encoders.items()
        }

    def _make_versions(self, X: dict[str, np.ndarray]) -> Tensor:
        """One version of each pair, encoded."""
        versions = {name: np.empty_like(images) for name, images in X.items()}
        for i in range(len(X["image"])):
            made = self._call_by_name({name: images[i].copy() for name, images in X.items()})
            for name, images in versions.items():
                images[i] = made[name]
        codes = [self._encoders[name].encode(images) for name, images in versions.items()]
        return torch.from_numpy(np.concatenate(codes, axis=1))

    def _call_by_name(self, pair: dict[str, np.ndarray]) -> Mapping[str, np.ndarray]:
        made = self._transform(**pair)
        if not isinstance(made, Mapping):
            raise ValueError(
                f"real_transform returns a {type(made).__name__}; it must return a dict with "
                '"image" and "guide".'
            )
        for name, given in pair.items():
            result = np.asarray(made[name]) if name in made else None
            if result is None or result.shape != given.shape or result.dtype != given.dtype:
                what = (
                    "nothing" if result is None else f"{result.dtype} of the shape {result.shape}"
                )
                raise ValueError(
                    f"real_transform makes {what} of the {name}, which is {given.dtype} of the "
                    f"shape {given.shape}; it must return a dict with both, as they came."
                )
        return made


def _takes_both(transform: Callable) -> bool:
    try:
        inspect.signature(transform).bind(image=None, guide=None)
    except TypeError:
        return False
    except ValueError:  # some that are written in C do not tell
        return True
    return True


def _targets_of(pipeline: Any) -> Collection[str]:
    """Names beside "image" that a pipeline of albumentations knows."""
    return getattr(pipeline, "additional_targets", None) or ()
