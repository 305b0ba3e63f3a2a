"""Folders that are complete or not there at all."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ganaug.storage.atomic import unfinished_prefix
from ganaug.storage.locks import lock_folder, unlock_folder
from ganaug.storage.regular import check_place


@contextmanager
def atomic_folder(path: str | os.PathLike) -> Iterator[Path]:
    """A temporary folder beside ``path`` that takes its name when all has gone well.

    What a killed writer has left is removed by the next one of the same path.

    Raises
    ------
    OSError
        If there can be no such folder, or there is one with something in it.
    """
    check_new_folder(path)
    target = Path(os.path.realpath(path))
    prefix = unfinished_prefix(target)
    _remove_abandoned(target.parent, prefix)
    unfinished, handle = _locked_folder(target.parent, prefix)
    try:
        yield unfinished
        check_new_folder(path)
        if target.is_dir():
            target.rmdir()
        unfinished.rename(target)
    finally:
        if handle is not None:
            unlock_folder(handle)
            os.close(handle)
        shutil.rmtree(unfinished, ignore_errors=True)


def check_new_folder(path: str | os.PathLike) -> None:
    """Raise an OSError where no folder of that name can come to be; names it."""
    target = Path(os.path.realpath(path))
    path = Path(path)
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        reason = "it is there and not empty; name another folder"
    elif path.exists() and (target == Path.cwd() or os.path.ismount(target)):
        reason = "it is in use; name another folder"
    else:
        check_place(path)
        return
    raise OSError(f"{path} cannot be written: {reason}.")


def _locked_folder(parent: Path, prefix: str) -> tuple[Path, int | None]:
    """A new folder, locked as long as this process has it open, where that is possible."""
    while True:
        folder = parent / f"{prefix}{os.getpid()}-{secrets.token_hex(4)}"
        folder.mkdir()
        if os.name == "nt":  # which opens no folder
            return folder, None
        with suppress(FileNotFoundError):
            handle = os.open(folder, os.O_RDONLY)
            if lock_folder(handle) is not False and folder.exists():
                return folder, handle
            os.close(handle)
        # a writer that began just now took it for one that was left behind


def _remove_abandoned(parent: Path, prefix: str) -> None:
    """Remove temporary folders whose writers are gone, as far as one may."""
    for folder in parent.glob(f"{prefix}*"):
        with suppress(OSError):
            if os.name == "nt" or folder.is_symlink() or not folder.is_dir():
                continue
            handle = os.open(folder, os.O_RDONLY)
            try:
                if lock_folder(handle):
                    shutil.rmtree(folder)
            finally:
                os.close(handle)
