"""Files of labelled sequences in the format of the time series archives (.ts)."""

import warnings
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from ganaug.storage.regular import check_regular_file

Sequences = np.ndarray | list[np.ndarray]


class SequenceFile:
    """Sequences of a .ts file, and their labels, read by aeon or sktime.

    Parameters
    ----------
    path : path

    Attributes
    ----------
    labels : (n,) array of str
        Class of each sequence.

    Raises
    ------
    ImportError
        Where neither package is installed.
    OSError
        For a path that is no file.
    ValueError
        For a file that cannot be read, or that has no class labels.
    """

    def __init__(self, path: str | Path):
        self._path = Path(path)
        check_regular_file(self._path)
        package, read = _reader(self._path)
        if not _names_classes(self._path):
            raise ValueError(
                f"{self._path} has no class labels: before @data it needs a line such as "
                "@classLabel true up down, and at the end of each sequence a label."
            )
        try:
            with warnings.catch_warnings():
                # of what these packages find when they are imported
                warnings.simplefilter("ignore")
                self._X, labels = read(str(self._path))
        except Exception as error:
            raise ValueError(f"{self._path} cannot be read by {package}: {error}") from error
        self.labels = np.asarray(labels).astype(str)
        if len(self.labels) != len(self._X) or not len(self.labels):
            raise ValueError(
                f"{self._path} has {len(self._X)} sequences and {len(self.labels)} labels; one "
                "for each is needed."
            )

    def samples(self, mask: np.ndarray) -> Sequences:
        """Sequences where ``mask`` (n,) is True, in the order of the labels.

        Returns
        -------
        (n, time, channels) array, or list of (time, channels) arrays
            A list where lengths differ in the file; NaN where values are missing.
        """
        rows = np.flatnonzero(mask)
        if isinstance(self._X, np.ndarray):
            return self._X[rows]
        return [self._X[row] for row in rows]


def _reader(path: Path) -> tuple[str, Callable[[str], tuple[Sequences, Any]]]:
    """Name of the first package that is installed, and its reader."""
    for package, read in (("aeon", _read_by_aeon), ("sktime", _read_by_sktime)):
        if find_spec(package) is not None:
            return package, read
    raise ImportError(
        f"to read {path}, aeon or sktime is needed: pip install aeon. Or read it elsewhere, "
        "and pass arrays to SequenceGAN().fit(X, y)."
    )


def _names_classes(path: Path) -> bool:
    """True where the header says that sequences have labels of classes."""
    with path.open("rb") as file:
        for line in file:
            words = line.lower().split()
            if words[:1] == [b"@data"]:
                break
            if words[:2] == [b"@classlabel", b"true"]:
                return True
    return False


def _read_by_aeon(path: str) -> tuple[Sequences, Any]:
    from aeon.datasets import load_from_ts_file

    X, y = load_from_ts_file(path)
    if isinstance(X, np.ndarray):
        return X.swapaxes(1, 2), y
    return [sequence.T for sequence in X], y


def _read_by_sktime(path: str) -> tuple[Sequences, Any]:
    from sktime.datasets import load_from_tsfile

    frame, y = load_from_tsfile(path, return_data_type="nested_univ")
    X = [np.column_stack(channels) for channels in frame.to_numpy()]
    return np.stack(X) if len({len(sequence) for sequence in X}) == 1 else X, y
