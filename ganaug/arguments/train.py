"""``ganaug train``: a model of a table, of images or of sequences, in a file."""

import argparse
from pathlib import Path
from typing import Any

from ganaug.arguments.data import DATA, add_data_options, check_data
from ganaug.arguments.options import (
    add_jobs_option,
    add_output_options,
    add_training_options,
    add_unlabeled_option,
)
from ganaug.arguments.paths import check_output


def add_to(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "train",
        help="train a model and keep it in a file",
        description=f"Train one GAN for each class of DATA: {DATA}.",
    )
    add_data_options(parser)
    add_output_options(parser, "MODEL.h5")
    parser.add_argument(
        "--checkpoint",
        type=Path,
        metavar="RUN.h5",
        help="keep the state of training there; the same command goes on from it",
    )
    add_unlabeled_option(parser)
    add_jobs_option(parser, "games of classes")
    add_training_options(parser)
    parser.set_defaults(check=check)


def check(options: argparse.Namespace) -> None:
    """Refuse data that cannot be opened, and files that cannot be written."""
    check_data(options)
    check_output(
        options.output,
        overwrite=options.overwrite,
        input=options.data,
        checkpoint=options.checkpoint,
    )
    if options.checkpoint is not None:
        check_output(options.checkpoint, "--checkpoint", input=options.data)
