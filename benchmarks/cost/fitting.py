"""CPU seconds that ``fit`` takes with default parameters, by rows, classes and pixels.

Models train in one thread here, and the CPU time of the process counts, so that other work on the
machine hardly matters. Tables have numbers and categories, and are fitted as they are. Images are
smooth random ones: the time of a whole fit follows from a short one and a longer one, as every
update takes the same time; it may end earlier, where nothing improves any more.
"""

import time
from typing import Any

import numpy as np
import torch

from benchmarks.common.command_line import CommandLine
from benchmarks.common.devices import device_name
from benchmarks.common.markdown import markdown, mean_table
from benchmarks.common.random_data import random_images, random_table
from benchmarks.common.results import as_table
from ganaug import ImageGAN, TableGAN

# Rows and classes.
TABLES = [(200, 2), (2_000, 2), (2_000, 20)]

# Side and channels; ten classes of 50 images each, and the updates of a fit by default, at most.
IMAGES = [(28, 1), (32, 3)]
N_STEPS = 2000
N_CLASSES = 10
IMAGES_OF_CLASS = 50


def cpu_seconds(model: Any, X: Any, y: np.ndarray) -> float:
    """CPU time of the process in a fit."""
    start = time.process_time()
    model.fit(X, y)
    return time.process_time() - start


def main() -> None:
    """Measure, write down and show."""
    line = CommandLine(__doc__, __file__, n_seeds=3)
    line.parser.add_argument("--steps", type=int, default=60, help="of the longer fit (60)")
    options, results = line.parse(smoke={"steps": 6})
    torch.set_num_threads(1)
    device = device_name(torch.device("cpu"))
    records = []

    def record(task: str, method: str, seed: int, seconds: float) -> None:
        what = {"options": {"threads": 1}, "scores": {"cpu_seconds": seconds}, "seconds": None}
        records.append(results.add(task, method, seed, **what, device=device))

    for seed in range(options.first_seed, options.first_seed + options.seeds):
        for n_rows, n_classes in TABLES[:1] if options.smoke else TABLES:
            model = TableGAN(n_steps=1 if options.smoke else "auto", random_state=seed)
            seconds = cpu_seconds(model, *random_table(n_rows, n_classes, seed))
            name = f"{n_rows:,} rows of 10 columns, {n_classes} classes"
            record(name, "TableGAN", seed, seconds)
        for side, n_channels in IMAGES[:1] if options.smoke else IMAGES:
            y = np.repeat(np.arange(N_CLASSES), IMAGES_OF_CLASS)
            X = random_images(y, side, n_channels, seed)
            n_short = options.steps // 3
            short, longer = [
                cpu_seconds(ImageGAN(n_steps=n, random_state=seed), X, y)
                for n in (n_short, options.steps)
            ]
            per_step = (longer - short) / (options.steps - n_short)
            kind = "grey" if n_channels == 1 else "colour"
            name = f"{len(X)} {kind} images of {side} pixels, {N_CLASSES} classes"
            record(name, "ImageGAN", seed, short + per_step * (N_STEPS - n_short))
    print(markdown(mean_table(as_table(records), ["cpu_seconds"])))


if __name__ == "__main__":
    main()
