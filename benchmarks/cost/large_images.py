"""CPU seconds and memory of fits to large images, and of a cascade of GANs of smaller ones.

Squares in colour of the two photographs of scikit-learn, near and from afar, are four classes of
100 images. Models train in one thread, and the CPU time of the process counts, so that other work
on the machine hardly matters. The time of a whole fit by default follows from short ones, as every
update takes the same time; it may end earlier, where nothing improves any more. Every model has a
process of its own, for the peak of memory of its first fit, which does not grow with the steps.
"""

import multiprocessing
import time

import numpy as np
import torch

from benchmarks.common.command_line import CommandLine
from benchmarks.common.devices import device_name, peak_mebibytes
from benchmarks.common.markdown import markdown, mean_table
from benchmarks.common.photograph_crops import photograph_crops
from benchmarks.common.results import as_table
from benchmarks.common.small_cnn import Images
from ganaug import ImageGAN, SuperResolver

COLUMNS = ("cpu_seconds", "seconds_per_step", "mib_taken")
CPU = torch.device("cpu")
N_EACH = 100
SCALE = 4

# Updates of a fit by default, at most.
N_STEPS = 2000

METHODS = ("ImageGAN", f"ImageGAN, SuperResolver(scale={SCALE})")

# Pixels a side that a GAN learns without a cascade.
MAX_SIDE = 128


def cpu_seconds(method: str, data: Images, n_steps: int, n_upscaler_steps: int) -> float:
    """CPU time of a fit in so few steps."""
    upscaler = None
    if method != METHODS[0]:
        upscaler = SuperResolver(scale=SCALE, n_steps=n_upscaler_steps)
    model = ImageGAN(
        n_steps=n_steps, upscaler=upscaler, augment="photo", device="cpu", random_state=0
    )
    start = time.process_time()
    model.fit(data.X, data.y)
    return time.process_time() - start


def measure(method: str, side: int, n_short: int) -> dict[str, float]:
    """Scores of a model in this process, which no other fit has touched."""
    torch.set_num_threads(1)
    data = photograph_crops(side, N_EACH, np.random.default_rng(0))
    before = peak_mebibytes(CPU)
    n_long = 4 * n_short
    short = cpu_seconds(method, data, n_short, n_short)
    # what later fits take may come on top of what this one leaves behind
    taken = peak_mebibytes(CPU) - before
    of_step = (cpu_seconds(method, data, n_long, n_short) - short) / (n_long - n_short)
    whole = short + of_step * (N_STEPS - n_short)
    scores = {"seconds_per_step": of_step}
    if method != METHODS[0]:
        longer = cpu_seconds(method, data, n_short, n_long)
        of_upscaler_step = (longer - short) / (n_long - n_short)
        whole += of_upscaler_step * (SuperResolver().n_steps - n_short)
        scores["seconds_per_upscaler_step"] = of_upscaler_step
    return {"cpu_seconds": whole, **scores, "mib_taken": taken}


def main() -> None:
    """Measure, write down and show."""
    line = CommandLine(__doc__, __file__)
    add = line.parser.add_argument
    add("--sides", type=int, nargs="+", default=[128, 256, 512], help="in pixels (128 256 512)")
    add("--steps", type=int, default=4, help="of the shorter fits (4)")
    options, results = line.parse({"sides": [32], "steps": 1})
    # a fresh process for each model, which inherits no peak of another one
    context = multiprocessing.get_context("spawn")
    records = []
    for side in options.sides:
        for method in METHODS if side <= MAX_SIDE else METHODS[1:]:
            with context.Pool(1) as pool:
                scores = pool.apply(measure, (method, side, options.steps))
            records.append(
                results.add(
                    f"{4 * N_EACH} colour images of {side} pixels, 4 classes",
                    method,
                    0,
                    options={"threads": 1, "n_short": options.steps},
                    scores=scores,
                    device=device_name(CPU),
                )
            )
            print(markdown(mean_table(as_table(records), COLUMNS)), flush=True)


if __name__ == "__main__":
    main()
