"""Independent calls, side by side as joblib is told to run them."""

import warnings
from collections.abc import Generator, Sequence
from typing import Any

from joblib import effective_n_jobs
from sklearn.utils.parallel import Parallel


def results_in_order(calls: Sequence[Any], n_jobs: int | None) -> Generator[Any, None, None]:
    """Results of calls in the calls' order, each as soon as it and those before it are done.

    Where the generator is closed before its end, calls that are not done are given up.

    Parameters
    ----------
    calls : sequence of ``sklearn.utils.parallel.delayed`` calls
        They depend on nothing but their arguments, so that results are equal for any
        ``n_jobs`` and on every backend.
    n_jobs : int or None
        Calls at a time, as everywhere in scikit-learn.

    Yields
    ------
    results

    Examples
    --------
    >>> from sklearn.utils.parallel import delayed
    >>> list(results_in_order([delayed(abs)(n) for n in (-1, 2, -3)], n_jobs=None))
    [1, 2, 3]
    """
    try:
        parallel = Parallel(n_jobs, return_as="generator")
    except ValueError:
        # multiprocessing, Ray and others give whole lists: so many calls as run at a time
        n_at_once = effective_n_jobs(n_jobs)
        with Parallel(n_jobs) as parallel:
            for start in range(0, len(calls), n_at_once):
                yield from parallel(calls[start : start + n_at_once])
    else:
        results = parallel(calls)
        try:
            for result in results:  # noqa: UP028 - it would be closed before warnings are off
                yield result
        finally:
            with warnings.catch_warnings():
                # who stops early gives up the rest, and need not be told
                warnings.simplefilter("ignore")
                results.close()


def run_side_by_side(n_jobs: int | None) -> bool:
    """True where calls run beside the caller, which then hears nothing of them before their end."""
    return effective_n_jobs(n_jobs) > 1
