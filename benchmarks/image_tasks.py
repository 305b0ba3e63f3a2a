"""The image settings: which data set, how few images a class, which classifier."""

from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
from sklearn.datasets import load_digits
from small_cnn import Images, Recipe


@dataclass(frozen=True)
class Setting:
    """A data set cut to few images a class.

    Attributes
    ----------
    source : "digits" (embedded in scikit-learn), or the name of an HDF5 file
    n_each : real training images of each class
    augment : what changes no label, in the words of ``ImageGAN(augment=)``
    noise : standard deviation of "copies + noise", on pixels of 0 to 255
    """

    source: str
    n_each: int
    augment: str
    noise: float
    recipe: Recipe

    @property
    def name(self) -> str:
        return f"{self.source}-{self.n_each}"


@dataclass(frozen=True)
class Task:
    """A setting with the training images of one seed."""

    setting: Setting
    seed: int
    train: Images
    test: Images


DIGITS = Recipe(widths=(32, 64), n_steps=400)
MNIST = Recipe(widths=(32, 64), n_steps=600)
CIFAR = Recipe(widths=(32, 64, 128), n_steps=700)

SETTINGS = {
    setting.name: setting
    for setting in (
        Setting("digits", 20, "symbol", 16.0, DIGITS),
        Setting("mnist", 20, "symbol", 32.0, MNIST),
        Setting("mnist", 50, "symbol", 32.0, MNIST),
        Setting("cifar10", 50, "photo", 8.0, CIFAR),
        Setting("cifar10", 200, "photo", 8.0, CIFAR),
    )
}


def draw_task(setting: Setting, seed: int, folder: Path | None) -> Task:
    """Draw ``n_each`` training images of each class; test on the whole test part."""
    rng = np.random.default_rng(seed)
    if setting.source == "digits":
        train, test = digits_parts(setting.n_each, rng)
    else:
        train, test = file_parts(folder / f"{setting.source}.h5", setting.n_each, rng)
    return Task(setting, seed, train, test)


def digits_parts(n_each: int, rng: np.random.Generator) -> tuple[Images, Images]:
    """scikit-learn's digits, their 17 grey levels spread over 0 to 255; the rest is the test."""
    X, y = load_digits(return_X_y=True)
    images = Images((X.reshape(-1, 8, 8) * (255 / 16)).round().astype(np.uint8), y)
    rows = few_rows(y, n_each, rng)
    return images[rows], images[np.setdiff1d(np.arange(len(y)), rows)]


def file_parts(path: Path, n_each: int, rng: np.random.Generator) -> tuple[Images, Images]:
    """Groups "train" and "test" of an HDF5 file, each with images ``X`` and labels ``y``."""
    with h5py.File(path) as file:
        train, test = (Images(file[part]["X"][:], file[part]["y"][:]) for part in ("train", "test"))
    return train[few_rows(train.y, n_each, rng)], test


def few_rows(y: np.ndarray, n_each: int, rng: np.random.Generator) -> np.ndarray:
    """``n_each`` random rows of every class."""
    return np.concatenate(
        [rng.choice(np.flatnonzero(y == label), n_each, replace=False) for label in np.unique(y)]
    )
