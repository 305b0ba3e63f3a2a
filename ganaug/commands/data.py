"""The commands' data: tables, HDF5 files, folders of images, and files of sequences."""

import argparse
from pathlib import Path
from typing import Any

from ganaug.arguments.data import check_folder_options, data_suffix, is_folder_of_images
from ganaug.encoding.array_file import LENGTHS, ArrayFile
from ganaug.encoding.csv_format import CsvFormat
from ganaug.encoding.hdf5_file import Hdf5Samples
from ganaug.encoding.image_folder import ImageFolder
from ganaug.encoding.locations import separator_of
from ganaug.encoding.sequence_file import SequenceFile
from ganaug.encoding.suffixes import ARRAYS, HDF5, SEQUENCES
from ganaug.encoding.table_file import open_table, open_table_file
from ganaug.encoding.table_source import TableSource

# Data that are open: their labels, and their samples where a mask is True.
Data = TableSource | Hdf5Samples | ImageFolder | ArrayFile | SequenceFile


def open_data(options: argparse.Namespace) -> Data | None:
    """Data that a command names, opened: their labels, and their samples where a mask is True.

    Nothing that takes seconds to load is needed for it, so that wrong names are told at once.

    Returns
    -------
    Data or None
        None for commands without data.

    Raises
    ------
    ValueError, OSError
        For data that cannot be read.
    ImportError
        Where a package is missing that reads them.
    """
    if hasattr(options, "table"):
        return _open_growing(options)
    return _open_any(options) if hasattr(options, "data") else None


def _open_growing(options: argparse.Namespace) -> TableSource:
    """A table that is to grow by a column of marks."""
    form = _csv_format(options, options.table)
    out = [*options.drop, *options.keep]
    table = open_table_file(options.table, options.target, out, form)
    if options.mark in table.columns_with(options.keep):
        raise ValueError(
            f"{options.table} has a column {options.mark!r} already; name another one with --mark."
        )
    return table


def _open_any(options: argparse.Namespace) -> Data:
    path = options.data
    suffix = data_suffix(options)
    if is_folder_of_images(options):
        images = ImageFolder(path, options.size)
        check_folder_options(options)
        return images
    if suffix in SEQUENCES:
        return SequenceFile(path)
    names = (options.sequences or options.images or "X", options.target or "y")
    if suffix in HDF5:
        return Hdf5Samples(path, *names)
    if suffix in ARRAYS:
        return ArrayFile(path, *names, lengths=LENGTHS if options.sequences else None)
    try:
        return open_table(path, options.target, options.drop, _csv_format(options, path))
    except FileNotFoundError as error:
        if Path(path).is_dir():
            hint = "A folder of images, with a folder for each class, takes no --target."
            raise FileNotFoundError(f"{error} {hint}") from error
        raise


def _csv_format(options: argparse.Namespace, name: Any) -> CsvFormat:
    """Format of CSV that these options, and the name of the table, describe."""
    sep = {"tab": "\t", "\\t": "\t"}.get(options.sep, options.sep)
    sep = separator_of(name) if sep is None else sep
    return CsvFormat(sep, options.encoding, options.decimal, tuple(options.na_values))


def augment_argument(options: argparse.Namespace) -> str | None:
    """Value of a model's parameter ``augment`` that ``--augment`` names."""
    return None if options.augment == "none" else options.augment
