"""Subsets of rows: evenly spaced, or random ones by class."""

import numpy as np

# Rows of a class that are kept in a subset of all, where it has so many.
MIN_ROWS = 10


def evenly_spaced(n_rows: int, max_rows: int) -> np.ndarray:
    """Numbers of rows from the first to the last, ``max_rows`` at most.

    Examples
    --------
    >>> evenly_spaced(9, 3), evenly_spaced(2, 3)
    (array([0, 4, 8]), array([0, 1]))
    """
    return np.linspace(0, n_rows - 1, min(n_rows, max_rows)).astype(int)


def capped_mask(y: np.ndarray, max_rows: int, rng: np.random.RandomState) -> np.ndarray:
    """Mask (n,) of random rows, ``max_rows`` at most; only the largest classes give some up.

    Examples
    --------
    >>> y = np.repeat(["a", "b", "c"], [100, 50, 5])
    >>> mask = capped_mask(y, 65, np.random.RandomState(0))
    >>> [int((mask & (y == label)).sum()) for label in "abc"]
    [30, 30, 5]
    """
    sizes = np.unique(y, return_counts=True)[1]
    n_kept = sizes.copy()
    n_left = max_rows
    for rank, group in enumerate(np.argsort(sizes, kind="stable")):
        n_kept[group] = min(sizes[group], n_left // (len(sizes) - rank))
        n_left -= n_kept[group]
    return _random_mask(y, n_kept, rng)


def proportional_mask(y: np.ndarray, max_rows: int, rng: np.random.RandomState) -> np.ndarray:
    """Mask (n,) of random rows, about ``max_rows`` at most; classes keep their shares.

    A class of ``MIN_ROWS`` keeps so many, so it may be a few more.

    Examples
    --------
    >>> y = np.repeat(["a", "b"], [900, 100])
    >>> mask = proportional_mask(y, 200, np.random.RandomState(0))
    >>> [int((mask & (y == label)).sum()) for label in "ab"]
    [180, 20]
    """
    sizes = np.unique(y, return_counts=True)[1]
    scaled = (sizes * min(1.0, max_rows / len(y))).round().astype(int)
    return _random_mask(y, np.minimum(sizes, np.maximum(MIN_ROWS, scaled)), rng)


def _random_mask(y: np.ndarray, n_kept: np.ndarray, rng: np.random.RandomState) -> np.ndarray:
    """Mask (n,) of so many random rows of each class, the classes in sorted order."""
    _, groups, sizes = np.unique(y, return_inverse=True, return_counts=True)
    mask = np.ones(len(y), dtype=bool)
    for group in np.argsort(sizes, kind="stable"):
        if n_kept[group] < sizes[group]:
            rows = rng.permutation(np.flatnonzero(groups == group))
            mask[rows[n_kept[group] :]] = False
    return mask
