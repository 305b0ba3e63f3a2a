"""Parts of what is drawn of a model, each by a seed of its own, so that jobs may share them."""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, Protocol

import torch
from joblib import effective_n_jobs

from ganaug.parallel import results_in_order, run_side_by_side
from ganaug.randomness import SEED_LIMIT, hash_keys
from ganaug.training.defaults import torch_defaults

# Samples of a part, at most.
PART_SIZE = 16_384

# Parts that are drawn ahead of those that were asked for, for each job.
N_AHEAD = 4


class Part(NamedTuple):
    """Samples of a class to draw.

    Attributes
    ----------
    label : label
    n_samples : int
    seed : int
    """

    label: Hashable
    n_samples: int
    seed: int


class Chunk(NamedTuple):
    """Samples that were drawn at once.

    Attributes
    ----------
    samples : samples
        In the type of the training data.
    n_accepted, n_drawn : int
        Samples that were acceptable, of so many; not all of them may be needed.
    """

    samples: Any
    n_accepted: int
    n_drawn: int


class DrawsParts(Protocol):
    """Model that draws a class with the numbers of a stream."""

    def _draw(self, label: Hashable, n_rows: int, stream: torch.Generator) -> Iterator[Chunk]: ...


def divide_into_parts(counts: Mapping[Hashable, int], seeds: Sequence[int]) -> list[Part]:
    """Parts of so many samples of each class, of which each has a seed.

    Examples
    --------
    >>> [part.n_samples for part in divide_into_parts({"a": 40_000, "b": 5}, [7, 8])]
    [16384, 16384, 7232, 5]
    """
    return [
        Part(label, min(PART_SIZE, n_samples - start), _seed_of(seed, start // PART_SIZE))
        for (label, n_samples), seed in zip(counts.items(), seeds, strict=True)
        for start in range(0, n_samples, PART_SIZE)
    ]


def draw_parts(
    model: DrawsParts, parts: Sequence[Part], n_jobs: int | None
) -> Iterator[tuple[Hashable, Iterable[Chunk]]]:
    """Draw parts one after the other, or as jobs of joblib's active backend.

    Yields
    ------
    label, chunks
    """
    if len(parts) < 2 or not run_side_by_side(n_jobs):
        for part in parts:
            yield part.label, _draw_part(model, part)
        return
    n_at_once = N_AHEAD * effective_n_jobs(n_jobs)
    for start in range(0, len(parts), n_at_once):
        some = parts[start : start + n_at_once]
        calls = [partial(_draw_in_job, model, part) for part in some]
        for part, chunks in zip(some, results_in_order(calls, n_jobs), strict=True):
            yield part.label, chunks


def _draw_part(model: DrawsParts, part: Part) -> Iterator[Chunk]:
    stream = torch.Generator().manual_seed(part.seed)
    return model._draw(part.label, part.n_samples, stream)


def _draw_in_job(model: DrawsParts, part: Part) -> list[Chunk]:
    with torch_defaults():
        return list(_draw_part(model, part))


def _seed_of(seed: int, number: int) -> int:
    """Seed of a part of a class; the first has that of the class."""
    return int(hash_keys(seed, number)[0] % SEED_LIMIT) if number else seed
