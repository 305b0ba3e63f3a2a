"""Ways to add sequences to a training set: those that ``ganaug.compare`` has, and aeon's."""

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from benchmarks.common.sequence_data import Task
from ganaug import GANOverSampler
from ganaug.evaluation import methods

Rows = tuple[np.ndarray, np.ndarray]
AddSequences = Callable[[Task], Rows]

# Methods of ``compare`` that need no GAN.
SIMPLE = {
    "copies": methods.COPIES,
    "jitter": methods.JITTER,
    "scaling": methods.SCALING,
    "magnitude warping": methods.MAGNITUDE_WARPING,
    "time warping": methods.TIME_WARPING,
    "window warping": methods.WINDOW_WARPING,
    "SMOTE": methods.SMOTE_POINTS,
}

# Over-samplers of aeon by class; they can do nothing but balance classes.
OF_AEON = {"aeon SMOTE": "SMOTE", "aeon ADASYN": "ADASYN", "aeon OHIT": "OHIT"}


def add_nothing(task: Task) -> Rows:
    """Training sequences as they are."""
    return task.X, task.y


def add_simply(name: str, task: Task) -> Rows:
    """Add sequences by a method that needs no GAN."""
    rng = np.random.RandomState(task.seed)
    return SIMPLE[name].augment(task.X, task.y, task.added, None, rng)


def add_by_aeon(name: str, task: Task) -> Rows:
    """Add sequences by an over-sampler of aeon, which has them with channels first.

    Raises
    ------
    ValueError
        For classes that are not to be as large as the largest.
    """
    from aeon.transformations.collection import imbalance

    sizes = {label: int((task.y == label).sum()) for label in np.unique(task.y).tolist()}
    if any(sizes[label] + n != max(sizes.values()) for label, n in task.added.items()):
        raise ValueError("aeon's over-samplers bring classes to the size of the largest only.")
    settings: dict[str, Any] = {"random_state": task.seed}
    if name != "aeon OHIT":
        settings["n_neighbors"] = min(5, min(sizes.values()) - 1)
    sampler = getattr(imbalance, OF_AEON[name])(**settings)
    X, y = sampler.fit_transform(task.X.swapaxes(1, 2).astype(float), task.y)
    return X.swapaxes(1, 2).astype(np.float32), np.asarray(y)


def add_by_gan(make: Callable[[], Any], task: Task) -> Rows:
    """Add sequences of a model of this package."""
    sizes = {label: int((task.y == label).sum()) + n for label, n in task.added.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sampler = GANOverSampler(make(), sampling_strategy=sizes, random_state=task.seed)
        return sampler.fit_resample(task.X, task.y)


def simple_methods(kind: str) -> dict[str, AddSequences]:
    """Methods that need no GAN, by name, for classes of a kind of task."""
    found: dict[str, AddSequences] = {"none": add_nothing, "class weights": add_nothing}
    found |= {name: partial(add_simply, name) for name in SIMPLE}
    if kind == "scarce":
        found |= {name: partial(add_by_aeon, name) for name in OF_AEON}
    return found
