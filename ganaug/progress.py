"""A progress bar, where one is wanted."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tqdm import tqdm


@contextmanager
def progress(
    total: int, description: str, unit: str, shown: int | bool
) -> Iterator[Callable[[int], object]]:
    """What is to be told how much was done since it was last told.

    Without a bar nothing of tqdm is touched: its lock lies between processes, and one that
    is killed while it holds it blocks all others.
    """
    if not shown:
        yield lambda n_done: None
        return
    with tqdm(total=total, desc=description, unit=unit) as bar:
        yield bar.update
