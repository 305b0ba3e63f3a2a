"""Curves of how training went."""

import os
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator
from matplotlib.transforms import Bbox

# Classes that fit a page.
MAX_CLASSES = 20

INK = "#222222"
FAINT = "#767676"
DPI = 150

# Inches.
MIN_WIDTH = 7.0
HEIGHT = 3.9
TITLE_WIDTH = 6.0

# Numbers beside a logarithmic axis, at most.
MAX_TICKS = 8

# One in so many steps, the first, may leap: that is cut where the range of values is more than so
# many times that of all other steps.
EARLY = 10
LEAP = 2.0

# A panel each: a key of ``history_``, its title and scale.
PANELS = {
    "generator_loss": ("generator loss", "linear"),
    "discriminator_loss": ("discriminator loss", "linear"),
    "fool_rate": ("fool rate (0.5: neither wins)", "linear"),
    "r1": ("gradient penalty, real (R1)", "log"),
    "r2": ("gradient penalty, fake (R2)", "log"),
}


def draw_history(
    path: str | os.PathLike, history: Mapping[Hashable, Mapping[str, np.ndarray]]
) -> None:
    """Write a PNG with the training curves of a model, such as its ``history_``.

    A panel shows one figure of all classes; curves are running means over a fiftieth
    of the steps.

    Parameters
    ----------
    path : path
        File to write; replaced where there is one.
    history : dict of label to dict of str to (steps,) array
        Figures of every step by the names of ``ganaug.training.step.HISTORY_KEYS``; those
        that are missing are not drawn. The first 20 classes are drawn.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    figure = Figure(figsize=(MIN_WIDTH, HEIGHT), facecolor="white")
    labels = list(history)[:MAX_CLASSES]
    add_curves(figure, {label: history[label] for label in labels}, colours_of(labels))
    figure.savefig(path, dpi=DPI, format="png")


def add_curves(
    figure: Figure,
    history: Mapping[Hashable, Mapping[str, np.ndarray]],
    colours: Mapping[Hashable, Any],
    box: Bbox | None = None,
) -> list[Axes]:
    """Draw the curves of some classes, and a key, into a box of a figure.

    Parameters
    ----------
    figure : Figure
    history : dict of label to dict of str to (steps,) array
    colours : dict of label to colour
    box : Bbox or None, default=None
        Part of the figure, in fractions of its sides; None is along its lower edge.

    Returns
    -------
    list of Axes
        A panel for each figure, and the key.
    """
    width, height = figure.get_size_inches()
    if box is None:
        low_left = (0.6 / width, 0.55 / height)
        box = Bbox([low_left, (1 - 0.2 / width, (HEIGHT - 0.35) / height)])
    grid = figure.add_gridspec(
        2, 3, left=box.x0, right=box.x1, bottom=box.y0, top=box.y1, wspace=0.3, hspace=0.55
    )
    # titles are as long as panels of a page are wide
    title_size = min(9.0, 9 * box.width * width / TITLE_WIDTH)
    *panels, key = (figure.add_subplot(grid[cell]) for cell in range(6))
    for axis, (name, (title, scale)) in zip(panels, PANELS.items(), strict=True):
        figures = {label: np.asarray(of_class.get(name, ())) for label, of_class in history.items()}
        _draw_panel(axis, figures, colours)
        if scale == "linear":
            _cut_early_leaps(axis, figures)
        positive = np.concatenate(
            [np.zeros(0), *(values[values > 0] for values in figures.values())]
        )
        # within a decade a logarithmic axis would have no numbers
        if scale == "log" and len(positive) and positive.max() > 10 * positive.min():
            axis.set_yscale("log")
            axis.yaxis.set_major_locator(LogLocator(subs=(1.0, 3.0), numticks=MAX_TICKS))
            axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
            axis.minorticks_off()
        axis.set_title(title, size=title_size, loc="left", color=INK)
    fool_rate = panels[list(PANELS).index("fool_rate")]
    fool_rate.axhline(0.5, color=FAINT, lw=0.8, ls=(0, (4, 3)), zorder=1)
    fool_rate.set_ylim(0, 1)
    for axis in panels[2:]:
        # nothing stands below these
        axis.set_xlabel("step", size=8, color=FAINT)
    trained = [label for label, figures in history.items() if any(map(len, figures.values()))]
    _draw_key(key, trained, colours)
    return [*panels, key]


def colours_of(labels: Sequence[Hashable]) -> dict[Hashable, Any]:
    """A colour for each class, the same in all panels."""
    if len(labels) <= 10:
        shades = colormaps["tab10"](np.arange(len(labels)))
    else:
        # the ends are nearly black
        shades = colormaps["turbo"](np.linspace(0.05, 0.95, len(labels)))
    return dict(zip(labels, shades, strict=True))


def short(label: Hashable, max_letters: int) -> str:
    """Name of a class, cut to so many characters.

    Examples
    --------
    >>> short("daffodil", 8), short("dandelion", 8)
    ('daffodil', 'dandeli\N{HORIZONTAL ELLIPSIS}')
    """
    text = str(label)
    return text if len(text) <= max_letters else f"{text[: max_letters - 1]}\N{HORIZONTAL ELLIPSIS}"


def _draw_panel(
    axis: Axes, figures: Mapping[Hashable, np.ndarray], colours: Mapping[Hashable, Any]
) -> None:
    for label, values in figures.items():
        axis.plot(*_running_means(values), color=colours[label], lw=1.2)
    axis.spines[["top", "right"]].set_visible(False)
    axis.spines[["left", "bottom"]].set_color("#cccccc")
    axis.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axis.tick_params(labelsize=7, colors=FAINT, length=2)
    axis.grid(axis="y", color="#eeeeee", lw=0.6)


def _cut_early_leaps(axis: Axes, figures: Mapping[Hashable, np.ndarray]) -> None:
    """End a vertical axis below leaps of the first steps that would flatten all that follows."""
    means = [_running_means(values)[1] for values in figures.values()]
    early = np.concatenate([np.zeros(0), *(values[: len(values) // EARLY] for values in means)])
    later = np.concatenate([np.zeros(0), *(values[len(values) // EARLY :] for values in means)])
    early, later = (values[np.isfinite(values)] for values in (early, later))
    if not (len(early) and len(later)):
        return
    low = min(later.min(), early.min())
    span = later.max() - low
    if span > 0 and early.max() - low > LEAP * span:
        axis.set_ylim(low - 0.05 * span, low + 1.5 * span)


def _draw_key(axis: Axes, labels: Sequence[Hashable], colours: Mapping[Hashable, Any]) -> None:
    """Say which colour is which class."""
    axis.set_axis_off()
    key = axis.legend(
        handles=[Line2D([], [], color=colours[label], label="a class") for label in labels],
        frameon=False,
        fontsize=8 if len(labels) <= 8 else 6,
        ncols=1 if len(labels) <= 10 else 2,
        loc="upper left",
        bbox_to_anchor=(0, 1.1),
        borderpad=0,
        handlelength=1.4,
    )
    # later, as a legend leaves out what begins with "_"
    for text, label in zip(key.get_texts(), labels, strict=True):
        text.set(text=short(label, 20), parse_math=False, color=INK)


def _running_means(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Steps and means of the values around them."""
    if not len(values):
        return values, values
    window = max(1, len(values) // 50)
    means = np.convolve(values, np.full(window, 1 / window), "valid")
    return np.arange(len(means)) + (window + 1) / 2, means
