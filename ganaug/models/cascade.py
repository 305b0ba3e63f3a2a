"""Large images in two steps: generators of small ones, and a network that enlarges those."""

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.base import clone
from torch import Tensor

from ganaug.encoding.image import MIN_SIDE
from ganaug.models.super_resolver import SuperResolver
from ganaug.rollback import TrainingInterrupted
from ganaug.trainers.image import ImageTrainer
from ganaug.training.networks.upscaler import downscale


class CascadeTrainer(ImageTrainer):
    """Trains an upscaler on all images, then the generators of all classes on small ones.

    Holds images in full size: classes that are not trained are served by copies of these.

    Parameters
    ----------
    images, seeds, settings, **options
        As in ``ImageTrainer``: large images, and networks for small ones.
    X : (n, height, width) or (n, height, width, channels) array
        Images of all classes, also of those that are not to be generated.
    upscaler : SuperResolver
        As ``begun`` gives it for ``X``.
    """

    def __init__(self, *args: Any, X: np.ndarray, upscaler: SuperResolver, **options: Any):
        self._all, self._upscaler = X, upscaler
        super().__init__(*args, **options)

    @property
    def n_steps(self) -> int:
        """Updates of the upscaler and of generators; 0 where no class is trained."""
        of_classes = super().n_steps
        return self._upscaler.n_steps + of_classes if of_classes else 0

    def prepare(self, on_steps: Callable[[int], object]) -> None:
        """Train the upscaler, and the pooled start."""
        try:
            self._upscaler._train(self._all, None, on_steps, self._checkpoint, stacklevel=8)
        except TrainingInterrupted:
            self.interrupted = True
        else:
            super().prepare(on_steps)

    def unpack(self, samples: Tensor) -> Tensor:
        """Images as the classes' networks see them."""
        return downscale(samples, self._upscaler.scale)


def begun(upscaler: SuperResolver, X: np.ndarray, **parameters: Any) -> SuperResolver:
    """Copy of an upscaler that is ready to learn from images.

    Parameters
    ----------
    upscaler : SuperResolver
    X : (n, height, width) or (n, height, width, channels) array
        Large images.
    **parameters
        What the copy shall have, a ``random_state`` only where it has none of its own.

    Raises
    ------
    ValueError
        For parameters that it does not take, sides that ``scale`` does not divide, and
        small images of fewer pixels than generators of images make.
    """
    copy = clone(upscaler)
    if copy.random_state is not None:
        parameters.pop("random_state", None)
    copy.set_params(**parameters)._validate_params()
    height, width = X.shape[1:3]
    if min(height, width) < MIN_SIDE * copy.scale:
        raise ValueError(
            f"images of {height} x {width} pixels, made {copy.scale} times smaller for the "
            f"upscaler, have fewer than the {MIN_SIDE} pixels a side that ImageGAN needs. Use "
            "larger images, a smaller scale, or upscaler=None."
        )
    copy._begin(X)
    return copy
