"""A progress bar, where one is wanted."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from tqdm import tqdm


class _StandardError:
    """Standard error, which may be full, or closed by its reader: that ends no training."""

    def write(self, text: str) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.write(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(sys.stderr, name)


@contextmanager
def progress(
    total: int, description: str, unit: str, shown: int | bool
) -> Iterator[Callable[[int], object]]:
    """Show a bar; yield what is to be called with the number of units done since its last call.

    Without a bar nothing of tqdm is touched: its lock lies between processes, and one that
    is killed while it holds it blocks all others.
    """
    if not shown or sys.stderr is None:
        yield lambda n_done: None
        return
    # tqdm asks only streams that it knows for the width of their terminal, unless it may change
    options: dict[str, Any] = {"file": _StandardError(), "dynamic_ncols": True}
    with tqdm(total=total, desc=description, unit=unit, **options) as bar:
        yield bar.update
