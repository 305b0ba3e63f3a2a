"""The simple over-samplers and class weights that a GAN has to beat."""

import numbers
from collections.abc import Hashable
from typing import Any

import numpy as np
from imblearn.over_sampling import SMOTE, RandomOverSampler
from imblearn.over_sampling.base import BaseOverSampler
from sklearn.base import BaseEstimator, clone
from sklearn.preprocessing import StandardScaler

from ganaug.randomness import check_seed
from ganaug.validation import HasMethods, Interval

# Of the smoothed methods, in standard deviations of each column: the best of 0.25, 0.5, 0.75 and
# 1.0 for both on splits of the digits that no reported figure uses.
NOISE = 0.75


class ScaledOverSampler(BaseOverSampler):
    """Another over-sampler on standardised columns, its rows blurred by Gaussian noise.

    Parameters
    ----------
    sampler : over-sampler
        From imbalanced-learn, for instance; cloned before use.
    noise : float, default=0.0
        Standard deviation of the noise on synthetic rows, in standard deviations
        of each column. Values are clipped to the observed range; columns of whole
        numbers are rounded.
    sampling_strategy : float, str, dict or callable, default="auto"
        As in imbalanced-learn.
    random_state : int, RandomState instance or None, default=None
        Seeds the sampler and the noise.

    Examples
    --------
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
        new = scaled[len(X) :]
        new = scaler.inverse_transform(new + self.noise * rng.standard_normal(new.shape))
        new = np.clip(new, X.min(axis=0), X.max(axis=0))
        whole = (np.round(X) == X).all(axis=0)
        new[:, whole] = np.round(new[:, whole])
        return np.concatenate([X, new.astype(X.dtype)]), y_all


def simple_samplers(least: int) -> dict[str, BaseOverSampler]:
    """Samplers of finite numbers, by name.

    Parameters
    ----------
    least : int
        Rows of the smallest class to be enlarged; SMOTE needs two.

    Examples
    --------
    >>> list(simple_samplers(1)), list(simple_samplers(2))
    (['copies + noise'], ['copies + noise', 'SMOTE', 'SMOTE + noise'])
    """
    samplers = {"copies + noise": ScaledOverSampler(RandomOverSampler(), noise=NOISE)}
    if least > 1:
        smote = SMOTE(k_neighbors=min(5, least - 1))
        samplers["SMOTE"] = ScaledOverSampler(smote)
        samplers["SMOTE + noise"] = ScaledOverSampler(smote, noise=NOISE)
    return samplers


def with_class_weights(
    estimator: BaseEstimator, weights: str | dict[Hashable, float] = "balanced"
) -> BaseEstimator | None:
    """Copy of a classifier, or of a pipeline with one, that weights classes, equally by default.

    None where it has no ``class_weight``.

    Examples
    --------
    >>> from sklearn.svm import SVC
    >>> with_class_weights(SVC())
    SVC(class_weight='balanced')
    """
    names = [name for name in estimator.get_params() if name.split("__")[-1] == "class_weight"]
    if not names:
        return None
    return clone(estimator).set_params(**dict.fromkeys(names, weights))
