"""Options that several commands have, and the values that they take."""

import argparse
import math
from collections.abc import Callable
from pathlib import Path

from ganaug.encoding.image_sides import MAX_SIDE, MIN_SIDE

# Largest numbers of training steps and of samples: what 64 bits hold.
MAX_COUNT = 2**63 - 1

# Largest seed of NumPy.
MAX_SEED = 2**32 - 1

# Times its size to which a class may grow, at most.
MAX_FACTOR = 1e6


def integer_between(low: int, high: int = MAX_COUNT) -> Callable[[str], int]:
    """Type of an option that is a whole number of a range.

    Examples
    --------
    >>> integer_between(2, 9)("7")
    7
    >>> integer_between(2, 9)("10")
    Traceback (most recent call last):
    argparse.ArgumentTypeError: '10' is no whole number from 2 to 9
    >>> integer_between(2)("1")
    Traceback (most recent call last):
    argparse.ArgumentTypeError: '1' is no whole number of 2 or more
    """
    limits = f"of {low} or more" if high == MAX_COUNT else f"from {low} to {high}"

    def read(text: str) -> int:
        # Python refuses to read numbers of thousands of digits
        value = int(text) if len(text) < 100 and text.isascii() and _is_whole(text) else None
        if value is None or not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{_short(text)!r} is no whole number {limits}")
        return value

    return read


def growth_factor(text: str) -> float:
    """Read by how many times classes shall grow."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 1 <= value <= MAX_FACTOR:
        raise argparse.ArgumentTypeError(
            f"{_short(text)!r}: the factor must be 1 or more, {MAX_FACTOR:.0f} at most"
        )
    return value


def image_size(text: str) -> tuple[int, int]:
    """Read the height and width of images.

    Examples
    --------
    >>> image_size("32"), image_size("24x32")
    ((32, 32), (24, 32))
    """
    height, _, width = text.partition("x")
    read = integer_between(MIN_SIDE, MAX_SIDE)
    return read(height), read(width or height)


def _is_whole(text: str) -> bool:
    return text.removeprefix("-" if text.startswith("-") else "+").isdigit()


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:37]}..."


def add_table_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options that say how a table is read."""
    group = parser.add_argument_group("tables")
    group.add_argument(
        "--drop",
        action="append",
        default=[],
        metavar="COLUMN",
        help="leave this column out, such as an identifier; may be repeated",
    )
    group.add_argument(
        "--sep",
        metavar="CHARACTER",
        help="between the cells of CSV (default: a comma; of .tsv a tab)",
    )
    group.add_argument(
        "--decimal",
        default=".",
        choices=[".", ","],
        metavar="MARK",
        help="decimal point of CSV, . or , (default: .)",
    )
    group.add_argument(
        "--encoding", default="utf-8", help="of CSV, such as latin-1 (default: utf-8)"
    )
    group.add_argument(
        "--na-values",
        action="append",
        default=[],
        metavar="TEXT",
        help='cells of CSV that are gaps in every column, such as "?"; may be repeated',
    )


def add_output_options(
    parser: argparse.ArgumentParser, metavar: str, text: str = "", default: Path | None = None
) -> None:
    """Declare the options that name the file to write, and allow to replace one."""
    parser.add_argument(
        "-o",
        "--output",
        required=default is None,
        default=default,
        type=Path,
        metavar=metavar,
        help=text or None,
    )
    parser.add_argument("--overwrite", action="store_true", help="replace a file of that name")


def add_strategy_option(parser: argparse.ArgumentParser) -> None:
    """Declare the option that says how far classes grow."""
    parser.add_argument(
        "--multiply",
        type=growth_factor,
        metavar="FACTOR",
        help="let every class grow to FACTOR times its size (default: every class grows to the "
        "size of the largest)",
    )


def add_unlabeled_option(parser: argparse.ArgumentParser) -> None:
    """Declare the option of samples without a class."""
    parser.add_argument(
        "--unlabeled-label",
        metavar="LABEL",
        help="label of samples that have no class, as rows of tables without a label have none: "
        "all classes learn from them",
    )


def add_training_options(
    parser: argparse.ArgumentParser, steps: str = "of each GAN (default: by size)"
) -> None:
    """Declare the options of commands that train; ``steps`` says of what, and the default."""
    parser.add_argument(
        "--steps",
        type=integer_between(0),
        metavar="N",
        help=f"training steps {steps}",
    )
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda (default: auto)")
    add_seed_option(parser)


def add_model_options(parser: argparse.ArgumentParser) -> None:
    """Declare the file of a model, and which of its classes are meant."""
    parser.add_argument("model", type=Path, metavar="MODEL.h5")
    parser.add_argument(
        "--label", action="append", metavar="LABEL", help="only this class; may be repeated"
    )


def add_jobs_option(
    parser: argparse.ArgumentParser, subject: str, default: int | None = 1, meaning: str = "1"
) -> None:
    """Declare the option of how much is done at a time; ``meaning`` is that of the default."""
    parser.add_argument(
        "--jobs",
        type=integer_between(1),
        metavar="N",
        default=default,
        help=f"{subject} at a time, each in a process (default: {meaning})",
    )


def add_seed_option(parser: argparse.ArgumentParser) -> None:
    """Declare the option of the seed of all that is random."""
    parser.add_argument(
        "--seed", type=integer_between(0, MAX_SEED), default=0, help="0 to 2**32 - 1 (default: 0)"
    )
