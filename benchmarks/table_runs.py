"""Splits of tables: run side by side, added to a file of results, and not run again."""

import argparse
import json
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from oversampling import N_FOLDS, TABLES
from records import read_records
from sklearn.model_selection import RepeatedStratifiedKFold

RESULTS = Path(__file__).parent / "results"

Data = tuple[pd.DataFrame, np.ndarray]
RunFold = Callable[[str, int, Data, Any], Iterable[dict[str, Any]]]


def table_parser(description: str, results: str) -> argparse.ArgumentParser:
    """Options that programs on tables have in common."""
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the tables")
    parser.add_argument("--tables", nargs="+", choices=TABLES, default=TABLES)
    parser.add_argument("--folds", type=int, default=N_FOLDS, help="of a table (5)")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--output", type=Path, default=RESULTS / results)
    return parser


def run_folds(
    options: argparse.Namespace, data: dict[str, Data], run_fold: RunFold, **what: Any
) -> pd.DataFrame:
    """Records of all tables and folds, of earlier runs too.

    Parameters
    ----------
    options : Namespace
        Of ``table_parser``.
    data : dict of str to (X, y)
        Tables by name.
    run_fold : callable
        Records of a table's name, a fold's number, a table, and numbers of training and
        test rows.
    **what
        What else all records have.
    """
    known = read_records(options.output)
    key = {"table", "fold", *what}
    done = [{name: one[name] for name in key} for one in known]
    splitter = RepeatedStratifiedKFold(n_splits=N_FOLDS, n_repeats=2, random_state=0)
    jobs = []
    for name, own in data.items():
        for fold, rows in enumerate(islice(splitter.split(*own), options.folds)):
            if {"table": name, "fold": fold, **what} not in done:
                jobs.append((fold, (name, fold, own, rows)))
    # all tables' first folds come first, so that what is there is comparable at any time
    runs = (
        delayed(lambda *job: list(run_fold(*job)))(*job)
        for _, job in sorted(jobs, key=lambda one: one[0])
    )
    for records in Parallel(options.jobs, return_as="generator_unordered")(runs):
        own = [{**what, **record} for record in records]
        known += own
        with options.output.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(record) + "\n" for record in own)
        print(own[0]["table"], own[0]["fold"], flush=True)
    results = pd.DataFrame(known)
    wanted = results["table"].isin(options.tables) & (results["fold"] < options.folds)
    for name, value in what.items():
        wanted &= results[name] == value
    return results[wanted].reset_index(drop=True)
