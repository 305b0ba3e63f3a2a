"""DataFrames of gains that print in lines of a terminal, so that the gains can be seen."""

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from ganaug.evaluation.methods import NONE
from ganaug.hints import three_decimals

if TYPE_CHECKING:
    from ganaug.report.gains import Gain

# Letters of a printed line.
WIDTH = 79

# Columns that are printed: all others follow from them, or are as wide again. Those of three
# decimals, and how positive ones begin.
PRINTED = ("method", "score", "mean", "gain", "low", "high", "wins", "losses")
SIGNS = {"score": "", "mean": "", "gain": "+", "low": "+", "high": "+"}


class GainTable(pd.DataFrame):
    """Table of the gate, a row a method: a DataFrame that prints its gains; parts are plain.

    Examples
    --------
    >>> rows = [[0.8, 0.0, 0.0, 0.0, ""], [0.85, 0.05, 0.02, 0.08, ""],
    ...         [np.nan, np.nan, np.nan, np.nan, "SVC has no predict_proba"]]
    >>> columns = ["score", "gain", "low", "high", "note"]
    >>> GainTable(rows, ["none", "GAN", "moved thresholds"], columns)
    method score   gain    low   high
      none 0.800
       GAN 0.850 +0.050 +0.020 +0.080
    not tried: moved thresholds (SVC has no predict_proba)
    """

    @property
    def _constructor(self) -> Any:
        return pd.DataFrame

    def __repr__(self) -> str:
        if not {"score", "gain", "low", "high"} <= set(self.columns):
            return super().__repr__()
        rows = pd.DataFrame(self).rename_axis("method").reset_index()
        is_known = rows["score"].notna()
        lines = _lines(rows[is_known].drop(columns="note", errors="ignore"), NONE.name)
        notes = _note_lines(rows[~is_known], "not tried: {} ({})") if "note" in rows else ()
        return "\n".join([*lines, *notes])


class ComparisonTable(pd.DataFrame):
    """Table that ``compare`` returns: a DataFrame that prints its gains, and has a verdict.

    Attributes
    ----------
    verdict : str
        What to do, and why.
    advised : str or None
        Name of the method that it advises; None where nothing can be said.

    Examples
    --------
    >>> columns = ["estimator", "method", "reference", "mean", "gain", "low", "high"]
    >>> rows = [["SVC", "none", "none", 0.8, 0.0, 0.0, 0.0],
    ...         ["SVC", "GAN", "none", 0.85, 0.05, 0.02, 0.08]]
    >>> table = ComparisonTable(rows, columns=columns)
    >>> table.verdict = "Use the GAN."
    >>> table
    SVC, gain over none:
    method  mean   gain    low   high
      none 0.800
       GAN 0.850 +0.050 +0.020 +0.080
    Use the GAN.
    """

    verdict: str = ""
    advised: str | None = None
    _metadata: ClassVar[list[str]] = ["verdict", "advised"]

    @property
    def _constructor(self) -> Any:
        # parts of it are plain
        return pd.DataFrame

    def __repr__(self) -> str:
        if not self._is_whole:
            return super().__repr__()
        lines: list[str] = []
        for (estimator, reference), rows in self.groupby(["estimator", "reference"], sort=False):
            lines += [f"{estimator}, gain over {reference}:", *_lines(rows, str(reference))]
        return "\n".join([*lines, *textwrap.wrap(self.verdict, WIDTH)])

    def gains(self) -> list["Gain"]:
        """Gains over the first reference, of the mean over classifiers where there are several."""
        # matplotlib takes a while to load
        from ganaug.evaluation.gain_sections import rows_of
        from ganaug.evaluation.verdict import main_estimator

        first = self[self["reference"] == self["reference"].iloc[0]]
        return rows_of(first[first["estimator"] == main_estimator(first)], self.advised)

    def _repr_html_(self) -> str:
        if not self._is_whole:
            return super()._repr_html_()
        # matplotlib takes a while to load
        from ganaug.evaluation.pages import comparison_fragment

        return comparison_fragment(self, self.verdict, self.advised)

    @property
    def _is_whole(self) -> bool:
        """True as long as no column was taken away that is printed."""
        needed = {"estimator", "reference", "method", "mean", "gain", "low", "high"}
        return needed <= set(self.columns)


def _lines(rows: pd.DataFrame, reference: str) -> Iterator[str]:
    """Gains over one reference in lines of less than 80 letters, then the notes."""
    shown = pd.DataFrame(rows[[name for name in PRINTED if name in rows]])
    of_reference = (rows["method"] == reference).to_numpy()
    for name in shown.columns.drop("method"):
        cells = [_cell(name, value) for value in shown[name]]
        shown[name] = cells
        if name not in ("score", "mean"):
            shown.loc[of_reference, name] = ""
    # columns as wide as their cells: pandas leaves room for a sign before texts
    lines = [list(shown.columns), *shown.to_numpy().tolist()]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        padded = (cell.rjust(width) for cell, width in zip(line, widths, strict=True))
        yield " ".join(padded).rstrip()
    if "note" in rows:
        yield from _note_lines(rows[rows["note"] != ""])


def _cell(name: str, value: float) -> str:
    """Figure of a column, or a stroke for what is not known."""
    if not np.isfinite(value):
        return "-"
    return three_decimals(value, SIGNS[name]) if name in SIGNS else f"{value:.0f}"


def _note_lines(rows: pd.DataFrame, form: str = "{}: {}") -> Iterator[str]:
    """Notes on methods in lines of less than 80 letters; ``form`` of a method and its note."""
    for row in rows.itertuples():
        text = form.format(row.method, row.note)
        yield from textwrap.wrap(text, WIDTH, subsequent_indent="  ")
