"""The task of ``ganaug demo``: scikit-learn's digits, every second class made scarce."""

import os
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC

from ganaug.comparing import compare
from ganaug.evaluation.held_out import HeldOutModel
from ganaug.evaluation.methods import REPLACEMENTS
from ganaug.evaluation.provenance import Provenance
from ganaug.evaluation.summary import MEAN
from ganaug.models.table import TableGAN

# Methods in which one classifier stands in the place of all.
REPLACED = [method.name for method in REPLACEMENTS]

N_SCARCE = 10
N_RICH = 80


@dataclass(frozen=True)
class DemoTask:
    """Digits to classify after training on few of some classes.

    Attributes
    ----------
    X : (1797, 64) array
        Images of 8 x 8 pixels, 0 to 16.
    y : (1797,) array
        Digits 0 to 9.
    splits : list of (train, test)
        Row numbers. A random half, with equal shares of the classes, is for
        testing; of the other half, 10 rows of each odd digit and 80 of each even
        one are for training.
    classifiers : dict of str to classifier
    """

    X: np.ndarray
    y: np.ndarray
    splits: list[tuple[np.ndarray, np.ndarray]]
    classifiers: dict[str, Any]


def demo_task(seeds: range) -> DemoTask:
    """Draw one split for each seed.

    Examples
    --------
    >>> task = demo_task(range(1))
    >>> train, test = task.splits[0]
    >>> len(train), len(test)
    (450, 899)
    """
    X, y = load_digits(return_X_y=True)
    splits = []
    for seed in seeds:
        half, test = train_test_split(
            np.arange(len(y)), test_size=0.5, stratify=y, random_state=seed
        )
        sizes = [N_SCARCE if digit % 2 else N_RICH for digit in range(10)]
        train = [half[y[half] == digit][: sizes[digit]] for digit in range(10)]
        splits.append((np.concatenate(train), test))
    classifiers = {
        "logistic regression": LogisticRegression(max_iter=1000),
        "random forest": RandomForestClassifier(random_state=0),
        "3 nearest": KNeighborsClassifier(3),
        "SVC": SVC(),
    }
    return DemoTask(X, y, splits, classifiers)


def run_demo(n_splits: int, report: str | os.PathLike, shown_path: str | os.PathLike) -> str:
    """Compare all methods on the demo's task, write the report, and sum it up in words.

    Parameters
    ----------
    n_splits : int
        Random splits, 2 or more.
    report : path
        HTML page to write.
    shown_path : path
        Path by which the text calls it.

    Returns
    -------
    str
        Text for the terminal: a table of balanced accuracies and what it says.
    """
    # matplotlib takes a while to load
    from ganaug.evaluation.pages import write_comparison

    start = time.perf_counter()
    task = demo_task(range(n_splits))
    table, scores = compare(
        task.classifiers,
        task.X,
        task.y,
        cv=task.splits,
        reference=["none", "SMOTE", "copies + noise", "SMOTE + noise"],
        random_state=0,
        n_jobs=2,
        verbose=1,
        return_scores=True,
    )
    methods = table["method"].unique().tolist()
    provenance = Provenance.of(
        task.X, task.y, task.classifiers, scoring="balanced_accuracy", random_state=0
    )
    write_comparison(
        report,
        scores,
        methods,
        0.0,
        _model(task),
        provenance,
        notes=table.groupby(["estimator", "method"])["note"].first().to_dict(),
        data_name="scikit-learn's digits",
        image_shape=(8, 8),
        seconds=time.perf_counter() - start,
    )
    seconds = table.loc[table["method"] == "GAN", "seconds"].iloc[0]
    return "\n".join(
        [
            "",
            f"Digits of 8 x 8 pixels. For training {N_SCARCE} images of each odd digit and "
            f"{N_RICH} of each even one;",
            f"every method brings all digits to {N_RICH}. Balanced accuracy on "
            f"{len(task.splits[0][1])} other real images:",
            f"mean over {n_splits} random splits, +- standard deviation.",
            "",
            format_scores(table),
            "",
            *_reading(table),
            "",
            f"Training and sampling the GANs took {seconds:.1f} s per split; the whole demo "
            f"{time.perf_counter() - start:.0f} s, most of it for what the gate trains and fits.",
            f"The report, with real and generated digits side by side: {shown_path}",
        ]
    )


def is_partly_scored(table: pd.DataFrame) -> pd.Series:
    """True for rows of means over some splits alone."""
    return (table["note"] != "") & table["mean"].notna()


def format_scores(table: pd.DataFrame) -> str:
    """Table of methods down and classifiers across: mean +- standard deviation.

    Methods that were scored on some splits alone are marked by a star. What stands in the place of
    all classifiers has one score.
    """
    rows = table[table["reference"] == table["reference"].iloc[0]]
    alike = rows["method"].isin(REPLACED) & (rows["estimator"] != MEAN)
    rows = rows[~alike | (rows["estimator"].nunique() == 1)]
    partly = rows.loc[is_partly_scored(rows), "method"].unique()
    starred = {name: f"{name} *" for name in partly}
    rows = rows.assign(method=rows["method"].replace(starred))
    cells = [
        "-" if np.isnan(mean) else f"{mean:.3f}" + (f" +- {sd:.3f}" if np.isfinite(sd) else "")
        for mean, sd in zip(rows["mean"], rows["sd"], strict=True)
    ]
    wide = rows.assign(cell=cells).pivot(index="method", columns="estimator", values="cell")
    wide = wide.loc[rows["method"].unique(), rows["estimator"].unique()].fillna("")
    return wide.rename_axis(columns=None).rename_axis("method").reset_index().to_string(index=False)


def _reading(table: pd.DataFrame) -> list[str]:
    """Lines on the GAN against each reference, by the mean over classifiers."""
    gan = table[(table["method"] == "GAN") & (table["estimator"] == "mean")]
    lines = []
    for row in gan.itertuples():
        verdict = "better" if row.low > 0 else "worse" if row.high < 0 else "no clear difference"
        lines.append(
            f"GAN against {row.reference + ':':<16}{row.gain:+.3f} "
            f"[{row.low:+.3f}, {row.high:+.3f}]  {verdict}"
        )
    return [*lines, "In brackets: 95 % interval of the mean difference, paired by split."]


def _model(task: DemoTask) -> HeldOutModel:
    """A model of all digits of the first split, and the images that it has not seen."""
    train, test = task.splits[0]
    gan = TableGAN(random_state=0, verbose=1).fit(task.X[train], task.y[train])
    return HeldOutModel(gan, task.X[test], task.y[test])
