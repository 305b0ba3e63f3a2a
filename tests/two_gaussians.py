"""Two overlapping classes, and a model of them that needs no training."""

import numpy as np
from sklearn.base import BaseEstimator


def overlapping(n_rich=300, n_scarce=20, seed=0):
    """Two Gaussians of ten columns, of which the scarce one is narrower and lies aside."""
    rng = np.random.default_rng(seed)
    rich, scarce = rng.normal(size=(n_rich, 10)), rng.normal(size=(n_scarce, 10)) * 0.7 + 0.6
    return np.concatenate([rich, scarce]), np.repeat([0, 1], [n_rich, n_scarce])


class GaussianModel(BaseEstimator):
    """A model that draws each class around a given place, and logs what it was fitted on."""

    def __init__(self, place=0.6, log=None):
        self.place, self.log = place, log

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        if self.log is not None:
            self.log.append(("model", X))
        return self

    def sample(self, n, random_state=None):
        rng = np.random.default_rng(random_state)
        y = np.repeat(list(n), list(n.values()))
        return rng.normal(size=(len(y), 10)) * 0.7 + self.place, y


class MarkingGaussianModel(GaussianModel):
    """The same, which takes rows without a class and logs what it was fitted on with labels."""

    def __init__(self, place=0.6, log=None, unlabeled_label=None):
        super().__init__(place, log)
        self.unlabeled_label = unlabeled_label

    def fit(self, X, y):
        """Log, and know the classes."""
        if self.log is not None:
            self.log.append((X, y, self.unlabeled_label))
        self.classes_ = np.unique(y[y != self.unlabeled_label])
        return self


def partly_labelled(n_labelled=20, n_unlabelled=100, seed=0):
    """Rows of two Gaussians, their classes, and the same with -1 for all but some of each."""
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.repeat([0, 1], n_labelled + n_unlabelled // 2))
    X = rng.normal(size=(len(y), 10)) + 0.8 * y[:, None]
    marked = np.full(len(y), -1)
    for label in (0, 1):
        chosen = np.flatnonzero(y == label)[:n_labelled]
        marked[chosen] = label
    return X, y, marked


class Log(list):
    """A list that clones share."""

    def __deepcopy__(self, memo):
        return self
