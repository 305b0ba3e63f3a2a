"""The command ``ganaug``."""

import argparse
import os
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
from sklearn.utils.multiclass import check_classification_targets

from ganaug.demo import run_demo
from ganaug.encoding.table_file import is_parquet, open_table
from ganaug.models.table import TableGAN
from ganaug.sampling import class_counts, multiply, rows_to_add, warn_if_nothing_is_added


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code.

    0 is success, 2 input that cannot be used, 130 an interruption. Messages go to
    standard error, without a traceback.
    """
    options = _parser().parse_args(arguments)
    try:
        with _plain_warnings():
            options.run(options)
    except (ValueError, TypeError, OSError, RuntimeError) as error:
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
    demo.add_argument("--splits", type=_at_least(2), default=5, help="random splits (default: 5)")
    demo.add_argument(
        "--picture",
        type=Path,
        default=Path("ganaug-demo.png"),
        metavar="PNG",
        help="file for the picture of real and generated digits (default: ganaug-demo.png)",
    )
    demo.set_defaults(run=_demo)

    augment = commands.add_parser(
        "augment",
        help="add synthetic rows to a table",
        description="Add synthetic rows to the scarce classes of a CSV table with a header line, "
        "or of a Parquet table (needs pyarrow); either may be larger than memory. In CSV, columns "
        "are numbers, or levels where they hold anything else; empty cells are gaps. Real rows "
        "come first, in their order, as they were written.",
    )
    augment.add_argument("table", type=Path, metavar="TABLE", help="a .csv or .parquet file")
    augment.add_argument("--target", required=True, metavar="COLUMN", help="column of class labels")
    augment.add_argument(
        "-o", "--output", required=True, type=Path, metavar="OUT", help="of the same type"
    )
    augment.add_argument(
        "--multiply",
        type=float,
        metavar="FACTOR",
        help="let every class grow to FACTOR times its size (default: every class grows to the "
        "size of the largest)",
    )
    augment.add_argument(
        "--mark",
        default="synthetic",
        metavar="COLUMN",
        help="name of the added column, True for synthetic rows (default: synthetic)",
    )
    augment.add_argument(
        "--steps", type=_at_least(0), help="training steps of each GAN (default: by class size)"
    )
    augment.add_argument("--device", default="auto", help="auto, cpu or cuda (default: auto)")
    augment.add_argument("--seed", type=_at_least(0), default=0, help="default: 0")
    augment.set_defaults(run=_augment)
    return parser


def _at_least(least: int) -> Callable[[str], int]:
    def whole_number(text: str) -> int:
        value = int(text)
        if value < least:
            raise argparse.ArgumentTypeError(f"{value} is below {least}")
        return value

    return whole_number


def _demo(options: argparse.Namespace) -> None:
    with _written_whole(options.picture) as picture:
        print(run_demo(options.splits, picture, shown_path=options.picture))


def _augment(options: argparse.Namespace) -> None:
    start = time.perf_counter()
    if options.output.resolve() == options.table.resolve():
        raise ValueError(f"-o {options.output} is the table itself; name another file.")
    if is_parquet(options.output) != is_parquet(options.table):
        raise ValueError(
            f"{options.table} and -o {options.output} must both be CSV, or both Parquet (.parquet)."
        )
    table = open_table(options.table, options.target)
    if options.mark in table.columns:
        raise ValueError(
            f"{options.table} has a column {options.mark!r} already; name another one with --mark."
        )
    labels = table.labels()
    check_classification_targets(labels)
    strategy = "auto" if options.multiply is None else multiply(options.multiply)
    added = rows_to_add(strategy, labels)
    warn_if_nothing_is_added(added, stacklevel=2)
    steps = "auto" if options.steps is None else options.steps
    gan = TableGAN(n_steps=steps, device=options.device, random_state=options.seed, verbose=1)
    with _written_whole(options.output) as unfinished:
        if added:
            gan.fit_file(options.table, options.target, labels=list(added))
        batches = gan.iter_batches(added) if added else ()
        rows = (X.assign(**{options.target: y}) for X, y in batches)
        table.write_grown(unfinished, rows, options.mark)
    sizes = class_counts(labels)
    counts = pd.DataFrame({"real": sizes, "synthetic": dict.fromkeys(sizes, 0) | added})
    print(counts.rename_axis("class").reset_index().to_string(index=False))
    n_added = sum(added.values())
    print(
        f"\n{options.output}: {len(labels) + n_added} rows, {n_added} of them synthetic "
        f"(column {options.mark!r}), in {time.perf_counter() - start:.1f} s."
    )
    print("Whether they help your classifier is a question for ganaug.compare, on real rows.")


@contextmanager
def _written_whole(path: Path) -> Iterator[Path]:
    """A temporary file beside ``path`` that takes its name when all has gone well."""
    path = path.resolve()
    try:
        if path.is_dir():
            raise IsADirectoryError("it is a folder")
        if path.exists() and not path.is_file():
            raise OSError("it is not an ordinary file")
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise OSError(f"{path} cannot be written: {error.strerror or error}") from error
    os.close(handle)
    unfinished = Path(name)
    try:
        yield unfinished
        # mkstemp lets nobody else read; a new file follows the user's mask, an old one stays
        mask = os.umask(0)
        os.umask(mask)
        unfinished.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~mask)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


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
