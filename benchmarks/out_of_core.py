"""Memory that training from a large HDF5 file takes.

``python benchmarks/out_of_core.py`` writes a file of random images, 8 GB unless told otherwise, to
a folder, and fits ``ImageGAN`` to it in a process of its own. What counts is anonymous memory:
pages of the file that the system caches are not the process's. A line of JSON; Linux only.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import h5py
import numpy as np
import torch

from ganaug import ImageGAN

SIDE, N_CLASSES = 32, 10
CHUNK = 4096


def write(path: Path, n_bytes: int) -> None:
    """Images that cannot be compressed, and their labels."""
    n_images = n_bytes // (3 * SIDE**2)
    rng = np.random.default_rng(0)
    with h5py.File(path, "w") as file:
        data = file.create_dataset("X", (n_images, SIDE, SIDE, 3), "u1")
        for start in range(0, n_images, CHUNK):
            n = min(CHUNK, n_images - start)
            data[start : start + n] = rng.integers(0, 256, (n, SIDE, SIDE, 3), dtype=np.uint8)
        file["y"] = np.arange(n_images) % N_CLASSES


def anonymous_mebibytes() -> float:
    """Anonymous resident memory of this process."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    [line] = [line for line in lines if line.startswith("RssAnon")]
    return int(line.split()[1]) / 1024


def fit(path: Path, n_steps: int) -> dict[str, float]:
    """Fit, and watch the memory meanwhile."""
    before, most, done = anonymous_mebibytes(), 0.0, threading.Event()

    def watch() -> None:
        nonlocal most
        while not done.wait(0.02):
            most = max(most, anonymous_mebibytes())

    watcher = threading.Thread(target=watch)
    watcher.start()
    start = time.perf_counter()
    gan = ImageGAN(n_steps=n_steps, augment="photo", random_state=0, device="cpu").fit_file(path)
    seconds = time.perf_counter() - start
    done.set()
    watcher.join()
    return {
        "images": sum(gan.class_counts_.values()),
        "MiB before": before,
        "MiB above that": most - before,
        "seconds": seconds,
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gigabytes", type=float, default=8, help="of the file (8)")
    parser.add_argument("--steps", type=int, default=20, help="of the training (20)")
    parser.add_argument("--folder", type=Path, help="for the file (default: a temporary one)")
    parser.add_argument("--only-fit", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.only_fit:
        print(json.dumps(fit(options.only_fit, options.steps)))
        return
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        path = Path(folder) / "images.h5"
        write(path, int(options.gigabytes * 10**9))
        words = ["--only-fit", str(path), "--steps", str(options.steps)]
        subprocess.run([sys.executable, __file__, *words], check=True)


if __name__ == "__main__":
    main()
