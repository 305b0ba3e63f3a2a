"""Scores of methods on the same splits, as one table."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from ganaug.evaluation.scores import MEASURES
from ganaug.evaluation.statistics import paired_interval

# Name of the average over classifiers.
MEAN = "mean"

# Letters of a printed line.
WIDTH = 79

# Columns that are printed: all others follow from them, or are as wide again.
PRINTED = ("method", "mean", "gain", "low", "high", "wins", "losses")


class ComparisonTable(pd.DataFrame):
    """Table that ``compare`` returns: a DataFrame that prints its gains, and has a verdict.

    Attributes
    ----------
    verdict : str
        What to do, and why.

    Examples
    --------
    >>> columns = ["estimator", "method", "reference", "mean", "gain", "low", "high"]
    >>> rows = [["SVC", "none", "none", 0.8, 0.0, 0.0, 0.0],
    ...         ["SVC", "GAN", "none", 0.85, 0.05, 0.02, 0.08]]
    >>> table = ComparisonTable(rows, columns=columns)
    >>> table.verdict = "Use the GAN."
    >>> table
    SVC, gain over none:
    method  mean   gain     low   high
      none 0.800
       GAN 0.850 +0.050  +0.020 +0.080
    Use the GAN.
    """

    verdict: str = ""
    _metadata: ClassVar[list[str]] = ["verdict"]

    @property
    def _constructor(self) -> Any:
        # parts of it are plain
        return pd.DataFrame

    def __repr__(self) -> str:
        if not self._is_whole:
            return super().__repr__()
        groups = self.groupby(["estimator", "reference"], sort=False)
        parts = (
            f"{estimator}, gain over {reference}:\n{_printed(rows)}"
            for (estimator, reference), rows in groups
        )
        return "\n".join([*parts, *self._printed_notes(), *textwrap.wrap(self.verdict, WIDTH)])

    def _repr_html_(self) -> str:
        if not self._is_whole:
            return super()._repr_html_()
        # matplotlib takes a while to load
        from ganaug.evaluation.pages import comparison_fragment

        return comparison_fragment(self, self.verdict)

    def _printed_notes(self) -> Iterator[str]:
        """Lines on methods without a score on some splits, each reason once."""
        if "note" not in self:
            return
        for note, rows in self[self["note"] != ""].groupby("note", sort=False):
            methods = ", ".join(rows["method"].unique())
            estimators = ", ".join(rows["estimator"].unique())
            yield from textwrap.wrap(f"{methods} with {estimators}: {note}", WIDTH)

    @property
    def _is_whole(self) -> bool:
        """True as long as no column was taken away that is printed."""
        return {"estimator", "reference", *PRINTED[:5]} <= set(self.columns)


def _printed(rows: pd.DataFrame) -> str:
    """Gains over one reference in lines of less than 80 letters."""
    shown = pd.DataFrame(rows[[name for name in PRINTED if name in rows]])
    of_reference = (rows["method"] == rows["reference"]).to_numpy()
    formats = {"mean": "{:.3f}", "gain": "{:+.3f}", "low": "{:+.3f}", "high": "{:+.3f}"}
    for name, text in formats.items():
        cells = [text.format(value) if np.isfinite(value) else "-" for value in shown[name]]
        shown[name] = cells
        if name != "mean":
            shown.loc[of_reference, name] = ""
    return shown.to_string(index=False)


def with_means(scores: pd.DataFrame) -> pd.DataFrame:
    """Add the mean over classifiers, for the methods that all of them can use."""
    n_estimators = scores["estimator"].nunique()
    if n_estimators == 1:
        return scores
    by_method = scores.groupby(["split", "method"], sort=False)
    known = [name for name in ("score", "seconds", *MEASURES) if name in scores]
    means = by_method[known].mean().assign(n=by_method["score"].count()).reset_index()
    means = means[means.pop("n") == n_estimators].assign(estimator=MEAN)
    return pd.concat([scores, means], ignore_index=True)


def summary(
    scores: pd.DataFrame,
    methods: Sequence[str],
    references: Sequence[str],
    test_ratio: float,
    value: str = "score",
    notes: Mapping[tuple[Any, Any], str] | None = None,
) -> ComparisonTable:
    """One row per classifier, method and reference.

    Parameters
    ----------
    scores : DataFrame
        A row for each split, classifier and method.
    methods, references : sequences of str
        Names of the methods, in order, and of those that they are paired with.
    test_ratio : float
        Test rows per training row, as in ``paired_interval``.
    value : str, default="score"
        Column of the scores to be summed up.
    notes : dict of (classifier, method) to str, optional
        Notes on methods without a score on some splits.
    """
    rows = []
    notes = notes or {}
    for estimator in scores["estimator"].unique():
        of_estimator = scores[scores["estimator"] == estimator]
        by_split = of_estimator.pivot(index="split", columns="method", values=value)
        by_split = by_split.reindex(columns=methods)
        others = [name for name in ("seconds", *MEASURES) if name in scores]
        means = of_estimator.groupby("method")[others].mean().reindex(methods)
        for reference in references:
            for method in methods:
                differences = (by_split[method] - by_split[reference]).dropna().to_numpy()
                low, high = paired_interval(differences, test_ratio)
                rows.append(
                    {
                        "estimator": estimator,
                        "method": method,
                        "mean": by_split[method].mean(),
                        "sd": by_split[method].std(),
                        "reference": reference,
                        "gain": differences.mean() if len(differences) else np.nan,
                        "low": low,
                        "high": high,
                        "wins": int((differences > 0).sum()),
                        "losses": int((differences < 0).sum()),
                        **means.loc[method].to_dict(),
                        "note": notes.get((estimator, method), ""),
                    }
                )
    return ComparisonTable(rows)
