"""Pools of synthetic images: by SMOTE, by noise, by a generative model."""

import hashlib
import json
import pkgutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from imblearn.over_sampling import SMOTE
from sklearn.model_selection import StratifiedKFold
from torch import nn

from benchmarks.common.image_tasks import Task
from benchmarks.common.small_cnn import Images, Mixture, probabilities, train

N_FOLDS = 3

# The guard has twice as many samples to choose from as it keeps.
DRAWN_PER_KEPT = 2


@dataclass(frozen=True)
class Pool:
    """Synthetic images, and what they took.

    Attributes
    ----------
    images : Images
    fit_seconds, sample_seconds : float
        Time of training and of sampling.
    trained_classes : float
        Share of the classes that the model does not leave to moved copies.
    """

    images: Images
    fit_seconds: float = 0.0
    sample_seconds: float = 0.0
    trained_classes: float = 1.0


def smote_pool(task: Task, n_each: int) -> Pool:
    """``n_each`` images of each class between real neighbours, pixel by pixel."""
    start = time.perf_counter()
    X = task.train.X
    y = task.train.y
    sizes = {label: count + n_each for label, count in enumerate(np.bincount(y))}
    rows, labels = SMOTE(sampling_strategy=sizes, random_state=task.seed).fit_resample(
        X.reshape(len(X), -1).astype(float), y
    )
    drawn = rows[len(X) :].round().astype(np.uint8).reshape(-1, *X.shape[1:])
    return Pool(Images(drawn, labels[len(X) :]), sample_seconds=time.perf_counter() - start)


def noise_pool(task: Task, n_each: int, level: float) -> Pool:
    """Copies of real images with Gaussian noise of standard deviation ``level`` on each pixel."""
    start = time.perf_counter()
    rng = np.random.default_rng(task.seed)
    rows = np.concatenate(
        [rng.choice(np.flatnonzero(task.train.y == label), n_each) for label in classes(task)]
    )
    copies = task.train[rows]
    X = (copies.X + rng.normal(0, level, copies.X.shape)).round().clip(0, 255).astype(np.uint8)
    return Pool(Images(X, copies.y), sample_seconds=time.perf_counter() - start)


def model_pool(
    task: Task, n_each: int, model: str, parameters: dict[str, Any], folder: Path | None
) -> Pool:
    """Samples of a generative model, as many as the guard needs; from ``folder`` where it has them.

    ``model`` is "module:Class" with ``fit(X, y)`` and ``sample({label: n}, random_state=)``.
    """
    what = {"model": model, "parameters": parameters, "n_each": n_each}
    key = hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:12]
    path = folder and folder / f"{task.setting.name}-{task.seed}-{key}.npz"
    if path and path.exists():
        with np.load(path) as stored:
            figures = stored["figures"].tolist()
            return Pool(Images(stored["X"], stored["y"]), *figures)
    pool = fitted_pool(task, n_each, model, parameters)
    if path:
        folder.mkdir(parents=True, exist_ok=True)
        figures = [pool.fit_seconds, pool.sample_seconds, pool.trained_classes]
        np.savez(path, X=pool.images.X, y=pool.images.y, figures=figures, what=json.dumps(what))
    return pool


def fitted_pool(task: Task, n_each: int, model: str, parameters: dict[str, Any]) -> Pool:
    """Train the model on the task's images and draw from it."""
    start = time.perf_counter()
    options = {"augment": task.setting.augment, "random_state": task.seed}
    fitted = pkgutil.resolve_name(model)(**{**options, **parameters})
    fitted.fit(task.train.X, task.train.y)
    middle = time.perf_counter()
    sizes = dict.fromkeys(classes(task), DRAWN_PER_KEPT * n_each)
    X, y = fitted.sample(sizes, random_state=task.seed)
    # other models than those of this package may have no such thing
    networks = getattr(fitted, "discriminators_", {}).values()
    share = float(np.mean([network is not None for network in networks])) if networks else 1.0
    return Pool(Images(X, y), middle - start, time.perf_counter() - middle, share)


def first_of_each(pool: Pool, n_each: int) -> Pool:
    """The first ``n_each`` images of every class."""
    return lowest_ranked(pool, np.zeros(len(pool.images.y)), n_each)


def keep_own_class(pool: Pool, task: Task, threshold: float, n_each: int) -> Pool:
    """Keep samples that classifiers of parts of the real images find to be of their own class.

    Those of probability ``threshold`` or more come first, as drawn; where a class has
    fewer than ``n_each`` of them, its next most probable ones follow.
    """
    return keep_probable(pool, out_of_fold_classifiers(task), threshold, n_each)


def keep_probable(
    pool: Pool, classifiers: Sequence[nn.Module], threshold: float, n_each: int
) -> Pool:
    """Keep samples as ``keep_own_class``, by the given classifiers."""
    own = own_class_probability(classifiers, pool.images)
    return lowest_ranked(pool, -own.clip(max=threshold), n_each)


def own_class_probability(classifiers: Sequence[nn.Module], images: Images) -> np.ndarray:
    """Probability of each image's label, averaged over classifiers."""
    given = np.mean([probabilities(one, images.X) for one in classifiers], axis=0)
    return given[np.arange(len(images.y)), images.y]


@lru_cache(maxsize=1)
def out_of_fold_classifiers(task: Task) -> list[nn.Module]:
    """Classifiers of the real images, each without another fold."""
    folds = StratifiedKFold(N_FOLDS, shuffle=True, random_state=task.seed)
    return [
        train(task.setting.recipe, task.train[rows], Mixture(), task.setting.augment, task.seed)
        for rows, _ in folds.split(task.train.y, task.train.y)
    ]


def lowest_ranked(pool: Pool, rank: np.ndarray, n_each: int) -> Pool:
    """The ``n_each`` images of every class of lowest rank, ties as drawn."""
    y = pool.images.y
    rows = []
    for label in np.unique(y):
        members = np.flatnonzero(y == label)
        rows.append(members[np.argsort(rank[members], kind="stable")[:n_each]])
    return replace(pool, images=pool.images[np.concatenate(rows)])


def classes(task: Task) -> list[int]:
    """The labels of the task."""
    return np.unique(task.train.y).tolist()
