"""Data sets that change their samples at random, found by reading some again."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from ganaug.caller import warn_caller
from ganaug.encoding.dataset import is_pillow

# Samples that are read again: a flip leaves each as it was half of the time.
N_REPEATED = 8


def warn_if_random(samples: list[Any], read_again: Callable[[int], list[Any]]) -> None:
    """Warn where a data set gives other samples when it is asked again.

    Parameters
    ----------
    samples : list
        Samples as they came first.
    read_again : callable
        Maps a number to as many of them, from the first on.
    """
    first = samples[:N_REPEATED]
    with _global_random_states_kept():
        again = read_again(len(first))
    if any(map(_differ, first, again)):
        warn_caller(
            "the data set changes its samples at random, which synthetic ones would lack: leave "
            "random transforms out of it, and pass them as transform= of AugmentedDataset."
        )


@contextmanager
def _global_random_states_kept() -> Iterator[None]:
    """Context after which the global random numbers go on as if nobody had drawn any."""
    of_python = random.getstate()
    of_numpy = np.random.get_state()  # noqa: NPY002 - that of data sets
    with torch.random.fork_rng(devices=[]):
        try:
            yield
        finally:
            np.random.set_state(of_numpy)  # noqa: NPY002
            random.setstate(of_python)


def _differ(first: Any, second: Any) -> bool:
    """True for arrays, tensors and images of different values, none of them gaps."""
    if is_pillow(first):
        return _differ(np.asarray(first), np.asarray(second))
    if not isinstance(first, torch.Tensor | np.ndarray):
        return False
    same = first.shape == second.shape and ((first == second) | (first != first)).all()
    return not bool(same)
