"""Files that are compressed as their names say."""

import bz2
import gzip
import lzma
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Literal

from ganaug.storage.atomic import target_path

SUFFIXES = (".gz", ".bz2", ".xz", ".zip", ".zst")
STREAMS: dict[str, Any] = {".bz2": bz2.BZ2File, ".xz": lzma.LZMAFile}


@contextmanager
def open_compressed(path: Path, mode: Literal["rb", "wb"]) -> Iterator[Any]:
    """Open a file for bytes that are compressed on their way.

    Its name says how, of an unfinished file the name that it takes in the end: .gz, .bz2, .xz,
    .zip, and .zst, which needs zstandard. Equal bytes make equal files: these hold no time.

    Parameters
    ----------
    path : path
        Path of the file.
    mode : "rb" or "wb"

    Raises
    ------
    OSError
        If it cannot be opened.
    ValueError, ImportError
        As ``check_compression``.
    """
    name = target_path(path)
    check_compression(name)
    suffix = name.suffix.lower()
    with ExitStack() as stack:
        raw = stack.enter_context(path.open(mode))
        if suffix == ".gz":
            file: Any = gzip.GzipFile("", mode, fileobj=raw, mtime=0)
        elif suffix in STREAMS:
            file = STREAMS[suffix](raw, mode)
        elif suffix == ".zip":
            file = _open_member(
                stack.enter_context(zipfile.ZipFile(raw, "r" if mode == "rb" else "w")), mode, name
            )
        elif suffix == ".zst":
            import zstandard

            file = zstandard.open(raw, mode)
        else:
            file = raw
        yield stack.enter_context(file)


def uncompressed_suffix(name: Path) -> str:
    """Suffix in small letters of what a file holds, as its name says.

    Examples
    --------
    >>> uncompressed_suffix(Path("rows.CSV.gz")), uncompressed_suffix(Path("rows.csv"))
    ('.csv', '.csv')
    """
    suffix = name.suffix.lower()
    return Path(name.stem).suffix.lower() if suffix in SUFFIXES else suffix


def is_tar(name: Path) -> bool:
    """True for the name of a tar archive, a compressed one too."""
    return uncompressed_suffix(name) == ".tar"


def check_compression(name: Path) -> None:
    """Raise an error for a name of a compression that is not read and written in a stream.

    Raises
    ------
    ValueError
        For tar archives.
    ImportError
        For .zst where zstandard is not installed.
    """
    if is_tar(name):
        raise ValueError(f"{name}: tar archives cannot be written; name it .gz, .xz or .zip.")
    if name.suffix.lower() == ".zst":
        try:
            import zstandard  # noqa: F401
        except ImportError as error:
            raise ImportError(f"{name} needs zstandard: pip install zstandard.") from error


def _open_member(archive: zipfile.ZipFile, mode: str, name: Path) -> Any:
    """Open the only file in an archive, which is called as this without its ending."""
    if mode == "rb":
        return archive.open(archive.namelist()[0])
    member = zipfile.ZipInfo(name.stem)
    member.compress_type = zipfile.ZIP_DEFLATED
    return archive.open(member, "w", force_zip64=True)
