"""Parts of ``fit`` that all models share: what holds while it runs, and who watches it."""

import copy
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from types import MappingProxyType
from typing import Any, ClassVar, ParamSpec, TypeVar

from sklearn.base import BaseEstimator

from ganaug.models.training_summary import Health, History, summarize_training
from ganaug.progress import clock, progress, say
from ganaug.ranks import is_first_rank
from ganaug.rollback import roll_back_on_error
from ganaug.trainers.monitor import Monitor
from ganaug.trainers.per_class import PerClassTrainer
from ganaug.trainers.training_status import Callback
from ganaug.training.defaults import torch_defaults

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def show_seconds(method: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Have a long method of a model show the seconds that pass, with ``verbose=1``."""

    @wraps(method)
    def timed(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        model: Any = args[0]
        with clock(f"{type(model).__name__}, {method.__name__}", model.verbose):
            return method(*args, **kwargs)

    return timed


class TrainingMixin(BaseEstimator):
    """Gives a model what surrounds its ``fit``, and its ``callback``."""

    # It is called, and of no use to who loads a file.
    NOT_SAVED: ClassVar[tuple[str, ...]] = ("callback",)

    callback: Callback | None
    verbose: int

    # Samples of each class in ``fit``; of a model that knows no classes none.
    _tier_sizes: Mapping[Hashable, int] = MappingProxyType({})

    @contextmanager
    def _fitting(self) -> Iterator[None]:
        """Context of a fit: done as a whole or not at all, and never silent where that is asked."""
        name = type(self).__name__
        with roll_back_on_error(self), torch_defaults(), clock(name, self.verbose):
            yield

    @property
    def _has_classes(self) -> bool:
        """True where samples are of several classes, which have names."""
        return len(self._tier_sizes) > 1

    @contextmanager
    def _monitor(self, trainer: PerClassTrainer, alone: bool = True) -> Iterator[Monitor]:
        """Context of a training: the progress that is shown, and the callback.

        Where other processes train classes that this one does not, a callback is refused.
        """
        if self.callback is not None and not alone:
            raise ValueError(
                "a callback sees the games of one process: set callback=None in a group of "
                "torch.distributed."
            )
        shown = self.verbose if is_first_rank() else 0
        n_steps = trainer.n_steps
        name = type(self).__name__
        if trainer.n_games > 1:
            name += f", {trainer.n_games} games"
        with progress(n_steps, name, "step", shown) as display:
            yield Monitor(n_steps, display, self.callback, shown, self._has_classes)

    def _say_how_it_went(
        self, health: Health, history: History, kind: str, auto_n_steps: Mapping[Hashable, int]
    ) -> None:
        """Say how classes were trained, and what to do, where that is wanted."""
        named = self._has_classes
        for sentence in summarize_training(health, history, kind, auto_n_steps, named=named):
            say(f"{type(self).__name__}: {sentence}", self.verbose)

    def __sklearn_clone__(self) -> Any:
        """Copy without fitted state, with the same callback.

        Any other parameter is copied. A callback may hold open files, or what its owner looks at
        afterwards.
        """
        bare = copy.copy(self)
        bare.callback = None
        return super(TrainingMixin, bare).__sklearn_clone__().set_params(callback=self.callback)
