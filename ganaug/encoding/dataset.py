"""Torch data sets of labelled samples: their labels, and their samples as one array."""

from collections.abc import Callable, Mapping, Sequence
from numbers import Real
from typing import Any

import numpy as np
import torch
from torch.utils.data import ConcatDataset, DataLoader, Dataset, IterableDataset, Subset

from ganaug.caller import warn_caller
from ganaug.encoding.image import MAX_CHANNELS
from ganaug.hints import is_number_of_name
from ganaug.ranks import read_in_shares

# Where data sets keep their labels, and names under which dicts do.
ATTRIBUTES = ("targets", "labels")
LABEL_KEYS = ("label", "labels", "target", "targets", "class", "y")

# Samples whose reading takes long, perhaps.
MANY_SAMPLES = 2000

# Modes of PIL images whose pixels are no amounts of light, and what they are.
OTHER_MODES = {
    "P": "whose pixels are numbers of colours",
    "PA": "whose pixels are numbers of colours",
    "HSV": "in which a colour is an angle",
    "LAB": "whose negative values are stored as large ones",
}


def labels_of(
    dataset: Dataset,
    targets: Sequence | None = None,
    labels_getter: Callable | None = None,
    on_ranks: bool = False,
) -> np.ndarray:
    """Label of every sample, read from the data set's own list where it has one.

    Parameters
    ----------
    dataset : Dataset
        Map-style data set of what ``split_item`` takes apart.
    targets : sequence or None
        The labels, where the caller knows them.
    labels_getter : callable or None
        As in ``split_item``; all samples are then read.
    on_ranks : bool, default=False
        True where all ranks of a ``torch.distributed`` group call it, and each shall read a share
        of the samples.

    Returns
    -------
    (n,) array of plain values

    Raises
    ------
    TypeError
        For a data set that has no length.
    ValueError
        For samples without labels, or labels that are not one for each sample.

    Examples
    --------
    >>> from torch.utils.data import TensorDataset
    >>> data = TensorDataset(torch.zeros(4, 2), torch.tensor([1, 0, 1, 1]))
    >>> labels_of(Subset(data, [0, 1]))
    array([1, 0])
    """
    n_samples = n_samples_of(dataset)
    if n_samples == 0:
        raise ValueError(f"{type(dataset).__name__} is empty: it has no samples.")
    listed = targets
    if listed is None and labels_getter is None:
        listed = _known_labels(dataset)
    if listed is None:
        if labels_getter is None and n_samples >= MANY_SAMPLES:
            warn_caller(
                f"{type(dataset).__name__} does not list its labels: all its {n_samples} samples "
                "are read to find them. Pass targets=.",
                UserWarning,
            )

        def read(mask: np.ndarray) -> list:
            rows = np.flatnonzero(mask).tolist()
            return [_label_of(dataset, row, labels_getter) for row in rows]

        everything = np.ones(n_samples, dtype=bool)
        facts = {"number of samples": str(n_samples)}
        listed = read_in_shares(everything, read, facts) if on_ranks else read(everything)
    labels = _as_array(listed)
    if labels.shape == (n_samples, 1):
        labels = labels[:, 0]
    if targets is not None and labels.ndim == 1 and len(labels) != n_samples:
        hint = ""
        if labels.tolist() == list(getattr(dataset, "classes", ())):
            hint = " [dataset.classes[k] for k in dataset.targets] names the class of each."
        raise ValueError(f"targets has {len(labels)} labels for {n_samples} samples.{hint}")
    if labels.shape != (n_samples,):
        raise ValueError(
            f"one label for each of {n_samples} samples is needed; there are labels of the shape "
            f"{labels.shape}. labels_getter= finds one in a sample, such as "
            "lambda item: item[1].argmax() where they are one-hot."
        )
    return labels


def names_of_numbers(
    dataset: Dataset, names: np.ndarray, labels_getter: Callable | None = None
) -> tuple[np.ndarray, list[str]] | None:
    """Labels 0, 1, ... that a data set lists, and the names that the caller has for these.

    Parameters
    ----------
    dataset : Dataset
    names : (n,) array
        Label of every sample, as the caller calls it.
    labels_getter : callable or None, default=None
        As in ``split_item``.

    Returns
    -------
    labels : (n,) array of int
    names : list of str
        None for both where the data set lists no such labels, or not one for each name, or where
        its first sample comes without a number.

    Examples
    --------
    >>> from torch.utils.data import TensorDataset
    >>> data = TensorDataset(torch.zeros(3, 2), torch.tensor([1, 0, 1]))
    >>> names_of_numbers(data, np.array(["dog", "cat", "dog"]))
    (array([1, 0, 1]), ['cat', 'dog'])
    """
    own = _known_labels(dataset) if names.dtype.kind == "U" else None
    labels = np.empty(0) if own is None else _as_array(own)
    if labels.shape != names.shape or labels.dtype.kind not in "iu":
        return None
    pairs = sorted(set(zip(labels.tolist(), names.tolist(), strict=True)))
    numbers, listed = map(list, zip(*pairs, strict=True))
    is_one_to_one = numbers == list(range(len(set(listed))))
    if not is_one_to_one:
        return None
    # samples may come with names, though numbers are listed
    label = plain_label(split_item(dataset[0], labels_getter)[1])
    return (labels, listed) if isinstance(label, Real) else None


