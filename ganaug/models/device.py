"""Where to train."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


def resolve_device(device: str | torch.device) -> torch.device:
    """Device of the given name; "auto" is CUDA where there is one, else the CPU.

    Raises
    ------
    ValueError
        If torch does not know the device.
    RuntimeError
        If it cannot be used, for instance CUDA in a forked process.

    Examples
    --------
    >>> resolve_device("cpu")
    device(type='cpu')
    """
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        resolved = torch.device(device)
    except RuntimeError as error:
        raise ValueError(
            f'device={device!r} is unknown to torch; use "auto", "cpu" or "cuda".'
        ) from error
    try:
        torch.empty(0, device=resolved)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise RuntimeError(
            f'device={device!r} cannot be used here: {error}. Use device="cpu"; in parallel jobs '
            "(n_jobs) CUDA needs processes that are started afresh, as joblib's default "
            "backend does, not forked ones."
        ) from error
    return resolved


@contextmanager
def one_cpu_thread() -> Iterator[None]:
    """Let torch use one thread for a while.

    Networks of tables are too small to share. A second thread gains a fifth where
    a core is idle and costs a multiple where none is; and sums in one thread do
    not depend on how many there are.

    Examples
    --------
    >>> before = torch.get_num_threads()
    >>> with one_cpu_thread():
    ...     torch.get_num_threads()
    1
    >>> torch.get_num_threads() == before
    True
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
