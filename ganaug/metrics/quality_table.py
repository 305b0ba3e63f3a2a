"""Tables of the quality of samples that print their main figures, with a mark at what is bad."""

import math
import textwrap
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from ganaug.hints import three_decimals

# Share of new real samples that are closer to training samples than what is called too close, and
# the probability, if generated ones were as new, below which so many of them are no chance.
CLOSE_SHARE = 0.01
MAX_CHANCE = 0.01

# Difference to real samples that matters, where there are enough to tell it from chance.
MIN_DIFFERENCE = 0.1

# Letters of a printed line, and of the name of a class in it.
WIDTH = 79
MAX_LETTERS = 20


@dataclass(frozen=True)
class Figure:
    """A figure of ``evaluate`` as pages show it, and terminals.

    Attributes
    ----------
    name : str
        Name on pages.
    meaning : str
        What it says.
    best : {"low", "high", "copies"}
        Values that are good; of "copies", those that are no higher than of new samples.
    """

    name: str
    meaning: str
    best: str


CLOSE = Figure(
    "too close to training samples",
    "share of generated samples that are nearer to a training sample than 99 of 100 new real ones "
    "are: copies, or nearly so; below it, the share that new ones would reach by chance",
    "copies",
)

# By their columns in ``evaluate``, worst offence first.
FIGURES = {
    "pixels_copied_close": CLOSE,
    "copied_close": CLOSE,
    "steps_copied_close": CLOSE,
    "features_copied_close": Figure(
        "too close in features",
        "the same in features of the network that the model was given",
        "copies",
    ),
    "label_accuracy": Figure(
        "label accuracy",
        "share of samples that classifiers of real ones take for their class",
        "high",
    ),
    "features_label_accuracy": Figure(
        "label accuracy in features",
        "share of samples that a linear classifier of these features takes for their class",
        "high",
    ),
    "detection_auc": Figure(
        "detection AUC",
        "how well a classifier tells samples from real ones, 0.5 not at all and 1 without error",
        "low",
    ),
    "tstr_recall": Figure(
        "TSTR recall",
        "train on synthetic, test on real: share of real samples recognised after training on "
        "these samples alone",
        "high",
    ),
    "tstr_accuracy": Figure(
        "TSTR accuracy",
        "train on synthetic, test on real: share of real samples recognised after training on "
        "these samples alone",
        "high",
    ),
    "random_coverage": Figure(
        "coverage", "share of real samples with a generated one nearby", "high"
    ),
    "random_recall": Figure(
        "recall", "share of real samples that lie among generated ones", "high"
    ),
    "coverage": Figure("coverage", "share of real samples with a generated one nearby", "high"),
    "features_coverage": Figure(
        "coverage in features",
        "the same in features of the network that the model was given",
        "high",
    ),
    "spectrum": Figure(
        "spectrum",
        "mean difference of the logarithms of the power at each frequency, in decades",
        "low",
    ),
    "autocorrelation": Figure(
        "autocorrelation", "mean difference of the autocorrelations, from 0 to 2", "low"
    ),
    "channel_correlation": Figure(
        "channel correlation",
        "mean difference of the correlations of two channels, from 0 to 2",
        "low",
    ),
    "column_distance": Figure(
        "column distance",
        "how far the distributions of single columns are apart, from 0 to 1",
        "low",
    ),
    "correlation_distance": Figure(
        "correlation distance",
        "mean difference of the correlations of two columns, from 0 to 2",
        "low",
    ),
}


