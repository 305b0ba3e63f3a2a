"""Kinds of data that methods are for, and obstacles to them in rows and classifiers."""

from typing import Any

from scipy import sparse
from sklearn.base import BaseEstimator

from ganaug.evaluation.weights import weight_name
from ganaug.models.protocol import inner_model, is_image_model, is_sequence_model


def always(*arguments: Any) -> bool:
    """True for all rows."""
    return True


def nothing(*arguments: Any) -> str:
    """No obstacle, whatever the rows or the classifier."""
    return ""


def is_sparse(X: Any, n_smallest: int) -> str:
    """Obstacle for methods that work on dense rows."""
    return "rows are a sparse matrix" if sparse.issparse(X) else ""


def lacks_neighbours(X: Any, n_smallest: int) -> str:
    """Obstacle for methods that work between rows of a class."""
    alone = "a class to be enlarged has one row, without neighbours" if n_smallest < 2 else ""
    return is_sparse(X, n_smallest) or alone


def are_images(X: Any, model: Any) -> bool:
    """True where the model is one of images."""
    return is_image_model(inner_model(model))


def are_sequences(X: Any, model: Any) -> bool:
    """True where the model is one of sequences."""
    return is_sequence_model(inner_model(model))


def are_no_sequences(X: Any, model: Any) -> bool:
    """True where the model is not one of sequences."""
    return not are_sequences(X, model)


def are_table(X: Any, model: Any) -> bool:
    """True for rows with columns, which are neither images nor sequences to the model."""
    other = are_images(X, model) or are_sequences(X, model)
    return not (sparse.issparse(X) or len(X.shape) > 2 or other)


def takes_no_weights(estimator: BaseEstimator) -> str:
    """Obstacle for methods that weigh rows."""
    name = type(estimator).__name__
    return "" if weight_name(estimator) else f"{name} takes no weights of rows (sample_weight)"


def takes_weights(estimator: BaseEstimator) -> str:
    """Obstacle for methods that stand in for weights of rows."""
    return "this classifier takes weights of rows instead" if weight_name(estimator) else ""


def gives_no_probabilities(estimator: BaseEstimator) -> str:
    """Obstacle for methods that go by how sure a classifier is."""
    name = type(estimator).__name__
    return "" if hasattr(estimator, "predict_proba") else f"{name} has no predict_proba"
