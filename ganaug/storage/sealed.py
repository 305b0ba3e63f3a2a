"""HDF5 files behind a seal: what they are, how long, and their digests.

Format, version 1. The first 1024 bytes are HDF5's user block, which HDF5 leaves to others. They
hold one JSON object, filled up with spaces and ended by a newline:

- ``format``: "ganaug model", "ganaug bank" or "ganaug checkpoint"; ``version``: 1
- ``bytes``: length of the whole file
- ``data``: offset and length of the one part that is read as it lies, [0, 0] where there is none
- ``sha256 of data``: digest of ``data``
- ``sha256``: digest of the entries above, as compact JSON in this order, and of all that follows
  the user block, ``data`` left out

An HDF5 file follows, which holds what ``storage.datasets`` says. The seal is verified before HDF5
parses a byte; ``data``, which HDF5 does not parse, when its owner asks for it.
"""

import errno
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from ganaug.storage.atomic import atomic_write, name_disk_errors, target_path
from ganaug.storage.datasets import MEBIBYTE, check_datasets, check_n_datasets
from ganaug.storage.regular import file_identity, file_status, open_regular

USER_BLOCK = 1024
VERSION = 1

# What HDF5 needs beside the arrays, at most.
MARGIN = 4 * MEBIBYTE

# Attempts to open a file that others replace meanwhile.
MAX_TRIES = 100

# Keys of a seal, and what they hold.
SEAL = {"format": str, "version": int, "bytes": int, "data": list, "sha256": str}
DATA_DIGEST = "sha256 of data"
SEALED = ("format", "version", "bytes", "data", DATA_DIGEST)


@contextmanager
def create_file(
    path: str | Path,
    kind: str,
    arrays: Mapping[str, np.ndarray],
    overwrite: bool = False,
    n_extra_bytes: int = 0,
    replaces: tuple[int, ...] | None = None,
) -> Iterator[h5py.File]:
    """File to fill, which takes its name once it is complete.

    Parameters
    ----------
    path : path
    kind : str
        Kind of the file: "model", "bank" or "checkpoint".
    arrays : dict of str to array
        Datasets to begin with.
    overwrite : bool, default=False
        True replaces a file of that name.
    n_extra_bytes : int, default=0
        Number of bytes that will be added to it.
    replaces : tuple of int or None, default=None
        As in ``atomic_write``.

    Yields
    ------
    h5py.File
        A dataset "data" of contiguous layout gets a digest of its own.

    Raises
    ------
    FileExistsError
        If ``path`` exists and is not to be overwritten, or another process has written it
        meanwhile.
    OSError
        If it cannot be written; names it.
    ValueError
        If it would have more datasets than ``open_file`` reads.
    """
    with atomic_write(path, overwrite, replaces) as unfinished:
        with name_disk_errors(unfinished):
            n_bytes = sum(array.nbytes for array in arrays.values()) + n_extra_bytes
            _reserve_space(unfinished, n_bytes)
            file = h5py.File(
                unfinished, "w", userblock_size=USER_BLOCK, libver="earliest", locking=False
            )
        with closing(file):
            with name_disk_errors(unfinished):
                for name, array in arrays.items():
                    file.create_dataset(name, data=array)
            # errors of the user's own files pass as they are
            yield file
            with name_disk_errors(unfinished):
                offset = file["data"].id.get_offset() if "data" in file else None
                data = [offset, file["data"].nbytes] if offset else [0, 0]
                data = data if data[1] else [0, 0]
                file.close()
        with name_disk_errors(unfinished):
            write_seal(unfinished, kind, data)
            check_n_datasets(len(arrays), unfinished.stat().st_size)


def open_file(path: str | Path, kind: str) -> h5py.File:
    """Open a file to be read, its seal verified, ``data`` left out.

    Raises
    ------
    FileNotFoundError, OSError
        If it cannot be read.
    ValueError
        If it is of another kind, of a newer version, damaged, incomplete, or holds what
        such files do not; names it.
    """
    path = Path(path)
    for _ in range(MAX_TRIES):
        before = file_identity(file_status(path))
        try:
            file = _open_and_check(path, _read_verified_seal(path, kind))
        except ValueError:
            if file_identity(file_status(path)) == before:
                raise
            continue
        if file_identity(file_status(path)) == before:
            return file
        # another file took its place between the seal and the rest
        file.close()
    raise OSError(f"{path} cannot be read: other processes write it over and over.")


def _read_verified_seal(path: Path, kind: str) -> dict[str, Any]:
    seal = read_seal(path, kind)
    if _digest_of_rest(path, seal) != seal["sha256"]:
        raise ValueError(f"{path} is damaged: its digest is not the one in its seal.")
    return seal


