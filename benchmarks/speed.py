"""How much faster the GANs of all classes train at once than one after the other.

``python benchmarks/speed.py`` times the package's engine against the plain loop over
classes of ``plain_loop.py``: the same networks, loss, sampling, batch, precision and number of
threads.
Methods take turns, so that whatever else runs on the machine slows them alike.
``image_speed.py`` does the same for the GANs of images.
"""

import argparse
import json
import platform
import statistics
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from plain_loop import DEFAULTS, SingleGAN
from torch import Tensor, nn

from ganaug.models.table import TableGAN
from ganaug.trainers.device import resolve_device
from ganaug.trainers.table import ANCHORED, TableTrainer
from ganaug.training.config import TrainingConfig
from ganaug.training.discriminator_transform import InstanceNoise
from ganaug.training.input_samplers import GaussianNoise
from ganaug.training.layout import FeatureLayout
from ganaug.training.loop import Game
from ganaug.training.networks.anchored import AnchoredGenerator
from ganaug.training.networks.table import TableDiscriminator
from ganaug.training.pool import Pool
from ganaug.training.step import HISTORY_KEYS
from ganaug.training.streams import MemberStreams

CLASS_COUNTS = (1, 2, 5, 10, 32, 100)

# A loop takes time in proportion to its classes; beyond this many it is extrapolated.
LONGEST_LOOP = 10

# What fusing is expected to gain, by device and number of classes.
TARGETS = {"cpu": {10: 1.5}, "cuda": {10: 8.0, 100: 40.0}}

N_FEATURES = 64
SAMPLED_COLUMNS = (10, 64)
SAMPLED_ROWS = 20_000


@dataclass(frozen=True)
class Run:
    """One training of all classes: how long it took, and where it ended.

    Attributes
    ----------
    method : str
        "fused" or "loop".
    n_classes, n_steps : int
        Classes, and updates of each of their generators.
    seconds : float
        Of training alone: networks and data are in place before.
    n_parameters : int
        Trained numbers of one class, both networks.
    generator_loss, discriminator_loss : float
        In nats, over all classes and the second half of the steps.
    """

    method: str
    n_classes: int
    n_steps: int
    seconds: float
    n_parameters: int
    generator_loss: float
    discriminator_loss: float

    @property
    def ms(self) -> float:
        """Milliseconds for one step of one class."""
        return 1000 * self.seconds / self.n_steps / self.n_classes


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


def fused(n_classes: int, n_steps: int, device: torch.device) -> Run:
    """Train with the engine, as many classes side by side as the package does."""
    rows = small_classes(n_classes)
    at_once = TableTrainer.MEMBERS_AT_ONCE[device.type]
    chunks = [rows[i : i + at_once] for i in range(0, n_classes, at_once)]
    runs = [fused_chunk(chunk, n_steps, device) for chunk in chunks]
    share = np.array([run.n_classes for run in runs]) / n_classes
    return replace(
        runs[0],
        n_classes=n_classes,
        seconds=sum(run.seconds for run in runs),
        generator_loss=float(share @ [run.generator_loss for run in runs]),
        discriminator_loss=float(share @ [run.discriminator_loss for run in runs]),
    )


def fused_chunk(rows: list[Tensor], n_steps: int, device: torch.device) -> Run:
    """Train classes that fit side by side."""
    n_classes = len(rows)
    seeds = range(n_classes)
    initial = [torch.Generator().manual_seed(seed) for seed in seeds]
    n_hidden, n_latent = ANCHORED.n_hidden, DEFAULTS.n_latent
    generator = AnchoredGenerator.from_rows(
        rows, FeatureLayout(rows[0].shape[1]), n_latent, n_hidden, initial
    ).to(device)
    discriminator = TableDiscriminator(N_FEATURES, n_hidden, initial).to(device)
    numbers = torch.arange(sum(map(len, rows))).split([len(own) for own in rows])
    pool = Pool(torch.cat(rows).to(device), numbers)
    config = TrainingConfig(
        n_steps=n_steps,
        batch_size=ANCHORED.batch_size,
        input_sampler=GaussianNoise(n_latent),
        gamma=torch.full((n_classes,), DEFAULTS.gamma, device=device),
        learning_rate=torch.full((n_classes,), ANCHORED.learning_rate, device=device),
        view=InstanceNoise(ANCHORED.instance_noise),
    )
    started = now(device)
    outcome = Game(generator, discriminator, pool, config, MemberStreams(seeds, device)).play()
    seconds = now(device) - started
    losses = dict(zip(HISTORY_KEYS, outcome.history.unbind(1), strict=True))
    return Run(
        "fused",
        n_classes,
        n_steps,
        seconds,
        n_parameters=count_parameters(generator, discriminator) // n_classes,
        generator_loss=late_mean(losses["generator_loss"]),
        discriminator_loss=late_mean(losses["discriminator_loss"]),
    )


