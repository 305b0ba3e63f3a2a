"""Digests, by which training sets are told apart."""

import hashlib

import numpy as np

from ganaug.encoding.rows import Matrix


def digest(*arrays: Matrix) -> str:
    """SHA-256 of arrays or sparse matrices: their types, shapes and values.

    Examples
    --------
    >>> digest(np.zeros(2)) == digest(np.zeros(2)), digest(np.zeros(2)) == digest(np.zeros(3))
    (True, False)
    """
    sha = hashlib.sha256()
    for array in arrays:
        if not isinstance(array, np.ndarray):
            array = array.tocsr()
            sha.update(digest(array.data, array.indices, array.indptr).encode())
        else:
            sha.update(f"{array.dtype.kind} {array.shape}".encode())
            values = array.astype(str) if array.dtype.kind == "O" else array
            sha.update(np.ascontiguousarray(values).tobytes())
    return sha.hexdigest()
