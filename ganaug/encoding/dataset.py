"""Torch data sets of pairs (sample, label): their labels, and their samples as one array."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch.utils.data import ConcatDataset, Dataset, IterableDataset, Subset

from ganaug.caller import warn_caller

# Where data sets keep their labels.
ATTRIBUTES = ("targets", "labels")


def labels_of(dataset: Dataset, targets: Sequence | None = None) -> np.ndarray:
    """Label of every sample, read from the data set's own list where it has one.

    Parameters
    ----------
    dataset : Dataset
        Map-style data set of pairs (sample, label).
    targets : sequence or None
        The labels, where the caller knows them.

    Returns
    -------
    (n,) array of plain values

    Raises
    ------
    TypeError
        For a data set that has no length.
    ValueError
        For samples that are no pairs, or labels that are not one for each sample.

    Examples
    --------
    >>> from torch.utils.data import TensorDataset
    >>> data = TensorDataset(torch.zeros(4, 2), torch.tensor([1, 0, 1, 1]))
    >>> labels_of(Subset(data, [0, 1]))
    array([1, 0])
    """
    n_samples = n_samples_of(dataset)
    listed = _known_labels(dataset) if targets is None else targets
    if listed is None:
        warn_caller(
            f"{type(dataset).__name__} does not list its labels: all its {n_samples} samples are "
            "read to find them. Pass targets=.",
            UserWarning,
        )
        listed = [_pair(dataset, index)[1] for index in range(n_samples)]
    labels = _as_array(listed)
    if labels.shape != (n_samples,):
        raise ValueError(
            f"one label for each of {n_samples} samples is needed; there are labels of the shape "
            f"{labels.shape}."
        )
    return labels


def n_samples_of(dataset: Any) -> int:
    """Number of samples of a map-style data set.

    Raises
    ------
    TypeError
        For a data set that has no length.
    """
    if isinstance(dataset, IterableDataset) or not hasattr(dataset, "__len__"):
        raise TypeError(
            f"a map-style data set is needed, with len() and numbers for its samples; "
            f"{type(dataset).__name__} has none."
        )
    return len(dataset)


def stack_samples(dataset: Dataset, rows: np.ndarray, labelled: bool = True) -> np.ndarray:
    """Stack samples (n, ...) of a data set by number, images with their channels last.

    Parameters
    ----------
    dataset : Dataset
        Gives pairs (sample, label); where ``labelled`` is False samples, alone or the first
        of a tuple.
    rows : (n,) integer array
    labelled : bool, default=True

    Raises
    ------
    ValueError
        For samples of different shapes.

    Examples
    --------
    >>> stack_samples([torch.zeros(3, 4, 5)], np.array([0]), labelled=False).shape
    (1, 4, 5, 3)
    """
    samples = np.empty(0)
    for place, row in enumerate(rows.tolist()):
        if labelled:
            sample = _as_sample(_pair(dataset, row)[0])
        else:
            item = dataset[row]
            sample = _as_sample(item[0] if isinstance(item, tuple | list) else item)
        if place == 0:
            samples = np.empty((len(rows), *sample.shape), sample.dtype)
        if sample.shape != samples.shape[1:]:
            raise ValueError(
                f"sample {row} has the shape {sample.shape}, the ones before it have "
                f"{samples.shape[1:]}. Resize or crop them to one."
            )
        samples = samples.astype(np.result_type(samples, sample), copy=False)
        samples[place] = sample
    return samples


def _known_labels(dataset: Dataset) -> Any:
    """Labels that a data set lists, None where it does not."""
    if isinstance(dataset, Subset):
        inner = _known_labels(dataset.dataset)
        return None if inner is None else _as_array(inner)[np.asarray(dataset.indices, dtype=int)]
    if isinstance(dataset, ConcatDataset):
        parts = [_known_labels(part) for part in dataset.datasets]
        known = all(part is not None for part in parts)
        return np.concatenate([_as_array(part) for part in parts]) if known else None
    for name in ATTRIBUTES:
        if getattr(dataset, name, None) is not None:
            return getattr(dataset, name)
    tensors: Any = getattr(dataset, "tensors", ())
    return tensors[1] if len(tensors) == 2 else None


def _as_array(labels: Any) -> np.ndarray:
    if isinstance(labels, torch.Tensor):
        return labels.detach().cpu().numpy()
    return np.array([label.item() if hasattr(label, "item") else label for label in labels])


def _pair(dataset: Dataset, index: int) -> tuple[Any, Any]:
    """Sample and label of a number."""
    item = dataset[index]
    if not isinstance(item, tuple | list) or len(item) != 2:
        raise ValueError(
            f"sample {index} of {type(dataset).__name__} is a {type(item).__name__} and no pair of "
            "sample and label."
        )
    sample, label = item
    return sample, label


def _as_sample(sample: Any) -> np.ndarray:
    """Sample as an array; of tensors of images, torch's channels move to the end."""
    if not isinstance(sample, torch.Tensor):
        return np.asarray(sample)
    if sample.ndim == 3:
        sample = sample.permute(1, 2, 0)
    return sample.detach().cpu().numpy()
