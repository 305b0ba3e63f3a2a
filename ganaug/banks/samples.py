"""The samples of a bank, in a file or in memory: what reads them."""

import os
import threading
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import torch

from ganaug.banks.contents import Contents, check_labels, contents_of
from ganaug.storage.chunks import check_chunk
from ganaug.storage.sealed import DATA_DIGEST, open_file, read_seal, verify


class InMemorySamples:
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
        self.contents = contents
        self.shape = samples.shape
        self.dtype = samples.dtype

    def take(self, rows: Any) -> np.ndarray:
        """Samples (n, ...) by numbers from 0 on, or of a slice."""
        return self._samples.numpy()[rows]

    def check_unchanged(self) -> None:
        """Nothing can have changed them."""

    def verify(self) -> None:
        """Nothing can have changed them."""

    def close(self) -> None:
        """There is no file."""


class FileSamples:
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
        self._path = path
        self._access = access
        self._samples: Any = None
        # chunks that unpack to what is declared
        self._checked: set[int] = set()
        self._lock = threading.Lock()
        self._owner = 0
        self._identity = self._who()
        with open_file(path, "bank") as file:
            try:
                self.contents = contents_of(file)
                check_labels(self.contents, file.id.get_filesize())
            except Exception as error:  # whatever may come of a file
                raise ValueError(f"{path} is no bank of ganaug: {error}.") from error
            data = file["data"]
            self.shape = data.shape
            self.dtype = data.dtype
            self.compression = data.compression
            self._start = None if data.chunks else data.id.get_offset()
        if access == "memmap" and self._start is None:
            raise ValueError(f"{path} is compressed: access it as 'hdf5' or 'memory'.")

    def take(self, rows: Any) -> np.ndarray:
        """Samples (n, ...) by numbers from 0 on, or of a slice."""
        with self._lock:
            if self._samples is None or self._owner != os.getpid():
                self.check_unchanged()
                self._samples = self._opened()
                self._checked = set()
                self._owner = os.getpid()
                try:  # another file may have taken the name on the way
                    self.check_unchanged()
                except (OSError, ValueError):
                    self._release()
                    raise
            samples = self._samples
        if isinstance(samples, np.ndarray):
            return np.asarray(samples[rows])
        if isinstance(rows, slice):
            rows = np.arange(self.shape[0])[rows]
        # HDF5 wants rising numbers, and reads fastest what lies together
        rising, places = np.unique(rows, return_inverse=True)
        taken = np.empty((len(rising), *self.shape[1:]), self.dtype)
        done = 0
        for run in np.split(rising, np.flatnonzero(np.diff(rising) > 1) + 1):
            self._read(samples, run, taken[done : done + len(run)])
            done += len(run)
        return taken if np.array_equal(rising, rows) else taken[places]

    def check_unchanged(self) -> None:
        """Raise a ValueError if another file has taken the name."""
        if self._who() != self._identity:
            raise ValueError(f"{self._path} was replaced meanwhile; open it anew.")

    def verify(self) -> None:
        """Raise a ValueError if the file was changed since it was written."""
        verify(self._path, "bank")

    def close(self) -> None:
        """Let go of the file; it is opened again where samples are asked for."""
        with self._lock:
            self._release()

    def _release(self) -> None:
        if hasattr(self._samples, "file"):
            self._samples.file.close()
        self._samples = None

    def __getstate__(self) -> dict[str, Any]:
        kept = {key: one for key, one in vars(self).items() if key != "_lock"}
        return kept | {"_samples": None, "_checked": set()}

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
            if self._access != "memory":
                return data
            with data.file:
                samples = np.empty(self.shape, self.dtype)
                self._read(data, np.arange(self.shape[0]), samples)
                return samples
        try:
            mapped = np.memmap(self._path, self.dtype, "r", self._start, self.shape)
        except ValueError as error:
            raise ValueError(f"{self._path} was cut off: {error}.") from error
        if self._access != "memory":
            return mapped
        self.verify()
        return np.array(mapped)

    def _read(self, data: h5py.Dataset, rows: np.ndarray, into: np.ndarray) -> None:
        """Read samples of successive numbers."""
        if not len(rows):
            return
        start = int(rows[0])
        stop = int(rows[-1]) + 1
        try:
            if data.chunks:
                a_chunk = data.chunks[0]
                chunks = range(start // a_chunk, (stop - 1) // a_chunk + 1)
                for number in set(chunks) - self._checked:
                    check_chunk(data, number)
                    self._checked.add(number)
            into[:] = data[start:stop]
        except Exception as error:  # h5py raises whatever it likes
            raise ValueError(f"{self._path} is damaged: {error}") from error
