"""Settings and data that all tests share.

Nothing of ``ganaug`` is imported while this module loads: the hook that checks tensor shapes
rewrites modules at their first import.
"""

import gc
import os
import pickle
import signal
import time
from functools import partial

import jaxtyping
import numpy as np
import pandas as pd
import pytest
import torch
from threadpoolctl import threadpool_limits
from torch import distributed

# albumentations asks the package index for news at import
os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"
# tiny networks on a shared machine lose far more to oversubscription than threads can gain
torch.set_num_threads(1)
# a shell starts what runs in the background deaf to ctrl-C
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish():
    """Set what all tests share, those in docstrings and README too."""
    # one thread for the linear algebra of NumPy and SciPy as well
    threadpool_limits(1)
    # shapes of tensors are checked in the tests of what handles them: it takes a while
    jaxtyping.config.update("jaxtyping_disable", True)
    # spare the garbage collector what imports and collection have made: it stays to the end
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="module")
def checked_shapes():
    """Check the shapes of tensors in all tests of a module."""
    jaxtyping.config.update("jaxtyping_disable", False)
    yield
    jaxtyping.config.update("jaxtyping_disable", True)


@pytest.fixture(params=["cpu", "cuda"])
def device(request):
    """Every kind of device that training may run on."""
    if request.param == "cuda" and not torch.cuda.is_available():
        pytest.skip("no CUDA device here")
    return torch.device(request.param)


@pytest.fixture
def killed():
    """Have a forked process do something over and over, and kill it at a random moment."""

    def kill(deed, rng):
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            while True:
                deed()
                # once is done, and the next one is under way
                os.write(writer, b".")
        os.read(reader, 1)
        time.sleep(rng.uniform(0, 0.05))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(reader)
        os.close(writer)

    return kill


def _in_child(deed, writer):
    try:
        deed()
        told = "done"
    except BaseException as error:
        told = f"{type(error).__name__}: {error}"
    os.write(writer, told.encode()[:4000])
    os._exit(0)


@pytest.fixture
def told_by_children():
    """Have forked processes do something each at the same time; what they raise, or "done"."""

    def run(*deeds):
        children = []
        for deed in deeds:
            reader, writer = os.pipe()
            child = os.fork()
            if child == 0:
                _in_child(deed, writer)
            os.close(writer)
            children.append((child, reader))
        told = []
        for child, reader in children:
            with os.fdopen(reader) as words:
                told.append(words.read())
            status = os.waitpid(child, 0)[1]
            told[-1] = told[-1] or f"ended by signal {os.WTERMSIG(status)}"
        return told

    return run


@pytest.fixture
def on_ranks(told_by_children, tmp_path):
    """Have two forked ranks do something with their number; what it returned, or its error."""

    def as_rank(deed, rank):
        distributed.init_process_group(
            "gloo", init_method=f"file://{tmp_path}/store", rank=rank, world_size=2
        )
        # a rank that is done at once is not to be gone while the other still connects
        distributed.barrier()
        (tmp_path / f"result{rank}").write_bytes(pickle.dumps(deed(rank)))
        distributed.destroy_process_group()

    def run(deed):
        told = told_by_children(*(partial(as_rank, deed, rank) for rank in range(2)))
        (tmp_path / "store").unlink(missing_ok=True)
        return [
            pickle.loads((tmp_path / f"result{rank}").read_bytes()) if word == "done" else word
            for rank, word in enumerate(told)
        ]

    return run


@pytest.fixture
def told_within_bounds(told_by_children):
    """Do something in a forked process of which so much memory and time is left."""
    import resource

    def run(deed, mebibytes=700, seconds=5):
        def bounded():
            with open("/proc/self/statm") as sizes:
                pages = int(sizes.read().split()[0])
            most = pages * resource.getpagesize() + mebibytes * 2**20
            resource.setrlimit(resource.RLIMIT_AS, (most, most))
            # of work, whatever else the machine does; and of waiting, where it would be for ever
            signal.setitimer(signal.ITIMER_PROF, seconds)
            signal.alarm(60)
            deed()

        return told_by_children(bounded)[0]

    return run


@pytest.fixture
def normal():
    """Standard normal tensor of a shape and seed."""

    def draw(*shape, seed=0):
        return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))

    return draw


@pytest.fixture
def generators():
    """Torch generators of the given seeds, one a member."""

    def make(*seeds):
        return [torch.Generator().manual_seed(seed) for seed in seeds]

    return make


@pytest.fixture
def blobs():
    """Forty rows of class 0 around (0, 0, 0) and twenty of class 1 around (10, 10, 10)."""
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], [40, 20])
    return rng.normal(size=(60, 3)) + 10.0 * y[:, None], y


@pytest.fixture
def frame(blobs):
    """The blobs as a DataFrame with a float, an integer and a boolean column."""
    X, y = blobs
    columns = {"weight": X[:, 0], "rooms": X[:, 1].round().astype(int), "sunny": X[:, 2] > 5}
    return pd.DataFrame(columns), pd.Series(y, name="kind")


@pytest.fixture
def mixed(blobs):
    """The blobs as a DataFrame with columns of most types, and gaps in some of them."""
    X, y = blobs
    rng = np.random.default_rng(1)
    columns = {
        "weight": np.where(rng.random(60) < 0.2, np.nan, X[:, 0]),
        "rooms": pd.array(X[:, 1].round().astype(int), dtype="Int64"),
        "colour": rng.choice(np.array(["red", "blue", None], dtype=object), 60),
        "size": pd.Categorical(np.where(X[:, 2] > 5, "L", "S"), ["S", "M", "L"], ordered=True),
        "sunny": X[:, 2] > rng.normal(5, 5, 60),
        "built": pd.Timestamp("2001-02-03") + pd.to_timedelta(X[:, 0].round() * 7, unit="D"),
    }
    return pd.DataFrame(columns, index=[f"house {i}" for i in range(60)]), y


@pytest.fixture
def quick():
    """Model that trains in no time, and badly."""
    from ganaug import TableGAN

    return TableGAN(n_steps=3, random_state=0)


@pytest.fixture
def interrupt_at_step(monkeypatch):
    """Interrupt training, as ctrl-C does, once games have played so many steps together."""
    from ganaug.training.loop import Game

    play = Game.play

    def arrange(n_steps):
        n_played = 0

        def play_and_count(game, on_steps=lambda n_steps: None, *on_checkpoint):
            def count(n_new):
                nonlocal n_played
                on_steps(n_new)
                before = n_played
                n_played += n_new
                if before < n_steps <= n_played:
                    raise KeyboardInterrupt

            return play(game, count, *on_checkpoint)

        monkeypatch.setattr(Game, "play", play_and_count)

    return arrange


@pytest.fixture
def end_after():
    """Set an alarm that interrupts, as ctrl-C does, what would wait for ever."""
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    yield lambda seconds: signal.setitimer(signal.ITIMER_REAL, seconds)
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)
