"""Shapes of a scarce class's columns, and what is left of them in drawn rows.

Made-up tables have 1,000 rows of one class and from 5 to 1,000 of another, whose rows are narrow,
constant, flags, codes, gapped, related ... where the others' are not, or as theirs. 2,000 rows of
the scarce class are drawn by ``TableGAN()`` and by SMOTE; SMOTENC where there are levels, which it
is told. "Real rows" is another draw of as many rows from what the class was drawn from.

The table has a shape in each row and a class size in each column.
"""

import argparse
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import torch
from imblearn.over_sampling import SMOTE, SMOTENC
from threadpoolctl import threadpool_limits

from benchmarks.common.command_line import CommandLine, parameter, seeds_of, title
from benchmarks.common.table_shapes import TABLES, shape_table
from ganaug import TableGAN

N_OTHERS = 1000
N_DRAWN = 2000
SIZES = (5, 10, 30, 100, 300, 301, 1000)

# Of a table, rare rows as a mask, and a seed: drawn rows of the scarce class.
Draw = Callable[[pd.DataFrame, np.ndarray, int], pd.DataFrame]


def table_gan(parameters: dict[str, Any]) -> Draw:
    """A GAN of the scarce class, with the given parameters."""

    def draw(X: pd.DataFrame, rare: np.ndarray, seed: int) -> pd.DataFrame:
        gan = TableGAN(random_state=seed, **parameters).fit(X, rare.astype(int), labels=[1])
        return gan.sample({1: N_DRAWN})[0]

    return draw


def smote(levels: tuple[str, ...]) -> Draw:
    """SMOTE, or SMOTENC of columns that it is told are levels; dates are seconds to it."""

    def draw(X: pd.DataFrame, rare: np.ndarray, seed: int) -> pd.DataFrame:
        n_rare = int(rare.sum())
        options: dict[str, Any] = {
            "sampling_strategy": {1: max(n_rare + N_DRAWN, N_OTHERS)},
            "k_neighbors": min(5, n_rare - 1),
            "random_state": seed,
        }
        sampler = SMOTENC(list(levels), **options) if levels else SMOTE(**options)
        dates = X.columns[X.dtypes == "datetime64[s]"]
        drawn = sampler.fit_resample(X.astype(dict.fromkeys(dates, "int64")), rare.astype(int))[0]
        return drawn.iloc[len(X) :].astype(dict.fromkeys(dates, "datetime64[s]"))

    return draw


def real_rows(table: str) -> Draw:
    """Another draw of the class."""

    def draw(X: pd.DataFrame, rare: np.ndarray, seed: int) -> pd.DataFrame:
        return TABLES[table][0](np.random.default_rng([1, seed]), np.ones(N_DRAWN, dtype=bool))

    return draw


def methods_of(options: argparse.Namespace, table: str) -> dict[str, Draw]:
    """Methods that draw rows of a table, by name."""
    gans = {title(dict(one), "TableGAN"): table_gan(dict(one)) for one in options.gan or [[]]}
    return gans | {"SMOTE(NC)": smote(TABLES[table][2]), "real rows": real_rows(table)}


def run(table: str, n_rows: int, seed: int, draw: Draw) -> tuple[dict[str, float], float]:
    """Figures of all shapes of a table, and CPU seconds."""
    make, shapes, _ = TABLES[table]
    rare = np.arange(N_OTHERS + n_rows) >= N_OTHERS
    X = make(np.random.default_rng([0, seed]), rare)
    start = time.process_time()
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore")
        drawn = draw(X, rare, seed)
    seconds = time.process_time() - start
    return {shape.name: shape.figure(drawn, X[rare]) for shape in shapes}, seconds


def main() -> None:
    """Run what the command line asks for, and print it."""
    line = CommandLine(__doc__, __file__, n_seeds=3)
    add = line.parser.add_argument
    add("--sizes", type=int, nargs="+", default=SIZES, help="rows of the class (5 to 1000)")
    add("--tables", nargs="+", choices=TABLES, default=list(TABLES), help="tables (all)")
    add("--gan", nargs="*", action="append", type=parameter, help="parameters of a variant")
    options, results = line.parse(smoke={"sizes": [10], "gan": [[("n_steps", 1)]]})
    torch.set_num_threads(1)
    records = []
    for table in options.tables:
        for method, draw in methods_of(options, table).items():
            for n_rows in options.sizes:
                for seed in seeds_of(options):
                    known = results.find(table, method, seed, n_rows=n_rows)
                    if not known:
                        scores, seconds = run(table, n_rows, seed, draw)
                        what = {"n_rows": n_rows}
                        known = [
                            results.add(
                                table, method, seed, options=what, scores=scores, seconds=seconds
                            )
                        ]
                    records += known
    print(shape_table(records))


if __name__ == "__main__":
    main()
