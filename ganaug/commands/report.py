"""``ganaug report``: a page that says whether augmentation helps on the user's data."""

import argparse
import textwrap
import time
import warnings
from collections.abc import Hashable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from joblib import cpu_count
from sklearn.base import BaseEstimator
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.svm import SVC

from ganaug.arguments.data import are_sequences, is_folder_of_images
from ganaug.arguments.report import IMAGE_STEPS
from ganaug.commands.data import augment_argument
from ganaug.commands.labels import read_labels, read_subsample
from ganaug.commands.options import strategy_argument
from ganaug.commands.terminal import print_lines
from ganaug.comparing import compare
from ganaug.demo import format_scores, is_partly_scored
from ganaug.encoding.casting import underlying_dtype
from ganaug.encoding.column_warnings import (
    AS_MANY_LEVELS,
    MIN_IDENTIFIERS,
    OTHER_IN_EVERY_ROW,
)
from ganaug.encoding.identifiers import look_like_identifiers
from ganaug.encoding.locations import without_query
from ganaug.encoding.table_source import TableSource
from ganaug.evaluation.gain_tables import WIDTH
from ganaug.hints import listed
from ganaug.models.image import ImageGAN
from ganaug.models.sequence import SequenceGAN
from ganaug.models.table import TableGAN
from ganaug.progress import say
from ganaug.strategy import class_counts, rows_to_add
from ganaug.trainers.device import resolve_device
from ganaug.trainers.tiers import format_labels
from ganaug.unlabeled import numbers_of_objects, unlabeled_mask

# Real and synthetic rows of a report, at most.
MAX_ROWS = 10_000_000

# Folds where none are asked for: networks of images and sequences take minutes.
TABLE_FOLDS = 5
ARRAY_FOLDS = 4

# Pixels a side to which larger images of a folder are brought where time matters.
QUICK_SIDE = 32

# What is said of classifiers of images and sequences.
OF_NETWORKS = (
    " These classifiers see {parts} as columns of numbers: a network of your own is judged in "
    "Python, by ganaug.compare."
)

# Share of the rows that have a level of their own, in columns that are told of.
MIN_SHARE = 0.9

# Levels of a column that classifiers tell apart.
MAX_LEVELS = 30


def run(options: argparse.Namespace) -> None:
    """Compare, print the scores and the verdict, and write the page."""
    start = time.perf_counter()
    data = options.opened
    labels, mark = read_labels(options)
    X, y = read_subsample(data, labels, options.max_rows, options.seed)
    y_labeled = numbers_of_objects(y[~unlabeled_mask(y, mark)])
    _check_labels(options, y_labeled)
    name = Path(without_query(str(options.data))).name
    is_table = isinstance(data, TableSource)
    if is_table:
        X, gone = _prepare_columns(X)
        _warn_of_identifiers(X, data.spelling is None)
        name += f", without {listed(gone)}" if gone else ""
    else:
        _tell_what_is_quicker(options, X)
    n_folds = options.folds or (TABLE_FOLDS if is_table else ARRAY_FOLDS)
    _tell_of_rare_classes(y_labeled, n_folds)
    with warnings.catch_warnings():
        # of what is told above
        warnings.filterwarnings("ignore", "The least populated class in y", UserWarning)
        for text in (AS_MANY_LEVELS, OTHER_IN_EVERY_ROW):
            warnings.filterwarnings("ignore", f".*(has|have) {text}", UserWarning)
        table, scores = compare(
            table_classifiers() if is_table else array_classifiers(),
            X,
            y,
            gan=_model(options, is_table),
            sampling_strategy=strategy_argument(options),
            unlabeled_label=mark,
            gate=None if options.gate == "none" else options.gate,
            cv=StratifiedKFold(n_folds, shuffle=True, random_state=options.seed),
            random_state=options.seed,
            n_jobs=min(options.jobs or _default_jobs(options.device), n_folds),
            verbose=1,
            report=options.output,
            data_name=name,
            return_scores=True,
        )
    parts = "steps" if are_sequences(options) else "pixels"
    own = "" if is_table else OF_NETWORKS.format(parts=parts)
    print_lines(
        f"Balanced accuracy on real rows left out, {_count_folds(scores, n_folds)} of "
        f"{len(y_labeled)} rows:",
        "",
        *format_scores(table).split("\n"),
        *_notes(table),
        "",
        *textwrap.wrap(table.verdict + own, WIDTH),
        "",
        f"{options.output}: the report, in {time.perf_counter() - start:.0f} s.",
    )


