"""Kernel inception distance: how far apart two sets of features are, unbiased in small sets."""

import math

import numpy as np
from scipy import stats
from sklearn.metrics.pairwise import polynomial_kernel


def kid(real: np.ndarray, fake: np.ndarray) -> float:
    """Squared maximum mean discrepancy under the kernel ``(x . y / d + 1) ** 3``.

    Parameters
    ----------
    real, fake : (n, d), (m, d) arrays
        Features, about 1 in size: the kernel tells their first three moments apart.

    Returns
    -------
    float
        Unbiased whatever the numbers of rows: 0 on average where both sets come
        from one distribution, so single values may lie below it. NaN where a set
        has fewer than 2 rows.

    References
    ----------
    Binkowski et al., "Demystifying MMD GANs", ICLR 2018: the kernel inception
    distance (KID), there on features of another network.

    Examples
    --------
    >>> zeros, twos = np.zeros((5, 1)), np.full((4, 1), 2.0)
    >>> kid(zeros, zeros), kid(zeros, twos)
    (0.0, 124.0)
    """
    if min(len(real), len(fake)) < 2:
        return math.nan
    return float(_Sums(real, fake).distance())


def kid_interval(real: np.ndarray, fake: np.ndarray) -> tuple[float, float]:
    """95 % interval of ``kid``, by the jackknife over the rows of both sets.

    A bootstrap with replacement would count pairs of equal rows, which the unbiased
    estimate leaves out. The jackknife variance is never too small on average (Efron
    and Stein 1981): the interval is right where the sets differ and up to 1.4 times
    too wide where they do not. Student's t serves, with the smaller set's degrees of
    freedom. The estimate is skewed: of far sets with 10 to 30 rows the interval lies
    too low one time in ten.

    Parameters
    ----------
    real, fake : (n, d), (m, d) arrays
        As in ``kid``. Rows must be independent draws.

    Returns
    -------
    low, high : NaN where a set has fewer than 3 rows

    References
    ----------
    Efron and Stein, "The jackknife estimate of variance", Annals of Statistics 1981.

    Examples
    --------
    >>> rows = np.random.default_rng(0).normal(size=(2, 50, 3))
    >>> low, high = kid_interval(*rows)
    >>> low < 0 < high
    True
    """
    n_fewest = min(len(real), len(fake))
    if n_fewest < 3:
        return math.nan, math.nan
    sums = _Sums(real, fake)
    variance = sum(
        np.var(values) * (len(values) - 1) for values in (sums.without_real(), sums.without_fake())
    )
    reach = stats.t.ppf(0.975, n_fewest - 1) * math.sqrt(variance)
    distance = sums.distance()
    return float(distance - reach), float(distance + reach)


class _Sums:
    """Row sums of the three kernel matrices, from which every leave-one-out value follows."""

    def __init__(self, real: np.ndarray, fake: np.ndarray):
        real = np.asarray(real, dtype=float)
        fake = np.asarray(fake, dtype=float)
        self._n = len(real)
        self._m = len(fake)
        self._real = _sums_over_others(real)
        self._fake = _sums_over_others(fake)
        across = polynomial_kernel(real, fake)
        self._real_to_fake = across.sum(axis=1)
        self._fake_to_real = across.sum(axis=0)

    def distance(self) -> np.floating:
        return _combined(
            self._real.sum(), self._fake.sum(), self._real_to_fake.sum(), self._n, self._m
        )

    def without_real(self) -> np.ndarray:
        """Distance without each of the real rows."""
        within = self._real.sum() - 2 * self._real
        across = self._real_to_fake.sum() - self._real_to_fake
        return _combined(within, self._fake.sum(), across, self._n - 1, self._m)

    def without_fake(self) -> np.ndarray:
        """Distance without each of the fake rows."""
        within = self._fake.sum() - 2 * self._fake
        across = self._fake_to_real.sum() - self._fake_to_real
        return _combined(self._real.sum(), within, across, self._n, self._m - 1)


def _sums_over_others(rows: np.ndarray) -> np.ndarray:
    kernel = polynomial_kernel(rows)
    return kernel.sum(axis=1) - kernel.diagonal()


def _combined(real, fake, across, n: int, m: int):
    return real / (n * (n - 1)) + fake / (m * (m - 1)) - 2 * across / (n * m)
