"""Pictures of real and generated images or sequences."""

import os
from collections.abc import Hashable, Mapping

import numpy as np
from matplotlib.figure import Figure

from ganaug.report import curves
from ganaug.report.curves import add_curves, colours_of
from ganaug.report.image_rows import draw_image_rows, image_size
from ganaug.report.sample_rows import Layout
from ganaug.report.sequence_rows import draw_sequence_rows, sequence_size

# Sizes and drawings of each kind of samples.
STYLES = {
    "images": (image_size, draw_image_rows),
    "sequences": (sequence_size, draw_sequence_rows),
}


def draw_quality(
    path: str | os.PathLike,
    real: Mapping[Hashable, np.ndarray],
    generated: Mapping[Hashable, np.ndarray],
    nearest: Mapping[Hashable, np.ndarray],
    *,
    sample_kind: str = "images",
    history: Mapping[Hashable, Mapping[str, np.ndarray]] | None = None,
    notes: Mapping[Hashable, str] | None = None,
) -> None:
    """Write a PNG with three rows for each class: real, generated, and the nearest real samples.

    Parameters
    ----------
    path : path
        File to write; replaced where there is one.
    real, generated : dict of label to (n, height, width[, channels]) array
        Images of each class, all of one shape; numbers may differ. Black and white
        are the lowest and the highest value of the real ones. Of four channels the
        first three are drawn as colours, of two the mean is drawn in grey. Or sequences
        (n, steps, channels), drawn as ``draw_sequence_rows`` says.
    nearest : dict of label to array
        The training sample nearest to each generated one, drawn below it.
    sample_kind : {"images", "sequences"}, default="images"
        What the arrays hold.
    history : dict of label to dict of str to (steps,) array, optional
        As in ``draw_history``: drawn below the samples, in the colours of the
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
    kinds = {"real": real, "generated": generated, "nearest real": nearest}
    size, draw_rows = STYLES[sample_kind]
    layout = Layout.of(kinds, size)
    width, height = layout.size
    width = max(width, curves.MIN_WIDTH) if trained else width
    below = curves.HEIGHT if trained else 0.0
    figure = Figure(figsize=(width, height + below), facecolor="white")
    axis = figure.add_axes((0, below / (height + below), 1, height / (height + below)))
    colours = colours_of(list(real))
    draw_rows(axis, kinds, layout, notes or {}, colours)
    axis.set(xlim=(0, width), aspect="auto")
    if trained:
        add_curves(figure, trained, colours)
    figure.savefig(path, dpi=curves.DPI, format="png")
