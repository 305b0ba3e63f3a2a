"""HDF5 files behind a seal: what they are, how long, and their digests.

Format, version 1. The first 1024 bytes are HDF5's user block, which HDF5 leaves to others. They
hold one JSON object, filled up with spaces and ended by a newline:

- ``format``: "ganaug model" or "ganaug bank"; ``version``: 1
- ``bytes``: length of the whole file
- ``data``: offset and length of the one part that is read as it lies, [0, 0] where there is none
- ``sha256 of data``: digest of ``data``
- ``sha256``: digest of the entries above, as compact JSON in this order, and of all that follows
  the user block, ``data`` left out

An HDF5 file follows, of a flat root group that holds datasets of numbers and nothing else: no
groups, no links, no storage elsewhere. The seal is verified before HDF5 parses a byte; ``data``,
which HDF5 does not parse, when its owner asks for it.
"""

import errno
import hashlib
import json
import math
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from ganaug.storage.atomic import written_whole

USER_BLOCK = 1024
VERSION = 1
MEBIBYTE = 2**20

# What HDF5 needs beside the arrays, at most.
MARGIN = 4 * MEBIBYTE

# Of compressed data: bytes of a chunk, and how many come of one byte, at most.
MOST_OF_CHUNK = 64 * MEBIBYTE
MOST_INFLATED = 1100

# Keys of a seal, and what they hold.
SEAL = {"format": str, "version": int, "bytes": int, "data": list, "sha256": str}
DATA_DIGEST = "sha256 of data"
SEALED = ("format", "version", "bytes", "data", DATA_DIGEST)


@contextmanager
def new_file(
    path: str | Path,
    kind: str,
    arrays: Mapping[str, np.ndarray],
    overwrite: bool = False,
    n_more: int = 0,
) -> Iterator[h5py.File]:
    """A file to fill, which takes its name once it is complete.

    Parameters
    ----------
    path : path
    kind : str
        "model" or "bank".
    arrays : dict of str to array
        Datasets that the file begins with.
    overwrite : bool, default=False
        True replaces a file of that name.
    n_more : int, default=0
        Bytes that will be added to it.

    Yields
    ------
    h5py.File
        A dataset "data" of contiguous layout gets a digest of its own.

    Raises
    ------
    FileExistsError
        If ``path`` exists and is not to be overwritten.
    OSError
        If it cannot be written; names it.
    """
    path = Path(path)
    if path.exists() and not overwrite:
        raise FileExistsError(f"{path} exists; pass overwrite=True to replace it.")
    with written_whole(path) as unfinished, _named(path):
        _find_room(unfinished, sum(array.nbytes for array in arrays.values()) + n_more)
        with h5py.File(unfinished, "w", userblock_size=USER_BLOCK, libver="earliest") as file:
            for name, array in arrays.items():
                file.create_dataset(name, data=array)
            yield file
            offset = file["data"].id.get_offset() if "data" in file else None
            data = [0, 0] if offset is None else [offset, file["data"].nbytes]
        _seal(unfinished, kind, data)


def open_file(path: str | Path, kind: str) -> h5py.File:
    """A file to read, its seal verified, ``data`` left out.

    Raises
    ------
    FileNotFoundError, OSError
        If it cannot be read.
    ValueError
        If it is of another kind, of a newer version, damaged, incomplete, or holds what
        such files do not; names it.
    """
    path = Path(path)
    while True:
        before = _identity(path)
        try:
            file = _opened(path, kind)
        except ValueError:
            if _identity(path) == before:
                raise
            continue
        if _identity(path) == before:
            return file
        # another file took its place between the seal and the rest
        file.close()


def _identity(path: Path) -> tuple[int, ...]:
    """What tells a file from another that took its name."""
    found = path.stat()
    return found.st_dev, found.st_ino, found.st_mtime_ns


