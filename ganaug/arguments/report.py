"""``ganaug report``: a page that says whether augmentation helps on the user's data."""

import argparse
from pathlib import Path
from typing import Any

from ganaug.arguments.data import DATA, add_data_options, check_data
from ganaug.arguments.options import (
    add_jobs_option,
    add_output_options,
    add_strategy_option,
    add_training_options,
    add_unlabeled_option,
    integer_between,
)
from ganaug.arguments.paths import check_output

# Steps of GANs and networks of images where none are asked for: GANs are worth as much as after
# whole trainings, networks 2 to 3 points less, in a third of the time (by
# ``benchmarks.images.report_steps``).
IMAGE_STEPS = 500

# Page that is written where none is named.
PAGE = Path("report.html")


def add_to(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "report",
        help="say on a page whether augmentation helps on your data",
        description=f"Compare augmentation by GANs and by simple methods on DATA: {DATA}. Logistic "
        "regression, a random forest, and gradient boosting or, for images and sequences, a "
        "support vector machine on their values are judged on real rows that were left "
        "out. Classifiers read dates as days.",
    )
    add_data_options(parser)
    add_output_options(parser, PAGE.name, f"default: {PAGE}", PAGE)
    add_strategy_option(parser)
    add_unlabeled_option(parser)
    parser.add_argument(
        "--gate",
        choices=["fast", "thorough", "none"],
        default="none",
        help="also judge what the gate of AugmentedClassifier chooses, which multiplies the time, "
        "thorough more than fast (default: none)",
    )
    parser.add_argument(
        "--folds",
        type=integer_between(2),
        metavar="N",
        help="3 or more for advice (default: 5, of images and sequences, which take longer, 4)",
    )
    parser.add_argument(
        "--max-rows",
        type=integer_between(20),
        default=2000,
        metavar="ROWS",
        help="rows or images that are used, at random where there are more (default: 2000)",
    )
    add_jobs_option(parser, "folds", None, "as many as there are processors; on a GPU 1")
    steps = f"of each GAN and network (default: by size; of images {IMAGE_STEPS}; 0 trains no GAN)"
    add_training_options(parser, steps)
    parser.set_defaults(check=check)


def check(options: argparse.Namespace) -> None:
    """Refuse data that cannot be opened, and a file that cannot be written."""
    check_data(options)
    check_output(options.output, overwrite=options.overwrite, input=options.data)