def _default_jobs(device: str) -> int:
    """Processes at a time: all cores of a CPU, and one on a GPU, which they would share."""
    return cpu_count() if resolve_device(device).type == "cpu" else 1


def _notes(table: pd.DataFrame) -> Iterator[str]:
    """Lines on methods that were scored on some splits alone, which others need not be."""
    partly = table[is_partly_scored(table)]
    for note, rows in partly.groupby("note", sort=False):
        text = (
            f"* {', '.join(rows['method'].unique())}: scored on some splits alone, so these means "
        )
        reason = note.removeprefix("not used: ")
        yield from textwrap.wrap(f"{text}cannot be compared with the others ({reason}).", WIDTH)


def _tell_what_is_quicker(options: argparse.Namespace, X: Any) -> None:
    """Say which options save time on images and sequences, and how long images are learnt."""
    learnt = "" if are_sequences(options) else _how_long(options.steps)
    smaller = ""
    if is_folder_of_images(options) and max(X.shape[1:3]) > QUICK_SIDE:
        smaller = f", or smaller images (--size {QUICK_SIDE}),"
    say(f"report: {learnt}fewer --steps or --folds{smaller} take less time.", shown=True)


def _how_long(n_steps: int | None) -> str:
    """Words for how long GANs and networks of images are trained."""
    if n_steps == 0:
        return "GANs are not trained, and networks for as long as by default; "
    each = f"each GAN and network trains for {n_steps or IMAGE_STEPS} steps"
    return f"{each}. More --steps are worth some points to networks; "


def _tell_of_rare_classes(y: np.ndarray, n_folds: int) -> None:
    """Say which classes have too few rows to be in every fold."""
    rare = [label for label, n_rows in class_counts(y).items() if n_rows < n_folds]
    if rare:
        text = f"{format_labels(rare)} {'has' if len(rare) == 1 else 'have'} fewer rows than folds"
        say(f"report: {text}, and cannot be judged in all of {n_folds}.", shown=True)


def _count_folds(scores: pd.DataFrame, n_folds: int) -> str:
    """Words for the folds that were done, of those that were to be."""
    n_done = scores["split"].nunique()
    return f"{n_done} folds" if n_done == n_folds else f"{n_done} of {n_folds} folds"


def _prepare_columns(X: pd.DataFrame) -> tuple[pd.DataFrame, list[Hashable]]:
    """Columns that classifiers read, and those left out; say so."""
    names = list(X)
    X = plain_columns(X)
    gone = [name for name in names if name not in X]
    if gone:
        say(f"report: {listed(gone)} left out: nothing but gaps.", shown=True)
    dates = X.columns[[is_date(dtype) for dtype in X.dtypes]]
    if len(dates):
        say(f"report: classifiers read {listed(dates)} as days.", shown=True)
    return X, gone


def _warn_of_identifiers(X: pd.DataFrame, in_numbers: bool) -> None:
    """Say, before any training, which columns seem to be identifiers.

    Who has read text has told of numbers.
    """
    texts = X.select_dtypes("category")
    n_needed = max(MIN_IDENTIFIERS, MIN_SHARE * len(X))
    names = [name for name, column in texts.items() if column.nunique() > n_needed]
    if in_numbers:
        numbers = [name for name, dtype in X.dtypes.items() if dtype.kind in "iu"]
        names += [name for name in numbers if look_like_identifiers(X[name].to_numpy())]
    if names:
        text = f"nearly all cells of {listed(names)} differ, as identifiers do: leave out by --drop"
        say(f"report: {text}.", shown=True)


def _check_labels(options: argparse.Namespace, y: np.ndarray) -> None:
    """Raise a ValueError for labels that name no classes, or too few or too many rows to add."""
    n_classes = len(np.unique(y))
    if n_classes == 1:
        raise ValueError(
            f"{options.data}: all samples have the label {y.tolist()[0]!r}, and classifiers tell "
            "two classes or more apart."
        )
    if n_classes > len(y) / 2:
        raise ValueError(
            f"{options.data}: the labels have {n_classes} different values in {len(y)} rows, which "
            "name no classes. --target names the column, or dataset, of class labels."
        )
    added = rows_to_add(strategy_argument(options), y)
    if not added:
        raise ValueError(
            "all classes are as large as they shall be, so there is nothing to compare. Let them "
            "grow, for instance by --multiply 2."
        )
    if len(y) + sum(added.values()) > MAX_ROWS:
        raise ValueError(
            f"{len(y)} rows would grow by {sum(added.values()):,}, which are held in memory; "
            f"{MAX_ROWS:,} are compared at most. Lower --multiply or --max-rows."
        )


