"""Fitting classifiers to real rows and, of another weight, synthetic ones."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sklearn import get_config
from sklearn.base import BaseEstimator
from sklearn.utils.metadata_routing import process_routing

from ganaug.evaluation.method import Method
from ganaug.evaluation.weights import balanced_weights, weight_name, with_class_weights
from ganaug.openmp import threads_for_rows

# Modules of classifiers that compute nothing by torch, which shares OpenMP with scikit-learn.
WITHOUT_TORCH = ("sklearn.", "imblearn.", "ganaug.evaluation.")


def threads_for(classifier: BaseEstimator, n_rows: int) -> AbstractContextManager:
    """Context of a fit to so many rows, or a prediction: one thread where these are few."""
    inner = classifier.get_params().values() if isinstance(classifier, BaseEstimator) else []
    parts = [classifier, *(one for one in inner if hasattr(one, "fit"))]
    modules = [(one if isinstance(one, type) else type(one)).__module__ for one in parts]
    if all(module.startswith(WITHOUT_TORCH) for module in modules):
        return threads_for_rows(n_rows)
    return nullcontext()


@dataclass(frozen=True)
class Fit:
    """Way to fit a classifier to real rows of given numbers, and synthetic ones after them.

    Attributes
    ----------
    weight_name : str or None
        Name by which the classifier takes weights of rows.
    synthetic_weight : float, default=1.0
        Weight of each synthetic row, against 1 of a real one; where these have weights, against
        the mean of them.
    parameters : dict
        Parameters of the classifier's ``fit``; ``sample_weight`` in it is that of real rows.
    """

    weight_name: str | None
    synthetic_weight: float = 1.0
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(
        cls, estimator: BaseEstimator, synthetic_weight: float | None, parameters: Mapping[str, Any]
    ) -> "Fit":
        """Way to fit a classifier; a ValueError where it cannot weigh rows as it should.

        Parameters
        ----------
        estimator : classifier
        synthetic_weight : float or None
            Weight of each synthetic row; None is 1.
        parameters : dict
            Parameters of its ``fit``.
        """
        name = weight_name(estimator)
        if name is None and synthetic_weight is not None:
            raise ValueError(
                f"synthetic_weight={synthetic_weight} needs a classifier whose fit takes "
                f"sample_weight; that of {type(estimator).__name__} does not. Leave it None."
            )
        return cls(name, 1.0 if synthetic_weight is None else synthetic_weight, parameters)

    def __call__(
        self, method: Method, estimator: BaseEstimator, X: Any, y: np.ndarray, rows: np.ndarray
    ) -> BaseEstimator:
        """Copy of a classifier, prepared as a method says and fitted.

        Parameters
        ----------
        method : Method
        estimator : classifier
            Cloned.
        X, y : training rows, as ``method.augment`` leaves them, and their classes
        rows : (n_real,) integer array
            Number of each real row among those that ``sample_weight`` has weights of.
        """
        parameters = dict(self.parameters)
        has_weights = parameters.pop("sample_weight", None) is not None
        classifier: Any = method.prepare(estimator)
        if has_weights and method.weights_classes:
            # "balanced" counts rows in some classifiers, and adds up their weights in others
            classifier = with_class_weights(estimator, balanced_weights(y[: len(rows)]))
        if has_weights or self._weight(method) != 1:
            name = self.weight_name or "sample_weight"
            parameters[name] = self.sample_weights(method, len(y), rows)
        with threads_for(classifier, len(y)):
            return classifier.fit(X, y, **parameters)

    def sample_weights(self, method: Method, n_rows: int, rows: np.ndarray) -> np.ndarray:
        """Weights (n_rows,) of real rows of these numbers, and of synthetic ones after them."""
        given = self.parameters.get("sample_weight")
        real = np.ones(len(rows)) if given is None else np.asarray(given, dtype=float)[rows]
        return np.append(real, np.full(n_rows - len(rows), self._weight(method) * real.mean()))

    def _weight(self, method: Method) -> float:
        """Weight of a synthetic row."""
        return method.weight * self.synthetic_weight


def routed_parameters(
    owner: Any, classifier: BaseEstimator, fit_params: Mapping[str, Any], n_rows: int
) -> dict[str, Any]:
    """Parameters of a classifier's ``fit``: as metadata routing hands them out, or weights alone.

    Parameters
    ----------
    owner : estimator
        Estimator that was given them, and routes to its ``estimator``.
    classifier : classifier
    fit_params : dict
        Nothing but ``sample_weight`` where routing is not enabled.
    n_rows : int
        Number of rows of X.

    Raises
    ------
    ValueError
        For weights that the classifier does not take or that are not one for each row, and for
        other parameters of one value a row.
    """
    routed = dict(fit_params)
    if fit_params and get_config()["enable_metadata_routing"]:
        routed = dict(process_routing(owner, "fit", **fit_params).estimator.fit)
    elif fit_params and weight_name(classifier) is None:
        raise ValueError(
            f"sample_weight was given, and the fit of {type(classifier).__name__} takes none."
        )
    if "sample_weight" in routed:
        weights = np.asarray(routed["sample_weight"], dtype=float)
        if weights.shape != (n_rows,):
            raise ValueError(f"sample_weight has the shape {weights.shape}, X has {n_rows} rows.")
        routed["sample_weight"] = weights
    for name, value in routed.items():
        if name != "sample_weight" and np.shape(value)[:1] == (n_rows,):
            raise ValueError(
                f"{name} has one value per row, and nothing to say of synthetic rows; "
                f"{type(owner).__name__} can extend sample_weight only."
            )
    return routed
