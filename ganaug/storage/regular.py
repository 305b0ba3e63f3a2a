"""Ordinary files: what tells one from another, and how they are opened without a wait."""

import errno
import os
import stat
from typing import BinaryIO

# What else a path may name; reading from such may take for ever, or change something.
OTHERS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def status(path: str | os.PathLike) -> os.stat_result | None:
    """Status of an ordinary file; None where there is nothing.

    Raises
    ------
    OSError
        For folders, pipes, sockets, devices, links that lead to themselves, and where it cannot
        be known.
    """
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return None
    _check_ordinary(path, found)
    return found


def identity(found: os.stat_result | None) -> tuple[int, ...]:
    """What tells a file from another that takes its name; empty where there is none."""
    return (found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size) if found else ()


def open_regular(path: str | os.PathLike) -> BinaryIO:
    """An ordinary file, open to be read, as bytes.

    Raises
    ------
    OSError
        If it cannot be read, or is not an ordinary file.
    """
    _check_ordinary(path, os.stat(path))
    # another may have taken its place since, such as a pipe that nobody writes to
    at_once = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    handle = os.open(path, os.O_RDONLY | at_once)
    try:
        _check_ordinary(path, os.fstat(handle))
    except OSError:
        os.close(handle)
        raise
    return os.fdopen(handle, "rb")


def _check_ordinary(path: str | os.PathLike, found: os.stat_result) -> None:
    kind = stat.S_IFMT(found.st_mode)
    if kind != stat.S_IFREG:
        number = errno.EISDIR if kind == stat.S_IFDIR else errno.EINVAL
        words = f"it is {OTHERS.get(kind, 'something else')}, not an ordinary file"
        raise OSError(number, words, os.fspath(path))
