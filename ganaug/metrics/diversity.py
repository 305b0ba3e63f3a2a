"""Distances between the rows of one set."""

import math

import numpy as np
from scipy.spatial.distance import pdist


def mean_distance(rows: np.ndarray) -> float:
    """Mean Euclidean distance between two rows; NaN where there are fewer than two.

    Examples
    --------
    >>> mean_distance(np.array([[0.0], [3.0], [6.0]]))
    4.0
    """
    return float(pdist(rows).mean()) if len(rows) > 1 else math.nan


def relative_spread(real: np.ndarray, fake: np.ndarray) -> float:
    """Mean distance between fake rows over that between real ones.

    Parameters
    ----------
    real, fake : (n, d), (m, d) arrays
        Features.

    Returns
    -------
    float
        About 1 for sets of one distribution whatever their sizes, near 0 for a
        collapsed generator; NaN where a set has a single row or real rows are
        all alike.

    Examples
    --------
    >>> relative_spread(np.array([[0.0], [3.0], [6.0]]), np.array([[1.0], [2.0]]))
    0.25
    """
    among_real = mean_distance(real)
    return mean_distance(fake) / among_real if among_real > 0 else math.nan
