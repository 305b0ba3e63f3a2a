"""Warnings about columns of a training table that tell a model nothing, or too much."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ganaug.caller import warn_caller
from ganaug.encoding.missing import missing_mask
from ganaug.encoding.rows import dense

# Tables of fewer rows may well have as many levels.
MIN_IDENTIFIERS = 20

# Classes of fewer rows may well have nothing but gaps in a column.
MIN_ROWS_WITH_GAPS = 5


def warn_about_columns(
    X: Any, y: np.ndarray, is_categorical: Sequence[bool], name: Callable[[int], str]
) -> None:
    """Warn about columns that tell nothing, or tell nothing of a class.

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
    """
    n_rows = X.shape[0]
    gaps = missing_mask(X)
    some_gaps = gaps.any(axis=0)
    only_gaps = gaps.all(axis=0)
    for column in np.flatnonzero(np.array(is_categorical) & ~only_gaps).tolist():
        n_levels = len(np.unique(dense(X[:, [column]])))
        if n_levels == n_rows > MIN_IDENTIFIERS:
            warn_caller(
                f"column {name(column)} has as many levels as rows, {n_rows}: synthetic rows "
                "repeat them. Leave identifiers out."
            )
        if n_levels == 1 < n_rows:
            warn_caller(
                f"column {name(column)} has one level only, which all synthetic rows will have. "
                "Leave it out."
            )
    gaps = gaps[: len(y)]
    labels, groups, sizes = np.unique(y, return_inverse=True, return_counts=True)
    for column in np.flatnonzero(some_gaps & ~only_gaps).tolist():
        empty = (np.bincount(groups, gaps[:, column]) == sizes) & (sizes >= MIN_ROWS_WITH_GAPS)
        if empty.any():
            warn_caller(
                f"column {name(column)} has nothing but gaps in {labels[empty].tolist()}: what "
                "stands there in other classes tells these apart."
            )
