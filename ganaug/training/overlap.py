"""Calls that overlap: what waits for nothing is computed in a second thread of the CPU."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch

from ganaug.training.defaults import n_threads_outside, share_threads

# Starts a call of a function with some arguments; what comes back gives its result.
Start = Callable[..., Callable[[], Any]]


def start_when_asked(function: Callable[..., Any], *arguments: Any) -> Callable[[], Any]:
    """Start a call no sooner than its result is asked for.

    Examples
    --------
    >>> start_when_asked(abs, -1)()
    1
    """
    return partial(function, *arguments)


def call_each(start: Start, function: Callable[..., Any], arguments: Sequence[tuple]) -> list[Any]:
    """Results of calls side by side, of which the running thread makes the last.

    Examples
    --------
    >>> call_each(start_when_asked, divmod, [(7, 2), (9, 4)])
    [(3, 1), (2, 1)]
    """
    *others, own = arguments
    started = [start(function, *each) for each in others]
    result = function(*own)
    return [*(get_result() for get_result in started), result]


@contextmanager
def overlapping(wanted: bool = True) -> Iterator[Start]:
    """Context in which calls can be started beside the running thread, one at a time.

    Where that is not wanted, or the CPU has no thread to spare, they are started when they are
    asked for. They compute in one thread each, so that results are the same in either case.

    Examples
    --------
    >>> with overlapping() as start:
    ...     result = start(abs, -1)
    ...     result()
    1
    """
    # those that torch shares out itself are at work already
    if not wanted or torch.get_num_threads() > 1 or n_threads_outside() == 1:
        yield start_when_asked
        return
    with ThreadPoolExecutor(1, initializer=share_threads, initargs=(1,)) as pool:
        yield lambda function, *arguments: pool.submit(function, *arguments).result
