"""Sources of synthetic samples, and the names of their classes."""

from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.data import ConcatDataset, Subset

from ganaug.banks.sample_bank import SampleBank
from ganaug.resampling import draw_samples


def source_label(label: Any, classes: Sequence, known: Sequence) -> Any:
    """Label by which a source knows a class: the same, else the name of the class."""
    is_number = isinstance(label, int) and 0 <= label < len(classes) and label not in known
    return classes[label] if is_number and classes[label] in known else label


def bank_of(source: Any, counts: dict[Hashable, int], seed: int, classes: Sequence) -> SampleBank:
    """The bank that is given, one in a file, or one in memory of what a fitted model draws.

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
        wanted = {source_label(label, classes, known): n for label, n in counts.items() if n}
        return SampleBank.in_memory(*draw_samples(source, wanted, np.random.RandomState(seed)))
    raise TypeError(
        f"synthetic samples come from a SampleBank, its path or a fitted model; got {source!r}."
    )


def classes_of(dataset: Any, labels: list) -> tuple[list, dict[Any, int]]:
    """Names of classes and their numbers, as the data set has them, else of the labels."""
    while isinstance(dataset, Subset):
        dataset = dataset.dataset
    if isinstance(dataset, ConcatDataset):
        names = [getattr(part, "classes", None) for part in dataset.datasets]
        dataset = dataset.datasets[0] if all(other == names[0] for other in names) else None
    classes = getattr(dataset, "classes", None)
    numbers = getattr(dataset, "class_to_idx", None)
    if classes is None:
        all_integers = all(isinstance(label, int) for label in labels)
        own_numbers = labels if all_integers else range(len(labels))
        return labels, dict(numbers or zip(labels, own_numbers, strict=True))
    return list(classes), dict(numbers or {name: i for i, name in enumerate(classes)})


def class_numbers(labels: Any, class_to_idx: Mapping[Any, int]) -> torch.Tensor:
    """Labels as whole numbers (n,): integers themselves, others by the number of their class."""
    numbers = [label if isinstance(label, int) else class_to_idx[label] for label in labels]
    return torch.tensor(numbers, dtype=torch.int64)
