"""Where synthetic samples come from, and the names of their classes."""

from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.data import ConcatDataset, Subset

from ganaug.banks.sample_bank import SampleBank
from ganaug.resampling import draw


def name_of(label: Any, classes: Sequence, known: Sequence) -> Any:
    """A label as a source knows it: by itself, else by the name of its class."""
    named = isinstance(label, int) and 0 <= label < len(classes) and label not in known
    return classes[label] if named and classes[label] in known else label


def bank_of(source: Any, counts: dict[Hashable, int], seed: int, classes: Sequence) -> SampleBank:
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
        known = np.asarray(getattr(source, "classes_", list(counts))).tolist()
        wanted = {name_of(label, classes, known): n for label, n in counts.items() if n}
        return SampleBank.in_memory(*draw(source, wanted, np.random.RandomState(seed)))
    raise TypeError(
        f"synthetic samples come from a SampleBank, its path or a fitted model; got {source!r}."
    )


def classes_of(dataset: Any, labels: list) -> tuple[list, dict[Any, int]]:
    """Names of classes and their numbers, as the data set has them, else of the labels."""
    while isinstance(dataset, Subset):
        dataset = dataset.dataset
    if isinstance(dataset, ConcatDataset):
        named = [getattr(part, "classes", None) for part in dataset.datasets]
        dataset = dataset.datasets[0] if all(one == named[0] for one in named) else None
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
