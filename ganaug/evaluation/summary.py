"""Scores of methods on the same splits, as one table."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ganaug.evaluation.failures import failure_notes
from ganaug.evaluation.statistics import paired_interval

# Name of the average over classifiers.
MEAN = "mean"


def with_means(scores: pd.DataFrame) -> pd.DataFrame:
    """Add the mean over classifiers, for the methods that all of them can use."""
    n_estimators = scores["estimator"].nunique()
    if n_estimators == 1:
        return scores
    by_method = scores.groupby(["split", "method"], sort=False)
    means = by_method.agg(
        score=("score", "mean"), seconds=("seconds", "mean"), n=("score", "count")
    ).reset_index()
    means = means[means.pop("n") == n_estimators].assign(estimator=MEAN)
    return pd.concat([scores, means], ignore_index=True)


def summary(
    scores: pd.DataFrame, methods: Sequence[str], references: Sequence[str], test_ratio: float
) -> pd.DataFrame:
    """One row per classifier, method and reference."""
    rows = []
    notes = failure_notes(scores)
    for estimator in scores["estimator"].unique():
        of_estimator = scores[scores["estimator"] == estimator]
        by_split = of_estimator.pivot(index="split", columns="method", values="score")
        by_split = by_split.reindex(columns=methods)
        seconds = of_estimator.groupby("method")["seconds"].mean().reindex(methods)
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
                        "seconds": seconds[method],
                        "note": notes.get((estimator, method), ""),
                    }
                )
    return pd.DataFrame(rows)
