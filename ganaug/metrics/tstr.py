"""Train on synthetic, test on real (TSTR): what a classifier learns from generated images alone."""

import math
from collections.abc import Hashable, Iterable

import numpy as np

from ganaug.metrics.classifier import N_STEPS, ImageClassifier, classes_of, codes_of


def tstr_accuracy(
    images: np.ndarray,
    y: Iterable[Hashable],
    test_images: np.ndarray,
    y_test: Iterable[Hashable],
    *,
    seed: int,
    n_steps: int = N_STEPS,
) -> dict[Hashable, float]:
    """Train the small classifier on some images and test it on others.

    Trained on generated images, tested on real ones and compared with the same
    after training on real ones, it tells how much of what separates the classes the
    generated images carry. The mean over classes is the balanced accuracy.

    Parameters
    ----------
    images, test_images : (n, channels, height, width) arrays
        Images in [-1, 1].
    y, y_test : sequences of hashables
        Labels. A tested class that training lacks is never recognised.
    seed : int
        Seed of the classifier.
    n_steps : int
        Batches that the classifier learns from; time is linear in it.

    Returns
    -------
    dict of label to float
        Share recognised of each class of ``y_test``; NaN for all where training
        has fewer than two classes.

    References
    ----------
    Ravuri and Vinyals, "Classification accuracy score for conditional generative
    models", NeurIPS 2019.

    Examples
    --------
    >>> images, y = np.repeat([-1.0, 1.0], 9)[:, None, None, None], np.repeat([0, 1], 9)
    >>> images = images * np.ones((1, 1, 8, 8))
    >>> tstr_accuracy(images, y, images, y, seed=0, n_steps=20)
    {0: 1.0, 1: 1.0}
    """
    classes = classes_of([*classes_of(y), *classes_of(y_test)])
    truth = codes_of(y_test, classes)
    if len(classes_of(y)) < 2:
        return dict.fromkeys((classes[code] for code in np.unique(truth)), math.nan)
    classifier = ImageClassifier.fit(images, y, seed=seed, classes=classes, n_steps=n_steps)
    predicted = classifier.probabilities(test_images).argmax(axis=1)
    return {
        classes[code]: float(np.mean(predicted[truth == code] == code)) for code in np.unique(truth)
    }
