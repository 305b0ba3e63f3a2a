"""Speed of training the GANs of all classes at once, against one after the other.

``TableGAN`` and ``ImageGAN`` train classes of few rows or images against loops over the classes, of
the same networks, loss, penalties, sampling, batch, precision and number of threads. The time of a
model's step is that of a long fit without that of a short one. One loop does the same work as the
package. For images there is another, as one would write it, with the gradient penalties at every
step, and the package also computes in bfloat16. Methods take turns, so that whatever else runs on
the machine slows them alike; yet a loop in several threads suffers most where cores are busy, so
leave the machine idle. "Share of peak" is that of the operations a second in large matrix products.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from benchmarks.common.command_line import CommandLine
from benchmarks.common.devices import default_device, device_name, now
from benchmarks.common.image_loop import PENALTY_INTERVAL, SingleImageGAN, stage_sizes
from benchmarks.common.markdown import markdown
from benchmarks.common.matrix_products import count_operations, peak_operations
from benchmarks.common.results import Results, as_table
from benchmarks.common.table_loop import SingleGAN
from ganaug import ImageGAN, TableGAN

N_FEATURES = 64
IMAGES_OF_CLASS = 30
TOGETHER = "together"
MIXED = "together, in bfloat16"
LOOP = "loop"
PLAIN_LOOP = "loop, penalties at every step"


@dataclass(frozen=True)
class Game:
    """Training task, for the package and for loops.

    Attributes
    ----------
    task : str
        As in the results.
    draw : callable
        Training samples of so many classes, a tensor each.
    models : dict of str to callable
        By method, an unfitted model of so many steps.
    singles : dict of str to callable
        By method, the GAN of one class, of its training samples.
    """

    task: str
    draw: Callable[[int], list[Tensor]]
    models: dict[str, Callable[[int], Any]]
    singles: dict[str, Callable[[Tensor], Any]]


def table_game(device: torch.device) -> Game:
    """Classes of 30 to 50 rows."""
    return Game(
        f"tables of {N_FEATURES} columns",
        small_classes,
        {TOGETHER: lambda n_steps: TableGAN(n_steps=n_steps, device=device, random_state=0)},
        {LOOP: SingleGAN},
    )


def image_game(side: int, device: torch.device) -> Game:
    """Classes of 30 square grey images, each trained by itself."""

    def model(precision: str) -> Callable[[int], ImageGAN]:
        return lambda n_steps: ImageGAN(
            n_steps=n_steps,
            augment=["affine"],
            sharing="none",
            device=device,
            precision=precision,
            random_state=0,
        )

    def single(interval: int) -> Callable[[Tensor], SingleImageGAN]:
        return lambda images: SingleImageGAN(images, stage_sizes(side), interval)

    return Game(
        f"images of {side} pixels",
        lambda n_classes: smooth_images(n_classes, side),
        {TOGETHER: model("float32"), MIXED: model("bfloat16")},
        {LOOP: single(PENALTY_INTERVAL), PLAIN_LOOP: single(1)},
    )


def small_classes(n_classes: int) -> list[Tensor]:
    """30 to 50 rows of each class: correlated Gaussian features around a mean of its own."""
    stream = torch.Generator().manual_seed(0)
    sizes = torch.randint(30, 51, (n_classes,), generator=stream).tolist()
    mixing = torch.randn(n_classes, 16, N_FEATURES, generator=stream) / 4
    means = torch.randn(n_classes, N_FEATURES, generator=stream) / 2
    return [
        mean + torch.randn(size, 16, generator=stream) @ mix
        for size, mix, mean in zip(sizes, mixing, means, strict=True)
    ]


def smooth_images(n_classes: int, side: int) -> list[Tensor]:
    """Smooth random images (n, 1, side, side) around a mean image of each class."""
    stream = torch.Generator().manual_seed(0)
    means = torch.randn(n_classes, 1, 1, 7, 7, generator=stream)
    shape = (n_classes, IMAGES_OF_CLASS, 1, 7, 7)
    coarse = (means + torch.randn(shape, generator=stream)) / 2
    fine = interpolate(coarse.flatten(0, 1), size=(side, side), mode="bilinear")
    return list(fine.clamp(-1, 1).unflatten(0, shape[:2]))


def train_together(game: Game, method: str, n_classes: int, n_steps: int) -> dict[str, Any]:
    """Scores and seconds of so many further steps of all classes at once."""
    samples = game.draw(n_classes)
    X = torch.cat(samples).squeeze(1).numpy()
    y = np.repeat(np.arange(n_classes), [len(own) for own in samples])
    first = max(1, n_steps // 4)
    seconds = []
    for n in (first, first + n_steps):
        start = time.perf_counter()
        gan = game.models[method](n).fit(X, y)
        seconds.append(time.perf_counter() - start)
        if gan.n_steps_ != n:
            raise RuntimeError(f"{gan.n_steps_} of {n} steps were done: the time means nothing.")
    histories = list(gan.history_.values())
    figures = ("generator_loss", "discriminator_loss")
    losses = [np.stack([history[name] for history in histories]) for name in figures]
    networks = (gan.generators_[0], gan.discriminators_[0])
    losses = [torch.from_numpy(loss).T for loss in losses]
    return measured(seconds[1] - seconds[0], n_classes, n_steps, networks, losses)


def train_in_loop(
    game: Game, method: str, n_classes: int, n_steps: int, device: torch.device
) -> dict[str, Any]:
    """Scores and seconds of the classes one after the other."""
    torch.manual_seed(0)
    gans = [game.singles[method](samples.to(device)) for samples in game.draw(n_classes)]
    start = now(device)
    losses = torch.stack([gan.train(n_steps) for gan in gans], dim=-1)
    seconds = now(device) - start
    networks = (gans[0].generator, gans[0].discriminator)
    return measured(seconds, n_classes, n_steps, networks, [losses[:, 0], losses[:, 1]])


def measured(
    seconds: float,
    n_classes: int,
    n_steps: int,
    networks: tuple[nn.Module, nn.Module],
    losses: list[Tensor],
) -> dict[str, Any]:
    """Arguments of ``Results.add`` for a training; losses over the second half of the steps."""
    late = [loss[len(loss) // 2 :].mean().item() for loss in losses]
    return {
        "scores": {
            "ms_per_class_step": 1000 * seconds / n_steps / n_classes,
            "n_parameters": sum(p.numel() for network in networks for p in network.parameters()),
            "generator_loss": late[0],
            "discriminator_loss": late[1],
        },
        "seconds": seconds,
    }


def count_step(game: Game) -> float:
    """Operations in matrix products of one step of one class, on average."""
    gan = game.singles[LOOP](game.draw(1)[0])
    return count_operations(lambda: gan.train(PENALTY_INTERVAL)) / PENALTY_INTERVAL


def runs(game: Game, options: argparse.Namespace) -> Iterator[tuple[str, int, Callable[[], dict]]]:
    """Methods, numbers of classes and trainings of one round, of both methods in turns."""
    device = torch.device(options.device)
    for n_classes in options.classes:
        for method in game.models:
            yield (
                method,
                n_classes,
                lambda n=n_classes, name=method: train_together(game, name, n, options.steps),
            )
        if n_classes <= options.longest_loop:
            for method in game.singles:
                yield (
                    method,
                    n_classes,
                    lambda n=n_classes, name=method: train_in_loop(
                        game, name, n, options.steps, device
                    ),
                )


def measure_game(game: Game, options: argparse.Namespace, results: Results) -> list[dict]:
    """Add records of all rounds, and return them."""
    device = torch.device(options.device)
    operations = count_step(game)
    records = []
    for number in range(options.rounds):
        peak = peak_operations(device)
        for method, n_classes, run in runs(game, options):
            found = run()
            what = {
                "n_classes": n_classes,
                "n_steps": options.steps,
                "threads": torch.get_num_threads(),
            }
            rate = operations / (found["scores"]["ms_per_class_step"] / 1000)
            found["scores"]["share_of_peak"] = rate / peak
            name = device_name(device)
            records.append(
                results.add(game.task, method, number, options=what, device=name, **found)
            )
    sizes = {record["scores"]["n_parameters"] for record in records}
    if len(sizes) > 1:
        raise RuntimeError(f"{game.task}: methods train networks of different sizes: {sizes}")
    return records


def summary(records: list[dict]) -> pd.DataFrame:
    """Medians (and ranges) over rounds of milliseconds for a step of one class, and their gains."""
    frame = as_table(records)
    keys = ["task", "n_classes", "method"]
    groups = frame.groupby(keys, sort=False)
    costs = groups["ms_per_class_step"]
    table = pd.DataFrame({"ms": costs.agg(spread)})
    rounds = frame.pivot_table(index=keys, columns="seed", values="ms_per_class_step", sort=False)
    together = rounds.xs(TOGETHER, level="method")
    gains = {key: (row / together.loc[key[:2]]).median() for key, row in rounds.iterrows()}
    table["times as long"] = [f"{gains[key]:.2f}" for key in table.index]
    for name in ("share_of_peak", "generator_loss", "discriminator_loss"):
        table[name] = groups[name].median().map("{:.3f}".format)
    table.index = pd.Index(
        [" / ".join(map(str, key)) for key in table.index], name=" / ".join(keys)
    )
    return table


def spread(values: pd.Series) -> str:
    """Median and range."""
    return f"{median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def main() -> None:
    """Measure, write down and show."""
    line = CommandLine(__doc__, __file__)
    add = line.parser.add_argument
    add("--games", nargs="+", choices=("tables", "images"), default=["tables"], help="(tables)")
    add("--device", default=default_device().type, help="cpu or cuda")
    add("--threads", type=int, default=1, help="of the CPU, for all methods (1)")
    add("--sides", type=int, nargs="+", default=[28, 64], help="of images, in pixels (28 64)")
    add("--classes", type=int, nargs="+", default=[1, 2, 5, 10, 32, 100], help="(1 2 5 10 32 100)")
    add("--longest-loop", type=int, default=10, help="classes of a loop, at most (10)")
    add("--steps", type=int, default=100, help="of every training (100)")
    add("--rounds", type=int, default=3, help="turns of every method (3)")
    smoke = {"games": ["tables", "images"], "sides": [8], "classes": [2], "steps": 2, "rounds": 1}
    options, results = line.parse(smoke)
    torch.set_num_threads(options.threads)
    device = torch.device(options.device)
    games = [table_game(device)] if "tables" in options.games else []
    if "images" in options.games:
        games += [image_game(side, device) for side in options.sides]
    for game in games:
        print(f"\n{markdown(summary(measure_game(game, options, results)))}", flush=True)


if __name__ == "__main__":
    main()
