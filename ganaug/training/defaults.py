"""Torch as it is when nobody has changed its settings, and in one thread of the CPU."""

import threading
from collections.abc import Generator, Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import Any, TypeVar

import torch

Item = TypeVar("Item")

# Devices for which torch keeps a switch of automatic mixed precision.
AUTOCAST_DEVICES = ("cpu", "cuda", "mps", "xpu")

# Those that may multiply single-precision matrices with fewer digits, and the name of all digits.
MATMUL_BACKENDS: tuple[Any, ...] = (
    torch.backends.mkldnn.matmul,  # type: ignore[attr-defined]
    torch.backends.cuda.matmul,
)
FULL_PRECISION = "ieee"


class _SharedSettings:
    """Settings that threads of Python have in common: data type, precision, threads of a CPU.

    Networks of tables are too small to share. A second thread gains a fifth where
    a core is idle and costs a multiple where none is; and sums in one thread do
    not depend on how many there are. The settings that the first of overlapping users
    met come back when the last of them has left.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._n_inside = 0
        self._of_thread = threading.local()

    @property
    def depth(self) -> int:
        """Depth to which the running thread of Python is inside."""
        return getattr(self._of_thread, "depth", 0)

    @property
    def n_threads(self) -> int:
        """Threads of the CPU that the running thread of Python has outside."""
        return self._of_thread.n_threads if self.depth else torch.get_num_threads()

    def share(self, n_threads: int) -> None:
        """Count the running thread of Python as inside for good, with so many of the CPU."""
        self._of_thread.depth = 1
        self._of_thread.n_threads = n_threads
        torch.set_num_threads(n_threads)

    def __enter__(self) -> None:
        if self.depth == 0:
            with self._lock:
                self._of_thread.n_threads = torch.get_num_threads()
                if self._n_inside == 0:
                    self._n_threads = self._of_thread.n_threads
                    self._dtype = torch.get_default_dtype()
                    self._precisions = [backend.fp32_precision for backend in MATMUL_BACKENDS]
                    torch.set_default_dtype(torch.float32)
                    for backend in MATMUL_BACKENDS:
                        backend.fp32_precision = FULL_PRECISION
                elif self._of_thread.n_threads == 1:
                    # met by a thread of Python that has started meanwhile
                    self._of_thread.n_threads = self._n_threads
                self._n_inside += 1
                torch.set_num_threads(1)
        self._of_thread.depth = self.depth + 1

    def __exit__(self, *exception: object) -> None:
        self._of_thread.depth -= 1
        if self._of_thread.depth == 0:
            with self._lock:
                self._n_inside -= 1
                torch.set_num_threads(self._of_thread.n_threads)
                if self._n_inside == 0:
                    torch.set_default_dtype(self._dtype)
                    for backend, precision in zip(MATMUL_BACKENDS, self._precisions, strict=True):
                        # one that had none of its own goes on following the general setting
                        backend.fp32_precision = "none"
                        if backend.fp32_precision != precision:
                            backend.fp32_precision = precision


_shared = _SharedSettings()


def share_threads(n_threads: int) -> None:
    """Let torch use so many threads of the CPU in a thread of Python that was begun inside.

    ``torch_defaults`` then leaves their number alone there, to the end of that thread.
    """
    _shared.share(n_threads)


def n_threads_outside() -> int:
    """Threads of the CPU that torch uses outside of ``torch_defaults``.

    Examples
    --------
    >>> before = torch.get_num_threads()
    >>> with torch_defaults():
    ...     n_threads_outside() == before
    True
    """
    return _shared.n_threads


@contextmanager
def torch_defaults() -> Iterator[None]:
    """Context, or decorator, that makes results independent of the user's settings of torch.

    Inside, torch makes tensors of float32 on the CPU, multiplies them in full precision,
    records gradients, has neither inference mode nor automatic mixed precision, and uses one
    thread. The user's settings come back at the end. It can be entered again inside.

    Examples
    --------
    >>> with torch.no_grad(), torch.autocast("cpu"), torch_defaults():
    ...     weight = torch.ones(1, 1, requires_grad=True)
    ...     product = weight @ weight
    >>> product.dtype, product.requires_grad
    (torch.float32, True)
    """
    with ExitStack() as stack:
        stack.enter_context(_shared)
        stack.enter_context(torch.inference_mode(False))
        stack.enter_context(torch.enable_grad())
        # not where there is none: each call of torch inside would take a little longer
        if torch.get_default_device().type != "cpu":
            stack.enter_context(torch.device("cpu"))
        for kind in AUTOCAST_DEVICES:
            if torch.is_autocast_enabled(kind):
                stack.enter_context(torch.autocast(kind, enabled=False))
        yield


def iterate_with_torch_defaults(items: Generator[Item, None, None]) -> Iterator[Item]:
    """Iterate over items that are made inside of ``torch_defaults``.

    Where they are used, the user's settings hold.
    """
    with closing(items):
        while True:
            with torch_defaults():
                try:
                    item = next(items)
                except StopIteration:
                    return
            yield item
