"""A fit that was broken off ends as if nothing had happened."""

import copy
import itertools
import os
import signal
import time

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from torch.utils.data import TensorDataset

from ganaug import ClassTranslator, ImageGAN, PairedTranslator, SuperResolver, TableGAN
from ganaug.cli import main
from ganaug.trainers import checkpoint
from ganaug.trainers.checkpoint import Checkpoint
from ganaug.training.step import TrainingStep

pytestmark = pytest.mark.filterwarnings(
    "ignore::ganaug.SmallClassWarning", "ignore::sklearn.exceptions.ConvergenceWarning"
)
DIGITS = load_digits(n_class=2)
IMAGES = {"X": DIGITS.images[:24], "y": DIGITS.target[:24]}
LARGE_IMAGES = {"X": IMAGES["X"].repeat(2, axis=1).repeat(2, axis=2), "y": IMAGES["y"]}
GUIDED = {"guides": IMAGES["X"] > 8, **IMAGES}
ROWS = {"X": DIGITS.data[:, 18:30], "y": np.zeros(len(DIGITS.target), dtype=int)}
# a class for every tier
ROWS["y"][:34] = np.repeat([1, 2, 3], [30, 3, 1])

MODELS = {
    "tiers of a table": (lambda: TableGAN(n_steps=12, random_state=0), ROWS),
    "shared layers": (lambda: images(), IMAGES),
    "classes alone": (lambda: images(sharing="none"), IMAGES),
    "pooled start": (lambda: images(sharing="pooled"), IMAGES),
    "a second try": (lambda: images(learning_rate=30.0), IMAGES),
    "between classes": (lambda: ClassTranslator(n_steps=12, guard=0, random_state=0), IMAGES),
    "of guides": (lambda: PairedTranslator(n_steps=12, random_state=0), GUIDED),
    "a cascade": (lambda: images(upscaler=SuperResolver(n_steps=12)), LARGE_IMAGES),
}


def images(**parameters):
    return ImageGAN(n_steps=12, capacity=0.3, random_state=0, **parameters)


@pytest.fixture
def always(monkeypatch):
    """Keep the state at every look."""
    monkeypatch.setattr(checkpoint, "SECONDS", 0.0)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run.h5"


def fit(name, path=None, **parameters):
    make, data = MODELS[name]
    return make().set_params(**parameters).fit(**data, checkpoint=path)


def broken_off(deed, path, n_steps):
    """Have a forked process begin a deed, and kill it once a game has done so many steps."""
    child = os.fork()
    if child == 0:
        try:
            deed()
        finally:
            os._exit(0)
    while not path.exists() or all(done < n_steps for done, _ in Checkpoint(path).progress):
        if os.waitpid(child, os.WNOHANG) != (0, 0):
            pytest.fail("it ended before it could be killed")
        time.sleep(0.003)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def same(one, other):
    """True where two models have the same history, and draw the same samples."""
    X, y = copy.deepcopy(one).sample(20)
    again, labels = other.sample(20)
    histories = [
        np.array_equal(figures, other.history_[label][name])
        for label, history in one.history_.items()
        for name, figures in history.items()
    ]
    return np.array_equal(X, again) and np.array_equal(y, labels) and all(histories)


# Others are killed at moments like these.
SLOW = ("a second try", "of guides", "pooled start")


@pytest.mark.medium
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name in SLOW)) for name in MODELS]
)
def test_a_killed_fit_ends_bit_by_bit_as_an_unbroken_one(name, path, always):
    whole = fit(name)
    # what goes on is the same for all; tables show that it may be broken off again
    for n_steps in (0, 5) if name == "tiers of a table" else (5,):
        broken_off(lambda: fit(name, path), path, n_steps)
    assert same(whole, fit(name, path))
    assert all(over for _, over in Checkpoint(path).progress)
    # and once more from what is over
    assert same(whole, fit(name, path))


@pytest.mark.slow
def test_fifty_fits_that_are_killed_at_random_end_bit_by_bit_as_unbroken_ones(tmp_path, always):
    rng, whole = np.random.default_rng(0), {name: fit(name) for name in MODELS}
    for number in range(50):
        name, path = list(MODELS)[number % len(MODELS)], tmp_path / f"{number}.h5"
        # killed somewhere between this look at the figures and the next
        broken_off(lambda name=name, path=path: fit(name, path), path, int(rng.integers(6)))
        assert same(whole[name], fit(name, path)), (number, name)


