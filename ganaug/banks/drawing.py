"""Samples of a model, drawn into a bank batch by batch."""

from collections.abc import Callable, Hashable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from ganaug.banks.contents import is_plain, make_contents, sort_by_class, write
from ganaug.encoding.rows import join_rows
from ganaug.models.protocol import Model
from ganaug.progress import progress
from ganaug.storage.saved import versions


def draw_to_file(
    path: Path,
    gan: Any,
    counts: Mapping[Hashable, int],
    batch_size: int,
    random_state: int | np.random.RandomState | None,
    compression: str | None,
    verbose: int,
    n_jobs: int | None = None,
) -> None:
    """Draw samples of whatever has ``sample`` into an unfinished file."""
    provenance = provenance_of(gan, random_state)
    wanted = {label: n for label, n in sorted(counts.items()) if n}
    if not wanted:
        raise ValueError(f"counts asks for no samples: {dict(counts)!r}.")
    seed = {} if random_state is None else {"random_state": random_state}
    if not hasattr(gan, "iter_batches"):
        X, y = gan.sample(wanted, **seed)
        samples, contents = sort_by_class(X, y, provenance)
        write(path, contents, [samples], samples, compression)
        return
    jobs = {} if n_jobs is None else {"n_jobs": n_jobs}
    batches = gan.iter_batches(wanted, batch_size=batch_size, **seed, **jobs)
    with progress(sum(wanted.values()), "SampleBank", "sample", verbose) as on_samples:
        checked = checked_batches(batches, wanted, on_samples)
        first, y = next(checked)
        if is_plain(first):
            contents = make_contents(wanted, None, provenance)
            X = chain([first], (X for X, _ in checked))
            write(path, contents, X, first, compression)
            return
        parts, labels = zip((first, y), *checked, strict=True)
    samples, contents = sort_by_class(join_rows(list(parts)), np.concatenate(labels), provenance)
    write(path, contents, [samples], samples, compression)


def provenance_of(gan: Model, random_state: int | np.random.RandomState | None) -> dict[str, Any]:
    """Facts about the samples of a model."""
    parameters = gan.get_params(deep=False) if hasattr(gan, "get_params") else {}
    return {
        "model": type(gan).__name__,
        "parameters": {name: repr(value) for name, value in parameters.items()},
        "random_state": repr(random_state),
        "kind of samples": getattr(gan, "sample_kind", None),
        "training data": getattr(gan, "data_digest_", None),
        "versions": versions(),
    }


def checked_batches(
    batches: Iterator[tuple[Any, np.ndarray]],
    wanted: Mapping[Any, int],
    on_samples: Callable[[int], object],
) -> Iterator[tuple[Any, np.ndarray]]:
    """Yield batches that hold the wanted classes; call ``on_samples`` with their sizes.

    Raises
    ------
    ValueError
        For a batch of other classes.
    """
    labels = np.array(list(wanted))
    ends = np.cumsum(list(wanted.values()))
    start = 0
    for X, y in batches:
        places = np.searchsorted(ends, np.arange(start, start + len(y)), side="right")
        if places.max(initial=0) == len(labels) or not np.array_equal(y, labels[places]):
            raise ValueError(f"the model drew {np.unique(y)} where {wanted} was to be drawn.")
        start += len(y)
        on_samples(len(y))
        yield X, y
