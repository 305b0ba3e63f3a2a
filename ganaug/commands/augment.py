"""``ganaug augment``: a table grows by synthetic rows."""

import argparse
import time
from pathlib import Path
from typing import Any

import pandas as pd
from sklearn.utils.multiclass import check_classification_targets

from ganaug.commands.data import data_argument
from ganaug.commands.options import (
    add_output_options,
    add_strategy_option,
    add_table_options,
    add_training_options,
    csv_format,
    strategy_argument,
)
from ganaug.commands.paths import check_output, check_space
from ganaug.commands.terminal import escape, print_lines
from ganaug.encoding.locations import is_one_file, is_parquet
from ganaug.encoding.table_file import open_table_file
from ganaug.models.table import TableGAN
from ganaug.storage.atomic import atomic_write
from ganaug.storage.compression import check_compression
from ganaug.storage.regular import check_regular_file
from ganaug.strategy import class_counts, rows_to_add, warn_if_nothing_is_added


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
    add_table_options(parser)
    parser.add_argument(
        "--mark",
        default="synthetic",
        metavar="COLUMN",
        help="name of the added column, True for synthetic rows (default: synthetic)",
    )
    add_training_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Train a model, and write the grown table."""
    start = time.perf_counter()
    _check_table(options.table)
    check_compression(options.output)
    check_output(options.output, overwrite=options.overwrite, input=options.table)
    if is_parquet(options.output) != is_parquet(options.table):
        raise ValueError(
            f"{options.table} and -o {options.output} must both be CSV, or both Parquet (.parquet)."
        )
    table = open_table_file(options.table, options.target, options.drop, csv_format(options))
    if options.mark in table.columns:
        raise ValueError(
            f"{options.table} has a column {options.mark!r} already; name another one with --mark."
        )
    labels = table.labels
    check_classification_targets(labels)
    added = rows_to_add(strategy_argument(options), labels)
    warn_if_nothing_is_added(added)
    # of each value a character and what separates it from the next
    check_space(options.output, sum(added.values()) * (2 * len(table.columns)))
    steps = "auto" if options.steps is None else options.steps
    gan = TableGAN(n_steps=steps, device=options.device, random_state=options.seed, verbose=1)
    with atomic_write(options.output, options.overwrite) as unfinished:
        if added:
            gan.fit_file(table, options.target, labels=list(added))
        batches = gan.iter_batches(added) if added else ()
        rows = (X.assign(**{options.target: y}) for X, y in batches)
        table.write_grown(unfinished, rows, options.mark)
    sizes = class_counts(labels)
    counts = pd.DataFrame(
        {
            "class": list(map(escape, sizes)),
            "real": list(sizes.values()),
            "synthetic": [added.get(label, 0) for label in sizes],
        }
    )
    n_added = sum(added.values())
    print_lines(
        *counts.to_string(index=False).split("\n"),
        "",
        f"{options.output}: {len(labels) + n_added} rows, {n_added} of them synthetic "
        f"(column {options.mark!r}), in {time.perf_counter() - start:.1f} s.",
        "Whether they help your classifier is a question for ganaug.compare, on real rows.",
    )


def _check_table(path: Path | str) -> None:
    """Raise an OSError or a ValueError for what is not one file of this machine."""
    if not (is_one_file(path) or Path(path).is_dir()):
        raise ValueError(
            f"{path}: one file is to grow, of this machine; there are several, or it lies "
            "elsewhere. Train on those by ganaug train, and draw rows by ganaug sample."
        )
    check_regular_file(path)