def _open_and_check(path: Path, seal: dict[str, Any]) -> h5py.File:
    """Open a file, and check that its datasets are such as this package writes."""
    try:
        # who writes such a file gives it its name when it is complete
        file = h5py.File(path, "r", locking=False)
    except Exception as error:
        raise ValueError(f"{path} is damaged: {error}") from error
    try:
        check_datasets(file, seal["bytes"], seal["data"])
    except Exception as error:  # of a damaged file h5py raises whatever it likes
        file.close()
        raise ValueError(
            f"{target_path(path)} holds what files of ganaug do not: {error}."
        ) from error
    return file


def read_seal(path: str | Path, kind: str | None = None) -> dict[str, Any]:
    """Read the seal of a file, checked against its length; see ``open_file`` for what is raised."""
    path = Path(path)
    with open_regular(path) as file:
        block = file.read(USER_BLOCK)
        size = os.fstat(file.fileno()).st_size
    try:
        seal = json.loads(block)
        known = all(type(seal[key]) is value for key, value in SEAL.items())
        start, length = seal["data"]
        known &= type(seal[DATA_DIGEST]) is str and type(start) is int and type(length) is int
        known = known and seal["format"].startswith("ganaug ") and seal["version"] > 0
    except (ValueError, KeyError, TypeError, RecursionError):
        known = False
    if not known:
        raise ValueError(f"{path} is not a file of ganaug.")
    if kind is not None and seal["format"] != f"ganaug {kind}":
        raise ValueError(f"{path} is a {seal['format']}, not a ganaug {kind}.")
    if seal["version"] > VERSION:
        raise ValueError(
            f"{path} is of format version {seal['version']}; this ganaug reads up to {VERSION}. "
            "Upgrade ganaug."
        )
    inside = start == length == 0 or (USER_BLOCK <= start < start + length <= size)
    if seal["bytes"] != size or not inside:
        raise ValueError(
            f"{path} is incomplete or damaged: it has {size} bytes, its seal says {seal['bytes']}."
        )
    return seal


def verify(path: str | Path, kind: str) -> None:
    """Raise a ValueError if any part of a file was changed; see ``open_file`` for others."""
    path = Path(path)
    seal = _read_verified_seal(path, kind)
    start, length = seal["data"]
    if _digest(path, (start, start + length)) != seal[DATA_DIGEST]:
        raise ValueError(f"{path} is damaged: the digest of its data is not the one in its seal.")


def _reserve_space(path: Path, n_bytes: int) -> None:
    """Raise an OSError where the disk has no room: HDF5 crashes when it finds out by itself."""
    if hasattr(os, "posix_fallocate"):
        with path.open("r+b") as file:
            try:
                os.posix_fallocate(file.fileno(), 0, n_bytes + MARGIN)
            except OSError as error:
                # some file systems cannot tell
                if error.errno not in (errno.EINVAL, errno.EOPNOTSUPP):
                    raise


def write_seal(path: Path, kind: str, data: list[int]) -> None:
    """Write the user block of a complete file.

    Parameters
    ----------
    path : path
    kind : str
        Kind of the file: "model", "bank" or "checkpoint".
    data : list of int
        Offset and length of the part that is read as it lies, [0, 0] where there is none.
    """
    size = path.stat().st_size
    start, length = data
    seal = {
        "format": f"ganaug {kind}",
        "version": VERSION,
        "bytes": size,
        "data": data,
        DATA_DIGEST: _digest(path, (start, start + length)),
    }
    seal["sha256"] = _digest_of_rest(path, seal)
    with path.open("r+b") as file:
        file.write(json.dumps(seal).encode().ljust(USER_BLOCK - 1) + b"\n")


def _digest_of_rest(path: Path, seal: dict[str, Any]) -> str:
    """SHA-256 of all but what is read as it lies."""
    entries = json.dumps({key: seal[key] for key in SEALED}, separators=(",", ":"))
    start, length = seal["data"] if seal["data"][1] else (USER_BLOCK, 0)
    parts = (USER_BLOCK, start), (start + length, seal["bytes"])
    return _digest(path, *parts, first=entries.encode())


def _digest(path: Path, *parts: tuple[int, int], first: bytes = b"") -> str:
    """SHA-256 of some bytes, then of parts (start, end) of a file."""
    digest = hashlib.sha256(first)
    with open_regular(path) as file:
        for start, end in parts:
            file.seek(start)
            while read := file.read(min(MEBIBYTE, end - file.tell())):
                digest.update(read)
    return digest.hexdigest()
