"""Input as scikit-learn checks it, save that DataFrames keep their types."""

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils import check_consistent_length
from sklearn.utils.validation import validate_data

# Tables of fewer rows may well have as many levels.
LEAST_IDENTIFIERS = 20


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
    """Samples as ``checked`` gives them, and labels (n,), for ``fit``."""
    if not isinstance(X, pd.DataFrame):
        return validate_data(estimator, X=X, y=y, **array_checks)
    # in this order, as to check labels alone forgets the features
    y = validate_data(estimator, X="no_validation", y=y)
    X = checked(estimator, X, reset=True, **array_checks)
    check_consistent_length(X, y)
    return X, y


def warn_of_identifiers(X: Any, n_levels: Sequence[int | None], name: Callable[[int], str]) -> None:
    """Name columns of levels of which every row has its own."""
    n_rows = X.shape[0]
    for column, levels in enumerate(n_levels):
        identifiers = levels is not None and n_rows > LEAST_IDENTIFIERS
        if identifiers and len(np.unique(X[:, column])) == n_rows:
            warnings.warn(
                f"column {name(column)} has as many levels as rows, {n_rows}: synthetic rows "
                "repeat them. Leave identifiers out.",
                UserWarning,
                stacklevel=4,
            )