@pytest.mark.medium
def test_a_fit_that_is_not_seeded_goes_on_with_its_own_seeds(path, always):
    broken_off(lambda: fit("shared layers", path, random_state=None), path, 5)
    first = fit("shared layers", path, random_state=None)
    assert same(first, fit("shared layers", path, random_state=None))
    assert not same(first, fit("shared layers", random_state=None))


def test_a_data_set_that_is_thinned_by_chance_is_thinned_alike(path, always):
    data = TensorDataset(torch.from_numpy(ROWS["X"]), torch.from_numpy(ROWS["y"]))

    def fitted():
        return TableGAN(n_steps=12).fit_dataset(data, max_samples=100, checkpoint=path)

    broken_off(fitted, path, 5)
    assert same(fitted(), fitted())


@pytest.fixture
def interrupted(monkeypatch):
    """Do a deed that is interrupted, as by ctrl-C, once a state is kept."""
    keep = Checkpoint.save

    def keep_and_ring(self, name, game):
        keep(self, name, game)
        signal.raise_signal(signal.SIGINT)

    def interrupt(deed):
        with monkeypatch.context() as patched:
            patched.setattr(Checkpoint, "save", keep_and_ring)
            with pytest.raises(KeyboardInterrupt):
                deed()

    # a program that was started in the background ignores ctrl-C
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield interrupt
    signal.signal(signal.SIGINT, before)


def test_a_fit_goes_on_after_an_interrupt(path, always, interrupted):
    whole = fit("shared layers")
    interrupted(lambda: fit("shared layers", path))
    assert Checkpoint(path).progress == [(5, False)]
    assert same(whole, fit("shared layers", path))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_step_is_ended_and_kept(path, monkeypatch, number):
    whole = fit("shared layers")
    updates = TrainingStep._update_discriminator

    def interrupt(*args, **options):
        if next(steps) == 3:
            signal.raise_signal(number)
        return updates(*args, **options)

    steps = itertools.count()
    before = signal.signal(number, signal.default_int_handler)
    try:
        with monkeypatch.context() as patched:
            patched.setattr(TrainingStep, "_update_discriminator", interrupt)
            with pytest.raises(KeyboardInterrupt):
                fit("shared layers", path)
        assert signal.getsignal(number) is signal.default_int_handler
    finally:
        signal.signal(number, before)
    assert Checkpoint(path).progress == [(4, False)]
    assert same(whole, fit("shared layers", path))


@pytest.mark.parametrize("name", ["tiers of a table", "shared layers", "between classes"])
def test_a_fit_that_is_over_goes_on_for_more_steps(name, path):
    short = fit(name, path, n_steps=6)
    more = fit(name, path)
    assert max(n for n, _ in Checkpoint(path).progress) == 12
    assert more.n_steps_ == 12
    label = max(short.history_, key=lambda label: len(short.history_[label]["fool_rate"]))
    for figures, before in zip(
        more.history_[label].values(), short.history_[label].values(), strict=True
    ):
        assert np.array_equal(figures[: len(before)], before)
    # and is the same as often as it is asked for
    assert same(more, fit(name, path))


@pytest.mark.slow
def test_a_cascade_goes_on_in_either_of_its_games(path, always, interrupted):
    whole = fit("a cascade")
    while len(Checkpoint(path).progress) < 2:
        interrupted(lambda: fit("a cascade", path))
    assert Checkpoint(path).progress == [(12, True), (5, False)]
    assert same(whole, fit("a cascade", path))


@pytest.mark.slow
def test_a_cascade_of_one_class_keeps_games_of_equal_seeds_apart(path):
    upscaler = SuperResolver(n_steps=12, learning_rate=4e-3, random_state=0)
    alike = {"X": LARGE_IMAGES["X"], "y": np.zeros(24, dtype=int)}
    whole = images(upscaler=upscaler).fit(**alike)
    assert same(whole, images(upscaler=upscaler).fit(**alike, checkpoint=path))
    assert Checkpoint(path).progress == [(12, True), (12, True)]


@pytest.mark.medium
def test_threads_share_the_classes_as_they_did_at_first(path, always, interrupted):
    torch.set_num_threads(2)
    try:
        whole = fit("classes alone")
        interrupted(lambda: fit("classes alone", path))
    finally:
        torch.set_num_threads(1)
    assert any(done > 0 for done, _ in Checkpoint(path).progress)
    assert same(whole, fit("classes alone", path))


