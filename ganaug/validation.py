"""Input as scikit-learn checks it, save that frames keep their types.

scikit-learn's private names are imported here and nowhere else: this is the one file to look at
when it moves them.
"""

import numbers
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_extension_array_dtype, is_integer_dtype
from sklearn.base import BaseEstimator, _fit_context
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.ensemble._hist_gradient_boosting.common import PREDICTOR_RECORD_DTYPE as TREE_NODES
from sklearn.ensemble._hist_gradient_boosting.predictor import TreePredictor
from sklearn.utils import check_consistent_length
from sklearn.utils._param_validation import (
    HasMethods,
    Interval,
    InvalidParameterError,
    Options,
    StrOptions,
)
from sklearn.utils.metadata_routing import _raise_for_params as raise_for_params
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight as check_sample_weight
from sklearn.utils.validation import _is_fitted as is_fitted
from sklearn.utils.validation import validate_data

from ganaug.encoding.casting import underlying_dtype
from ganaug.encoding.dataset import check_in_memory
from ganaug.encoding.frames import column_names, is_frame, to_pandas
from ganaug.hints import did_you_mean, listed, unordered
from ganaug.unlabeled import unlabeled_last

__all__ = [
    "HasMethods",
    "Interval",
    "InvalidParameterError",
    "Options",
    "StrOptions",
    "STRATEGY_CONSTRAINT",
    "TREE_NODES",
    "TreePredictor",
    "check_name",
    "check_classes",
    "check_one_type",
    "check_targets",
    "check_sample_weight",
    "check_samples",
    "check_samples_and_labels",
    "fit_context",
    "grown_trees",
    "is_fitted",
    "raise_for_params",
    "select_labels",
]

# Names that an error lists beside one that was perhaps meant, at most.
MAX_NAMES = 20


Method = TypeVar("Method", bound=Callable)


# Constraint of ``sampling_strategy``: as imbalanced-learn's for over-sampling; numbers above 1 are
# told by ``rows_to_add`` what multiplies classes.
STRATEGY_CONSTRAINT: list = [
    Interval(numbers.Real, 0, None, closed="neither"),
    StrOptions({"auto", "minority", "not minority", "not majority", "all"}),
    dict,
    callable,
]


def fit_context(*, prefer_skip_nested_validation: bool) -> Callable[[Method], Method]:
    """Decorator of ``fit`` that checks the parameters first, by ``_parameter_constraints``.

    Parameters
    ----------
    prefer_skip_nested_validation : bool
        True where estimators inside are not a user's, and need no checks of their own.
    """
    return _fit_context(prefer_skip_nested_validation=prefer_skip_nested_validation)


def check_samples(estimator: BaseEstimator, X: Any, *, reset: bool, **array_checks: Any) -> Any:
    """Check samples; return a frame as it is, others as an array or a sparse matrix.

    Parameters
    ----------
    estimator : estimator
        Estimator that remembers the features.
    X : samples (n, features)
    reset : bool
        True remembers number and names of features, False compares them.
    **array_checks
        Options of ``sklearn.utils.check_array``.

    Raises
    ------
    TypeError
        For a data set of torch.
    ValueError
        As scikit-learn does; of a frame, for gaps that are not allowed, for several
        columns of one name, and where it has no rows or columns.
    """
    check_lengths(X)
    if not is_frame(X):
        return validate_data(estimator, X=X, reset=reset, **array_checks)
    for what, size in zip(("sample", "feature"), X.shape, strict=True):
        if size == 0:
            raise ValueError(
                f"Found a DataFrame with 0 {what}(s) (shape={X.shape}) while a minimum of 1 is "
                f"required by {type(estimator).__name__}."
            )
    repeated = _repeated(column_names(X))
    if repeated:
        raise ValueError(f"X has several columns named {repeated}; rename them.")
    X = validate_data(estimator, X=X, reset=reset, skip_check_array=True)
    if array_checks.get("ensure_all_finite", True) is not True:
        return X
    gaps = [name for name, column in to_pandas(X).items() if column.isna().any()]
    if gaps:
        raise ValueError(
            f"{type(estimator).__name__} takes no gaps here, and there are some in "
            f"{listed(gaps)}. Fill them, such as by SimpleImputer."
        )
    return X


def check_samples_and_labels(
    estimator: BaseEstimator, X: Any, y: Any, unlabeled_label: Any = None, **array_checks: Any
) -> tuple[Any, Any]:
    """Check samples as ``check_samples`` does, and labels (n,) of classes, for ``fit``.

    Samples without a class, which ``unlabeled_label`` marks, come after the others; the labels
    are those of the others.
    """
    y = plain_labels(check_targets(y))
    if is_frame(X):
        # in this order, as to check labels alone forgets the features
        y = validate_data(estimator, X="no_validation", y=y)
        X = check_samples(estimator, X, reset=True, **array_checks)
        check_consistent_length(X, y)
    else:
        check_lengths(X)
        X, y = validate_data(estimator, X=X, y=y, **array_checks)
    X, y = unlabeled_last(X, y, unlabeled_label)
    check_classes(y)
    if y.dtype.kind in "mM":
        raise ValueError("y holds dates; labels must be numbers, strings or bools.")
    return X, _plain_objects(y) if y.dtype.kind == "O" else y


