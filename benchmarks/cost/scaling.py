"""Cost model of training 10,000 classes on up to many workers: where it stops scaling, and why.

Times and sizes of the tasks are measured on this machine: CPU seconds of a game, of what the
calling process does for a class (at most: in fits without training, which also make generators), of
packing and unpacking; bytes that go to a worker and come back.
The schedule is simulated: one process prepares all classes, sends games one after the other as
workers become free, and takes the results in. With ranks nothing is sent, each process prepares
all classes, and each takes all results in. Networks and clusters are not measured: a link of
``--gigabits`` a second, which transfers of one process share, and ``--latency`` for each message.
"""

import argparse
import heapq
import pickle
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
import pandas as pd
import torch
from joblib import wrap_non_picklable_objects

from benchmarks.common.command_line import CommandLine
from benchmarks.common.devices import device_name
from benchmarks.common.markdown import markdown
from ganaug import ImageGAN, TableGAN
from ganaug.trainers.checkpoint import GameStates
from ganaug.trainers.group import Group
from ganaug.trainers.hyperparameters import Hyperparameters
from ganaug.trainers.image import image_recipe
from ganaug.trainers.per_class import PerClassTrainer
from ganaug.trainers.recipe import Recipe
from ganaug.trainers.table import TableRecipeBuilder
from ganaug.training.defaults import torch_defaults
from ganaug.training.diffaug import Augmentation
from ganaug.training.layout import FeatureLayout
from ganaug.training.networks.image_stages import stage_sizes

CPU = torch.device("cpu")
N_FEATURES = 64
SIDE = 28
ROWS_OF_CLASS = 40

# Where twice the workers save less time than this share, it has stopped scaling.
MIN_SAVED = 0.2


@dataclass(frozen=True)
class Costs:
    """Costs of one game, and of a class.

    Attributes
    ----------
    classes_of_game : int
    train_seconds : float
        CPU seconds of a game.
    pack_seconds, unpack_seconds : float
        CPU seconds that the calling process takes to pack a task, and to unpack its result.
    class_seconds : float
        CPU seconds of the calling process for a class, before and after its game.
    task_bytes, result_bytes : int
    """

    classes_of_game: int
    train_seconds: float
    pack_seconds: float
    unpack_seconds: float
    class_seconds: float
    task_bytes: int
    result_bytes: int


@dataclass(frozen=True)
class Link:
    """Network between processes.

    Attributes
    ----------
    bytes_per_second : float
    latency : float
        Seconds that a message takes, however short.
    """

    bytes_per_second: float
    latency: float

    def seconds(self, n_bytes: float) -> float:
        """Seconds that a message occupies the link of a process."""
        return self.latency + n_bytes / self.bytes_per_second


@dataclass(frozen=True)
class Kind:
    """Kind of classes whose costs are measured.

    Attributes
    ----------
    recipe : callable
        Recipe of training for so many steps.
    samples : callable
        Encoded samples of a class, by its number.
    fit : callable
        Fits a model of so many classes without training.
    n_steps : int
        Steps of a game by default.
    """

    recipe: Callable[[int], Recipe]
    samples: Callable[[int], torch.Tensor]
    fit: Callable[[int], object]
    n_steps: int


def tables() -> Kind:
    """Classes of 40 rows of 64 columns."""

    def recipe(n_steps: int) -> Recipe:
        given = Hyperparameters(n_steps, n_latent=64, batch_size=32, learning_rate=1e-3, gamma=1.0)
        factor = torch.zeros(6, N_FEATURES)
        return TableRecipeBuilder(FeatureLayout(N_FEATURES), factor, given, auto=()).build(CPU)

    def fit(n_classes: int) -> object:
        y = np.repeat(np.arange(n_classes), ROWS_OF_CLASS)
        X = np.random.default_rng(0).standard_normal((len(y), N_FEATURES))
        return TableGAN(n_steps=0, device="cpu", random_state=0).fit(X, y)

    return Kind(recipe, lambda number: normal(number, N_FEATURES), fit, n_steps=500)