def _opened(path: Path, kind: str) -> h5py.File:
    seal = read_seal(path, kind)
    if _digest_of_rest(path, seal) != seal["sha256"]:
        raise ValueError(f"{path} is damaged: its digest is not the one in its seal.")
    try:
        file = h5py.File(path, "r", locking="best-effort")
    except OSError as error:
        raise ValueError(f"{path} is damaged: {error}") from error
    try:
        for name in file:
            _check_dataset(file, name, seal["bytes"])
    except (ValueError, TypeError, KeyError, RuntimeError, OSError) as error:
        file.close()
        raise ValueError(f"{path} holds what files of ganaug do not: {error}") from error
    return file


def read_seal(path: str | Path, kind: str | None = None) -> dict[str, Any]:
    """The seal of a file, checked against its length; see ``open_file`` for what is raised."""
    path = Path(path)
    with path.open("rb") as file:
        block = file.read(USER_BLOCK)
        size = os.fstat(file.fileno()).st_size
    try:
        seal = json.loads(block)
        known = all(type(seal[key]) is value for key, value in SEAL.items())
        start, length = seal["data"]
        known &= type(seal[DATA_DIGEST]) is str and type(start) is int and type(length) is int
        known &= seal["format"].startswith("ganaug ")
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
    inside = start == length == 0 or (USER_BLOCK <= start <= start + length <= size)
    if seal["bytes"] != size or not inside:
        raise ValueError(
            f"{path} is incomplete or damaged: it has {size} bytes, its seal says {seal['bytes']}."
        )
    return seal


def verify_data(path: str | Path, kind: str) -> None:
    """Raise a ValueError if the part of a file that is read as it lies was changed."""
    seal = read_seal(path, kind)
    start, length = seal["data"]
    if _digest(Path(path), (start, start + length)) != seal[DATA_DIGEST]:
        raise ValueError(f"{path} is damaged: the digest of its data is not the one in its seal.")


def _find_room(path: Path, n_bytes: int) -> None:
    """Raise an OSError where the disk has no room: HDF5 crashes when it finds out by itself."""
    if hasattr(os, "posix_fallocate"):
        with path.open("r+b") as file:
            try:
                os.posix_fallocate(file.fileno(), 0, n_bytes + MARGIN)
            except OSError as error:
                # some file systems cannot tell
                if error.errno not in (errno.EINVAL, errno.EOPNOTSUPP):
                    raise


def _seal(path: Path, kind: str, data: list[int]) -> None:
    """Write the user block."""
    size, (start, length) = path.stat().st_size, data
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
    with path.open("rb") as file:
        for start, end in parts:
            file.seek(start)
            while read := file.read(min(MEBIBYTE, end - file.tell())):
                digest.update(read)
    return digest.hexdigest()


def _check_dataset(file: h5py.File, name: str, size: int) -> None:
    """Raise a ValueError for what is not a plain dataset of numbers inside the file."""
    if not isinstance(file.get(name, getlink=True), h5py.HardLink):
        raise ValueError(f"{name!r} is a link")
    dataset = file[name]
    if not isinstance(dataset, h5py.Dataset):
        raise ValueError(f"{name!r} is no dataset")
    if dataset.external or dataset.is_virtual:
        raise ValueError(f"{name!r} is stored elsewhere")
    if dataset.dtype.kind not in "biuf" or dataset.dtype.hasobject or dataset.dtype.subdtype:
        raise ValueError(f"{name!r} is of the type {dataset.dtype}")
    stored, chunks = dataset.id.get_storage_size(), dataset.chunks
    if chunks is None:
        whole = stored == dataset.nbytes
    else:
        sides = zip(dataset.shape, chunks, strict=True)
        n_chunks = math.prod(-(-side // of_chunk) for side, of_chunk in sides)
        small = math.prod(chunks) * dataset.dtype.itemsize <= MOST_OF_CHUNK
        whole = name == "data" and small and dataset.id.get_num_chunks() == n_chunks
    if not whole or stored > size or dataset.nbytes > MOST_INFLATED * size:
        raise ValueError(f"{name!r} has {dataset.nbytes} bytes, and {stored} are stored")


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Errors of the disk, with the name of the file that was to be written."""
    try:
        yield
    except OSError as error:
        raise OSError(f"{path} cannot be written: {error.strerror or error}") from error
