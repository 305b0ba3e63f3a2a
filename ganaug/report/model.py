"""One picture of a fitted model of images or sequences."""

import os
from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Any

from sklearn.utils.validation import check_is_fitted

from ganaug.models.protocol import (
    FittedImageModel,
    FittedSequenceModel,
    is_image_model,
    is_sequence_model,
)
from ganaug.report.curves import MAX_CLASSES
from ganaug.report.display import describe_class
from ganaug.report.examples import examples, sequence_examples
from ganaug.report.pictures import draw_quality


def draw_gan(
    path: str | os.PathLike,
    gan: FittedImageModel | FittedSequenceModel,
    *,
    labels: Sequence[Hashable] | None = None,
    n_images: int = 8,
    random_state: int = 0,
) -> None:
    """Write a PNG of what a model learnt from, what it makes of it, and how it trained.

    Three rows for each class: training samples, generated ones, and below each generated
    one the training sample of its class that it resembles most. A generator that
    copies shows the same sample twice. Images are drawn as such; sequences as curves, of six
    channels at most. Below stand the training curves of the classes that were trained.

    Parameters
    ----------
    path : path
        File to write; replaced where there is one.
    gan : ImageGAN, SequenceGAN, ClassTranslator or PairedTranslator
        Fitted.
    labels : sequence of labels or None, default=None
        Classes to draw, at most 20. None draws the first 20.
    n_images : int, default=8
        Images or sequences in each row, 1 or more; fewer real ones where a class has fewer.
    random_state : int, default=0
        Chooses the training samples and draws the others.

    Raises
    ------
    NotFittedError
        Before ``fit``.
    TypeError
        For what is no model of images or sequences.
    ValueError
        For a label that was not trained, more than 20 labels, or no images.
    OSError
        If the file cannot be written; before anything is drawn.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from sklearn.datasets import load_digits
    >>> from ganaug import ImageGAN
    >>> digits = load_digits(n_class=2)
    >>> gan = ImageGAN(n_steps=2, random_state=0).fit(digits.images, digits.target)
    >>> with TemporaryDirectory() as folder:
    ...     draw_gan(f"{folder}/quality.png", gan)
    ...     os.listdir(folder)
    ['quality.png']
    """
    if not (is_image_model(gan) or is_sequence_model(gan)):
        raise TypeError(
            f"draw_gan draws models of images or sequences, got {type(gan).__name__}. Faces keep "
            "theirs as gan_; ganaug.report.draw_history draws the history_ of any model."
        )
    check_is_fitted(gan)
    if n_images < 1:
        raise ValueError(f"n_images must be 1 or more, got {n_images!r}.")
    chosen = gan.classes_.tolist()[:MAX_CLASSES] if labels is None else list(labels)
    if not 1 <= len(chosen) <= MAX_CLASSES:
        raise ValueError(
            f"a picture holds 1 to {MAX_CLASSES} classes, got {len(chosen)} labels: draw several."
        )
    for label in chosen:
        gan.training_samples(label)  # which refuses one that was not trained
    _check_writable(path)
    draw_examples: Any = sequence_examples if is_sequence_model(gan) else examples
    shown = {label: draw_examples(gan, label, n_images, random_state) for label in chosen}
    real, generated, nearest = (
        {label: images[row] for label, images in shown.items()} for row in range(3)
    )
    draw_quality(
        path,
        real,
        generated,
        nearest,
        sample_kind=gan.sample_kind,
        history={label: gan.history_[label] for label in chosen},
        notes={label: describe_class(gan, label) for label in chosen},
    )


def _check_writable(path: str | os.PathLike) -> None:
    """Raise what writing would raise; a file that is there stays as it is."""
    is_new = not Path(path).exists()
    with open(path, "ab"):
        pass
    if is_new:
        Path(path).unlink()
