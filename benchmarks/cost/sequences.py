"""Time to train the GANs of sequences: of all classes at once, and of one after the other.

Classes of 40 smooth sequences of 150 steps. The time of a step is that of a long fit without that
of a short one; the loop fits a model of its own to each class, with the same networks, losses and
number of threads. Methods take turns, so that whatever else runs on the machine slows them alike.
"Whole fit" is ``SequenceGAN().fit(X, y)`` with its defaults. ``--gan precision=bfloat16`` and the
like are parameters of all of them.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch.nn.functional import interpolate

from benchmarks.common.command_line import CommandLine, parameter
from benchmarks.common.devices import default_device, device_name
from benchmarks.common.markdown import markdown
from benchmarks.common.results import Results, as_table
from ganaug import SequenceGAN

N_OF_CLASS = 40
KNOTS = 12
TOGETHER = "together"
LOOP = "loop"
WHOLE = "whole fit"


def smooth_sequences(n_classes: int, n_steps: int, n_channels: int) -> tuple[np.ndarray, Any]:
    """Smooth random sequences (n, time, channels) around a mean of each class, and classes."""
    stream = torch.Generator().manual_seed(0)
    means = torch.randn(n_classes, 1, n_channels, KNOTS, generator=stream)
    noise = torch.randn(n_classes, N_OF_CLASS, n_channels, KNOTS, generator=stream)
    knots = (means + noise / 2).flatten(0, 1)
    X = interpolate(knots, size=n_steps, mode="linear").transpose(1, 2)
    return X.numpy(), np.repeat(np.arange(n_classes), N_OF_CLASS)


def fit_seconds(X: np.ndarray, y: np.ndarray, **parameters: Any) -> float:
    """Seconds of a fit."""
    start = time.perf_counter()
    SequenceGAN(random_state=0, **parameters).fit(X, y)
    return time.perf_counter() - start


def further_seconds(X: np.ndarray, y: np.ndarray, n_steps: int, **parameters: Any) -> float:
    """Seconds of so many further steps of a fit."""
    first = max(1, n_steps // 4)
    short, long = (
        fit_seconds(X, y, n_steps=n, sharing="none", **parameters) for n in (first, first + n_steps)
    )
    return long - short


def train_together(X: np.ndarray, y: np.ndarray, n_steps: int, **parameters: Any) -> float:
    """Seconds of so many steps of all classes at once."""
    return further_seconds(X, y, n_steps, **parameters)


def train_in_loop(X: np.ndarray, y: np.ndarray, n_steps: int, **parameters: Any) -> float:
    """Seconds of so many steps of each class, one after the other."""
    return sum(
        further_seconds(X[y == label], y[y == label], n_steps, **parameters)
        for label in np.unique(y)
    )


def runs(options: argparse.Namespace) -> Iterator[tuple[str, int, Callable[[], float]]]:
    """Methods, numbers of classes and trainings of one round, in turns."""
    shape = (options.time, options.channels)
    given = {"device": options.device, **dict(options.gan)}
    for n_classes in options.classes:
        data = smooth_sequences(n_classes, *shape)
        yield TOGETHER, n_classes, partial(train_together, *data, options.steps, **given)
        yield LOOP, n_classes, partial(train_in_loop, *data, options.steps, **given)
        yield WHOLE, n_classes, partial(fit_seconds, *data, n_steps=options.whole_steps, **given)


def measure(options: argparse.Namespace, results: Results) -> list[dict]:
    """Add records of all rounds, and return them."""
    records = []
    task = f"{N_OF_CLASS} sequences of {options.time} steps, {options.channels} channels"
    for number in range(options.rounds):
        for method, n_classes, run in runs(options):
            seconds = run()
            n_steps = options.whole_steps if method == WHOLE else options.steps
            per_step = {}
            if method != WHOLE:
                per_step = {"ms_per_class_step": 1000 * seconds / n_classes / n_steps}
            records.append(
                results.add(
                    task,
                    method,
                    number,
                    options={
                        "n_classes": n_classes,
                        "n_steps": n_steps,
                        "threads": torch.get_num_threads(),
                        "parameters": dict(options.gan),
                    },
                    scores={"seconds_in_all": seconds, **per_step},
                    seconds=seconds,
                    device=device_name(torch.device(options.device)),
                )
            )
    return records


def summary(records: list[dict]) -> str:
    """Medians over rounds: seconds, milliseconds for a step of one class, and the loop's share."""
    frame = as_table(records)
    keys = ["task", "n_classes", "method"]
    medians = frame.groupby(keys, sort=False)[["seconds_in_all", "ms_per_class_step"]].median()
    together = medians["ms_per_class_step"].xs(TOGETHER, level="method")
    ratios = [cost / together.loc[key[:2]] for key, cost in medians["ms_per_class_step"].items()]
    table = medians.assign(ratio=ratios).round(2).astype(object).fillna("-")
    table.columns = ["seconds", "ms for a step of a class", "times as long"]
    table.index = pd.Index([" / ".join(map(str, key)) for key in table.index], name="/".join(keys))
    return markdown(table)


def main() -> None:
    """Measure, write down and show."""
    line = CommandLine(__doc__, __file__)
    add = line.parser.add_argument
    add("--device", default=default_device().type, help="cpu or cuda")
    add("--threads", type=int, default=2, help="of the CPU, for all methods (2)")
    add("--classes", type=int, nargs="+", default=[2, 5, 10], help="(2 5 10)")
    add("--time", type=int, default=150, help="steps of a sequence (150)")
    add("--channels", type=int, default=1, help="of a sequence (1)")
    add("--steps", type=int, default=40, help="of every training (40)")
    add("--rounds", type=int, default=3, help="turns of every method (3)")
    add("--gan", nargs="+", type=parameter, default=[], help="parameters of all models")
    options, results = line.parse({"classes": [2], "time": 16, "steps": 2, "rounds": 1})
    given = {"n_steps", "sharing"} & dict(options.gan).keys()
    if given:
        line.parser.error(f"--gan cannot set {', '.join(sorted(given))}: this program does")
    options.whole_steps = 2 if options.smoke else "auto"
    torch.set_num_threads(options.threads)
    print(summary(measure(options, results)))


if __name__ == "__main__":
    main()
