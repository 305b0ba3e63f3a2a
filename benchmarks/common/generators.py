"""Generators of other packages as over-samplers of DataFrames: each as its own manual uses it.

``pip install ".[benchmark]"`` brings them. Tables come without gaps. What such a package cannot do
raises, here or there.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import torch
from imblearn.over_sampling import SMOTE, SMOTENC
from sklearn.base import BaseEstimator

from benchmarks.common.table_data import without_gaps

# Draws of CTGAN, of ``N_DRAWN`` rows, before a class counts as one that it does not draw.
N_TRIES = 50
N_DRAWN = 1000

Resampled = tuple[pd.DataFrame, np.ndarray]


class PeerSampler:
    """An over-sampler that brings every class to the size of the largest.

    Parameters
    ----------
    draw : callable
        Of rows, classes, number of rows to add to each class, and a seed: the added rows and
        their classes.
    seed : int
    """

    def __init__(self, draw: Callable[..., Resampled], seed: int):
        self._draw = draw
        self._seed = seed

    def fit_resample(self, X: pd.DataFrame, y: np.ndarray) -> Resampled:
        """Real rows, and synthetic ones after them."""
        seed_global_states(self._seed)
        X_new, y_new = self._draw(X, y, rows_to_largest(y), self._seed)
        X_new = X_new[X.columns].astype(X.dtypes.to_dict())
        return pd.concat([X, X_new], ignore_index=True), np.concatenate([y, y_new])


class TableSMOTE(BaseEstimator):
    """SMOTE of rows with gaps and levels.

    Parameters
    ----------
    sampling_strategy, random_state
        As in ``SMOTE``.
    """

    def __init__(self, sampling_strategy: Any = "auto", random_state: Any = None):
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state

    def fit_resample(self, X: pd.DataFrame, y: np.ndarray) -> Resampled:
        """Real rows, and synthetic ones after them."""
        X = without_gaps(X)
        settings = {
            "sampling_strategy": self.sampling_strategy,
            "random_state": self.random_state,
            "k_neighbors": min(5, pd.Series(y).value_counts().min() - 1),
        }
        has_levels = any(dtype == "category" for dtype in X.dtypes)
        sampler = SMOTENC("auto", **settings) if has_levels else SMOTE(**settings)
        return sampler.fit_resample(X, y)


def rows_to_largest(y: np.ndarray) -> dict[str, int]:
    """Rows that each smaller class lacks to the size of the largest.

    Examples
    --------
    >>> rows_to_largest(np.array(["a", "a", "b"]))
    {'b': 1}
    """
    sizes = pd.Series(y).value_counts()
    return {label: int(sizes.max() - size) for label, size in sizes.items() if size < sizes.max()}


def seed_global_states(seed: int) -> None:
    """Seed what generators of other packages draw from."""
    torch.manual_seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - they know no other


def shuffled_columns(X: pd.DataFrame, y: np.ndarray, added: dict[str, int], seed: int) -> Resampled:
    """Rows whose columns come from different rows of their class: what needs no generator."""
    rng = np.random.default_rng(seed)
    rows = [rng.choice(np.flatnonzero(y == label), (n, X.shape[1])) for label, n in added.items()]
    columns = [
        X.iloc[own, j].reset_index(drop=True) for j, own in enumerate(np.concatenate(rows).T)
    ]
    return pd.concat(columns, axis=1), np.repeat(list(added), list(added.values()))


def mgs_grf(X: pd.DataFrame, y: np.ndarray, added: dict[str, int], seed: int) -> Resampled:
    """Rows of MGS-GRF (Sakho et al., 2025), with its defaults."""
    from mgs_grf import MGSGRFOverSampler

    levels = np.flatnonzero(X.dtypes == "category")
    sampler = MGSGRFOverSampler(
        categorical_features=levels if len(levels) else None, random_state=seed
    )
    rows = X.to_numpy(dtype=object if len(levels) else float)
    X_all, y_all = sampler.fit_resample(rows, y)
    numbers = X.columns[X.dtypes != "category"]
    X_new = pd.DataFrame(X_all[len(X) :], columns=X.columns)
    X_new[numbers] = X_new[numbers].astype(float)
    whole = [name for name in numbers if X[name].dtype.kind in "iu"]
    X_new[whole] = X_new[whole].round()
    return X_new, y_all[len(X) :]


def dsto_gan(X: pd.DataFrame, y: np.ndarray, added: dict[str, int], seed: int) -> Resampled:
    """Rows of DSTO-GAN (2023) with its defaults, on columns from -1 to 1 as its generator's."""
    from dsto_gan import DSTO_GAN
    from sklearn.preprocessing import MinMaxScaler

    scaler = MinMaxScaler((-1, 1)).fit(X)
    classes, codes = np.unique(y, return_inverse=True)
    scaled = scaler.transform(X)
    gan = DSTO_GAN(X.shape[1], device="cpu")
    gan.fit(scaled, codes)
    X_all, codes_all = gan.resample(scaled, codes)
    drawn = pd.DataFrame(scaler.inverse_transform(X_all[len(X) :]), columns=X.columns)
    whole = [name for name in X.columns if X[name].dtype.kind in "iu"]
    drawn[whole] = drawn[whole].round()
    return drawn, classes[codes_all[len(X) :]]


def ctgan(X: pd.DataFrame, y: np.ndarray, added: dict[str, int], seed: int) -> Resampled:
    """Rows of CTGAN with its defaults, one model of all classes, asked for the scarce ones."""
    from ctgan import CTGAN

    target = "class of the row"
    levels = [name for name in X.columns if X[name].dtype == "category"]
    model = CTGAN(enable_gpu=False)
    model.fit(X.astype(dict.fromkeys(levels, object)).assign(**{target: y}), [*levels, target])
    parts = []
    labels = []
    for label, n_rows in added.items():
        found = 0
        for _ in range(N_TRIES):
            drawn = model.sample(N_DRAWN, target, label)
            drawn = drawn[drawn[target] == label][: n_rows - found]
            parts.append(drawn.drop(columns=target))
            found += len(drawn)
            if found == n_rows:
                break
        else:
            raise RuntimeError(f"CTGAN drew {found} of {n_rows} rows of {label}")
        labels += [label] * n_rows
    return pd.concat(parts, ignore_index=True), np.array(labels)