def n_samples_of(dataset: Any) -> int:
    """Number of samples of a map-style data set.

    Raises
    ------
    TypeError
        For what has no length, or gives no samples by their numbers, as a ``DataLoader``.
    """
    has_both = hasattr(dataset, "__len__") and hasattr(dataset, "__getitem__")
    if isinstance(dataset, IterableDataset) or not has_both:
        hint = " Pass the data set of the loader: loader.dataset." * isinstance(dataset, DataLoader)
        raise TypeError(
            "a map-style data set is needed, with len() and numbers for its samples; "
            f"{type(dataset).__name__} is none.{hint}"
        )
    return len(dataset)


def split_item(item: Any, labels_getter: Callable | None = None) -> tuple[Any, Any]:
    """Sample and label of what a data set gives.

    Parameters
    ----------
    item : tuple, list, mapping or sample
        A tuple has the sample first and its label second, a mapping a label under such a name
        and the sample as its first other array, tensor or image.
    labels_getter : callable or None
        Function of ``item`` that finds the label where it is elsewhere.

    Returns
    -------
    sample, label
        The label is None where there is none.

    Examples
    --------
    >>> split_item(("image", 3, "path")), split_item({"label": 2, "image": np.eye(2)})[1]
    (('image', 3), 2)
    """
    found: list[Any] = []
    sample = item
    if isinstance(item, tuple | list) and item:
        sample = item[0]
        found = list(item[1:2])
    elif isinstance(item, Mapping):
        named = {str(key).lower(): value for key, value in item.items()}
        found = [named[key] for key in LABEL_KEYS if key in named]
        others = (value for key, value in named.items() if key not in LABEL_KEYS)
        sample = next(filter(_is_sample, others), item)
    if labels_getter is not None:
        return sample, labels_getter(item)
    return sample, found[0] if found else None


def with_sample(item: Any, old: Any, new: Any) -> Any:
    """Item of a data set, with another sample in the place of its own.

    Parameters
    ----------
    item : tuple, list, mapping or sample
    old : sample
        As ``split_item`` finds it in ``item``.
    new : sample

    Examples
    --------
    >>> with_sample({"image": "old", "label": 2}, "old", "new")
    {'image': 'new', 'label': 2}
    >>> with_sample(("old", 3), "old", "new")
    ('new', 3)
    """
    if isinstance(item, Mapping):
        return {key: new if value is old else value for key, value in item.items()}
    if isinstance(item, tuple | list):
        # of a named tuple, or of any other
        make = getattr(item, "_make", type(item))
        return make([new if value is old else value for value in item])
    return new


def plain_label(label: Any) -> Any:
    """Label as a plain value, where it is one, also in an array or a tensor of one element."""
    # of every sample that is read
    if isinstance(label, torch.Tensor):
        return label.item() if label.numel() == 1 else label
    is_array = isinstance(label, np.ndarray | np.generic)
    return label.item() if is_array and label.size == 1 else label


def single_label(label: Any) -> Any:
    """Label as a plain value, as by ``plain_label``, which it has to be.

    Raises
    ------
    ValueError
        For several values, as one-hot labels are, or none.

    Examples
    --------
    >>> single_label(torch.tensor([2]))
    2
    """
    plain = plain_label(label)
    if isinstance(plain, torch.Tensor | np.ndarray | list | tuple | Mapping):
        raise ValueError(
            f"one class is needed as the label, got {plain!r}. Of one-hot labels take argmax()."
        )
    return plain


def check_label(label: Any, listed: Any, index: int) -> None:
    """Raise a ValueError where a sample comes with another label than the list says."""
    plain = plain_label(label)
    if isinstance(plain, torch.Tensor | np.ndarray) or plain != listed:
        remedy = (
            "Change labels by target_transform= of AugmentedDataset, not in the data set; or pass "
            "targets=, the labels that its samples come with, or labels_getter=, which finds them."
        )
        if is_number_of_name(plain, [listed]):
            remedy = (
                "Of a data set that numbers its classes, name them by its attribute classes: their "
                "names in the order of the labels 0, 1, ... (dataset.classes = [...])."
            )
        raise ValueError(
            f"sample {index} comes with the label {plain!r}, and is {plain_label(listed)!r} in the "
            f"list of labels. {remedy}"
        )


def is_pillow(sample: Any) -> bool:
    """True for images of PIL, also for those of files, which have types of their own."""
    return any(kind.__module__.partition(".")[0] == "PIL" for kind in type(sample).__mro__)


