"""SyntheticDataset: a bank as a torch data set."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import Dataset

from ganaug.banks.class_names import source_labels
from ganaug.banks.sample_bank import SampleBank
from ganaug.datasets.conversion import convert
from ganaug.datasets.sources import class_numbers, classes_of
from ganaug.training.defaults import torch_defaults


class Label(int):
    """Label that goes into batches with labels of other data sets, whole numbers or tensors.

    Torch stacks what begins with a tensor, and makes a tensor of what begins with a number.
    """

    def numel(self) -> int:
        """Return the number of elements, as workers of loaders ask a tensor for it."""
        return 1

    @classmethod
    def __torch_function__(
        cls, func: Callable, types: Any, args: Sequence = (), kwargs: Mapping | None = None
    ) -> Any:
        """Call a function of torch, with tensors for such labels where it stacks them."""
        plain = torch.tensor if func is torch.stack else int

        def convert_labels(argument: Any) -> Any:
            if isinstance(argument, list | tuple):
                return type(argument)(map(convert_labels, argument))
            return plain(int(argument)) if isinstance(argument, cls) else argument

        return func(*map(convert_labels, args), **(kwargs or {}))


class SyntheticDataset(Dataset):
    """The samples of a bank as tensors, with their labels; of images, channels come first.

    Sequences, of a bank that a ``SequenceGAN`` was asked for, stay in their ``layout``.

    Parameters
    ----------
    bank : SampleBank or path
        Samples of tables of numbers, images or sequences.
    transform, target_transform : callable or None, default=None
        Functions of each sample, and of each label.
    classes : sequence or None, default=None
        Labels of the bank in the order of another data set, where they are no whole
        numbers, or numbers that are text there: each becomes its place. None takes the bank's
        own order.

    Attributes
    ----------
    targets : (n,) int64 tensor
    classes : list
    class_to_idx : dict

    Raises
    ------
    ValueError
        For labels of the bank that ``classes`` does not name.

    See Also
    --------
    ganaug.AugmentedDataset : Mixes such samples with real ones.

    Examples
    --------
    >>> import numpy as np
    >>> bank = SampleBank.in_memory(np.eye(3, dtype=np.float32), ["cat", "cat", "dog"])
    >>> data = SyntheticDataset(bank)
    >>> data[2], data.classes
    ((tensor([0., 0., 1.]), 1), ['cat', 'dog'])
    """

    @torch_defaults()
    def __init__(
        self,
        bank: SampleBank | str | Path,
        *,
        transform: Callable | None = None,
        target_transform: Callable | None = None,
        classes: Sequence | None = None,
    ):
        self.bank = bank if isinstance(bank, SampleBank) else SampleBank(bank)
        self.transform = transform
        self.target_transform = target_transform
        known = self.bank.classes.tolist()
        self.classes, self.class_to_idx = classes_of(None, known)
        names = dict(zip(known, known, strict=True))
        if classes is not None:
            self.classes = list(classes)
            self.class_to_idx = {name: number for number, name in enumerate(self.classes)}
            names = source_labels(known, [], self.classes)
            unknown = [label for label in known if names[label] not in self.class_to_idx]
            if unknown:
                raise ValueError(f"classes does not name {unknown}, of which {self.bank!r} holds.")
        labels = [names[label] for label in self.bank.labels.tolist()]
        self.targets = class_numbers(labels, self.class_to_idx)

    def __len__(self) -> int:
        return len(self.bank)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        """Sample and label of an index."""
        return self.__getitems__([index])[0]

    def __getitems__(self, indices: Sequence[int]) -> list[tuple[Any, Any]]:
        """Samples and labels of some indices, in their order."""
        stored = self.bank.take(indices)
        are_images = stored.ndim > 2 and self.bank.provenance.get("kind of samples") != "sequences"
        samples = convert(stored, torch.empty([0] * (3 if are_images else 1)))
        labels: list[Any] = [Label(label) for label in self.targets[list(indices)].tolist()]
        if self.transform is not None:
            samples = [self.transform(sample) for sample in samples]
        if self.target_transform is not None:
            labels = [self.target_transform(label) for label in labels]
        return list(zip(samples, labels, strict=True))
