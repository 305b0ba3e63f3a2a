"""Fitting classifiers to real rows and, of another weight, synthetic ones."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn import get_config
from sklearn.pipeline import Pipeline
from sklearn.utils.metadata_routing import get_routing_for_object
from sklearn.utils.validation import has_fit_parameter


def weight_name(estimator: Any) -> str | None:
    """What a classifier's ``fit`` calls the weights of rows; None where it takes none.

    Examples
    --------
    >>> from sklearn.neighbors import KNeighborsClassifier
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.svm import SVC
    >>> weight_name(make_pipeline(SVC())), weight_name(KNeighborsClassifier())
    ('svc__sample_weight', None)
    """
    if has_fit_parameter(estimator, "sample_weight"):
        return "sample_weight"
    if get_config()["enable_metadata_routing"]:
        # a pipeline then passes on only what was requested
        return "sample_weight" if _requests_weights(estimator) else None
    if not isinstance(estimator, Pipeline):
        return None
    *others, (name, last) = estimator.steps
    if any(hasattr(step, "fit_resample") for _, step in others):
        return None  # the last step would get other rows than those that were weighed
    inner = weight_name(last)
    return None if inner is None else f"{name}__{inner}"


def _requests_weights(estimator: Any) -> bool:
    try:
        return bool(get_routing_for_object(estimator).consumes("fit", ["sample_weight"]))
    except NotImplementedError:  # some estimators know no routing
        return False


@dataclass(frozen=True)
class Fit:
    """Fits a classifier to real rows of given numbers, and synthetic ones after them.

    Attributes
    ----------
    weight_name : str or None
        What the classifier calls weights of rows.
    synthetic_weight : float
        Of each synthetic row, against 1 of a real one.
    parameters : dict
        Of the classifier's ``fit``; ``sample_weight`` in it is that of real rows.
    """

    weight_name: str | None
    synthetic_weight: float
    parameters: dict[str, Any]

    def __call__(
        self, classifier: Any, X: Any, y: np.ndarray, rows: np.ndarray, factor: float = 1.0
    ) -> Any:
        """Fit; ``factor`` makes synthetic rows lighter still."""
        parameters = dict(self.parameters)
        given = parameters.pop("sample_weight", None) is not None
        if given or factor * self.synthetic_weight != 1:
            name = self.weight_name or "sample_weight"
            parameters[name] = self.weights(len(y), rows, factor)
        return classifier.fit(X, y, **parameters)

    def weights(self, n_rows: int, rows: np.ndarray, factor: float = 1.0) -> np.ndarray:
        """Of all rows (n_rows,): real ones of these numbers, and synthetic ones after them."""
        weights = np.full(n_rows, factor * self.synthetic_weight)
        own = self.parameters.get("sample_weight")
        weights[: len(rows)] = 1.0 if own is None else np.asarray(own, dtype=float)[rows]
        return weights
