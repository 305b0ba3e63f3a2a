"""Whether images show the class that they were made for, by classifiers of real ones."""

from collections.abc import Hashable

import numpy as np
from sklearn.metrics import confusion_matrix
from sklearn.model_selection import StratifiedKFold

from ganaug.metrics.classifier import ImageClassifier, codes_of

N_FOLDS = 3


class LabelGuard:
    """Classifiers of real images, each trained without another part of them.

    Parameters
    ----------
    images : (n, channels, height, width) array
        Encoded.
    y : (n,) array
        Labels of two classes or more, each of as many images as there are folds.
    seed : int
        Of folds and classifiers.

    Examples
    --------
    >>> dark, light = -np.ones((9, 1, 8, 8)), np.ones((9, 1, 8, 8))
    >>> images, y = np.concatenate([dark, light]), np.repeat(["dark", "light"], 9)
    >>> guard = LabelGuard(images, y, seed=0)
    >>> guard.probabilities(light, np.arange(9), "light").round() == 1
    array([ True,  True,  True,  True,  True,  True,  True,  True,  True])
    >>> round(guard.precision()["dark"], 2)
    0.9
    """

    def __init__(self, images: np.ndarray, y: np.ndarray, seed: int):
        self._fold_of = np.empty(len(y), dtype=int)
        self._classifiers = []
        self._labels, self._codes = np.unique(y, return_inverse=True)
        self._found = np.empty(len(y), dtype=int)
        folds = StratifiedKFold(N_FOLDS, shuffle=True, random_state=seed)
        for fold, (used, left_out) in enumerate(folds.split(self._codes, self._codes)):
            self._fold_of[left_out] = fold
            classifier = ImageClassifier(images[used], y[used], seed=seed + fold)
            self._classifiers.append(classifier)
            self._found[left_out] = classifier.probabilities(images[left_out]).argmax(axis=1)

    def precision(self) -> dict[Hashable, float]:
        """Share of the real images taken for a class that are of it, if all were as frequent.

        By the classifier that does not know the image. One image of another class more
        counts as taken for each, as large as one of its own: few are no proof.
        """
        rates = confusion_matrix(self._codes, self._found, normalize="true")
        shares = rates.diagonal() / (rates.sum(axis=0) + 1 / np.bincount(self._codes))
        return dict(zip(self._labels.tolist(), shares.tolist(), strict=True))

    def probabilities(self, images: np.ndarray, rows: np.ndarray, label: Hashable) -> np.ndarray:
        """Probability that each image is of a class.

        Parameters
        ----------
        images : (m, channels, height, width) array
        rows : (m,) array
            Number of the real image that each was made of, which its judge does not know.
        label : label
            Of all of them.
        """
        given = np.empty(len(images))
        for fold, classifier in enumerate(self._classifiers):
            own = self._fold_of[rows] == fold
            column = codes_of([label], classifier.classes)[0]
            given[own] = classifier.probabilities(images[own])[:, column]
        return given
