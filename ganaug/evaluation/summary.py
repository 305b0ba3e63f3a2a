"""Scores of methods on the same splits, as one table."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ganaug.evaluation.gain_tables import ComparisonTable
from ganaug.evaluation.scores import MEASURES
from ganaug.evaluation.statistics import paired_interval

# Name of the average over classifiers.
MEAN = "mean"


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
