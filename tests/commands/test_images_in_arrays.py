"""Commands on images in .npz files, as MedMNIST and Keras have them."""

import json

import h5py
import numpy as np
import pandas as pd
import pytest

from ganaug import ImageGAN, load
from ganaug.cli import main

N = 24


def run(*words):
    """Exit code of a command."""
    return main([*map(str, words)])


@pytest.fixture
def path(tmp_path):
    """File of images with labels in a column."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (N, 8, 8, 3), np.uint8)
    np.savez(tmp_path / "images.npz", train_images=images, train_labels=np.arange(N)[:, None] % 2)
    return tmp_path / "images.npz"


NAMES = ["--images", "train_images", "--target", "train_labels"]


def test_images_in_arrays_train_and_samples_go_into_arrays_that_train_again(path):
    model, drawn = path.with_name("gan.h5"), path.with_name("drawn.npz")
    assert run("train", path, *NAMES, "--steps", 0, "--augment", "photo", "-o", model) == 0
    gan = load(model)
    assert (type(gan).__name__, gan.augment) == ("ImageGAN", "photo")
    assert gan.class_counts_ == {0: N // 2, 1: N // 2}
    assert run("sample", model, "-n", 10, "-o", drawn) == 0
    with np.load(drawn) as arrays:
        assert (arrays["X"].shape, arrays["X"].dtype) == ((20, 8, 8, 3), np.uint8)
        assert np.bincount(arrays["y"]).tolist() == [10, 10]
    assert run("train", drawn, "--images", "X", "--steps", 0, "-o", model, "--overwrite") == 0


def test_labels_in_a_column_are_read_from_hdf5_too(path):
    with np.load(path) as arrays, h5py.File(path.with_name("images.h5"), "w") as file:
        file.update({name: arrays[name] for name in arrays})
    model = path.with_name("gan.h5")
    assert run("train", path.with_name("images.h5"), *NAMES, "--steps", 0, "-o", model) == 0
    assert load(model).class_counts_ == {0: N // 2, 1: N // 2}


def test_labels_of_text_in_objects_are_written_as_text(path):
    with np.load(path) as arrays:
        images = arrays["train_images"]
    kinds = pd.Series(["cat", "dog"] * (N // 2), dtype=object)
    ImageGAN(n_steps=0, random_state=0).fit(images, kinds).save(path.with_name("gan.h5"))
    assert run("sample", path.with_name("gan.h5"), "-n", 2, "-o", path.with_name("out.npz")) == 0
    with np.load(path.with_name("out.npz")) as arrays:
        assert arrays["y"].tolist() == ["cat", "cat", "dog", "dog"]


def test_lengths_are_of_sequences_alone_and_bytes_are_text(path):
    with np.load(path) as arrays:
        images = arrays["train_images"]
    np.savez(path, X=images, y=np.repeat([b"cat", b"dog"], N // 2), lengths=np.full(N, 3))
    assert run("train", path, "--images", "X", "--steps", 0, "-o", path.with_name("gan.h5")) == 0
    gan = load(path.with_name("gan.h5"))
    assert (gan.class_counts_, gan.sample(1)[0].shape) == ({"cat": 12, "dog": 12}, (1, 8, 8, 3))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "by --images NAME or --sequences NAME, such as X"),
        (["--images", "X"], "no array 'X'; it has ['train_images', 'train_labels']"),
        (["--images", "train_images", "--sequences", "train_images"], "--images is not for"),
        ([*NAMES, "--layout", "channels_first"], "--layout is for sequences"),
        ([*NAMES, "--size", "8"], "--size is not for an .npz file"),
        ([*NAMES, "--drop", "X"], "--drop is not for an .npz file"),
        (["--images", "train_images", "--target", "train_images"], "shape (24, 8, 8, 3)"),
    ],
    ids=lambda value: json.dumps(value)[:40],
)
def test_bad_names_and_options_are_told(path, capsys, words, message):
    assert run("train", path, *words, "-o", path.with_name("out")) == 2
    assert message in capsys.readouterr().err
    assert not path.with_name("out").exists()
