"""The commands' data: tables, HDF5 files, folders of images, and files of sequences."""

import argparse
from typing import Any

import numpy as np

from ganaug.arguments.data import check_folder_options, data_suffix, is_folder_of_images
from ganaug.commands.options import csv_format
from ganaug.encoding.array_file import ArrayFile
from ganaug.encoding.hdf5_file import Hdf5Samples
from ganaug.encoding.image_folder import ImageFolder
from ganaug.encoding.sequence_file import SequenceFile
from ganaug.encoding.subsample import proportional_mask
from ganaug.encoding.suffixes import ARRAYS, HDF5, SEQUENCES
from ganaug.encoding.table_file import open_table
from ganaug.encoding.table_source import TableSource

# Data that are open: their labels, and their samples where a mask is True.
Data = TableSource | Hdf5Samples | ImageFolder | ArrayFile | SequenceFile


def augment_argument(options: argparse.Namespace) -> str | None:
    """Value of a model's parameter ``augment`` that ``--augment`` names."""
    return None if options.augment == "none" else options.augment


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
    suffix = data_suffix(options)
    if is_folder_of_images(options):
        images = ImageFolder(path, options.size)
        check_folder_options(options)
        return images
    if suffix in SEQUENCES:
        return SequenceFile(path)
    if suffix in HDF5:
        return Hdf5Samples(path, options.sequences or options.images, options.target or "y")
    if suffix in ARRAYS:
        return ArrayFile(path, options.sequences, options.target or "y")
    return open_table(path, options.target, options.drop, csv_format(options))


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
