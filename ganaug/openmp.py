"""Threads of OpenMP, in which scikit-learn fits boosted trees."""

from contextlib import AbstractContextManager, nullcontext
from functools import cache

from threadpoolctl import ThreadpoolController

# Rows up to which boosted trees are fitted, and asked, in one thread: they take about as long in
# several, and many times as long where other programs keep the cores busy.
MAX_ROWS_OF_ONE_THREAD = 5000


def threads_for_rows(n_rows: int) -> AbstractContextManager:
    """Context in which OpenMP has one thread, where rows are few.

    Examples
    --------
    >>> with threads_for_rows(100):
    ...     {pool["num_threads"] for pool in _openmp().info()} <= {1}
    True
    """
    return _openmp().limit(limits=1) if n_rows <= MAX_ROWS_OF_ONE_THREAD else nullcontext()


@cache
def _openmp() -> ThreadpoolController:
    """Libraries of this process that use OpenMP."""
    return ThreadpoolController().select(user_api="openmp")
