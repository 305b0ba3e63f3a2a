"""The commands' data: tables, HDF5 files, folders of images, and files of sequences."""

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from ganaug.commands.options import add_table_options, csv_format, image_size
from ganaug.encoding import array_file, sequence_file
from ganaug.encoding.array_file import ArrayFile
from ganaug.encoding.hdf5_file import Hdf5Samples
from ganaug.encoding.image_folder import SUFFIXES, ImageFolder
from ganaug.encoding.locations import is_one_file, is_remote
from ganaug.encoding.sequence_file import SequenceFile
from ganaug.encoding.subsample import proportional_mask
from ganaug.encoding.table_file import open_table
from ganaug.encoding.table_source import TableSource
from ganaug.storage.regular import check_regular_file

DATA = (
    "a CSV or Parquet table (with --target; also a folder of files, a pattern such as "
    "'2024-*/*.csv', or an address of fsspec such as 's3://bucket/*.parquet'), an HDF5 file of "
    "images, a folder that holds a folder of images for each class, a .ts file of sequences "
    "(needs aeon or sktime) or, with --sequences, an HDF5 or .npz file of sequences"
)

# Options that not all data have, with their defaults.
OF_TABLES = {"drop": [], "sep": ",", "decimal": ".", "encoding": "utf-8", "na_values": []}
OF_NAMES = {"target": None, "images": "X"}
OF_FOLDERS = {"size": None}
OF_SEQUENCES = {"sequences": None, "layout": "channels_last"}

# Data that are open: their labels, and their samples where a mask is True.
Data = TableSource | Hdf5Samples | ImageFolder | ArrayFile | SequenceFile

# Suffixes of HDF5 files.
HDF5 = (".h5", ".hdf5", ".hdf")

# Suffixes of files of arrays that commands do not read.
ARRAYS = (".npy", ".pt", ".pkl", ".mat")


def add_data_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options of commands that read data."""
    parser.add_argument("data", type=data_argument, metavar="DATA")
    parser.add_argument(
        "--target",
        metavar="NAME",
        help="column of class labels in a table; dataset of labels in HDF5 or .npz (default there: "
        "y)",
    )
    parser.add_argument(
        "--images", default="X", metavar="NAME", help="dataset of images in HDF5 (default: X)"
    )
    parser.add_argument(
        "--sequences",
        metavar="NAME",
        help="dataset of sequences in HDF5 or .npz, such as X: (n, steps) or (n, steps, channels)",
    )
    parser.add_argument(
        "--layout",
        default="channels_last",
        choices=["channels_last", "channels_first"],
        help="order of the axes of sequences (default: channels_last)",
    )
    parser.add_argument(
        "--augment",
        default="auto",
        choices=["auto", "photo", "grey", "symbol", "none"],
        help="changes that leave an image in its class (default: auto); of sequences auto or none",
    )
    parser.add_argument(
        "--size",
        type=image_size,
        metavar="HEIGHTxWIDTH",
        help="size to which images of a folder are brought, such as 32 (both) or 24x32: their "
        "middle of that shape, made smaller or larger (default: as they are)",
    )
    add_table_options(parser)


def data_argument(text: str) -> Path | str:
    """Read where data are: a path of this machine, or the address of tables elsewhere.

    Examples
    --------
    >>> data_argument("s3://bucket/table.csv"), data_argument("file:///data/table.csv").name
    ('s3://bucket/table.csv', 'table.csv')
    """
    path = text.removeprefix("file://")
    return path if is_remote(path) else Path(path)


def check_data(path: Path | str) -> None:
    """Raise an OSError for a path that is no file, unless it is a folder, pattern or address."""
    if is_one_file(path):
        check_regular_file(path)


def augment_argument(options: argparse.Namespace) -> str | None:
    """Value of a model's parameter ``augment`` that ``--augment`` names."""
    return None if options.augment == "none" else options.augment


def are_sequences(options: argparse.Namespace) -> bool:
    """True where a command was given sequences."""
    suffix = Path(options.data).suffix.lower()
    return suffix in sequence_file.SUFFIXES or (options.sequences is not None)


