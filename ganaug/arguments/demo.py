"""``ganaug demo``: what GANs and simple methods do for scikit-learn's digits."""

import argparse
from pathlib import Path
from typing import Any

from ganaug.arguments.options import integer_between
from ganaug.arguments.paths import check_output

# Splits, each of which takes seconds at least.
MAX_SPLITS = 1000


def add_to(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "demo",
        help="compare augmentation methods on scikit-learn's digits",
        description="Make every second digit of scikit-learn's digits scarce, and compare what "
        "augmentation by GANs and by simple methods does for four classifiers.",
    )
    parser.add_argument(
        "--splits",
        type=integer_between(2, MAX_SPLITS),
        default=5,
        metavar="N",
        help=f"random splits, 2 to {MAX_SPLITS}, 3 or more for advice (default: 5)",
    )
    parser.add_argument(
        "--report",
        dest="output",
        type=Path,
        default=Path("ganaug-demo.html"),
        metavar="HTML",
        help="page to write (default: ganaug-demo.html)",
    )
    parser.set_defaults(check=check)


def check(options: argparse.Namespace) -> None:
    """Refuse a page that cannot be written."""
    check_output(options.output, "--report")
