"""Quality of a model's samples as a table, with a mark at what is bad."""

from collections.abc import Hashable
from typing import Any

import numpy as np

from ganaug.metrics.quality_table import FIGURES, about_copies, is_bad, level_of
from ganaug.models.protocol import FittedModel
from ganaug.report.curves import short
from ganaug.report.page import Cell, Section, Table, number

# Letters of a class's name, at most.
MAX_NAME = 48


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
        levels = {
            name: level_of(table if is_total else table.iloc[[place]], name) for name in names
        }
        marks = {name: is_bad(name, figures, levels[name]) for name in names}
        cells = [_cell(figures[name], levels[name], marks[name]) for name in names]
        rows.append([_name(gan, label, is_total), *cells])
        bad = [name for name in names if marks[name]]
    finding = _findings(bad, getattr(table, "near_rows", False))
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
    'Anchored GANs draw rows near points between training rows, as SMOTE does, so that many are \
this close by design: they may help a classifier as those of SMOTE do, and are not anonymous.'
    """
    if not bad:
        return "Of all classes together, nothing is marked as bad (!)."
    names = ", ".join(FIGURES[name].name for name in bad)
    text = (
        f"Samples are worse than real ones, over all classes, in what is marked (!) below: {names}."
    )
    if any(FIGURES[name].best == "copies" for name in bad):
        text += f" {about_copies(near_rows)}"
    return text