def open_data(options: argparse.Namespace) -> Data:
    """Data that a command names, opened: their labels, and their samples where a mask is True.

    Raises
    ------
    ValueError, OSError
        For data that cannot be read.
    ImportError
        Where a package is missing that reads them.
    """
    path = options.data
    suffix = Path(path).suffix.lower()
    is_folder = Path(path).is_dir()
    if not (is_folder or is_one_file(path)):
        _check_is_table(options, suffix)
    if are_sequences(options) and not is_folder:
        return _open_sequences(options, suffix)
    if is_folder and options.target is None:
        images = ImageFolder(path, options.size)
        _check_unused(options, "a folder of images", **OF_TABLES, **OF_NAMES, **OF_SEQUENCES)
        return images
    if suffix in HDF5:
        _check_unused(options, "an HDF5 file", **OF_TABLES, **OF_FOLDERS)
        if options.layout != "channels_last":
            raise ValueError("--layout is for sequences, which --sequences NAME names in HDF5.")
        return Hdf5Samples(path, options.images, options.target or "y")
    if suffix in array_file.SUFFIXES:
        raise ValueError(
            f"{path} may hold anything: pass --sequences NAME, the array of sequences in it."
        )
    if suffix in ARRAYS + SUFFIXES:
        kind = "an image" if suffix in SUFFIXES else "a file of arrays"
        raise ValueError(f"{path} is {kind}; name {DATA}.")
    _check_unused(options, "a table", images="X", augment="auto", **OF_FOLDERS, **OF_SEQUENCES)
    if options.target is None:
        raise ValueError(f"--target must name the column of class labels of {path}.")
    return open_table(path, options.target, options.drop, csv_format(options))


def _check_is_table(options: argparse.Namespace, suffix: str) -> None:
    """Raise a ValueError for a pattern or an address of other data than tables."""
    others = HDF5 + ARRAYS + SUFFIXES + array_file.SUFFIXES + sequence_file.SUFFIXES
    if suffix in others or options.sequences is not None:
        raise ValueError(
            f"{options.data}: patterns and addresses are for tables (CSV or Parquet). Of images "
            "and sequences name one file, or a folder, of this machine."
        )


def _open_sequences(options: argparse.Namespace, suffix: str) -> Data:
    """Sequences that a command names, opened."""
    path = options.data
    _check_unused(options, "a file of sequences", images="X", **OF_TABLES, **OF_FOLDERS)
    if options.augment not in ("auto", "none"):
        raise ValueError(
            f"--augment {options.augment} is for images; of sequences there are auto and none."
        )
    if suffix in sequence_file.SUFFIXES:
        _check_unused(options, "a .ts file", target=None, **OF_SEQUENCES)
        return SequenceFile(path)
    if suffix in HDF5:
        return Hdf5Samples(path, options.sequences, options.target or "y")
    if suffix in array_file.SUFFIXES:
        return ArrayFile(path, options.sequences, options.target or "y")
    raise ValueError(
        f"--sequences names a dataset of an HDF5 or .npz file, and {path} is none of these."
    )


def _check_unused(options: argparse.Namespace, kind: str, **defaults: Any) -> None:
    """Raise a ValueError where an option was given that data of a kind do not have."""
    given = [
        f"--{name.replace('_', '-')}"
        for name, default in defaults.items()
        if getattr(options, name) != default
    ]
    if given:
        verb = "is" if len(given) == 1 else "are"
        raise ValueError(f"{', '.join(given)} {verb} not for {kind}, and {options.data} is one.")


def read_subsample(data: Any, max_rows: int, seed: int) -> tuple[Any, np.ndarray]:
    """Samples of open data and their labels, as many as ``proportional_mask`` keeps of them.

    Raises
    ------
    ValueError, OSError
        For data that cannot be read.
    """
    chosen = proportional_mask(data.labels, max_rows, np.random.RandomState(seed))
    return data.samples(chosen), data.labels[chosen]


def mark_argument(options: argparse.Namespace, labels: np.ndarray) -> Any:
    """Label of samples without a class that ``--unlabeled-label`` names, in its own type.

    Raises
    ------
    ValueError
        Where no sample has it.
    """
    if options.unlabeled_label is None:
        return None
    names = {str(label): label for label in np.unique(labels).tolist()}
    if options.unlabeled_label not in names:
        raise ValueError(
            f"--unlabeled-label: no sample of {options.data} has the label "
            f"{options.unlabeled_label!r}; there are {list(names)[:10]}."
        )
    return names[options.unlabeled_label]
