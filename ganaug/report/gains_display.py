"""Display of what methods gain: a mark and an interval for each."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from matplotlib.axes import Axes

from ganaug.report.curves import FAINT, INK, short
from ganaug.report.display import axes_of
from ganaug.report.gains import Gain, Gains
from ganaug.report.page import number

# Of what intervals say.
COLOURS = {"better": "#2a7f62", "worse": "#b3392f", "unclear": "#6b6b6b"}

# Inches.
WIDTH = 7.0
ROW_HEIGHT = 0.27
MARGIN = 0.7


class GainsDisplay:
    """Gains of methods over no augmentation with their intervals, best scores first.

    Parameters
    ----------
    gains : sequence of ganaug.report.gains.Gain
        Methods, with what they score and gain.
    title : str, default=""
        Line above them.

    Attributes
    ----------
    ax_, figure_
        Axes and figure, once it is drawn.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from ganaug import TableGAN, compare, multiply
    >>> table = compare(
    ...     DecisionTreeClassifier(random_state=0), *load_iris(return_X_y=True), cv=2, gate=None,
    ...     gan=TableGAN(n_steps=5), sampling_strategy=multiply(2), random_state=0)
    >>> display = GainsDisplay.from_comparison(table)
    >>> len(display.ax_.get_yticks()) == len(display.gains)
    True
    """

    def __init__(self, gains: Sequence[Gain], title: str = ""):
        self.gains = gains
        self.title = title

    @classmethod
    def from_estimator(cls, estimator: Any, *, ax: Axes | None = None) -> Self:
        """Draw what the gate of a fitted ``AugmentedClassifier`` has tried.

        Parameters
        ----------
        estimator : AugmentedClassifier
            Fitted, with a gate.
        ax : matplotlib Axes or None, default=None
            Axes to draw on; None makes a figure.

        Returns
        -------
        display

        Raises
        ------
        TypeError
            For what has no report of a gate.
        ValueError
            Where nothing could be tried.
        """
        selection: Any = getattr(estimator, "report_", None)
        if not hasattr(selection, "gains"):
            raise TypeError(
                f"a {type(estimator).__name__} has no report_ of a gate: pass a fitted "
                "AugmentedClassifier whose gate is not None."
            )
        gains = selection.gains()
        if not gains:
            raise ValueError(f"nothing was tried: {selection.sentence}")
        return cls(gains, f"What the gate chose: {selection.chosen}").plot(ax=ax)

    @classmethod
    def from_comparison(cls, table: Any, *, ax: Axes | None = None) -> Self:
        """Draw what ``compare`` has found, of the mean over classifiers where there are several.

        Parameters
        ----------
        table : table that ``compare`` returns
            Whole, without ``return_scores``.
        ax : matplotlib Axes or None, default=None
            Axes to draw on; None makes a figure.

        Returns
        -------
        display

        Raises
        ------
        TypeError
            For another table, or a part of one.
        """
        if not hasattr(table, "gains"):
            raise TypeError(f"a {type(table).__name__} is no whole table of ganaug.compare.")
        return cls(table.gains(), table.verdict.partition(". ")[0]).plot(ax=ax)

    def plot(self, ax: Axes | None = None) -> Self:
        """Draw the gains.

        Parameters
        ----------
        ax : matplotlib Axes or None, default=None
            Axes to draw on; None makes a figure.

        Returns
        -------
        display
            Itself.
        """
        rows = Gains("", "", self.gains).ranked
        self.ax_ = axis = axes_of(ax, WIDTH, MARGIN + ROW_HEIGHT * len(rows))
        self.figure_ = axis.figure
        axis.axvline(0, color=FAINT, lw=0.8, zorder=1)
        for place, row in enumerate(rows):
            colour = COLOURS[row.verdict]
            if np.isfinite([row.low, row.high]).all():
                axis.plot([row.low, row.high], [place] * 2, color=colour, lw=2, alpha=0.5)
            if np.isfinite(row.gain):
                axis.plot(row.gain, place, "o", color=colour, ms=6)
            else:
                axis.text(0, place, f"  {row.note}", size=7, color=FAINT, va="center")
        axis.set_ylim(len(rows) - 0.5, -0.5)
        names = [f"{short(row.name, 34)}   {number(row.score)}" for row in rows]
        for label, row in zip(axis.set_yticks(range(len(rows)), names), rows, strict=True):
            weight = "bold" if row.marked else "normal"
            label.label1.set(size=8, color=INK, weight=weight, parse_math=False)
        axis.spines[["top", "right", "left"]].set_visible(False)
        axis.spines["bottom"].set_color("#cccccc")
        axis.tick_params(axis="y", length=0)
        axis.tick_params(axis="x", labelsize=7, colors=FAINT, length=2)
        axis.grid(axis="x", color="#eeeeee", lw=0.6)
        axis.set_axisbelow(True)
        axis.set_xlabel("gain in score over no augmentation", size=8, color=FAINT)
        axis.set_title(self.title, size=9, color=INK, loc="left")
        return self
