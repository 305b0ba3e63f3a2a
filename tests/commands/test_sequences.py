"""Sequences from the command line: a model in a file, samples of it, and what they look like."""

import h5py
import numpy as np
import pytest
from PIL import Image

from ganaug import SampleBank, SequenceGAN, load
from ganaug.cli import main

pytestmark = pytest.mark.filterwarnings("ignore::ganaug.SmallClassWarning")

N = 24


def run(*words):
    """Exit code of a command."""
    return main([str(word) for word in words])


def waves():
    """Waves (n, steps, channels) of two classes in turn, and their labels."""
    rng = np.random.default_rng(0)
    y = np.array(["slow", "fast"] * (N // 2))
    place = np.linspace(0, 6, 12)[:, None]
    pace = np.where(y == "slow", 1, 3)[:, None, None]
    return np.sin(pace * place + rng.uniform(0, 6, (N, 1, 2))), y


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Sequences in files of every kind, and a model of each."""
    folder = tmp_path_factory.mktemp("sequences")
    X, y = waves()
    np.savez(folder / "equal.npz", X=X, kind=y)
    np.savez(folder / "ragged.npz", X=X, y=y, lengths=8 + np.arange(N) % 5)
    with h5py.File(folder / "first.h5", "w") as file:
        file["waves"] = X.swapaxes(1, 2)
        file["y"] = np.arange(N) % 2
    sources = {
        "equal": ["equal.npz", "--sequences", "X", "--target", "kind", "--augment", "none"],
        "ragged": ["ragged.npz", "--sequences", "X"],
        "first": ["first.h5", "--sequences", "waves", "--layout", "channels_first"],
    }
    for name, (data, *options) in sources.items():
        words = ["train", folder / data, *options, "-o", folder / f"{name}.gan", "--steps", 1]
        assert run(*words) == 0
    return folder


def test_models_of_all_files_are_trained_and_kept(folder):
    equal, ragged, first = (load(folder / f"{name}.gan") for name in ("equal", "ragged", "first"))
    assert equal.class_counts_ == ragged.class_counts_ == {"fast": 12, "slow": 12}
    assert equal.augment is None
    assert ragged.sample(1)[0].dtype == object
    assert first.sample(1)[0].shape == (1, 2, 12)


def test_samples_go_into_arrays_that_train_again_banks_and_tables(folder, tmp_path, capsys):
    assert run("sample", folder / "equal.gan", "-n", 6, "-o", tmp_path / "out.npz") == 0
    with np.load(tmp_path / "out.npz") as arrays:
        assert arrays["X"].shape == (12, 12, 2)
        assert sorted(arrays["y"].tolist()) == ["fast"] * 6 + ["slow"] * 6
    assert run("sample", folder / "ragged.gan", "-n", 12, "-o", tmp_path / "ragged.npz") == 0
    words = [tmp_path / "ragged.npz", "--sequences", "X", "-o", tmp_path / "again.gan"]
    assert run("train", *words, "--steps", 0) == 0
    assert load(tmp_path / "again.gan").class_counts_ == {"fast": 12, "slow": 12}
    assert run("sample", folder / "first.gan", "-n", 3, "-o", tmp_path / "bank.h5") == 0
    assert SampleBank(tmp_path / "bank.h5").sample_shape == (2, 12)
    assert run("sample", folder / "equal.gan", "-n", 3, "-o", tmp_path / "out.csv") == 0
    assert "6 samples in" in capsys.readouterr().out


def test_sequences_without_a_class_are_named_by_their_label(folder, tmp_path):
    y = np.array(["slow", "fast", "unknown"] * 8)
    np.savez(tmp_path / "partly.npz", X=waves()[0], y=y)
    words = [tmp_path / "partly.npz", "--sequences", "X", "--unlabeled-label", "unknown"]
    assert run("train", *words, "--steps", 1, "-o", tmp_path / "gan.h5") == 0
    gan = load(tmp_path / "gan.h5")
    assert (gan.class_counts_, gan.unlabeled_label) == ({"fast": 8, "slow": 8}, "unknown")


def test_models_are_described_and_explored(folder, tmp_path, capsys):
    assert run("info", folder / "ragged.gan") == 0
    told = capsys.readouterr().out
    assert "SequenceGAN" in told
    assert "takes          sequences of up to" in told
    assert run("explore", folder / "ragged.gan", "-o", tmp_path / "out.png", "-n", 2) == 0
    with Image.open(tmp_path / "out.png") as picture:
        assert np.asarray(picture).std() > 10


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["train", "equal.npz", "-o", "out"], "--images NAME or --sequences NAME"),
        (["train", "equal.npz", "--sequences", "Z", "-o", "out"], "no array 'Z'"),
        (["train", "first.h5", "--layout", "channels_first", "-o", "out"], "--layout is for seq"),
        (["train", "equal.npz", "--sequences", "X", "--size", "8", "-o", "out"], "--size is not"),
        (
            ["train", "equal.npz", "--sequences", "X", "--augment", "photo", "-o", "out"],
            "--augment photo is for images",
        ),
        (
            ["train", "ragged.npz", "--sequences", "X", "--unlabeled-label", "none", "-o", "out"],
            "'none'",
        ),
        (
            ["report", "ragged.npz", "--sequences", "X", "--multiply", 2, "-o", "out.html"],
            "different lengths",
        ),
        (["sample", "ragged.gan", "-n", 2, "-o", "out.h5"], "differ in length"),
        (["sample", "equal.gan", "-n", 2, "-o", "out"], "of images and sequences also .npz"),
        (["explore", "equal.gan", "-o", "out.gif"], "films show an ImageGAN"),
    ],
)
def test_bad_input_is_named_and_nothing_is_written(folder, monkeypatch, capsys, words, message):
    monkeypatch.chdir(folder)
    assert run(*words) != 0
    assert message in capsys.readouterr().err
    assert not list(folder.glob("out*"))


@pytest.mark.slow
def test_a_report_draws_curves(folder, tmp_path, capsys):
    with np.load(folder / "equal.npz") as arrays:
        X, y = arrays["X"], arrays["kind"]
    X[::3, 2:4, 0] = np.nan
    np.savez(tmp_path / "gaps.npz", X=X[:20], y=y[:20])
    words = ["--sequences", "X", "--steps", 0, "--folds", 2, "--gate", "none", "--multiply", 2]
    page = tmp_path / "page.html"
    assert run("report", tmp_path / "gaps.npz", *words, "-o", page) == 0
    text = page.read_text()
    assert "window warping" in text
    assert "Training sequences, generated ones" in text
    assert "<svg" in text[text.index("Training sequences, generated ones") :]


def test_sequences_of_different_lengths_with_steps_last_fit_no_arrays(tmp_path, capsys):
    X = [np.zeros((2, 8 + number % 5)) + number for number in range(N)]
    gan = SequenceGAN(n_steps=0, layout="channels_first", random_state=0).fit(X)
    gan.save(tmp_path / "first.gan")
    # a single one would be taken for one of two steps
    assert run("sample", tmp_path / "first.gan", "-n", 1, "-o", tmp_path / "out.npz") == 2
    assert 'layout="channels_last"' in capsys.readouterr().err
    assert not (tmp_path / "out.npz").exists()
