"""Films of what a model of images makes."""

import os
from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np

from ganaug.models.protocol import is_image_model
from ganaug.report.display import chosen_labels, model_of
from ganaug.report.latent_walks import latent_loops
from ganaug.report.walks import write_film


def draw_film(
    path: str | os.PathLike,
    estimator: Any,
    *,
    labels: Sequence[Hashable] | None = None,
    n_frames: int = 96,
    random_state: int = 0,
) -> None:
    """Write a GIF without end: walks around the latent space, in all classes at once.

    Where classes share layers, one walk more leads from class to class.

    Parameters
    ----------
    path : path
        File to write; replaced where there is one.
    estimator : fitted ImageGAN, or what has trained one as its ``gan_``
    labels : sequence of labels or None, default=None
        Classes to show, at most 20. None shows the first 20.
    n_frames : int, default=96
        Images of each walk, 4 or more.
    random_state : int, default=0
        Chooses the walk.

    Raises
    ------
    NotFittedError
        Before ``fit``.
    TypeError
        For what is no ImageGAN, and has none.
    ValueError
        For classes that were not trained, or too few images.
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from sklearn.datasets import load_digits
    >>> from ganaug import ImageGAN
    >>> digits = load_digits(n_class=2)
    >>> gan = ImageGAN(n_steps=2, random_state=0).fit(digits.images, digits.target)
    >>> with TemporaryDirectory() as folder:
    ...     draw_film(f"{folder}/walks.gif", gan, n_frames=4)
    ...     os.listdir(folder)
    ['walks.gif']
    """
    model = model_of(estimator)
    if not is_image_model(model) or not hasattr(model, "crosses"):
        raise TypeError(f"films show an ImageGAN, got a {type(model).__name__}.")
    walks = latent_loops(
        model, chosen_labels(model, labels), n_frames, np.random.default_rng(random_state)
    )
    write_film(path, walks)
