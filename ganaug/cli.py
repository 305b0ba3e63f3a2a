"""The command ``ganaug``."""

import argparse
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ganaug.commands import augment, explore, info, report, sample, train
from ganaug.commands.options import at_least
from ganaug.demo import run_demo
from ganaug.storage.atomic import atomic_write


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code.

    0 is success, 2 input that cannot be used, 130 an interruption. Messages go to
    standard error, without a traceback.
    """
    options = _parser().parse_args(arguments)
    try:
        with _plain_warnings():
            options.run(options)
    except (ValueError, TypeError, OSError, RuntimeError, ImportError) as error:
        print(f"ganaug {options.command}: error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"ganaug {options.command}: interrupted, nothing was written", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ganaug", description="One GAN per class, mixed into a classifier's training set."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    demo = commands.add_parser(
        "demo",
        help="compare augmentation methods on scikit-learn's digits",
        description="Make every second digit of scikit-learn's digits scarce, and compare what "
        "augmentation by GANs and by simple methods does for four classifiers.",
    )
    demo.add_argument("--splits", type=at_least(2), default=5, help="random splits (default: 5)")
    demo.add_argument(
        "--report",
        type=Path,
        default=Path("ganaug-demo.html"),
        metavar="HTML",
        help="page to write (default: ganaug-demo.html)",
    )
    demo.set_defaults(run=_demo)

    for command in (report, augment, train, sample, explore, info):
        command.add_to(commands)
    return parser


def _demo(options: argparse.Namespace) -> None:
    with atomic_write(options.report) as report:
        print(run_demo(options.splits, report, shown_path=options.report))


@contextmanager
def _plain_warnings() -> Iterator[None]:
    """Warnings as one line each, without the place in the code."""

    def show(message, category, filename, lineno, file=None, line=None) -> None:
        print(f"warning: {message}", file=sys.stderr)

    with warnings.catch_warnings():
        warnings.showwarning = show
        warnings.simplefilter("default", UserWarning)
        yield


if __name__ == "__main__":
    sys.exit(main())
