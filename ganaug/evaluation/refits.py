"""Copies of one model, each fitted to its own part of the data."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from joblib import effective_n_jobs
from sklearn import config_context

from ganaug.encoding.rows import take_rows
from ganaug.evaluation.failures import error_text
from ganaug.models.joint_fitting import are_tables, choose_tiers_by, fit_tables_together
from ganaug.models.protocol import Model, is_image_model, is_row_model, is_sequence_model
from ganaug.models.table import TableGAN
from ganaug.parallel import results_in_order
from ganaug.progress import progress
from ganaug.resampling import clone_seeded, fit_classes, with_unlabeled_rows
from ganaug.strategy import class_counts
from ganaug.trainers.table_tiers import FROM_NOISE
from ganaug.unlabeled import UnlabeledRows
from ganaug.validation import InvalidParameterError


@dataclass(frozen=True)
class FailedFit:
    """A model whose fit failed, and the error."""

    model: Any
    error: str


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
    images = is_image_model(gan) or (gan is None and len(X.shape) > 2)
    sequences = is_sequence_model(gan)
    table = is_row_model(gan) or (gan is None and len(X.shape) == 2)
    return images or sequences or (table and max(sizes) >= FROM_NOISE.min_rows)


def fit_per_fold(
    gan: Model | None,
    X: Any,
    y: np.ndarray,
    parts: Sequence[np.ndarray],
    labels: list[Hashable],
    rng: np.random.RandomState,
    unlabeled: UnlabeledRows | None = None,
    n_jobs: int | None = None,
    verbose: int = 0,
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
    n_jobs : int or None, default=None
        Models at a time, or games of those that train side by side.
    verbose : int, default=0
        1 shows how far the training has come.

    Returns
    -------
    list of models
        Fitted; a ``FailedFit`` in the place of each whose fit failed.

    Raises
    ------
    InvalidParameterError
        For parameters of ``gan`` that it refuses.
    """
    models = [clone_seeded(gan, X, rng) for _ in parts]
    sizes = class_counts(y)
    for model in models:
        choose_tiers_by(model, sizes)
    data = [(take_rows(X, rows), y[rows]) for rows in parts]
    with config_context(skip_parameter_validation=False):
        if are_tables(models):
            pairs = zip(models, data, strict=True)
            data = [with_unlabeled_rows(model, *part, unlabeled) for model, part in pairs]
            return _fit_together(models, data, labels, n_jobs, verbose)
        calls = [
            partial(_fit_or_fail, model, *part, labels, unlabeled)
            for model, part in zip(models, data, strict=True)
        ]
        fitted = []
        n_at_once = effective_n_jobs(n_jobs)
        with progress(len(calls), type(models[0]).__name__, "fold", verbose, n_at_once) as on_parts:
            for model in results_in_order(calls, n_jobs):
                fitted.append(model)
                on_parts(1)
        return fitted


def _fit_together(
    models: Sequence[TableGAN],
    data: Sequence[Any],
    labels: list[Hashable],
    n_jobs: int | None,
    verbose: int,
) -> list[Any]:
    """Models of tables, all fitted or all failed."""
    try:
        return fit_tables_together(models, data, labels, n_jobs, verbose)
    except InvalidParameterError:
        raise
    except Exception as error:
        return [FailedFit(model, error_text(error)) for model in models]


def _fit_or_fail(
    model: Any, X: Any, y: np.ndarray, labels: list[Hashable], unlabeled: UnlabeledRows | None
) -> Any:
    """The model, fitted or failed."""
    try:
        return fit_classes(model, X, y, labels, unlabeled)
    except InvalidParameterError:
        raise
    except Exception as error:
        return FailedFit(model, error_text(error))
