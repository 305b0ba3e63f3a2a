"""Models of parts of the rows, with the kinds of generators of all rows, in few games."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, TypeGuard

import numpy as np

from ganaug.models.base import ClassGAN
from ganaug.models.table import TableGAN
from ganaug.progress import progress
from ganaug.trainers.checkpoint import Checkpoint
from ganaug.trainers.joint_tables import JointTrainer
from ganaug.training.defaults import torch_defaults


def are_tables(models: Sequence[Any]) -> TypeGuard[Sequence[TableGAN]]:
    """Return True for models that ``fit_tables_together`` takes: none frozen, none of others."""
    return all(isinstance(model, TableGAN) for model in models)


def choose_tiers_by(model: Any, sizes: Mapping[Hashable, int]) -> None:
    """Have the next ``fit`` of a model choose kinds of generators as for classes of such sizes.

    It then stands for a model of all rows, though it sees a part of them. Models that are no
    ``ClassGAN`` know nothing of sizes.
    """
    if isinstance(model, ClassGAN):
        model._whole_sizes = dict(sizes)


def fit_tables_together(
    models: Sequence[TableGAN],
    parts: Sequence[tuple[Any, np.ndarray]],
    labels: Any,
    n_jobs: int | None = None,
    verbose: int = 0,
) -> list[TableGAN]:
    """Fit models of equal hyper-parameters, each to its own rows, in as few games as may be.

    Parameters
    ----------
    models : sequence of TableGAN
        Models to fit.
    parts : sequence of (X, y)
        Rows of each model, and their classes.
    labels : array-like
        Classes to train.
    n_jobs : int or None, default=None
        Games at a time, as jobs of joblib's active backend; None is what the models say.
    verbose : int, default=0
        1 shows how far the training has come.

    Returns
    -------
    list of TableGAN
        The models, as ``fit`` would leave them.
    """
    with torch_defaults():
        prepared = []
        for model, (X, y) in zip(models, parts, strict=True):
            model._validate_params()
            prepared.append(model._prepare_training(X, y, labels, Checkpoint(None)))
        n_jobs = models[0].n_jobs if n_jobs is None else n_jobs
        trainer = JointTrainer([trainer for trainer, _ in prepared], n_jobs)
        title = f"{len(models)} folds, {type(models[0]).__name__}"
        with progress(trainer.n_steps, title, "step", verbose) as on_steps:
            together = trainer.train(on_steps)
            for model, trained, (_, refinement) in zip(models, together, prepared, strict=True):
                on_steps.describe("selection of rows")
                model._set_trained(trained)
                model._refine(trained, refinement)
    return list(models)
