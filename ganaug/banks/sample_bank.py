"""SampleBank: synthetic samples that were drawn beforehand."""

import html
import os
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ganaug.banks.contents import make_contents, sort_by_class, write
from ganaug.banks.drawing import draw_to_file
from ganaug.banks.samples import FileSamples, InMemorySamples
from ganaug.encoding.dataset import single_label
from ganaug.models.protocol import Model
from ganaug.storage.atomic import atomic_write
from ganaug.storage.regular import file_identity, file_status
from ganaug.storage.saved import versions

ACCESS = ("auto", "memory", "memmap", "hdf5")

# Samples that are copied at once from one file to another.
COPY_BATCH_SIZE = 4096

# Classes that a notebook lists.
MAX_LISTED = 20


class SampleBank:
    """Synthetic samples in one HDF5 file, sorted by class.

    Where samples have to be read by many workers, again and again, or by a program
    that has no model: drawn once, they cost a read from disk. ``SampleBank.create``
    writes such a file, this opens it.

    A bank pickles as its path; every process opens the file for itself when it first
    reads. A process that reads a bank is not disturbed by one that replaces it.

    To open a bank verifies, by their digest, what it says of its samples, and those of a
    compressed bank, not the others. These are verified by ``verify``, by ``ganaug info``,
    and when they are read as "memory"; with any other ``access`` they are served as they
    lie in the file.

    Parameters
    ----------
    path : path
    access : {"auto", "memory", "memmap", "hdf5"}, default="auto"
        "memory" reads all samples when one is first asked for, and verifies them.
        "memmap" reads what is asked for, past HDF5 and not verified; compressed banks need
        "hdf5". "auto" is "memmap" where it can be.

    Attributes
    ----------
    classes : (n_classes,) array
        Labels, sorted.
    class_counts : dict of label to int
        Samples of each class.
    labels : (n,) array
        Class of each sample.
    sample_shape : tuple of int
    dtype : numpy.dtype
        Dtype of the stored samples; of a table they are numbers, from which ``take`` makes rows
        of the right types.
    provenance : dict
        Model, parameters, seed, digest of the training data, versions.

    Raises
    ------
    FileNotFoundError, OSError
        If the file cannot be read.
    TypeError
        For a model, or anything else that is no path.
    ValueError
        If it is no bank, damaged, incomplete or of a newer version, or cannot be
        accessed as asked for.

    See Also
    --------
    ganaug.AugmentedDataset : Mixes a bank into a torch data set.

    Examples
    --------
    >>> import tempfile
    >>> from ganaug import TableGAN
    >>> gan = TableGAN(n_steps=5, random_state=0).fit([[0.1], [0.2]] * 10, ["a", "b"] * 10)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     bank = SampleBank.create(f"{folder}/bank.h5", gan, {"a": 100, "b": 50})
    ...     len(bank), bank.class_counts, bank.take([149, 0, 0]).shape
    (150, {'a': 100, 'b': 50}, (3, 1))
    """

    def __init__(self, path: str | Path, access: str = "auto"):
        if access not in ACCESS:
            raise ValueError(f"access must be one of {ACCESS}, got {access!r}.")
        if not isinstance(path, str | os.PathLike):
            raise TypeError(
                f"a SampleBank, or the path of one, is needed; got {path!r}. Draw samples of a "
                "fitted model first: SampleBank.create writes them into a file, and "
                "SampleBank.in_memory(*model.sample(counts)) holds them in memory."
            )
        self.path: Path | None = Path(path).absolute()
        self.access = access
        self._samples: InMemorySamples | FileSamples = FileSamples(self.path, access)

    @classmethod
    def create(
        cls,
        path: str | Path,
        gan: Model,
        counts: Mapping[Hashable, int],
        *,
        batch_size: int = 1024,
        random_state: int | np.random.RandomState | None = None,
        compression: str | None = None,
        overwrite: bool = False,
        verbose: int = 0,
        n_jobs: int | None = None,
    ) -> "SampleBank":
        """Draw samples of a fitted model into a new file, a batch at a time.

        Tables other than arrays of numbers are held in memory until all are drawn.

        Parameters
        ----------
        path : path
        gan : fitted model
            Whatever has ``sample({label: n})``; one with ``iter_batches`` is asked for
            batches.
        counts : dict of label to int
            Samples of each class.
        batch_size : int, default=1024
            Samples that are drawn at once.
        random_state : int, RandomState instance or None, default=None
            Seed, as in the model's ``sample``.
        compression : {"gzip", "lzf"} or None, default=None
            Smaller files, from which a sample is read with its whole chunk.
        overwrite : bool, default=False
            True replaces a file of that name.
        verbose : int, default=0
            1 shows a progress bar.
        n_jobs : int or None, default=None
            Parts that are drawn at a time, as ``iter_batches`` of this package's models takes it.
            Samples do not depend on it.

        Returns
        -------
        SampleBank

        Raises
        ------
        NotFittedError
            If the model is not fitted.
        ValueError
            For unknown labels, or no samples at all.
        FileExistsError
            If there is such a file and it is not to be overwritten, or another process has
            written it meanwhile, whose file stays.
        OSError
            If it cannot be written.
        """
        with atomic_write(path, overwrite) as unfinished:
            draw_to_file(
                unfinished, gan, counts, batch_size, random_state, compression, verbose, n_jobs
            )
        return cls(path)

    @classmethod
    def from_arrays(
        cls,
        path: str | Path,
        X: Any,
        y: Any,
        *,
        provenance: dict[str, Any] | None = None,
        compression: str | None = None,
        overwrite: bool = False,
    ) -> "SampleBank":
        """Write samples that are there already to a new file.

        Parameters
        ----------
        path : path
        X : (n, ...) array, sparse matrix or DataFrame
        y : (n,) array
            Class of each sample.
        provenance : dict, default=None
            Facts about where the samples come from, of what JSON can hold.
        compression, overwrite
            As in ``create``.

        Returns
        -------
        SampleBank

        Raises
        ------
        ValueError
            For samples and labels of different numbers, none, or types that cannot be
            stored.
        FileExistsError
            If there is such a file and it is not to be overwritten, or another process has
            written it meanwhile, whose file stays.
        OSError
            If it cannot be written.
        """
        with atomic_write(path, overwrite) as unfinished:
            samples, contents = sort_by_class(X, y, provenance or {"versions": versions()})
            write(unfinished, contents, [samples], samples, compression)
        return cls(path)

    @classmethod
    def in_memory(cls, X: Any, y: Any) -> "SampleBank":
        """Make a bank without a file, of samples that are there already.

        Parameters
        ----------
        X, y
            As in ``from_arrays``.

        Returns
        -------
        SampleBank
            Its ``path`` is None. Pickled, it takes its samples along.

        Raises
        ------
        ValueError
            As in ``from_arrays``.
        """
        samples, contents = sort_by_class(X, y, {"versions": versions()})
        bank = cls.__new__(cls)
        bank.path = None
        bank.access = "memory"
        bank._samples = InMemorySamples(samples, contents)
        return bank

    def append(self, X: Any, y: Any) -> None:
        """Add samples, of classes that are there or of new ones.

        The file is written anew beside the old one and then takes its name: interrupted
        at any moment, the bank is what it was, or the larger one.

        Parameters
        ----------
        X, y
            As in ``from_arrays``; like those that are there.

        Raises
        ------
        ValueError
            For samples of another shape, dtype, other columns or labels, a bank in memory, or one
            whose file was replaced since it was opened.
        OSError
            If the file cannot be written.
        """
        if self.path is None:
            raise ValueError("a bank in memory cannot grow; make one of all samples.")
        stored = self._samples
        contents = stored.contents
        replaces = file_identity(file_status(self.path))
        stored.check_unchanged()
        samples, new_contents = sort_by_class(X, y, {}, contents.schema)
        self._check_alike(samples, new_contents.classes)
        counts = Counter(self.class_counts)
        new_sizes = new_contents.sizes.tolist()
        counts.update(dict(zip(new_contents.classes.tolist(), new_sizes, strict=True)))
        grown = make_contents(counts, contents.schema, contents.provenance)
        sources = stored, InMemorySamples(samples, new_contents)
        batches = (
            source.take(slice(start, min(start + COPY_BATCH_SIZE, rows.stop)))
            for label in grown.classes
            for source in sources
            if (rows := source.contents.rows_of(label)) is not None
            for start in range(rows.start, rows.stop, COPY_BATCH_SIZE)
        )
        try:
            with atomic_write(self.path, replaces=replaces) as unfinished:
                write(unfinished, grown, batches, samples, stored.compression)
        except FileExistsError as error:
            raise ValueError(f"{self.path} was replaced meanwhile; open it anew.") from error
        stored.close()
        self._samples = FileSamples(self.path, self.access)

    def _check_alike(self, samples: np.ndarray, classes: np.ndarray) -> None:
        """Raise a ValueError for samples or labels unlike those that are there."""
        if samples.shape[1:] != self.sample_shape or samples.dtype != self.dtype:
            raise ValueError(
                f"{self.path} holds samples of shape {self.sample_shape} and dtype {self.dtype}; "
                f"these are of shape {samples.shape[1:]} and dtype {samples.dtype}."
            )
        if (classes.dtype.kind == "U") != (self.classes.dtype.kind == "U"):
            raise ValueError(f"{self.path} has the classes {self.classes}; these are {classes}.")

    @property
    def classes(self) -> np.ndarray:
        """Labels of classes, sorted."""
        return self._samples.contents.classes

    @property
    def class_counts(self) -> dict[Hashable, int]:
        """Samples of each class."""
        sizes = self._samples.contents.sizes.tolist()
        return dict(zip(self.classes.tolist(), sizes, strict=True))

    @property
    def labels(self) -> np.ndarray:
        """Class of each sample."""
        return np.repeat(self.classes, self._samples.contents.sizes)

    @property
    def dtype(self) -> np.dtype:
        """Dtype of the stored samples."""
        return self._samples.dtype

    @property
    def sample_shape(self) -> tuple[int, ...]:
        """Shape of each sample."""
        return self._samples.shape[1:]

    @property
    def provenance(self) -> dict[str, Any]:
        """Facts about where the samples come from."""
        return self._samples.contents.provenance

    def __len__(self) -> int:
        return self._samples.shape[0]

    def __repr__(self) -> str:
        where = "in memory" if self.path is None else repr(str(self.path))
        return f"<SampleBank {where}: {len(self)} samples of {len(self.classes)} classes>"

    def _repr_html_(self) -> str:
        """Classes, and how many samples there are of each, for a notebook."""
        where = "in memory" if self.path is None else str(self.path)
        shape = " x ".join(map(str, self.sample_shape)) or "1"
        counts = pd.DataFrame(
            {
                "class": [str(label) for label in self.class_counts],
                "samples": self.class_counts.values(),
            }
        )
        caption = f"{len(self)} samples of {shape} values, {self.dtype}"
        return (
            f"<div><b>SampleBank</b> {html.escape(where)}<br>{html.escape(caption)}"
            f"{counts.to_html(index=False, max_rows=MAX_LISTED, border=0)}</div>"
        )

    def __getitem__(self, index: int | slice) -> Any:
        """Sample of a number, or samples of a slice."""
        if isinstance(index, slice):
            return self.take(np.arange(len(self))[index])
        samples = self.take([index])
        return samples.iloc[0] if isinstance(samples, pd.DataFrame) else samples[0]

    def take(self, rows: Sequence[int] | np.ndarray) -> Any:
        """Samples by number, in the order asked for; repeats are allowed.

        Parameters
        ----------
        rows : (n,) array of int, or (len(bank),) array of bool
            From -len(bank) on, negative ones counted from the end; or a mask.

        Returns
        -------
        n samples
            In the type in which they were drawn.

        Raises
        ------
        IndexError
            For a number beyond the samples, one that is not whole, and a mask of another length.
        """
        rows = np.asarray(rows).reshape(-1)
        if rows.dtype == object:
            # numbers and masks that pandas or a list has made objects
            rows = np.array(rows.tolist())
        if rows.dtype.kind == "b" and len(rows) == len(self):
            rows = np.flatnonzero(rows)
        if rows.dtype.kind not in "iu" and len(rows):
            raise IndexError(
                f"samples are taken by whole numbers, or by a mask of {len(self)} bools; got "
                f"{len(rows)} of the type {rows.dtype}."
            )
        rows = rows.astype(np.int64)
        if len(rows) and not -len(self) <= rows.min() <= rows.max() < len(self):
            raise IndexError(f"{self!r} has no sample {rows.min()} to {rows.max()}.")
        samples = self._samples.take(np.where(rows < 0, rows + len(self), rows))
        schema = self._samples.contents.schema
        return samples if schema is None else schema.wrap(samples)

    def rows_of(self, label: Hashable) -> slice | None:
        """Slice of the samples of a class; None where there are none."""
        return self._samples.contents.rows_of(label)

    def row_of(self, label: Hashable, key: int) -> int:
        """Number of the sample that a whole number chooses of a class.

        Raises
        ------
        KeyError
            For a label that the bank does not hold.
        """
        rows = self.rows_of(single_label(label))
        if rows is None:
            known = self.classes.tolist()
            raise KeyError(f"{self!r} holds no class {label!r}; it has {known}.")
        return rows.start + key % (rows.stop - rows.start)

    def draw(self, label: Hashable, key: int) -> Any:
        """Sample that a whole number chooses of a class; equal numbers choose the same.

        Raises
        ------
        KeyError
            For a label that the bank does not hold.
        """
        return self[self.row_of(label, key)]

    def verify(self) -> None:
        """Read the whole file, and raise a ValueError if it was changed since it was written.

        It takes as long as reading the file; of a bank in memory there is nothing to verify.

        Raises
        ------
        FileNotFoundError, OSError
            If the file cannot be read.
        ValueError
            If samples or anything else were changed.
        """
        self._samples.verify()

    def close(self) -> None:
        """Let go of the file; it is opened again where samples are asked for."""
        self._samples.close()

    def __enter__(self) -> "SampleBank":
        return self

    def __exit__(self, *exception: Any) -> None:
        self.close()
