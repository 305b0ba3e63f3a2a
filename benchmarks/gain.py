"""Does augmentation by GANs help classifiers, and more than simple methods do.

``python benchmarks/gain.py --jobs 2`` runs ``ganaug.compare`` on the demo's digits over 20 splits
(9 minutes on two cores), appends the score of every split to
``results/gain.jsonl`` and prints tables. ``--readme`` also writes README's table, ``--report DIR``
a page for each task. ``--data DIR`` adds the tables in DIR/tabular, cut to few rows of one class.
``--smoke`` shows in seconds that it all works: its figures mean nothing.
"""

import argparse
import json
import platform
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import sklearn
import torch
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from ganaug import TableGAN, compare
from ganaug.demo import N_RICH, demo_task, format_scores

HERE = Path(__file__).parent
REFERENCES = ["none", "SMOTE", "copies + noise", "SMOTE + noise", "GAN, game off"]
MARKS = "<!-- results: written by benchmarks/gain.py -->", "<!-- end of results -->"

# Tables with one class cut to few rows: file, scarce class, its rows and those of each other class.
TABLES = {
    "ecoli": ("om", 10, 1000),
    "glass": ("7", 10, 1000),
    "mammography": ("1", 75, 1000),
    "phoneme": ("1", 75, 1000),
    "wine": ("3", 10, 1000),
}


@dataclass(frozen=True)
class Task:
    """What is compared: rows, splits, classifiers and how far classes grow."""

    name: str
    X: np.ndarray
    y: np.ndarray
    splits: list[tuple[np.ndarray, np.ndarray]]
    classifiers: dict[str, Any]
    sampling_strategy: Any


def digits_tasks(n_splits: int) -> list[Task]:
    """The demo's digits, every class brought to 80 rows, and to 300."""
    demo = demo_task(range(n_splits))
    sizes = {f"digits, to {N_RICH}": "auto", "digits, to 300": dict.fromkeys(range(10), 300)}
    return [
        Task(name, demo.X, demo.y, demo.splits, demo.classifiers, strategy)
        for name, strategy in sizes.items()
    ]


def table_task(folder: Path, name: str, n_splits: int) -> Task:
    """One CSV table: half for testing, of the other half few rows of one class for training."""
    label, n_scarce, n_other = TABLES[name]
    table = pd.read_csv(folder / f"{name}.csv", dtype={"target": str})
    table = table[table["target"].map(table["target"].value_counts()) >= 10]
    X = table.drop(columns="target").to_numpy(float)
    names, y = np.unique(table["target"].to_numpy(str), return_inverse=True)
    splits = []
    for seed in range(n_splits):
        half, test = train_test_split(
            np.arange(len(y)), test_size=0.5, stratify=y, random_state=seed
        )
        kept = [
            half[y[half] == number][: n_scarce if known == label else n_other]
            for number, known in enumerate(names)
        ]
        splits.append((np.concatenate(kept), test))
    classifiers = {
        "logistic regression": make_pipeline(StandardScaler(), LogisticRegression(max_iter=500)),
        "random forest": RandomForestClassifier(200, random_state=0),
        "gradient boosting": HistGradientBoostingClassifier(max_iter=60, random_state=0),
    }
    return Task(name, X, y, splits, classifiers, "auto")


def run(task: Task, options: argparse.Namespace) -> pd.DataFrame:
    """Compare all methods on one task; append the scores of every split to the output."""
    folder = options.report
    table, scores = compare(
        task.classifiers,
        task.X,
        task.y,
        gan=TableGAN(n_steps=1) if options.smoke else None,
        gate=None if options.smoke else "fast",
        methods={"GAN, game off": TableGAN(n_steps=0)},
        sampling_strategy=task.sampling_strategy,
        cv=task.splits,
        reference=REFERENCES,
        random_state=0,
        n_jobs=options.jobs,
        verbose=1,
        return_scores=True,
        report=folder and folder / f"{task.name.replace(', ', '-').replace(' ', '-')}.html",
    )
    versions = {
        "device": "cuda" if torch.cuda.is_available() else "cpu",
        "python": platform.python_version(),
        "torch": torch.__version__,
        "scikit-learn": sklearn.__version__,
    }
    with options.output.open("a", encoding="utf-8") as file:
        for record in scores.astype(object).where(scores.notna(), None).to_dict("records"):
            line = {"task": task.name, "scoring": "balanced_accuracy", **record, **versions}
            file.write(json.dumps(line) + "\n")
    return table


