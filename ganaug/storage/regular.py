"""Ordinary files: their identity, how they are opened without a wait, and where they can be."""

import os
import stat
from pathlib import Path
from typing import BinaryIO

# What else a path may name; reading from such may take for ever, or change something.
OTHERS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def file_status(path: str | os.PathLike) -> os.stat_result | None:
    """Status of an ordinary file; None where there is nothing.

    Raises
    ------
    OSError
        For folders, pipes, sockets, devices, links that lead to themselves, and where it cannot
        be known.
    """
    try:
        result = os.stat(path)
    except FileNotFoundError:
        return None
    _check_ordinary(path, result)
    return result


def file_identity(result: os.stat_result | None) -> tuple[int, ...]:
    """Numbers that tell a file from another of its name; empty where there is none."""
    return (result.st_dev, result.st_ino, result.st_mtime_ns, result.st_size) if result else ()


def open_regular(path: str | os.PathLike) -> BinaryIO:
    """Open an ordinary file to be read, as bytes.

    Raises
    ------
    OSError
        If it cannot be read, or is no ordinary file.
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


def check_regular_file(path: str | os.PathLike) -> None:
    """Raise an OSError for a path that leads to no ordinary file; opening a pipe would wait.

    Raises
    ------
    FileNotFoundError, OSError
        Where there is nothing of that name, a loop of links, a folder, pipe, device or
        socket; names it.
    """
    _check_ordinary(path, os.stat(path))


def check_place(path: str | os.PathLike) -> None:
    """Raise an OSError where no file or folder of a name can come to be; names it."""
    target = Path(os.path.realpath(path))
    if target.is_symlink():
        reason = "it is a link in a loop"
    elif not target.parent.is_dir():
        reason = "there is no such folder to put it in"
    elif not os.access(target.parent, os.W_OK):
        reason = "its folder is not writable"
    else:
        return
    raise OSError(f"{os.fspath(path)} cannot be written: {reason}.")


def _check_ordinary(path: str | os.PathLike, result: os.stat_result) -> None:
    kind = stat.S_IFMT(result.st_mode)
    if kind != stat.S_IFREG:
        name = OTHERS.get(kind, "something else")
        advice = "" if kind == stat.S_IFDIR else " Save what it gives to a file first."
        raise OSError(f"{os.fspath(path)} is {name}, no ordinary file.{advice}")
