"""Speed that two processes give to the training of 20 independent classes, on each engine.

``n_jobs=2`` on joblib's backends, and two ranks of ``torchrun``, train what one process trains:
tables, and images of which each class has networks of its own. Workers are there, and have trained
before, when the clock starts; so are ranks. Only Ray's are not: its backend starts them with every
fit, which costs each several seconds for importing torch, however long the fit is. ``equal`` is 1
where all networks and histories are those of one process bit by bit. ``cpu_seconds`` is the CPU
time of the process that calls ``fit``: what no worker can take from it. Engines that are not
installed are said, and left out. Methods take turns; leave the machine idle.
"""

import argparse
import hashlib
import importlib.util
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from joblib import parallel_config
from joblib.externals.loky import get_reusable_executor

from benchmarks.common.command_line import CommandLine
from benchmarks.common.devices import device_name
from benchmarks.common.markdown import markdown, mean_table
from benchmarks.common.results import Results, as_table
from ganaug import ImageGAN, TableGAN

ROOT = Path(__file__).parent.parent.parent
N_CLASSES = 20
N_JOBS = 2
ONE_PROCESS = "one process"
TORCHRUN = "torchrun"
TABLES = "20 classes of a table of 64 columns"
IMAGES = "20 classes of images of 28 pixels"


@dataclass(frozen=True)
class Fit:
    """Cost of a fit, and the digest of its model.

    Attributes
    ----------
    seconds : float
        Wall time.
    cpu_seconds : float
        CPU time of the calling process.
    digest : str
        Digest of all networks and histories.
    """

    seconds: float
    cpu_seconds: float
    digest: str


def classes_of(task: str) -> tuple[np.ndarray, np.ndarray]:
    """40 rows or 30 images of each class, and their classes."""
    rng = np.random.default_rng(0)
    if task == TABLES:
        y = np.repeat(np.arange(N_CLASSES), 40)
        return rng.standard_normal((len(y), 64)) + rng.standard_normal((N_CLASSES, 64))[y], y
    y = np.repeat(np.arange(N_CLASSES), 30)
    coarse = (rng.random((N_CLASSES, 7, 7))[y] + rng.random((len(y), 7, 7))) / 2
    return np.kron(coarse, np.ones((4, 4))), y


def fit_model(task: str, n_steps: int, n_jobs: int | None) -> Fit:
    """Fit a model to all classes."""
    X, y = classes_of(task)
    common: dict[str, Any] = {"n_steps": n_steps, "n_jobs": n_jobs, "device": "cpu"}
    gan: Any = TableGAN(random_state=0, **common)
    if task == IMAGES:
        gan = ImageGAN(sharing="none", augment="symbol", random_state=0, **common)
    start = time.perf_counter()
    cpu_start = time.process_time()
    gan.fit(X, y)
    cpu_seconds = time.process_time() - cpu_start
    return Fit(time.perf_counter() - start, cpu_seconds, digest_of(gan))


def digest_of(gan: Any) -> str:
    """SHA-256 of all networks and histories of a model."""
    sha = hashlib.sha256()
    for label in gan.classes_.tolist():
        for network in (gan.generators_[label], gan.discriminators_[label]):
            for name, tensor in network.state_dict().items():
                sha.update(name.encode() + tensor.numpy().tobytes())
        for name, values in gan.history_[label].items():
            sha.update(name.encode() + values.tobytes())
    return sha.hexdigest()


@contextmanager
def joblib_backend(name: str) -> Iterator[None]:
    """Context of a backend of joblib that needs no cluster."""
    with parallel_config(name, n_jobs=N_JOBS):
        yield
    if name == "loky":
        get_reusable_executor().shutdown()


@contextmanager
def dask_backend(name: str) -> Iterator[None]:
    """Context of a Dask cluster of two workers on this machine."""
    import dask
    from distributed import Client, LocalCluster

    # by default its workers give memory back at every step
    kept = {"distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": None}
    workers = {"n_workers": N_JOBS, "threads_per_worker": 1, "dashboard_address": None}
    kept_memory = dask.config.set(kept)
    with kept_memory, LocalCluster(**workers) as cluster, Client(cluster), parallel_config(name):
        yield


@contextmanager
def ray_backend(name: str) -> Iterator[None]:
    """Context of a Ray cluster of two CPUs on this machine."""
    import ray
    from ray.util.joblib import register_ray

    ray.init(num_cpus=N_JOBS, include_dashboard=False, log_to_driver=False)
    register_ray()
    try:
        with parallel_config(name, n_jobs=N_JOBS):
            yield
    finally:
        ray.shutdown()


