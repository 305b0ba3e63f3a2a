"""Files that are complete or not there at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def written_whole(path: str | os.PathLike) -> Iterator[Path]:
    """A temporary file beside ``path`` that takes its name when all has gone well.

    Whatever ends the process on the way, ``path`` is what it was, or the new file.

    Raises
    ------
    OSError
        If there can be no such file; names it.
    """
    path = Path(path).resolve()
    try:
        if path.is_dir():
            raise IsADirectoryError("it is a folder")
        if path.exists() and not path.is_file():
            raise OSError("it is not an ordinary file")
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise OSError(f"{path} cannot be written: {error.strerror or error}") from error
    os.close(handle)
    unfinished = Path(name)
    try:
        yield unfinished
        # mkstemp lets nobody else read; a new file follows the user's mask, an old one stays
        mask = os.umask(0)
        os.umask(mask)
        unfinished.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~mask)
        with unfinished.open("rb") as file:
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
