"""Writers that are killed leave a whole file; of two at the same time one is told."""

import os
import re
import signal
import time
from multiprocessing import get_context

import numpy as np
import pandas as pd
import pytest
import torch

from ganaug import SampleBank, TableGAN, load
from ganaug.cli import main
from ganaug.storage.atomic import atomic_write
from ganaug.trainers.checkpoint import Checkpoint
from ganaug.training.early_stopping import StoppingState
from ganaug.training.loop import GameState
from ganaug.training.streams import StreamsState

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="processes cannot be forked"),
    # classes of few rows are meant, so that training is quick
    pytest.mark.filterwarnings("ignore::ganaug.SmallClassWarning"),
]
ROWS = np.random.default_rng(0).normal(size=(40, 3))
MEANWHILE = "was written by another process meanwhile|was replaced meanwhile|exists; pass overwrite"


@pytest.fixture(scope="module")
def gan():
    return TableGAN(n_steps=0, random_state=0).fit(ROWS, np.repeat(["x", "y"], 20))


class Gated:
    """Samples, or a model, that are there once both writers have begun."""

    def __init__(self, number, gate):
        self.X, self.gate = np.full((50, 3), float(number)), gate

    def __array__(self, *_, **__):
        self.gate.wait()
        return self.X

    def __len__(self):
        return len(self.X)

    def sample(self, counts):
        self.gate.wait()
        return self.X, np.zeros(50, dtype=int)


class Over:
    """A game that is over."""

    over = True

    def __init__(self, number):
        self.number = number

    def state(self):
        streams, stopping = StreamsState([], []), StoppingState([], 0, [])
        return GameState(self.number, True, torch.zeros(1), [], streams, stopping)


# Of two processes each begins by the first, and goes on when both have: path, number, gate.
def append(path, number, gate):
    bank = SampleBank(path)
    gate.wait()
    bank.append(np.full((50, 3), float(number)), np.zeros(50, int))


def write_arrays(path, number, gate, overwrite=True):
    SampleBank.from_arrays(path, Gated(number, gate), np.zeros(50, int), overwrite=overwrite)


def create(path, number, gate, overwrite=True):
    SampleBank.create(path, Gated(number, gate), {0: 50}, overwrite=overwrite)


def save(path, number, gate, overwrite=True):
    model = TableGAN(n_steps=0, random_state=number).fit(ROWS)
    gate.wait()
    if not overwrite:
        return model.save(path)
    # as ``ganaug train`` does
    with atomic_write(path) as unfinished:
        gate.wait()
        return model.save(unfinished, overwrite=True)


def begin(path, number, gate):
    kept = Checkpoint(path)
    gate.wait()
    kept.start({"number": str(number)})


def keep(path, number, gate):
    kept = Checkpoint(path)
    kept.start({"number": "0"})
    gate.wait()
    kept.save((number,), Over(number))


def new(writer):
    return lambda path, number, gate: writer(path, number, gate, overwrite=False)


# What is there before, the writer, and what the file then says who has won.
def number_in_bank(path):
    with SampleBank(path, "memory") as bank:
        return set(np.unique(bank[:])) - {0.0}


def number_in_model(path):
    return {load(path).random_state}


PAIRS = {
    "append": (True, append, number_in_bank),
    "from_arrays": (True, write_arrays, number_in_bank),
    "from_arrays, new": (False, new(write_arrays), number_in_bank),
    "create": (True, create, number_in_bank),
    "create, new": (False, new(create), number_in_bank),
    "save": (True, save, number_in_model),
    "save, new": (False, new(save), number_in_model),
    "begin": (False, begin, lambda path: {int(Checkpoint(path).fingerprint["number"])}),
    "keep": (None, keep, lambda path: {steps for steps, _ in Checkpoint(path).progress}),
}


def check_pair(name, folder, told_by_children):
    """Let two processes write a file; one wins, the other is told, and nothing else is left."""
    there, writer, winner_of = PAIRS[name]
    path, gate = folder / "file.h5", get_context("fork").Barrier(2, timeout=60)
    path.unlink(missing_ok=True)
    if there:
        SampleBank.from_arrays(path, np.zeros((3000, 3)), np.zeros(3000, int))
    elif there is None:
        Checkpoint(path).start({"number": "0"})
    told = told_by_children(
        *(lambda number=number: writer(path, number, gate) for number in (1, 2))
    )
    assert "done" in told
    winner = 1 + told.index("done")
    assert winner_of(path) == {winner}
    assert re.search(MEANWHILE, told[2 - winner]), told
    assert os.listdir(folder) == [path.name]


@pytest.mark.parametrize("name", PAIRS)
def test_of_two_writers_one_wins_and_the_other_is_told(name, tmp_path, told_by_children):
    check_pair(name, tmp_path, told_by_children)


