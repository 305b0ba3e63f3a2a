"""Samples and labels in a user's HDF5 file, read in parts."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from ganaug.storage.regular_file import check_regular_file

# Samples that are read at once.
WINDOW = 256

# Of a window: where fewer are wanted than one in so many, they are read one by one.
SPARSE = 16


class Hdf5Samples:
    """Two datasets of an HDF5 file: samples, and their labels.

    Parameters
    ----------
    path : path
    data : str
        Name of the dataset of samples (n, ...), with its groups: "train/X".
    labels : str or array-like
        Name of that of the labels (n,), or the labels themselves.

    Raises
    ------
    FileNotFoundError, OSError
        If there is no such file.
    ValueError
        If it is no HDF5 file, lacks a dataset, or holds another number of labels than
        of samples; names it.
    """

    def __init__(self, path: str | Path, data: str, labels: Any):
        self._path, self._data = Path(path), data
        with self._open() as file:
            samples = self._dataset(file, data)
            self.shape, self.dtype = samples.shape, samples.dtype
            if isinstance(labels, str):
                labels = self._dataset(file, labels)[()]
        self.labels = _plain(np.asarray(labels))
        if self.labels.shape != self.shape[:1]:
            raise ValueError(
                f"{path} has {self.shape[0]} samples in {data!r}; the labels have the shape "
                f"{self.labels.shape}, and one for each is needed."
            )

    def samples(self, chosen: np.ndarray) -> np.ndarray:
        """Samples where ``chosen`` (n,) is True, in the file's order."""
        found = np.empty((int(chosen.sum()), *self.shape[1:]), self.dtype)
        done = 0
        with self._open() as file:
            data = file[self._data]
            for start in range(0, len(chosen), WINDOW):
                rows = np.flatnonzero(chosen[start : start + WINDOW])
                own = found[done : done + len(rows)]
                if SPARSE * len(rows) < WINDOW:
                    for place, row in enumerate(rows):
                        own[place] = data[start + row]
                else:
                    own[:] = data[start : start + WINDOW][rows]
                done += len(rows)
        return found

    def _dataset(self, file: h5py.File, name: str) -> h5py.Dataset:
        found = file.get(name)
        if not isinstance(found, h5py.Dataset) or found.ndim == 0:
            known: list[str] = []
            file.visititems(
                lambda path, one: known.append(path) if isinstance(one, h5py.Dataset) else None
            )
            raise ValueError(f"{self._path} has no dataset {name!r}; it has {known}.")
        return found

    @contextmanager
    def _open(self) -> Iterator[h5py.File]:
        check_regular_file(self._path)
        # what cannot be opened at all says so by itself
        self._path.open("rb").close()
        try:
            file = h5py.File(self._path, "r", locking="best-effort")
        except OSError as error:
            raise ValueError(f"{self._path} is not a readable HDF5 file: {error}") from error
        with file:
            yield file


def _plain(labels: np.ndarray) -> np.ndarray:
    """Labels that HDF5 holds as bytes, as text."""
    if labels.dtype.kind in "SO":
        return np.array([one.decode() if isinstance(one, bytes) else one for one in labels])
    return labels