def differences(table: pd.DataFrame) -> str:
    """The GAN, and its game switched off, against every reference, averaged over classifiers."""
    rows = table[(table["estimator"] == "mean") & table["method"].isin(["GAN", "GAN, game off"])]
    rows = rows[rows["method"] != rows["reference"]]
    shown = rows[["method", "reference", "gain", "low", "high", "wins", "losses"]].copy()
    shown[["gain", "low", "high"]] = (100 * shown[["gain", "low", "high"]]).round(2)
    return shown.to_string(index=False)


def readme_table(tables: dict[str, pd.DataFrame], n_splits: int) -> str:
    """Markdown for README: a table a task, a row a method, means over the classifiers."""
    intro = (
        "scikit-learn's digits with 10 images of each odd and 80 of each even digit; every method "
        "adds the\nsame number of rows. Balanced accuracy in % on real images, mean ± standard "
        f"deviation over {n_splits}\nsplits, averaged over logistic regression, random forest, "
        "3 nearest neighbours and SVC; gains in points\nwith their 95 % interval, paired by "
        'split; seconds of augmentation on a CPU. "Noise" is blur, "game\noff" is `n_steps=0`, '
        '"marginals" shuffles columns\nwithin classes, "gated" is what the gate of '
        "`AugmentedClassifier` chooses. Nearest neighbours know\nneither class weights nor "
        "light rows."
    )
    parts = [intro]
    for name, table in tables.items():
        rows = table[table["estimator"] == "mean"].rename(columns={"mean": "score"})
        columns = {name: {row.method: shown(row.score, row.sd) for row in rows.itertuples()}}
        for reference in ("SMOTE", "copies + noise", "SMOTE + noise"):
            columns[f"over {reference}"] = {
                row.method: ""
                if row.method == reference
                else shown_gain(row.gain, row.low, row.high)
                for row in rows[rows["reference"] == reference].itertuples()
            }
        columns["seconds"] = {
            row.method: "-" if np.isnan(row.seconds) else f"{row.seconds:.2f}"
            for row in rows.itertuples()
        }
        lines = ["| | " + " | ".join(columns) + " |", "| --- |" + " --- |" * len(columns)]
        lines += [
            f"| {method} | " + " | ".join(cells[method] for cells in columns.values()) + " |"
            for method in columns[name]
        ]
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def shown(mean: float, deviation: float) -> str:
    """A score in per cent, with its spread."""
    return "-" if np.isnan(mean) else f"{100 * mean:.1f} ± {100 * deviation:.1f}"


def shown_gain(gain: float, low: float, high: float) -> str:
    """A difference in points, with its interval."""
    return "-" if np.isnan(gain) else f"{100 * gain:+.1f} [{100 * low:+.1f}, {100 * high:+.1f}]"


def write_readme(text: str) -> None:
    """Put the results between their marks in README."""
    readme = HERE.parent / "README.md"
    before, rest = readme.read_text(encoding="utf-8").split(MARKS[0])
    after = rest.split(MARKS[1])[1]
    readme.write_text(f"{before}{MARKS[0]}\n{text}\n{MARKS[1]}{after}", encoding="utf-8")


def main() -> None:
    """Run the tasks that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--splits", type=int, default=20)
    parser.add_argument("--data", type=Path, help="folder with tabular/*.csv")
    parser.add_argument("--output", type=Path, default=HERE / "results" / "gain.jsonl")
    parser.add_argument("--readme", action="store_true", help="write README's table")
    parser.add_argument("--jobs", type=int, help="splits at a time")
    parser.add_argument("--report", type=Path, metavar="DIR", help="folder for pages")
    parser.add_argument("--smoke", action="store_true", help="hardly any splits and training")
    parser.add_argument("--only-tables", action="store_true", help="leave the digits out")
    options = parser.parse_args()
    if options.smoke:
        options.splits = 2
    for folder in (options.output.parent, options.report):
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)

    if options.only_tables and (options.data is None or options.readme):
        parser.error("--only-tables needs --data, and README's table needs the digits")
    digits = [] if options.only_tables else digits_tasks(options.splits)
    others = [] if options.data is None else list(TABLES)
    if options.smoke:
        quick = {name: digits[0].classifiers[name] for name in ("3 nearest", "SVC")}
        digits = [replace(digits[0], classifiers=quick)]
    tasks = [*digits]
    tasks += [table_task(options.data / "tabular", name, options.splits) for name in others]
    tables = {}
    for task in tasks:
        tables[task.name] = run(task, options)
        print(f"\n{task.name}\n\n{format_scores(tables[task.name])}\n")
        print(f"{differences(tables[task.name])}\n", flush=True)
    if options.readme:
        write_readme(
            readme_table({task.name: tables[task.name] for task in digits}, options.splits)
        )


if __name__ == "__main__":
    main()
