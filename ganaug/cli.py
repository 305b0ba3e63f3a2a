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
from ganaug.models.table import TableGAN
from ganaug.sampler import GANOverSampler
from ganaug.sampling import class_counts, multiply


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
        description="Add synthetic rows to the scarce classes of a CSV table with a header line. "
        "Columns are numbers, or levels where they hold anything else; empty cells are gaps. "
        "Real rows come first, in their order, as they were written.",
    )
    augment.add_argument("table", type=Path, metavar="TABLE.csv")
    augment.add_argument("--target", required=True, metavar="COLUMN", help="column of class labels")
    augment.add_argument("-o", "--output", required=True, type=Path, metavar="OUT.csv")
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
    text, rows = _read(options.table, options.target, options.mark)
    labels = text[options.target]
    strategy = "auto" if options.multiply is None else multiply(options.multiply)
    steps = "auto" if options.steps is None else options.steps
    gan = TableGAN(n_steps=steps, device=options.device, verbose=1)
    sampler = GANOverSampler(gan, sampling_strategy=strategy, random_state=options.seed)
    with _written_whole(options.output) as unfinished:
        X, y = sampler.fit_resample(rows, labels)
        new = X[sampler.synthetic_mask_].assign(**{options.target: y[len(text) :]})
        # real rows as they were written, not as numbers read and written again
        grown = pd.concat([text, new.astype(object)], ignore_index=True)[text.columns]
        grown[options.mark] = sampler.synthetic_mask_
        grown.to_csv(unfinished, index=False)
    before, after = class_counts(labels), class_counts(y)
    added = {label: after[label] - before[label] for label in before}
    counts = pd.DataFrame({"real": before, "synthetic": added})
    print(counts.rename_axis("class").reset_index().to_string(index=False))
    print(
        f"\n{options.output}: {len(grown)} rows, {sampler.synthetic_mask_.sum()} of them synthetic "
        f"(column {options.mark!r}), in {time.perf_counter() - start:.1f} s."
    )
    print("Whether they help your classifier is a question for ganaug.compare, on real rows.")


def _read(path: Path, target: str, mark: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A CSV file as text, and its columns but the target by their types.

    Every fault that can be seen is named here, before any training.
    """
    try:
        with warnings.catch_warnings():
            # rows longer than the header, which pandas would cut
            warnings.simplefilter("error", pd.errors.ParserWarning)
            text = pd.read_csv(path, index_col=False, dtype=str, keep_default_na=False)
            # types in which whole numbers stay whole beside gaps
            rows = pd.read_csv(
                path, index_col=False, dtype_backend="numpy_nullable", low_memory=False
            )
            # 01234 is a code, and no number
            coded = [name for name in text if text[name].str.match(r"0\d").any()]
            rows[coded] = text[coded].replace("", pd.NA)
            header = pd.read_csv(path, header=None, nrows=1, dtype=str).iloc[0]
    except (pd.errors.ParserError, pd.errors.ParserWarning, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is not a readable CSV table: {error}") from error
    except pd.errors.EmptyDataError as error:
        raise ValueError(f"{path} is empty.") from error
    if header.duplicated().any():
        repeated = header[header.duplicated()].unique().tolist()
        raise ValueError(f"{path} has several columns named {repeated}; rename them.")
    if target not in text:
        raise ValueError(
            f"{path} has no column {target!r}; it has {', '.join(map(repr, text.columns))}."
        )
    if mark in text:
        raise ValueError(f"{path} has a column {mark!r} already; name another one with --mark.")
    if len(text) == 0:
        raise ValueError(f"{path} has a header and no rows.")
    check_classification_targets(rows[target].dropna())
    n_gaps = (text[target] == "").sum()
    if n_gaps:
        raise ValueError(f"{path} has {n_gaps} rows without {target!r}; leave them out.")
    return text, rows.drop(columns=target)


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
