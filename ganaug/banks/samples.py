"""The samples of a bank, in a file or in memory: what reads them."""

import os
import threading
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ganaug.banks.contents import Contents, contents_of
from ganaug.storage.sealed import DATA_DIGEST, open_file, read_seal, verify_data


class HeldSamples:
    """Samples in memory, sorted by class.

    Parameters
    ----------
    samples : (n, ...) array
    contents : Contents
    """

    compression = None

    def __init__(self, samples: np.ndarray, contents: Contents):
        # workers share what torch holds
        self._samples = torch.from_numpy(np.ascontiguousarray(samples))
        self.contents, self.shape, self.dtype = contents, samples.shape, samples.dtype

    def take(self, rows: Any) -> np.ndarray:
        """Samples (n, ...) by numbers from 0 on, or of a slice."""
        return self._samples.numpy()[rows]

    def check_unchanged(self) -> None:
        """Nothing can have changed them."""

    def verify(self) -> None:
        """Nothing can have changed them."""

    def close(self) -> None:
        """There is no file."""


class StoredSamples:
    """Samples in a file, which every process opens for itself when it first reads.

    Parameters
    ----------
    path : path
    access : str
        As in ``SampleBank``.

    Attributes
    ----------
    contents : Contents
    shape : tuple of int
        Of all samples.
    dtype : numpy.dtype
    compression : str or None
    """

    def __init__(self, path: Path, access: str):
        self._path, self._access = path, access
        self._samples: Any = None
        self._lock, self._owner = threading.Lock(), 0
        self._identity = self._who()
        with open_file(path, "bank") as file:
            try:
                self.contents = contents_of(file)
            except ValueError as error:
                raise ValueError(f"{path} is no bank of ganaug: {error}.") from error
            data = file["data"]
            self.shape, self.dtype, self.compression = data.shape, data.dtype, data.compression
            self._start = None if data.chunks else data.id.get_offset()
        if access == "memmap" and self._start is None:
            raise ValueError(f"{path} is compressed: access it as 'hdf5' or 'memory'.")

    def take(self, rows: Any) -> np.ndarray:
        """Samples (n, ...) by numbers from 0 on, or of a slice."""
        with self._lock:
            if self._samples is None or self._owner != os.getpid():
                self.check_unchanged()
                self._samples, self._owner = self._opened(), os.getpid()
            samples = self._samples
        if isinstance(samples, np.ndarray):
            return np.asarray(samples[rows])
        if isinstance(rows, slice):
            return self._read(samples, rows)
        # HDF5 wants rising numbers, and reads them faster one by one
        rising, places = np.unique(rows, return_inverse=True)
        taken = np.empty((len(rising), *self.shape[1:]), self.dtype)
        for place, row in enumerate(rising):
            taken[place] = self._read(samples, row)
        return taken[places]

    def check_unchanged(self) -> None:
        """Raise a ValueError if another file has taken the name."""
        if self._who() != self._identity:
            raise ValueError(f"{self._path} was replaced meanwhile; open it anew.")

    def verify(self) -> None:
        """Raise a ValueError if samples were changed since they were written."""
        verify_data(self._path, "bank")

    def close(self) -> None:
        """Let go of the file; it is opened again where samples are asked for."""
        with self._lock:
            if hasattr(self._samples, "file"):
                self._samples.file.close()
            self._samples = None

    def __getstate__(self) -> dict[str, Any]:
        return {key: one for key, one in vars(self).items() if key != "_lock"} | {"_samples": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, _lock=threading.Lock())

    def _who(self) -> tuple[str, str]:
        """What tells this file from another of its name."""
        seal = read_seal(self._path, "bank")
        return seal["sha256"], seal[DATA_DIGEST]

    def _opened(self) -> Any:
        """An array, or a dataset of HDF5."""
        if self._access == "hdf5" or self._start is None:
            data = open_file(self._path, "bank")["data"]
            return self._read(data, slice(None)) if self._access == "memory" else data
        mapped = np.memmap(self._path, self.dtype, "r", self._start, self.shape)
        if self._access == "memory":
            self.verify()
            return np.array(mapped)
        return mapped

    def _read(self, data: Any, rows: Any) -> np.ndarray:
        try:
            return data[rows]
        except OSError as error:
            raise ValueError(f"{self._path} is damaged: {error}") from error
