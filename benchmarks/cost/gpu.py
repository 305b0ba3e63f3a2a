"""Tests that need a GPU, and the speed that one gives to training, within ten minutes.

First run the tests that other machines skip. Then games of classes are timed against one class and
against loops over classes, by ``benchmarks.cost.training``, and the first sample of a model that is
fitted in a fresh process. Each part is a process of its own; one that fails, or takes longer than
is left, is noted with its error, and the others go on. Where there is no CUDA, that is all that is
said.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

import pandas as pd
import torch

from benchmarks.common.command_line import CommandLine
from benchmarks.common.devices import default_device, device_name
from benchmarks.common.markdown import markdown
from benchmarks.common.results import Results, read_records

ROOT = Path(__file__).parent.parent.parent
SECONDS = 600
TOGETHER = "together"
LOOP = "loop"
TESTS = "tests"
FIRST_SAMPLE = "first sample, 10 classes of 50 images of 28 pixels"

COLD_START = """
import sys
import numpy as np
from ganaug import ImageGAN

device, n_steps = sys.argv[1:]
rng = np.random.default_rng(0)
y = np.arange(500) % 10
coarse = (rng.random((10, 7, 7))[y] + rng.random((500, 7, 7))) / 2
X = np.kron(coarse, np.ones((4, 4)))
steps = n_steps if n_steps == "auto" else int(n_steps)
gan = ImageGAN(n_steps=steps, device=device, random_state=0).fit(X, y)
gan.sample(1)
print(gan.n_steps_)
"""


class Part:
    """Processes of one part, whose records are kept.

    Parameters
    ----------
    results : Results
    device : torch.device
    deadline : float
        Time of ``time.monotonic`` at which processes have to be done.
    """

    def __init__(self, results: Results, device: torch.device, deadline: float):
        self.results = results
        self.device = device
        self.failed: list[str] = []
        self._deadline = deadline

    def run(self, arguments: Sequence[str], codes: Sequence[int] = (0,)) -> str:
        """Output of a Python process.

        Raises
        ------
        RuntimeError
            Where it takes longer than is left, or returns another code.
        """
        left = max(1.0, self._deadline - time.monotonic())
        try:
            done = subprocess.run(
                [sys.executable, *arguments], capture_output=True, text=True, cwd=ROOT, timeout=left
            )
        except subprocess.TimeoutExpired as error:
            raise RuntimeError(f"was stopped after {left:.0f} s") from error
        if done.returncode not in codes:
            raise RuntimeError((done.stderr or done.stdout).strip()[-2000:])
        return done.stdout

    def add(self, task: str, method: str, scores: dict[str, float], **fields: object) -> None:
        """Keep a measurement."""
        name = device_name(self.device)
        record = {"options": {}, "device": name, **fields}
        self.results.add(task, method, 0, scores=scores, **record)  # type: ignore[arg-type]

    def attempt(self, task: str, measure: Callable[[], None]) -> None:
        """Measure; keep the error where that fails."""
        print(f"{task} ...", flush=True)
        try:
            measure()
        except (RuntimeError, OSError, ValueError) as error:
            self.failed.append(task)
            self.add(task, "process", {}, notes={"error": str(error)})
            print(f"{task}: {error}", file=sys.stderr, flush=True)


def run_tests(part: Part, chosen: Sequence[str]) -> None:
    """Run the tests that need CUDA, and keep how many passed, failed and were skipped."""
    with TemporaryDirectory() as folder:
        report = Path(folder) / "tests.xml"
        words = ["-m", "pytest", "-q", "-k", "cuda", "--junitxml", str(report), *chosen]
        started = time.monotonic()
        output = part.run(words, codes=(0, 1))
        seconds = time.monotonic() - started
        suite = next(ElementTree.parse(report).iter("testsuite"))
    counts = {name: int(suite.get(name, 0)) for name in ("tests", "failures", "errors", "skipped")}
    part.add(TESTS, "pytest -k cuda", {**counts}, seconds=seconds)
    if counts["failures"] + counts["errors"]:
        raise RuntimeError(output[-4000:])


def time_training(part: Part, game: str, options: argparse.Namespace) -> None:
    """Time games of many classes against one class, and against loops."""
    numbers = {
        "--sides": options.sides,
        "--classes": sorted({1, options.few, options.many}),
        "--longest-loop": [options.few],
        "--steps": [options.steps],
        "--rounds": [options.rounds],
    }
    with TemporaryDirectory() as folder:
        output = Path(folder) / "training.jsonl"
        words = ["-m", "benchmarks.cost.training", "--games", game, "--device", part.device.type]
        for name, values in numbers.items():
            words += [name, *map(str, values)]
        try:
            part.run([*words, "--output", str(output)])
        finally:
            for record in read_records(output):
                del record["versions"]
                part.results.add(**record)


def time_first_sample(part: Part, n_steps: str) -> None:
    """Time a fresh process up to the first sample of a fitted model."""
    started = time.monotonic()
    words = ["-c", COLD_START, part.device.type, n_steps]
    n_done = int(part.run(words))
    part.add(FIRST_SAMPLE, "ImageGAN", {"n_steps": n_done}, seconds=time.monotonic() - started)


def summary(records: Sequence[dict], options: argparse.Namespace) -> pd.DataFrame:
    """Figures beside what they should be; medians over rounds, NaN where a part failed."""

    def score(name: str, task: str, method: str, n_classes: int) -> float:
        values = [
            record["scores"][name]
            for record in records
            if record["task"].startswith(task)
            and record["method"] == method
            and record["options"].get("n_classes") == n_classes
        ]
        return median(values) if values else float("nan")

    def cost(task: str, method: str, n_classes: int) -> float:
        return score("ms_per_class_step", task, method, n_classes)

    few = options.few
    many = options.many
    images = [f"images of {side} pixels" for side in options.sides]
    together = cost(images[0], TOGETHER, many)
    first = [r["seconds"] for r in records if r["task"] == FIRST_SAMPLE and r["seconds"]]
    figures = {
        f"{images[0]}: time of {many} classes, in that of one": (
            many * together / cost(images[0], TOGETHER, 1),
            "3 or less",
        ),
        f"{images[0]}: time of a loop, in that of {many} classes together": (
            cost(images[0], LOOP, few) / together,
            "33 or more",
        ),
        f"tables: time of a loop, in that of {few} classes together": (
            cost("tables", LOOP, few) / cost("tables", TOGETHER, few),
            "8 or more",
        ),
        f"{images[-1]}: share of the matrix peak": (
            score("share_of_peak", images[-1], TOGETHER, many),
            "0.3 or more",
        ),
        f"{FIRST_SAMPLE}: seconds": (first[0] if first else float("nan"), "60 or less"),
    }
    table = pd.DataFrame(figures, index=["found", "wanted"]).T.rename_axis("figure")
    return table.assign(found=[f"{value:.2f}" for value in table["found"]])


def main() -> None:
    """Measure, write down and show."""
    line = CommandLine(__doc__, __file__)
    add = line.parser.add_argument
    add("--tests", nargs="+", default=["tests"], help="where tests are (tests)")
    add("--sides", type=int, nargs="+", default=[32, 64], help="of images, in pixels (32 64)")
    add("--many", type=int, default=100, help="classes of a large game (100)")
    add("--few", type=int, default=10, help="classes of a small game and of loops (10)")
    add("--steps", type=int, default=100, help="of the trainings that are timed (100)")
    add("--rounds", type=int, default=3, help="of their timing (3)")
    add("--fit-steps", default="auto", help="of the model that draws the first sample (auto)")
    smoke = {"tests": ["tests/trainers/test_device.py"], "sides": [8], "many": 3, "few": 2}
    smoke |= {"steps": 2, "rounds": 1, "fit_steps": "2"}
    options, results = line.parse(smoke)
    device = default_device()
    if device.type != "cuda" and not options.smoke:
        print("There is no CUDA here: nothing is run. --smoke shows on the CPU what would be.")
        return
    part = Part(results, device, time.monotonic() + SECONDS)
    n_before = len(results.records)
    part.attempt(TESTS, lambda: run_tests(part, options.tests))
    for game in ("images", "tables"):
        part.attempt(game, lambda game=game: time_training(part, game, options))
    part.attempt(FIRST_SAMPLE, lambda: time_first_sample(part, options.fit_steps))
    print(f"\n{device_name(device)}, torch {torch.__version__}\n")
    print(markdown(summary(results.records[n_before:], options)))
    sys.exit(f"failed: {', '.join(part.failed)}" if part.failed else 0)


if __name__ == "__main__":
    main()
