"""Warnings about columns of a training table that tell a model nothing, or too much."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ganaug.caller import warn_caller
from ganaug.encoding.frames import is_frame, to_pandas
from ganaug.encoding.identifiers import look_like_identifiers
from ganaug.encoding.missing import missing_mask
from ganaug.encoding.rows import dense
from ganaug.encoding.schema import TableSchema

# Tables of fewer rows may well have as many levels.
MIN_IDENTIFIERS = 20

# Levels that are more than half as many as rows are called many from here on.
MIN_MANY = 50

# What columns of identifiers have, in warnings.
AS_MANY_LEVELS = "as many levels as rows"
OTHER_IN_EVERY_ROW = "another whole number in every row"

# Classes of fewer rows may well have nothing but gaps in a column.
MIN_ROWS_WITH_GAPS = 5

# Columns that a warning names.
MAX_NAMED = 5


def warn_about_columns(
    X: Any,
    y: np.ndarray,
    is_categorical: Sequence[bool],
    name: Callable[[int], str],
    whole: Sequence[int] = (),
) -> None:
    """Warn about columns that tell nothing, or tell nothing of a class, once for all of a kind.

    Parameters
    ----------
    X : (n, columns) array or sparse matrix
        NaN where there are gaps.
    y : (n_labelled,) array
        Classes of the first rows; the others have none.
    is_categorical : sequence of bool
        True for each column that holds numbers of levels.
    name : callable
        Name of a column by its number.
    whole : sequence of int, default=()
        Columns of whole numbers that may be identifiers.
    """
    n_rows = X.shape[0]
    gaps = missing_mask(X)
    with_gaps = np.flatnonzero(gaps.any(axis=0))
    only_gaps = gaps.all(axis=0)
    levels = np.flatnonzero(np.array(is_categorical) & ~only_gaps).tolist()
    n_levels = {column: len(np.unique(dense(X[:, [column]]))) for column in levels}
    identifiers = [name(column) for column in levels if n_levels[column] == n_rows]
    if identifiers and n_rows > MIN_IDENTIFIERS:
        warn_caller(
            f"{_subject(identifiers)} {AS_MANY_LEVELS}, {n_rows}: synthetic rows repeat them. "
            "Leave identifiers out."
        )
    many = [name(j) for j in levels if max(MIN_MANY, n_rows / 2) < n_levels[j] < n_rows]
    if many:
        warn_caller(
            f"{_subject(many)} more than half as many levels as rows: synthetic rows repeat them. "
            "Convert dates and numbers (pandas.to_datetime, pandas.to_numeric); leave identifiers "
            "out."
        )
    numbered = [
        name(column)
        for column in whole
        if column not in with_gaps and look_like_identifiers(dense(X[:, [column]])[:, 0])
    ]
    if numbered:
        it = "it" if len(numbered) == 1 else "them"
        warn_caller(
            f"{_subject(numbered)} {OTHER_IN_EVERY_ROW}, as identifiers have, and synthetic rows "
            f"repeat some of them. Unless {'it measures' if it == 'it' else 'they measure'} "
            f"something, leave {it} out."
        )
    empty = [name(column) for column in np.flatnonzero(only_gaps).tolist()]
    if empty and n_rows > 1:
        warn_caller(
            f"{_subject(empty)} no value, and all synthetic rows will have none. Leave "
            f"{'it' if len(empty) == 1 else 'them'} out."
        )
    constants = [name(column) for column in levels if n_levels[column] == 1]
    if constants and n_rows > 1:
        warn_caller(
            f"{_subject(constants)} one level only, which all synthetic rows will have. Leave "
            f"{'it' if len(constants) == 1 else 'them'} out."
        )
    _warn_of_empty_classes(gaps[: len(y), ~only_gaps], y, np.flatnonzero(~only_gaps), name)


def _warn_of_empty_classes(
    gaps: np.ndarray, y: np.ndarray, columns: np.ndarray, name: Callable[[int], str]
) -> None:
    """Warn about classes that have nothing but gaps in some of these columns."""
    labels, groups, sizes = np.unique(y, return_inverse=True, return_counts=True)
    empty_in: dict[str, list[str]] = {}
    for place in np.flatnonzero(gaps.any(axis=0)).tolist():
        lacking = (np.bincount(groups, gaps[:, place]) == sizes) & (sizes >= MIN_ROWS_WITH_GAPS)
        if lacking.any():
            empty_in.setdefault(str(labels[lacking].tolist()), []).append(name(columns[place]))
    if empty_in:
        empties = [f"{_subject(names)} nothing but gaps in {of}" for of, names in empty_in.items()]
        shown = "; ".join(empties[:MAX_NAMED]) + "; ..." * (len(empties) > MAX_NAMED)
        warn_caller(f"{shown}: what stands there in other classes tells these apart.")


def warn_about_table(schema: TableSchema, X: Any, y: np.ndarray) -> None:
    """Warn, before training, of columns that hold the classes, or values that no file can hold.

    Parameters
    ----------
    schema : TableSchema
        Of ``X``.
    X : (n, columns) array, DataFrame or sparse matrix
        As it came; sparse matrices are not searched for classes.
    y : (n_labelled,) array
        Classes of the first rows.
    """
    try:
        schema.check_saveable()
    except TypeError as error:
        warn_caller(f"a model of such rows cannot be kept in a file: {error}")
    names = _columns_of_classes(X, y)
    # of few rows, chance and the checks of scikit-learn make such columns
    if names and len(np.unique(y)) > 1 and len(y) > MIN_IDENTIFIERS:
        warn_caller(
            f"{_subject(names)} the class of each row. Leave {'it' if len(names) == 1 else 'them'} "
            "out: no classifier will be given it."
        )


def _columns_of_classes(X: Any, y: np.ndarray) -> list[str]:
    """Names of the columns whose values are the classes."""
    columns: Any = enumerate(X.T) if isinstance(X, np.ndarray) else ()
    if is_frame(X):
        full = ((name, column) for name, column in to_pandas(X).items() if not column.hasnans)
        columns = ((name, column.to_numpy()) for name, column in full)
    return [
        repr(name)
        for name, values in columns
        # True is no class 1
        if values.dtype != bool and np.array_equal(values[: len(y)], y)
    ]


def _subject(names: Sequence[str]) -> str:
    """Names of columns and the verb "have", as a sentence begins."""
    if len(names) == 1:
        return f"column {names[0]} has"
    shown = ", ".join(names[:MAX_NAMED])
    others = f" and {len(names) - MAX_NAMED} others" if len(names) > MAX_NAMED else ""
    return f"{len(names)} columns, {shown}{others}, have"
