"""Checks of the paths that a command reads and writes, before anything takes long."""

import os
import shutil
from pathlib import Path

from ganaug.storage.regular import check_place


def check_output(
    path: Path, option: str = "-o", overwrite: bool = True, **others: Path | str | None
) -> None:
    """Refuse an output that cannot be written, or would replace what the command uses.

    Parameters
    ----------
    path : path
        Path of a file that will be written.
    option : str, default="-o"
        Option that names the path.
    overwrite : bool, default=True
        False refuses a file that is there.
    **others : path, address or None
        Others that the command reads or writes, by what they are.

    Raises
    ------
    ValueError
        If it is one of the others, by whatever name.
    FileExistsError
        If there is such a file and it is not to be overwritten.
    OSError
        If there can be no such file.
    """
    for name, other in others.items():
        if other is not None and is_same(path, other):
            raise ValueError(f"{option} {path} is the {name} itself; name another file.")
    if path.exists() and not path.is_file():
        reason = "it is a folder" if path.is_dir() else "it is no ordinary file"
        raise OSError(f"{path} cannot be written: {reason}.")
    check_place(path)
    if path.exists() and not overwrite:
        raise FileExistsError(f"{path} exists; pass --overwrite to replace it.")


def check_space(path: Path, n_bytes: int) -> None:
    """Raise an OSError where the disk of an output has fewer bytes free than it takes at least."""
    free = shutil.disk_usage(Path(os.path.realpath(path)).parent).free
    if n_bytes > free:
        raise OSError(
            f"{path} cannot be written: it takes {n_bytes:,} bytes or more, and {free:,} are free."
        )


def is_same(path: Path, other: Path | str) -> bool:
    """True where two paths lead to one file, which need not be there; links are followed."""
    if os.path.realpath(path) == os.path.realpath(other):
        return True
    try:
        return path.samefile(other)
    except OSError:
        return False
