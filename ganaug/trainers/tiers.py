"""Tiers: the kind of generator that serves a class, by its size."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from ganaug.caller import warn_caller
from ganaug.hints import listed


class SmallClassWarning(UserWarning):
    """A class has too few samples to train a GAN, or to select among generated ones."""


@dataclass(frozen=True)
class Tier:
    """Kind of generator of classes of one range of sizes.

    Attributes
    ----------
    name : str
        What users read.
    min_rows : int
        Size of class from which the tier serves.
    trained : bool
        True where a GAN is trained.
    """

    name: str
    min_rows: int
    trained: bool


def tier_for(n_rows: int, tiers: Sequence[Tier]) -> Tier:
    """Tier that serves a class of ``n_rows`` rows, of tiers from the largest classes down."""
    return next(tier for tier in tiers if n_rows >= tier.min_rows)


def warn_of_small_classes(sizes: dict[Hashable, int], tiers: Sequence[Tier], kind: str) -> None:
    """Name the classes that are too small for a GAN, and what serves them instead.

    ``kind`` is what a model calls its samples, such as "rows".
    """
    min_rows = min(tier.min_rows for tier in tiers if tier.trained)
    for tier in tiers:
        small = [label for label, n_rows in sizes.items() if tier_for(n_rows, tiers) is tier]
        if small and not tier.trained:
            warn_caller(
                f"{format_labels(small)} {'has' if len(small) == 1 else 'have'} fewer than "
                f"{min_rows} {kind}, too few to train a GAN: served by {tier.name}.",
                SmallClassWarning,
            )


def warn_of_unrefined(labels: list[Hashable], min_rows: int) -> None:
    """Name the classes that are too small for a selection among generated rows."""
    if labels:
        warn_caller(
            f"{format_labels(labels)} {'has' if len(labels) == 1 else 'have'} fewer than "
            f"{min_rows} rows that a selection can learn from: refine has no effect on them.",
            SmallClassWarning,
        )


def format_labels(labels: list[Hashable]) -> str:
    """Name of some classes in messages."""
    return f"class{'' if len(labels) == 1 else 'es'} {listed(labels)}"
