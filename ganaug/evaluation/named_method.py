"""The method that a user names, for a classifier and its training rows."""

from collections.abc import Sequence
from typing import Any

from sklearn.base import BaseEstimator

from ganaug.evaluation.applicability import (
    are_images,
    are_no_sequences,
    are_sequences,
    are_table,
)
from ganaug.evaluation.method import Method
from ganaug.evaluation.methods import GAN_QUARTER_ROWS, METHODS, NONE

# What methods are for, in words.
KINDS: dict[Any, str] = {
    are_images: "images",
    are_sequences: "sequences",
    are_no_sequences: "tables and images",
    are_table: "tables",
}


def method_for(
    name: str,
    estimator: BaseEstimator,
    X: Any,
    model: Any,
    sizes: Sequence[int],
    has_unlabeled: bool,
) -> Method:
    """Method of a name, for a classifier and its training rows.

    Parameters
    ----------
    name : str
        One of ``METHODS``.
    estimator : classifier
    X : rows
    model : model
        For such rows, fitted or not.
    sizes : sequence of int
        Rows of each class to be enlarged; where there is none, nothing is done.
    has_unlabeled : bool
        True where there may be rows without a class.

    Raises
    ------
    ValueError
        For a method that cannot be used on such rows, or for such a classifier.
    """
    if not sizes:
        return NONE
    method = METHODS[name]
    obstacle = method.obstacle(estimator, X, min(sizes))
    if method is GAN_QUARTER_ROWS:
        # a classifier that takes weights may do without
        obstacle = ""
    if not method.takes_kind(X, model):
        obstacle = f"it is for {KINDS[method.takes_kind]}"
    if method.self_training and not has_unlabeled:
        obstacle = "there is no unlabeled_label"
    if obstacle:
        raise ValueError(f"method={name!r} cannot be used: {obstacle}.")
    return method