class QualityTable(pd.DataFrame):
    """Table of ``evaluate``: a DataFrame that prints its main figures; parts are plain.

    Printed is a line for each figure of all classes together: of samples, of real ones in their
    place, whether it is best high or low, and the class where samples are worst.

    Attributes
    ----------
    near_rows : bool, default=False
        True where classes are drawn near points between their rows.

    Examples
    --------
    >>> rows = [[50, 50, 0.9, 0.95], [50, 50, 0.5, 0.93], [100, 100, 0.7, 0.94]]
    >>> columns = ["n_held_out", "n_fake", "coverage", "coverage_real"]
    >>> QualityTable(rows, ["cat", "dog", "all"], columns)
              samples   real  best worst class
    coverage  0.700 !  0.940  high   dog 0.500
    ! is worse than real samples by more than chance explains.
    These are of all classes together; .loc[label] gives all 4 columns of one,
    which the help of evaluate explains.
    """

    _metadata = ["near_rows"]
    near_rows: bool = False

    @property
    def _constructor(self) -> Any:
        # parts of it are plain
        return pd.DataFrame

    def __repr__(self) -> str:
        if not self._is_whole:
            return super().__repr__()
        figures = self._main_figures()
        lines = figures.to_string().split("\n")
        return "\n".join([*map(str.rstrip, lines), *self._notes(figures)])

    def _repr_html_(self) -> str:
        if not self._is_whole:
            return super()._repr_html_()
        figures = self._main_figures()
        return f"{figures._repr_html_()}\n<p>{'<br>'.join(self._notes(figures))}</p>"

    @property
    def _is_whole(self) -> bool:
        """True where there is what is printed."""
        has_counts = {"n_fake", "n_held_out"} <= set(self.columns)
        has_rows = len(self) > 1 and self.index[-1] == "all"
        return has_counts and has_rows and bool(self._known)

    @property
    def _known(self) -> list[str]:
        """Names of the main figures that are there."""
        return [name for name in FIGURES if name in self and np.isfinite(self[name].iloc[-1])]

    def _main_figures(self) -> pd.DataFrame:
        """Main figures of all classes as texts, a row for each."""
        figures = pd.DataFrame(map(self._cells, self._known), index=self._known)
        return figures.loc[:, (figures != "").any()]

    def _cells(self, name: str) -> dict[str, str]:
        """Texts of one figure."""
        of_all = self.iloc[-1]
        of_classes = self[name].iloc[:-1]
        level = level_of(self, name)
        best = "high" if FIGURES[name].best == "high" else "low"
        worst = ""
        if of_classes.nunique() > 1:
            place = int(np.nanargmin(of_classes) if best == "high" else np.nanargmax(of_classes))
            worst = f"{_short(self.index[place])} {_text(of_classes.iloc[place])}"
        return {
            "samples": _text(of_all[name]) + " !" * is_bad(name, of_all, level),
            "real": _text(level),
            "shuffled": _text(of_all.get(f"{name}_shuffled", math.nan)),
            "best": best,
            "worst class": worst,
        }

    def _notes(self, figures: pd.DataFrame) -> Iterator[str]:
        """Lines below the figures."""
        marked = figures.index[figures["samples"].str.endswith("!")]
        if len(marked):
            yield "! is worse than real samples by more than chance explains."
        close = [name for name in marked if FIGURES[name].best == "copies"]
        if close:
            yield from textwrap.wrap(f"{', '.join(close)}: {about_copies(self.near_rows)}", WIDTH)
        yield from textwrap.wrap(
            f"These are of all classes together; .loc[label] gives all {len(self.columns)} columns "
            "of one, which the help of evaluate explains.",
            WIDTH,
        )


def _text(value: float) -> str:
    """Three decimals; nothing of what is not known."""
    return three_decimals(value) if np.isfinite(value) else ""


def _short(label: Hashable) -> str:
    """Name of a class, cut where it is long."""
    name = str(label)
    return name if len(name) <= MAX_LETTERS else f"{name[: MAX_LETTERS - 3]}..."


def about_copies(near_rows: bool) -> str:
    """Sentence on samples that are too close to training samples.

    Parameters
    ----------
    near_rows : bool
        True where classes are drawn near points between their rows.
    """
    if near_rows:
        return (
            "Anchored GANs draw rows near points between training rows, as SMOTE does, so that "
            "many are this close by design: they may help a classifier as those of SMOTE do, and "
            "are not anonymous."
        )
    return "Those so close to training samples add little to them, and reveal them."


def is_bad(name: str, figures: pd.Series, level: float) -> bool:
    """True for a figure that is worse than chance allows.

    Parameters
    ----------
    name : str
        Column of ``FIGURES``.
    figures : Series
        A row of ``evaluate``.
    level : float
        Value that real samples reach.
    """
    value = figures[name]
    if not np.isfinite([value, level]).all():
        return False
    n_fake = int(figures["n_fake"])
    if FIGURES[name].best == "copies":
        return bool(stats.binom.sf(round(value * n_fake) - 1, n_fake, level) < MAX_CHANCE)
    # the standard deviation of the difference of two shares of n is below 0.71 / sqrt(n)
    margin = max(MIN_DIFFERENCE, 2 / math.sqrt(min(n_fake, figures["n_held_out"])))
    return bool(value - level > margin if FIGURES[name].best == "low" else level - value > margin)


def level_of(table: pd.DataFrame, name: str) -> float:
    """Value of a figure that real samples reach, mean over the classes of a table."""
    if FIGURES[name].best == "copies":
        # of the nearest of n, n + 1 are as near in one of n + 1 cases
        of_classes = table.iloc[:-1] if len(table) > 1 else table
        return float(np.maximum(CLOSE_SHARE, 1 / (of_classes["n_held_out"] + 1)).mean())
    level = table[f"{name}_real"].iloc[-1] if f"{name}_real" in table else math.nan
    # told apart even less than by chance is no better than by chance
    return max(level, 0.5) if name == "detection_auc" else float(level)
