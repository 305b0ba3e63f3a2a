"""Ideas of other generators of tables, one at a time, in classes that are learnt from noise.

A game of 1,000 steps with gradient penalties in each ("none") is changed by one idea in each row,
all else as ``TableGAN`` has it. One class is trained alone: 1,000 rows of related columns (as in
``benchmarks.tables.shapes``), or 3,000 of the census table "adult", whose classes are a column
here. 2,000 rows of related columns and 3,000 of adult are drawn, without selection.

Scores of related columns are their distance from a curve (``sine_error``, .1 is right) and from the
real correlation, orders and sums that are wrong, and the area under the curve of boosted trees that
tell them from other real rows (``detection_auc``, .5 is best); of adult that area, and what
boosting that learnt from drawn rows alone scores on real ones. Seconds are those of the CPU for
``fit``. An idea has to pay at its time, so more steps are a row too.

More steps pay on both tables, so games are too short to over-fit: what guards against that has
nothing to mend. Penalties in every fourth step save a sixth to a quarter of the time and lose
little; they and half as many steps again are the default. Most ideas have been measured by one seed
(column ``n``), and differences of .02 in ``detection_auc`` are within what seeds differ by.
"""

import argparse
import time
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import torch
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.model_selection import cross_val_predict
from threadpoolctl import threadpool_limits

from benchmarks.common.command_line import CommandLine, seeds_of
from benchmarks.common.table_data import TARGET, read_table
from benchmarks.common.table_shapes import (
    correlation_distance,
    order_violations,
    related_columns,
    sine_error,
    sum_error,
)
from benchmarks.common.table_summaries import ablations
from benchmarks.common.table_variants import BASE, VARIANTS, Variant
from ganaug import TableGAN
from ganaug.trainers.table import FROM_NOISE

N_DRAWN = 2000

# They change all that ideas can change.
SMOKE = ("none", "masked columns", "conditioned on a level", "column prediction first")

N_RELATED = 1000
N_ADULT = 3000

# Of a seed: training rows, and others.
Split = Callable[[int], tuple[pd.DataFrame, pd.DataFrame]]


def detection_auc(real: pd.DataFrame, drawn: pd.DataFrame, seed: int) -> float:
    """Area under the curve of boosting that tells drawn from real rows."""
    n = min(len(real), len(drawn))
    rows = pd.concat([real.iloc[:n], drawn.iloc[:n]])
    is_real = np.arange(2 * n) < n
    boosting = HistGradientBoostingClassifier(random_state=seed)
    scores = cross_val_predict(boosting, rows, is_real, cv=3, method="predict_proba")
    return float(roc_auc_score(is_real, scores[:, 1]))


def relation_scores(
    train: pd.DataFrame, test: pd.DataFrame, drawn: pd.DataFrame
) -> dict[str, float]:
    """Errors of the relations of columns."""
    return {
        "sine_error": sine_error(drawn, train),
        "correlation_distance": correlation_distance(drawn, train),
        "order_violations": order_violations(drawn, train),
        "sum_error": sum_error(drawn, train),
    }


def utility_scores(
    train: pd.DataFrame, test: pd.DataFrame, drawn: pd.DataFrame
) -> dict[str, float]:
    """Scores on real rows of boosting that learnt from drawn ones."""
    positive = test[TARGET].cat.categories[-1]
    boosting = HistGradientBoostingClassifier(random_state=0)
    boosting.fit(drawn.drop(columns=TARGET), drawn[TARGET] == positive)
    scores = boosting.predict_proba(test.drop(columns=TARGET))[:, 1]
    truth = test[TARGET] == positive
    return {
        "auc": float(roc_auc_score(truth, scores)),
        "average_precision": float(average_precision_score(truth, scores)),
    }


def related_rows(seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of related columns."""
    sizes = (N_RELATED, N_DRAWN)
    streams = [np.random.default_rng([part, seed]) for part in range(2)]
    train, test = (
        related_columns(stream, np.ones(n, dtype=bool))
        for stream, n in zip(streams, sizes, strict=True)
    )
    return train, test


def rows_of(table: pd.DataFrame, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Random rows of a table, and three times as many others."""
    rows = np.random.default_rng(seed).permutation(len(table))
    return table.iloc[rows[:N_ADULT]], table.iloc[rows[N_ADULT : 4 * N_ADULT]]


def splits(options: argparse.Namespace) -> dict[str, Split]:
    """Draws of training rows and others, by the names of the tasks."""
    found: dict[str, Split] = {f"relations, {N_RELATED} rows": related_rows}
    if not options.smoke:
        adult = read_table(options.data / "tabular" / "adult.csv")
        found[f"adult, {N_ADULT} rows"] = partial(rows_of, adult)
    return found


def measure(
    variant: Variant, split: Split, seed: int, **parameters: Any
) -> tuple[dict[str, float], float]:
    """Scores of a variant with further parameters, and CPU seconds of its training."""
    train, test = split(seed)
    n_drawn = len(train) if TARGET in train else N_DRAWN
    with warnings.catch_warnings(), threadpool_limits(1), variant.in_use():
        warnings.simplefilter("ignore")
        start = time.process_time()
        chosen = {**BASE, **variant.parameters, **parameters}
        gan = TableGAN(random_state=seed, **chosen).fit(train)
        seconds = time.process_time() - start
        if gan.tiers_[0] != FROM_NOISE.name:
            raise RuntimeError(f"training failed: rows would be those of {gan.tiers_[0]}.")
        drawn = gan.sample({0: n_drawn})[0]
        scores = utility_scores if TARGET in train else relation_scores
        found = scores(train, test, drawn)
        return found | {"detection_auc": detection_auc(test, drawn, seed)}, seconds


def main() -> None:
    """Run what the command line asks for, and print it."""
    line = CommandLine(__doc__, __file__, data="required", n_seeds=3)
    line.parser.add_argument(
        "--ideas", nargs="+", choices=VARIANTS, default=list(VARIANTS), help="ideas (all)"
    )
    options, results = line.parse(smoke={"ideas": SMOKE})
    torch.set_num_threads(1)
    records = []
    for seed in seeds_of(options):
        for task, split in splits(options).items():
            for idea in options.ideas:
                known = results.find(task, idea, seed)
                if not known:
                    fewer = {"n_steps": 1} if options.smoke else {}
                    scores, seconds = measure(VARIANTS[idea], split, seed, **fewer)
                    record = results.add(
                        task, idea, seed, options={}, scores=scores, seconds=seconds
                    )
                    print(task, idea, seed, round(seconds, 1), record["scores"], flush=True)
                    known = [record]
                records += known
    print(ablations(records))


if __name__ == "__main__":
    main()