def check_one_type(y: Any) -> None:
    """Raise a ValueError for labels (n,) of which some are text and others are not.

    Examples
    --------
    >>> check_one_type(np.array([1, "a"], dtype=object))
    Traceback (most recent call last):
    ValueError: y holds labels of the types int, str, which have no order. Make them all texts, \
or all numbers.
    """
    labels = np.asarray(y)
    if labels.dtype.kind != "O":
        return
    values = labels.ravel().tolist()
    if len({isinstance(label, str) for label in values}) > 1:
        raise ValueError(unordered(values))


def check_classes(y: np.ndarray) -> None:
    """Raise a ValueError for labels (n,) that are no classes, or cannot be sorted."""
    check_one_type(y)
    try:
        check_classification_targets(y)
    except TypeError as error:
        raise ValueError(unordered(y.tolist())) from error


def _repeated(names: list) -> list:
    """Names that several columns have."""
    return [name for name, n in Counter(names).items() if n > 1]


def check_name(parameter: str, name: str, known: Iterable[str]) -> None:
    """Raise for a name that is not known, and say which of those that are is like it.

    Examples
    --------
    >>> check_name("method", "SMOT", ["none", "SMOTE"])
    Traceback (most recent call last):
    sklearn.utils._param_validation.InvalidParameterError: method='SMOT' is not known. Did you \
mean 'SMOTE'? Known are: 'SMOTE', 'none'.
    """
    names = sorted(known)
    if name not in names:
        hint = did_you_mean(name, names)
        # a long list would hide the hint
        is_listed = not hint or len(names) <= MAX_NAMES
        others = f" Known are: {listed(names, MAX_NAMES)}." if is_listed else ""
        raise InvalidParameterError(f"{parameter}={name!r} is not known.{hint}{others}")


def check_targets(y: Any) -> Any:
    """Labels (n,) as they are, but a list of text and numbers as an array of objects.

    Raises
    ------
    ValueError
        For labels among which are None, NaN or NA, and for one text.

    Examples
    --------
    >>> check_targets(["a", -1]).tolist()
    ['a', -1]
    """
    if isinstance(y, str):
        raise ValueError(
            f"y holds the class of each row, and is {y!r}. Of a frame with a column of this name, "
            f"pass X.drop(columns={y!r}) and X[{y!r}]."
        )
    labels = y if isinstance(y, pd.Series) else np.asarray(y)
    # NumPy turns numbers among text into text
    as_text = isinstance(y, list | tuple) and labels.ndim == 1 and labels.dtype.kind == "U"
    if as_text and not all(isinstance(label, str) for label in y):
        y = labels = np.array(y, dtype=object)
    n_gaps = int(pd.isna(labels).sum()) if labels.ndim == 1 else 0
    if n_gaps:
        raise ValueError(
            f"y holds None or NaN in {n_gaps} of {len(labels)} rows, which name no class. "
            "Leave these rows out, or have them teach what classes share: "
            f"{_filled_labels(labels)}."
        )
    return y


def _filled_labels(labels: Any) -> str:
    """Lines of Python that mark rows without a label."""
    mark = -1 if pd.api.types.is_numeric_dtype(labels.dtype) else "none"
    filled = f"{mark!r} in these places"
    if isinstance(labels, pd.Series):
        filled = f"y.fillna({mark!r})"
        try:
            labels.fillna(mark)
        except (TypeError, ValueError, OverflowError):
            filled = f"y.astype(object).fillna({mark!r})"
    return f"{filled}, and unlabeled_label={mark!r}"


def check_lengths(X: Any) -> None:
    """Raise a ValueError for samples of different lengths, a TypeError for a data set of torch."""
    check_in_memory(X)
    if not (isinstance(X, list | tuple) or (isinstance(X, np.ndarray) and X.dtype == object)):
        return
    shapes = {
        np.shape(item) if isinstance(item, np.ndarray) else (len(item),)
        for item in X
        if isinstance(item, list | tuple | np.ndarray)
    }
    if len({shape[0] for shape in shapes if shape}) > 1:
        raise ValueError(
            "X holds samples of different lengths. SequenceGAN takes such sequences by itself; all "
            "else takes arrays: cut or pad the sequences to one length."
        )


def plain_labels(y: Any) -> Any:
    """Labels, those of nullable integers or bools in NumPy's dtype: checks turn these to floats."""
    nullable = isinstance(y, pd.Series) and is_extension_array_dtype(y.dtype)
    if nullable and (is_integer_dtype(y.dtype) or is_bool_dtype(y.dtype)) and y.notna().all():
        return y.to_numpy(dtype=underlying_dtype(y.dtype))
    return y


def _plain_objects(y: np.ndarray) -> np.ndarray:
    """Labels as Python has them, where an array of objects holds text of NumPy's."""
    labels = [label.item() if isinstance(label, np.generic) else label for label in y.tolist()]
    ending = [label for label in labels if isinstance(label, str) and label.endswith("\0")]
    if ending:
        raise ValueError(
            f"the label {ending[0]!r} ends in a null character, which NumPy's text does not keep. "
            "Rename it."
        )
    return np.array(labels, dtype=object)


def select_labels(y: np.ndarray, labels: Any) -> np.ndarray:
    """Select the classes of ``y`` that are to be trained, sorted; all where ``labels`` is None.

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


def grown_trees(model: HistGradientBoostingClassifier) -> tuple[np.ndarray, list[TreePredictor]]:
    """Scores (outputs,) before the first tree, and all trees, which take turns over the outputs.

    Parameters
    ----------
    model : HistGradientBoostingClassifier
        Fitted.
    """
    trees = [tree for iteration in model._predictors for tree in iteration]
    return np.asarray(model._baseline_prediction, dtype=np.float64).ravel(), trees
