"""Other generators as over-samplers of DataFrames: each as its own manual uses it.

``pip install ".[benchmark]"`` brings them. Tables come without gaps. What such a package cannot do
raises, here or there.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
import torch

from ganaug.encoding.rows import take_columns

# Draws of CTGAN, of so many rows, before a class counts as one that it does not draw.
N_TRIES, DRAWN = 50, 1000

Resampled = tuple[pd.DataFrame, np.ndarray]


class Rival:
    """An over-sampler that brings every class to the size of the largest.

    Parameters
    ----------
    draw : callable
        Of rows, classes, number of rows to add to each class, and a seed: the added rows and
        their classes.
    seed : int
    """

    def __init__(self, draw: Callable[..., Resampled], seed: int):
        self._draw, self._seed = draw, seed

    def fit_resample(self, X: pd.DataFrame, y: np.ndarray) -> Resampled:
        """Real rows, and synthetic ones after them."""
        sizes = pd.Series(y).value_counts()
        added = {label: int(sizes.max() - size) for label, size in sizes.items()}
        torch.manual_seed(self._seed)
        np.random.seed(self._seed)  # noqa: NPY002 - what they draw from
        X_new, y_new = self._draw(X, y, {one: n for one, n in added.items() if n}, self._seed)
        X_new = X_new[X.columns].astype(X.dtypes.to_dict())
        return pd.concat([X, X_new], ignore_index=True), np.concatenate([y, y_new])


def marginals(X: pd.DataFrame, y: np.ndarray, added: dict[str, int], seed: int) -> Resampled:
    """Each column from another row of the class."""
    rng = np.random.default_rng(seed)
    rows = [rng.choice(np.flatnonzero(y == label), (n, X.shape[1])) for label, n in added.items()]
    X_new = take_columns(X, np.concatenate(rows))
    return X_new, np.repeat(list(added), list(added.values()))


def mgs_grf(X: pd.DataFrame, y: np.ndarray, added: dict[str, int], seed: int) -> Resampled:
    """MGS-GRF (Sakho et al., 2025), with its defaults."""
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
    """DSTO-GAN (2023) with its defaults, on columns from -1 to 1, as its generator ends in tanh."""
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
    """CTGAN with its defaults, one model of all classes, asked for the scarce ones."""
    from ctgan import CTGAN

    target = "class of the row"
    levels = [name for name in X.columns if X[name].dtype == "category"]
    model = CTGAN(enable_gpu=False)
    model.fit(X.astype(dict.fromkeys(levels, object)).assign(**{target: y}), [*levels, target])
    parts, labels = [], []
    for label, n_rows in added.items():
        found = 0
        for _ in range(N_TRIES):
            drawn = model.sample(DRAWN, target, label)
            drawn = drawn[drawn[target] == label][: n_rows - found]
            parts.append(drawn.drop(columns=target))
            found += len(drawn)
            if found == n_rows:
                break
        else:
            raise RuntimeError(f"CTGAN drew {found} of {n_rows} rows of {label}")
        labels += [label] * n_rows
    return pd.concat(parts, ignore_index=True), np.array(labels)
