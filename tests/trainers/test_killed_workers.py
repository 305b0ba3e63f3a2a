"""Ten times one of two processes is killed: training ends soon, and goes on from a whole file."""

import json
import os
import signal
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from joblib import parallel_config
from sklearn.base import clone

from ganaug import TableGAN
from ganaug.trainers.checkpoint import Checkpoint

pytestmark = pytest.mark.slow

# As many small classes as make four games, two for each process.
X = np.random.default_rng(0).standard_normal((66 * 12, 3))
Y = np.repeat(np.arange(66), 12)
GAN = TableGAN(n_steps=40, random_state=0)

N_RUNS = 10

# In which the process that is left has to end.
MAX_SECONDS = 60


@pytest.fixture(scope="module")
def expected():
    """Samples of a model that was trained in one go."""
    return clone(GAN).fit(X, Y).sample(99)[0]


def workers_of_loky():
    """Processes that loky has started for this one."""
    pids = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == os.getpid() and b"LokyProcess" in (folder / "cmdline").read_bytes():
                pids.append(int(folder.name))
        except OSError:
            # it has just ended
            continue
    return sorted(pids)


def kill_after(seconds, has_begun, victims):
    """Kill the last of some processes, so long after a beginning; this one has a minute then."""

    def kill():
        while not has_begun():
            time.sleep(0.005)
        time.sleep(seconds)
        # ends this process
        signal.alarm(MAX_SECONDS)
        for pid in victims()[-1:]:
            os.kill(pid, signal.SIGKILL)

    threading.Thread(target=kill, daemon=True).start()


def moment_of(has_begun):
    """List that receives the moment of a beginning."""
    moments = []

    def watch():
        while not has_begun():
            time.sleep(0.005)
        moments.append(time.monotonic())

    threading.Thread(target=watch, daemon=True).start()
    return moments


def fit(path):
    """Fit a model; return the seconds that this took, and the error that ended it."""
    start = time.monotonic()
    error = ""
    try:
        clone(GAN).fit(X, Y, checkpoint=path)
    except RuntimeError as raised:
        error = str(raised)
    return time.monotonic() - start, error


def n_steps_kept(path, expected):
    """Steps in a checkpoint, which is whole, and leads to the model of one go."""
    n_steps = sum(n_done for n_done, _ in Checkpoint(path).progress)
    again = clone(GAN).fit(X, Y, checkpoint=path)
    assert np.array_equal(again.sample(99)[0], expected)
    # what the killed one has begun to write is gone too
    assert os.listdir(path.parent) == [path.name]
    return n_steps


def moments(seconds):
    """Moments at which processes are killed, spread over a training that takes so long."""
    return seconds * (np.arange(N_RUNS) + 0.5) / N_RUNS


def test_training_in_jobs_outlives_its_workers(told_by_children, tmp_path, expected):
    def run(name, seconds=None):
        folder = tmp_path / name
        folder.mkdir()

        def fit_in_jobs():
            if seconds is not None:
                kill_after(seconds, workers_of_loky, workers_of_loky)
            with parallel_config("loky", n_jobs=2):
                told = fit(folder / "run.h5")
            (tmp_path / "told").write_text(json.dumps(told))

        assert told_by_children(fit_in_jobs) == ["done"]
        return json.loads((tmp_path / "told").read_text())

    seconds, error = run("undisturbed")
    assert error == ""
    errors = []
    kept = []
    for number, moment in enumerate(moments(seconds)):
        errors.append(run(f"{number}", moment)[1])
        kept.append(n_steps_kept(tmp_path / f"{number}" / "run.h5", expected))
        assert errors[-1] == "" or "ended without a word before class" in errors[-1]
    # a last one may come too late
    assert sum(map(bool, errors)) >= N_RUNS - 2
    assert len(set(kept)) > 1


def test_ranks_outlive_one_another(on_ranks, tmp_path, expected, monkeypatch):
    # a state is written after every few steps, so that many are killed while they write
    monkeypatch.setattr("ganaug.trainers.checkpoint.SECONDS", 0.0)

    def run(name, victim=None, seconds=0.0):
        folder = tmp_path / name
        folder.mkdir()
        path = folder / "run.h5"

        def fit_as_rank(rank):
            if victim is not None:
                kill_after(seconds, path.exists, lambda: [os.getpid()] * (rank == victim))
            begun = moment_of(path.exists)
            _, error = fit(None if rank else path)
            return time.monotonic() - max(begun, default=0.0), error

        return on_ranks(fit_as_rank)

    (seconds, error), (_, other_error) = run("undisturbed")
    assert error == other_error == ""
    kept = []
    for number, moment in enumerate(moments(seconds)):
        victim = number % 2
        told = run(f"{number}", victim, moment)
        assert told[victim] == "ended by signal 9"
        assert "a rank was lost" in told[1 - victim][1]
        kept.append(n_steps_kept(tmp_path / f"{number}" / "run.h5", expected))
    assert len(set(kept)) > 1
