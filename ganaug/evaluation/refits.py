"""Copies of one model, each fitted to its own part of the data."""

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
from sklearn import config_context

from ganaug.encoding.rows import take_rows
from ganaug.models.joint_fitting import are_tables, choose_tiers_by, fit_tables_together
from ganaug.models.protocol import Model, is_image_model, is_row_model
from ganaug.resampling import clone_seeded, fit_classes, with_unlabeled_rows
from ganaug.strategy import class_counts
from ganaug.trainers.table import FROM_NOISE
from ganaug.unlabeled import UnlabeledRows


def is_expensive(gan: Model | None, X: Any, sizes: Sequence[int]) -> bool:
    """True where models of parts of the data cost as much as so many of all of them.

    Parameters
    ----------
    gan : model or None
        Model to copy, as in ``AugmentedClassifier``.
    X : rows
    sizes : sequence of int
        Sizes of the classes to train.
    """
    images = is_image_model(gan) or (gan is None and X.ndim > 2)
    table = is_row_model(gan) or (gan is None and X.ndim == 2)
    return images or (table and max(sizes) >= FROM_NOISE.min_rows)


def fit_per_fold(
    gan: Model | None,
    X: Any,
    y: np.ndarray,
    parts: Sequence[np.ndarray],
    labels: list[Hashable],
    rng: np.random.RandomState,
    unlabeled: UnlabeledRows | None = None,
) -> list[Any]:
    """Models fitted to parts of the data, which know nothing of the other rows.

    Each has the kinds of generators that a model of all rows would have.
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
    unlabeled : UnlabeledRows or None, default=None
        Rows without a class, which all models see that can learn from them.

    Returns
    -------
    list of models
    """
    models = [clone_seeded(gan, X, rng) for _ in parts]
    for model in models:
        choose_tiers_by(model, class_counts(y))
    data = [(take_rows(X, rows), y[rows]) for rows in parts]
    with config_context(skip_parameter_validation=False):
        if are_tables(models):
            pairs = zip(models, data, strict=True)
            data = [with_unlabeled_rows(model, *part, unlabeled) for model, part in pairs]
            return fit_tables_together(models, data, labels)
        pairs = zip(models, data, strict=True)
        return [fit_classes(model, *part, labels, unlabeled) for model, part in pairs]
