"""``ganaug info``: a description of what a file holds."""

import argparse
from pathlib import Path
from typing import Any

from ganaug.storage.regular import check_regular_file


def add_to(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "info",
        help="say what a model, bank or checkpoint holds",
        description="Say what a file of ganaug holds, and verify that it is whole.",
    )
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.set_defaults(check=check)


def check(options: argparse.Namespace) -> None:
    """Refuse a path that leads to no file."""
    check_regular_file(options.file)
