"""Compressed chunks: how many bytes come out of them, counted before HDF5 makes room for them.

HDF5 unpacks a chunk into as much memory as it takes, and reads on behind one that is too short.
"""

import math
import zlib

import h5py

from ganaug.storage.datasets import MEBIBYTE


def check_chunk(dataset: h5py.Dataset, number: int) -> None:
    """Raise a ValueError unless a chunk of samples unpacks to what is declared.

    Parameters
    ----------
    dataset : h5py.Dataset
        Dataset in chunks of whole samples, by one filter.
    number : int
        Number of the chunk, from 0 on.
    """
    chunk = dataset.chunks
    expected = math.prod(chunk) * dataset.dtype.itemsize
    start = (number * chunk[0], *[0] * (len(chunk) - 1))
    info = dataset.id.get_chunk_info_by_coord(start)
    # a chunk that a filter would not have made shorter may lie there as it is
    longest = expected + expected // 8 + 1024
    if info.byte_offset is None or info.size > longest:
        raise ValueError(f"its chunk {number} is stored in {info.size} bytes")
    mask, stored = dataset.id.read_direct_chunk(start)
    if mask:
        n_bytes = len(stored)
    elif dataset.compression == "gzip":
        n_bytes = _gzip_unpacked_size(stored, expected)
    else:
        n_bytes = _lzf_unpacked_size(stored, expected)
    if n_bytes != expected:
        raise ValueError(f"its chunk {number} does not unpack to the {expected} bytes it should")


def _gzip_unpacked_size(stored: bytes, expected: int) -> int:
    """Number of bytes that zlib unpacks; -1 where it fails, or unpacks more than are expected."""
    stream = zlib.decompressobj()
    n_bytes = 0
    try:
        while not stream.eof and n_bytes <= expected:
            part = stream.decompress(stored, MEBIBYTE)
            if not part:
                break
            n_bytes += len(part)
            stored = stream.unconsumed_tail
    except zlib.error:
        return -1
    return n_bytes if stream.eof else -1


def _lzf_unpacked_size(stored: bytes, expected: int) -> int:
    """Number of bytes that LZF unpacks; -1 where it fails, or unpacks more than are expected.

    A byte below 32 says how many follow as they are, less one. Any other begins a repetition of
    what came before: its upper three bits are a length, less two, to which a further byte is added
    where they are all set; its lower ones and one more byte say where.
    """
    place = 0
    n_bytes = 0
    end = len(stored)
    while place < end and n_bytes <= expected:
        control = stored[place]
        if control < 32:
            place += control + 2
            n_bytes += control + 1
        elif control < 224:
            place += 2
            n_bytes += (control >> 5) + 2
        else:
            if place + 1 >= end:
                return -1
            n_bytes += stored[place + 1] + 9
            place += 3
    return n_bytes if place == end else -1
