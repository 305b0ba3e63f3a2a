"""What pages say of a model: its samples, their quality, how it trained."""

from collections.abc import Hashable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ganaug.models.held_out import HeldOutModel
from ganaug.models.image_mixin import ImageModelMixin
from ganaug.models.table import TableGAN
from ganaug.report.curves import HEIGHT, MAX_CLASSES, MIN_WIDTH, add_curves, colours_of, short
from ganaug.report.examples import examples, row_examples
from ganaug.report.page import Drawing, Section, Sheet, Sheets, Table, address, as_svg, number
from ganaug.report.pictures import pixels

Gan = TableGAN | ImageModelMixin

N_IMAGES, N_ROWS = 8, 3

# Classes and columns of rows that are shown one by one.
MAX_SHOWN, MAX_COLUMNS = 6, 12

# Letters of a class's name.
NAME = 48

# Figures of ``evaluate``: their names on the page.
FIGURES = {
    "column_distance": "distance of columns",
    "random_coverage": "coverage",
    "coverage": "coverage",
    "label_accuracy": "recognised",
    "tstr_recall": "recall by them alone",
    "pixels_copied_close": "too close",
    "copied_close": "too close",
}


def sections_of(
    examined: HeldOutModel, image_shape: tuple[int, int] | None = None
) -> Iterator[Section]:
    """Parts of a page on a TableGAN or a model of images; of other models nothing is known.

    Parameters
    ----------
    examined : HeldOutModel
    image_shape : (height, width) or None, default=None
        Of rows that are images.
    """
    gan = examined.model
    if isinstance(gan, ImageModelMixin):
        yield _images(gan)
    elif isinstance(gan, TableGAN):
        yield _rows(gan) if image_shape is None else _rows_as_images(gan, image_shape)
    else:
        return
    if len(examined.y):
        yield _quality(examined)
    history = {
        label: own
        for label, own in gan.history_.items()
        if any(len(values) for values in own.values())
    }
    if history:
        yield _curves(history)


def _labels(gan: Gan) -> list[Hashable]:
    return gan.classes_.tolist()[:MAX_CLASSES]


def _sheets(gan: Gan, shown: Mapping[Hashable, tuple[np.ndarray, ...]], what: str) -> Sheets:
    names = ("real", "generated", "nearest")
    sheets = [
        Sheet(
            short(label, NAME),
            _size(gan, label),
            {
                name: [address(image) for image in pixels(images)]
                for name, images in zip(names, parts, strict=True)
            },
        )
        for label, parts in shown.items()
    ]
    note = (
        f"Training {what}, generated ones, and below each of these the training image that it "
        "resembles most: a generator that copies shows the same image twice."
    )
    return Sheets("Samples", note, sheets)


def _images(gan: ImageModelMixin) -> Section:
    shown = {label: examples(gan, label, N_IMAGES, 0) for label in _labels(gan)}
    return _sheets(gan, shown, "images")


def _rows_as_images(gan: TableGAN, shape: tuple[int, int]) -> Section:
    shown = {}
    for label in _labels(gan):
        parts = row_examples(gan, label, N_IMAGES, 0)
        values = [part.to_numpy(dtype=float) for part in parts]
        low = min(part.min() for part in values)
        span = max(part.max() for part in values) - low or 1.0
        shown[label] = tuple(((part - low) / span).reshape(-1, *shape) for part in values)
    return _sheets(gan, shown, "rows as images")


def _rows(gan: TableGAN) -> Section:
    rows, names = [], []
    for label in _labels(gan)[:MAX_SHOWN]:
        _, generated, nearest = row_examples(gan, label, N_ROWS, 0)
        names = list(generated.columns)[:MAX_COLUMNS]
        for row in range(len(generated)):
            for kind, table in (("generated", generated), ("nearest real", nearest)):
                # by column, as a row of several types has none of them
                cells = [_cell(table[name].iloc[row]) for name in names]
                rows.append([f"{short(label, NAME)}, {kind}", *cells])
    note = "Generated rows, and below each the training row that it resembles most."
    n_columns, n_classes = gan.n_features_in_, len(gan.classes_)
    if n_columns > MAX_COLUMNS:
        note += f" {MAX_COLUMNS} of {n_columns} columns."
    if n_classes > MAX_SHOWN:
        note += f" {MAX_SHOWN} of {n_classes} classes."
    return Table("Samples", note, ["", *(short(name, 16) for name in names)], rows)


def _quality(examined: HeldOutModel) -> Section:
    gan = examined.model
    found = gan.evaluate(examined.X, examined.y)
    names = [name for name in FIGURES if name in found and found[name].notna().any()]
    rows = []
    for place, (label, figures) in enumerate(found.iterrows()):
        cells = [
            " / ".join(number(figures[one]) for one in (name, f"{name}_real") if one in found)
            for name in names
        ]
        # the last row is that of all classes, whatever these are called
        what = _size(gan, label) if place < len(found) - 1 else ""
        rows.append([short(label, NAME), what, *cells])
    note = (
        f"Against {len(examined.y)} real samples that the model has not seen: generated samples / "
        "training samples in their place, which is the best that can be hoped for. Coverage is "
        "the share of real samples with a generated one nearby; too close are those nearer to "
        "training samples than 99 % of new real ones."
    )
    return Table("Quality", note, ["class", "", *(FIGURES[name] for name in names)], rows)


def _size(gan: Gan, label: Hashable) -> str:
    return f"{gan.class_counts_[label]}, {gan.tiers_[label]}"


def _curves(history: dict[Hashable, dict[str, np.ndarray]]) -> Section:
    figure = Figure(figsize=(MIN_WIDTH, HEIGHT))
    shown = dict(list(history.items())[:MAX_CLASSES])
    add_curves(figure, shown, colours_of(list(shown)))
    note = "A line is a class. Where half of the fakes fool, neither network wins."
    return Drawing("Training", note, as_svg(figure))


def _cell(value: Any) -> str:
    if isinstance(value, (float, np.floating)):
        return f"{value:.4g}"
    if isinstance(value, pd.Timestamp) and value == value.normalize():
        return str(value.date())
    return short(value, 20)