def loop(n_classes: int, n_steps: int, device: torch.device) -> Run:
    """Train the classes one after the other."""
    torch.manual_seed(0)
    gans = [SingleGAN(rows.to(device)) for rows in small_classes(n_classes)]
    started = now(device)
    losses = torch.stack([gan.train(n_steps) for gan in gans], dim=-1)
    seconds = now(device) - started
    return Run(
        "loop",
        n_classes,
        n_steps,
        seconds,
        n_parameters=count_parameters(gans[0].generator, gans[0].discriminator),
        generator_loss=late_mean(losses[:, 0]),
        discriminator_loss=late_mean(losses[:, 1]),
    )


def now(device: torch.device) -> float:
    """Seconds on a clock, read once the device has done all it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter()


def count_parameters(*networks: nn.Module) -> int:
    """Trained numbers of the networks."""
    return sum(parameter.numel() for network in networks for parameter in network.parameters())


def late_mean(losses: Tensor) -> float:
    """Mean over the second half of the steps, the first axis."""
    return losses[len(losses) // 2 :].mean().item()


def table_model(n_columns: int) -> TableGAN:
    """Model of ten small classes; how long it was trained does not change its speed."""
    rows = small_classes(10)
    X = torch.cat(rows)[:, :n_columns].numpy()
    y = np.repeat(np.arange(10), [len(own) for own in rows])
    return TableGAN(n_steps=1, device="cpu", random_state=0).fit(X, y)


class Journal:
    """One JSON line for each measurement, where a file was asked for."""

    def __init__(self, path: Path | None, device: torch.device):
        self._path = path
        self.machine = {
            "device": device_name(device),
            "threads": torch.get_num_threads(),
            "torch": torch.__version__,
            "precision": "float32",
        }

    def write(self, measured: dict) -> None:
        """Append what was measured, and on what."""
        if self._path is not None:
            with self._path.open("a") as file:
                file.write(json.dumps(measured | self.machine) + "\n")


def device_name(device: torch.device) -> str:
    """Model of the GPU or of the processor."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    models = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.machine()


def measure_training(
    n_steps: int, n_repeats: int, device: torch.device, journal: Journal
) -> list[Run]:
    """Time both methods in turns, over all numbers of classes."""
    sizes = {method(2, 10, device).n_parameters for method in (fused, loop)}
    if len(sizes) > 1:
        raise RuntimeError(f"the two methods train networks of different sizes: {sizes}")
    runs = []
    for _ in range(n_repeats):
        for n_classes in CLASS_COUNTS:
            for method in (fused, loop) if n_classes <= LONGEST_LOOP else (fused,):
                run = method(n_classes, n_steps, device)
                journal.write(asdict(run) | {"ms_per_step_and_class": run.ms})
                runs.append(run)
    return runs


def measure_sampling(n_repeats: int, journal: Journal) -> dict[int, float]:
    """Median of synthetic rows a second, for each number of columns; always on the CPU."""
    rates = {}
    for n_columns in SAMPLED_COLUMNS:
        model = table_model(n_columns)
        model.sample(SAMPLED_ROWS)
        timings = []
        for _ in range(n_repeats):
            started = time.perf_counter()
            model.sample(SAMPLED_ROWS)
            timings.append(time.perf_counter() - started)
            measured = {"method": "sample", "n_columns": n_columns, "n_rows": SAMPLED_ROWS}
            journal.write(measured | {"seconds": timings[-1]})
        rates[n_columns] = SAMPLED_ROWS / statistics.median(timings)
    return rates


