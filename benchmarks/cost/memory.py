"""Memory and seconds of large fits, each in a process of its own.

"Table of numbers" and "mixed table" are of a million rows and 50 columns, half of the latter levels
and the rest with gaps: what counts is the peak above the table itself. "Images" of ten classes are
trained in few steps and in many, which should not take more. "File of images" is of 8 GB unless
told otherwise: what counts there is anonymous memory above that before the fit, as pages of the
file that the system caches are not the process's (Linux only).
"""

import argparse
import multiprocessing
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
import torch

from benchmarks.common.command_line import CommandLine
from benchmarks.common.devices import default_device, device_name, peak_mebibytes
from benchmarks.common.markdown import markdown, mean_table
from benchmarks.common.results import as_table
from ganaug import ImageGAN, TableGAN

N_COLUMNS = 50
N_CLASSES = 10
LEVELS = [f"level {number}" for number in range(20)]
FILE_SIDE = 32
CHUNK = 4096
STATUS = Path("/proc/self/status")


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
        values[:: number + 3] = np.nan
        columns[f"number {number}"] = pd.Series(values)
        codes = rng.integers(len(LEVELS), size=n_rows)
        columns[f"kind {number}"] = pd.Series(pd.Categorical.from_codes(codes, LEVELS))
    return pd.DataFrame(columns, copy=False)


def fit_table(make: Callable[[int], Any], n_rows: int, n_steps: int | str) -> dict[str, float]:
    """Peaks of a fit to two classes, and its seconds."""
    X = make(n_rows)
    y = np.arange(n_rows) % 2
    return peaks_of(
        lambda: TableGAN(n_steps=n_steps, random_state=0, device="cpu").fit(X, y), "cpu"
    )


def fit_images(side: int, n_steps: int, device: str) -> dict[str, float]:
    """Peaks of a fit to ten classes of 30 grey images each, and its seconds."""
    rng = np.random.default_rng(0)
    X = rng.integers(0, 256, (N_CLASSES * 30, side, side), dtype=np.uint8)
    y = np.arange(len(X)) % N_CLASSES
    gan = ImageGAN(n_steps=n_steps, sharing="none", augment=["affine"], device=device)
    return peaks_of(lambda: gan.set_params(random_state=0).fit(X, y), device)


def peaks_of(call: Callable[[], object], device: str) -> dict[str, float]:
    """Peak memory of this process before a call and after it, in MiB, and the call's seconds."""
    kind = torch.device(device)
    before = peak_mebibytes(kind)
    start = time.perf_counter()
    call()
    seconds = time.perf_counter() - start
    return {"mib_before": before, "mib_at_end": peak_mebibytes(kind), "seconds": seconds}


def fit_file(path: Path, n_steps: int) -> dict[str, float]:
    """Anonymous memory before a fit to a file and its peak during it, and its seconds."""
    before = anonymous_mebibytes()
    peak = before
    done = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.02):
            peak = max(peak, anonymous_mebibytes())

    watcher = threading.Thread(target=watch)
    watcher.start()
    start = time.perf_counter()
    ImageGAN(n_steps=n_steps, augment="photo", random_state=0, device="cpu").fit_file(path)
    seconds = time.perf_counter() - start
    done.set()
    watcher.join()
    return {"mib_before": before, "mib_at_end": peak, "seconds": seconds}


def anonymous_mebibytes() -> float:
    """Anonymous resident memory of this process."""
    lines = STATUS.read_text(encoding="utf-8").splitlines()
    [line] = [line for line in lines if line.startswith("RssAnon")]
    return int(line.split()[1]) / 1024


def write_images(path: Path, n_bytes: int) -> None:
    """Write images that cannot be compressed, and their labels."""
    n_images = n_bytes // (3 * FILE_SIDE**2)
    shape = (FILE_SIDE, FILE_SIDE, 3)
    rng = np.random.default_rng(0)
    with h5py.File(path, "w") as file:
        data = file.create_dataset("X", (n_images, *shape), "u1")
        for start in range(0, n_images, CHUNK):
            n = min(CHUNK, n_images - start)
            data[start : start + n] = rng.integers(0, 256, (n, *shape), dtype=np.uint8)
        file["y"] = np.arange(n_images) % N_CLASSES


def run_case(case: str, options: argparse.Namespace, n_steps: int | str) -> dict[str, float]:
    """Measure in this process, which no other fit has touched."""
    torch.set_num_threads(options.threads)
    if case == "images":
        return fit_images(options.side, n_steps, options.device)
    if case == "file of images":
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            path = Path(folder) / "images.h5"
            write_images(path, int(options.gigabytes * 10**9))
            return fit_file(path, n_steps)
    make = table_of_numbers if case == "table of numbers" else mixed_table
    return fit_table(make, options.rows, n_steps)


def cases(options: argparse.Namespace) -> list[tuple[str, str, int | str, dict[str, Any]]]:
    """Case, task, number of steps and options of every measurement."""
    smoke = options.smoke
    size = {"n_rows": options.rows}
    images = [max(1, options.steps // 4), options.steps]
    found = [
        (name, name, 1 if smoke else "auto", size) for name in ("table of numbers", "mixed table")
    ]
    found += [
        ("images", f"images of {options.side} pixels", n, {"n_classes": N_CLASSES}) for n in images
    ]
    if STATUS.exists():
        size = {"gigabytes": options.gigabytes}
        found.append(("file of images", "file of images", 1 if smoke else 20, size))
    return [case for case in found if case[0] in options.cases]


def main() -> None:
    """Measure, write down and show."""
    line = CommandLine(__doc__, __file__)
    add = line.parser.add_argument
    names = ["table of numbers", "mixed table", "images", "file of images"]
    add("--cases", nargs="+", choices=names, default=names, help="(all)")
    add("--rows", type=int, default=1_000_000, help="of the tables (10**6)")
    add("--side", type=int, default=28, help="of the images, in pixels (28)")
    add("--steps", type=int, default=400, help="of the images' longer training (400)")
    add("--gigabytes", type=float, default=8, help="of the file (8)")
    add("--folder", type=Path, help="for the file (default: a temporary one)")
    add("--device", default=default_device().type, help="of the images: cpu or cuda")
    add("--threads", type=int, default=2, help="of the CPU (2)")
    smoke = {"rows": 100, "side": 8, "steps": 4, "gigabytes": 0.001}
    options, results = line.parse(smoke)
    # a fresh process for each fit, which inherits no peak of this one
    context = multiprocessing.get_context("spawn")
    records = []
    for case, task, n_steps, size in cases(options):
        with context.Pool(1) as pool:
            scores = pool.apply(run_case, (case, options, n_steps))
        seconds = scores.pop("seconds")
        model = "TableGAN" if "table" in case else "ImageGAN"
        what = {**size, "n_steps": n_steps, "threads": options.threads}
        name = device_name(torch.device(options.device if case == "images" else "cpu"))
        measured = {"options": what, "scores": scores, "seconds": seconds, "device": name}
        records.append(results.add(task, model, 0, **measured))
    frame = as_table(records)
    frame["mib_taken"] = frame["mib_at_end"] - frame["mib_before"]
    columns = ["mib_before", "mib_taken", "seconds"]
    print(markdown(mean_table(frame, columns, by=("task", "n_steps"))))


if __name__ == "__main__":
    main()
