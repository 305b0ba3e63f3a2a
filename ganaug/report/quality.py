"""Quality of a model's samples as a table, with a mark at what is bad."""

import math
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from ganaug.models.protocol import FittedModel
from ganaug.report.curves import short
from ganaug.report.page import Cell, Section, Table, number
from ganaug.trainers.table import ANCHORED

# Letters of a class's name, at most.
MAX_NAME = 48

# Share of new real samples that are closer to training samples than what is called too close, and
# the probability, if generated ones were as new, below which so many of them are no chance.
CLOSE_SHARE = 0.01
MAX_CHANCE = 0.01

# Difference to real samples that matters, where there are enough to tell it from chance.
MIN_DIFFERENCE = 0.1


@dataclass(frozen=True)
class Figure:
    """A figure of ``evaluate`` as pages show it.

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


def quality(gan: FittedModel, X: Any, y: np.ndarray) -> Section:
    """Figures of each class beside those of real samples.

    Parameters
    ----------
    gan : model
        Fitted.
    X, y : samples and their classes
        Real ones that the model has not seen.
    """
    table = gan.evaluate(X, y)
    names = [name for name in FIGURES if name in table and table[name].notna().any()]
    rows: list[list[str | Cell]] = []
    bad = []
    for place, (label, figures) in enumerate(table.iterrows()):
        # the last row is that of all classes, whatever these are called
        is_total = place == len(table) - 1
        levels = {name: _level(table if is_total else table.iloc[[place]], name) for name in names}
        marks = {name: is_bad(name, figures, levels[name]) for name in names}
        cells = [_cell(figures[name], levels[name], marks[name]) for name in names]
        rows.append([_name(gan, label, is_total), *cells])
        bad = [name for name in names if marks[name]]
    near_rows = ANCHORED.name in gan.tiers_.values()
    finding = _findings(bad, near_rows)
    note = (
        f"Of samples of the model and, below, of training samples in their place, which is the "
        f"best that can be hoped for: compared with {len(y)} real samples that the model has not "
        f"seen.\n{finding}"
    )
    header = ["class", *(FIGURES[name].name for name in names)]
    words = {FIGURES[name].name: FIGURES[name].meaning for name in names}
    words["!"] = (
        "worse than real samples by more than 0.1, and by more than chance explains: among so few "
        "samples it happens in less than 1 of 100 cases"
    )
    return Table("Quality", note, header, rows, words=words, finding=finding if bad else "")


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


def _level(table: pd.DataFrame, name: str) -> float:
    """Value of real samples, mean over the classes of a table."""
    if FIGURES[name].best == "copies":
        # of the nearest of n, n + 1 are as near in one of n + 1 cases
        of_classes = table.iloc[:-1] if len(table) > 1 else table
        return float(np.maximum(CLOSE_SHARE, 1 / (of_classes["n_held_out"] + 1)).mean())
    level = table[f"{name}_real"].iloc[-1] if f"{name}_real" in table else math.nan
    # told apart even less than by chance is no better than by chance
    return max(level, 0.5) if name == "detection_auc" else float(level)


def _cell(value: float, level: float, marked: bool) -> Cell:
    if not np.isfinite(value):
        return Cell(number(value))
    text = f"{number(value)} !" if marked else number(value)
    return Cell(text, "worse" if marked else "", number(level))


def _name(gan: FittedModel, label: Hashable, is_total: bool) -> Cell:
    name = short(label, MAX_NAME)
    return (
        Cell(name)
        if is_total
        else Cell(name, small=f"{gan.class_counts_[label]} {gan.sample_kind}")
    )


def _findings(bad: list[str], near_rows: bool = False) -> str:
    """Sentences on what is marked of all classes together.

    ``near_rows`` says that some classes are drawn near points between their rows.

    Examples
    --------
    >>> _findings(["detection_auc"])
    'Samples are worse than real ones, over all classes, in what is marked (!) below: detection \
AUC.'
    >>> _findings(["copied_close"]).partition(": ")[2]
    'too close to training samples. Those so close to training samples add little to them, and \
reveal them.'
    >>> _findings(["copied_close"], near_rows=True).partition("training samples. ")[2]
    'An anchored GAN draws rows near points between training rows, as SMOTE does, so that many \
are this close by design: they may help a classifier as those of SMOTE do, and are not anonymous.'
    """
    if not bad:
        return "Of all classes together, nothing is marked as bad (!)."
    names = ", ".join(FIGURES[name].name for name in bad)
    text = (
        f"Samples are worse than real ones, over all classes, in what is marked (!) below: {names}."
    )
    if any(FIGURES[name].best == "copies" for name in bad):
        why = "Those so close to training samples add little to them, and reveal them."
        if near_rows:
            why = (
                f"An {ANCHORED.name} draws rows near points between training rows, as SMOTE does, "
                "so that many are this close by design: they may help a classifier as those of "
                "SMOTE do, and are not anonymous."
            )
        text += f" {why}"
    return text
