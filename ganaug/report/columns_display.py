"""Display of the columns of a table: how real and generated values are distributed."""

import math
from collections.abc import Hashable, Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from ganaug.models.protocol import is_row_model
from ganaug.report.curves import FAINT, INK, short
from ganaug.report.display import axes_of, chosen_labels, model_of
from ganaug.report.examples import row_examples

# Columns and levels that a picture holds, bins of a histogram, and panels abreast.
MAX_COLUMNS = 12
MAX_LEVELS = 8
N_BINS = 24
N_ABREAST = 4

# Inches of a panel.
PANEL = (2.2, 1.6)

# Seconds.
MINUTE = 60
DAY = 86_400

# Points of the letters along axes.
TICK_SIZE = 7

REAL = "#222222"
REAL_ALPHA = 0.25
GENERATED = "#d1495b"


class ColumnsDisplay:
    """Distributions of the columns of real and of generated rows, a panel for each column.

    Numbers and dates are histograms, levels are bars; both show shares of rows, gaps left out.

    Parameters
    ----------
    real, generated : DataFrame
        Rows with the same columns, of which the first 12 are drawn.

    Attributes
    ----------
    ax_, figure_
        Axes whose place the panels take, and figure, once they are drawn.
    axes_ : list of Axes
        A panel for each column.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from ganaug import TableGAN
    >>> X, y = load_iris(return_X_y=True, as_frame=True)
    >>> gan = TableGAN(n_steps=5, random_state=0).fit(X, y)
    >>> [panel.get_title(loc="left") for panel in ColumnsDisplay.from_estimator(gan).axes_]
    ['sepal length (cm)', 'sepal width (cm)', 'petal length (cm)', 'petal width (cm)']
    """

    def __init__(self, real: pd.DataFrame, generated: pd.DataFrame):
        self.real = real
        self.generated = generated

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        *,
        labels: Sequence[Hashable] | None = None,
        columns: Sequence[Hashable] | None = None,
        n_samples: int = 1000,
        random_state: int = 0,
        ax: Axes | None = None,
    ) -> Self:
        """Draw the columns of a fitted model of tables.

        Parameters
        ----------
        estimator : fitted model of rows, or what has trained one as its ``gan_``
        labels : sequence of labels or None, default=None
            Classes whose rows are drawn, as many of each. None draws the first 20.
        columns : sequence of names or None, default=None
            Columns to draw; None draws the first 12. Arrays have numbers for names.
        n_samples : int, default=1000
            Rows of each class, 1 or more; as many real ones at most.
        random_state : int, default=0
            Chooses the real rows and draws the others.
        ax : matplotlib Axes or None, default=None
            Axes whose place the panels take; None makes a figure.

        Returns
        -------
        display

        Raises
        ------
        NotFittedError
            Before ``fit``.
        TypeError
            For what is no model of rows.
        ValueError
            For classes that were not trained or columns that are not there.
        """
        model = model_of(estimator)
        if not is_row_model(model):
            raise TypeError(f"a {type(model).__name__} has no columns: see SamplesDisplay.")
        parts = [
            row_examples(model, label, n_samples, random_state)[:2]
            for label in chosen_labels(model, labels)
        ]
        real = pd.concat([of_class for of_class, _ in parts], ignore_index=True)
        generated = pd.concat([of_class for _, of_class in parts], ignore_index=True)
        chosen = list(real.columns if columns is None else columns)
        unknown = [name for name in chosen if name not in real.columns]
        if unknown:
            raise ValueError(f"there is no column {unknown[0]!r}; columns: {list(real.columns)}.")
        return cls(real[chosen], generated[chosen]).plot(ax=ax)

    def plot(self, ax: Axes | None = None) -> Self:
        """Draw the distributions.

        Parameters
        ----------
        ax : matplotlib Axes or None, default=None
            Axes whose place the panels take; None makes a figure.

        Returns
        -------
        display
            Itself.
        """
        names = list(self.real.columns)[:MAX_COLUMNS]
        n_abreast = min(N_ABREAST, len(names))
        n_down = math.ceil(len(names) / n_abreast)
        self.ax_ = axes_of(ax, max(4.0, n_abreast * PANEL[0]), n_down * PANEL[1] + 0.3)
        self.figure_ = self.ax_.figure
        self.ax_.set_axis_off()
        self.axes_ = []
        for number, name in enumerate(names):
            width = 1 / n_abreast
            height = 1 / n_down
            left = number % n_abreast * width
            bottom = 1 - (number // n_abreast + 1) * height
            panel = self.ax_.inset_axes(
                (left + 0.06 * width, bottom + 0.2 * height, 0.88 * width, 0.58 * height)
            )
            self._draw_column(panel, name)
            self.axes_.append(panel)
        self.ax_.legend(
            handles=[
                Patch(color=REAL, alpha=REAL_ALPHA, label="real"),
                Line2D([], [], color=GENERATED, label="generated"),
            ],
            loc="lower right",
            bbox_to_anchor=(1, 0.98),
            ncols=2,
            frameon=False,
            fontsize=8,
        )
        return self

    def _draw_column(self, panel: Axes, name: Hashable) -> None:
        values = (self.real[name].dropna(), self.generated[name].dropna())
        unit = ""
        if pd.api.types.is_numeric_dtype(values[0]) and not pd.api.types.is_bool_dtype(values[0]):
            _draw_numbers(panel, *(np.asarray(part, dtype=float) for part in values))
        elif pd.api.types.is_datetime64_any_dtype(values[0]):
            days = [_days(part) for part in values]
            _draw_numbers(panel, *days)
            _label_dates(panel, np.concatenate(days))
        elif pd.api.types.is_timedelta64_dtype(values[0]):
            _draw_numbers(panel, *(part.to_numpy() / np.timedelta64(1, "D") for part in values))
            unit = " (days)"
        else:
            _draw_levels(panel, *(part.astype(str) for part in values))
        title = panel.set_title(f"{short(name, 24)}{unit}", size=8, loc="left", color=INK)
        title.set_parse_math(False)
        panel.spines[["top", "right", "left"]].set_visible(False)
        panel.spines["bottom"].set_color("#cccccc")
        panel.set_yticks([])
        panel.tick_params(labelsize=TICK_SIZE, colors=FAINT, length=2)


def _draw_numbers(panel: Axes, real: np.ndarray, generated: np.ndarray) -> None:
    """Draw histograms over the same bins."""
    both = np.concatenate([real, generated])
    if not len(both):
        return
    edges = np.histogram_bin_edges(both, N_BINS)
    for values, colour, filled in ((real, REAL, True), (generated, GENERATED, False)):
        shares = np.histogram(values, edges)[0] / max(1, len(values))
        if filled:
            panel.stairs(shares, edges, color=colour, fill=True, alpha=REAL_ALPHA)
        else:
            panel.stairs(shares, edges, color=colour, lw=1.3)
    panel.set_ylim(bottom=0)
    panel.set_xlim(edges[0], edges[-1])
    panel.locator_params(axis="x", nbins=4)


def _days(dates: pd.Series) -> np.ndarray:
    """Days (n,) since 1970 of dates, as clocks show them there."""
    return dates.dt.tz_localize(None).to_numpy("datetime64[s]").astype(float) / DAY


def _label_dates(panel: Axes, days: np.ndarray) -> None:
    """Write the first and the last date below an axis."""
    if not len(days):
        return
    seconds = np.array([days.min(), days.max()]) * DAY
    # a single one stands in the middle
    seconds = np.unique(seconds.round())
    span = seconds[-1] - seconds[0]
    whole = (seconds % DAY == 0).all()
    form = "2000-01-01" if whole or span >= 2 * DAY else "2000-01-01 00:00"
    n_letters = len(form if whole or span >= 2 * MINUTE else f"{form}:00")
    dates = np.datetime_as_string(seconds.astype("datetime64[s]"))
    panel.set_xticks(seconds / DAY, [date.replace("T", " ")[:n_letters] for date in dates])
    if len(dates) > 1:
        first, last = panel.get_xticklabels()
        first.set_horizontalalignment("left")
        last.set_horizontalalignment("right")


def _draw_levels(panel: Axes, real: pd.Series, generated: pd.Series) -> None:
    """Draw bars of the commonest real levels, side by side."""
    levels = real.value_counts().index[:MAX_LEVELS]
    places = np.arange(len(levels))
    styles = {-0.2: (real, REAL, REAL_ALPHA), 0.2: (generated, GENERATED, 0.8)}
    for shift, (values, colour, alpha) in styles.items():
        shares = values.value_counts(normalize=True).reindex(levels, fill_value=0)
        panel.bar(places + shift, shares, 0.4, color=colour, alpha=alpha)
    # a letter is a good half as wide as it is high
    figure: Any = panel.figure
    points = 72 * panel.get_window_extent().width / figure.dpi
    n_letters = max(2, int(points / (0.62 * TICK_SIZE) / max(1, len(levels))))
    texts = panel.set_xticks(places, [short(level, n_letters) for level in levels])
    for tick in texts:
        tick.label1.set_parse_math(False)
