"""Dry run of a model: a fit without training, which refuses what a training would refuse."""

import warnings
from collections.abc import Hashable
from typing import Any

import numpy as np
from sklearn.frozen import FrozenEstimator

from ganaug.models.protocol import Model, inner_model
from ganaug.resampling import append_samples, clone_seeded, fit_classes
from ganaug.unlabeled import UnlabeledRows

# Parameters, of a model and of models in it, that are 0 where nothing is trained.
NO_TRAINING = ("n_steps", "guard")


def check_model(
    gan: Model | None,
    X: Any,
    y: np.ndarray,
    labels: list[Hashable],
    unlabeled: UnlabeledRows | None,
) -> None:
    """Fit a model of this package without training, and draw a row of each class.

    What it refuses it refuses here, and not in each split while others train for minutes. Of other
    models nobody knows how long a fit takes.

    Parameters
    ----------
    gan : model or None
        Cloned, unless it is frozen.
    X, y : real rows and their classes
    labels : list of labels
        Classes that are to be enlarged.
    unlabeled : UnlabeledRows or None

    Raises
    ------
    ValueError
        If it does not take such rows, or draws others, as a frozen model may.
    """
    rng = np.random.RandomState(0)
    model = clone_seeded(gan, X, rng)
    if not hasattr(type(inner_model(model)), "sample_kind"):
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if not isinstance(model, FrozenEstimator):
            names = [name for name in model.get_params() if name.rpartition("__")[2] in NO_TRAINING]
            model.set_params(**dict.fromkeys(names, 0))
        fit_classes(model, X, y, labels, unlabeled)
        append_samples(model, X, y, dict.fromkeys(labels, 1), rng)
