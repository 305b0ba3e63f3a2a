"""Files that are complete or not there at all; of two writers at a time, one is told."""

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ganaug.storage.locks import lock_file, locked_folder, unlock_file
from ganaug.storage.regular import file_identity, file_status

# Unfinished files of this process, and the files that they are to become.
_final_paths: dict[Path, Path] = {}


@contextmanager
def atomic_write(
    path: str | os.PathLike,
    overwrite: bool = True,
    replaces: tuple[int, ...] | None = None,
) -> Iterator[Path]:
    """Temporary file beside ``path`` that takes its name when all has gone well.

    Whatever ends the process on the way, ``path`` is what it was, or the new file. Where another
    process writes it meanwhile, the file of the other stays, and this one is told. What a killed
    writer has left is removed by the next one of the same path.

    Parameters
    ----------
    path : path
        Path of the file to write; a symbolic link stays, and what it leads to is written. A
        temporary file of this function is written as it lies: it takes its name when the outer
        block is done.
    overwrite : bool, default=True
        False writes a new file only.
    replaces : tuple of int or None, default=None
        ``file_identity`` of the file that may be replaced, where it was looked at before; None
        takes what is there now.

    Yields
    ------
    Path
        An empty file to fill.

    Raises
    ------
    FileExistsError
        If there is such a file and it is not to be overwritten, or another process has written
        it meanwhile.
    OSError
        If it cannot be written; names it.
    """
    given = Path(path)
    path = Path(os.path.realpath(path))
    if path in _final_paths:
        yield path
        return
    with name_disk_errors(given):
        before = file_status(given)
        if before and not overwrite:
            raise FileExistsError(f"{path} exists; pass overwrite=True to replace it.")
        _remove_abandoned(path)
        # nobody else may read on the way what is to replace a private file
        unfinished, handle = _create_unfinished(path, 0o600 if before else 0o666)
    file = os.fdopen(handle, "rb")
    try:
        _final_paths[unfinished] = path
        yield unfinished
        with name_disk_errors(path):
            if before:
                unfinished.chmod(before.st_mode & 0o777)
            os.fsync(file.fileno())
            if os.name == "nt":  # which replaces no file that is open
                file.close()
            _replace(unfinished, path, file_identity(before) if replaces is None else replaces)
    finally:
        _final_paths.pop(unfinished, None)
        if not file.closed:
            unlock_file(file.fileno())
            file.close()
        unfinished.unlink(missing_ok=True)


@contextmanager
def name_disk_errors(path: Path) -> Iterator[None]:
    """Have errors of the disk name the file that is to be written in the end."""
    try:
        yield
    except FileExistsError:
        raise
    except OSError as error:
        raise OSError(
            f"{target_path(path)} cannot be written: {error.strerror or error}"
        ) from error


def target_path(path: Path) -> Path:
    """Path that an unfinished file takes in the end; of any other file, its path."""
    return _final_paths.get(path, path)


def _create_unfinished(path: Path, mode: int) -> tuple[Path, int]:
    """Create an empty file, locked as long as this process has it open."""
    while True:
        name = f"{unfinished_prefix(path)}{os.getpid()}-{secrets.token_hex(4)}"
        unfinished = path.with_name(name)
        handle = os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode)
        with suppress(FileNotFoundError):
            mine = lock_file(handle) is not False
            if mine and os.path.samestat(os.stat(unfinished), os.fstat(handle)):
                return unfinished, handle
        # a writer that began just now took it for one that was left behind
        os.close(handle)


def unfinished_prefix(path: Path) -> str:
    """Start of the names of temporary files for a path: short, however long its name is."""
    return f".ganaug-unfinished-{hashlib.sha256(os.fsencode(path.name)).hexdigest()[:16]}-"


def _remove_abandoned(path: Path) -> None:
    """Remove temporary files whose writers are gone, as far as one may."""
    prefix = unfinished_prefix(path)
    with suppress(OSError), os.scandir(path.parent) as entries:
        for entry in entries:
            if entry.name.startswith(prefix) and entry.is_file(follow_symlinks=False):
                with suppress(OSError):
                    _remove_if_abandoned(entry.path)


def _remove_if_abandoned(path: str) -> None:
    if os.name == "nt":  # which removes no file that is open
        os.unlink(path)
        return
    handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        if lock_file(handle):
            os.unlink(path)
    finally:
        os.close(handle)


def _replace(unfinished: Path, path: Path, expected: tuple[int, ...]) -> None:
    """Give a file its name, unless it is that of a file other than the expected one."""
    with locked_folder(path.parent):
        present = file_identity(file_status(path))
        try:
            if not present:
                _move_exclusively(unfinished, path)
            elif present == expected:
                unfinished.replace(path)
            else:
                raise FileExistsError
        except FileExistsError:
            raise FileExistsError(
                f"{path} was written by another process meanwhile; it stays as it is now."
            ) from None


def _move_exclusively(unfinished: Path, path: Path) -> None:
    """Give a file a name that no other file has, or raise a FileExistsError."""
    try:
        os.link(unfinished, path)
    except FileExistsError:
        raise
    except OSError:  # file systems without a second name for a file
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
        try:
            unfinished.replace(path)
        except BaseException:
            path.unlink()
            raise
