"""Input as scikit-learn checks it, save that DataFrames keep their types."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils import check_consistent_length
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import validate_data

from ganaug.caller import warn_caller
from ganaug.encoding.missing import missing_mask

# Tables of fewer rows may well have as many levels.
MIN_IDENTIFIERS = 20

# Classes of fewer rows may well have nothing but gaps in a column.
MIN_EMPTY = 5


def checked(estimator: BaseEstimator, X: Any, *, reset: bool, **array_checks: Any) -> Any:
    """A DataFrame as it is, anything else as a checked array or sparse matrix.

    Parameters
    ----------
    estimator : estimator
        Whose features these are.
    X : samples
    reset : bool
        True remembers number and names of features, False compares them.
    **array_checks
        For ``sklearn.utils.check_array``.

    Raises
    ------
    ValueError
        As scikit-learn does; of a DataFrame, for gaps that are not allowed, and where
        it has no rows or columns.
    """
    if not isinstance(X, pd.DataFrame):
        return validate_data(estimator, X=X, reset=reset, **array_checks)
    for what, size in zip(("sample", "feature"), X.shape, strict=True):
        if size == 0:
            raise ValueError(
                f"Found a DataFrame with 0 {what}(s) (shape={X.shape}) while a minimum of 1 is "
                f"required by {type(estimator).__name__}."
            )
    X = validate_data(estimator, X=X, reset=reset, skip_check_array=True)
    gaps = X.columns[X.isna().any()]
    if len(gaps) and array_checks.get("ensure_all_finite", True) is True:
        raise ValueError(
            f"column {gaps[0]!r} holds NaN, which {type(estimator).__name__} does not take here."
        )
    return X


def checked_with_labels(
    estimator: BaseEstimator, X: Any, y: Any, **array_checks: Any
) -> tuple[Any, Any]:
    """Samples as ``checked`` gives them, and labels (n,) of classes, for ``fit``."""
    if isinstance(X, pd.DataFrame):
        # in this order, as to check labels alone forgets the features
        y = validate_data(estimator, X="no_validation", y=y)
        X = checked(estimator, X, reset=True, **array_checks)
        check_consistent_length(X, y)
    else:
        X, y = validate_data(estimator, X=X, y=y, **array_checks)
    check_classification_targets(y)
    if y.dtype.kind in "mM":
        raise ValueError("y holds dates; labels must be numbers, strings or bools.")
    return X, y


def chosen_labels(y: np.ndarray, labels: Any) -> np.ndarray:
    """Classes of ``y`` that are to be trained, sorted; all where ``labels`` is None.

    Raises
    ------
    ValueError
        For labels that ``y`` does not hold, or none.
    """
    present = np.unique(y)
    if labels is None:
        return present
    chosen = np.atleast_1d(labels)
    unknown = np.setdiff1d(chosen, present)
    if len(unknown) or not len(chosen):
        raise ValueError(
            f"labels must name classes that y holds, {present.tolist()}; got {chosen.tolist()}."
        )
    return present[np.isin(present, chosen)]


def warn_of_columns(
    X: Any, y: np.ndarray, is_categorical: Sequence[bool], name: Callable[[int], str]
) -> None:
    """Name columns that tell nothing, or tell nothing of a class.

    Parameters
    ----------
    X : (n, columns) array or sparse matrix
        NaN where there are gaps.
    y : (n,) array
        Classes.
    is_categorical : sequence of bool
        Of each column: True where it holds numbers of levels.
    name : callable
        Name of a column by its number.
    """
    n_rows, gaps = X.shape[0], missing_mask(X)
    some_gaps, only_gaps = gaps.any(axis=0), gaps.all(axis=0)
    for column in np.flatnonzero(np.array(is_categorical) & ~only_gaps).tolist():
        n_levels = len(np.unique(X[:, column]))
        if n_levels == n_rows > MIN_IDENTIFIERS:
            _warn(
                f"column {name(column)} has as many levels as rows, {n_rows}: synthetic rows "
                "repeat them. Leave identifiers out."
            )
        if n_levels == 1 < n_rows:
            _warn(
                f"column {name(column)} has one level only, which all synthetic rows will have. "
                "Leave it out."
            )
    labels, groups, sizes = np.unique(y, return_inverse=True, return_counts=True)
    for column in np.flatnonzero(some_gaps & ~only_gaps).tolist():
        empty = (np.bincount(groups, gaps[:, column]) == sizes) & (sizes >= MIN_EMPTY)
        if empty.any():
            _warn(
                f"column {name(column)} has nothing but gaps in {labels[empty].tolist()}: what "
                "stands there in other classes tells these apart."
            )


def _warn(message: str) -> None:
    warn_caller(message)
