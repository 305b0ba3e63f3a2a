"""Samples of a bank, in a file or in memory, and how they are read."""

import os
import threading
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import torch

from ganaug.banks.contents import Contents, check_labels, read_contents
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

    def take(self, rows: np.ndarray | slice) -> np.ndarray:
        """Samples (n, ...) by numbers from 0 on, or of a slice."""
        return self._samples.numpy()[rows]

    def check_unchanged(self) -> None:
        """Do nothing: samples in memory cannot be changed by others."""

    def verify(self) -> None:
        """Do nothing: samples in memory cannot be changed by others."""

    def close(self) -> None:
        """Do nothing: there is no file to let go of."""


class FileSamples:
    """Samples in a file, which every process opens for itself when it first reads.

    Parameters
    ----------
    path : path
    access : str
        Way to read, as in ``SampleBank``.

    Attributes
    ----------
    contents : Contents
    shape : tuple of int
        Shape of all samples together.
    dtype : numpy.dtype
    compression : str or None
    """

    def __init__(self, path: Path, access: str):
        self._path = path
        self._access = access
        self._samples: Any = None
        # chunks that unpack to what is declared
        self._checked_chunks: set[int] = set()
        self._lock = threading.Lock()
        self._owner_pid = 0
        self._identity = self._read_identity()
        with open_file(path, "bank") as file:
            try:
                self.contents = read_contents(file)
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

    def take(self, rows: np.ndarray | slice) -> np.ndarray:
        """Samples (n, ...) by numbers from 0 on, or of a slice."""
        with self._lock:
            if self._samples is None or self._owner_pid != os.getpid():
                self.check_unchanged()
                self._samples = self._open()
                self._checked_chunks = set()
                self._owner_pid = os.getpid()
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
        ascending, order = np.unique(rows, return_inverse=True)
        samples_read = np.empty((len(ascending), *self.shape[1:]), self.dtype)
        done = 0
        for run in np.split(ascending, np.flatnonzero(np.diff(ascending) > 1) + 1):
            self._read(samples, run, samples_read[done : done + len(run)])
            done += len(run)
        return samples_read if np.array_equal(ascending, rows) else samples_read[order]

    def check_unchanged(self) -> None:
        """Raise a ValueError if another file has taken the name."""
        if self._read_identity() != self._identity:
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
        state = {name: value for name, value in vars(self).items() if name != "_lock"}
        return state | {"_samples": None, "_checked_chunks": set()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, _lock=threading.Lock())

    def _read_identity(self) -> tuple[str, str]:
        """Read what tells this file from another of its name."""
        seal = read_seal(self._path, "bank")
        return seal["sha256"], seal[DATA_DIGEST]

    def _open(self) -> Any:
        """Open the samples: an array, or a dataset of HDF5."""
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
                rows_per_chunk = data.chunks[0]
                chunks = range(start // rows_per_chunk, (stop - 1) // rows_per_chunk + 1)
                for number in set(chunks) - self._checked_chunks:
                    check_chunk(data, number)
                    self._checked_chunks.add(number)
            into[:] = data[start:stop]
        except Exception as error:  # h5py raises whatever it likes
            raise ValueError(f"{self._path} is damaged: {error}") from error
