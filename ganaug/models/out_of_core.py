"""Training from more samples than memory should hold."""

from abc import abstractmethod
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from torch.utils.data import Dataset

from ganaug.encoding.dataset import labels_of, n_samples_of, stack_samples
from ganaug.encoding.digest import digest
from ganaug.encoding.subsample import capped_mask
from ganaug.models.training_mixin import TrainingMixin
from ganaug.ranks import n_ranks, read_in_shares
from ganaug.rollback import TrainingInterrupted
from ganaug.trainers.checkpoint import Checkpoint
from ganaug.unlabeled import with_unlabeled
from ganaug.validation import check_classes

# Bytes of the numbers, as float32, that are held for training where the user does not say how many.
MAX_HELD_BYTES = 2**28


@dataclass(frozen=True)
class Source:
    """Samples that are read in parts.

    Attributes
    ----------
    read : callable
        Maps a mask (n,) of samples to a list of parts.
    join : callable
        Maps parts to samples.
    labels : (n,) array
        Their labels.
    n_values : int
        Values of a sample.
    """

    read: Callable[[np.ndarray], list[Any]]
    join: Callable[[Sequence[Any]], Any]
    labels: np.ndarray
    n_values: int


class OutOfCoreMixin(TrainingMixin):
    """Gives a model ``fit_dataset``, and what its ``fit_file`` needs."""

    random_state: int | np.random.RandomState | None
    unlabeled_label: Hashable
    class_counts_: dict[Hashable, int]

    @abstractmethod
    def fit(self, X: Any, y: Any, labels: Any = None, checkpoint: Any = None) -> Self:
        """Train on samples in memory."""

    def fit_dataset(
        self,
        dataset: Dataset,
        targets: Sequence | None = None,
        labels: Any = None,
        max_samples: int | None = None,
        checkpoint: Any = None,
        unlabeled: Dataset | None = None,
        labels_getter: Callable | None = None,
    ) -> Self:
        """Train the generators from a torch data set, without loading all of it at once.

        Parameters
        ----------
        dataset : map-style Dataset
            Gives pairs (sample, label), or tuples and dicts of more: arrays, PIL images or
            tensors, of images with their channels first. Drawn samples have their channels
            last, as arrays do.
        targets : sequence or None, default=None
            Labels. None takes the data set's ``targets``, ``labels`` or second tensor, which
            those of the samples that are read are compared with, or reads them one by one. Names
            of classes, such as ``[data.classes[k] for k in data.targets]``, stand in messages
            and pictures then, and ``AugmentedDataset(data, gan)`` knows which numbers are theirs.
        labels : array-like or None, default=None
            As in ``fit``.
        max_samples : int or None, default=None
            Samples that are held in memory at most, one for each class at least: random
            ones, and only the largest classes give some up. None holds 256 MiB of them.
        checkpoint : path or None, default=None
            As in ``fit``.
        unlabeled : map-style Dataset or None, default=None
            Gives samples without a class, alone or the first of a tuple, of the form of
            the others. They train as those do in ``fit`` that ``unlabeled_label`` marks,
            which has to be set.
        labels_getter : callable or None, default=None
            Function of what ``dataset`` gives that finds the label in it. None takes the second
            of a tuple, or what a dict has under "label", "target" or the like.

        Returns
        -------
        self
            Fitted; ``class_counts_`` counts all samples of the classes. In a
            ``torch.distributed`` group each rank reads a share of the samples, and has those of
            the others sent.

        Raises
        ------
        TypeError
            For a data set without a length.
        ValueError
            For samples without labels, or with others than the data set lists, samples of
            different shapes, and as ``fit`` does.

        Examples
        --------
        >>> import torch
        >>> from torch.utils.data import TensorDataset
        >>> from ganaug import TableGAN
        >>> data = TensorDataset(torch.randn(40, 3), torch.arange(40) % 2)
        >>> TableGAN(n_steps=2, random_state=0).fit_dataset(data).class_counts_
        {0: 20, 1: 20}
        """

        def read(mask: np.ndarray) -> list[np.ndarray]:
            listed = y[:n_labelled] if targets is None else None
            rows = np.flatnonzero(mask[:n_labelled])
            parts = [stack_samples(dataset, rows, listed, labels_getter)]
            if unlabeled is not None:
                parts.append(stack_samples(unlabeled, np.flatnonzero(mask[n_labelled:])))
            return parts

        with self._fitting():
            y = labels_of(dataset, targets, labels_getter, on_ranks=True)
            n_labelled = len(y)
            if unlabeled is not None:
                if self.unlabeled_label is None:
                    raise ValueError(
                        "unlabeled= needs a label that marks its samples beside those of the "
                        "classes: set unlabeled_label of the model, to -1 for instance."
                    )
                y = with_unlabeled(y, n_labelled + n_samples_of(unlabeled), self.unlabeled_label)
            n_values = stack_samples(dataset, np.arange(min(1, len(y)))).size
            source = Source(read, join_arrays, y, n_values)
            return self._fit_source(source, labels, max_samples, checkpoint)

    def _fit_source(
        self, source: Source, labels: Any, max_samples: int | None, checkpoint: Any
    ) -> Any:
        """Fit to samples of a source, as many as are to be held."""
        y = source.labels
        # of text and a number that marks rows, objects cannot be sorted
        groups = y.astype(str) if y.dtype == object else y
        check_classes(groups)
        sizes = Counter(y.tolist())
        if max_samples is None:
            max_samples = max(len(sizes), MAX_HELD_BYTES // (4 * max(1, source.n_values)))
        if max_samples < len(sizes):
            raise ValueError(
                f"there are {len(sizes)} classes, and only {max_samples} samples to be held."
            )
        checkpoint = Checkpoint.at(checkpoint)
        chosen = capped_mask(groups, max_samples, checkpoint.stream(self.random_state))
        facts = {}
        if n_ranks() > 1:
            facts = {"labels": digest(y), "random_state (give an int)": digest(chosen)}
        parts = read_in_shares(chosen, source.read, facts)
        interrupted = None
        try:
            self.fit(source.join(parts), y[chosen], labels, checkpoint)
        except TrainingInterrupted as error:
            interrupted = error
        self.class_counts_ = {label: sizes[label] for label in self.class_counts_}
        if interrupted is not None:
            raise interrupted
        return self


def join_arrays(parts: Sequence[np.ndarray]) -> np.ndarray:
    """Samples of all parts, in one array.

    Raises
    ------
    ValueError
        For samples of different shapes.
    """
    parts = [part for part in parts if len(part)] or list(parts[:1])
    for part in parts:
        if part.shape[1:] != parts[0].shape[1:]:
            raise ValueError(
                f"there are samples of the shapes {parts[0].shape[1:]} and {part.shape[1:]}. "
                "Resize or crop them to one."
            )
    return parts[0] if len(parts) == 1 else np.concatenate(parts)
