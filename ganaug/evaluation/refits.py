"""Copies of one model, each fitted to its own part of the data."""

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
from sklearn import config_context

from ganaug.encoding.rows import take_rows
from ganaug.models.image_mixin import ImageModelMixin
from ganaug.models.table import TableGAN
from ganaug.resampling import fit_labels, prepared
from ganaug.trainers.checkpoint import Checkpoint
from ganaug.trainers.table import FROM_NOISE, train_together
from ganaug.training.defaults import torch_defaults


def is_expensive(gan: Any, X: Any, sizes: Sequence[int]) -> bool:
    """True where models of parts of the data cost as much as so many of all of them.

    Parameters
    ----------
    gan : model or None
        Model to copy, as in ``AugmentedClassifier``.
    X : rows
    sizes : sequence of int
        Sizes of the classes to train.
    """
    images = isinstance(gan, ImageModelMixin) or (gan is None and X.ndim > 2)
    table = isinstance(gan, TableGAN) or (gan is None and X.ndim == 2)
    return images or (table and max(sizes) >= FROM_NOISE.least_rows)


def fit_per_fold(
    gan: Any,
    X: Any,
    y: np.ndarray,
    parts: Sequence[np.ndarray],
    labels: list[Hashable],
    rng: np.random.RandomState,
) -> list[Any]:
    """Models fitted to parts of the data, which know nothing of the other rows.

    Those of tables train side by side: the classes of all parts are members of one game.

    Parameters
    ----------
    gan : model or None
        Model to copy, as in ``AugmentedClassifier``.
    X, y : rows and their classes
    parts : sequence of (n_k,) integer arrays
        Row numbers that each model sees.
    labels : list of labels
        Classes to train.
    rng : RandomState

    Returns
    -------
    list of models
    """
    models = [prepared(gan, X, rng) for _ in parts]
    data = [(take_rows(X, rows), y[rows]) for rows in parts]
    if not all(isinstance(model, TableGAN) for model in models):
        return [fit_labels(model, *own, labels) for model, own in zip(models, data, strict=True)]
    with config_context(skip_parameter_validation=False), torch_defaults():
        trainers = []
        for model, (own, classes) in zip(models, data, strict=True):
            model._validate_params()
            trainers.append(model._trainer(own, classes, labels, Checkpoint(None)))
        for model, trained in zip(models, train_together(trainers), strict=True):
            model._keep(trained)
    return models
