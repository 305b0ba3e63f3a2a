"""Files of NumPy's arrays (.npz): labelled images or sequences, read and written."""

import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from ganaug.encoding.file_labels import plain_file_labels
from ganaug.storage.regular import open_regular

# Array of the lengths of sequences, where they differ.
LENGTHS = "lengths"

# What NumPy raises of a damaged file.
DAMAGES = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, MemoryError)


class ArrayFile:
    """Images or sequences, and their labels, in arrays of an .npz file.

    Parameters
    ----------
    path : path
    data, labels : str
        Names of the array of samples (n, ...) and of that of labels, (n,) or (n, 1).
    lengths : str or None, default="lengths"
        Name of an array (n,) that there may be: each sequence ends after so many steps, the first
        of its axes. None looks for none.

    Attributes
    ----------
    labels : (n,) array

    Raises
    ------
    OSError
        For a path that is no file.
    ValueError
        For a file that is none of NumPy's or damaged, lacks an array, has one of objects, or
        another number of labels than of samples.
    """

    def __init__(self, path: str | Path, data: str, labels: str, lengths: str | None = LENGTHS):
        self._path = Path(path)
        with open_regular(self._path) as file:
            try:
                with np.load(file, allow_pickle=False) as arrays:
                    names = list(arrays)
                    wanted = {data, labels, lengths} & set(names)
                    found = {name: arrays[name] for name in wanted}
            except DAMAGES as error:
                raise ValueError(
                    f"{self._path} cannot be read as an .npz file of numbers: {error}"
                ) from error
            except TypeError as error:
                # of a single array, which has no names
                raise ValueError(f"{self._path} holds an array without a name.") from error
        for name in (data, labels):
            if name not in found:
                raise ValueError(
                    f"{self._path} has no array {name!r}; it has {names}. Name the samples by "
                    "--images or --sequences, and their labels by --target."
                )
        self._X = found[data]
        self.labels = plain_file_labels(found[labels])
        self._lengths = found.get(lengths or "")
        self._check(data, {labels: self.labels, lengths: self._lengths})

    def _check(self, data: str, others: Mapping[str | None, np.ndarray | None]) -> None:
        """Raise a ValueError for samples that are no numbers, or others of other shapes."""
        if self._X.dtype.kind not in "biuf" or self._X.ndim < 2:
            raise ValueError(
                f"{self._path} has {self._X.dtype} values of the shape {self._X.shape} in "
                f"{data!r}; numbers (n, ...) are needed, such as (n, steps) or (n, height, "
                "width, channels)."
            )
        for name, array in others.items():
            if array is not None and array.shape != self._X.shape[:1]:
                raise ValueError(
                    f"{self._path} has {len(self._X)} samples in {data!r}; {name!r} has the "
                    f"shape {array.shape}, and one for each is needed."
                )
        ends = self._lengths
        if ends is not None and (
            ends.dtype.kind not in "iu" or not ((ends >= 1) & (ends <= self._X.shape[1])).all()
        ):
            raise ValueError(
                f"{self._path} has lengths that are no whole numbers from 1 to "
                f"{self._X.shape[1]}, the steps in {data!r}."
            )

    def samples(self, mask: np.ndarray) -> np.ndarray | list[np.ndarray]:
        """Samples where ``mask`` (n,) is True; a list where their lengths are given."""
        if self._lengths is None:
            return self._X[mask]
        ends = zip(self._X[mask], self._lengths[mask].tolist(), strict=True)
        return [sequence[:length] for sequence, length in ends]


def write_arrays(path: Path, batches: Iterable[tuple[np.ndarray, np.ndarray]]) -> None:
    """Write samples and labels as "X" and "y", so that ``ArrayFile`` reads them.

    Parameters
    ----------
    path : path
        File to write, whatever its name ends in.
    batches : iterable of (samples, labels)
        Sequences whose lengths differ, arrays of objects, are filled up with zeros, and "lengths"
        says where they end.

    Raises
    ------
    ValueError
        For sequences whose lengths differ and do not come first.
    """
    parts = list(batches)
    X = np.concatenate([part for part, _ in parts])
    labels = np.concatenate([labels for _, labels in parts])
    # of objects, those that they hold
    arrays = {"X": X, "y": np.array(labels.tolist()) if labels.dtype == object else labels}
    if X.dtype == object:
        if len({sequence.shape[1:] for sequence in X}) > 1:
            raise ValueError(
                "arrays hold sequences of different lengths with steps first: fit with "
                'layout="channels_last".'
            )
        lengths = np.array([len(sequence) for sequence in X])
        arrays["X"] = np.zeros((len(X), lengths.max(), *X[0].shape[1:]), X[0].dtype)
        for place, sequence in zip(arrays["X"], X, strict=True):
            place[: len(sequence)] = sequence
        arrays[LENGTHS] = lengths
    # to a name NumPy adds its own ending
    with path.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)
