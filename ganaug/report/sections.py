"""Parts of pages about a model: its samples, their quality, how it trained."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from ganaug.models.protocol import (
    FittedImageModel,
    FittedModel,
    FittedSequenceModel,
    is_image_model,
    is_row_model,
    is_sequence_model,
)
from ganaug.models.training_summary import summarize_training
from ganaug.report.curves import HEIGHT, MAX_CLASSES, MIN_WIDTH, add_curves, colours_of, short
from ganaug.report.display import describe_class
from ganaug.report.examples import cell_text, examples, row_examples, sequence_examples
from ganaug.report.image_rows import pixels
from ganaug.report.page import Cell, Drawing, Section, Sheet, Sheets, Table, address, as_svg
from ganaug.report.quality import MAX_NAME, quality
from ganaug.report.sample_rows import Layout
from ganaug.report.sequence_rows import MAX_CHANNELS, draw_sequence_rows, sequence_size

# Images, sequences and rows of a class that are shown.
N_IMAGES = 8
N_SEQUENCES = 6
N_ROWS = 3

# Classes and columns of rows that are shown one by one.
MAX_SHOWN = 6
MAX_COLUMNS = 12

# Kinds of generators, and what they are.
TIERS = {
    "GAN from noise": "a GAN that makes rows of random numbers",
    "anchored GAN": "a GAN that makes rows of points between neighbouring real ones; for classes "
    "of few rows",
    "blurred interpolation": "points between neighbouring real rows with noise; nothing is trained",
    "local Gaussian": "normal distributions around the real rows, of which there are too few to "
    "train on",
    "smoothed copies": "copies of the only row with noise",
    "convolutional GAN": "a GAN of images or sequences that makes them of random numbers",
    "moved copies": "real images, shifted, turned and scaled a little; nothing is trained",
    "warped copies": "real sequences, shifted, warped and scaled a little; nothing is trained",
    "class translator": "a network that makes images of this class out of images of the others",
    "paired translator": "a network that makes images out of their guides",
}

WORDS = {
    "real": "samples that the model learnt from",
    "generated": "the first samples that it drew",
    "nearest": "below each generated sample the training sample of its class that resembles it "
    "most: where both are the same, the model copies",
}


CURVES = {
    "losses": "what each network lowers; they settle where neither gets further, at no certain "
    "value",
    "gradient penalty": "how steep the discriminator is at real and at generated samples, which "
    "its loss keeps small",
}


def sections_of(
    gan: Any, X: Any, y: np.ndarray, image_shape: tuple[int, int] | None = None
) -> Iterator[Section]:
    """Parts of a page on a model of this package; of other models nothing is known.

    Parameters
    ----------
    gan : model
        Fitted.
    X, y : samples, and their classes
        Real ones that the model has not seen; perhaps none.
    image_shape : (height, width) or None, default=None
        Shape of the images that rows are, if they are.
    """
    if is_image_model(gan):
        yield _images(gan)
    elif is_sequence_model(gan):
        yield _sequences(gan)
    elif is_row_model(gan):
        yield _rows(gan) if image_shape is None else _rows_as_images(gan, image_shape)
    else:
        return
    if len(y):
        yield quality(gan, X, y)
    history = {
        label: figures
        for label, figures in gan.history_.items()
        if any(len(values) for values in figures.values())
    }
    if history:
        yield _curves(gan, history)


def _labels(gan: FittedModel) -> list[Hashable]:
    return gan.classes_.tolist()[:MAX_CLASSES]


def _sheets(
    gan: FittedModel, shown: Mapping[Hashable, tuple[np.ndarray, ...]], what: str
) -> Sheets:
    names = ("real", "generated", "nearest")
    sheets = [
        Sheet(
            short(label, MAX_NAME),
            describe_class(gan, label),
            {
                name: [address(image) for image in pixels(images)]
                for name, images in zip(names, parts, strict=True)
            },
        )
        for label, parts in shown.items()
    ]
    note = f"Training {what}, generated ones, and what these resemble most."
    return Sheets("Samples", note, sheets, words=_words(gan, list(shown)))


def _images(gan: FittedImageModel) -> Section:
    shown = {label: examples(gan, label, N_IMAGES, 0) for label in _labels(gan)}
    return _sheets(gan, shown, "images")


def _sequences(gan: FittedSequenceModel) -> Section:
    labels = _labels(gan)
    kinds: dict[str, dict[Hashable, np.ndarray]] = {name: {} for name in WORDS}
    for label in labels:
        parts = sequence_examples(gan, label, N_SEQUENCES, 0)
        for of_kind, sequences in zip(kinds.values(), parts, strict=True):
            of_kind[label] = sequences
    layout = Layout.of(kinds, sequence_size)
    figure = Figure(figsize=layout.size)
    axis = figure.add_axes((0, 0, 1, 1))
    notes = {label: describe_class(gan, label) for label in labels}
    draw_sequence_rows(axis, kinds, layout, notes, colours_of(labels))
    note = "Training sequences, generated ones, and what these resemble most."
    n_channels = kinds["real"][labels[0]].shape[2]
    if n_channels > MAX_CHANNELS:
        note += f" {MAX_CHANNELS} of {n_channels} channels."
    return Drawing("Samples", note, as_svg(figure), words=_words(gan, labels))


def _rows_as_images(gan: FittedModel, shape: tuple[int, int]) -> Section:
    shown = {}
    for label in _labels(gan):
        parts = row_examples(gan, label, N_IMAGES, 0)
        values = [part.to_numpy(dtype=float) for part in parts]
        low = min(part.min() for part in values)
        span = max(part.max() for part in values) - low or 1.0
        shown[label] = tuple(((part - low) / span).reshape(-1, *shape) for part in values)
    return _sheets(gan, shown, "rows as images")


def _rows(gan: FittedModel) -> Section:
    labels = _labels(gan)[:MAX_SHOWN]
    rows: list[list[str | Cell]] = []
    names: list[str] = []
    for label in labels:
        _, generated, nearest = row_examples(gan, label, N_ROWS, 0)
        names = list(generated.columns)[:MAX_COLUMNS]
        for row in range(len(generated)):
            for kind, table in (("generated", generated), ("nearest", nearest)):
                # by column, as a row of several types has none of them
                cells = [cell_text(table[name].iloc[row]) for name in names]
                size = describe_class(gan, label) if not row and kind == "generated" else ""
                rows.append([Cell(f"{short(label, MAX_NAME)}, {kind}", small=size), *cells])
    note = "Generated rows, and below each the training row that is nearest to it."
    if gan.n_features_in_ > MAX_COLUMNS:
        note += f" {MAX_COLUMNS} of {gan.n_features_in_} columns."
    if len(gan.classes_) > MAX_SHOWN:
        note += f" {MAX_SHOWN} of {len(gan.classes_)} classes."
    words = _words(gan, labels)
    del words["real"]
    header = ["", *(short(name, 16) for name in names)]
    return Table("Samples", note, header, rows, words=words)


def _words(gan: FittedModel, labels: Sequence[Hashable]) -> dict[str, str]:
    """Meanings of the rows of samples, and of the kinds of generators that drew them."""
    used = {gan.tiers_[label] for label in labels}
    return WORDS | {tier: meaning for tier, meaning in TIERS.items() if tier in used}


def _curves(gan: FittedModel, history: dict[Hashable, dict[str, np.ndarray]]) -> Section:
    figure = Figure(figsize=(MIN_WIDTH, HEIGHT))
    shown = dict(list(history.items())[:MAX_CLASSES])
    add_curves(figure, shown, colours_of(list(shown)))
    note = (
        "One line a class. The fool rate is the share of generated samples that the discriminator "
        "takes for the real one of a pair: at a half neither network wins."
    )
    for sentence in summarize_training(gan.health_, history, gan.sample_kind, gan.auto_n_steps_):
        note += f"\n{sentence[0].upper()}{sentence[1:]}"
    return Drawing("Training", note, as_svg(figure), words=CURVES)
