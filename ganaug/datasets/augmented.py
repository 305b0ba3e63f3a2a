"""AugmentedDataset: a torch data set with synthetic samples mixed in."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset

from ganaug.banks.class_names import by_label, share_of, shares_by_label
from ganaug.banks.sample_bank import SampleBank
from ganaug.datasets.conversion import as_kind_of, check_alike, convert
from ganaug.datasets.placement import REAL, Append, BankSlices, Replace
from ganaug.datasets.repeats import warn_if_random
from ganaug.datasets.sources import bank_of, check_named, class_numbers, classes_of
from ganaug.encoding.dataset import (
    check_label,
    labels_of,
    n_samples_of,
    names_of_numbers,
    split_item,
)
from ganaug.encoding.scale import N_COMPARED
from ganaug.strategy import class_counts, rows_to_add, warn_if_nothing_is_added
from ganaug.training.defaults import torch_defaults
from ganaug.unlabeled import unlabeled_mask, with_unlabeled


class AugmentedDataset(Dataset):
    """A labelled data set and synthetic samples of its classes, as pairs (sample, label).

    Whether and by what a sample is replaced, and which sample of a class stands at a
    place, follows from ``seed``, epoch and index alone: loaders give the same batches
    whatever the number of workers and however they are started.

    Parameters
    ----------
    dataset : map-style Dataset
        Gives pairs (sample, label), or tuples and dicts of more, of which sample and label
        are taken.
    source : SampleBank, its path, or a fitted model
        Source of synthetic samples. A model draws what an epoch needs, once, into
        memory; draw a larger bank with ``SampleBank.create`` for other samples in every
        epoch.
    mode : {"append", "replace"}, default="append"
        "append": real samples first, synthetic ones after them, class by class.
        "replace": as many samples as there are real ones, each replaced by a synthetic
        one of its class with probability ``p``.
    sampling_strategy : float, str, dict or callable, default="auto"
        Number of samples to append of each class, as in ``GANOverSampler``: "auto" brings every
        class to the size of the largest.
    p : float or dict of label to float, default=0.5
        Probability that a sample is replaced. Dicts may name classes as ``classes`` does.
    transform, target_transform : callable or None, default=None
        Functions of each sample and of each label, real and synthetic.
    synthetic_transform : callable or None, default=None
        Function of each synthetic sample that does what ``dataset`` does to its own. None
        gives them the type of real ones: tensors with channels first (those of
        ``torchvision.tv_tensors`` too), PIL images of the same mode, or arrays.
    targets : sequence or None, default=None
        Labels of ``dataset``. None takes its ``targets``, ``labels`` or second tensor,
        also of what a ``Subset`` or ``ConcatDataset`` holds, or reads them one by one. Names of
        its classes 0, 1, ... name these; samples keep the numbers.
    labels_getter : callable or None, default=None
        Function of what ``dataset`` gives that finds the label in it. None takes the second of
        a tuple, or what a dict has under "label", "target" or the like; where there is none,
        samples get the labels of ``targets``.
    unlabeled : map-style Dataset or None, default=None
        Gives samples without a class, alone or the first of a tuple, of the form of the
        others. They come after those of ``dataset``, labelled by ``unlabeled_label``.
    unlabeled_label : label or None, default=None
        Label that marks samples without a class, such as -1, in ``dataset`` too; None makes
        no label special. They are never replaced, and no class to ``sampling_strategy``.
    seed : int, default=0
        Seed of the choice of samples, and of what a model draws.

    Attributes
    ----------
    targets : (n,) int64 tensor
        Label of each sample, or its place in ``classes`` where labels are no integers; -1
        for a mark of samples without a class that is none.
    is_synthetic : (n,) bool tensor
        True for appended samples; in mode "replace", for what this epoch replaces.
    classes : list
    class_to_idx : dict
        As ``targets`` or ``dataset`` names them, else of the labels.
    n_real, n_synthetic : int
        Samples of ``dataset`` and ``unlabeled``, and appended ones.

    Raises
    ------
    ValueError
        For labels that the source does not have, synthetic samples that differ from
        real ones in type, shape, dtype or scale, or a strategy that does not fit; and for
        samples that come with another label than listed, whenever one is read.
    TypeError
        For a data set without a length.
    NotFittedError
        For a model that was not fitted.

    Warns
    -----
    ConvergenceWarning
        Where samples are drawn of classes whose training went wrong, as a model's ``health_``
        says.
    UserWarning
        Where ``dataset`` changes its samples at random, found by reading a few twice, and no
        ``synthetic_transform`` does so to synthetic ones.

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
    >>> data
    AugmentedDataset(30 real and 10 synthetic samples)
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
        labels_getter: Callable | None = None,
        unlabeled: Dataset | None = None,
        unlabeled_label: Hashable = None,
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
        self.labels_getter = labels_getter
        self.unlabeled = unlabeled
        self.unlabeled_label = unlabeled_label
        labels = self._labels_with_marks(targets)
        has_class = ~unlabeled_mask(labels, unlabeled_label)
        sizes = class_counts(labels[has_class])
        # what has no class counts as one more, of which nobody wants samples
        self._labels = [*sizes] if has_class.all() else [*sizes, unlabeled_label]
        self.classes, self.class_to_idx = classes_of(dataset, list(sizes), self._names)
        if mode == "append":
            added = rows_to_add(by_label(sampling_strategy, self._class_names()), labels[has_class])
            warn_if_nothing_is_added(added)
            wanted = {label: added[label] for label in self._labels if label in added}
        else:
            probabilities = self._probabilities(p)
            shares = zip(self._labels, probabilities, strict=True)
            wanted = {label: sizes[label] for label, share in shares if share}
        self.bank, names = bank_of(source, wanted, seed, list(sizes), self.classes)
        bank = self._bank_slices(self.bank, {label: names[label] for label in wanted})
        real_classes = np.full(len(labels), len(sizes))
        real_classes[has_class] = np.unique(labels[has_class], return_inverse=True)[1]
        n_added = np.array([wanted.get(label, 0) for label in self._labels])
        self._placement = (
            Append.after(real_classes, n_added, bank)
            if mode == "append"
            else Replace(real_classes, probabilities, seed, bank)
        )
        self.n_real = len(labels)
        self.n_synthetic = len(self._placement.classes) - self.n_real
        targets = [self._labels[number] for number in self._placement.classes]
        self.targets = class_numbers(targets, {unlabeled_label: -1, **self.class_to_idx})
        # in memory that workers share, so that one that lives on hears of a new epoch
        self._epoch = torch.zeros((), dtype=torch.int64).share_memory_()
        # a real sample, labels in the type of its own, and a bank in memory like it
        self._real_sample: Any = None
        self._typed_labels: list[Any] = self._labels
        self._tensors: torch.Tensor | None = None
        if wanted or unlabeled is not None:
            self._check_samples(bank, [label in wanted for label in self._labels])

    @property
    def is_synthetic(self) -> torch.Tensor:
        """True for samples that are synthetic in this epoch (n,)."""
        return torch.from_numpy(self._bank_rows(np.arange(len(self))) != REAL)

    def __repr__(self) -> str:
        counts = f"{self.n_real} real and {self.n_synthetic} synthetic samples"
        if isinstance(self._placement, Replace):
            n_replaced = int(self.is_synthetic.sum())
            counts = f"{len(self)} samples, {n_replaced} of them replaced in this epoch"
        return f"{type(self).__name__}({counts})"

    def set_epoch(self, epoch: int) -> None:
        """Have others of the samples chosen, as ``DistributedSampler.set_epoch``; before epochs."""
        self._epoch.fill_(epoch)

    def __len__(self) -> int:
        return self.n_real + self.n_synthetic

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        """Sample and label of an index."""
        return self.__getitems__([index])[0]

    def __getitems__(self, indices: Sequence[int]) -> list[tuple[Any, Any]]:
        """Samples and labels of some indices, in their order."""
        places = self._places(indices)
        rows = self._bank_rows(places)
        real = np.flatnonzero(rows == REAL)
        synthetic = np.flatnonzero(rows != REAL)
        pairs: list[Any] = [None] * len(places)
        real_pairs = self._real_pairs(places[real].tolist())
        for index, pair in zip(real.tolist(), real_pairs, strict=True):
            pairs[index] = pair
        classes = self._placement.classes[places[synthetic]].tolist()
        samples = self._synthetic_samples(rows[synthetic])
        for index, sample, number in zip(synthetic.tolist(), samples, classes, strict=True):
            pairs[index] = (sample, self._typed_labels[number])
        if self.transform is not None:
            pairs = [(self.transform(sample), label) for sample, label in pairs]
        if self.target_transform is not None:
            pairs = [(sample, self.target_transform(label)) for sample, label in pairs]
        return pairs

    def _places(self, indices: Sequence[int]) -> np.ndarray:
        """Indices as numbers from 0 on."""
        places = np.asarray(indices, dtype=np.int64).reshape(-1)
        if len(places) and not -len(self) <= places.min() <= places.max() < len(self):
            raise IndexError(
                f"there are {len(self)} samples, and none of number {places.min()} to "
                f"{places.max()}."
            )
        return places % len(self)

    def _bank_rows(self, places: np.ndarray) -> np.ndarray:
        """Rows of the bank at some places in this epoch; ``REAL`` for real samples."""
        return self._placement.bank_rows(places, int(self._epoch))

    def _labels_with_marks(self, targets: Sequence | None) -> np.ndarray:
        """Labels of the data set, then a mark for each sample that comes without a class."""
        labels = labels_of(self.dataset, targets, self.labels_getter)
        self._n_labels = len(labels)
        self._names: list[str] | None = None
        if targets is not None:
            named = names_of_numbers(self.dataset, labels, self.labels_getter)
            labels, self._names = named or (labels, None)
        if self.unlabeled is None:
            return labels
        if self.unlabeled_label is None:
            raise ValueError(
                "unlabeled= needs a label that its samples get: set unlabeled_label, to -1 for "
                "instance."
            )
        n_samples = self._n_labels + n_samples_of(self.unlabeled)
        return with_unlabeled(labels, n_samples, self.unlabeled_label)

    def _real_pairs(self, places: list[int]) -> list[Any]:
        fetch = getattr(self.dataset, "__getitems__", None)
        listed = [place for place in places if place < self._n_labels]
        items = iter(fetch(listed) if fetch and listed else map(self.dataset.__getitem__, listed))
        return [
            self._labelled_pair(place, next(items))
            if place < self._n_labels
            else self._unlabeled_pair(place - self._n_labels)
            for place in places
        ]

    def _labelled_pair(self, place: int, item: Any) -> tuple[Any, Any]:
        """Sample and label of what the data set gives, the label compared with the list."""
        sample, label = split_item(item, self.labels_getter)
        number = self._placement.classes[place]
        if label is None:
            return sample, self._typed_labels[number]
        check_label(label, self._labels[number], place)
        return sample, label

    def _unlabeled_pair(self, index: int) -> tuple[Any, Any]:
        """Sample without a class, and its mark in the type of the labels."""
        assert self.unlabeled is not None
        return split_item(self.unlabeled[index])[0], self._typed_labels[-1]

    def _synthetic_samples(self, rows: np.ndarray) -> list[Any]:
        if not len(rows):
            return []
        if self._tensors is not None:
            # many times faster than the same in brackets
            chosen = self._tensors.index_select(0, torch.from_numpy(rows))
            return as_kind_of(self._real_sample, list(chosen.unbind()))
        assert self.bank is not None
        samples = self.bank.take(rows)
        if self.synthetic_transform is not None:
            return [self.synthetic_transform(sample) for sample in convert(samples, None)]
        return convert(samples, self._real_sample)

    def _probabilities(self, p: float | Mapping[Hashable, float]) -> np.ndarray:
        """Probability (n_classes,) that a sample of each class is replaced."""
        labels = [label for label in self._labels if label != self.unlabeled_label]
        shares = shares_by_label(p, self._class_names(), labels)
        # what has no class stays
        return np.array([share_of(shares, label) * (label in labels) for label in self._labels])

    def _class_names(self) -> dict[Any, Any]:
        """Name of the class of each label."""
        names: dict[Any, Any] = {number: name for name, number in self.class_to_idx.items()}
        return {label: names.get(label, label) for label in self._labels}

    def _bank_slices(self, bank: SampleBank | None, names: Mapping[Hashable, Any]) -> BankSlices:
        """Slices in the bank of the wanted classes, by the names that these have there."""
        slices = []
        for label in self._labels:
            # of a class that nobody wants no sample is taken
            rows = slice(0, 1)
            if label in names and bank is not None:
                found = bank.rows_of(names[label])
                if found is None:
                    check_named([names[label]], bank.classes.tolist())
                    raise ValueError(
                        f"{bank!r} has no samples of class {label!r}; it has "
                        f"{bank.classes.tolist()}."
                    )
                rows = found
            slices.append(rows)
        starts = np.array([rows.start for rows in slices])
        return BankSlices(starts, np.array([rows.stop for rows in slices]) - starts)

    def _check_samples(self, bank: BankSlices, is_wanted: list[bool]) -> None:
        """Compare some real samples with their labels in the list, and with rows of the bank."""
        # as many of each class, as files may be sorted and classes differ
        classes = self._placement.classes[: self.n_real]
        present = np.unique(classes)[:N_COMPARED]
        n_real = N_COMPARED // len(present)
        real = [np.flatnonzero(classes == number)[:n_real] for number in present]
        places = np.concatenate(real).tolist()
        pairs = self._real_pairs(places)
        self._real_sample, label = pairs[0]
        self._typed_labels = [_typed(known, label) for known in self._labels]
        wanted = np.flatnonzero(is_wanted)[:N_COMPARED]
        if not len(wanted):
            return
        n_synthetic = N_COMPARED // len(wanted)
        rows = [
            bank.starts[number] + np.arange(bank.sizes[number])[:n_synthetic] for number in wanted
        ]
        samples = self._synthetic_samples(np.concatenate(rows))
        real_samples = [sample for sample, _ in pairs]
        check_alike(real_samples, samples)
        if self.synthetic_transform is None:
            warn_if_random(
                real_samples, lambda n: [sample for sample, _ in self._real_pairs(places[:n])]
            )
        assert self.bank is not None
        in_memory = self.bank.access == "memory" and self.synthetic_transform is None
        if in_memory and torch.is_tensor(self._real_sample):
            self._tensors = torch.stack(convert(self.bank[:], self._real_sample))


def _typed(known: Any, label: Any) -> Any:
    """Label in the type, and the shape, of one that comes with a sample."""
    if torch.is_tensor(label):
        return torch.as_tensor(known, dtype=label.dtype).reshape(label.shape)
    if isinstance(label, np.ndarray):
        return np.full(label.shape, known, label.dtype)
    return label.dtype.type(known) if isinstance(label, np.generic) else known
