"""What large tables cost: memory of a fit, rows drawn a second, and one small class.

``python benchmarks/table_scale.py`` fits ``TableGAN()`` to a million rows of 50 columns, once of
numbers and once half of levels with gaps, each in a process of its own, and prints the most
memory held above the table itself. Then it draws rows of 10 numeric columns from a class of each
size that is trained, and fits one class of 50 rows; the best of some rounds. A line of JSON each.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
import pandas as pd
import torch
from image_memory import peak_mebibytes

from ganaug import TableGAN

N_COLUMNS = 50
N_SAMPLED_COLUMNS = 10
LEVELS = [f"level {number}" for number in range(20)]


def table_of_numbers(n_rows: int) -> np.ndarray:
    """Columns of numbers, made in place so that no more than the table is ever held."""
    X = np.empty((n_rows, N_COLUMNS))
    rng = np.random.default_rng(0)
    for column in X.T:
        column[:] = rng.standard_normal(n_rows)
    return X


def mixed_table(n_rows: int) -> pd.DataFrame:
    """Half the columns numbers with gaps, half categories."""
    rng = np.random.default_rng(0)
    columns: dict[str, pd.Series] = {}
    for number in range(N_COLUMNS // 2):
        values = rng.standard_normal(n_rows)
        values[:: number + 2] = np.nan
        columns[f"number {number}"] = pd.Series(values)
        codes = rng.integers(len(LEVELS), size=n_rows)
        columns[f"kind {number}"] = pd.Series(pd.Categorical.from_codes(codes, LEVELS))
    return pd.DataFrame(columns, copy=False)


TABLES: dict[str, Callable] = {"numbers": table_of_numbers, "mixed": mixed_table}


def memory_of_fit(kind: str, n_rows: int) -> dict[str, float]:
    """Peak of this process above what it holds with the table in place."""
    X, y = TABLES[kind](n_rows), np.arange(n_rows) % 2
    cpu = torch.device("cpu")
    before, start = peak_mebibytes(cpu), time.perf_counter()
    TableGAN(random_state=0, device="cpu").fit(X, y)
    seconds = time.perf_counter() - start
    return {"MiB above the table": peak_mebibytes(cpu) - before, "seconds": seconds}


def memory_apart(kind: str, n_rows: int) -> dict[str, float]:
    """The same in a new process, which inherits the peak of this one: call it early."""
    command = [sys.executable, __file__, "--only-fit", kind, "--rows", str(n_rows)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


def best_seconds(call: Callable[[], object], n_rounds: int) -> float:
    """Wall time of a call, the shortest of some."""
    rounds = []
    for _ in range(n_rounds):
        start = time.perf_counter()
        call()
        rounds.append(time.perf_counter() - start)
    return min(rounds)


def sampling(n_train: int, n_drawn: int, n_rounds: int) -> dict[str, float | str]:
    """Rows that one class of ``n_train`` rows gives in a second."""
    X = np.random.default_rng(0).standard_normal((n_train, N_SAMPLED_COLUMNS))
    gan = TableGAN(random_state=0).fit(X)
    seconds = best_seconds(lambda: gan.sample(n_drawn, random_state=0), n_rounds)
    return {"tier": gan.tiers_[0], "rows a second": n_drawn / seconds}


def small_class(n_rounds: int) -> dict[str, float]:
    """Seconds to fit one class of 50 rows."""
    X = np.random.default_rng(0).standard_normal((50, N_SAMPLED_COLUMNS))
    return {"seconds": best_seconds(lambda: TableGAN(random_state=0).fit(X), n_rounds)}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000, help="of the large tables (10**6)")
    parser.add_argument("--drawn", type=int, default=500_000, help="rows drawn at once (500,000)")
    parser.add_argument("--rounds", type=int, default=5, help="of every timing (5)")
    parser.add_argument("--threads", type=int, default=2, help="of the CPU (2)")
    parser.add_argument("--only-fit", choices=TABLES, help="fit one large table, here")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if options.only_fit:
        print(json.dumps(memory_of_fit(options.only_fit, options.rows)))
        return
    for kind in TABLES:
        figures = memory_apart(kind, options.rows)
        print(json.dumps({"fit": kind, "rows": options.rows, **figures}), flush=True)
    for n_train in (300, 3000):
        figures = sampling(n_train, options.drawn, options.rounds)
        print(json.dumps({"sample": n_train, **figures}), flush=True)
    print(json.dumps({"fit": "50 rows of 10 columns", **small_class(options.rounds)}))


if __name__ == "__main__":
    main()
