"""The commands' data: tables, HDF5 files and folders of images."""

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from ganaug.commands.image_folder import read_folder
from ganaug.encoding.hdf5_file import Hdf5Samples
from ganaug.encoding.subsample import proportional_mask
from ganaug.encoding.table_file import open_table

DATA = (
    "a CSV or Parquet table, an HDF5 file of images, or a folder that holds a folder of images for "
    "each class"
)

# Suffixes of HDF5 files.
HDF5 = (".h5", ".hdf5", ".hdf")


def add_data_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options of commands that read data."""
    parser.add_argument("data", type=Path, metavar="DATA")
    parser.add_argument(
        "--target",
        metavar="NAME",
        help="column of class labels in a table; dataset of labels in HDF5 (default there: y)",
    )
    parser.add_argument(
        "--images", default="X", metavar="NAME", help="dataset of images in HDF5 (default: X)"
    )
    parser.add_argument(
        "--augment",
        default="auto",
        choices=["auto", "photo", "grey", "symbol", "none"],
        help="changes that leave an image in its class (default: auto)",
    )


def augment_argument(options: argparse.Namespace) -> str | None:
    """Value of ``ImageGAN``'s parameter ``augment`` that ``--augment`` names."""
    return None if options.augment == "none" else options.augment


def holds_images(path: Path) -> bool:
    """Return True where data are images, by their name."""
    return path.is_dir() or path.suffix.lower() in HDF5


def read_subsample(options: argparse.Namespace, max_rows: int, seed: int) -> tuple[Any, np.ndarray]:
    """Samples and their labels, as many as ``proportional_mask`` keeps of them.

    Raises
    ------
    ValueError, OSError
        For data that cannot be read.
    """
    path = options.data
    rng = np.random.RandomState(seed)
    if path.is_dir():
        X, y = read_folder(path)
        chosen = proportional_mask(y, max_rows, rng)
        return X[chosen], y[chosen]
    if holds_images(path):
        images = Hdf5Samples(path, options.images, options.target or "y")
        chosen = proportional_mask(images.labels, max_rows, rng)
        return images.samples(chosen), images.labels[chosen]
    table = open_table(path, target_column(options))
    labels = table.labels()
    chosen = proportional_mask(labels, max_rows, rng)
    return table.features(chosen), labels[chosen]


def mark_argument(options: argparse.Namespace) -> Any:
    """Label of samples without a class that ``--unlabeled-label`` names, in its own type.

    Raises
    ------
    ValueError
        Where no sample has it.
    """
    if options.unlabeled_label is None:
        return None
    path = options.data
    if path.is_dir():
        labels = read_folder(path)[1]
    elif holds_images(path):
        labels = Hdf5Samples(path, options.images, options.target or "y").labels
    else:
        labels = open_table(path, target_column(options)).labels()
    names = {str(label): label for label in np.unique(labels).tolist()}
    if options.unlabeled_label not in names:
        raise ValueError(
            f"--unlabeled-label: no sample of {path} has the label {options.unlabeled_label!r}; "
            f"there are {list(names)[:10]}."
        )
    return names[options.unlabeled_label]


def target_column(options: argparse.Namespace) -> str:
    """The column of class labels of a table.

    Raises
    ------
    ValueError
        Where none is named.
    """
    if options.target is None:
        raise ValueError(f"--target must name the column of class labels of {options.data}.")
    return options.target
