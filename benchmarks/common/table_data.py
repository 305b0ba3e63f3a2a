"""Tables as they come, with numbers, levels and gaps, and their cross-validation."""

import argparse
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.model_selection import RepeatedStratifiedKFold

from benchmarks.common.command_line import CommandLine
from benchmarks.common.results import Results

TARGET = "target"
TABLES = (
    "abalone",
    "adult",
    "ecoli",
    "german",
    "glass",
    "mammography",
    "oil-spill",
    "phoneme",
    "wine",
    "winequality-white",
)

# Tables that scikit-learn brings, beside wine.
BUNDLED = {"iris": load_iris, "breast cancer": load_breast_cancer, "digits": load_digits}

N_FOLDS = 5
MAX_ROWS = 5000
MIN_ROWS = 5

Table = tuple[pd.DataFrame, np.ndarray]

# Of a table's name, a fold's number, a table, and numbers of training and test rows: what
# ``Results.add`` takes of each record but task and seed.
RunFold = Callable[[str, int, Table, Any], Iterable[dict[str, Any]]]


def read_table(path: Path) -> pd.DataFrame:
    """Read a table; columns of text are categories, rows keep their gaps."""
    table = pd.read_csv(path)
    text = table.columns[[not pd.api.types.is_numeric_dtype(kind) for kind in table.dtypes]]
    return table.astype(dict.fromkeys(text, "category"))


def load_table(folder: Path, name: str) -> Table:
    """Rows and labels of a table; random ones of a large table, none of the smallest classes."""
    if name in BUNDLED:
        table, y = BUNDLED[name](return_X_y=True, as_frame=True)
    else:
        table = read_table(folder / "tabular" / f"{name}.csv")
        y = table.pop(TARGET)
    if name == "abalone":
        y = pd.cut(y, [0, 8, 10, 99], labels=["young", "middle", "old"])
    # a random forest takes labels such as "1" for numbers
    y = np.array([f"class {label}" for label in y])
    sizes = pd.Series(y).value_counts()
    rows = np.flatnonzero(np.isin(y, sizes.index[sizes >= MIN_ROWS]))
    rows = np.sort(np.random.default_rng(0).permutation(rows)[:MAX_ROWS])
    return table.iloc[rows].reset_index(drop=True), y[rows]


def usual_value(column: pd.Series) -> Any:
    """Most frequent level, or median, of a column."""
    return column.mode()[0] if column.dtype == "category" else column.median()


def without_gaps(X: pd.DataFrame) -> pd.DataFrame:
    """Rows with usual values in the place of gaps."""
    gaps = [name for name in X if X[name].isna().any()]
    return X.assign(**{name: X[name].fillna(usual_value(X[name])) for name in gaps})


def take_some(table: Table, n_rows: int) -> Table:
    """So many random rows at most, of classes that are left with enough."""
    X, y = table
    rows = np.sort(np.random.default_rng(0).permutation(len(y))[:n_rows])
    sizes = pd.Series(y[rows]).value_counts()
    rows = rows[np.isin(y[rows], sizes.index[sizes >= MIN_ROWS])]
    return X.iloc[rows].reset_index(drop=True), y[rows]


def bundled_table() -> Table:
    """scikit-learn's wine with few rows of one class, a column of levels and some gaps."""
    X, y = load_wine(return_X_y=True, as_frame=True)
    rows = np.concatenate([np.flatnonzero(y == 0)[:40], np.flatnonzero(y == 1)[:20]])
    X = X.iloc[rows, :4].reset_index(drop=True)
    X["strength"] = pd.cut(X["alcohol"], 3, labels=["light", "medium", "strong"]).astype(str)
    X["strength"] = X["strength"].astype("category")
    X.loc[::9, "ash"] = np.nan
    return X, np.array([f"class {label}" for label in y.iloc[rows]])


def table_command_line(
    description: str, program: str, n_folds: int, tables: Sequence[str] = TABLES
) -> CommandLine:
    """Command line of a program that cross-validates on tables."""
    line = CommandLine(description, program, data="required")
    add = line.parser.add_argument
    add("--tables", nargs="+", choices=tables, default=tables, help="(all)")
    add("--folds", type=int, default=n_folds, help=f"of a table, 10 at most ({n_folds})")
    add("--jobs", type=int, default=1, help="folds at a time (1)")
    return line


def chosen_tables(options: argparse.Namespace, max_rows: int = MAX_ROWS) -> dict[str, Table]:
    """Tables that the command line asks for, by name."""
    if options.smoke:
        return {"wine": bundled_table()}
    return {name: take_some(load_table(options.data, name), max_rows) for name in options.tables}


def run_folds(
    options: argparse.Namespace,
    results: Results,
    tables: Mapping[str, Table],
    runs: Mapping[str, RunFold],
    max_folds: Mapping[str, int] | None = None,
) -> list[dict[str, Any]]:
    """Run what the results lack, and return the records of all tables and folds.

    Parameters
    ----------
    options : Namespace
        With ``folds`` and ``jobs``.
    results : Results
        Appended to.
    tables : dict of str to (X, y)
        Tables by name.
    runs : dict of str to callable
        What is run on each fold, by a method that its records have.
    max_folds : dict of str to int, default=None
        Folds of the methods that are too slow for all.
    """
    limits = max_folds or {}
    splitter = RepeatedStratifiedKFold(n_splits=N_FOLDS, n_repeats=2, random_state=0)
    jobs = []
    for name, table in tables.items():
        for fold, rows in enumerate(islice(splitter.split(*table), options.folds)):
            for method, run in runs.items():
                if fold < limits.get(method, N_FOLDS * 2) and not results.find(name, method, fold):
                    jobs.append((run, name, fold, table, rows))
    # all tables' first folds come first, so that what is there is comparable at any time
    jobs.sort(key=lambda job: job[2])
    calls = (delayed(_run_fold)(*job) for job in jobs)
    for name, fold, records in Parallel(options.jobs, return_as="generator_unordered")(calls):
        for record in records:
            results.add(name, seed=fold, **record)
        print(name, fold, *sorted({record["method"] for record in records}), flush=True)
    return [
        record
        for record in results.records
        if record["task"] in tables and record["seed"] < options.folds
    ]


def _run_fold(run: RunFold, name: str, fold: int, table: Table, rows: Any) -> tuple:
    return name, fold, list(run(name, fold, table, rows))