def _model(options: argparse.Namespace, is_table: bool) -> Any:
    """Unfitted model of the data that a command names."""
    n_steps = "auto" if options.steps is None else options.steps
    if is_table:
        return TableGAN(n_steps=n_steps, device=options.device)
    common: dict[str, Any] = {"augment": augment_argument(options), "device": options.device}
    if are_sequences(options):
        return SequenceGAN(n_steps=n_steps, layout=options.layout, **common)
    return ImageGAN(n_steps=IMAGE_STEPS if options.steps is None else n_steps, **common)


def plain_columns(X: pd.DataFrame) -> pd.DataFrame:
    """Columns in types that classifiers read: numbers with NaN in gaps, dates, and categories.

    Without those that hold nothing.

    Raises
    ------
    ValueError
        If no column is left.
    """
    X = X.drop(columns=X.columns[X.isna().all()])
    if X.shape[1] == 0:
        raise ValueError("there are no columns with any value.")
    columns = {}
    for name, column in X.items():
        if is_date(column.dtype):
            columns[name] = column
        elif pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
            gaps = column.isna().any()
            columns[name] = column.astype(float if gaps else underlying_dtype(column.dtype))
        else:
            columns[name] = column.astype(str).where(column.notna()).astype("category")
    return pd.DataFrame(columns)


def is_date(dtype: Any) -> bool:
    """True for types of dates and durations."""
    return dtype.kind in "mM" and not isinstance(dtype, pd.ArrowDtype)


def days(X: pd.DataFrame) -> pd.DataFrame:
    """Columns of dates as days since 1970, and of durations as days; NaN in gaps."""
    return X.apply(_days)


def _days(column: pd.Series) -> pd.Series:
    """Days of durations, and of dates since 1970."""
    if not pd.api.types.is_timedelta64_dtype(column.dtype):
        column = pd.to_datetime(column, utc=True)
        # units stay as they are: the year 9999 cannot be counted in nanoseconds
        column = column - pd.Timestamp(0, tz="UTC").as_unit(column.dt.unit)
    return column / pd.Timedelta(days=1).as_unit("s")


def table_classifiers() -> dict[str, BaseEstimator]:
    """Classifiers of tables with numbers, dates, levels and gaps, by name."""
    numbers = make_column_selector(dtype_include="number", dtype_exclude="timedelta")
    dates = make_column_selector(dtype_include=["datetime", "datetimetz", "timedelta"])
    levels = make_column_selector(dtype_include="category")
    count = FunctionTransformer(days)
    encode = OneHotEncoder(
        handle_unknown="infrequent_if_exist", max_categories=MAX_LEVELS, sparse_output=False
    )
    # a column may be empty in the rows of a fold
    fill = make_pipeline(
        SimpleImputer(strategy="median", keep_empty_features=True), StandardScaler()
    )
    dated = (make_pipeline(count, fill), dates)
    filled = make_column_transformer((encode, levels), dated, (fill, numbers))
    gaps = make_column_transformer((encode, levels), (count, dates), ("passthrough", numbers))
    return {
        "logistic regression": make_pipeline(filled, LogisticRegression(max_iter=2000)),
        "random forest": make_pipeline(filled, RandomForestClassifier(random_state=0)),
        "gradient boosting": make_pipeline(gaps, HistGradientBoostingClassifier(random_state=0)),
    }


def array_classifiers() -> dict[str, BaseEstimator]:
    """Classifiers of images and sequences by their values, by name."""
    # sequences may have gaps
    flat = make_pipeline(FunctionTransformer(_flat), SimpleImputer(keep_empty_features=True))
    return {
        "logistic regression": make_pipeline(
            flat, StandardScaler(), LogisticRegression(max_iter=2000)
        ),
        "random forest": make_pipeline(flat, RandomForestClassifier(random_state=0)),
        "SVC": make_pipeline(flat, StandardScaler(), SVC()),
    }


def _flat(samples: np.ndarray) -> np.ndarray:
    return samples.reshape(len(samples), -1).astype(float)