# Engines, the package that each needs, and its context.
BACKENDS: Mapping[str, tuple[str, Any]] = {
    "loky": ("joblib", joblib_backend),
    "multiprocessing": ("joblib", joblib_backend),
    "dask": ("distributed", dask_backend),
    "ray": ("ray", ray_backend),
}


def fit_on_ranks(task: str, n_steps: int) -> Fit:
    """Fit a model on two ranks of ``torchrun``; seconds and CPU time are those of the first."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "fit.json"
        launcher = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={N_JOBS}"]
        words = ["-m", "benchmarks.cost.parallel", "--rank-of", task, "--steps", str(n_steps)]
        words += ["--output", str(path)]
        done = subprocess.run(
            [sys.executable, *launcher, *words], cwd=ROOT, capture_output=True, text=True
        )
        if done.returncode:
            raise RuntimeError(done.stderr.strip()[-2000:])
        return Fit(**json.loads(path.read_text(encoding="utf-8")))


def run_as_rank(options: argparse.Namespace) -> None:
    """Fit as one of the ranks; the first writes what it took."""
    torch.distributed.init_process_group("gloo")
    fit_model(options.rank_of, 1, None)
    torch.distributed.barrier()
    found = fit_model(options.rank_of, options.steps, None)
    digests: list[Any] = [None] * torch.distributed.get_world_size()
    torch.distributed.all_gather_object(digests, found.digest)
    if len(set(digests)) > 1:
        raise RuntimeError("ranks have different models")
    if torch.distributed.get_rank() == 0:
        options.output.write_text(json.dumps(vars(found)), encoding="utf-8")
    torch.distributed.destroy_process_group()


def fit_on(method: str, task: str, n_steps: int) -> Fit:
    """Fit a model as a method does."""
    if method == ONE_PROCESS:
        fit_model(task, 1, None)
        return fit_model(task, n_steps, None)
    if method == TORCHRUN:
        return fit_on_ranks(task, n_steps)
    with BACKENDS[method][1](method):
        fit_model(task, 1, N_JOBS)
        return fit_model(task, n_steps, N_JOBS)


def measure(task: str, number: int, options: argparse.Namespace, results: Results) -> list[dict]:
    """Records of one round: of one process, then of each engine that is at hand."""
    n_steps = options.table_steps if task == TABLES else options.image_steps
    what = {"n_steps": n_steps, "n_jobs": N_JOBS}
    device = device_name(torch.device("cpu"))
    records = []
    alone: Fit | None = None
    for method in [ONE_PROCESS, *options.engines]:
        scores: dict[str, float] = {}
        notes = {}
        seconds = None
        try:
            found = fit_on(method, task, n_steps)
        except Exception as error:  # one engine that fails does not take the others with it
            notes = {"error": f"{type(error).__name__}: {error}"}
            print(f"{task}, {method}: {notes['error']}", file=sys.stderr, flush=True)
        else:
            alone = alone or found
            seconds = found.seconds
            scores = {
                "speedup": alone.seconds / found.seconds,
                "equal": float(found.digest == alone.digest),
                "cpu_seconds": found.cpu_seconds,
            }
        records.append(
            results.add(
                task,
                method,
                number,
                options=what,
                scores=scores,
                seconds=seconds,
                device=device,
                notes=notes,
            )
        )
    return records


def main() -> None:
    """Measure, write down and show."""
    line = CommandLine(__doc__, __file__)
    add = line.parser.add_argument
    engines = [*BACKENDS, TORCHRUN]
    add("--engines", nargs="*", choices=engines, default=engines, help="(all)")
    add("--tasks", nargs="+", choices=[TABLES, IMAGES], default=[TABLES, IMAGES], help="(both)")
    add("--table-steps", type=int, default=2000, help="of tables (2,000)")
    add("--image-steps", type=int, default=60, help="of images (60)")
    add("--rounds", type=int, default=3, help="turns of every engine (3)")
    add("--rank-of", help=argparse.SUPPRESS)
    add("--steps", type=int, help=argparse.SUPPRESS)
    smoke = {"table_steps": 2, "image_steps": 2, "rounds": 1, "engines": ["loky"]}
    options, results = line.parse(smoke | {"tasks": [TABLES]})
    torch.set_num_threads(1)
    if options.rank_of:
        run_as_rank(options)
        return
    needed = {name: package for name, (package, _) in BACKENDS.items() if name in options.engines}
    for name, package in needed.items():
        if importlib.util.find_spec(package) is None:
            print(f"{name} is left out: the package {package} is not installed.", flush=True)
            options.engines.remove(name)
    records = []
    for task in options.tasks:
        for number in range(options.rounds):
            records += measure(task, number, options, results)
    scores = ["seconds", "speedup", "equal", "cpu_seconds"]
    print(markdown(mean_table(as_table(records), scores)))


if __name__ == "__main__":
    main()
