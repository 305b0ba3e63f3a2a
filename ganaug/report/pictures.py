"""Pictures of real and generated images."""

import os
from collections.abc import Hashable, Mapping

import numpy as np
from matplotlib.figure import Figure


def draw_samples(
    path: str | os.PathLike,
    real: Mapping[Hashable, np.ndarray],
    generated: Mapping[Hashable, np.ndarray],
) -> None:
    """Write a PNG with a row for each class: real images left, generated ones right.

    Parameters
    ----------
    path : path
        File to write; replaced where there is one.
    real, generated : dict of label to (n, height, width) array
        Grey images of each class, the same number for all; bright is high.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    rows = [[*real[label], None, *generated[label]] for label in real]
    n_rows, n_columns = len(rows), len(rows[0])
    n_real = len(next(iter(real.values())))
    figure = Figure(figsize=(0.55 * n_columns + 0.5, 0.55 * n_rows + 0.5), facecolor="white")
    axes = figure.subplots(n_rows, n_columns, squeeze=False)
    highest = max(images.max() for images in real.values())
    for label, row, images in zip(real, axes, rows, strict=True):
        for axis, image in zip(row, images, strict=True):
            axis.set_axis_off()
            if image is not None:
                axis.imshow(image, cmap="gray_r", vmin=0, vmax=highest, interpolation="nearest")
        row[0].text(-0.35, 0.5, str(label), transform=row[0].transAxes, ha="right", va="center")
    for first, title in ((0, "real"), (n_real + 1, "generated")):
        axes[0][first].text(
            0, 1.15, title, transform=axes[0][first].transAxes, ha="left", va="bottom"
        )
    figure.subplots_adjust(0.07, 0.02, 0.99, 0.93, wspace=0.08, hspace=0.08)
    figure.savefig(path, dpi=110, format="png")
