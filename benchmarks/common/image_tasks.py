"""Data sets of images cut to few of each class, and the classifier of each."""

from dataclasses import dataclass, replace
from pathlib import Path

import h5py
import numpy as np
from sklearn.datasets import load_digits, load_sample_images

from benchmarks.common.small_cnn import Images, Recipe


@dataclass(frozen=True)
class Setting:
    """A data set cut to few images a class.

    Attributes
    ----------
    source : str
        "digits" (bundled with scikit-learn), or the name of an HDF5 file.
    n_each : int
        Real training images of each class.
    augment : str
        What changes no label, in the words of ``ImageGAN(augment=)``.
    noise : float
        Standard deviation of "copies + noise", on pixels of 0 to 255.
    recipe : Recipe
        The classifier and its training.
    n_min : int or None
        Images of the smallest class where classes have a long tail: their sizes fall from
        ``n_each`` by equal ratios, in an order of the classes that every seed draws. None
        where all classes are of one size.
    halves : bool
        Whether half of the classes hold ``n_min`` instead, and the others ``n_each``.
    """

    source: str
    n_each: int
    augment: str
    noise: float
    recipe: Recipe
    n_min: int | None = None
    halves: bool = False

    @property
    def name(self) -> str:
        """Name of the setting, as results call the task."""
        tail = "" if self.n_min is None else f"-{self.n_min}"
        return f"{self.source}-{self.n_each}{tail}{'-halves' if self.halves else ''}"


@dataclass(frozen=True, eq=False)
class Task:
    """A setting with the training images of one seed; no two are equal, so that they hash."""

    setting: Setting
    seed: int
    train: Images
    test: Images


# What changes no label in each source.
AUGMENT = {"digits": "symbol", "mnist": "symbol", "cifar10": "photo"}

DIGITS = Recipe(widths=(32, 64), n_steps=400)
MNIST = Recipe(widths=(32, 64, 128), n_steps=500)
CIFAR = Recipe(widths=(32, 64, 128), n_steps=800, learning_rate=0.01, weight_decay=0.2)

SETTINGS = {
    setting.name: setting
    for setting in (
        Setting("digits", 10, "symbol", 32.0, DIGITS),
        Setting("digits", 20, "symbol", 32.0, DIGITS),
        Setting("mnist", 10, "symbol", 64.0, MNIST),
        Setting("mnist", 20, "symbol", 64.0, MNIST),
        Setting("mnist", 50, "symbol", 64.0, MNIST),
        Setting("mnist", 200, "symbol", 64.0, MNIST, n_min=10),
        Setting("cifar10", 50, "photo", 8.0, CIFAR),
        Setting("cifar10", 200, "photo", 8.0, CIFAR),
        Setting("cifar10", 200, "photo", 8.0, CIFAR, n_min=20),
        Setting("mnist", 200, "symbol", 64.0, MNIST, n_min=20, halves=True),
        Setting("cifar10", 200, "photo", 8.0, CIFAR, n_min=20, halves=True),
    )
}

# Of bundled images, with hardly any training of the classifier.
SMOKE = Setting(
    "digits", 20, "symbol", 32.0, replace(DIGITS, widths=(4,), n_steps=2), n_min=10, halves=True
)


def draw_task(setting: Setting, seed: int, folder: Path | None) -> Task:
    """Draw the training images of one seed."""
    train, test = draw_parts(setting.source, setting.n_each, seed, folder)
    if setting.n_min is not None:
        rng = np.random.default_rng(1000 + seed)
        train = train[long_tail(train.y, setting.n_min, setting.halves, rng)]
    return Task(setting, seed, train, test)


def long_tail(y: np.ndarray, n_min: int, halves: bool, rng: np.random.Generator) -> np.ndarray:
    """Rows of classes of equal size, cut to sizes that fall by equal ratios, or in one step."""
    labels, sizes = np.unique(y, return_counts=True)
    ranks = rng.permutation(len(labels)) / (len(labels) - 1)
    ranks = ranks.round() if halves else ranks
    kept = np.round(sizes * (n_min / sizes) ** ranks).astype(int)
    return np.concatenate(
        [np.flatnonzero(y == label)[:n] for label, n in zip(labels, kept, strict=True)]
    )


def read_parts(source: str, folder: Path | None) -> tuple[Images, Images]:
    """Whole training and test parts.

    Of scikit-learn's digits these are a thousand and the rest; of an HDF5 file the groups "train"
    and "test", each with images ``X`` and labels ``y``.
    """
    if source == "digits":
        digits = all_digits()
        return digits[np.arange(1000)], digits[np.arange(1000, len(digits.y))]
    with h5py.File(folder / f"{source}.h5") as file:
        train, test = (Images(file[part]["X"][:], file[part]["y"][:]) for part in ("train", "test"))
    return train, test


def draw_parts(source: str, n_each: int, seed: int, folder: Path | None) -> tuple[Images, Images]:
    """``n_each`` random training images of each class, and the whole test part."""
    rng = np.random.default_rng(seed)
    if source == "digits":
        return digits_parts(n_each, rng)
    train, test = read_parts(source, folder)
    return train[few_rows(train.y, n_each, rng)], test


def digits_parts(n_each: int, rng: np.random.Generator) -> tuple[Images, Images]:
    """Few of scikit-learn's digits, and the rest of them as the test."""
    digits = all_digits()
    rows = few_rows(digits.y, n_each, rng)
    return digits[rows], digits[np.setdiff1d(np.arange(len(digits.y)), rows)]


def all_digits() -> Images:
    """scikit-learn's digits, their 17 grey levels spread over 0 to 255."""
    X, y = load_digits(return_X_y=True)
    return Images((X.reshape(-1, 8, 8) * (255 / 16)).round().astype(np.uint8), y)


def bundled_photographs(n_images: int, side: int) -> np.ndarray:
    """Random colour squares (n, side, side, 3) of the two photographs of scikit-learn."""
    rng = np.random.default_rng(0)
    photographs = load_sample_images().images
    squares = []
    for number in range(n_images):
        picture = photographs[number % len(photographs)]
        top, left = (rng.integers(0, length - side) for length in picture.shape[:2])
        squares.append(picture[top : top + side, left : left + side])
    return np.stack(squares)


def few_rows(y: np.ndarray, n_each: int, rng: np.random.Generator) -> np.ndarray:
    """``n_each`` random rows of every class."""
    return np.concatenate(
        [rng.choice(np.flatnonzero(y == label), n_each, replace=False) for label in np.unique(y)]
    )