@pytest.mark.slow
def test_of_a_hundred_pairs_of_writers_each_one_is_told(tmp_path, told_by_children):
    names = [list(PAIRS)[number % len(PAIRS)] for number in range(108)]
    for name in names:
        check_pair(name, tmp_path, told_by_children)
    print(f"{len(names)} pairs of writers: in each one won, and the other was told")  # noqa: T201


def run(*words):
    """A command, in a process of its own that tells nobody."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    if main([str(word) for word in words]):
        raise RuntimeError("the command failed")


def whole_bank(path):
    with SampleBank(path) as bank:
        bank.verify()
        return np.isfinite(bank[:]).all()


def whole_checkpoint(path):
    return Checkpoint(path).fingerprint == {"model": "any"}


def keep_anew(path):
    kept = Checkpoint(path)
    kept.start({"model": "any"})
    kept.save(("one",), Over(3))


# Writers of "out...", and what is true of a whole file of theirs.
KILLED = {
    "save.h5": (lambda p, gan: gan.save(p, overwrite=True), lambda p: load(p).sample(1)),
    "arrays.h5": (
        lambda p, gan: SampleBank.from_arrays(p, ROWS, np.zeros(40), overwrite=True),
        whole_bank,
    ),
    "create.h5": (
        lambda p, gan: SampleBank.create(p, gan, {"x": 300}, batch_size=50, overwrite=True),
        whole_bank,
    ),
    "append.h5": (
        lambda p, gan: (
            SampleBank(p).append(ROWS, np.zeros(40))
            if p.exists()
            else SampleBank.from_arrays(p, ROWS, np.zeros(40))
        ),
        whole_bank,
    ),
    "checkpoint.h5": (lambda p, gan: keep_anew(p), whole_checkpoint),
    "sample.h5": (
        lambda p, gan: run("sample", p.with_name("gan.h5"), "-n", 200, "-o", p, "--overwrite"),
        whole_bank,
    ),
    "sample.csv": (
        lambda p, gan: run("sample", p.with_name("gan.h5"), "-n", 200, "-o", p, "--overwrite"),
        lambda p: len(pd.read_csv(p)) == 400,
    ),
    "augment.csv": (
        lambda p, gan: run(
            "augment",
            p.with_name("table.csv"),
            "--target",
            "kind",
            "--steps",
            2,
            "-o",
            p,
            "--overwrite",
        ),
        lambda p: len(pd.read_csv(p)) == 60,
    ),
    "page.html": (
        lambda p, gan: write_page(p),
        lambda p: p.read_text(encoding="utf-8").endswith("</html>"),
    ),
}


def write_page(path):
    with atomic_write(path) as unfinished, unfinished.open("w", encoding="utf-8") as page:
        for _ in range(200):
            page.write("<p>" * 2000)
        page.write("</html>")


def killed_on_the_way(deed, rng, longest):
    """Fork, have the child do a deed over and over, and kill it at a random moment."""
    child = os.fork()
    if child == 0:
        try:
            while True:
                deed()
        finally:
            os._exit(1)
    time.sleep(rng.uniform(0, longest))
    os.kill(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1]


def check_kills(name, n_kills, folder, gan):
    """Kill a writer so many times; what is there is whole, and the next one clears up."""
    writer, is_whole = KILLED[name]
    gan.save(folder / "gan.h5", overwrite=True)
    table = pd.DataFrame({"size": range(40), "kind": ["x"] * 30 + ["y"] * 10})
    table.to_csv(folder / "table.csv", index=False)
    path, rng = folder / name, np.random.default_rng(0)
    start = time.perf_counter()
    forked(lambda: writer(path, gan))
    longest = 2 * (time.perf_counter() - start)
    for _ in range(n_kills):
        status = killed_on_the_way(lambda: writer(path, gan), rng, longest)
        assert os.WIFSIGNALED(status), "it ended by itself"
        assert is_whole(path)
    forked(lambda: writer(path, gan))
    assert is_whole(path)
    assert sorted(os.listdir(folder)) == sorted(["gan.h5", "table.csv", name])


def forked(deed):
    child = os.fork()
    if child == 0:
        try:
            deed()
            os._exit(0)
        finally:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == 0


@pytest.mark.medium
@pytest.mark.parametrize("name", KILLED)
def test_a_killed_writer_leaves_a_whole_file_and_the_next_one_clears_up(name, tmp_path, gan):
    check_kills(name, 2, tmp_path, gan)


@pytest.mark.slow
def test_three_hundred_killed_writers_leave_whole_files(tmp_path, gan):
    for name in KILLED:
        folder = tmp_path / name.replace(".", "-")
        folder.mkdir()
        check_kills(name, 34, folder, gan)
    print(f"{34 * len(KILLED)} kills of {len(KILLED)} writers: every file was whole")  # noqa: T201
