"""What the commands' options have in common."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ganaug.sampling import multiply


def at_least(least: int) -> Callable[[str], int]:
    """Reads a whole number that is not below the least one."""

    def whole_number(text: str) -> int:
        value = int(text)
        if value < least:
            raise argparse.ArgumentTypeError(f"{value} is below {least}")
        return value

    return whole_number


def refuse_own_input(output: Path, source: Path) -> None:
    """Raise a ValueError where a command would write over what it reads."""
    if output.resolve() == source.resolve():
        raise ValueError(f"-o {output} is the input itself; name another file.")


def labels_of(options: argparse.Namespace, model: Any) -> list:
    """The classes of a model that ``--label`` names; all, where it is not given."""
    known = {str(label): label for label in model.classes_.tolist()}
    unknown = [name for name in options.label or [] if name not in known]
    if unknown:
        raise ValueError(f"{options.model} has no class {unknown[0]!r}; it has {list(known)}.")
    return [known[name] for name in dict.fromkeys(options.label or known)]


def add_strategy(parser: argparse.ArgumentParser) -> None:
    """How far classes grow."""
    parser.add_argument(
        "--multiply",
        type=float,
        metavar="FACTOR",
        help="let every class grow to FACTOR times its size (default: every class grows to the "
        "size of the largest)",
    )


def strategy_of(options: argparse.Namespace) -> Any:
    """What faces call ``--multiply``."""
    return "auto" if options.multiply is None else multiply(options.multiply)


def add_training_options(parser: argparse.ArgumentParser) -> None:
    """Options of commands that train."""
    parser.add_argument(
        "--steps", type=at_least(0), help="training steps of each GAN (default: by size)"
    )
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda (default: auto)")
    parser.add_argument("--seed", type=at_least(0), default=0, help="default: 0")
