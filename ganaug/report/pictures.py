"""Pictures of real and generated images, and of how training went."""

import os
from collections.abc import Hashable, Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# More do not fit a page.
MOST_CLASSES = 10

INK, FAINT = "#222222", "#8a8a8a"

# A panel each: title, scale, and the colour and name of its curves.
PANELS: dict[str, tuple[str, dict[str, tuple[str, str]]]] = {
    "loss": (
        "linear",
        {
            "generator_loss": ("#2f6db3", "generator"),
            "discriminator_loss": ("#c8502d", "discriminator"),
        },
    ),
    "gradient penalty": (
        "log",
        {"real_penalty": ("#2a8c82", "at real"), "fake_penalty": ("#d39a1c", "at generated")},
    ),
    "discriminator fooled": ("linear", {"fooled": ("#7a4fa3", "share of fakes")}),
}


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


def draw_quality(
    path: str | os.PathLike,
    real: Mapping[Hashable, np.ndarray],
    generated: Mapping[Hashable, np.ndarray],
    nearest: Mapping[Hashable, np.ndarray],
) -> None:
    """Write a PNG with three rows for each class: real, generated, and what those resemble most.

    Parameters
    ----------
    path : path
        File to write; replaced where there is one.
    real, generated : dict of label to (n, height, width) or (n, height, width, 3) array
        Images of each class, grey or colour, all of one shape; numbers may differ.
        In grey ones bright is high and drawn dark. The first 10 classes are drawn.
    nearest : dict of label to array
        The training image nearest to each generated one, drawn below it.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    labels = list(real)[:MOST_CLASSES]
    kinds = {"real": real, "generated": generated, "nearest": nearest}
    n_columns = max(len(images[label]) for images in kinds.values() for label in labels)
    n_abreast = 1 if len(labels) <= MOST_CLASSES // 2 else 2
    n_down = -(-len(labels) // n_abreast)
    height, width = real[labels[0]].shape[1:3]
    row_height, margin = height / width, 1.7
    block = (n_columns + margin + 0.3, 3 * row_height + 1)
    figure, axis = _page(n_abreast * block[0], n_down * block[1])
    lowest = min(float(real[label].min()) for label in labels)
    contrast = max(float(real[label].max()) for label in labels) - lowest or 1.0
    for number, label in enumerate(labels):
        left = number // n_down * block[0] + margin
        top = number % n_down * block[1] + 0.75
        axis.text(left, top - 0.15, _short(label), size=12, color=INK)
        for row, (kind, images) in enumerate(kinds.items()):
            y = top + row * row_height
            axis.text(
                left - 0.15, y + row_height / 2, kind, size=7, color=FAINT, ha="right", va="center"
            )
            _draw_row(axis, (images[label] - lowest) / contrast, left, y, row_height)
    axis.set(xlim=(0, n_abreast * block[0]), ylim=(n_down * block[1], 0))
    figure.savefig(path, dpi=150, format="png")


def draw_history(
    path: str | os.PathLike, history: Mapping[Hashable, Mapping[str, np.ndarray]]
) -> None:
    """Write a PNG with a row for each class: losses, penalties, and how often fakes fool.

    Faint curves are the figures of each step, strong ones their running means over
    a fiftieth of the steps.

    Parameters
    ----------
    path : path
        File to write; replaced where there is one.
    history : dict of label to dict of str to (steps,) array
        Figures of every step by the names of ``ganaug.training.loop.FIGURES``; those
        that are missing are not drawn. The first 10 classes are drawn.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    labels = list(history)[:MOST_CLASSES]
    figure = Figure(figsize=(10, 1.35 * len(labels) + 0.8), facecolor="white", layout="constrained")
    axes = figure.subplots(len(labels), len(PANELS), squeeze=False, sharex=True, sharey="col")
    for column, (title, (scale, curves)) in zip(axes.T, PANELS.items(), strict=True):
        for axis, label in zip(column, labels, strict=True):
            _draw_curves(axis, history[label], curves, scale)
        column[0].set_title(title, size=11, loc="left", color=INK)
        column[0].legend(frameon=False, fontsize=7, ncols=2, loc="upper right", handlelength=1.2)
        column[-1].set_xlabel("step", size=8, color=FAINT)
    for axis, label in zip(axes[:, 0], labels, strict=True):
        axis.set_ylabel(_short(label), size=12, rotation=0, ha="right", va="center", color=INK)
    for axis in axes[:, -1]:
        axis.axhline(0.5, color=FAINT, lw=0.8, ls=(0, (4, 3)), zorder=1)
        axis.set_ylim(0, 1)
    figure.savefig(path, dpi=130, format="png")


def _page(n_columns: float, n_rows: float) -> tuple[Figure, Axes]:
    """A figure that is one empty axis, half an inch for each unit."""
    figure = Figure(figsize=(n_columns / 2, n_rows / 2), facecolor="white")
    axis = figure.add_axes((0, 0, 1, 1))
    axis.set_axis_off()
    return figure, axis


def _draw_row(axis: Axes, images: np.ndarray, left: float, top: float, height: float) -> None:
    for column, image in enumerate(images):
        axis.imshow(
            np.clip(image, 0, 1),
            extent=(left + column, left + column + 0.94, top + 0.94 * height, top),
            cmap="gray_r",
            vmin=0,
            vmax=1,
            interpolation="nearest",
        )


def _draw_curves(
    axis: Axes,
    figures: Mapping[str, np.ndarray],
    curves: Mapping[str, tuple[str, str]],
    scale: str,
) -> None:
    positive = False
    for name, (colour, meaning) in curves.items():
        values = np.asarray(figures.get(name, []), dtype=float)
        positive |= bool((values > 0).any())
        axis.plot(values, color=colour, alpha=0.22, lw=0.6)
        window = max(1, len(values) // 50)
        means = np.convolve(values, np.full(window, 1 / window), "valid") if len(values) else values
        axis.plot(np.arange(len(means)) + window / 2, means, color=colour, lw=1.4, label=meaning)
    if positive:
        # matplotlib warns of a logarithm of nothing but zeros
        axis.set_yscale(scale)
    axis.spines[["top", "right"]].set_visible(False)
    axis.spines[["left", "bottom"]].set_color("#cccccc")
    axis.minorticks_off()
    axis.tick_params(labelsize=7, colors=FAINT, length=2)
    axis.grid(axis="y", color="#eeeeee", lw=0.6)


def _short(label: Hashable) -> str:
    text = str(label)
    return text if len(text) <= 12 else f"{text[:11]}\N{HORIZONTAL ELLIPSIS}"
