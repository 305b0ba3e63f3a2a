"""Rows of samples of each class, under the name of the class: what all kinds of samples share."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ganaug.report.curves import FAINT, INK, short

# Inches: the least height of a row and width of a class; what lies between samples and around all;
# room for the names of rows, and for the heading of a class.
MIN_ROW = 0.2
MIN_WIDTH = 4.4
GAP = 0.035
MARGIN = 0.2
LABEL_WIDTH = 0.75
HEADING_HEIGHT = 0.5

# Draws a sample of a kind and a class on axes, its left and upper end at a place.
DrawSample = Callable[[Axes, np.ndarray, str, Hashable, tuple[float, float]], None]


@dataclass(frozen=True)
class Layout:
    """Places of samples on a page, in inches.

    Attributes
    ----------
    n_down, n_abreast : int
        Number of classes below and beside each other.
    n_rows : int
        Number of rows of a class.
    n_samples : int
        Number of samples in each row.
    sample : (width, height)
        Size of a sample.
    """

    n_down: int
    n_abreast: int
    n_rows: int
    n_samples: int
    sample: tuple[float, float]

    @classmethod
    def of(
        cls,
        kinds: Mapping[str, Mapping[Hashable, np.ndarray]],
        size: Callable[[tuple[int, ...], bool], tuple[float, float]],
    ) -> "Layout":
        """Layout of rows of samples, as ``draw_sample_rows`` takes them.

        Parameters
        ----------
        kinds : dict of str to dict of label to (n, ...) array
        size : callable
            Width and height of samples by their shape, and by whether classes stand abreast.
        """
        samples = [samples for of_kind in kinds.values() for samples in of_kind.values()]
        n_classes = len(samples) // len(kinds)
        n_abreast = 1 if n_classes <= 3 else 2 if n_classes <= 12 else 3
        n_down = -(-n_classes // n_abreast)
        sample = size(samples[0].shape[1:], n_abreast > 1)
        return cls(n_down, n_abreast, len(kinds), max(map(len, samples)), sample)

    @property
    def row(self) -> float:
        return max(MIN_ROW, self.sample[1] + GAP)

    @property
    def column(self) -> float:
        return self.sample[0] + GAP

    @property
    def block(self) -> tuple[float, float]:
        # long names of classes need room too
        samples = max(MIN_WIDTH, self.n_samples * self.column)
        return LABEL_WIDTH + samples + MARGIN, HEADING_HEIGHT + self.n_rows * self.row

    @property
    def size(self) -> tuple[float, float]:
        width, height = self.block
        return MARGIN + self.n_abreast * width, self.n_down * height + MARGIN

    def corner(self, number: int) -> tuple[float, float]:
        """Left and upper end of a class; classes run down, then to the right."""
        width, height = self.block
        return MARGIN + number // self.n_down * width, number % self.n_down * height


def draw_sample_rows(
    axis: Axes,
    kinds: Mapping[str, Mapping[Hashable, np.ndarray]],
    layout: Layout,
    notes: Mapping[Hashable, str],
    colours: Mapping[Hashable, Any],
    draw_sample: DrawSample,
) -> None:
    """Draw a row of samples for each kind of them, class by class, on axes of any size.

    Parameters
    ----------
    axis : Axes
    kinds : dict of str to dict of label to (n, ...) array
        Samples of each class by the names of rows.
    layout : Layout
    notes : dict of label to str
        What stands beside the names of classes.
    colours : dict of label to colour
        Colours of these names.
    draw_sample : callable
        Draws one.
    """
    for number, label in enumerate(next(iter(kinds.values()))):
        left, top = layout.corner(number)
        _draw_heading(axis, left, top, short(label, 20), notes.get(label, ""), colours[label])
        for row, (kind, samples) in enumerate(kinds.items()):
            y = top + HEADING_HEIGHT + row * layout.row
            _draw_row_label(axis, left, y + layout.row / 2, kind)
            for column, sample in enumerate(samples[label]):
                place = (left + LABEL_WIDTH + column * layout.column, y)
                draw_sample(axis, sample, kind, label, place)
    width, height = layout.size
    axis.set(xlim=(0, width), ylim=(height, 0), aspect="equal")
    axis.set_axis_off()


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
