"""Summaries of results on images: the tables that programs and ``reproduce`` print."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from benchmarks.common.markdown import markdown, mean_table, percent, points
from benchmarks.common.results import as_table
from benchmarks.common.statistics import paired_interval

Records = Iterable[dict[str, Any]]

REFERENCES = ("classical", "strong", "SMOTE", "copies + noise", "mixup")
QUALITY = (
    "kid", "kid_real", "coverage", "coverage_real", "spread",
    "checkerboard", "checkerboard_real", "checkerboard_within", "checkerboard_within_real",
    "n_steps", "seconds",
)  # fmt: skip
SECONDS = {"seconds": "fit", "sample_seconds": "sampling", "classifier_seconds": "classifier"}


def classifications(records: Records) -> str:
    """A table for each setting, and one of the methods that all of them have."""
    frame = as_table(records)
    parts = [markdown(setting_table(frame, name)) for name in frame["task"].unique()]
    if len(parts) > 1:
        scores = frame.pivot(index=["task", "seed"], columns="method", values="accuracy")
        common = [name for name in frame["method"].unique() if scores[name].notna().all()]
        parts.append(f"All settings\n\n{markdown(overall_table(scores[common]))}")
    return "\n\n".join(parts)


def setting_table(frame: pd.DataFrame, task: str) -> pd.DataFrame:
    """Accuracy in % of each method, its gain over classical augmentation, and seconds."""
    own = frame[frame["task"] == task]
    methods = own["method"].unique()
    scores = own.pivot(index="seed", columns="method", values="accuracy")[methods]
    seconds = own.groupby("method")[list(SECONDS)].mean().round(1).rename(columns=SECONDS)
    table = pd.DataFrame(
        {
            task: [percent(scores[name].mean(), scores[name].std()) for name in methods],
            "over classical": [gain(scores[name] - scores["classical"]) for name in methods],
        },
        index=pd.Index(methods, name="method"),
    )
    return table.join(seconds)


def overall_table(scores: pd.DataFrame) -> pd.DataFrame:
    """Gains over the references, over all settings and seeds (rows) together."""
    references = [name for name in REFERENCES if name in scores]
    return pd.DataFrame(
        {
            f"over {one}": [gain(scores[name] - scores[one]) for name in scores]
            for one in references
        },
        index=pd.Index(scores.columns, name="method"),
    )


def gain(differences: pd.Series) -> str:
    """Mean difference in points, with its 95 % interval; nothing of a method to itself."""
    known = differences.dropna().to_numpy()
    if not known.any():
        return ""
    return points(known.mean(), *paired_interval(known))


def feature_gains(records: Records) -> str:
    """A table for each task: accuracy of each kind of features, and what the discriminator's gain.

    Variants of the GAN are tables of their own.
    """
    frame = as_table(records).assign(parameters=lambda frame: frame["parameters"].map(str))
    parts = []
    for (task, parameters), own in frame.groupby(["task", "parameters"], sort=False):
        scores = own.pivot(index="seed", columns="method", values="accuracy")
        methods = own["method"].unique()
        columns: dict[str, list[Any]] = {
            f"{task}{'' if parameters == '{}' else f' {parameters}'}": [
                percent(scores[name].mean(), scores[name].std()) for name in methods
            ]
        }
        for one in methods:
            if one.endswith(("discriminator", "discriminators")) and not one.startswith("un"):
                columns[f"gain of {one}"] = [gain(scores[one] - scores[name]) for name in methods]
        means = own.groupby("method")[["n_features", "seconds"]].mean().round(1)
        table = pd.DataFrame(columns, index=pd.Index(methods, name="features"))
        parts.append(markdown(table.join(means.rename(columns={"n_features": "number"}))))
    return "\n\n".join(parts)


def gains_by_steps(records: Records) -> str:
    """Score without augmentation, and what methods gain over it, by the steps of trainings."""
    frame = as_table(records).assign(n_steps=lambda frame: frame["n_steps"].map(str))
    rows = {}
    for (task, n_steps), own in frame.groupby(["task", "n_steps"], sort=False):
        scores = own.pivot(index="seed", columns="method", values="balanced_accuracy")
        none = scores.pop("none")
        gains = {
            name: gain(scores[name] - none) for name in own["method"].unique() if name in scores
        }
        seconds = f"{own.groupby('seed')['seconds'].first().mean():.0f}"
        name = f"{task}, {n_steps} steps"
        rows[name] = {"none": percent(none.mean(), none.std()), **gains, "seconds": seconds}
    return markdown(pd.DataFrame.from_dict(rows, orient="index").rename_axis("task"))


def translations(records: Records) -> str:
    """Tables of the settings, and what the judge says of the samples."""
    records = list(records)
    judged = mean_table(as_table(records), ["judge_accuracy", "trained_classes"])
    return f"{classifications(records)}\n\n{markdown(judged)}"


def unlabelled(records: Records) -> str:
    """Accuracy of each method, and its gains over training alone and over self-training."""
    frame = as_table(records)
    parts = []
    for task, of_task in frame.groupby("task", sort=False):
        scores = of_task.pivot_table(index="seed", columns="method", values="accuracy")
        scores = scores[list(dict.fromkeys(of_task["method"]))]
        columns = {task: [percent(scores[name].mean(), scores[name].std()) for name in scores]}
        for reference in ("classical", "self-training"):
            if reference in scores:
                columns[f"over {reference}"] = [
                    gain(scores[name] - scores[reference]) for name in scores
                ]
        index = pd.Index(list(scores), name="method")
        parts.append(markdown(pd.DataFrame(columns, index=index)))
    figures = [name for name in ("labelled", "label_accuracy", "seconds") if name in frame]
    return "\n\n".join([*parts, markdown(mean_table(frame, figures))])


def long_tails(records: Records) -> str:
    """Accuracy of each method in all classes and in scarce ones, and its gains over two of them."""
    frame = as_table(records)
    parts = []
    for task, own in frame.groupby("task", sort=False):
        scores = own.pivot(index="seed", columns="method", values="accuracy")
        scarce = own.pivot(index="seed", columns="method", values="scarce_accuracy")
        methods = list(own["method"].unique())
        columns = {
            title: [percent(table[name].mean(), table[name].std()) for name in methods]
            for title, table in {task: scores, "scarce classes": scarce}.items()
        }
        for reference in ("strong", "random weights"):
            if reference in scores:
                columns[f"over {reference}"] = [
                    gain(scores[name] - scores[reference]) for name in methods
                ]
        table = pd.DataFrame(columns, index=pd.Index(methods, name="method"))
        seconds = own.groupby("method")[["seconds", "classifier_seconds"]].mean().round(1)
        parts.append(markdown(table.join(seconds.rename(columns=SECONDS))))
    return "\n\n".join(parts)


def qualities(records: Records) -> str:
    """Figures of each data set, size and variant: means over fits and classes."""
    frame = as_table(records)
    scores = [name for name in QUALITY if name in frame]
    table = mean_table(frame, scores)
    groups = frame.groupby(["task", "method"], sort=False)
    lowest = groups["spread"].min().map("{:.2f}".format).to_numpy()
    return markdown(table.assign(**{"lowest spread": lowest}))


def fine_tunings(records: Records) -> str:
    """Accuracy in % of each start, and its gain over random weights, in each setting and in all."""
    frame = as_table(records)
    parts = []
    for n_steps, group in frame.groupby("n_steps", sort=False):
        scores = group.pivot(index=["task", "seed"], columns="method", values="accuracy")
        scores = scores[group["method"].unique()]
        gains = scores.sub(scores["random weights"], axis=0)
        rows = {
            task: [
                f"{percent(column.mean(), column.std())} {gain(gains.loc[task, name])}".strip()
                for name, column in own.items()
            ]
            for task, own in ((task, scores.loc[task]) for task in group["task"].unique())
        }
        sources = scores.index.get_level_values("task").str.partition("-").get_level_values(0)
        for source in sources.unique():
            rows[f"{source}, all"] = [
                gain(column) for _, column in gains[sources == source].items()
            ]
        index = pd.Index(rows, name=f"{n_steps} steps")
        table = pd.DataFrame(list(rows.values()), index=index, columns=scores.columns)
        parts.append(markdown(table))
    return "\n\n".join(parts)


def feature_scores(records: Records) -> str:
    """Scores of each task, network and method: of classifiers, and of GANs where there are some."""
    frame = as_table(records)
    scores = [name for name in ("accuracy", "kid", "features_kid", "seconds") if name in frame]
    return markdown(mean_table(frame, scores, by=("task", "network", "method")))


def accuracy_table(records: Records) -> str:
    """Accuracy in % of each method on each task: means and standard deviations over seeds."""
    frame = as_table(records)
    groups = frame.groupby(["method", "task"], sort=False)["accuracy"]
    cells = pd.Series(
        [percent(*pair) for pair in zip(groups.mean(), groups.std(), strict=True)],
        index=groups.mean().index,
    )
    return markdown(cells.unstack()[frame["task"].unique()].loc[frame["method"].unique()])
