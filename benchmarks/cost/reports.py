"""Seconds that ``ganaug report`` takes in two processes, from the command to the page.

Classes of random tables and images are unequal. All else are the command's defaults.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.common.command_line import CommandLine, seeds_of
from benchmarks.common.markdown import markdown, mean_table
from benchmarks.common.random_data import random_images, random_table
from benchmarks.common.results import as_table

# Rows of the table before all but a third of one class is taken away, and images of each class.
N_ROWS = 3000
SIZES = (150, 75, 40)
SIDE = 32

TASKS = ("table", "images")


def write_table(folder: Path, seed: int, n_rows: int) -> tuple[Path, str]:
    """File of an unequal table, and what it holds."""
    frame, y = random_table(n_rows, 2, seed)
    kept = (y == 0) | (np.arange(n_rows) % 3 == 0)
    path = folder / "table.csv"
    frame.assign(target=y)[kept].to_csv(path, index=False)
    return path, f"{kept.sum():,} rows of 10 columns, 2 classes"


def write_images(folder: Path, seed: int, sizes: Sequence[int]) -> tuple[Path, str]:
    """File of images of unequal classes, and what it holds."""
    y = np.repeat(np.arange(len(sizes)), sizes)
    path = folder / "images.npz"
    np.savez(path, X=random_images(y, SIDE, 3, seed), y=y)
    return path, f"{len(y)} colour images of {SIDE} pixels, {len(sizes)} classes"


def report_seconds(path: Path, words: Sequence[str]) -> float:
    """Seconds of the command."""
    what = ["--target", "target"] if path.suffix == ".csv" else ["--images", "X"]
    command = [sys.executable, "-m", "ganaug", "report", path, *what, *words]
    start = time.perf_counter()
    subprocess.run([*command, "-o", path.with_suffix(".html")], check=True)
    return time.perf_counter() - start


def main() -> None:
    """Measure, write down and show."""
    line = CommandLine(__doc__, __file__, n_seeds=1)
    line.parser.add_argument("--tasks", nargs="+", choices=TASKS, default=TASKS, help="(both)")
    options, results = line.parse(smoke={"tasks": ["table"]})
    words = ["--jobs", "2", "--device", "cpu"]
    words += ["--steps", "1", "--folds", "2"] if options.smoke else []
    records = []
    for seed in seeds_of(options):
        for task in options.tasks:
            with tempfile.TemporaryDirectory() as folder:
                if task == "table":
                    path, name = write_table(Path(folder), seed, 60 if options.smoke else N_ROWS)
                else:
                    path, name = write_images(Path(folder), seed, SIZES)
                seconds = report_seconds(path, words)
            what = {"options": {"jobs": 2}, "scores": {"wall_seconds": seconds}, "seconds": seconds}
            records.append(results.add(name, "ganaug report", seed, **what, device="cpu"))
    print(markdown(mean_table(as_table(records), ["wall_seconds"])))


if __name__ == "__main__":
    main()
