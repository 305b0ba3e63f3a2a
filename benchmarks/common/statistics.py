"""Methods on many tasks: ranks, the tests that belong to them, and paired differences.

A task is a data set: scores of several classifiers on one are averaged first, as they go together.

Demsar, "Statistical comparisons of classifiers over multiple data sets", JMLR 2006: Friedman's test
of ranks, the critical difference by Nemenyi, Wilcoxon's test of pairs with Holm's correction.
Nadeau and Bengio, "Inference for the generalization error", Machine Learning 2003: the corrected
resampled t-test.
"""

import math

import numpy as np
import pandas as pd
from scipy import stats

# Differences of scores that count as ties.
TIE = 1e-3

N_RESAMPLES = 9999


def paired_interval(differences: np.ndarray, test_ratio: float = 0.0) -> tuple[float, float]:
    """95 % interval of a mean difference over splits, by Student's t; NaN of fewer than two.

    ``test_ratio`` is the number of test rows for each training row where splits are the folds of a
    cross-validation, whose training sets overlap; 0 where every split draws its training rows anew.
    """
    n_splits = len(differences)
    if n_splits < 2:
        return math.nan, math.nan
    variance = np.var(differences, ddof=1) * (1 / n_splits + test_ratio)
    reach = stats.t.ppf(0.975, n_splits - 1) * math.sqrt(variance)
    mean = np.mean(differences)
    return float(mean - reach), float(mean + reach)


def bootstrap_interval(differences: np.ndarray) -> tuple[float, float]:
    """95 % percentile interval of a mean difference over tasks; NaN of fewer than two."""
    n_tasks = len(differences)
    if n_tasks < 2:
        return math.nan, math.nan
    rows = np.random.default_rng(0).integers(0, n_tasks, (N_RESAMPLES, n_tasks))
    low, high = np.percentile(differences[rows].mean(axis=1), [2.5, 97.5])
    return float(low), float(high)


def ranked_gains(scores: pd.DataFrame, reference: str) -> pd.DataFrame:
    """Ranks of methods, and what they gain over one of them.

    Parameters
    ----------
    scores : DataFrame of (tasks, methods)
        Higher is better; NaN ranks last.
    reference : str
        One of the methods.

    Returns
    -------
    DataFrame
        A row for each method, the best first: its mean ``rank`` and its mean ``gain`` over the
        reference, with a 95 % bootstrap interval ``low`` to ``high`` over tasks.
    """
    rows = {}
    for name, differences in gains_of(scores, reference).items():
        low, high = bootstrap_interval(differences)
        gain = differences.mean() if len(differences) else math.nan
        rows[name] = {"rank": ranks_of(scores)[name].mean(), "gain": gain, "low": low, "high": high}
    table = pd.DataFrame.from_dict(rows, orient="index").sort_values("rank")
    return table.rename_axis("method")


def paired_tests(scores: pd.DataFrame, reference: str) -> pd.DataFrame:
    """Wins, ties and losses of methods against one, and Wilcoxon's test by Holm's correction."""
    rows = {}
    for name, differences in gains_of(scores, reference).items():
        wins = int((differences > TIE).sum())
        losses = int((differences < -TIE).sum())
        ties = len(differences) - wins - losses
        p = stats.wilcoxon(differences).pvalue if differences.any() else math.nan
        rows[name] = {"wins": wins, "ties": ties, "losses": losses, "p": p}
    table = pd.DataFrame.from_dict(rows, orient="index")
    return table.assign(p=holm(table["p"])).rename_axis("method")


def gains_of(scores: pd.DataFrame, reference: str) -> dict[str, np.ndarray]:
    """Differences of each method to one, on the tasks that both have."""
    return {name: (scores[name] - scores[reference]).dropna().to_numpy() for name in scores}


def ranks_of(scores: pd.DataFrame) -> pd.DataFrame:
    """Ranks of methods on each task, 1 of the best."""
    return scores.rank(axis=1, ascending=False, na_option="bottom")


def friedman_sentence(scores: pd.DataFrame) -> str:
    """Friedman's test of the ranks, and Nemenyi's critical difference of them."""
    n_tasks, n_methods = scores.shape
    if n_methods < 3 or n_tasks < 2:
        return f"{n_tasks} tasks: too few, or too few methods, for a test of ranks."
    test = stats.friedmanchisquare(*ranks_of(scores).to_numpy().T)
    return (
        f"{n_tasks} tasks. Friedman: chi2 {test.statistic:.1f}, p {test.pvalue:.2g}. Critical "
        f"difference of ranks (Nemenyi, .05): {critical_difference(n_tasks, n_methods):.2f}."
    )


def holm(p_values: pd.Series) -> pd.Series:
    """p-values by Holm's step-down correction; NaN stays."""
    known = p_values.dropna().sort_values()
    steps = known * np.arange(len(known), 0, -1)
    return steps.cummax().clip(upper=1.0).reindex(p_values.index)


def critical_difference(n_tasks: int, n_methods: int) -> float:
    """Difference of mean ranks that Nemenyi's test tells from chance at 5 %."""
    quantile = stats.studentized_range.ppf(0.95, n_methods, np.inf) / np.sqrt(2)
    return float(quantile * np.sqrt(n_methods * (n_methods + 1) / (6 * n_tasks)))
