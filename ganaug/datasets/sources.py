"""Where synthetic samples come from, and the names of their classes."""

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ganaug.banks.sample_bank import SampleBank
from ganaug.models.protocol import draw


def bank_of(source: Any, counts: dict[Hashable, int], seed: int) -> SampleBank:
    """A bank as it is, one in a file, or one in memory of what a fitted model draws.

    Raises
    ------
    TypeError
        For what is none of these.
    """
    if isinstance(source, SampleBank):
        return source
    if isinstance(source, str | Path):
        return SampleBank(source)
    if hasattr(source, "sample"):
        known = {label: n for label, n in counts.items() if n}
        return SampleBank.in_memory(*draw(source, known, np.random.RandomState(seed)))
    raise TypeError(
        f"synthetic samples come from a SampleBank, its path or a fitted model; got {source!r}."
    )


def classes_of(dataset: Any, labels: list) -> tuple[list, dict[Any, int]]:
    """Names of classes and their numbers, as the data set has them, else of the labels."""
    classes = getattr(dataset, "classes", None)
    numbers = getattr(dataset, "class_to_idx", None)
    if classes is None:
        whole = all(isinstance(label, int) for label in labels)
        return labels, dict(
            numbers or {label: label if whole else i for i, label in enumerate(labels)}
        )
    return list(classes), dict(numbers or {name: i for i, name in enumerate(classes)})


def as_targets(labels: Any, class_to_idx: Mapping[Any, int]) -> torch.Tensor:
    """Labels as whole numbers: themselves, or those of their classes."""
    numbers = [label if isinstance(label, int) else class_to_idx[label] for label in labels]
    return torch.tensor(numbers, dtype=torch.int64)
