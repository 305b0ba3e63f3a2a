"""Summaries of results on tables: the tables that programs and ``reproduce`` print."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.common.markdown import markdown, mean_table, percent, points
from benchmarks.common.results import as_table
from benchmarks.common.statistics import (
    friedman_sentence,
    paired_interval,
    paired_tests,
    ranked_gains,
)

REAL_ROWS = "real rows"

# Kinds of training rows of which some are synthetic.
SYNTHETIC = {"synthetic": "synthetic alone", "both": "real + synthetic"}

Records = Iterable[dict[str, Any]]

SCORES = ("balanced_accuracy", "average_precision")

# Figures of rows that stand in for real ones.
FIDELITY = (
    "auc",
    "average_precision",
    "ks",
    "total_variation",
    "detection_auc",
    "detection_auc_forest",
    "detection_auc_linear",
    "copies",
    "copies_real",
    "seconds",
)

# What the gate of ``AugmentedClassifier`` chose, as ``ganaug.compare`` calls it.
GATE = "chosen by the gate"

# Methods that others are paired with in README.
REFERENCES = ("SMOTE", "copies + noise", "SMOTE + noise")


def task_means(frame: pd.DataFrame, score: str) -> pd.DataFrame:
    """Means of methods (columns) on tasks, over classifiers and the folds that all have.

    What has no score on a task, or failed on a fold of it, has none there.
    """
    methods = frame["method"].unique()
    seeds = set.intersection(*(set(own) for _, own in frame.groupby("method")["seed"]))
    common = frame[frame["seed"].isin(seeds)]
    means = common.groupby(["task", "method"])[score].agg(lambda own: own.mean(skipna=False))
    return means.unstack()[methods]


def over_samplers(records: Records) -> str:
    """Ranks and gains of methods that ran on all folds; then of all, on the folds they share."""
    frame = as_table(records)
    whole = whole_only(frame)
    parts = [rank_text(whole, "none")]
    if len(whole) < len(frame):
        parts.append(rank_text(frame, "none"))
    return "\n\n".join(parts)


def whole_only(frame: pd.DataFrame) -> pd.DataFrame:
    """Results of the methods that ran on all folds."""
    folds = frame.groupby("method")["seed"].nunique()
    return frame[frame["method"].isin(folds.index[folds == folds.max()])]


def rank_text(frame: pd.DataFrame, reference: str) -> str:
    """Table of ranks and gains, and the tests that belong to each score."""
    parts = [markdown(rank_table(frame, reference))]
    n_folds = frame.groupby("method")["seed"].nunique().min()
    for score in SCORES:
        means = task_means(frame, score)
        tests = paired_tests(means, reference)
        tests["p"] = tests["p"].map("{:.3f}".format)
        parts.append(f"{score}, {n_folds} folds of a table. {friedman_sentence(means)}")
        parts.append(markdown(tests.rename(columns={"p": f"p (Holm), of {reference}"})))
    return "\n\n".join(parts)


def rank_table(frame: pd.DataFrame, reference: str) -> pd.DataFrame:
    """Mean rank by each score, and gain in points over a method, with intervals over tasks."""
    columns: dict[str, pd.Series] = {}
    for score in SCORES:
        name = score.replace("_", " ")
        means = task_means(frame, score)
        ranks = ranked_gains(means, reference)["rank"]
        columns[f"{name}: rank"] = ranks.map("{:.1f}".format)
        columns[f"{name}: over {reference}"] = gains_over(means, reference)
    best_first = next(iter(columns.values())).index
    return pd.DataFrame(columns).reindex(best_first)


def comparison_table(records: Records, task: str) -> pd.DataFrame:
    """Mean score over classifiers, gains over simple methods, and seconds, of every method.

    A method that some classifiers cannot use has none.
    """
    frame = as_table(record for record in records if record["task"] == task)
    scores = classifier_means(frame)
    seconds = frame.groupby("method")["seconds"].mean()
    shown = seconds.where(scores.notna().any())
    references = [name for name in REFERENCES if name in scores] or ["none"]
    columns = {
        task: [percent(scores[name].mean(), scores[name].std()) for name in scores],
        **{f"over {one}": [gain(scores, name, one) for name in scores] for one in references},
        "seconds": ["-" if np.isnan(shown[name]) else f"{shown[name]:.2f}" for name in scores],
    }
    return pd.DataFrame(columns, index=pd.Index(scores.columns, name="method"))


def classifier_means(frame: pd.DataFrame) -> pd.DataFrame:
    """Scores (splits, methods) averaged over the classifiers; NaN where one has none."""
    scoring = "average_precision" if "average_precision" in frame else "balanced_accuracy"
    groups = frame.groupby(["seed", "method"])[scoring]
    means = groups.mean().where(groups.count() == frame["classifier"].nunique())
    return means.unstack()[frame["method"].unique()]


def gain(scores: pd.DataFrame, method: str, reference: str) -> str:
    """Gain of a method over another, paired by split; nothing over itself."""
    if method == reference:
        return ""
    differences = (scores[method] - scores[reference]).dropna().to_numpy()
    mean = differences.mean() if len(differences) else np.nan
    return points(mean, *paired_interval(differences))


def choices(frame: pd.DataFrame) -> pd.DataFrame:
    """Numbers of times that the gate chose each method (columns), on each task."""
    chosen = frame.dropna(subset="chosen")
    shares = chosen.groupby("task")["chosen"].value_counts(normalize=True).unstack(fill_value=0)
    return shares.map("{:.2f}".format)


def comparisons(records: Records) -> str:
    """Tables of all tasks, and what the gate chose."""
    records = list(records)
    tasks = list(dict.fromkeys(record["task"] for record in records))
    parts = [markdown(comparison_table(records, task)) for task in tasks]
    frame = as_table(records)
    if "chosen" in frame:
        parts.append(f"Gains over none in points\n\n{markdown(gate_table(records))}")
        parts.append(f"Share of the gate's choices\n\n{markdown(choices(frame))}")
    return "\n\n".join(parts)


def gate_table(records: Records) -> pd.DataFrame:
    """Gain of what the gate chose, of the GAN without a gate, and of the best method in hindsight.

    A row a task, in points over "none", means over classifiers and splits; the share of the best
    method's gain that the gate has kept, where there is a point to be gained.
    """
    rows = {}
    records = list(records)
    for task in dict.fromkeys(record["task"] for record in records):
        frame = as_table(record for record in records if record["task"] == task)
        means = 100 * classifier_means(frame).mean()
        if GATE not in means:
            continue
        gains = means.drop("none") - means["none"]
        chosen = gains.pop(GATE)
        best = gains.idxmax()
        rows[task] = {
            "none": f"{means['none']:.1f}",
            "chosen by the gate": f"{chosen:+.2f}",
            "GAN": f"{gains['GAN']:+.2f}",
            "best method": f"{gains[best]:+.2f} ({best})",
            "kept": f"{chosen / gains[best]:.0%}" if gains[best] >= 1 else "",
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("task")


def unlabelled(records: Records) -> str:
    """Gains over "none" and over self-training, with intervals over tables; then each table."""
    frame = as_table(records)
    means = frame.pivot_table(index="task", columns="method", values="balanced_accuracy")
    means = means[list(dict.fromkeys(frame["method"]))]
    columns = {"mean": means.mean().map(lambda mean: f"{100 * mean:.1f}")}
    for reference in ("none", "self-training"):
        columns[f"over {reference}"] = gains_over(means, reference)
    columns["tables"] = means.notna().sum()
    columns["seconds"] = frame.groupby("method")["seconds"].mean().map("{:.1f}".format)
    summary = pd.DataFrame(columns).reindex(means.columns).rename_axis("method")
    by_table = (100 * means).round(1).map("{:.1f}".format)
    parts = [markdown(summary), markdown(by_table)]
    if "chosen" in frame:
        parts.append(f"Share of the gate's choices\n\n{markdown(choices(frame))}")
    return "\n\n".join(parts)


def unlabelled_gains(records: Records) -> pd.DataFrame:
    """Gains of each classifier over "none", by methods that ran on all tables."""
    frame = as_table(records)
    columns = {}
    for classifier, own in frame.groupby("classifier", sort=False):
        means = own.pivot_table(index="task", columns="method", values="balanced_accuracy")
        means = means[list(dict.fromkeys(own["method"]))].dropna(axis=1)
        columns[classifier] = means.mean().map(lambda mean: f"{100 * mean:.1f}")
        columns[f"{classifier}, over none"] = gains_over(means, "none")
    return pd.DataFrame(columns).reindex(means.columns)


def real_and_synthetic(records: Records) -> str:
    """Macro F1 with rows of each generator, then gains of each classifier, then each table."""
    records = list(records)
    frame = as_table(records)
    parts = [markdown(real_and_synthetic_table(records))]
    for kind, title in SYNTHETIC.items():
        gains = {
            classifier: gains_over(f1_means(own, kind), REAL_ROWS)
            for classifier, own in frame.groupby("classifier", sort=False)
        }
        parts.append(f"{title}, over {REAL_ROWS}\n\n{markdown(pd.DataFrame(gains))}")
        by_table = (100 * f1_means(frame, kind)).map("{:.1f}".format)
        parts.append(f"{title}, macro F1 in %\n\n{markdown(by_table)}")
    return "\n\n".join(parts)


def real_and_synthetic_table(records: Records) -> pd.DataFrame:
    """Mean macro F1 over tables, its gain over real rows alone, and the generator's seconds."""
    frame = as_table(records)
    columns = {}
    for kind, title in SYNTHETIC.items():
        means = f1_means(frame, kind)
        columns[title] = means.mean().map(lambda mean: f"{100 * mean:.1f}")
        columns[f"{title}: over real"] = gains_over(means, REAL_ROWS)
    columns["seconds"] = frame.groupby("method")["seconds"].mean().map("{:.1f}".format)
    return pd.DataFrame(columns).reindex(means.columns).rename_axis("method")


