"""Summaries of results on sequences: the tables that programs and ``reproduce`` print."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from benchmarks.common.markdown import markdown, mean_table, percent, shown
from benchmarks.common.results import as_table
from benchmarks.common.statistics import bootstrap_interval, friedman_sentence, ranked_gains
from benchmarks.common.table_summaries import choices, gains_over, task_means

Records = Iterable[dict[str, Any]]

SCORE = "balanced_accuracy"

# Figures of ``evaluate``, each beside that of training sequences.
MEASURES = (
    "random_kid", "random_coverage", "random_spread", "label_accuracy", "tstr_accuracy",
    "spectrum", "autocorrelation", "channel_correlation",
)  # fmt: skip
FIGURES = tuple(f"{measure}{suffix}" for measure in MEASURES for suffix in ("", "_real"))

# Share of the sets from which a method is ranked.
MIN_SHARE_RANKED = 0.5

# Methods that others are paired with.
REFERENCES = ("none", "copies", "SMOTE")
FEW_LABEL_REFERENCES = (
    "values",
    "untrained discriminator",
    "MiniROCKET, ridge",
    "MiniROCKET, self-training",
)


def classifications(records: Records) -> str:
    """Ranks and gains of each kind of tasks, then of each classifier, then each task."""
    parts = []
    frame = as_table(records)
    for kind, own in by_kind(frame):
        means = task_means(own, SCORE)
        parts += [
            markdown(rank_table(own, kind)),
            friedman_sentence(means),
            f"over none, by classifier\n\n{markdown(classifier_gains(own))}",
            score_table(means),
        ]
    if "chosen" in frame:
        parts.append(f"Share of the gate's choices\n\n{markdown(choices(frame))}")
    return "\n\n".join(parts)


def rank_tables(records: Records) -> str:
    """Ranks and gains of each kind of tasks."""
    return "\n\n".join(markdown(rank_table(own, kind)) for kind, own in by_kind(as_table(records)))


def by_kind(frame: pd.DataFrame) -> Iterable[tuple[str, pd.DataFrame]]:
    """Results of each kind of tasks, which comes after the comma in their names."""
    kinds = frame["task"].str.rpartition(", ")[2]
    return frame.groupby(kinds, sort=False)


def few_label_tables(records: Records) -> str:
    """Ranks and gains of each number of labels, then each set, with its labelled of its known."""
    parts = []
    for kind, own in by_kind(as_table(records)):
        sizes = own.groupby("task")[["n_labelled", "n_known"]].mean()
        names = {
            row.Index: f"{row.Index} ({row[1]:.0f} of {row[2]:.0f})" for row in sizes.itertuples()
        }
        means = task_means(own, SCORE).rename(index=names)
        parts += [markdown(rank_table(own, kind, FEW_LABEL_REFERENCES)), score_table(means)]
    return "\n\n".join(parts)


def few_label_ranks(records: Records) -> str:
    """Ranks and gains of each number of labels."""
    kinds = by_kind(as_table(records))
    return "\n\n".join(markdown(rank_table(own, kind, FEW_LABEL_REFERENCES)) for kind, own in kinds)


def qualities(records: Records) -> str:
    """Figures of each set, and where there are several their means and differences of variants."""
    frame = as_table(records)
    figures = [figure for figure in FIGURES if figure in frame and frame[figure].notna().any()]
    parts = [markdown(mean_table(frame, [*figures, "seconds"]))]
    if frame["task"].nunique() > 1:
        parts += ["All sets", markdown(variant_table(frame, figures))]
    return "\n\n".join(parts)


def quality_differences(records: Records) -> str:
    """Means of figures over sets, and differences of variants."""
    frame = as_table(records)
    return markdown(variant_table(frame, [figure for figure in FIGURES if figure in frame]))


def variant_table(frame: pd.DataFrame, figures: Sequence[str]) -> pd.DataFrame:
    """Means over sets, of other variants with the interval of their difference to the first."""
    columns = {}
    for figure in figures:
        means = task_means(frame, figure)
        cells = []
        for method in means:
            differences = (means[method] - means.iloc[:, 0]).dropna().to_numpy()
            low, high = bootstrap_interval(differences)
            known = differences.any() and math.isfinite(low)
            interval = f" [{low:+.2g}, {high:+.2g}]" if known else ""
            cells.append(shown(means[method].mean(), math.nan) + interval)
        columns[figure] = cells
    table = pd.DataFrame(columns, index=pd.Index(frame["method"].unique(), name="variant"))
    return table.T.rename_axis("figure")


def score_table(means: pd.DataFrame) -> str:
    """Scores of methods on tasks, each a column."""
    return f"balanced accuracy in %\n\n{markdown((100 * means).map('{:.1f}'.format).T)}"


def rank_table(
    frame: pd.DataFrame, kind: str, references: Sequence[str] = REFERENCES
) -> pd.DataFrame:
    """Mean rank over sets, gains over simple methods with intervals over sets, and seconds."""
    means = task_means(frame, SCORE)
    ranked = ranked_gains(means, references[0])
    # of a method that some sets are not for, a mean would be of others
    columns = {kind: means.mean(skipna=False).map(lambda mean: percent(mean, math.nan))}
    # where it has none it is ranked last, which says nothing of one that was hardly run
    run = means.notna().mean() >= MIN_SHARE_RANKED
    columns["rank"] = ranked["rank"].map("{:.1f}".format).where(run, "-")
    for reference in references:
        if reference in means:
            columns[f"over {reference}"] = gains_over(means, reference)
    columns["sets"] = means.notna().sum()
    seconds = frame.groupby("method")["seconds"].mean()
    columns["seconds"] = seconds.map("{:.1f}".format).where(seconds.notna(), "")
    return pd.DataFrame(columns).reindex(ranked.index)


def classifier_gains(frame: pd.DataFrame) -> pd.DataFrame:
    """Gains of each classifier over "none"."""
    columns = {
        classifier: gains_over(task_means(own, SCORE), "none")
        for classifier, own in frame.groupby("classifier", sort=False)
    }
    return pd.DataFrame(columns).rename_axis("method")
