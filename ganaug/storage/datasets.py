"""Contents of the HDF5 files of this package, and how much a file of some length can hold.

Datasets of numbers in the root group, nothing else: no groups, links, attributes or named types.
Each lies in the file in one piece, as it is; together they are no longer than the file. Only
"data" may be compressed, by one filter, in chunks of whole samples; "tree" is a text in bytes.
"""

import math

import h5py
import numpy as np

MEBIBYTE = 2**20

# Compressed data are at most so many bytes, or so many times as long as their file. Twice that, as
# for a copy in another order, is less than a gigabyte where the file has ten megabytes.
MAX_INFLATED = 256 * MEBIBYTE
MAX_INFLATION = 25

# Datasets in a file, at most: so many, or one for so many bytes of it.
MAX_DATASETS = 4096
MIN_BYTES_PER_DATASET = 512

# Samples and bytes of a compressed chunk, unless it is a single sample.
MAX_CHUNK_SAMPLES = 64
MAX_CHUNK_BYTES = 64 * MEBIBYTE

FILTERS = (h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_LZF)


def max_inflated(size: int) -> int:
    """Number of bytes that the compressed contents of a file of so many bytes may take."""
    return max(MAX_INFLATED, MAX_INFLATION * size)


def chunk_shape(shape: tuple[int, ...], itemsize: int) -> tuple[int, ...]:
    """Shape of the chunks in which samples (n, ...) are compressed."""
    fitting = MAX_CHUNK_BYTES // max(1, math.prod(shape[1:]) * itemsize)
    return (max(1, min(MAX_CHUNK_SAMPLES, fitting, shape[0])), *shape[1:])


def check_n_datasets(n_datasets: int, size: int) -> None:
    """Raise a ValueError for more datasets than a file of so many bytes may have."""
    limit = max(MAX_DATASETS, size // MIN_BYTES_PER_DATASET)
    if n_datasets > limit:
        raise ValueError(f"a file of {size} bytes has {limit} datasets at most, not {n_datasets}")


def check_datasets(file: h5py.File, size: int, data_at: list[int]) -> None:
    """Raise a ValueError for what such files do not hold, or not in so few bytes.

    Parameters
    ----------
    file : h5py.File
    size : int
        Length of the file in bytes.
    data_at : list of int
        Offset and length of its "data" where these are read as they lie, else [0, 0].
    """
    check_n_datasets(len(file), size)
    if h5py.h5a.get_num_attrs(file.id):
        raise ValueError("it has attributes")
    left = size
    for encoded in file.id:
        name = encoded.decode(errors="replace")
        if file.id.links.get_info(encoded).type != h5py.h5l.TYPE_HARD:
            raise ValueError(f"{name!r} is a link")
        dataset = h5py.h5o.open(file.id, encoded)
        if not isinstance(dataset, h5py.h5d.DatasetID):
            raise ValueError(f"{name!r} is no dataset")
        try:
            if name == "data":
                _check_data(dataset, size, data_at)
                continue
            left -= _check_array(dataset, size)
            if name == "tree" and (dataset.rank, dataset.dtype) != (1, np.uint8):
                raise ValueError(f"is no text, but of the type {dataset.dtype}")
        except ValueError as error:
            raise ValueError(f"{name!r} {error}") from error
        if left < 0:
            raise ValueError(f"its arrays have more than its {size} bytes")


def _check_data(dataset: h5py.h5d.DatasetID, size: int, data_at: list[int]) -> None:
    """Raise a ValueError unless a dataset holds samples."""
    if dataset.get_create_plist().get_layout() == h5py.h5d.CHUNKED:
        n_bytes = _check_chunks(dataset, size)
        offset = None
    else:
        n_bytes = _check_array(dataset, size)
        offset = dataset.get_offset()
    if dataset.rank == 0 or n_bytes == 0:
        raise ValueError(f"has the shape {dataset.shape}, and holds nothing")
    if data_at != [0, 0] and data_at != [offset, n_bytes]:
        raise ValueError(f"does not lie where its seal says, at {data_at}")


def _check_array(dataset: h5py.h5d.DatasetID, size: int) -> int:
    """Number of bytes of an array that lies in the file as it is; a ValueError for others."""
    n_bytes = _n_bytes(dataset)
    plan = dataset.get_create_plist()
    layout = plan.get_layout()
    stored = dataset.get_storage_size()
    if layout not in (h5py.h5d.COMPACT, h5py.h5d.CONTIGUOUS) or plan.get_external_count():
        raise ValueError("is chunked, or stored elsewhere")
    # one of no bytes may claim any number of rows
    if stored != n_bytes or max(dataset.shape, default=0) > size:
        raise ValueError(f"has {n_bytes} bytes of the shape {dataset.shape}; {stored} are stored")
    if layout == h5py.h5d.CONTIGUOUS and n_bytes and dataset.get_offset() + n_bytes > size:
        raise ValueError(f"reaches beyond the file's {size} bytes")
    return n_bytes


def _check_chunks(dataset: h5py.h5d.DatasetID, size: int) -> int:
    """Number of bytes of samples in chunks of ``chunk_shape``; a ValueError for others."""
    n_bytes = _n_bytes(dataset)
    plan = dataset.get_create_plist()
    shape = dataset.shape
    itemsize = dataset.dtype.itemsize
    filters = [plan.get_filter(number)[0] for number in range(plan.get_nfilters())]
    if len(filters) != 1 or filters[0] not in FILTERS:
        raise ValueError(f"is stored through the filters {filters}; one of {FILTERS} may be used")
    if n_bytes > max_inflated(size):
        raise ValueError(f"has {n_bytes} bytes, too many for a file of {size}")
    expected = chunk_shape(shape, itemsize)
    if plan.get_chunk() != expected:
        raise ValueError(f"has chunks of the shape {plan.get_chunk()}, not {expected}")
    n_chunks = -(-shape[0] // expected[0])
    stored = dataset.get_storage_size()
    if dataset.get_num_chunks() != n_chunks or stored > size:
        raise ValueError(
            f"has {dataset.get_num_chunks()} chunks of {stored} bytes; it needs {n_chunks}, and "
            f"the file has {size} bytes"
        )
    return n_bytes


def _n_bytes(dataset: h5py.h5d.DatasetID) -> int:
    """Number of bytes of a plain dataset of numbers in memory."""
    kind = dataset.get_type()
    dtype = dataset.dtype
    # of no other do bytes mean the same to HDF5 and to NumPy
    plain = dtype.kind in "biuf" and kind.equal(h5py.h5t.py_create(dtype))
    if not plain or kind.committed():
        raise ValueError(f"is of the type {dtype}")
    if dataset.get_space().get_simple_extent_type() == h5py.h5s.NULL:
        raise ValueError("has no shape")
    if h5py.h5a.get_num_attrs(dataset):
        raise ValueError("has attributes")
    return math.prod(dataset.shape) * dtype.itemsize
