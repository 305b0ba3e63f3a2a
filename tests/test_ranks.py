"""Processes of a ``torch.distributed`` group train one model, each its classes or batches."""

import os
import signal
import threading
import time

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits

from ganaug import ClassTranslator, ImageGAN, PairedTranslator, SuperResolver, TableGAN, load
from ganaug.parallel import results_in_order
from ganaug.ranks import n_ranks
from ganaug.trainers.checkpoint import Checkpoint

DIGITS = load_digits(n_class=5)
IMAGES = (DIGITS.images[:150], DIGITS.target[:150])
SMALL = ImageGAN(n_steps=2, capacity=0.2, random_state=0)
TABLES = TableGAN(n_steps=4, random_state=0)
ENLARGED = IMAGES[0][:60].repeat(2, axis=1).repeat(2, axis=2)

# As many small classes as make two games.
MANY = (np.random.default_rng(0).standard_normal((204, 3)), np.repeat(np.arange(17), 12))
LARGE = (np.random.default_rng(0).standard_normal((640, 3)), np.repeat([0, 1], 320))


def facts_of(gan, X, y):
    """Samples of a model that is fitted here, and its histories."""
    gan = clone(gan).fit(X, y)
    history = [values for label in gan.classes_ for values in gan.history_[label].values()]
    return [gan.sample(40)[0], *history]


INDEPENDENT = {
    "tables": (TABLES, *MANY),
    "images": (clone(SMALL).set_params(sharing="none"), *IMAGES),
    "one class": (TABLES, LARGE[0], np.zeros(640, dtype=int)),
    "without training": (clone(TABLES).set_params(n_steps=0), *MANY),
}


@pytest.mark.medium
@pytest.mark.parametrize("name", INDEPENDENT)
def test_independent_classes_come_out_bit_by_bit_as_of_one_process(on_ranks, name):
    given = INDEPENDENT[name]
    expected = facts_of(*given)
    for facts in on_ranks(lambda rank: facts_of(*given)):
        assert all(map(np.array_equal, facts, expected))


SHARED = {
    "tables": (TABLES, *LARGE),
    "batches of three": (clone(TABLES).set_params(batch_size=3), *LARGE),
    "batches of one": (clone(TABLES).set_params(batch_size=1), *LARGE),
    "images": (SMALL, *IMAGES),
    "pooled start": (clone(SMALL).set_params(sharing="pooled"), *IMAGES),
    "cascade": (
        clone(SMALL).set_params(sharing="none", upscaler=SuperResolver(n_steps=2)),
        ENLARGED,
        IMAGES[1][:60],
    ),
    "translator": (ClassTranslator(n_steps=2, guard=0, capacity=0.2, random_state=0), *IMAGES),
}


@pytest.mark.medium
@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.slow if "start" in name else ()) for name in SHARED],
)
def test_a_game_of_all_classes_is_played_by_all_ranks_as_by_one_process(on_ranks, name):
    given = SHARED[name]
    expected = facts_of(*given)
    first, second = on_ranks(lambda rank: facts_of(*given))
    assert all(map(np.array_equal, first, second))
    for found, value in zip(first, expected, strict=True):
        assert np.allclose(found, value, rtol=1e-4, atol=1e-4)


@pytest.mark.slow
def test_guides_are_painted_on_all_ranks_as_in_one_process(on_ranks):
    painter = PairedTranslator(n_steps=2, capacity=0.2, random_state=0)
    images, y = IMAGES

    def painted(rank):
        return clone(painter).fit(images > 8, images, y).translate(images[:9] > 8, y[:9])

    first, second = on_ranks(painted)
    assert np.array_equal(first, second)
    assert np.allclose(first, painted(0), rtol=1e-4, atol=1e-4)


def upscaler(**parameters):
    """Upscaler that is fitted here, and images that it has enlarged."""
    resolver = SuperResolver(random_state=0, **parameters).fit(ENLARGED)
    return resolver.n_steps_, resolver.transform(IMAGES[0][:5])


def test_an_upscaler_is_trained_on_all_ranks_as_in_one_process(on_ranks):
    first, second = (images for _, images in on_ranks(lambda rank: upscaler(n_steps=2)))
    assert np.array_equal(first, second)
    assert np.allclose(first, upscaler(n_steps=2)[1], rtol=1e-4, atol=1e-4)


def test_the_callback_of_the_first_rank_ends_the_training_of_an_upscaler_on_all(on_ranks):
    def fit(rank):
        seen = []

        def watch(status):
            seen.append(status.step)
            return rank == 1 or status.step == 10

        return seen, *upscaler(n_steps=30, callback=watch)

    first, second = on_ranks(fit)
    assert first[0] == [5, 10]
    assert second[0] == []
    assert first[1] == second[1] == 10
    assert np.array_equal(first[2], second[2])


def test_what_a_callback_raises_ends_the_training_of_an_upscaler_on_all_ranks(on_ranks):
    def prune(status):
        raise LookupError("pruned")

    def fit(rank):
        with pytest.raises((LookupError, RuntimeError)) as error:
            upscaler(n_steps=30, callback=prune)
        return str(error.value)

    assert on_ranks(fit) == ["pruned", "rank 0 has failed: LookupError: pruned"]


