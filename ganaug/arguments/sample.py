"""``ganaug sample``: samples of a saved model, in a bank, a table, arrays or a folder of images."""

import argparse
from pathlib import Path
from typing import Any

from ganaug.arguments.options import (
    add_jobs_option,
    add_model_options,
    add_output_options,
    add_seed_option,
    integer_between,
)
from ganaug.arguments.paths import check_output, is_same
from ganaug.encoding.suffixes import ARRAYS, HDF5, PARQUET
from ganaug.storage.compression import check_compression, uncompressed_suffix
from ganaug.storage.folder import check_new_folder
from ganaug.storage.regular import check_regular_file

CSV = ".csv"
TSV = ".tsv"
TABLES = (CSV, *PARQUET)


def add_to(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "sample",
        help="draw samples of a saved model",
        description="Draw samples of a model that ganaug train or save has written: into a bank "
        "(OUT.h5), of rows and sequences a table (OUT.csv, OUT.tsv, OUT.csv.gz and other "
        "compressions, OUT.parquet; CSV as the table was written that the model was trained on), "
        "of images and sequences arrays (OUT.npz) or, of images, a folder of PNG files, where "
        "labels.json says which label a folder stands for.",
    )
    add_model_options(parser)
    parser.add_argument(
        "-n", type=integer_between(1), required=True, metavar="N", help="samples of each class"
    )
    add_output_options(parser, "OUT")
    parser.add_argument(
        "--target",
        metavar="COLUMN",
        help="of a table's labels (default: as in the table that was trained on, else label)",
    )
    add_jobs_option(parser, "parts of up to 16,384 samples of a class")
    add_seed_option(parser)
    parser.set_defaults(check=check)


def check(options: argparse.Namespace) -> None:
    """Refuse a model that is no file, and an output that cannot be written."""
    suffix = output_suffix(options.output)
    if suffix == CSV:
        check_compression(options.output)
    check_regular_file(options.model)
    if suffix in HDF5 + TABLES + ARRAYS:
        check_output(options.output, overwrite=options.overwrite, input=options.model)
    elif is_same(options.output, options.model):
        raise ValueError(f"-o {options.output} is the input itself; name another file.")
    else:
        check_new_folder(options.output)


def output_suffix(path: Path) -> str:
    """Suffix of an output in small letters, of CSV with tabs or compressed that of CSV."""
    return CSV if uncompressed_suffix(path) in (CSV, TSV) else path.suffix.lower()
