"""Does augmentation by GANs help classifiers, more than simple methods do, and is the gate right.

``ganaug.compare`` runs all its methods on three kinds of tasks: "digits", those of the demo, by
balanced accuracy over 20 splits; "scarce", five tables with few rows of one class, likewise;
"whole", ten tables as they come, cut to 2,000 rows, cross-validated, so that what the gate of
``AugmentedClassifier`` chose can be compared with what it did not: by the average precision that it
goes by itself, or with ``--decisions`` by balanced accuracy. ``--permuted`` shuffles the labels of
these first: there is nothing to gain then.
"""

import argparse
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn.datasets import load_digits
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import RepeatedStratifiedKFold, train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from benchmarks.common.command_line import CommandLine
from benchmarks.common.results import Results
from benchmarks.common.table_classifiers import table_classifiers
from benchmarks.common.table_data import N_FOLDS, TABLES, load_table, take_some
from benchmarks.common.table_summaries import comparisons
from ganaug import TableGAN, compare

KINDS = ("digits", "scarce", "whole")
UNTRAINED = "GAN, without training"

# Images of each odd and of each even digit.
N_SCARCE = 10
N_RICH = 80

# Tables with one class cut to few rows: scarce class, its rows and those of each other class.
SCARCE_TABLES = {
    "ecoli": ("om", 10, 1000),
    "glass": ("7", 10, 1000),
    "mammography": ("1", 75, 1000),
    "phoneme": ("1", 75, 1000),
    "wine": ("3", 10, 1000),
}
MAX_WHOLE_ROWS = 2000

Split = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Task:
    """Task of a comparison: rows, splits, classifiers, a score, and how far classes grow.

    Attributes
    ----------
    scoring : "balanced_accuracy" or None
        None is the average precision of each class against the others, averaged.
    options : dict
        All else that the results depend on, beside the classifier.
    """

    name: str
    X: Any
    y: np.ndarray
    splits: list[Split]
    classifiers: dict[str, Any]
    scoring: str | None = "balanced_accuracy"
    sampling_strategy: Any = "auto"
    options: dict[str, bool] = field(default_factory=dict)

    @property
    def score(self) -> str:
        """Name of the score in the results."""
        return self.scoring or "average_precision"


def few_of_some(y: np.ndarray, sizes: dict[Any, int], seed: int) -> Split:
    """A split of halves, with so many training rows of each class."""
    half, test = train_test_split(np.arange(len(y)), test_size=0.5, stratify=y, random_state=seed)
    return np.concatenate([half[y[half] == label][:size] for label, size in sizes.items()]), test


def digits_tasks(n_splits: int) -> Iterator[Task]:
    """scikit-learn's digits, every second one scarce, brought to 80 of each and to 300."""
    X, y = load_digits(return_X_y=True)
    sizes = {digit: N_SCARCE if digit % 2 else N_RICH for digit in range(10)}
    classifiers = {
        "logistic regression": LogisticRegression(max_iter=1000),
        "random forest": RandomForestClassifier(random_state=0),
        "3 nearest": KNeighborsClassifier(3),
        "SVC": SVC(),
    }
    splits = [few_of_some(y, sizes, seed) for seed in range(n_splits)]
    task = Task(f"digits, to {N_RICH}", X, y, splits, classifiers)
    yield task
    yield replace(task, name="digits, to 300", sampling_strategy=dict.fromkeys(range(10), 300))


def scarce_task(folder: Path, name: str, n_splits: int) -> Task:
    """A table: half for testing, of the other half few rows of one class for training."""
    label, n_scarce, n_other = SCARCE_TABLES[name]
    table = pd.read_csv(folder / "tabular" / f"{name}.csv", dtype={"target": str})
    table = table[table["target"].map(table["target"].value_counts()) >= 10]
    X = table.drop(columns="target").to_numpy(float)
    names, y = np.unique(table["target"].to_numpy(str), return_inverse=True)
    sizes = {code: n_scarce if known == label else n_other for code, known in enumerate(names)}
    classifiers = {
        "logistic regression": make_pipeline(StandardScaler(), LogisticRegression(max_iter=500)),
        "random forest": RandomForestClassifier(200, random_state=0),
        "gradient boosting": HistGradientBoostingClassifier(max_iter=60, random_state=0),
    }
    splits = [few_of_some(y, sizes, seed) for seed in range(n_splits)]
    return Task(f"{name}, few rows of one class", X, y, splits, classifiers)