@pytest.mark.parametrize(
    ("words", "differ"),
    [
        ("training data", lambda rank: (TABLES, MANY[0] + rank, MANY[1])),
        ("n_steps", lambda rank: (clone(TABLES).set_params(n_steps=3 + rank), *MANY)),
        (r"random_state \(give an int\)", lambda rank: (TableGAN(n_steps=1), *MANY)),
    ],
)
def test_ranks_that_were_given_different_things_all_say_what_differs(on_ranks, words, differ):
    def error(rank):
        with pytest.raises(ValueError, match=f"{words} differs: .* on rank 0, .* on rank 1"):
            facts_of(*differ(rank))
        return True

    assert on_ranks(error) == [True, True]


def test_what_ends_one_rank_with_an_error_ends_the_others_and_leaves_them_unfitted(on_ranks):
    def fit(rank):
        gan = clone(TABLES).set_params(n_steps=10**6)
        with pytest.raises((OSError, RuntimeError)) as error:
            gan.fit(*MANY, checkpoint=None if rank else "no such folder/run.h5")
        return str(error.value), hasattr(gan, "classes_")

    first, second = on_ranks(fit)
    assert first[0].startswith("no such folder/run.h5 cannot be written")
    assert second[0] == f"rank 0 has failed: OSError: {first[0]}"
    assert not first[1]
    assert not second[1]


@pytest.mark.medium
def test_what_the_first_rank_cannot_do_with_what_others_send_ends_all_with_its_reason(
    on_ranks, monkeypatch, tmp_path
):
    path = tmp_path / "run.h5"

    def replace_file():
        while not path.exists():
            time.sleep(0.01)
        path.unlink()
        path.write_bytes(b"of somebody else")

    def fit(rank):
        if rank:
            # sends a state after every few steps; the first one does not write meanwhile
            monkeypatch.setattr("ganaug.trainers.checkpoint.SECONDS", 0.0)
            threading.Thread(target=replace_file).start()
        # that the file cannot be written is a warning, and such are errors here
        with pytest.raises(RuntimeError, match="rank 0 has failed") as error:
            clone(TABLES).set_params(n_steps=10**4).fit(*MANY, checkpoint=None if rank else path)
        return str(error.value)

    first, second = on_ranks(fit)
    assert first == second
    assert first.startswith("rank 0 has failed: RuntimeWarning: Training goes on without a new")


@pytest.mark.medium
@pytest.mark.parametrize("data", [MANY, LARGE], ids=["own classes", "shared batches"])
def test_a_rank_that_is_killed_ends_the_others_soon(on_ranks, data):
    def fit(rank):
        gan = clone(TABLES).set_params(n_steps=10**6)
        if rank:
            signal.setitimer(signal.ITIMER_REAL, 1.0)
            signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
        start = time.monotonic()
        with pytest.raises(RuntimeError, match="a rank was lost"):
            gan.fit(*data)
        return time.monotonic() - start

    seconds, killed = on_ranks(fit)
    assert killed == "ended by signal 9"
    assert seconds < 60


@pytest.mark.medium
def test_the_first_rank_alone_writes_a_checkpoint_from_which_all_go_on(on_ranks, tmp_path):
    path = tmp_path / "run.h5"
    gan = clone(TABLES)
    longer = clone(TABLES).set_params(n_steps=6)

    def fit(rank):
        clone(gan).fit(*MANY, checkpoint=path if rank == 0 else None)
        return clone(longer).fit(*MANY, checkpoint=path if rank == 0 else None).sample(20)[0]

    first, second = on_ranks(fit)
    assert [done for _, done in Checkpoint(path).progress] == [True, True]
    assert {n_steps for n_steps, _ in Checkpoint(path).progress} == {6}
    assert np.array_equal(first, second)
    # as one process does that is interrupted there
    assert not np.array_equal(first, facts_of(gan, *MANY)[0][:20])


def test_the_first_rank_alone_saves_a_model(on_ranks, tmp_path):
    def fit(rank):
        gan = clone(TABLES).fit(*MANY)
        gan.save(tmp_path / f"gan{rank}.h5")
        return gan.sample(9)[0]

    first, second = on_ranks(fit)
    assert np.array_equal(first, second)
    assert not (tmp_path / "gan1.h5").exists()
    assert np.array_equal(load(tmp_path / "gan0.h5").sample(9)[0], first)


@pytest.mark.medium
def test_a_rank_that_does_not_come_is_waited_for_within_bounds(on_ranks, monkeypatch):
    monkeypatch.setattr("ganaug.ranks.SECONDS_TO_JOIN", 1.0)

    def fit(rank):
        if rank:
            time.sleep(3)
            return None
        with pytest.raises(RuntimeError, match="all have to call fit"):
            clone(TABLES).fit(*MANY)
        return True

    assert on_ranks(fit)[0] is True


def test_what_runs_in_jobs_trains_by_itself(on_ranks):
    def counts(rank):
        return [n_ranks(), *results_in_order([n_ranks], n_jobs=1)]

    assert on_ranks(counts) == [[2, 1], [2, 1]]
    assert n_ranks() == 1
