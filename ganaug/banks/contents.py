"""What a bank of samples is made of: sorted rows of numbers, and what they stand for."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.utils import check_consistent_length
from sklearn.utils.validation import column_or_1d

from ganaug.encoding.container import Container
from ganaug.encoding.table import dense
from ganaug.encoding.values import Dates, Levels, Numbers
from ganaug.sampling import class_counts
from ganaug.storage.saved import versions
from ganaug.storage.sealed import MOST_OF_CHUNK, new_file
from ganaug.storage.tree import from_datasets, to_datasets

CLASSES = {kind.__name__: kind for kind in (Container, Dates, Levels, Numbers)}
COMPRESSIONS = (None, "gzip", "lzf")

# Samples of a compressed chunk, at most.
CHUNK = 64


@dataclass(frozen=True)
class Contents:
    """What a bank knows of its samples without reading them.

    Attributes
    ----------
    classes : (n_classes,) array
        Labels, sorted.
    offsets : (n_classes + 1,) int64 array
        Where each class begins; the last is the number of samples.
    container : Container or None
        Turns stored rows of numbers into the tables that they stand for.
    provenance : dict
        Where the samples come from.

    Raises
    ------
    ValueError
        For what does not go together.
    """

    classes: np.ndarray
    offsets: np.ndarray
    container: Container | None
    provenance: dict[str, Any]

    def __post_init__(self) -> None:
        kinds = (np.ndarray, np.ndarray, Container | None, dict)
        parts = (self.classes, self.offsets, self.container, self.provenance)
        if not all(isinstance(part, kind) for part, kind in zip(parts, kinds, strict=True)):
            raise ValueError(f"{[type(part).__name__ for part in parts]} are no contents of a bank")
        rising = self.offsets[0] == 0 and (np.diff(self.offsets) > 0).all()
        if not rising or self.offsets.shape != (len(self.classes) + 1,):
            raise ValueError(f"classes {self.classes!r} do not go with offsets {self.offsets!r}")

    @property
    def sizes(self) -> np.ndarray:
        """Samples of each class (n_classes,)."""
        return np.diff(self.offsets)

    def rows_of(self, label: Hashable) -> slice | None:
        """Where a class lies; None where there is none of that label."""
        found = np.flatnonzero(self.classes == label)
        return slice(*self.offsets[found[0] : found[0] + 2].tolist()) if len(found) else None


def sorted_contents(
    counts: Mapping[Any, int],
    container: Container | None,
    provenance: dict[str, Any],
) -> Contents:
    """Contents of ``counts`` samples of each class, the classes sorted."""
    classes, sizes = zip(*sorted(counts.items()), strict=True)
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    return Contents(np.array(classes), offsets, container, provenance)


def arranged(
    X: Any, y: Any, provenance: dict[str, Any], container: Container | None = None
) -> tuple[np.ndarray, Contents]:
    """Samples as numbers, sorted by class, and their contents.

    Parameters
    ----------
    X : (n, ...) array, sparse matrix or DataFrame
    y : (n,) array
    provenance : dict
    container : Container or None
        Of samples that X is like; None remembers how X came.

    Raises
    ------
    ValueError
        For no samples, other numbers of labels, or types that cannot be stored.
    """
    y = column_or_1d(y)
    X = X if isinstance(X, pd.DataFrame) or sparse.issparse(X) else np.asarray(X)
    check_consistent_length(X, y)
    if not len(y):
        raise ValueError("a bank needs at least one sample.")
    if container is not None:
        X = container.in_order(X)
    elif not is_plain(X):
        container = Container(X)
    samples = X if container is None else dense(container.read(X))
    # torch and memory maps want the machine's own order of bytes
    samples = samples.astype(samples.dtype.newbyteorder("="), copy=False)
    order = np.argsort(y, kind="stable")
    return samples[order], sorted_contents(class_counts(y), container, provenance)


def is_plain(X: Any) -> bool:
    """True for arrays of numbers, which are stored as they are."""
    return isinstance(X, np.ndarray) and X.dtype.kind in "biuf"


def write(
    path: str | Path,
    contents: Contents,
    batches: Iterable[np.ndarray],
    like: np.ndarray,
    compression: str | None,
    overwrite: bool,
) -> None:
    """Write a bank of samples that come in batches; ``like`` has their shape and dtype."""
    if compression not in COMPRESSIONS:
        raise ValueError(f"compression must be one of {COMPRESSIONS}, got {compression!r}.")
    shape = (int(contents.offsets[-1]), *like.shape[1:])
    options: dict[str, Any] = {}
    if compression is not None:
        fitting = MOST_OF_CHUNK // max(1, like[:1].nbytes)
        chunks = (max(1, min(CHUNK, fitting, shape[0])), *shape[1:])
        options = {"compression": compression, "chunks": chunks}
    fields = {name: getattr(contents, name) for name in ("classes", "offsets", "container")}
    arrays = to_datasets({**fields, "provenance": contents.provenance})
    with new_file(path, "bank", arrays, overwrite, shape[0] * like[:1].nbytes) as file:
        data = file.create_dataset("data", shape, like.dtype, **options)
        start = 0
        for batch in batches:
            data[start : start + len(batch)] = batch
            start += len(batch)
        if start != shape[0]:
            raise ValueError(f"{shape[0]} samples were to be written to {path}, {start} came.")


def contents_of(file: Mapping[str, Any]) -> Contents:
    """Contents of an open bank; raises a ValueError where it is none."""
    held = {name: file[name] for name in file if name != "data"}
    try:
        contents = Contents(**from_datasets(held, CLASSES))
        n_samples = file["data"].shape[0]
    except (TypeError, KeyError, IndexError) as error:
        raise ValueError(f"it lacks contents or samples ({error})") from error
    if n_samples != contents.offsets[-1]:
        raise ValueError(f"it has {n_samples} samples and names {contents.offsets[-1]}")
    return contents


def provenance_of(gan: Any, random_state: Any) -> dict[str, Any]:
    """What is known of the samples of a model."""
    parameters = gan.get_params(deep=False) if hasattr(gan, "get_params") else {}
    return {
        "model": type(gan).__name__,
        "parameters": {name: repr(value) for name, value in parameters.items()},
        "random_state": repr(random_state),
        "training data": getattr(gan, "data_digest_", None),
        "versions": versions(),
    }


def told(
    batches: Iterator[tuple[Any, np.ndarray]],
    wanted: Mapping[Any, int],
    on_samples: Callable[[int], object],
) -> Iterator[tuple[Any, np.ndarray]]:
    """The same batches, of the classes asked for; ``on_samples`` hears of their sizes."""
    labels, ends = np.array(list(wanted)), np.cumsum(list(wanted.values()))
    start = 0
    for X, y in batches:
        places = np.searchsorted(ends, np.arange(start, start + len(y)), side="right")
        if places.max(initial=0) == len(labels) or not np.array_equal(y, labels[places]):
            raise ValueError(f"the model drew {np.unique(y)} where {wanted} was to be drawn.")
        start += len(y)
        on_samples(len(y))
        yield X, y
