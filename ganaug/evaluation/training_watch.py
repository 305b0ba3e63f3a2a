"""Watches of trainings within a split, which tell its log how far these have come."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ganaug.evaluation.progress_log import GENERATORS, SplitLog
from ganaug.models.training_mixin import TrainingMixin
from ganaug.ranks import n_ranks
from ganaug.trainers.training_status import TrainingStatus

# Times that the training of a network is told of, at most.
N_TOLD = 100


@dataclass(frozen=True)
class GanWatch:
    """Callback of a model that tells a log of its steps, and of the time that these take.

    Attributes
    ----------
    log : SplitLog
    method : str
    is_unit : bool
        True where the model is a unit of the split's work, and no part of one.
    start : float
    """

    log: SplitLog
    method: str
    is_unit: bool = True
    start: float = field(default_factory=time.monotonic)

    def __call__(self, status: TrainingStatus) -> None:
        self.log.describe(f"{self.method}, {GENERATORS}, step {status.step}/{status.n_steps}")
        if self.is_unit:
            self.log.expect(GENERATORS, time.monotonic() - self.start, status.seconds_left)


@dataclass
class NetworkWatch:
    """Listener of a network's training that tells a log of its steps, and when it may end.

    Attributes
    ----------
    log : SplitLog
    method : str
        What the network is trained for, and the kind of its unit.
    """

    log: SplitLog
    method: str

    def __post_init__(self) -> None:
        self._start = time.monotonic()
        self._first = math.nan

    def __call__(self, step: int, n_steps: int) -> None:
        now = time.monotonic()
        if step == 1:
            # a GAN may have been trained before
            self._first = now
        if step == 1 or step % math.ceil(n_steps / N_TOLD):
            return
        seconds_left = (now - self._first) / (step - 1) * (n_steps - step)
        self.log.describe(f"{self.method}, step {step}/{n_steps}")
        self.log.expect(self.method, now - self._start, seconds_left)


@contextmanager
def watched(model: Any, log: SplitLog, method: str, is_unit: bool = True) -> Iterator[None]:
    """Context in which a model tells a log, if somebody reads it, how its training goes."""
    is_told = log.path is not None and isinstance(model, TrainingMixin) and n_ranks() == 1
    if is_told:
        model.set_params(callback=GanWatch(log, method, is_unit))
    try:
        yield
    finally:
        if is_told:
            model.set_params(callback=None)


@contextmanager
def watched_network(classifier: Any, log: SplitLog, method: str) -> Iterator[None]:
    """Context in which a classifier tells a log of its network's training, and its GAN's."""
    if log.path is None or not hasattr(classifier, "on_step"):
        yield
        return
    classifier.on_step = NetworkWatch(log, method)
    try:
        with watched(classifier.gan, log, method, is_unit=False):
            yield
    finally:
        classifier.on_step = None
