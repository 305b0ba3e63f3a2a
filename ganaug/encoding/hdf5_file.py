"""Samples and labels in a user's HDF5 file, read in parts."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import ArrayLike

from ganaug.encoding.file_labels import plain_file_labels
from ganaug.storage.datasets import max_inflated
from ganaug.storage.regular import open_regular

# Samples that are read at once.
WINDOW = 256

# Errors of h5py where a file is damaged, or declares more than there can be.
DAMAGES = (OSError, KeyError, RuntimeError, TypeError, OverflowError, MemoryError)

# Soft links on the way to a dataset.
MAX_LINKS = 16

# Samples are read by themselves where fewer than one in so many of a window are wanted.
SPARSITY = 16


class Hdf5Samples:
    """Two datasets of an HDF5 file: samples, and their labels.

    Parameters
    ----------
    path : path
        Path of the file.
    data : str
        Name of the dataset of samples (n, ...), with its groups: "train/X".
    labels : str or array-like
        Name of the dataset of labels, (n,) or (n, 1), or the labels themselves (n,).

    Raises
    ------
    FileNotFoundError, OSError
        If there is no such file, or it is a folder, pipe or device.
    ValueError
        If it is no HDF5 file or damaged, lacks a dataset, has one of something else than
        numbers (of labels: or texts) or whose values lie outside of it, or holds another
        number of labels than of samples; names it.
    """

    def __init__(self, path: str | Path, data: str, labels: ArrayLike):
        self._path = Path(path)
        self._data = data
        with self._open() as file:
            samples = self._dataset(file, data)
            self.shape = samples.shape
            self.dtype = samples.dtype
            if isinstance(labels, str):
                labels = self._labels(self._dataset(file, labels, texts=True))
        self.labels = plain_file_labels(np.asarray(labels))
        if self.labels.shape != self.shape[:1]:
            raise self._unequal(self.labels.shape)

    def samples(self, mask: np.ndarray) -> np.ndarray:
        """Samples where ``mask`` (n,) is True, in the file's order."""
        with self._open() as file:
            samples = np.empty((int(mask.sum()), *self.shape[1:]), self.dtype)
            n_done = 0
            data = self._dataset(file, self._data)
            if (data.shape, data.dtype) != (self.shape, self.dtype):
                raise ValueError(f"{self._path} was changed meanwhile.")
            for start in range(0, len(mask), WINDOW):
                rows = np.flatnonzero(mask[start : start + WINDOW])
                part = samples[n_done : n_done + len(rows)]
                if SPARSITY * len(rows) < WINDOW:
                    for place, row in enumerate(rows):
                        part[place] = data[start + row]
                else:
                    part[:] = data[start : start + WINDOW][rows]
                n_done += len(rows)
        return samples

    def _labels(self, dataset: h5py.Dataset) -> np.ndarray:
        # a few bytes can stand for any number of labels
        if dataset.shape not in (self.shape[:1], (*self.shape[:1], 1)):
            raise self._unequal(dataset.shape)
        size = dataset.file.id.get_filesize()
        if dataset.nbytes > max_inflated(size):
            raise ValueError(
                f"{self._path} has {size} bytes, and labels of {dataset.nbytes} bytes in "
                f"{dataset.name!r}: too many to be meant."
            )
        return dataset[()]

    def _unequal(self, shape: tuple[int, ...]) -> ValueError:
        return ValueError(
            f"{self._path} has {self.shape[0]} samples in {self._data!r}; the labels have the "
            f"shape {shape}, and one for each is needed."
        )

    def _dataset(self, file: h5py.File, name: str, texts: bool = False) -> h5py.Dataset:
        """A dataset of numbers, or texts, that lies in the file."""
        dataset = self._resolve(file, name)
        if not isinstance(dataset, h5py.Dataset) or not dataset.shape:
            known: list[str] = []
            file.visititems(
                lambda path, item: known.append(path) if isinstance(item, h5py.Dataset) else None
            )
            raise ValueError(f"{self._path} has no dataset {name!r}; it has {known}.")
        if dataset.is_virtual or dataset.external:
            raise ValueError(
                f"{self._path} has values of {name!r} in other files (a virtual dataset, or "
                "external storage); copy them into one file."
            )
        is_text = texts and h5py.check_string_dtype(dataset.dtype) is not None
        if dataset.dtype.kind not in "biuf" and not is_text:
            raise ValueError(
                f"{self._path} has values of the type {dataset.dtype} in {name!r}; numbers are "
                f"needed{' or texts' * texts}."
            )
        return dataset

    def _resolve(self, file: h5py.File, name: str) -> h5py.HLObject | None:
        """Object to which a name leads without leaving the file; None where it leads nowhere."""
        here = file["/"]
        n_links = 0
        parts = name.split("/")[::-1]
        while parts:
            part = parts.pop()
            if part in ("", "."):
                continue
            encoded = part.encode()
            if not isinstance(here, h5py.Group) or not here.id.links.exists(encoded):
                return None
            kind = here.id.links.get_info(encoded).type
            if kind == h5py.h5l.TYPE_HARD:
                here = here[part]
                continue
            n_links += 1
            if kind != h5py.h5l.TYPE_SOFT or n_links > MAX_LINKS:
                raise ValueError(
                    f"{self._path} has a link {part!r} in {name!r} that leads to another file, or "
                    "nowhere; copy what it leads to into one file."
                )
            way = here.id.links.get_val(encoded).decode()
            here = file["/"] if way.startswith("/") else here
            parts += way.split("/")[::-1]
        return here

    @contextmanager
    def _open(self) -> Iterator[h5py.File]:
        # what cannot be opened at all says so by itself
        open_regular(self._path).close()
        try:
            file = h5py.File(self._path, "r", locking="best-effort")
        except OSError as error:
            raise ValueError(f"{self._path} is not a readable HDF5 file: {error}") from error
        with file:
            try:
                yield file
            except DAMAGES as error:
                raise ValueError(f"{self._path} cannot be read: {error}") from error
