"""``ganaug augment``: a table grows by synthetic rows."""

import argparse
from pathlib import Path
from typing import Any

from ganaug.arguments.data import data_argument
from ganaug.arguments.options import (
    add_output_options,
    add_strategy_option,
    add_table_options,
    add_training_options,
    add_unlabeled_option,
)
from ganaug.arguments.paths import check_output
from ganaug.encoding.locations import is_one_file, is_parquet, separator_in_name
from ganaug.encoding.suffixes import CSV, PARQUET
from ganaug.storage.compression import check_compression, uncompressed_suffix
from ganaug.storage.regular import check_regular_file


def add_to(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "augment",
        help="add synthetic rows to a table",
        description="Add synthetic rows to the scarce classes of a CSV table with a header line, "
        "or of a Parquet table (needs pyarrow); either may be larger than memory. CSV is "
        "compressed where its name ends in .gz, .bz2, .xz, .zip or .zst; its columns are numbers, "
        "dates, or levels where they hold anything else, and empty cells are gaps. Real rows come "
        "first, in their order, as they were written; the others are written alike.",
    )
    parser.add_argument(
        "table", type=data_argument, metavar="TABLE", help="a .csv or .parquet file"
    )
    parser.add_argument("--target", required=True, metavar="COLUMN", help="column of class labels")
    add_output_options(parser, "OUT", "of the same type")
    add_strategy_option(parser)
    add_unlabeled_option(parser)
    add_table_options(parser)
    parser.add_argument(
        "--keep",
        action="append",
        default=[],
        metavar="COLUMN",
        help="learn nothing of this column, such as an identifier: real rows keep it, and it is "
        "empty in synthetic ones; may be repeated",
    )
    parser.add_argument(
        "--mark",
        default="synthetic",
        metavar="COLUMN",
        help="name of the added column, True for synthetic rows (default: synthetic)",
    )
    add_training_options(parser)
    parser.set_defaults(check=check)


def check(options: argparse.Namespace) -> None:
    """Refuse a table that is no file, and an output that cannot be, or is of another type."""
    _check_table(options.table)
    for name in options.keep:
        if name in options.drop:
            raise ValueError(f"column {name!r} is named by both --drop and --keep.")
        if name == options.target:
            raise ValueError(
                f"column {name!r} holds the labels, which --keep would leave unlearnt."
            )
    check_compression(options.output)
    check_output(options.output, overwrite=options.overwrite, input=options.table)
    if is_parquet(options.output) != is_parquet(options.table):
        raise ValueError(
            f"{options.table} and -o {options.output} must both be CSV, or both Parquet (.parquet)."
        )
    suffix = uncompressed_suffix(options.output)
    if suffix not in ("", *CSV, *PARQUET, uncompressed_suffix(Path(options.table))):
        raise ValueError(
            f"-o {options.output}: name a file that ends in .csv, .tsv, .txt or .parquet, or as "
            f"{options.table} does."
        )
    names = (options.table, options.output)
    if options.sep is None and len({separator_in_name(name) for name in names}) > 1:
        raise ValueError(
            f"{options.table} and -o {options.output} must both be .tsv, or none of them, unless "
            "--sep is given: cells stay separated as they are."
        )


def _check_table(path: Path | str) -> None:
    """Raise an OSError or a ValueError for what is not one file of this machine."""
    if not (is_one_file(path) or Path(path).is_dir()):
        raise ValueError(
            f"{path}: one file is to grow, of this machine; there are several, or it lies "
            "elsewhere. Train on those by ganaug train, and draw rows by ganaug sample."
        )
    check_regular_file(path)