def stack_samples(
    dataset: Dataset | Sequence,
    rows: np.ndarray,
    labels: np.ndarray | None = None,
    labels_getter: Callable | None = None,
) -> np.ndarray:
    """Stack samples (n, ...) of a data set by number, images with their channels last.

    Parameters
    ----------
    dataset : Dataset or sequence
    rows : (n,) integer array
    labels : (n_samples,) array or None, default=None
        Labels of all samples, which those that come with them are compared with.
    labels_getter : callable or None, default=None
        As in ``split_item``.

    Raises
    ------
    ValueError
        For samples of different shapes, or with other labels.

    Examples
    --------
    >>> stack_samples([torch.zeros(3, 4, 5)], np.array([0])).shape
    (1, 4, 5, 3)
    """
    samples = np.empty(0)
    for place, row in enumerate(rows.tolist()):
        given, label = split_item(dataset[row], labels_getter)
        if labels is not None and label is not None and not np.ndim(plain_label(label)):
            check_label(label, labels[row], row)
        sample = _as_sample(given, row)
        if place == 0:
            samples = np.empty((len(rows), *sample.shape), sample.dtype)
        if sample.shape != samples.shape[1:]:
            remedy = (
                "Resize or crop them to one."
                if sample.shape[:2] != samples.shape[1:3]
                else 'Convert them to one mode, such as by image.convert("RGB").'
            )
            raise ValueError(
                f"sample {row} has the shape {sample.shape}, the ones before it have "
                f"{samples.shape[1:]}. {remedy}"
            )
        samples = samples.astype(np.result_type(samples, sample), copy=False)
        samples[place] = sample
    return samples


def check_in_memory(X: Any) -> None:
    """Raise a TypeError for a data set or a loader of torch where samples are expected.

    Examples
    --------
    >>> check_in_memory(torch.utils.data.TensorDataset(torch.zeros(3, 2)))
    Traceback (most recent call last):
    ...
    TypeError: X is of the class TensorDataset, which reads samples, and no array of them. \
fit_dataset of ImageGAN, ClassTranslator and TableGAN takes data sets; all else takes arrays.
    """
    # NumPy would read it sample by sample, perhaps without an end
    if isinstance(X, Dataset | DataLoader):
        raise TypeError(
            f"X is of the class {type(X).__name__}, which reads samples, and no array of them. "
            "fit_dataset of ImageGAN, ClassTranslator and TableGAN takes data sets; all else takes "
            "arrays."
        )


def stack_pictures(X: Any) -> Any:
    """One array (n, ...) of a list of images of PIL; anything else as it is."""
    if isinstance(X, list | tuple) and X and all(map(is_pillow, X)):
        return stack_samples(X, np.arange(len(X)))
    return X


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
        listed = getattr(dataset, name, None)
        if listed is not None and not callable(listed):
            return listed
    tensors: Any = getattr(dataset, "tensors", ())
    return tensors[1] if len(tensors) > 1 else None


def _as_array(labels: Any) -> np.ndarray:
    if isinstance(labels, torch.Tensor):
        return labels.detach().cpu().numpy()
    return np.array([plain_label(label) for label in labels])


def _label_of(dataset: Dataset, index: int, labels_getter: Callable | None) -> Any:
    """Label that a sample comes with."""
    item = dataset[index]
    _, label = split_item(item, labels_getter)
    if label is None or isinstance(label, Mapping):
        raise ValueError(
            f"sample {index} of {type(dataset).__name__} is of the class {type(item).__name__}, "
            "and no pair of sample and label. Pass targets=, or labels_getter=, which finds a "
            "label in it."
        )
    return label


def _is_sample(value: Any) -> bool:
    """True for arrays, tensors and images."""
    return is_pillow(value) or (isinstance(value, torch.Tensor | np.ndarray) and value.ndim > 0)


def _as_sample(sample: Any, row: int) -> np.ndarray:
    """Sample as an array; of tensors of images, torch's channels move to the end."""
    if isinstance(sample, torch.Tensor):
        return _tensor_as_array(sample, row)
    if is_pillow(sample) and sample.mode in OTHER_MODES:
        raise ValueError(
            f"sample {row} is an image of PIL of the mode {sample.mode}, "
            f'{OTHER_MODES[sample.mode]}. Convert it: image.convert("RGB").'
        )
    array = np.asarray(sample)
    if array.dtype.kind not in "biufc":
        raise ValueError(
            f"sample {row} is of the class {type(sample).__name__}, and no tensor, array or image "
            "of PIL."
        )
    return array


def has_channels_last(sample: Any) -> bool:
    """Return True for a tensor of an image whose channels are not where torch has them.

    Examples
    --------
    >>> has_channels_last(torch.zeros(8, 8, 3)), has_channels_last(np.zeros((8, 8, 3)))
    (True, False)
    """
    if not isinstance(sample, torch.Tensor) or sample.ndim != 3:
        return False
    return sample.shape[-1] <= MAX_CHANNELS < sample.shape[0]


def _tensor_as_array(sample: torch.Tensor, row: int) -> np.ndarray:
    if sample.dtype == torch.bfloat16:
        raise ValueError(
            f"sample {row} is a tensor of bfloat16, which NumPy does not have. Have the data set "
            "convert it: image.float()."
        )
    if sample.ndim == 3:
        if has_channels_last(sample):
            raise ValueError(
                f"sample {row} is a tensor of the shape {tuple(sample.shape)}, with its channels "
                "last. Torch has them first: image.permute(2, 0, 1)."
            )
        sample = sample.permute(1, 2, 0)
    return sample.detach().cpu().numpy()