def images() -> Kind:
    """Classes of 40 grey images of 28 pixels, each with networks of its own."""

    def recipe(n_steps: int) -> Recipe:
        given = Hyperparameters(n_steps, n_latent=64, batch_size=16, learning_rate=4e-3, gamma=0.2)
        sizes = stage_sizes(1, SIDE, SIDE, 1.0)
        return image_recipe(given, sizes, Augmentation(("affine",)), CPU)

    def fit(n_classes: int) -> object:
        y = np.repeat(np.arange(n_classes), ROWS_OF_CLASS)
        X = np.random.default_rng(0).random((len(y), SIDE, SIDE))
        return ImageGAN(n_steps=0, sharing="none", device="cpu", random_state=0).fit(X, y)

    def samples(number: int) -> torch.Tensor:
        return normal(number, 1, SIDE, SIDE).clamp(-1, 1)

    return Kind(recipe, samples, fit, n_steps=2000)


KINDS = {"tables": tables, "images": images}


def normal(seed: int, *shape: int) -> torch.Tensor:
    """Standard normal samples of a class."""
    stream = torch.Generator().manual_seed(seed)
    return torch.randn(ROWS_OF_CLASS, *shape, generator=stream)


def cpu_seconds(call: Callable[[], Any]) -> tuple[float, Any]:
    """CPU seconds of a call, and what it returns."""
    start = time.process_time()
    result = call()
    return time.process_time() - start, result


def measure(kind: Kind, options: argparse.Namespace) -> Costs:
    """Measure the costs of a game; each as the median over rounds."""
    rounds = [measure_once(kind, options) for _ in range(options.rounds)]
    names = vars(rounds[0])
    return Costs(**{name: median(getattr(cost, name) for cost in rounds) for name in names})


def measure_once(kind: Kind, options: argparse.Namespace) -> Costs:
    """Measure the costs of a game; its time for all steps follows from that of a few."""
    group, first = train(kind, options.steps)
    _, second = train(kind, 3 * options.steps)
    step_seconds = max(0.0, second[0] - first[0]) / (2 * options.steps)
    pack_seconds, task = cpu_seconds(lambda: pickle.dumps(wrap_non_picklable_objects(group)))
    result = pickle.dumps(wrap_non_picklable_objects(second[1]))
    pickle.loads(result)  # torch sets itself up
    unpack_seconds, _ = cpu_seconds(lambda: pickle.loads(result))
    few, _ = cpu_seconds(lambda: kind.fit(options.few))
    many, _ = cpu_seconds(lambda: kind.fit(3 * options.few))
    return Costs(
        classes_of_game=len(group.samples),
        train_seconds=first[0] + step_seconds * (kind.n_steps - options.steps),
        pack_seconds=pack_seconds,
        unpack_seconds=unpack_seconds,
        class_seconds=max(0.0, many - few) / (2 * options.few),
        task_bytes=len(task),
        result_bytes=len(result),
    )


def train(kind: Kind, n_steps: int) -> tuple[Group, tuple[float, Any]]:
    """A game of as many classes as share one, and its CPU seconds and outcome."""
    recipe = kind.recipe(n_steps)
    classes = {number: kind.samples(number) for number in range(2 * recipe.max_members["cpu"])}
    trainer = PerClassTrainer(classes, dict.fromkeys(classes, 0), recipe)
    with torch_defaults():
        group = trainer.start()[0]
        states = GameStates(None, {})
        return group, cpu_seconds(lambda: group.train(lambda n_steps: None, states))