@pytest.mark.medium
def test_a_checkpoint_outlives_the_process_that_writes_it(path, killed):
    whole = fit("shared layers", path)
    rng = np.random.default_rng(0)
    for _ in range(5):
        kept = Checkpoint(path)
        killed(lambda kept=kept: kept._write(path), rng)
        assert Checkpoint(path).progress == [(12, True)]
    assert same(whole, fit("shared layers", path))


def test_a_fit_is_told_before_it_goes_on_where_another_has_written_meanwhile(path):
    Checkpoint(path).start({"model": "any"})
    first, second = Checkpoint(path), Checkpoint(path)
    first._write(path)
    with pytest.raises(FileExistsError, match="written by another process meanwhile"):
        second.start({"model": "any"})
    # one that is gone is nobody's
    path.unlink()
    second.start({"model": "any"})
    # and the first has only seen its own
    first._write(path)
    first._write(path)


def test_a_machine_of_many_cores_writes_checkpoints_that_others_read(path):
    before = torch.get_num_threads()
    torch.set_num_threads(300)
    try:
        whole = fit("tiers of a table", path)
    finally:
        torch.set_num_threads(before)
    assert same(whole, fit("tiers of a table", path))


def test_another_fit_does_not_go_on_from_it(path):
    fit("shared layers", path)
    before = path.read_bytes()
    for changed, difference in (
        ({"gamma": 0.7}, "gamma was 0.2 there and is 0.7 here"),
        ({"random_state": 1}, "random_state was 0 there and is 1 here"),
        ({"n_steps": 11}, "n_steps was 12 there and is 11 here"),
    ):
        with pytest.raises(ValueError, match=difference):
            fit("shared layers", path, **changed)
    with pytest.raises(ValueError, match="model was ImageGAN there and is TableGAN here"):
        fit("tiers of a table", path)
    with pytest.raises(ValueError, match="training data was"):
        images().fit(IMAGES["X"][:22], IMAGES["y"][:22], checkpoint=path)
    assert path.read_bytes() == before


def test_what_has_no_effect_on_training_may_differ(path):
    whole = fit("shared layers", path)
    assert same(whole, fit("shared layers", path, verbose=0, spread=1.0))


def test_translations_may_be_judged_otherwise(path):
    # guards of pixels are linear classifiers, which take no time
    judged = {"features": torch.nn.Flatten()}
    strict, lax = (fit("between classes", path, guard=guard, **judged) for guard in (0.9, 0.1))
    assert Checkpoint(path).progress == [(12, True)]
    assert strict.acceptance_ != lax.acceptance_


def test_other_files_are_not_written_over(path):
    model = fit("shared layers", n_steps=1)
    model.save(path)
    before = path.read_bytes()
    with pytest.raises(ValueError, match="is a ganaug model, not a ganaug checkpoint"):
        fit("shared layers", path)
    assert path.read_bytes() == before
    path.write_text("notes")
    with pytest.raises(ValueError, match="is not a file of ganaug"):
        fit("shared layers", path)


def test_where_nothing_can_be_written_nothing_is_trained(tmp_path):
    # that many steps would never end
    with pytest.raises(OSError, match="no-folder"):
        fit("shared layers", tmp_path / "no-folder" / "run.h5", n_steps=10**9)


def test_training_goes_on_where_the_disk_does_not(path, always, monkeypatch):
    whole = fit("shared layers")
    start = Checkpoint.start

    def start_and_lose_the_folder(self, fingerprint):
        start(self, fingerprint)
        path.unlink()
        path.mkdir()

    monkeypatch.setattr(Checkpoint, "start", start_and_lose_the_folder)
    with pytest.warns(RuntimeWarning, match="without a new checkpoint: .* is a folder"):
        assert same(whole, fit("shared layers", path))


def test_the_command_line_goes_on_and_tells(tmp_path, capsys):
    lines = ["size,kind", *(f"{i % 17},{'ab'[i % 2]}" for i in range(40))]
    (tmp_path / "table.csv").write_text("\n".join(lines))
    words = ["train", str(tmp_path / "table.csv"), "--target", "kind", "--steps", "10"]
    for output in ("a.gan", "b.gan"):
        assert main([*words, "-o", f"{tmp_path}/{output}", "--checkpoint", f"{tmp_path}/r.h5"]) == 0
    assert (tmp_path / "a.gan").read_bytes() == (tmp_path / "b.gan").read_bytes()
    capsys.readouterr()
    assert main(["info", f"{tmp_path}/r.h5"]) == 0
    told = capsys.readouterr().out
    assert "ganaug checkpoint" in told
    assert "10 steps, over" in told
    assert "TableGAN" in told