def f1_means(frame: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Macro F1 (tasks, methods) with a kind of synthetic rows; with real rows in every kind."""
    return task_means(frame[frame["rows"].isin(["real", kind])], "macro_f1")


def gains_over(means: pd.DataFrame, reference: str) -> pd.Series:
    """Gain in points of each method over one of them, with its interval; nothing over itself."""
    ranked = ranked_gains(means, reference)
    gains = {row.Index: points(row.gain, row.low, row.high) for row in ranked.itertuples()}
    return pd.Series(gains | {reference: ""}).reindex(means.columns)


def mixtures(records: Records) -> str:
    """Ranks of ways to mix rows in, and gains over all of them."""
    return rank_text(as_table(records), "all rows")


def ablations(records: Records) -> str:
    """Mean scores of each idea, in a table for each task."""
    frame = as_table(records)
    parts = []
    for _, own in frame.groupby("task", sort=False):
        scores = own.drop(columns=["task", "method", "seed", "device"]).dropna(axis=1)
        parts.append(markdown(mean_table(own, list(scores))))
    return "\n\n".join(parts)


def calibration(records: Records) -> str:
    """Mean Brier scores on each table, and what augmentation adds to them, in hundredths."""
    means = as_table(records).pivot_table(index="task", columns="method", values="brier")
    ranked = ranked_gains(-means, "none")
    worse = {row.Index: points(-row.gain, -row.high, -row.low) for row in ranked.itertuples()}
    summary = pd.DataFrame({"hundredths above none": pd.Series(worse | {"none": ""})})
    by_table = means.map("{:.4f}".format)
    return f"{markdown(by_table)}\n\n{markdown(summary.rename_axis('method'))}"
