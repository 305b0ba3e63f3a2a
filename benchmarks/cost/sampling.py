"""Rows a second that a fitted ``TableGAN`` draws, and seconds that one small class takes to fit.

Rows of numeric columns are drawn from ten small classes, and from one class of each size that is
trained: the best of some rounds counts. Then one class of 50 rows is fitted.
"""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from benchmarks.common.command_line import CommandLine
from benchmarks.common.devices import device_name
from benchmarks.common.markdown import markdown, mean_table
from benchmarks.common.results import as_table
from ganaug import TableGAN

# Number of columns, and training rows of each class.
TABLES: dict[str, tuple[int, list[int]]] = {
    "table of 10 columns": (10, [40] * 10),
    "table of 64 columns": (64, [40] * 10),
    "300 rows of 10 columns": (10, [300]),
    "3000 rows of 10 columns": (10, [3000]),
}
SMALL_CLASS = "50 rows of 10 columns"


def fitted_model(n_columns: int, sizes: list[int]) -> TableGAN:
    """A model of normal columns; how long it was trained does not change its speed."""
    rng = np.random.default_rng(0)
    y = np.repeat(np.arange(len(sizes)), sizes)
    X = rng.standard_normal((len(y), n_columns)) + rng.standard_normal((len(sizes), n_columns))[y]
    return TableGAN(n_steps=1, device="cpu", random_state=0).fit(X, y)


def seconds_of(call: Callable[[], object]) -> float:
    """Wall time of a call."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def main() -> None:
    """Measure, write down and show."""
    line = CommandLine(__doc__, __file__)
    add = line.parser.add_argument
    add("--drawn", type=int, default=200_000, help="rows drawn at once (200,000)")
    add("--rounds", type=int, default=5, help="of every timing (5)")
    add("--threads", type=int, default=2, help="of the CPU (2)")
    options, results = line.parse(smoke={"drawn": 100, "rounds": 1})
    torch.set_num_threads(options.threads)
    device = device_name(torch.device("cpu"))
    records = []

    def record(task: str, number: int, seconds: float, n_drawn: int, scores: dict[str, Any]):
        what = {"n_drawn": n_drawn, "threads": options.threads}
        found = {"options": what, "scores": scores, "seconds": seconds, "device": device}
        records.append(results.add(task, "TableGAN", number, **found))

    for task, (n_columns, sizes) in TABLES.items():
        gan = fitted_model(n_columns, sizes)
        gan.sample(options.drawn, random_state=0)
        for number in range(options.rounds):
            seconds = seconds_of(lambda gan=gan: gan.sample(options.drawn, random_state=0))
            rate = {"rows_per_second": options.drawn / seconds}
            record(task, number, seconds, options.drawn, rate)
    X = np.random.default_rng(0).standard_normal((50, 10))
    gan = TableGAN(n_steps=1 if options.smoke else "auto", device="cpu", random_state=0)
    for number in range(options.rounds):
        record(SMALL_CLASS, number, seconds_of(lambda: gan.fit(X)), 0, {"n_steps": gan.n_steps_})
    print(markdown(mean_table(as_table(records), ["rows_per_second", "seconds"])))


if __name__ == "__main__":
    main()
