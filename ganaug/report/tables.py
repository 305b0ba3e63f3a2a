"""Figures of generated rows beside those of real and of shuffled rows."""

import os

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from ganaug.report.curves import DPI, FAINT, INK, MAX_CLASSES, short

# A panel each: a figure of ``TableGAN.evaluate``, and what it says.
PANELS = {
    "column_distance": "column distance (0 is best)",
    "correlation_distance": "correlation distance (0 is best)",
    "precision": "precision",
    "coverage": "coverage",
    "copied_close": "too close to real (0.01 is best)",
    "tstr_recall": "recall, trained on these alone",
}

# Suffix of the columns of a kind of rows: their name, colour and marker.
KINDS = {
    "_shuffled": ("shuffled columns", "#c9c9c9", "s"),
    "_real": ("real rows", "#222222", "|"),
    "": ("synthetic rows", "#d1495b", "o"),
}

# Inches.
WIDTH = 8.0
ROW_HEIGHT = 0.22
PANEL_MARGIN = 0.75
KEY_HEIGHT = 0.45


def draw_figures(path: str | os.PathLike, table: pd.DataFrame) -> None:
    """Write a PNG of what ``TableGAN.evaluate`` returns.

    A panel shows one figure, a line in it one class: a dot for synthetic rows, a stroke
    for real ones, which a generator can hope to reach, and a square for rows whose
    columns were shuffled, which need no generator.

    Parameters
    ----------
    path : path
        File to write; replaced where there is one.
    table : DataFrame
        Its first 20 classes are drawn, and "all".

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    rows = pd.concat([table.iloc[:-1][:MAX_CLASSES], table.iloc[-1:]])
    panel_height = ROW_HEIGHT * len(rows) + PANEL_MARGIN
    height = 2 * panel_height + KEY_HEIGHT
    figure = Figure(figsize=(WIDTH, height), facecolor="white")
    grid = figure.add_gridspec(
        2,
        3,
        left=0.12,
        right=0.98,
        bottom=0.35 / height,
        top=1 - (KEY_HEIGHT + 0.3) / height,
        wspace=0.15,
        hspace=PANEL_MARGIN / (panel_height - PANEL_MARGIN),
    )
    for cell, (name, title) in enumerate(PANELS.items()):
        axis = figure.add_subplot(grid[cell])
        _draw_panel(axis, rows, name)
        axis.set_title(title, size=9, loc="left", color=INK)
        axis.set_yticks(range(len(rows)), [""] * len(rows))
        if cell % 3 == 0:
            labels = axis.set_yticklabels([short(label, 12) for label in rows.index])
            for label in labels:
                label.set(parse_math=False, size=8, color=INK)
    figure.legend(
        handles=[
            Line2D([], [], color=colour, marker=marker, ls="", ms=6, label=label)
            for label, colour, marker in reversed(KINDS.values())
        ],
        loc="upper left",
        bbox_to_anchor=(0.11, 1),
        ncols=len(KINDS),
        frameon=False,
        fontsize=9,
        handletextpad=0.2,
    )
    figure.savefig(path, dpi=DPI, format="png")


def _draw_panel(axis: Axes, rows: pd.DataFrame, name: str) -> None:
    places = np.arange(len(rows))
    for suffix, (_, colour, marker) in KINDS.items():
        if name + suffix in rows:
            axis.plot(
                rows[name + suffix], places, ls="", marker=marker, color=colour, ms=6, mew=1.5
            )
    axis.set_ylim(len(rows) - 0.5, -0.5)
    axis.axhline(len(rows) - 1.5, color="#cccccc", lw=0.8)
    largest = np.nanmax([axis.dataLim.x1, 0.01])
    axis.set_xlim(-0.03 * largest, 1.06 * largest)
    axis.xaxis.set_major_locator(MaxNLocator(5))
    axis.spines[["top", "right", "left"]].set_visible(False)
    axis.spines["bottom"].set_color("#cccccc")
    axis.tick_params(labelsize=7, colors=FAINT, length=2)
    axis.tick_params(axis="y", length=0)
    axis.grid(axis="y", color="#eeeeee", lw=0.6)
