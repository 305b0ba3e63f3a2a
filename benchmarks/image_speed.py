"""How much faster the GANs of all classes of images train at once than one after the other.

``python benchmarks/image_speed.py`` times training as ``ImageGAN`` does it against loops over the
classes of ``image_plain_loop.py``, all in float32 and with the same number of threads: the package
plays as many games side by side, a loop shares each operation among them. One loop does the same
work as the package. The other, as one would write it, has the gradient penalties at every step.
Methods take turns, so that whatever else runs on the machine slows them alike; yet a loop in
several threads suffers most where cores are busy, so leave the machine idle.
"""

import argparse
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from statistics import median

import torch
from image_games import PENALTY_INTERVAL, Task, fused, loop, operations, plain_script
from image_memory import memory_apart
from image_plain_loop import DEFAULTS
from matrix_products import matrix_peak
from speed import Journal, Run

from ganaug.trainers.device import resolve_device

# Classes of the comparison with loops.
N_CLASSES = 10

# What fusing is expected to gain in the same work, and the package over a plain script.
TARGETS = {"cpu": {"loop": 1.25, "plain script": 2.5}, "cuda": {"loop": 8.0}}

# Share of the matrix peak that is aimed at for images of 64 pixels.
AIMS = {"cpu": 0.4, "cuda": 0.3}

METHODS = (fused, loop, plain_script)
NAMES = {
    "fused": f"fused, penalties every {PENALTY_INTERVAL} steps",
    "loop": f"loop, penalties every {PENALTY_INTERVAL} steps: the same work",
    "plain script": "loop, penalties at every step: as one would write it",
}


class Measurements:
    """All runs on images of one side, and the matrix peak in each round."""

    def __init__(self, side: int, device: torch.device, journal: Journal):
        self._side, self._device, self._journal = side, device, journal
        self.operations = operations(self._task(1))
        self._runs: dict[tuple[str, int], list[Run]] = {}
        self._peaks: list[float] = []

    def warm_up(self) -> None:
        """Run all methods shortly, and see that they train networks of one size."""
        sizes = {method(self._task(N_CLASSES), PENALTY_INTERVAL).n_parameters for method in METHODS}
        if len(sizes) > 1:
            raise RuntimeError(f"the methods train networks of different sizes: {sizes}")

    def round(self, n_steps: int, class_counts: list[int]) -> None:
        """Measure everything once."""
        peak = matrix_peak(self._device)
        self._peaks.append(peak)
        self._journal.write({"method": "matrix product", "operations_per_second": peak})
        for method in METHODS:
            self._run(method, N_CLASSES, n_steps)
        for n_classes in class_counts:
            if n_classes != N_CLASSES:
                self._run(fused, n_classes, n_steps)

    def costs(self, method: str, n_classes: int = N_CLASSES) -> list[float]:
        """Milliseconds for a step of one class, in each round."""
        return [run.ms for run in self._runs[method, n_classes]]

    def gains(self, method: str) -> list[float]:
        """How many times longer a method takes than the fused one, in each round."""
        pairs = zip(self.costs(method), self.costs("fused"), strict=True)
        return [other / own for other, own in pairs]

    def shares(self, n_classes: int) -> list[float]:
        """Share of the matrix peak that fused training reaches, in each round."""
        pairs = zip(self.costs("fused", n_classes), self._peaks, strict=True)
        return [self.operations / (ms / 1000) / peak for ms, peak in pairs]

    def peak(self) -> float:
        """Operations a second in a large matrix product: the median of the rounds."""
        return median(self._peaks)

    def first(self, method: str) -> Run:
        """Run of the first round."""
        return self._runs[method, N_CLASSES][0]

    def _run(self, method: Callable[[Task, int], Run], n_classes: int, n_steps: int) -> None:
        run = method(self._task(n_classes), n_steps)
        self._runs.setdefault((run.method, n_classes), []).append(run)
        record = asdict(run) | {"ms_per_step_and_class": run.ms, "side": self._side}
        self._journal.write(record | {"operations_per_step_and_class": self.operations})

    def _task(self, n_classes: int) -> Task:
        return Task(self._side, n_classes, self._device)


def gain_table(measured: Measurements, targets: dict[str, float]) -> str:
    """Cost of a class by method, and what the fused one gains."""
    lines = [f"{N_CLASSES} classes, ms for a step of one class: median of the rounds (range)"]
    for method, name in NAMES.items():
        line = f"  {name:<55} {spread(measured.costs(method)):>24}"
        if method != "fused":
            target = f"; target {targets[method]:g}x" if method in targets else ""
            line += f"  {spread(measured.gains(method))}x as long as fused{target}"
        lines.append(line)
    return "\n".join(lines)


