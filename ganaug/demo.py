"""The task of ``ganaug demo``: scikit-learn's digits, every second class made scarce."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC

N_SCARCE, N_RICH = 10, 80


@dataclass(frozen=True)
class DemoTask:
    """Digits to classify after training on few of some classes.

    Attributes
    ----------
    X : (1797, 64) array
        Images of 8 x 8 pixels, 0 to 16.
    y : (1797,) array
        Digits 0 to 9.
    splits : list of (train, test)
        Row numbers. A random half, with equal shares of the classes, is for
        testing; of the other half, 10 rows of each odd digit and 80 of each even
        one are for training.
    classifiers : dict of str to classifier
    """

    X: np.ndarray
    y: np.ndarray
    splits: list[tuple[np.ndarray, np.ndarray]]
    classifiers: dict[str, Any]


def demo_task(seeds: range) -> DemoTask:
    """Draw one split for each seed.

    Examples
    --------
    >>> task = demo_task(range(1))
    >>> train, test = task.splits[0]
    >>> len(train), len(test)
    (450, 899)
    """
    X, y = load_digits(return_X_y=True)
    splits = []
    for seed in seeds:
        half, test = train_test_split(
            np.arange(len(y)), test_size=0.5, stratify=y, random_state=seed
        )
        sizes = [N_SCARCE if digit % 2 else N_RICH for digit in range(10)]
        train = [half[y[half] == digit][: sizes[digit]] for digit in range(10)]
        splits.append((np.concatenate(train), test))
    classifiers = {
        "logistic regression": LogisticRegression(max_iter=500),
        "random forest": RandomForestClassifier(200, random_state=0),
        "3 nearest": KNeighborsClassifier(3),
        "SVC": SVC(),
    }
    return DemoTask(X, y, splits, classifiers)
