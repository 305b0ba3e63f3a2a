"""AugmentedDataset: a torch data set with synthetic samples mixed in."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset

from ganaug.datasets.conversion import N_SEEN, check_alike, converted
from ganaug.datasets.sources import as_targets, bank_of, classes_of
from ganaug.encoding.dataset import labels_of
from ganaug.keyed import key_of, uniform_of
from ganaug.sampling import class_counts, rows_to_add, warn_if_nothing_is_added


class AugmentedDataset(Dataset):
    """A labelled data set and synthetic samples of its classes.

    Whether and by what a sample is replaced, and which sample of a class stands at a
    place, follows from ``seed``, epoch and index alone: loaders give the same batches
    whatever the number of workers and however they are started.

    Parameters
    ----------
    dataset : map-style Dataset
        Gives pairs (sample, label).
    source : SampleBank, its path, or a fitted model
        Where synthetic samples come from. A model draws what an epoch needs, once, into
        memory; draw a larger bank with ``SampleBank.create`` for other samples in every
        epoch.
    mode : {"append", "replace"}, default="append"
        "append": real samples first, synthetic ones after them, class by class.
        "replace": as many samples as there are real ones, each replaced by a synthetic
        one of its class with probability ``p``.
    sampling_strategy : float, str, dict or callable, default="auto"
        How many to append of each class, as in ``GANOverSampler``: "auto" brings every
        class to the size of the largest.
    p : float or dict of label to float, default=0.5
        How probably a sample is replaced.
    transform, target_transform : callable or None, default=None
        Made to all samples and labels, real and synthetic.
    synthetic_transform : callable or None, default=None
        Made to synthetic samples only: what ``dataset`` does to its own. None gives them
        the type of real ones: tensors with channels first, PIL images or arrays.
    targets : sequence or None, default=None
        Labels of ``dataset``. None takes its ``targets``, ``labels`` or second tensor,
        also of what a ``Subset`` or ``ConcatDataset`` holds, or reads them one by one.
    seed : int, default=0

    Attributes
    ----------
    targets : (n,) int64 tensor
        Label of each sample, or its place in ``classes`` where labels are no integers.
    is_synthetic : (n,) bool tensor
        True for appended samples; in mode "replace", for what this epoch replaces.
    classes : list
    class_to_idx : dict
        As ``dataset`` has them, else of the labels.
    n_real, n_synthetic : int
        Samples of ``dataset``, and appended ones.

    Raises
    ------
    ValueError
        For labels that the source does not have, synthetic samples that differ from
        real ones in type, shape, dtype or scale, or a strategy that does not fit.
    TypeError
        For a data set without a length.

    See Also
    --------
    ganaug.BatchAugment : New samples for every batch, on the device of training.

    Examples
    --------
    >>> from torch.utils.data import TensorDataset
    >>> from ganaug import TableGAN
    >>> X, y = torch.randn(30, 4), torch.tensor([0] * 20 + [1] * 10)
    >>> gan = TableGAN(n_steps=5, random_state=0).fit(X.numpy(), y.numpy())
    >>> data = AugmentedDataset(TensorDataset(X, y), gan)
    >>> len(data), data.targets.bincount().tolist(), int(data.is_synthetic.sum())
    (40, [20, 20], 10)
    """

    def __init__(
        self,
        dataset: Dataset,
        source: Any,
        *,
        mode: str = "append",
        sampling_strategy: Any = "auto",
        p: float | Mapping[Hashable, float] = 0.5,
        transform: Callable | None = None,
        target_transform: Callable | None = None,
        synthetic_transform: Callable | None = None,
        targets: Sequence | None = None,
        seed: int = 0,
    ):
        if mode not in ("append", "replace"):
            raise ValueError(f"mode must be 'append' or 'replace', got {mode!r}.")
        self.dataset, self.mode, self.seed = dataset, mode, seed
        self.transform, self.target_transform = transform, target_transform
        self.synthetic_transform = synthetic_transform
        labels = labels_of(dataset, targets)
        sizes = class_counts(labels)
        self._labels = list(sizes)
        self.classes, self.class_to_idx = classes_of(dataset, self._labels)
        added: dict[Hashable, int] = {}
        if mode == "append":
            added = rows_to_add(sampling_strategy, labels)
            warn_if_nothing_is_added(added, stacklevel=3)
        self._p = self._probabilities(p)
        self._added = np.array([added.get(label, 0) for label in self._labels])
        groups = np.arange(len(self._labels))
        of_real = np.unique(labels, return_inverse=True)[1]
        # an array, and not a list of numbers, of which every worker would come to hold a copy
        self._group = np.concatenate([of_real, np.repeat(groups, self._added)])
        self.n_real, self.n_synthetic = len(labels), int(self._added.sum())
        self._first = self.n_real + self._added.cumsum() - self._added
        self.targets = as_targets([self._labels[group] for group in self._group], self.class_to_idx)
        # in memory that workers share, so that one that lives on hears of a new epoch
        self._epoch = torch.zeros((), dtype=torch.int64).share_memory_()
        wanted = {
            label: added.get(label, sizes[label])
            for label, n_added, share in zip(self._labels, self._added, self._p, strict=True)
            if n_added or share
        }
        self.bank = bank_of(source, wanted, seed)
        self._rows = [
            self._rows_in_bank(label) if label in wanted else slice(0, 1) for label in self._labels
        ]
        self._like: Any = None
        if wanted:
            self._check([self._rows[self._labels.index(label)].start for label in wanted])

    @property
    def is_synthetic(self) -> torch.Tensor:
        """True for samples that are synthetic in this epoch (n,)."""
        return torch.tensor([self._row(place) is not None for place in range(len(self))])

    def set_epoch(self, epoch: int) -> None:
        """Have other samples drawn, as ``DistributedSampler.set_epoch``; before each epoch."""
        self._epoch.fill_(epoch)

    def __len__(self) -> int:
        return self.n_real + self.n_synthetic

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        """Sample and label of a number."""
        return self.__getitems__([index])[0]

    def __getitems__(self, indices: Sequence[int]) -> list[tuple[Any, Any]]:
        """Pairs of some numbers, in their order."""
        places = [self._place(int(index)) for index in indices]
        rows = [self._row(place) for place in places]
        drawn = iter(self._drawn([row for row in rows if row is not None]))
        real = iter(self._real([places[i] for i, row in enumerate(rows) if row is None]))
        pairs = []
        for place, row in zip(places, rows, strict=True):
            if row is None:
                sample, label = next(real)
            else:
                sample, label = next(drawn), self._label(place)
            sample = sample if self.transform is None else self.transform(sample)
            label = label if self.target_transform is None else self.target_transform(label)
            pairs.append((sample, label))
        return pairs

    def _place(self, index: int) -> int:
        if not -len(self) <= index < len(self):
            raise IndexError(f"there are {len(self)} samples, and none of number {index}.")
        return index % len(self)

    def _row(self, place: int) -> int | None:
        """Number in the bank of what stands at a place; None for a real sample."""
        group, epoch = self._group[place], int(self._epoch)
        rows = self._rows[group]
        if place >= self.n_real:
            # each epoch goes on where the one before has ended
            key = int(place - self._first[group] + epoch * self._added[group])
        else:
            key = key_of(self.seed, epoch, place)
            if uniform_of(key) >= self._p[group]:
                return None
            key = key_of(key)
        return rows.start + key % (rows.stop - rows.start)

    def _label(self, place: int) -> Any:
        """Label of a synthetic sample, of the type of real ones."""
        label = self._labels[self._group[place]]
        like = self._like[1]
        return torch.as_tensor(label, dtype=like.dtype) if torch.is_tensor(like) else label

    def _real(self, places: list[int]) -> list[Any]:
        # a Subset has the method whether or not its data set does
        fetch = getattr(self.dataset, "__getitems__", None)
        return fetch(places) if fetch and places else [self.dataset[place] for place in places]

    def _drawn(self, rows: list[int]) -> list[Any]:
        if not rows:
            return []
        taken = self.bank.take(rows)
        samples = [taken.iloc[i] for i in range(len(rows))] if hasattr(taken, "iloc") else taken
        if self.synthetic_transform is not None:
            return [self.synthetic_transform(sample) for sample in samples]
        return [converted(sample, self._like[0]) for sample in samples]

    def _probabilities(self, p: float | Mapping[Hashable, float]) -> np.ndarray:
        """How probably a sample of each class is replaced."""
        if self.mode == "append":
            return np.zeros(len(self._labels))
        given = p if isinstance(p, Mapping) else dict.fromkeys(self._labels, p)
        unknown = [label for label in given if label not in self._labels]
        if unknown or not all(0 <= share <= 1 for share in given.values()):
            raise ValueError(
                f"p must be from 0 to 1, or name labels of the data set, {self._labels}, each with "
                f"such a number; got {p!r}."
            )
        return np.array([given.get(label, 0.0) for label in self._labels])

    def _rows_in_bank(self, label: Any) -> slice:
        """Where a class lies in the bank, by its label or its name."""
        names = [label]
        if isinstance(label, int) and 0 <= label < len(self.classes):
            names.append(self.classes[label])
        for name in names:
            rows = self.bank.rows_of(name)
            if rows is not None:
                return rows
        raise ValueError(
            f"{self.bank!r} has no samples of class {label!r}; it has {self.bank.classes.tolist()}."
        )

    def _check(self, starts: list[int]) -> None:
        """Compare some real samples with some synthetic ones."""
        pairs = self._real(list(range(min(N_SEEN, self.n_real))))
        self._like = pairs[0]
        check_alike([sample for sample, _ in pairs], self._drawn(starts[:N_SEEN]))
