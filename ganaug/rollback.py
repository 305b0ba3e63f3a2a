"""Fits that are done as a whole, or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
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
        super().__init__("training was interrupted; the model is that of the steps that were done")
        self.model = model


@contextmanager
def roll_back_on_error(estimator: Any) -> Iterator[None]:
    """Context of a fit: whatever ends it early leaves the estimator as it was.

    An estimator that was fitted stays fitted as before, one that was not stays unfitted:
    all attributes come back, and the states of the random streams among them. The one
    exception is a first training of which ``TrainingInterrupted`` says that its model is
    usable.

    Fits set new attributes; objects that were there before are left alone.

    Parameters
    ----------
    estimator : estimator

    Examples
    --------
    >>> class Mean:
    ...     def fit(self, X):
    ...         with roll_back_on_error(self):
    ...             self.n_rows_ = len(X)
    ...             self.mean_ = sum(X) / len(X)
    ...             return self
    >>> mean = Mean().fit([1.0, 3.0])
    >>> try:
    ...     mean.fit([])
    ... except ZeroDivisionError:
    ...     vars(mean)
    {'n_rows_': 2, 'mean_': 2.0}
    """
    attributes = vars(estimator)
    before = dict(attributes)
    was_fitted = is_fitted(estimator)
    streams = [
        (value, value.get_state())
        for value in before.values()
        if isinstance(value, np.random.RandomState)
    ]
    try:
        yield
    except BaseException as error:
        interrupted = isinstance(error, TrainingInterrupted) and error.model is estimator
        if interrupted and not was_fitted:
            raise
        attributes.clear()
        attributes.update(before)
        for stream, state in streams:
            stream.set_state(state)
        if interrupted:
            # the model is not that of the steps that were done
            raise KeyboardInterrupt(
                "training was interrupted; the model is as it was before"
            ) from error
        raise
