"""Rows without a class: which they are, by the label that marks them."""

import numbers
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils import check_consistent_length, column_or_1d

from ganaug.caller import warn_caller
from ganaug.encoding.rows import join_rows, take_rows
from ganaug.hints import listed

# Kinds of labels that NumPy would turn into one another; all others are numbers.
KINDS = {"U": "text", "S": "text", "b": "bools"}

# Constraint of every ``unlabeled_label`` parameter.
LABEL_CONSTRAINT = [str, numbers.Real, None]


def unlabeled_mask(y: Any, unlabeled_label: Hashable) -> np.ndarray:
    """Mask (n,) of the rows that have no class.

    Parameters
    ----------
    y : (n,) array
        Labels; of objects, where a number marks rows among labels of text.
    unlabeled_label : label or None
        Label that marks rows without a class; None makes no label special.

    Raises
    ------
    ValueError
        For a label of another type than those of ``y``, and where no row has a class.

    Warns
    -----
    UserWarning
        Where no row is marked, or one class remains: the label may be a class.

    Examples
    --------
    >>> unlabeled_mask([0, 1, -1, 1], -1)
    array([False, False,  True, False])
    """
    y = column_or_1d(y)
    if unlabeled_label is None:
        return np.zeros(len(y), dtype=bool)
    # arrays of text and numbers are not comparable as wholes
    mask = np.array([label == unlabeled_label for label in y.tolist()], dtype=bool)
    classes = set(y[~mask].tolist())
    if not classes:
        raise ValueError(
            f"all {len(y)} rows are marked by unlabeled_label={unlabeled_label!r}: some rows of "
            "each class have to be labelled."
        )
    if not mask.any():
        _check_type(y, unlabeled_label)
        warn_caller(
            f"unlabeled_label={unlabeled_label!r} marks no row: y holds {_shown(classes)}. Leave "
            "it None where all rows have a class."
        )
    elif len(classes) == 1:
        warn_caller(
            f"unlabeled_label={unlabeled_label!r} leaves one class, {_shown(classes)}. Where "
            f"{unlabeled_label!r} is a class too, leave it None."
        )
    return mask


def unlabeled_last(X: Any, y: Any, unlabeled_label: Hashable) -> tuple[Any, Any]:
    """Rows, those without a class after the others, and the labels of the others.

    Parameters
    ----------
    X : (n, ...) array, sparse matrix or DataFrame
    y : (n,) array or Series
    unlabeled_label : label or None
        As in ``unlabeled_mask``.

    Returns
    -------
    X : n rows, in the type of X
    y : labels of the first n_labelled rows, in the type of y

    Examples
    --------
    >>> X, y = unlabeled_last(np.array([[5], [6], [7]]), np.array([1, -1, 0]), -1)
    >>> X.ravel().tolist(), y.tolist()
    ([5, 7, 6], [1, 0])
    """
    if unlabeled_label is None:
        return X, y
    y = y if hasattr(y, "iloc") else np.asarray(y)
    X = X if hasattr(X, "shape") else np.asarray(X)
    check_consistent_length(X, y)
    mask = unlabeled_mask(y, unlabeled_label)
    labels = numbers_of_objects(y[~mask])
    return take_rows(X, np.argsort(mask, kind="stable")) if mask.any() else X, labels


def numbers_of_objects(labels: Any) -> Any:
    """Labels of objects, among which text has marked rows, as numbers where they are no text.

    Examples
    --------
    >>> numbers_of_objects(np.array([1, 2], dtype=object)).dtype.kind
    'i'
    """
    if labels.dtype != object or any(isinstance(label, str) for label in labels.tolist()):
        return labels
    return np.array(labels.tolist())


def with_unlabeled(y: np.ndarray, n_rows: int, unlabeled_label: Any) -> np.ndarray:
    """Labels of ``n_rows`` rows, the first of which have those of ``y``; others are marked.

    Examples
    --------
    >>> with_unlabeled(np.array(["a", "b"]), 3, "none").tolist()
    ['a', 'b', 'none']
    >>> with_unlabeled(np.array(["a", "b"]), 3, -1).tolist()
    ['a', 'b', -1]
    """
    if n_rows == len(y):
        return y
    parts = [y, np.full(n_rows - len(y), unlabeled_label)]
    # NumPy makes text of numbers beside text, and numbers of bools beside numbers
    if len({KINDS.get(part.dtype.kind) for part in parts}) > 1:
        parts = [part.astype(object) for part in parts]
    return np.concatenate(parts)


def fill_labels(column: pd.Series, unlabeled_label: Any) -> np.ndarray:
    """Labels of all rows, with the label that marks rows without a class in the column's gaps.

    Examples
    --------
    >>> fill_labels(pd.Series([1, None, 0], dtype="Int64"), -1).tolist()
    [1, -1, 0]
    """
    gaps = column.isna().to_numpy()
    labels = with_unlabeled(column[~gaps].to_numpy(), len(column), unlabeled_label)
    filled = np.empty_like(labels)
    filled[np.argsort(gaps, kind="stable")] = labels
    return filled


@dataclass(frozen=True)
class UnlabeledRows:
    """Rows without a class, taken from among those that have one.

    Attributes
    ----------
    X : rows
    label : label
        Label that marks them.
    order : (n,) integer array
        Numbers that all rows had, those of classes first.

    Examples
    --------
    >>> X, y, unlabeled = split_unlabeled(np.array([[5], [6], [7]]), np.array([1, -1, 0]), -1)
    >>> y.tolist(), unlabeled.X.ravel().tolist(), unlabeled.order.tolist()
    ([1, 0], [6], [0, 2, 1])
    >>> unlabeled.join(X, y)[1].tolist()
    [1, 0, -1]
    """

    X: Any
    label: Any
    order: np.ndarray

    def join(self, X: Any, y: np.ndarray) -> tuple[Any, np.ndarray]:
        """Rows of classes and their labels, then these, marked."""
        joined = join_rows([X, self.X])
        return joined, with_unlabeled(y, joined.shape[0], self.label)


def split_unlabeled(
    X: Any, y: Any, unlabeled_label: Hashable
) -> tuple[Any, Any, UnlabeledRows | None]:
    """Rows of classes, their labels, and the rows that have none; None where all have one.

    Parameters
    ----------
    X, y, unlabeled_label
        As in ``unlabeled_last``.
    """
    if unlabeled_label is None:
        return X, y, None
    X_all, labels = unlabeled_last(X, y, unlabeled_label)
    n_labelled = len(labels)
    if n_labelled == len(y):
        return X, y, None
    order = np.argsort(
        [label == unlabeled_label for label in np.asarray(y).tolist()], kind="stable"
    )
    rest = UnlabeledRows(take_rows(X_all, slice(n_labelled, None)), unlabeled_label, order)
    return take_rows(X_all, slice(n_labelled)), labels, rest


def _check_type(y: np.ndarray, unlabeled_label: Any) -> None:
    """Raise a ValueError where labels are text and the mark is none, or the other way round."""
    texts = {isinstance(label, str) for label in y.tolist()}
    if texts != {isinstance(unlabeled_label, str)}:
        kinds = {True: "text", False: "numbers"}
        raise ValueError(
            f"unlabeled_label={unlabeled_label!r} is no label of y, which holds "
            f"{' and '.join(kinds[is_text] for is_text in sorted(texts))}: an array of both turns "
            "all into text, unless it is one of objects. Name the label as y holds it."
        )


def _shown(classes: set) -> str:
    """Some labels in messages."""
    return listed(sorted(classes, key=str))
