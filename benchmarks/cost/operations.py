"""Time that a step of training takes on a CPU, by kind of operation.

``ImageGAN`` and ``TableGAN`` are fitted twice, in few steps and in many; the difference is that of
so many steps. Convolutions are told apart by the size of their maps; "share of peak" is that of
their operations, and those of matrix products, a second in a product of large float32 matrices.
"""

import argparse
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import torch

from benchmarks.common.command_line import CommandLine
from benchmarks.common.devices import device_name
from benchmarks.common.markdown import markdown, mean_table
from benchmarks.common.matrix_products import peak_operations
from benchmarks.common.operation_times import Total, measure_operations
from benchmarks.common.results import Results, as_table
from ganaug import ImageGAN, TableGAN

CPU = torch.device("cpu")
N_EACH = 30
N_COLUMNS = 64
FIRST_STEPS = 4

# Fits in so many steps.
Fit = Callable[[int], Any]


def fits(options: argparse.Namespace) -> Iterator[tuple[str, str, Fit]]:
    """Task, method and fit of all that is measured."""
    rng = np.random.default_rng(0)
    y = np.repeat(np.arange(options.classes), N_EACH)
    rows = rng.normal(size=(len(y), N_COLUMNS))
    task = f"{options.classes} classes of {N_COLUMNS} columns"
    yield task, "float32", lambda n: TableGAN(n_steps=n, random_state=0).fit(rows, y)
    for side in options.sides:
        images = rng.integers(0, 256, (len(y), side, side), dtype=np.uint8)
        for sharing in ("none", "conditional"):
            task = f"{options.classes} classes of {side} pixels, sharing={sharing}"
            for precision in ("float32", "bfloat16"):
                gan = ImageGAN(
                    sharing=sharing, augment=["affine"], precision=precision, random_state=0
                )
                yield (
                    task,
                    precision,
                    lambda n, gan=gan, images=images: gan.set_params(n_steps=n).fit(images, y),
                )


def step_operations(fit: Fit, n_steps: int) -> dict[str, Total]:
    """Seconds and operations of one step, on average, by kind."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit(FIRST_STEPS)
        few = measure_operations(lambda: fit(FIRST_STEPS))
        many = measure_operations(lambda: fit(FIRST_STEPS + n_steps))
    return {
        kind: Total(
            (total.seconds - few[kind].seconds) / n_steps,
            (total.operations - few[kind].operations) / n_steps,
        )
        for kind, total in many.items()
        # what the clock did not see is not worth a line
        if total.seconds > few[kind].seconds
    }


def measure(
    number: int, options: argparse.Namespace, task: str, method: str, fit: Fit, results: Results
) -> list[dict]:
    """Add records of all kinds of operations in a round, and return them."""
    peak = peak_operations(CPU)
    kinds = step_operations(fit, options.steps)
    whole = sum(total.seconds for total in kinds.values())
    return [
        results.add(
            task,
            method,
            number,
            options={"operations": kind, "n_steps": options.steps},
            scores={
                "ms_per_step": 1000 * total.seconds,
                "share_of_time": total.seconds / whole,
                "share_of_peak": total.operations / total.seconds / peak,
            },
            device=device_name(CPU),
        )
        for kind, total in sorted(kinds.items(), key=lambda one: -one[1].seconds)
    ]


def summary(records: list[dict]) -> pd.DataFrame:
    """A row for each kind of operation."""
    scores = ("ms_per_step", "share_of_time", "share_of_peak")
    return mean_table(as_table(records), scores, ("task", "method", "operations"))


def main() -> None:
    """Measure, write down and show."""
    line = CommandLine(__doc__, __file__)
    add = line.parser.add_argument
    add("--sides", type=int, nargs="+", default=[28], help="of images, in pixels (28)")
    add("--classes", type=int, default=10, help="of each task (10)")
    add("--steps", type=int, default=32, help="of every measurement (32)")
    add("--rounds", type=int, default=3, help="turns of every measurement (3)")
    options, results = line.parse({"sides": [8], "classes": 2, "steps": 2, "rounds": 1})
    torch.set_num_threads(1)
    records = []
    for number in range(options.rounds):
        for task, method, fit in fits(options):
            records += measure(number, options, task, method, fit, results)
    print(markdown(summary(records)))


if __name__ == "__main__":
    main()
