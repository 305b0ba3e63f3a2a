"""Parts of pages about a model: its samples, their quality, how it trained."""

from collections.abc import Hashable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ganaug.models.protocol import FittedImageModel, FittedModel, is_image_model, is_row_model
from ganaug.report.curves import HEIGHT, MAX_CLASSES, MIN_WIDTH, add_curves, colours_of, short
from ganaug.report.examples import examples, row_examples
from ganaug.report.page import Drawing, Section, Sheet, Sheets, Table, address, as_svg, number
from ganaug.report.pictures import pixels

# Images and rows of a class that are shown.
N_IMAGES = 8
N_ROWS = 3

# Classes and columns of rows that are shown one by one.
MAX_SHOWN = 6
MAX_COLUMNS = 12

# Letters of a class's name, at most.
MAX_NAME = 48

# Figures of ``evaluate`` on the page: their names there, and what they say.
FIGURES = {
    "column_distance": (
        "column distance",
        "how far the distributions of single columns are apart, from 0 to 1",
    ),
    "random_coverage": ("coverage", "share of real samples with a generated one nearby"),
    "coverage": ("coverage", "share of real samples with a generated one nearby"),
    "label_accuracy": (
        "label accuracy",
        "share of samples that classifiers of real ones take for their class",
    ),
    "features_coverage": (
        "coverage in features",
        "the same in features of the network that the model was given",
    ),
    "features_label_accuracy": (
        "label accuracy in features",
        "share of samples that a linear classifier of these features takes for their class",
    ),
    "detection_auc": (
        "detection AUC",
        "how well a classifier tells samples from real ones, 0.5 not at all and 1 without error",
    ),
    "tstr_recall": (
        "TSTR recall",
        "share of real samples recognised after training on these samples alone",
    ),
    "tstr_accuracy": (
        "TSTR accuracy",
        "share of real samples recognised after training on these samples alone",
    ),
    "pixels_copied_close": (
        "too close",
        "share nearer to a training sample than 99 % of new real ones are",
    ),
    "copied_close": (
        "too close",
        "share nearer to a training sample than 99 % of new real ones are",
    ),
}


def sections_of(
    gan: Any, X: Any, y: np.ndarray, image_shape: tuple[int, int] | None = None
) -> Iterator[Section]:
    """Parts of a page on a TableGAN or a model of images; of other models nothing is known.

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
    elif is_row_model(gan):
        yield _rows(gan) if image_shape is None else _rows_as_images(gan, image_shape)
    else:
        return
    if len(y):
        yield _quality(gan, X, y)
    history = {
        label: figures
        for label, figures in gan.history_.items()
        if any(len(values) for values in figures.values())
    }
    if history:
        yield _curves(history)


def _labels(gan: FittedModel) -> list[Hashable]:
    return gan.classes_.tolist()[:MAX_CLASSES]


def _sheets(
    gan: FittedModel, shown: Mapping[Hashable, tuple[np.ndarray, ...]], what: str
) -> Sheets:
    names = ("real", "generated", "nearest")
    sheets = [
        Sheet(
            short(label, MAX_NAME),
            _size(gan, label),
            {
                name: [address(image) for image in pixels(images)]
                for name, images in zip(names, parts, strict=True)
            },
        )
        for label, parts in shown.items()
    ]
    note = (
        f"Training {what}, generated ones, and below each of these the training image that is "
        "nearest to it: a generator that copies shows the same image twice."
    )
    return Sheets("Samples", note, sheets)


def _images(gan: FittedImageModel) -> Section:
    shown = {label: examples(gan, label, N_IMAGES, 0) for label in _labels(gan)}
    return _sheets(gan, shown, "images")


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
    rows: list[list[str]] = []
    names: list[str] = []
    for label in _labels(gan)[:MAX_SHOWN]:
        _, generated, nearest = row_examples(gan, label, N_ROWS, 0)
        names = list(generated.columns)[:MAX_COLUMNS]
        for row in range(len(generated)):
            for kind, table in (("generated", generated), ("nearest real", nearest)):
                # by column, as a row of several types has none of them
                cells = [_cell(table[name].iloc[row]) for name in names]
                rows.append([f"{short(label, MAX_NAME)}, {kind}", *cells])
    note = "Generated rows, and below each the training row that is nearest to it."
    if gan.n_features_in_ > MAX_COLUMNS:
        note += f" {MAX_COLUMNS} of {gan.n_features_in_} columns."
    if len(gan.classes_) > MAX_SHOWN:
        note += f" {MAX_SHOWN} of {len(gan.classes_)} classes."
    return Table("Samples", note, ["", *(short(name, 16) for name in names)], rows)


def _quality(gan: FittedModel, X: Any, y: np.ndarray) -> Section:
    table = gan.evaluate(X, y)
    names = [name for name in FIGURES if name in table and table[name].notna().any()]
    rows = []
    for place, (label, figures) in enumerate(table.iterrows()):
        cells = [
            " / ".join(
                number(figures[column]) for column in (name, f"{name}_real") if column in table
            )
            for name in names
        ]
        # the last row is that of all classes, whatever these are called
        size = _size(gan, label) if place < len(table) - 1 else ""
        rows.append([short(label, MAX_NAME), size, *cells])
    meanings = "; ".join(
        f"{name}: {meaning}" for name, meaning in (FIGURES[name] for name in names)
    )
    note = (
        f"Compared with {len(y)} real samples that the model has not seen: "
        "generated samples / training samples in their place, the best that can be hoped for. "
        f"{meanings[0].upper()}{meanings[1:]}."
    )
    header = ["class", "training rows", *(FIGURES[name][0] for name in names)]
    return Table("Quality", note, header, rows)


def _size(gan: FittedModel, label: Hashable) -> str:
    return f"{gan.class_counts_[label]}, {gan.tiers_[label]}"


def _curves(history: dict[Hashable, dict[str, np.ndarray]]) -> Section:
    figure = Figure(figsize=(MIN_WIDTH, HEIGHT))
    shown = dict(list(history.items())[:MAX_CLASSES])
    add_curves(figure, shown, colours_of(list(shown)))
    note = (
        "One line a class. The fool rate is the share of generated samples that the discriminator "
        "takes for the real one of a pair: at a half neither network wins."
    )
    return Drawing("Training", note, as_svg(figure))


def _cell(value: Any) -> str:
    if isinstance(value, (float, np.floating)):
        return f"{value:.4g}"
    if isinstance(value, pd.Timestamp) and value == value.normalize():
        return str(value.date())
    return short(value, 20)
