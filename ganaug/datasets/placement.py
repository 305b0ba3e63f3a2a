"""Places of synthetic samples in an augmented data set, and the samples of a bank that they hold.

They follow from seed, epoch and place alone, whatever the number of workers.
"""

from dataclasses import dataclass

import numpy as np

from ganaug.randomness import hash_keys, hash_uniform

# In place of a row of the bank: the real sample stays.
REAL = -1


@dataclass(frozen=True, eq=False)
class BankSlices:
    """Slices of the samples of each class in a bank.

    Attributes
    ----------
    starts, sizes : (n_classes,) int array
        First sample of each class, and how many it has.
    """

    starts: np.ndarray
    sizes: np.ndarray

    def choose(self, classes: np.ndarray, keys: np.ndarray) -> np.ndarray:
        """Rows (n,) of the bank that whole numbers choose of numbered classes."""
        return self.starts[classes] + keys % self.sizes[classes]


@dataclass(frozen=True, eq=False)
class Append:
    """Placement of synthetic samples after all real ones, class by class.

    Attributes
    ----------
    classes : (n_real + n_synthetic,) int array
        Number of the class at each place.
    added : (n_classes,) int array
        Synthetic samples of each class.
    bank : BankSlices
    """

    classes: np.ndarray
    added: np.ndarray
    bank: BankSlices

    @classmethod
    def after(cls, real_classes: np.ndarray, added: np.ndarray, bank: BankSlices) -> "Append":
        """Placement of so many samples of each class after real ones of such classes."""
        synthetic_classes = np.repeat(np.arange(len(added)), added)
        return cls(np.concatenate([real_classes, synthetic_classes]), added, bank)

    def bank_rows(self, places: np.ndarray, epoch: int) -> np.ndarray:
        """Rows (n,) of the bank at some places in an epoch; ``REAL`` for real samples."""
        n_real = len(self.classes) - self.added.sum()
        first = n_real + self.added.cumsum() - self.added
        classes = self.classes[places]
        # each epoch goes on where the one before has ended
        keys = places - first[classes] + epoch * self.added[classes]
        return np.where(places >= n_real, self.bank.choose(classes, keys), REAL)


@dataclass(frozen=True, eq=False)
class Replace:
    """Placement of synthetic samples where real ones of their class are replaced at random.

    Attributes
    ----------
    classes : (n_real,) int array
        Number of the class at each place.
    p : (n_classes,) float array
        Probability that a sample of each class is replaced.
    seed : int
    bank : BankSlices
    """

    classes: np.ndarray
    p: np.ndarray
    seed: int
    bank: BankSlices

    def bank_rows(self, places: np.ndarray, epoch: int) -> np.ndarray:
        """Rows (n,) of the bank at some places in an epoch; ``REAL`` for real samples."""
        classes = self.classes[places]
        keys = hash_keys(self.seed, epoch, places)
        rows = self.bank.choose(classes, (hash_keys(keys) >> np.uint64(1)).astype(np.int64))
        return np.where(hash_uniform(keys) < self.p[classes], rows, REAL)
