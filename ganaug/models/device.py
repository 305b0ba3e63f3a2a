"""Where to train."""

import threading

import torch

# What the engine has the kernels and the generators for.
KINDS = ("cpu", "cuda", "mps", "xpu")


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
    if resolved.type not in KINDS:
        raise ValueError(f"device={device!r} cannot train; use one of {', '.join(KINDS)}.")
    try:
        torch.empty(0, device=resolved)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise RuntimeError(
            f'device={device!r} cannot be used here: {error}. Use device="cpu"; in parallel jobs '
            "(n_jobs) CUDA needs processes that are started afresh, as joblib's default "
            "backend does, not forked ones."
        ) from error
    return resolved


class _OneCpuThread:
    """Let torch use one thread while anybody is inside.

    Networks of tables are too small to share. A second thread gains a fifth where
    a core is idle and costs a multiple where none is; and sums in one thread do
    not depend on how many there are. The caller's number comes back when the last
    of overlapping users has left.

    Examples
    --------
    >>> before = torch.get_num_threads()
    >>> with one_cpu_thread:
    ...     torch.get_num_threads()
    1
    >>> torch.get_num_threads() == before
    True
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._n_inside = 0
        self._before = 1

    def __enter__(self) -> None:
        with self._lock:
            if self._n_inside == 0:
                self._before = torch.get_num_threads()
            self._n_inside += 1
            torch.set_num_threads(1)

    def __exit__(self, *exception: object) -> None:
        with self._lock:
            self._n_inside -= 1
            if self._n_inside == 0:
                torch.set_num_threads(self._before)


one_cpu_thread = _OneCpuThread()
