"""Fits that are done as a whole, or not at all."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from functools import wraps
from typing import Any

import numpy as np

from ganaug.validation import is_fitted


class TrainingInterrupted(KeyboardInterrupt):
    """An interruption of a first training, which leaves a model of the steps that were done.

    Parameters
    ----------
    model : estimator
        What was trained.
    """

    def __init__(self, model: Any):
        super().__init__()
        self.model = model


def all_or_nothing(*contexts: Callable[[], AbstractContextManager]) -> Callable:
    """Decorator of a method that fits: whatever ends it early leaves the estimator as it was.

    An estimator that was fitted stays fitted as before, one that was not stays unfitted:
    all attributes come back, and the states of the random streams among them. The one
    exception is a first training of which ``TrainingInterrupted`` says that its model is
    usable.

    Methods set new attributes; objects that were there before are left alone.

    Parameters
    ----------
    *contexts : callables that return context managers
        Entered around the method.

    Examples
    --------
    >>> class Mean:
    ...     @all_or_nothing()
    ...     def fit(self, X):
    ...         self.n_rows_ = len(X)
    ...         self.mean_ = sum(X) / len(X)
    ...         return self
    >>> mean = Mean().fit([1.0, 3.0])
    >>> try:
    ...     mean.fit([])
    ... except ZeroDivisionError:
    ...     vars(mean)
    {'n_rows_': 2, 'mean_': 2.0}
    """

    def decorator(fit: Callable) -> Callable:
        @wraps(fit)
        def fit_or_restore(self: Any, *args: Any, **kwargs: Any) -> Any:
            before, had_state = dict(vars(self)), is_fitted(self)
            streams = [
                (value, value.get_state())
                for value in before.values()
                if isinstance(value, np.random.RandomState)
            ]
            try:
                with ExitStack() as stack:
                    for context in contexts:
                        stack.enter_context(context())
                    return fit(self, *args, **kwargs)
            except BaseException as error:
                interrupted = isinstance(error, TrainingInterrupted) and error.model is self
                if interrupted and not had_state:
                    raise
                vars(self).clear()
                vars(self).update(before)
                for stream, state in streams:
                    stream.set_state(state)
                if interrupted:
                    # the model is not that of the steps that were done
                    raise KeyboardInterrupt from error
                raise

        return fit_or_restore

    return decorator