def simulate_jobs(costs: Costs, link: Link, n_games: int, n_workers: int) -> tuple[float, float]:
    """Seconds until all games are done and taken in, and those in which the caller is busy."""
    clock = costs.class_seconds * costs.classes_of_game * n_games
    send = costs.pack_seconds + link.seconds(costs.task_bytes)
    receive = costs.unpack_seconds + link.seconds(costs.result_bytes)
    busy = clock + n_games * (send + receive)
    n_sent = 0
    done: list[float] = []
    for _ in range(min(n_workers, n_games)):
        clock += send
        n_sent += 1
        heapq.heappush(done, clock + costs.train_seconds)
    while done:
        clock = max(clock, heapq.heappop(done)) + receive
        if n_sent < n_games:
            clock += send
            n_sent += 1
            heapq.heappush(done, clock + costs.train_seconds)
    return clock, busy


def simulate_ranks(costs: Costs, link: Link, n_games: int, n_workers: int) -> tuple[float, float]:
    """Seconds of ranks, and those that each of them takes for all classes."""
    prepare = costs.class_seconds * costs.classes_of_game * n_games
    most = -(-n_games // n_workers)
    from_others = n_games - n_games / n_workers
    take_in = from_others * (costs.unpack_seconds + link.seconds(costs.result_bytes))
    common = prepare + take_in
    return common + most * costs.train_seconds, common


SIMULATIONS = {"jobs": simulate_jobs, "ranks": simulate_ranks}


def scaling(name: str, costs: Costs, link: Link, options: argparse.Namespace) -> pd.DataFrame:
    """Seconds, speed-up and what bounds it, by the number of workers."""
    n_games = -(-options.classes // costs.classes_of_game)
    one = (costs.class_seconds * costs.classes_of_game + costs.train_seconds) * n_games
    rows = {}
    before = None
    for n_workers in options.workers:
        seconds, common = SIMULATIONS[name](costs, link, n_games, n_workers)
        bound = "workers"
        if n_workers >= n_games:
            bound = "number of games"
        if common > seconds / 2:
            bound = "the calling process" if name == "jobs" else "what every rank does"
        stops = before is not None and seconds > (1 - MIN_SAVED) * before
        rows[n_workers] = {
            "seconds": f"{seconds:.0f}",
            "speed-up": f"{one / seconds:.1f}",
            "efficiency": f"{one / seconds / n_workers:.2f}",
            "common seconds": f"{common:.1f}",
            "bound by": bound + (", stops scaling" if stops else ""),
        }
        before = seconds
    table = pd.DataFrame(rows.values(), index=list(rows))
    table.index.name = f"{name}, workers"
    return table


def main() -> None:
    """Measure, simulate, write down and show."""
    line = CommandLine(__doc__, __file__)
    add = line.parser.add_argument
    workers = [2**power for power in range(11)]
    add("--kinds", nargs="+", choices=KINDS, default=list(KINDS), help="(all)")
    add("--classes", type=int, default=10_000, help="(10,000)")
    add("--workers", type=int, nargs="+", default=workers, help="(1 2 4 ... 1024)")
    add("--gigabits", type=float, default=1.0, help="a second, of a process's link (1)")
    add("--latency", type=float, default=0.005, help="of a message, in seconds (0.005)")
    add("--steps", type=int, default=20, help="of the shorter game of two that are timed (20)")
    add("--few", type=int, default=100, help="classes of the smaller fit of two (100)")
    add("--rounds", type=int, default=3, help="of every measurement (3)")
    smoke = {"kinds": ["tables"], "steps": 1, "few": 5, "rounds": 1, "workers": [1, 64]}
    options, results = line.parse(smoke)
    torch.set_num_threads(1)
    link = Link(options.gigabits * 1e9 / 8, options.latency)
    for name in options.kinds:
        costs = measure(KINDS[name](), options)
        print(f"\n{name}: {costs}", flush=True)
        for simulation in SIMULATIONS:
            print(f"\n{markdown(scaling(simulation, costs, link, options))}", flush=True)
        results.add(
            f"one of {options.classes} classes of {name}",
            "game",
            0,
            options={"n_classes": options.classes},
            scores=vars(costs),
            seconds=costs.train_seconds,
            device=device_name(CPU),
        )


if __name__ == "__main__":
    main()
