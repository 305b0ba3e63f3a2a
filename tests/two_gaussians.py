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


class Log(list):
    """A list that clones share."""

    def __deepcopy__(self, memo):
        return self
