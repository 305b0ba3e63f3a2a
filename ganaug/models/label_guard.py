"""Guard of labels: classifiers of real images tell whether others show their class."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from sklearn.metrics import confusion_matrix
from sklearn.model_selection import StratifiedKFold

from ganaug.metrics.classifier import ImageClassifier, codes_of
from ganaug.metrics.linear_classifier import LinearClassifier
from ganaug.metrics.out_of_fold import cross_fit
from ganaug.storage.fields import Array, SortedLabels

N_FOLDS = 3


@dataclass(eq=False)
class LabelGuard:
    """Classifiers of real images, or of their features, each trained without a part of them.

    Attributes
    ----------
    labels : (n_classes,) array
        Sorted.
    codes, predicted : (n,) arrays of int
        Class of each real image, and the one that the classifier which does not know it
        takes it for: numbers of labels.
    fold_of : (n,) array of int
        Number of that classifier.
    classifiers : list of ImageClassifier or of LinearClassifier

    Examples
    --------
    >>> dark, light = -np.ones((9, 1, 8, 8)), np.ones((9, 1, 8, 8))
    >>> images, y = np.concatenate([dark, light]), np.repeat(["dark", "light"], 9)
    >>> guard = LabelGuard.fit(images, y, seed=0)
    >>> guard.probabilities(light, np.arange(9), "light").round() == 1
    array([ True,  True,  True,  True,  True,  True,  True,  True,  True])
    >>> round(guard.precision()["dark"], 2)
    0.9
    """

    labels: SortedLabels
    codes: Annotated[np.ndarray, Array("int64", "images", 0)]
    predicted: Annotated[np.ndarray, Array("int64", "images", 0)]
    fold_of: Annotated[np.ndarray, Array("int64", "images", 0, N_FOLDS - 1)]
    classifiers: list[ImageClassifier | LinearClassifier]

    def __post_init__(self) -> None:
        known = all(classifier.classes == self.labels.tolist() for classifier in self.classifiers)
        inside = max(self.codes.max(), self.predicted.max()) < len(self.labels)
        alike = len({type(classifier) for classifier in self.classifiers}) == 1
        if not (known and inside and alike and len(self.classifiers) == N_FOLDS):
            raise ValueError("the classifiers of a guard are not of its labels and of one kind")

    @classmethod
    def fit(
        cls,
        samples: np.ndarray,
        y: np.ndarray,
        seed: int,
        fit_classifier: Callable[..., Any] = ImageClassifier.fit,
    ) -> "LabelGuard":
        """The guard of some images.

        Parameters
        ----------
        samples : (n, channels, height, width) or (n, d) array
            Images, encoded, or features of them.
        y : (n,) array
            Labels of two classes or more, each of as many images as there are folds.
        seed : int
            Of folds and classifiers.
        fit_classifier : callable, default=ImageClassifier.fit
            Of images, or ``LinearClassifier.fit`` of features.
        """
        labels, codes = np.unique(y, return_inverse=True)
        fold_of = np.empty(len(y), dtype=int)
        folds = StratifiedKFold(N_FOLDS, shuffle=True, random_state=seed)
        for fold, (_, left_out) in enumerate(folds.split(codes, codes)):
            fold_of[left_out] = fold
        classifiers = cross_fit(fit_classifier, samples, y, fold_of, range(seed, seed + N_FOLDS))
        guard = cls(labels, codes, codes, fold_of, classifiers)
        guard.predicted = guard.predict(samples, np.arange(len(y)))
        return guard

    @property
    def knows_features(self) -> bool:
        """True where it judges features of images, not images."""
        return isinstance(self.classifiers[0], LinearClassifier)

    def precision(self) -> dict[Hashable, float]:
        """Share of the real images taken for a class that are of it, if all were as frequent.

        By the classifier that does not know the image. One image of another class more
        counts as taken for each, as large as one of its own: few are no proof.
        """
        rates = confusion_matrix(self.codes, self.predicted, normalize="true")
        shares = rates.diagonal() / (rates.sum(axis=0) + 1 / np.bincount(self.codes))
        return dict(zip(self.labels.tolist(), shares.tolist(), strict=True))

    def predict(self, samples: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Number (m,) of the label that each real image is taken for.

        Parameters
        ----------
        samples : (m, channels, height, width) or (m, d) array
            As in ``fit``.
        rows : (m,) array
            Their numbers among the samples there.
        """
        predicted = np.empty(len(samples), dtype=int)
        for fold, classifier in enumerate(self.classifiers):
            of_fold = self.fold_of[rows] == fold
            predicted[of_fold] = classifier.probabilities(samples[of_fold]).argmax(axis=1)
        return predicted

    def probabilities(self, samples: np.ndarray, rows: np.ndarray, label: Hashable) -> np.ndarray:
        """Probability that each image is of a class.

        Parameters
        ----------
        samples : (m, channels, height, width) or (m, d) array
            As in ``fit``.
        rows : (m,) array
            Number of the real image that each was made of, which its judge does not know.
        label : label
            Of all of them.
        """
        given = np.empty(len(samples))
        for fold, classifier in enumerate(self.classifiers):
            of_fold = self.fold_of[rows] == fold
            column = codes_of([label], classifier.classes)[0]
            given[of_fold] = classifier.probabilities(samples[of_fold])[:, column]
        return given
