"""Locks that a process holds as long as it lives."""

import errno
import os
import struct
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

# Seconds to wait for a folder. Another writer holds it for milliseconds; who holds it for longer
# has something else in mind, and is not waited for.
PATIENCE = 5.0

BUSY = (errno.EAGAIN, errno.EACCES)


def lock_file(handle: int) -> bool | None:
    """True if an open file is locked now, False if by another; None where none can be.

    On Linux the lock is not of the kind that HDF5 takes, which hence may open the file.
    """
    return _lock(handle, "F_WRLCK")


def unlock_file(handle: int) -> None:
    """Let go of the lock, although children of this process may hold the same file."""
    _lock(handle, "F_UNLCK")


def lock_folder(handle: int) -> bool | None:
    """Lock an open folder as ``lock_file`` does a file."""
    return None if fcntl is None else _flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def unlock_folder(handle: int) -> None:
    """Let go of a folder, although children of this process may hold it open."""
    if fcntl is not None:
        _flock(handle, fcntl.LOCK_UN)


@contextmanager
def locked_folder(path: str | os.PathLike) -> Iterator[None]:
    """Hold a folder locked meanwhile, where that is possible."""
    if fcntl is None:
        yield
        return
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:  # one may write there without being allowed to read
        yield
        return
    try:
        end = time.monotonic() + PATIENCE
        while lock_folder(handle) is False and time.monotonic() < end:
            time.sleep(0.002)
        yield
    finally:
        unlock_folder(handle)
        os.close(handle)


def _lock(handle: int, kind: str) -> bool | None:
    if fcntl is None:
        return None
    # macOS has such locks too, of another structure
    if sys.platform != "linux":
        return _flock(handle, fcntl.LOCK_UN if kind == "F_UNLCK" else fcntl.LOCK_EX | fcntl.LOCK_NB)
    whole = struct.pack("hhqqi4x", getattr(fcntl, kind), os.SEEK_SET, 0, 0, 0)
    return _attempt(lambda: fcntl.fcntl(handle, fcntl.F_OFD_SETLK, whole))


def _flock(handle: int, operation: int) -> bool | None:
    return _attempt(lambda: fcntl.flock(handle, operation))


def _attempt(operation: Callable[[], object]) -> bool | None:
    try:
        operation()
    except OSError as error:
        return False if error.errno in BUSY else None
    return True
