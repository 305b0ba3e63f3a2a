"""Independent calls, side by side as joblib is told to run them."""

import os
import platform
import threading
import warnings
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any

from joblib import effective_n_jobs, wrap_non_picklable_objects
from joblib.parallel import BACKENDS, get_active_backend
from sklearn.utils.parallel import Parallel, delayed

from ganaug.caller import warn_caller
from ganaug.ranks import without_ranks
from ganaug.version import __version__

# A function without arguments, such as a ``functools.partial``.
Call = Callable[[], Any]

# Text of a warning, and its category.
Warned = tuple[str, type[Warning]]


def results_in_order(calls: Sequence[Call], n_jobs: int | None) -> Generator[Any, None, None]:
    """Results of calls in the calls' order, each as soon as it and those before it are done.

    Where the generator is closed before its end, calls that are not done are given up. For the
    backend "multiprocessing", which notices no process that was killed, "loky" stands in. Warnings
    of other processes are given here, those that several calls give but once.

    Parameters
    ----------
    calls : sequence of callables
        They depend on nothing but what they hold, so that results are equal for any
        ``n_jobs`` and on every backend.
    n_jobs : int or None
        Calls at a time, as everywhere in scikit-learn.

    Yields
    ------
    results

    Examples
    --------
    >>> from functools import partial
    >>> list(results_in_order([partial(abs, n) for n in (-1, 2, -3)], n_jobs=None))
    [1, 2, 3]
    """
    options = {}
    told: set[Warned] = set()
    if type(get_active_backend()[0]) is BACKENDS.get("multiprocessing"):
        # which would wait for ever for a process that was killed
        options["backend"] = "loky"
        n_jobs = effective_n_jobs(n_jobs)
    try:
        parallel = Parallel(n_jobs, return_as="generator", **options)
    except ValueError:
        yield from _results_of_lists(calls, n_jobs, told)
    else:
        results = parallel(delayed(_call)(call, __version__, os.getpid()) for call in calls)
        try:
            for result in results:
                yield result.retell(told)
        finally:
            with warnings.catch_warnings():
                # who stops early gives up the rest, and need not be told
                warnings.simplefilter("ignore")
                results.close()


def run_side_by_side(n_jobs: int | None) -> bool:
    """True where calls run beside the caller, which then hears nothing of them before their end."""
    return effective_n_jobs(n_jobs) > 1


def _results_of_lists(
    calls: Sequence[Call], n_jobs: int | None, told: set[Warned]
) -> Generator[Any, None, None]:
    """Results from a backend that gives whole lists, such as Ray.

    It is asked for as many calls as run at a time. Some of these pickle no functions that were
    made in others.
    """
    n_at_once = effective_n_jobs(n_jobs)
    with Parallel(n_jobs) as parallel:
        for start in range(0, len(calls), n_at_once):
            wrapped = map(wrap_non_picklable_objects, calls[start : start + n_at_once])
            results = parallel(delayed(_call)(call, __version__, os.getpid()) for call in wrapped)
            yield from (result.retell(told) for result in results)


@dataclass(frozen=True)
class Result:
    """Value that a call returned, and warnings that it gave in a process of its own.

    Attributes
    ----------
    value : object
    warnings : sequence of Warned
    """

    value: Any
    warnings: Sequence[Warned] = ()

    def retell(self, told: set[Warned]) -> Any:
        """Warn as the call did, but of what was told before, and return what it returned."""
        for text, category in dict.fromkeys(self.warnings):
            if (text, category) in told:
                continue
            told.add((text, category))
            try:
                warn_caller(text, category)
            except TypeError:  # a category that is not made of a text
                warn_caller(text)
        return self.value


def _call(call: Call, version: str, caller: int) -> Result:
    """Make a call in a worker, which has the version of the package that it was made by.

    ``caller`` is the number of the process that asked for it.
    """
    if version != __version__:
        raise RuntimeError(
            f"a worker on {platform.node()} has ganaug {__version__}, and its caller {version}: "
            "install the same version on all machines of the cluster."
        )
    # others of a torch.distributed group do not train side by side with it
    with without_ranks():
        is_main = threading.current_thread() is threading.main_thread()
        if os.getpid() == caller or not is_main:
            return Result(call())
        try:
            with warnings.catch_warnings(record=True) as caught:
                value = call()
        except BaseException:
            for one in caught:
                warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)
            raise
        return Result(value, [(str(one.message), one.category) for one in caught])
