"""Weights that classifiers take: of rows, and of classes."""

from collections.abc import Hashable
from typing import Any

import numpy as np
from sklearn import get_config
from sklearn.base import BaseEstimator, clone
from sklearn.pipeline import Pipeline
from sklearn.utils.metadata_routing import get_routing_for_object
from sklearn.utils.validation import has_fit_parameter

from ganaug.strategy import class_counts


def weight_name(estimator: BaseEstimator) -> str | None:
    """Name by which a classifier's ``fit`` takes weights of rows; None where it takes none.

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


def with_class_weights(
    estimator: BaseEstimator, weights: str | dict[Hashable, float] = "balanced"
) -> BaseEstimator | None:
    """Copy of a classifier, or of a pipeline with one, that weights classes, equally by default.

    None where it has no ``class_weight``.

    Examples
    --------
    >>> from sklearn.svm import SVC
    >>> with_class_weights(SVC())
    SVC(class_weight='balanced')
    """
    names = [name for name in estimator.get_params() if name.split("__")[-1] == "class_weight"]
    if not names:
        return None
    return clone(estimator).set_params(**dict.fromkeys(names, weights))


def balanced_weights(y: np.ndarray) -> dict[Hashable, float]:
    """Weights by which all classes count alike, whatever weights their rows have.

    Examples
    --------
    >>> balanced_weights(np.array([0, 0, 0, 1]))
    {0: 0.6666666666666666, 1: 2.0}
    """
    counts = class_counts(y)
    return {label: len(y) / (len(counts) * n) for label, n in counts.items()}


def prior_ratio(
    classes: np.ndarray, y: np.ndarray, n_real: int, weights: np.ndarray, balanced: bool = False
) -> np.ndarray:
    """Share of each class (n_classes,) in augmented rows over that in the real ones among them.

    Parameters
    ----------
    classes : (n_classes,) array
    y : (n,) array
        Classes of the rows, the real ones first.
    n_real : int
        Number of these.
    weights : (n,) array
        Weights of all rows.
    balanced : bool, default=False
        True where classes weigh alike besides.

    Examples
    --------
    >>> prior_ratio(np.array([0, 1]), np.array([0, 0, 0, 1, 1, 1]), 4, np.ones(6))
    array([0.66666667, 2.        ])
    """
    in_class = y == classes[:, None]
    before = in_class[:, :n_real] @ weights[:n_real]
    after = in_class @ weights
    if balanced:
        after = after / in_class.sum(axis=1)
    share_before = before / before.sum()
    share_after = after / after.sum()
    # a class whose rows weigh nothing is as probable before as after: not at all
    return np.divide(share_after, share_before, out=np.ones(len(after)), where=before > 0)
