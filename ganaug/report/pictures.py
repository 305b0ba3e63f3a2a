"""Pictures of real and generated images."""

import os
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ganaug.report import curves
from ganaug.report.curves import FAINT, INK, add_curves, colours_of, short

# Inches: the side of an image, and where classes stand abreast; the least height of a row and width
# of a class; what lies between images and around all; room for the names of rows, and for the
# heading of a class.
SIDE = 0.7
SIDE_ABREAST = 0.55
MIN_ROW = 0.2
MIN_WIDTH = 4.4
GAP = 0.035
MARGIN = 0.2
LABEL_WIDTH = 0.75
HEADING_HEIGHT = 0.5


def draw_quality(
    path: str | os.PathLike,
    real: Mapping[Hashable, np.ndarray],
    generated: Mapping[Hashable, np.ndarray],
    nearest: Mapping[Hashable, np.ndarray],
    *,
    history: Mapping[Hashable, Mapping[str, np.ndarray]] | None = None,
    notes: Mapping[Hashable, str] | None = None,
) -> None:
    """Write a PNG with three rows for each class: real, generated, and the nearest real images.

    Parameters
    ----------
    path : path
        File to write; replaced where there is one.
    real, generated : dict of label to (n, height, width[, channels]) array
        Images of each class, all of one shape; numbers may differ. Black and white
        are the lowest and the highest value of the real ones. Of four channels the
        first three are drawn as colours, of two the mean is drawn in grey.
    nearest : dict of label to array
        The training image nearest to each generated one, drawn below it.
    history : dict of label to dict of str to (steps,) array, optional
        As in ``draw_history``: drawn below the images, in the colours of the
        classes' names.
    notes : dict of label to str, optional
        What stands beside the name of each class.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    trained = {
        label: of_class
        for label, of_class in (history or {}).items()
        if any(len(values) for values in of_class.values())
    }
    kinds = {"real": real, "generated": generated, "nearest": nearest}
    layout = Layout.of(kinds)
    width, height = layout.size
    width = max(width, curves.MIN_WIDTH) if trained else width
    below = curves.HEIGHT if trained else 0.0
    figure = Figure(figsize=(width, height + below), facecolor="white")
    axis = figure.add_axes((0, below / (height + below), 1, height / (height + below)))
    colours = colours_of(list(real))
    draw_image_rows(axis, kinds, layout, notes or {}, colours)
    axis.set(xlim=(0, width), aspect="auto")
    if trained:
        add_curves(figure, trained, colours)
    figure.savefig(path, dpi=curves.DPI, format="png")


def draw_image_rows(
    axis: Axes,
    kinds: Mapping[str, Mapping[Hashable, np.ndarray]],
    layout: "Layout",
    notes: Mapping[Hashable, str],
    colours: Mapping[Hashable, Any],
) -> None:
    """Draw a row of images for each kind of them, class by class, on axes of any size.

    Parameters
    ----------
    axis : Axes
    kinds : dict of str to dict of label to (n, height, width[, channels]) array
        Images of each class by the names of rows. Black and white are the lowest and the highest
        value of the first kind.
    layout : Layout
    notes : dict of label to str
        What stands beside the names of classes.
    colours : dict of label to colour
        Colours of these names.
    """
    first = next(iter(kinds.values()))
    lowest = min(float(images.min()) for images in first.values())
    contrast = max(float(images.max()) for images in first.values()) - lowest or 1.0
    for number, label in enumerate(first):
        left, top = layout.corner(number)
        _draw_heading(axis, left, top, short(label, 20), notes.get(label, ""), colours[label])
        for row, (kind, images) in enumerate(kinds.items()):
            y = top + HEADING_HEIGHT + row * layout.row
            _draw_row_label(axis, left, y + layout.row / 2, kind)
            _draw_row(axis, (images[label] - lowest) / contrast, left + LABEL_WIDTH, y, layout)
    width, height = layout.size
    axis.set(xlim=(0, width), ylim=(height, 0), aspect="equal")
    axis.set_axis_off()


@dataclass(frozen=True)
class Layout:
    """Places of images on a page, in inches.

    Attributes
    ----------
    n_down, n_abreast : int
        Number of classes below and beside each other.
    n_rows : int
        Number of rows of a class.
    n_images : int
        Number of images in each row.
    image : (width, height)
        Size of an image.
    """

    n_down: int
    n_abreast: int
    n_rows: int
    n_images: int
    image: tuple[float, float]

    @classmethod
    def of(cls, kinds: Mapping[str, Mapping[Hashable, np.ndarray]]) -> "Layout":
        """Layout of rows of images, as ``draw_image_rows`` takes them."""
        images = [images for of_kind in kinds.values() for images in of_kind.values()]
        height, width = images[0].shape[1:3]
        n_classes = len(images) // len(kinds)
        n_abreast = 1 if n_classes <= 3 else 2 if n_classes <= 12 else 3
        # all shapes get the same area; no pixel of large images is lost
        min_side = SIDE if n_abreast == 1 else SIDE_ABREAST
        side = max(min_side, (height * width) ** 0.5 / curves.DPI)
        stretch = (width / height) ** 0.5
        n_down = -(-n_classes // n_abreast)
        n_images = max(map(len, images))
        return cls(n_down, n_abreast, len(kinds), n_images, (side * stretch, side / stretch))

    @property
    def row(self) -> float:
        return max(MIN_ROW, self.image[1] + GAP)

    @property
    def column(self) -> float:
        return self.image[0] + GAP

    @property
    def block(self) -> tuple[float, float]:
        # long names of classes need room too
        images = max(MIN_WIDTH, self.n_images * self.column)
        return LABEL_WIDTH + images + MARGIN, HEADING_HEIGHT + self.n_rows * self.row

    @property
    def size(self) -> tuple[float, float]:
        width, height = self.block
        return MARGIN + self.n_abreast * width, self.n_down * height + MARGIN

    def corner(self, number: int) -> tuple[float, float]:
        """Left and upper end of a class; classes run down, then to the right."""
        width, height = self.block
        return MARGIN + number // self.n_down * width, number % self.n_down * height


def _draw_heading(axis: Axes, left: float, top: float, name: str, note: str, colour) -> None:
    base = top + HEADING_HEIGHT - 0.1
    title = axis.text(
        left + LABEL_WIDTH, base, name, size=12, color=colour, weight="bold", parse_math=False
    )
    axis.annotate(
        note,
        (1, base),
        xytext=(8, 0),
        xycoords=(title, "data"),
        textcoords="offset points",
        size=8,
        color=FAINT,
        annotation_clip=False,
    )


def _draw_row_label(axis: Axes, left: float, y: float, kind: str) -> None:
    axis.text(left + LABEL_WIDTH - 0.08, y, kind, size=8, color=INK, ha="right", va="center")


def _draw_row(axis: Axes, images: np.ndarray, left: float, top: float, layout: Layout) -> None:
    width, height = layout.image
    for column, image in enumerate(pixels(images)):
        start = left + column * layout.column
        axis.imshow(
            np.clip(image, 0, 1),
            extent=(start, start + width, top + height, top),
            cmap="gray",
            vmin=0,
            vmax=1,
            interpolation="nearest",
        )


def pixels(images: np.ndarray) -> np.ndarray:
    """Images as they can be drawn: in grey or in three colours."""
    if images.ndim == 4 and images.shape[-1] < 3:
        return images.mean(axis=-1)
    return images[..., :3] if images.ndim == 4 else images
