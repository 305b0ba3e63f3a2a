"""Contents of a bank: rows of numbers sorted by class, and the tables that they stand for."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from scipy import sparse
from sklearn.utils import check_consistent_length
from sklearn.utils.validation import column_or_1d

from ganaug.encoding.dataset import check_in_memory
from ganaug.encoding.dates import Dates
from ganaug.encoding.frames import is_frame
from ganaug.encoding.levels import Levels
from ganaug.encoding.numbers import ExactNumbers, Numbers
from ganaug.encoding.rows import dense
from ganaug.encoding.schema import TableSchema
from ganaug.storage.atomic import name_disk_errors
from ganaug.storage.datasets import chunk_shape, max_inflated
from ganaug.storage.fields import Array, SortedLabels, check_fields
from ganaug.storage.sealed import create_file, open_file
from ganaug.storage.tree import from_datasets, to_datasets
from ganaug.strategy import class_counts
from ganaug.validation import check_targets

CLASSES = {kind.__name__: kind for kind in (TableSchema, Dates, ExactNumbers, Levels, Numbers)}
COMPRESSIONS = (None, "gzip", "lzf")


@dataclass(frozen=True)
class Contents:
    """Facts that a bank knows of its samples without reading them.

    Attributes
    ----------
    classes : (n_classes,) array
        Labels, sorted.
    offsets : (n_classes + 1,) int64 array
        First sample of each class; the last is the number of samples.
    schema : TableSchema or None
        Turns stored rows of numbers into the tables that they stand for.
    provenance : dict
        Facts about where the samples come from.

    Raises
    ------
    ValueError
        For facts that contradict one another.
    """

    classes: SortedLabels
    offsets: Annotated[np.ndarray, Array("int64", "_", 0)]
    schema: TableSchema | None
    provenance: dict[str, Any]

    def __post_init__(self) -> None:
        check_fields(type(self), vars(self))
        if not len(self.offsets):
            raise ValueError("classes begin nowhere")
        rising = self.offsets[0] == 0 and (np.diff(self.offsets) > 0).all()
        if not rising or self.offsets.shape != (len(self.classes) + 1,):
            raise ValueError(f"classes {self.classes!r} do not go with offsets {self.offsets!r}")

    @property
    def sizes(self) -> np.ndarray:
        """Samples of each class (n_classes,)."""
        return np.diff(self.offsets)

    def rows_of(self, label: Hashable) -> slice | None:
        """Slice of the samples of a class; None where there is none of that label."""
        places = np.flatnonzero(self.classes == label)
        return slice(*self.offsets[places[0] : places[0] + 2].tolist()) if len(places) else None


def make_contents(
    counts: Mapping[Any, int],
    schema: TableSchema | None,
    provenance: dict[str, Any],
) -> Contents:
    """Contents of ``counts`` samples of each class, the classes sorted."""
    classes, sizes = zip(*sorted(counts.items()), strict=True)
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    return Contents(np.array(classes), offsets, schema, provenance)


def sort_by_class(
    X: Any, y: Any, provenance: dict[str, Any], schema: TableSchema | None = None
) -> tuple[np.ndarray, Contents]:
    """Sort samples by class; return them as numbers, and their contents.

    Parameters
    ----------
    X : (n, ...) array, sparse matrix or DataFrame
    y : (n,) array
    provenance : dict
    schema : TableSchema or None
        Schema of the table that the samples join; None keeps that of X.

    Raises
    ------
    ValueError
        For no samples, other numbers of labels, missing ones or some of several types, or types
        that cannot be stored.
    """
    check_in_memory(X)
    y = column_or_1d(check_targets(y))
    X = X if is_frame(X) or sparse.issparse(X) else np.asarray(X)
    check_consistent_length(X, y)
    if not len(y):
        raise ValueError("a bank needs at least one sample.")
    if schema is not None:
        X = schema.reorder_columns(X)
    elif not is_plain(X):
        schema = TableSchema.fit(X)
    samples = X if schema is None else dense(schema.read(X))
    # torch and memory maps want the machine's own order of bytes
    samples = samples.astype(samples.dtype.newbyteorder("="), copy=False)
    counts = class_counts(y)
    order = np.argsort(y, kind="stable")
    return samples[order], make_contents(counts, schema, provenance)


def is_plain(X: Any) -> bool:
    """True for arrays of numbers, which are stored as they are."""
    return isinstance(X, np.ndarray) and X.dtype.kind in "biuf"


def write(
    path: Path,
    contents: Contents,
    batches: Iterable[np.ndarray],
    like: np.ndarray,
    compression: str | None,
) -> None:
    """Write a bank of samples that come in batches into an unfinished file.

    ``like`` has their shape and dtype.
    """
    if compression not in COMPRESSIONS:
        raise ValueError(f"compression must be one of {COMPRESSIONS}, got {compression!r}.")
    shape = (int(contents.offsets[-1]), *like.shape[1:])
    options: dict[str, Any] = {}
    if compression is not None:
        chunks = chunk_shape(shape, like.dtype.itemsize)
        options = {"compression": compression, "chunks": chunks}
    fields = {name: getattr(contents, name) for name in ("classes", "offsets", "schema")}
    arrays = to_datasets({**fields, "provenance": contents.provenance})
    with create_file(path, "bank", arrays, True, shape[0] * like[:1].nbytes) as file:
        with name_disk_errors(path):
            data = file.create_dataset("data", shape, like.dtype, **options)
        start = 0
        for batch in batches:
            with name_disk_errors(path):
                data[start : start + len(batch)] = batch
            start += len(batch)
        if start != shape[0]:
            raise ValueError(f"{shape[0]} samples were to be written, {start} came.")
    # what could not be read is not to take the place of a bank that can
    with open_file(path, "bank"):
        check_labels(contents, path.stat().st_size)


def check_labels(contents: Contents, size: int) -> None:
    """Raise a ValueError if the labels of all samples are too many for a file of that size."""
    n_bytes = int(contents.offsets[-1]) * contents.classes.dtype.itemsize
    if n_bytes > max_inflated(size):
        raise ValueError(
            f"a bank of {size} bytes cannot have {contents.offsets[-1]} labels of up to "
            f"{contents.classes.dtype.itemsize} bytes; shorten them."
        )


def read_contents(file: Mapping[str, Any]) -> Contents:
    """Read the contents of an open bank; raise a ValueError where it is none."""
    datasets = {name: file[name] for name in file if name != "data"}
    try:
        contents = Contents(**from_datasets(datasets, CLASSES))
        n_samples = file["data"].shape[0]
    except (TypeError, KeyError, IndexError) as error:
        raise ValueError(f"it lacks contents or samples ({error})") from error
    if n_samples != contents.offsets[-1]:
        raise ValueError(f"it has {n_samples} samples and names {contents.offsets[-1]}")
    if contents.schema is not None:
        if file["data"].shape[1:] != (len(contents.schema.is_categorical),):
            raise ValueError("its samples have other columns than its tables")
        contents.schema.check_writable()
    return contents
