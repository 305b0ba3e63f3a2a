"""Over-sampling on standardised columns, with noise: copies and SMOTE as GANs have to beat them."""

import numbers
from typing import Any

import numpy as np
from imblearn.over_sampling.base import BaseOverSampler
from sklearn.base import clone
from sklearn.preprocessing import StandardScaler

from ganaug.randomness import check_seed
from ganaug.validation import HasMethods, Interval


class ScaledOverSampler(BaseOverSampler):
    """Over-sampler that runs another one on standardised columns and adds noise to its rows.

    Parameters
    ----------
    sampler : over-sampler
        Over-sampler of imbalanced-learn, for instance; cloned before use.
    noise : float, default=0.0
        Standard deviation of the noise on synthetic rows, in standard deviations
        of each column. Values are clipped to the observed range; columns of whole
        numbers are rounded.
    sampling_strategy : float, str, dict or callable, default="auto"
        Classes to enlarge, and to which size, as in imbalanced-learn.
    random_state : int, RandomState instance or None, default=None
        Seeds the sampler and the noise.

    Examples
    --------
    >>> from imblearn.over_sampling import RandomOverSampler
    >>> X, y = np.array([[0.0], [1.0], [5.0], [6.0], [7.0]]), np.array([0, 0, 1, 1, 1])
    >>> copies = ScaledOverSampler(RandomOverSampler(), random_state=0)
    >>> copies.fit_resample(X, y)[0].shape
    (6, 1)
    """

    _parameter_constraints: dict = {
        **BaseOverSampler._parameter_constraints,
        "sampler": [HasMethods(["fit_resample", "set_params"])],
        "noise": [Interval(numbers.Real, 0, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        sampler: Any,
        *,
        noise: float = 0.0,
        sampling_strategy: Any = "auto",
        random_state: int | np.random.RandomState | None = None,
    ):
        super().__init__(sampling_strategy=sampling_strategy)
        self.sampler = sampler
        self.noise = noise
        self.random_state = random_state

    def _fit_resample(self, X, y):
        rng = check_seed(self.random_state)
        scaler = StandardScaler().fit(X)
        sampler = clone(self.sampler).set_params(
            sampling_strategy=self.sampling_strategy, random_state=rng.randint(2**31)
        )
        scaled, y_all = sampler.fit_resample(scaler.transform(X), y)
        X_new = scaled[len(X) :]
        X_new = scaler.inverse_transform(X_new + self.noise * rng.standard_normal(X_new.shape))
        X_new = np.clip(X_new, X.min(axis=0), X.max(axis=0))
        is_whole = (np.round(X) == X).all(axis=0)
        X_new[:, is_whole] = np.round(X_new[:, is_whole])
        return np.concatenate([X, X_new.astype(X.dtype)]), y_all
