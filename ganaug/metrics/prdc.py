"""Precision, recall, density and coverage: how two sets of features overlap."""

import math

import numpy as np
from scipy.spatial.distance import cdist, pdist, squareform

FIGURES = ("precision", "recall", "density", "coverage")


def prdc(real: np.ndarray, fake: np.ndarray, *, n_neighbours: int = 5) -> dict[str, float]:
    """Precision, recall, density and coverage of a fake set.

    A row's neighbourhood is the ball that reaches its k-th nearest row of the same
    set. All four depend on the numbers of rows: only figures of as many real and as
    many fake rows compare.

    Parameters
    ----------
    real, fake : (n, d), (m, d) arrays
        Features.
    n_neighbours : int, default=5
        k; lowered to one less than the rows of the smaller set. Raise it for
        larger neighbourhoods: higher figures, fewer of them 0.

    Returns
    -------
    dict of str to float
        ``precision``: share of fake rows in the neighbourhood of a real row.
        ``recall``: share of real rows in the neighbourhood of a fake row.
        ``density``: real neighbourhoods that a fake row lies in, over k; about 1
        for sets of one distribution, and more where fakes crowd where real rows do.
        ``coverage``: share of real rows with a fake row in their neighbourhood.
        All NaN where a set has fewer than 2 rows.

    References
    ----------
    Kynkaanniemi et al., "Improved precision and recall metric for assessing
    generative models", NeurIPS 2019. Naeem et al., "Reliable fidelity and diversity
    metrics for generative models", ICML 2020: density and coverage.

    Examples
    --------
    >>> real = np.arange(8.0)[:, None]
    >>> prdc(real, real[:4], n_neighbours=1)
    {'precision': 1.0, 'recall': 0.625, 'density': 2.75, 'coverage': 0.625}
    """
    n_neighbours = min(n_neighbours, len(real) - 1, len(fake) - 1)
    if n_neighbours < 1:
        return dict.fromkeys(FIGURES, math.nan)
    distances = cdist(real, fake)
    near_real = distances <= _radii(real, n_neighbours)[:, None]
    near_fake = distances <= _radii(fake, n_neighbours)[None, :]
    return {
        "precision": float(near_real.any(axis=0).mean()),
        "recall": float(near_fake.any(axis=1).mean()),
        "density": float(near_real.sum(axis=0).mean() / n_neighbours),
        "coverage": float(near_real.any(axis=1).mean()),
    }


def _radii(rows: np.ndarray, n_neighbours: int) -> np.ndarray:
    # the row itself comes first
    return np.partition(squareform(pdist(rows)), n_neighbours, axis=1)[:, n_neighbours]
