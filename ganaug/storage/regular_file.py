"""Files that can be read more than once."""

import os
import stat
from pathlib import Path

KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def check_regular_file(path: str | os.PathLike) -> None:
    """Raise an OSError for a path that leads to no regular file; opening a pipe would wait.

    Raises
    ------
    FileNotFoundError, OSError
        Where there is nothing of that name, a loop of links, a folder, pipe, device or
        socket; names it.
    """
    mode = Path(path).stat().st_mode
    if not stat.S_ISREG(mode):
        kind = KINDS.get(stat.S_IFMT(mode), "something else")
        advice = "" if stat.S_ISDIR(mode) else "; save what it gives to a file first"
        raise OSError(
            f"{path} is {kind}, no ordinary file, and files are read more than once{advice}."
        )
