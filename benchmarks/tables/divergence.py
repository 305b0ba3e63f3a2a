"""Are games of tables that diverge noticed, and do others alarm.

Models of made-up tables are trained with learning rates at which games leap off: are they noticed?
Samples follow real ones where every correlation is within 0.3 and every standard deviation within a
factor of 2; the same tables trained with default settings show that these bounds can be kept. Then
every table that scikit-learn bundles, and with ``--data`` ten more, is trained with default
settings and for a few steps only, where any ``ConvergenceWarning`` is a false alarm.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn import datasets

from benchmarks.common.command_line import CommandLine
from benchmarks.common.divergence import (
    DEFAULTS,
    DIVERGING,
    MAX_FACTOR,
    Fit,
    are_close,
    run_fits,
)
from benchmarks.common.table_data import TABLES, load_table
from ganaug import TableGAN

SETTINGS: tuple[dict[str, float], ...] = (
    {"learning_rate": 0.1, "gamma": 1.0},
    {"learning_rate": 0.1, "gamma": 0.0},
    {"learning_rate": 10.0, "gamma": 0.0},
)
SEEDS = (0, 1)
BUNDLED = ("iris", "wine", "breast_cancer", "digits")


def two_columns(rng: np.random.Generator) -> tuple[Any, Any]:
    """Two columns that are nearly one, and a third."""
    a = rng.normal(size=700)
    return np.c_[a, a + 0.1 * rng.normal(size=700), rng.normal(size=700)], None


def many_columns(rng: np.random.Generator) -> tuple[Any, Any]:
    """Twenty columns of four factors."""
    loadings = rng.normal(size=(4, 20))
    return rng.normal(size=(2000, 4)) @ loadings + 0.3 * rng.normal(size=(2000, 20)), None


def mixed_columns(rng: np.random.Generator) -> tuple[Any, Any]:
    """Numbers, one of them skewed, beside levels."""
    a = rng.normal(size=400)
    levels = rng.choice(list("xyz"), 400)
    return pd.DataFrame({"a": a, "b": np.exp(a + 0.2 * rng.normal(size=400)), "c": levels}), None


def three_classes(rng: np.random.Generator) -> tuple[Any, Any]:
    """Two classes above 300 rows and one below."""
    y = np.repeat([0, 1, 2], [500, 301, 200])
    a = rng.normal(size=len(y))
    return np.c_[a, y - a + 0.6 * rng.normal(size=len(y)), y + rng.normal(size=len(y))], y


def few_rows(rng: np.random.Generator) -> tuple[Any, Any]:
    """Too few rows to start from noise."""
    a = rng.normal(size=80)
    return np.c_[a, a + 0.1 * rng.normal(size=80), rng.normal(size=(80, 2))], None


MADE_UP: tuple[Callable[[np.random.Generator], tuple[Any, Any]], ...] = (
    two_columns,
    many_columns,
    mixed_columns,
    three_classes,
    few_rows,
)


def rows_follow(real: np.ndarray, drawn: np.ndarray) -> bool:
    """True for rows with the correlations and spreads of real ones."""
    ratio = drawn.std(0) / real.std(0)
    correlations = (np.nan_to_num(np.corrcoef(rows.T)) for rows in (real, drawn))
    return are_close(*correlations) and bool(
        ((ratio > 1 / MAX_FACTOR) & (ratio < MAX_FACTOR)).all()
    )


def made_up_fits(
    method: str = DIVERGING, variants: Iterable[dict[str, float]] = SETTINGS
) -> Iterator[Fit]:
    """Fits of made-up tables; of those that diverge unless told otherwise."""
    for settings, make, seed in product(variants, MADE_UP, SEEDS):
        model = TableGAN(n_steps=200, random_state=seed, **settings)
        X, y = make(np.random.default_rng(seed))
        yield Fit(make.__name__, method, seed, settings, model, X, y, rows_follow)


def bundled_tables() -> Iterator[tuple[str, Any, Any]]:
    """Tables that scikit-learn brings along."""
    for name in BUNDLED:
        yield (name, *getattr(datasets, f"load_{name}")(return_X_y=True))


def default_fits(folder: Path | None, n_seeds: int) -> Iterator[Fit]:
    """Fits that should not alarm anyone."""
    tables = list(bundled_tables())
    if folder is not None:
        tables += [(name, *load_table(folder, name)) for name in TABLES]
    for (name, X, y), n_steps, seed in product(tables, ("auto", 5, 20), range(n_seeds)):
        model = TableGAN(n_steps=n_steps, random_state=seed)
        yield Fit(name, "real tables by default settings", seed, {"n_steps": n_steps}, model, X, y)


def main() -> None:
    """Run all, and print how many were noticed and how many alarms were false."""
    line = CommandLine(__doc__, __file__, data="optional")
    line.parser.add_argument("--seeds", type=int, default=1, help="of each real table (1)")
    options, results = line.parse(smoke={})
    kinds = [
        made_up_fits(),
        made_up_fits(f"the same by {DEFAULTS}", [{}]),
        default_fits(options.data, options.seeds),
    ]
    n_fits = 1 if options.smoke else None
    print(run_fits([fit for fits in kinds for fit in list(fits)[:n_fits]], results))


if __name__ == "__main__":
    main()
