"""Displays of samples: beside real ones, and beside those that they resemble most."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, ClassVar, Self

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.transforms import Bbox

from ganaug.models.protocol import is_image_model, is_sequence_model
from ganaug.report.curves import FAINT, INK, colours_of, short
from ganaug.report.display import axes_of, chosen_labels, describe_class, model_of
from ganaug.report.examples import cell_text, examples, row_examples, sequence_examples
from ganaug.report.pictures import STYLES
from ganaug.report.sample_rows import Layout

KINDS = ("real", "generated", "nearest")

# Columns of rows that a picture holds, letters of a cell, and inches of a cell.
MAX_COLUMNS = 8
MAX_LETTERS = 14
CELL = (1.05, 0.24)


class SamplesDisplay:
    """Real samples of each class, and generated ones below them.

    Images and curves of sequences stand in rows, as a contact sheet; rows of tables are written
    out.

    Parameters
    ----------
    samples : dict of str to dict of label to samples
        By "real" and "generated", then by class: images (n, height, width[, channels]) of
        numbers, sequences (n, steps, channels) of numbers, or DataFrames.
    notes : dict of label to str, optional
        What stands beside the names of classes.
    sample_kind : {"images", "sequences"}, default="images"
        What arrays hold.

    Attributes
    ----------
    ax_, figure_
        Axes and figure, once it is drawn.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from ganaug import ImageGAN
    >>> digits = load_digits(n_class=2)
    >>> gan = ImageGAN(n_steps=2, random_state=0).fit(digits.images, digits.target)
    >>> display = SamplesDisplay.from_estimator(gan)
    >>> display.figure_.savefig("samples.png")  # doctest: +SKIP
    """

    ROWS: ClassVar[tuple[str, ...]] = ("real", "generated")

    def __init__(
        self,
        samples: Mapping[str, Mapping[Hashable, Any]],
        *,
        notes: Mapping[Hashable, str] | None = None,
        sample_kind: str = "images",
    ):
        self.samples = samples
        self.notes = notes
        self.sample_kind = sample_kind

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        *,
        labels: Sequence[Hashable] | None = None,
        n_samples: int = 8,
        random_state: int = 0,
        ax: Axes | None = None,
    ) -> Self:
        """Draw samples of a fitted model.

        Parameters
        ----------
        estimator : fitted model, or what has trained one as its ``gan_``
        labels : sequence of labels or None, default=None
            Classes to draw, at most 20. None draws the first 20.
        n_samples : int, default=8
            Samples of each class, 1 or more; fewer real ones where a class has fewer.
        random_state : int, default=0
            Chooses the real samples and draws the others.
        ax : matplotlib Axes or None, default=None
            Axes to draw on; None makes a figure.

        Returns
        -------
        display

        Raises
        ------
        NotFittedError
            Before ``fit``.
        TypeError
            For what is no model of rows, images or sequences.
        ValueError
            For classes that were not trained, too many of them, no samples, or a model that was
            saved without its training samples.
        """
        model = model_of(estimator)
        if n_samples < 1:
            raise ValueError(f"n_samples must be 1 or more, got {n_samples!r}.")
        chosen = chosen_labels(model, labels)
        samples: dict[str, dict[Hashable, Any]] = {kind: {} for kind in cls.ROWS}
        for label in chosen:
            if is_image_model(model):
                parts: Sequence[Any] = examples(model, label, n_samples, random_state)
            elif is_sequence_model(model):
                parts = sequence_examples(model, label, n_samples, random_state)
            else:
                parts = row_examples(model, label, n_samples, random_state)
            for kind, part in zip(KINDS, parts, strict=True):
                if kind in samples:
                    samples[kind][label] = part
        notes = {label: describe_class(model, label) for label in chosen}
        return cls(samples, notes=notes, sample_kind=model.sample_kind).plot(ax=ax)

    def plot(self, ax: Axes | None = None) -> Self:
        """Draw the samples.

        Parameters
        ----------
        ax : matplotlib Axes or None, default=None
            Axes to draw on; None makes a figure.

        Returns
        -------
        display
            Itself.
        """
        first = next(iter(self.samples.values()))
        if isinstance(next(iter(first.values())), pd.DataFrame):
            self._plot_rows(ax)
        else:
            size, draw_rows = STYLES[self.sample_kind]
            layout = Layout.of(self.samples, size)
            self.ax_ = axes_of(ax, *layout.size)
            colours = colours_of(list(first))
            draw_rows(self.ax_, self.samples, layout, self.notes or {}, colours)
        self.figure_ = self.ax_.figure
        return self

    def _plot_rows(self, ax: Axes | None) -> None:
        """Write out rows, kind by kind of each class."""
        first = next(iter(self.samples.values()))
        names = list(next(iter(first.values())).columns)
        shown = names[:MAX_COLUMNS]
        lines: list[tuple[str, str, list[str]]] = []
        for label in first:
            for row, kind in self._row_order(label):
                table = self.samples[kind][label]
                # by column, as a row of several types has none of them
                cells = [short(cell_text(table[name].iloc[row]), MAX_LETTERS) for name in shown]
                lines.append((short(label, MAX_LETTERS), kind, cells))
        width = (len(shown) + 2) * CELL[0]
        height = (len(lines) + 1.5) * CELL[1]
        self.ax_ = axes_of(ax, width, height)
        header = ["class", "", *(short(name, MAX_LETTERS) for name in shown)]
        table = self.ax_.table(
            [[label, kind, *cells] for label, kind, cells in lines],
            colLabels=header,
            bbox=Bbox.unit(),
            cellLoc="right",
            edges="B",
        )
        table.auto_set_font_size(False)
        colours = colours_of(list(dict.fromkeys(label for label, _, _ in lines)))
        for (row, column), cell in table.get_celld().items():
            cell.set_edgecolor("#e4e4e4")
            is_header = row == 0
            colour = FAINT if is_header or column == 1 else INK
            cell.set_text_props(ha="left" if column < 2 else "right")
            if column == 0 and not is_header:
                colour = colours[lines[row - 1][0]]
            cell.get_text().set(size=8, color=colour, parse_math=False)
        self.ax_.set_axis_off()
        if len(names) > len(shown):
            title = f"{len(shown)} of {len(names)} columns"
            self.ax_.set_title(title, size=8, color=FAINT, loc="right")

    def _row_order(self, label: Hashable) -> list[tuple[int, str]]:
        """Numbers of rows of a class and their kinds, in the order in which they are written."""
        return [
            (row, kind) for kind in self.samples for row in range(len(self.samples[kind][label]))
        ]


class NeighborsDisplay(SamplesDisplay):
    """Generated samples of each class, and below each the training sample it resembles most.

    A generator that copies shows the same sample twice.

    Parameters
    ----------
    samples : dict of str to dict of label to samples
        By "generated" and "nearest", then by class, as in ``SamplesDisplay``.
    notes : dict of label to str, optional
        What stands beside the names of classes.
    sample_kind : {"images", "sequences"}, default="images"
        What arrays hold.

    Attributes
    ----------
    ax_, figure_
        Axes and figure, once it is drawn.
    """

    ROWS = ("generated", "nearest")

    def _row_order(self, label: Hashable) -> list[tuple[int, str]]:
        n_rows = len(next(iter(self.samples.values()))[label])
        return [(row, kind) for row in range(n_rows) for kind in self.samples]
