"""AugmentedDataset: a torch data set with synthetic samples mixed in."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset

from ganaug.datasets.conversion import N_SEEN, check_alike, converted
from ganaug.datasets.sources import as_targets, bank_of, classes_of, name_of
from ganaug.encoding.dataset import labels_of
from ganaug.randomness import hash_keys, hash_uniform
from ganaug.strategy import class_counts, rows_to_add, warn_if_nothing_is_added
from ganaug.training.defaults import torch_defaults


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

    Notes
    -----
    Where a scarce class of images is filled up by "append", nearly all of its samples may
    be synthetic while those of other classes are real, and a network learns to tell that
    instead of the class. Draw classes evenly by torch's ``WeightedRandomSampler``, and
    replace a small share of all classes alike: ``mode="replace", p=0.1``.

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

    @torch_defaults()
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
        self.dataset = dataset
        self.mode = mode
        self.seed = seed
        self.transform = transform
        self.target_transform = target_transform
        self.synthetic_transform = synthetic_transform
        labels = labels_of(dataset, targets)
        sizes = class_counts(labels)
        self._labels = list(sizes)
        self.classes, self.class_to_idx = classes_of(dataset, self._labels)
        added: dict[Hashable, int] = {}
        if mode == "append":
            added = rows_to_add(sampling_strategy, labels)
            warn_if_nothing_is_added(added)
        self._p = self._probabilities(p)
        self._added = np.array([added.get(label, 0) for label in self._labels])
        groups = np.arange(len(self._labels))
        of_real = np.unique(labels, return_inverse=True)[1]
        # an array, and not a list of numbers, of which every worker would come to hold a copy
        self._group = np.concatenate([of_real, np.repeat(groups, self._added)])
        self.n_real = len(labels)
        self.n_synthetic = int(self._added.sum())
        self._first = self.n_real + self._added.cumsum() - self._added
        self.targets = as_targets([self._labels[group] for group in self._group], self.class_to_idx)
        # in memory that workers share, so that one that lives on hears of a new epoch
        self._epoch = torch.zeros((), dtype=torch.int64).share_memory_()
        wanted = {
            label: added.get(label, sizes[label])
            for label, n_added, share in zip(self._labels, self._added, self._p, strict=True)
            if n_added or share
        }
        self.bank = bank_of(source, wanted, seed, self.classes)
        rows = [self._rows_in_bank(label) if label in wanted else slice(0, 1) for label in sizes]
        self._start = np.array([own.start for own in rows])
        self._size = np.array([own.stop - own.start for own in rows])
        # a real sample, labels in the type of its own, and a bank in memory like it
        self._like = None
        self._typed = self._labels
        self._held = None
        if wanted:
            self._check(self._start[(self._added > 0) | (self._p > 0)])

    @property
    def is_synthetic(self) -> torch.Tensor:
        """True for samples that are synthetic in this epoch (n,)."""
        return torch.from_numpy(self._rows(np.arange(len(self))) >= 0)

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
        places = self._places(indices)
        rows = self._rows(places)
        real = np.flatnonzero(rows < 0)
        synthetic = np.flatnonzero(rows >= 0)
        pairs: list[Any] = [None] * len(places)
        found = self._real(places[real].tolist())
        for index, pair in zip(real.tolist(), found, strict=True):
            pairs[index] = pair
        labels = [self._typed[group] for group in self._group[places[synthetic]].tolist()]
        drawn = self._drawn(rows[synthetic])
        for index, sample, label in zip(synthetic.tolist(), drawn, labels, strict=True):
            pairs[index] = (sample, label)
        if self.transform is not None:
            pairs = [(self.transform(sample), label) for sample, label in pairs]
        if self.target_transform is not None:
            pairs = [(sample, self.target_transform(label)) for sample, label in pairs]
        return pairs

    def _places(self, indices: Sequence[int]) -> np.ndarray:
        """Numbers from 0 on."""
        places = np.asarray(indices, dtype=np.int64).reshape(-1)
        if len(places) and not -len(self) <= places.min() <= places.max() < len(self):
            raise IndexError(
                f"there are {len(self)} samples, and none of number {places.min()} to "
                f"{places.max()}."
            )
        return places % len(self)

    def _rows(self, places: np.ndarray) -> np.ndarray:
        """Numbers in the bank of what stands at places; -1 for real samples."""
        groups = self._group[places]
        epoch = int(self._epoch)
        if self.mode == "append":
            # each epoch goes on where the one before has ended
            keys = places - self._first[groups] + epoch * self._added[groups]
            synthetic = places >= self.n_real
        else:
            keys = hash_keys(self.seed, epoch, places)
            synthetic = hash_uniform(keys) < self._p[groups]
            keys = (hash_keys(keys) >> np.uint64(1)).astype(np.int64)
        return np.where(synthetic, self._start[groups] + keys % self._size[groups], -1)

    def _real(self, places: list[int]) -> list[Any]:
        fetch = getattr(self.dataset, "__getitems__", None)
        return fetch(places) if fetch and places else [self.dataset[place] for place in places]

    def _drawn(self, rows: np.ndarray) -> list[Any]:
        if not len(rows):
            return []
        if self._held is not None:
            # many times faster than the same in brackets
            return list(self._held.index_select(0, torch.from_numpy(rows)).unbind())
        taken = self.bank.take(rows)
        if self.synthetic_transform is not None:
            return [self.synthetic_transform(sample) for sample in converted(taken, None)]
        return converted(taken, self._like)

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
        rows = self.bank.rows_of(name_of(label, self.classes, self.bank.classes.tolist()))
        if rows is not None:
            return rows
        raise ValueError(
            f"{self.bank!r} has no samples of class {label!r}; it has {self.bank.classes.tolist()}."
        )

    def _check(self, rows: np.ndarray) -> None:
        """Compare some real samples with some synthetic ones."""
        # of every class at first, as files may be sorted
        places = np.unique(self._group[: self.n_real], return_index=True)[1]
        places = np.concatenate([places, np.arange(self.n_real)])[:N_SEEN].tolist()
        pairs = self._real(places)
        self._like, label = pairs[0]
        for place, (_, found) in zip(places, pairs, strict=True):
            known = self._labels[self._group[place]]
            if np.ndim(found) or (found.item() if hasattr(found, "item") else found) != known:
                raise ValueError(
                    f"sample {place} comes with the label {found!r}, and is {known!r} in the list "
                    "of labels. Change labels by target_transform= here, not in the data set, or "
                    "pass targets=, the labels that its samples come with."
                )
        if torch.is_tensor(label):
            self._typed = [torch.as_tensor(one, dtype=label.dtype) for one in self._labels]
        elif isinstance(label, np.generic):
            self._typed = [label.dtype.type(one) for one in self._labels]
        check_alike([sample for sample, _ in pairs], self._drawn(rows[:N_SEEN]))
        in_memory = self.bank.access == "memory" and self.synthetic_transform is None
        if in_memory and torch.is_tensor(self._like):
            self._held = torch.stack(converted(self.bank[:], self._like))