def whole_task(name: str, options: argparse.Namespace) -> Task:
    """A table as it comes, its labels shuffled where asked for."""
    X, y = take_some(load_table(options.data, name), MAX_WHOLE_ROWS)
    if options.permuted:
        y = np.random.default_rng(0).permutation(y)
    folds = RepeatedStratifiedKFold(n_splits=N_FOLDS, n_repeats=2, random_state=0)
    splits = list(folds.split(X, y))[: options.splits]
    scoring = None
    if options.decisions:
        name = f"{name}, by balanced accuracy"
        scoring = "balanced_accuracy"
    classifiers = table_classifiers(None, 0)
    return Task(name, X, y, splits, classifiers, scoring, options={"permuted": options.permuted})


def chosen_tasks(options: argparse.Namespace) -> Iterator[Task]:
    """Tasks that the command line asks for."""
    if options.smoke:
        task = next(digits_tasks(options.splits))
        yield replace(task, classifiers={name: task.classifiers[name] for name in ("SVC",)})
        return
    if "digits" in options.tasks:
        yield from digits_tasks(options.splits)
    if "scarce" in options.tasks:
        yield from (scarce_task(options.data, name, options.splits) for name in SCARCE_TABLES)
    if "whole" in options.tasks:
        for name in options.tables:
            yield whole_task(name, options)


def run_split(task: Task, number: int, gan: Any) -> pd.DataFrame:
    """Scores of all methods on one split."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _, scores = compare(
            task.classifiers,
            task.X,
            task.y,
            gan=gan,
            methods={UNTRAINED: TableGAN(n_steps=0)},
            sampling_strategy=task.sampling_strategy,
            cv=[task.splits[number]],
            scoring=task.scoring,
            random_state=number,
            return_scores=True,
        )
    return scores[scores["estimator"].isin(list(task.classifiers))].assign(split=number)


def add_scores(results: Results, task: Task, scores: pd.DataFrame) -> None:
    """Add a record for each classifier and method."""
    for row in scores.itertuples():
        chosen = getattr(row, "chosen", None)
        results.add(
            task.name,
            row.method,
            row.split,
            options={"classifier": row.estimator, **task.options},
            scores={} if np.isnan(row.score) else {task.score: row.score},
            seconds=None if np.isnan(row.seconds) else row.seconds,
            notes={"chosen": chosen} if isinstance(chosen, str) else None,
        )


def main() -> None:
    """Run what the command line asks for, and print it."""
    line = CommandLine(__doc__, __file__, data="optional")
    add = line.parser.add_argument
    add("--tasks", nargs="+", choices=KINDS, default=["digits"], help="(digits)")
    add("--splits", type=int, default=20, help="of a task; 10 at most of a whole table (20)")
    add("--permuted", action="store_true", help="shuffle the labels of whole tables")
    add("--tables", nargs="+", choices=list(TABLES), default=list(TABLES), help="whole ones (ten)")
    add("--decisions", action="store_true", help="go by balanced accuracy on whole tables")
    add("--jobs", type=int, default=1, help="splits at a time (1)")
    options, results = line.parse(smoke={"splits": 2})
    if options.data is None and set(options.tasks) != {"digits"}:
        line.parser.error("tables need --data: python -m benchmarks.data DIR fills a folder")
    gan = TableGAN(n_steps=1) if options.smoke else None
    shown = []
    for task in chosen_tasks(options):
        missing = [
            number
            for number in range(len(task.splits))
            if not results.find(task.name, "none", number, **task.options)
        ]
        calls = (delayed(run_split)(task, number, gan) for number in missing)
        for scores in Parallel(options.jobs, return_as="generator_unordered")(calls):
            add_scores(results, task, scores)
            print(task.name, scores["split"].iloc[0], flush=True)
        shown += [
            record
            for record in results.records
            if record["task"] == task.name and task.options.items() <= record["options"].items()
        ]
    print(comparisons(shown))


if __name__ == "__main__":
    main()