def class_table(measured: Measurements, class_counts: list[int]) -> str:
    """Cost of a class by the number of classes."""
    lines = [f"{'classes':>7}  {'fused, ms':>24}  {'images/s':>8}  {'share of matrix peak':>24}"]
    for n_classes in sorted({*class_counts, N_CLASSES}):
        costs = measured.costs("fused", n_classes)
        rate = 2 * DEFAULTS.batch_size * 1000 / median(costs)
        share = spread([100 * share for share in measured.shares(n_classes)])
        lines.append(f"{n_classes:>7}  {spread(costs):>24}  {rate:>8,.0f}  {share:>22} %")
    return "\n".join(lines)


def comparability(measured: Measurements) -> str:
    """Sizes and losses of all methods, for whoever doubts that they do the same."""
    runs = [measured.first(method) for method in NAMES]
    losses = "; ".join(
        f"{run.method} {run.generator_loss:.3f} and {run.discriminator_loss:.3f}" for run in runs
    )
    return (
        f"Trained numbers of a class: {', '.join(f'{run.n_parameters:,}' for run in runs)}.\n"
        f"Losses of generators and discriminators in the second half, nats: {losses}."
    )


def spread(values: list[float]) -> str:
    """Median and range."""
    return f"{median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def show_memory(side: int, n_steps: int, device: torch.device, journal: Journal) -> None:
    """Measure and print the peak memory of a training and of a quarter of it: it must not grow."""
    task = Task(side, N_CLASSES, device)
    parts = []
    for steps in (max(1, n_steps // 4), n_steps):
        memory = memory_apart(task, steps)
        journal.write({"method": "memory", "side": side, "n_steps": steps} | memory)
        parts.append(f"{memory['end']:,.0f} in {steps} steps")
    print(
        f"{side} pixels, {N_CLASSES} classes fused, peak memory in MiB: {memory['before']:,.0f} "
        f"before training, {', '.join(parts)}.",
        flush=True,
    )


def show_speed(arguments: argparse.Namespace, side: int, journal: Journal) -> None:
    """Measure the speed on images of one side, and print it."""
    device = resolve_device(arguments.device)
    kind = "cpu" if device.type == "cpu" else "cuda"
    measured = Measurements(side, device, journal)
    measured.warm_up()
    for _ in range(arguments.rounds):
        measured.round(arguments.steps, arguments.classes)
    print(f"\n{side} pixels")
    print(gain_table(measured, TARGETS[kind]))
    print(class_table(measured, arguments.classes))
    aim = f" The aim is {AIMS[kind]:.0%} of it." if side == 64 else ""
    print(
        f"A step of one class takes {measured.operations / 1e9:.3f} G operations in matrix "
        f"products; the peak is {measured.peak() / 1e9:,.0f} G a second.{aim}"
    )
    print(comparability(measured), flush=True)


def parse_arguments() -> argparse.Namespace:
    """Options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="auto", help="cpu, cuda or auto (default)")
    parser.add_argument("--threads", type=int, default=2, help="of the CPU, for all methods (2)")
    parser.add_argument("--sides", type=int, nargs="+", default=[28, 64], help="(28 64)")
    parser.add_argument(
        "--classes", type=int, nargs="+", default=[1, 4, 16, 64], help="fused, too (1 4 16 64)"
    )
    parser.add_argument("--steps", type=int, default=40, help="of every training (40)")
    parser.add_argument("--rounds", type=int, default=5, help="turns of every method (5)")
    parser.add_argument("--memory-steps", type=int, default=400, help="0 leaves it out (400)")
    parser.add_argument("--output", type=Path, help="file that one JSON line each is added to")
    return parser.parse_args()


def main() -> None:
    """Measure, write down and show."""
    arguments = parse_arguments()
    torch.set_num_threads(arguments.threads)
    device = resolve_device(arguments.device)
    journal = Journal(arguments.output, device)
    print(", ".join(f"{name}: {value}" for name, value in journal.machine.items()), flush=True)
    if arguments.memory_steps > 0:
        for side in arguments.sides:
            show_memory(side, arguments.memory_steps, device, journal)
    for side in arguments.sides:
        show_speed(arguments, side, journal)


if __name__ == "__main__":
    main()
