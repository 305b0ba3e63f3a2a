"""Sources of synthetic samples, and the names of their classes."""

from collections.abc import Collection, Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import check_is_fitted
from torch.utils.data import ConcatDataset, Subset

from ganaug.banks.class_names import source_labels
from ganaug.banks.sample_bank import SampleBank
from ganaug.caller import warn_caller
from ganaug.hints import is_number_of_name
from ganaug.models.base import ClassGAN
from ganaug.models.training_summary import summarize_training
from ganaug.resampling import draw_samples
from ganaug.training.health import COLLAPSED, DISCRIMINATOR_WON


def bank_of(
    source: Any, counts: dict[Hashable, int], seed: int, labels: Sequence, classes: Sequence
) -> tuple[SampleBank | None, dict[Any, Any]]:
    """Find the bank of a source, and the labels by which it knows those of a data set.

    Parameters
    ----------
    source : SampleBank, path or fitted model
    counts : dict of label to int
        Samples to draw of a model.
    seed : int
    labels, classes : sequences
        Labels of the data set and the names of its classes, as in ``source_labels``.

    Returns
    -------
    bank : SampleBank or None
        The bank that is given, one in a file, or one in memory of what a model draws; None
        where nothing is to be drawn of a model.
    names : dict of label to label
        As by ``source_labels``, of all labels of a model, and not only of those it draws.

    Raises
    ------
    TypeError
        For what is none of these.
    NotFittedError
        For a model that was not fitted.
    """
    if isinstance(source, str | Path):
        source = SampleBank(source)
    if isinstance(source, SampleBank):
        return source, source_labels(labels, classes, source.classes.tolist())
    if not hasattr(source, "sample"):
        raise TypeError(
            f"synthetic samples come from a SampleBank, its path or a fitted model; got {source!r}."
        )
    if isinstance(source, ClassGAN):
        check_is_fitted(source)
    known = np.asarray(getattr(source, "classes_", list(counts))).tolist()
    names = source_labels(labels, classes, known)
    wanted = {names[label]: n for label, n in counts.items() if n}
    check_named(wanted, known)
    if not wanted:
        return None, names
    warn_of_health(source, wanted)
    samples = draw_samples(source, wanted, np.random.RandomState(seed))
    return SampleBank.in_memory(*samples), names


def check_named(labels: Collection, known: Collection) -> None:
    """Raise a ValueError for labels of a data set that are numbers where a source knows names."""
    numbers = [label for label in labels if is_number_of_name(label, known)]
    if numbers:
        raise ValueError(
            f"the data set has the label {numbers[0]}, and synthetic samples the classes {known}. "
            "Set classes of the data set to their names in the order of its labels 0, 1, ... "
            "(dataset.classes = [...]), or pass targets=, the name of each sample."
        )


def warn_of_health(model: Any, labels: Collection) -> None:
    """Warn where samples will be drawn of classes whose training did not go well.

    Examples
    --------
    >>> warn_of_health(object(), ["cat"])  # another's model says nothing of it
    """
    if not isinstance(model, ClassGAN):
        return
    health = model.health_
    # of labels that it does not know, drawing tells
    failed = [label for label in labels if health.get(label) in (COLLAPSED, DISCRIMINATOR_WON)]
    figures = (health, model.history_, model.sample_kind, model.auto_n_steps_)
    for sentence in summarize_training(*figures, failed):
        warn_caller(
            f"{type(model).__name__}: {sentence} Look at samples before a classifier learns from "
            "them: ganaug.report.SamplesDisplay.from_estimator(model).",
            ConvergenceWarning,
        )


def classes_of(
    dataset: Any, labels: list, names: Sequence | None = None
) -> tuple[list, dict[Any, int]]:
    """Names of classes and their numbers, as the data set has them, else of the labels.

    Where the caller knows the ``names`` of the classes 0, 1, ..., they are these.
    """
    if names is not None:
        return list(names), {name: number for number, name in enumerate(names)}
    dataset = _with_names(dataset)
    classes = getattr(dataset, "classes", None)
    numbers = getattr(dataset, "class_to_idx", None)
    if classes is None:
        all_integers = all(isinstance(label, int) for label in labels)
        own_numbers = labels if all_integers else range(len(labels))
        return labels, dict(numbers or zip(labels, own_numbers, strict=True))
    return list(classes), dict(numbers or {name: i for i, name in enumerate(classes)})


def _with_names(dataset: Any) -> Any:
    """Data set that names the classes of subsets and joined data sets; None where they differ."""
    if isinstance(dataset, Subset):
        return _with_names(dataset.dataset)
    if not isinstance(dataset, ConcatDataset):
        return dataset
    parts = [_with_names(part) for part in dataset.datasets]
    names = [getattr(part, "classes", None) for part in parts]
    return parts[0] if all(other == names[0] for other in names) else None


def class_numbers(labels: Any, class_to_idx: Mapping[Any, int]) -> torch.Tensor:
    """Labels as whole numbers (n,): integers themselves, others by the number of their class."""
    numbers = [label if isinstance(label, int) else class_to_idx[label] for label in labels]
    return torch.tensor(numbers, dtype=torch.int64)
