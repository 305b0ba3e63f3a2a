"""Methods on many tasks: ranks, the tests that belong to them, and paired differences.

A task is a data set: scores of several classifiers on one are averaged first, as they go together.

Demsar, "Statistical comparisons of classifiers over multiple data sets", JMLR 2006: Friedman's test
of ranks, the critical difference by Nemenyi, Wilcoxon's test of pairs with Holm's correction.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy import stats

# Differences of scores that count as ties.
TIE = 1e-3


def ranking(scores: pd.DataFrame, reference: str) -> str:
    """What there is to say of scores (tasks, methods); NaN ranks last.

    For each method its mean rank, its mean difference to the reference in points with a 95 %
    bootstrap interval over tasks, wins, ties and losses, and the p-value of Wilcoxon's test by
    Holm's correction; below it Friedman's test and Nemenyi's critical difference.
    """
    ranks = scores.rank(axis=1, ascending=False, na_option="bottom")
    n_tasks, n_methods = scores.shape
    rows = {
        name: {"rank": ranks[name].mean(), **against(scores[name], scores[reference])}
        for name in scores
    }
    table = pd.DataFrame.from_dict(rows, orient="index").sort_values("rank")
    table["p (Holm)"] = holm(table.pop("p"))
    lines = [
        table.round(3).to_string(),
        f"\n{n_tasks} tasks; gains in points over {reference!r} with 95 % bootstrap intervals.",
    ]
    if n_methods > 2:
        friedman = stats.friedmanchisquare(*ranks.to_numpy().T)
        lines.append(
            f"Friedman: chi2 {friedman.statistic:.1f}, p {friedman.pvalue:.2g}. Critical "
            f"difference of ranks (Nemenyi, .05): {critical_difference(n_tasks, n_methods):.2f}"
        )
    return "\n".join(lines)


def against(scores: pd.Series, reference: pd.Series) -> dict[str, float]:
    """Of one method."""
    differences = (scores - reference).dropna().to_numpy()
    low = high = p_value = np.nan
    if len(differences) > 1:
        low, high = stats.bootstrap(
            (100 * differences,), np.mean, method="percentile", rng=np.random.default_rng(0)
        ).confidence_interval
    if differences.any():
        p_value = stats.wilcoxon(differences).pvalue
    wins, losses = (differences > TIE).sum(), (differences < -TIE).sum()
    return {
        "gain": 100 * differences.mean() if len(differences) else np.nan,
        "low": low,
        "high": high,
        "wins": wins,
        "ties": len(differences) - wins - losses,
        "losses": losses,
        "p": p_value,
    }


def holm(p_values: pd.Series) -> pd.Series:
    """p-values by Holm's step-down correction; NaN stays."""
    known = p_values.dropna().sort_values()
    steps = known * np.arange(len(known), 0, -1)
    return steps.cummax().clip(upper=1.0).reindex(p_values.index)


def critical_difference(n_tasks: int, n_methods: int) -> float:
    """Difference of mean ranks that Nemenyi's test tells from chance at 5 %."""
    quantile = stats.studentized_range.ppf(0.95, n_methods, np.inf) / np.sqrt(2)
    return float(quantile * np.sqrt(n_methods * (n_methods + 1) / (6 * n_tasks)))


def draw_ranks(path: Path, scores: pd.DataFrame, title: str) -> None:
    """Write a PNG of the critical-difference diagram of scores (tasks, methods)."""
    import scikit_posthocs

    ranks = scores.rank(axis=1, ascending=False, na_option="bottom")
    filled = ranks.to_numpy()
    p_values = scikit_posthocs.posthoc_nemenyi_friedman(filled)
    p_values.index = p_values.columns = scores.columns
    figure = Figure(figsize=(8, 0.5 + 0.28 * scores.shape[1]), facecolor="white")
    axis = figure.add_subplot()
    scikit_posthocs.critical_difference_diagram(ranks.mean(), p_values, ax=axis)
    axis.set_title(title, size=10, loc="left")
    figure.savefig(path, dpi=150, bbox_inches="tight")