class Summary:
    """What the runs say, in words."""

    def __init__(self, runs: list[Run]):
        self._runs: dict[tuple[str, int], list[Run]] = {}
        for run in runs:
            self._runs.setdefault((run.method, run.n_classes), []).append(run)

    def table(self, targets: dict[int, float]) -> str:
        """Cost of a class and the ratio of the two methods, by number of classes."""
        lines = [f"{'classes':>7}  {'fused, ms':>20}  {'loop, ms':>20}  {'gain':>6}"]
        for n_classes in CLASS_COUNTS:
            in_loop = min(n_classes, LONGEST_LOOP)
            gain = self._cost("loop", in_loop) / self._cost("fused", n_classes)
            one = self._spread("fused", n_classes)
            other = self._spread("loop", n_classes) if in_loop == n_classes else "extrapolated"
            target = f"  (target {targets[n_classes]:g}x)" if n_classes in targets else ""
            lines.append(f"{n_classes:>7}  {one:>20}  {other:>20}  {gain:>5.1f}x{target}")
        note = f"A loop over more than {LONGEST_LOOP} classes is taken to cost as much a class."
        return "\n".join([*lines, note])

    def trend(self) -> str:
        """Whether further classes come cheaper."""
        few, many = self._cost("fused", 2), self._cost("fused", 100)
        verdict = "falls" if many < 0.9 * few else "rises" if many > 1.1 * few else "stays level"
        return (
            f"From 2 classes to 100, the fused cost of each {verdict}: {few:.2f} to {many:.2f} ms."
        )

    def rates(self) -> str:
        """Rows that the discriminators learn from in a second."""
        rows = 2 * ANCHORED.batch_size * 1000
        one, other = rows / self._cost("fused", 10), rows / self._cost("loop", 10)
        return f"Training 10 classes: {one:,.0f} rows/s fused, {other:,.0f} rows/s in a loop."

    def comparability(self) -> str:
        """Sizes and losses of both methods, for whoever doubts that they do the same."""
        one, other = self._runs["fused", 10][0], self._runs["loop", 10][0]
        return (
            f"Trained numbers of a class: {one.n_parameters:,} fused, {other.n_parameters:,} in a "
            f"loop.\nLosses of 10 classes, fused and in a loop, over the second half: generator "
            f"{one.generator_loss:.3f} and {other.generator_loss:.3f} nats, discriminator "
            f"{one.discriminator_loss:.3f} and {other.discriminator_loss:.3f}."
        )

    def _costs(self, method: str, n_classes: int) -> list[float]:
        return [run.ms for run in self._runs[method, n_classes]]

    def _cost(self, method: str, n_classes: int) -> float:
        return statistics.median(self._costs(method, n_classes))

    def _spread(self, method: str, n_classes: int) -> str:
        costs = self._costs(method, n_classes)
        return f"{statistics.median(costs):.2f} ({min(costs):.2f} to {max(costs):.2f})"


def parse_arguments() -> argparse.Namespace:
    """Options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="auto", help="cpu, cuda or auto (default)")
    parser.add_argument(
        "--threads", type=int, default=1, help="threads of the CPU, for both (1, as in the package)"
    )
    parser.add_argument("--steps", type=int, default=100, help="of every training (100)")
    parser.add_argument("--repeats", type=int, default=3, help="of every measurement (3)")
    parser.add_argument("--output", type=Path, help="file that one JSON line each is added to")
    return parser.parse_args()


def main() -> None:
    """Measure, write down and show."""
    arguments = parse_arguments()
    torch.set_num_threads(arguments.threads)
    device = resolve_device(arguments.device)
    journal = Journal(arguments.output, device)
    print(", ".join(f"{name}: {value}" for name, value in journal.machine.items()))
    print(f"Milliseconds for a step of one class: median of {arguments.repeats} runs (range)")
    summary = Summary(measure_training(arguments.steps, arguments.repeats, device, journal))
    print(summary.table(TARGETS[device.type]))
    print(summary.trend(), summary.rates(), summary.comparability(), sep="\n")
    for n_columns, rate in measure_sampling(arguments.repeats, journal).items():
        print(f"Sampling on the CPU, {n_columns} columns: {rate:,.0f} rows/s.")


if __name__ == "__main__":
    main()
