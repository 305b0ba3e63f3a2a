"""Copies and points of SMOTE for tables of any kind, with noise: what GANs have to beat."""

from collections.abc import Hashable, Mapping, Sequence

import numpy as np
from imblearn.over_sampling import SMOTE, SMOTEN, SMOTENC, RandomOverSampler
from sklearn.preprocessing import StandardScaler

from ganaug.encoding.missing import impute_from_class
from ganaug.randomness import SEED_LIMIT
from ganaug.strategy import class_counts

MAX_NEIGHBOURS = 5


def draw_copies(
    X: np.ndarray,
    y: np.ndarray,
    counts: Mapping[Hashable, int],
    is_categorical: Sequence[bool],
    rng: np.random.RandomState,
    noise: float = 0.0,
) -> tuple[np.ndarray, np.ndarray]:
    """Random rows of each class, repeated, with noise on their numbers.

    Parameters
    ----------
    X : (n, columns) array of float
        Rows; NaN where there are gaps.
    y : (n,) array
        Their classes.
    counts : dict of label to int
        Rows to draw of each class.
    is_categorical : (columns,) sequence of bool
        True for columns whose numbers stand for levels.
    rng : RandomState
    noise : float, default=0.0
        Standard deviation of the noise, in standard deviations of each column. Values are
        clipped to the observed range; columns of whole numbers are rounded. Levels and gaps
        stay.

    Returns
    -------
    X : (drawn, columns) array
    y : (drawn,) array

    Examples
    --------
    >>> X = np.array([[0.0, 7.0], [1.0, np.nan]])
    >>> draw_copies(X, np.array([0, 1]), {1: 2}, [False, True], np.random.RandomState(0))
    (array([[ 1., nan],
           [ 1., nan]]), array([1, 1]))
    """
    sampler = RandomOverSampler(
        sampling_strategy=_sizes(y, counts), random_state=rng.randint(SEED_LIMIT)
    )
    drawn, labels = sampler.fit_resample(X, y)
    return _blurred(drawn[len(X) :], X, is_categorical, rng, noise), labels[len(X) :]


def draw_smote_points(
    X: np.ndarray,
    y: np.ndarray,
    counts: Mapping[Hashable, int],
    is_categorical: Sequence[bool],
    rng: np.random.RandomState,
    noise: float = 0.0,
) -> tuple[np.ndarray, np.ndarray]:
    """Points between rows and their nearest neighbours in the class, with noise on the numbers.

    Points of numbers are SMOTE's on standardised columns, those of levels SMOTEN's, and those of
    both SMOTENC's. A gap between levels is a level; gaps between numbers are filled with
    values of other rows of the class, and whether there is one is a level too.

    Parameters
    ----------
    X, y, counts, is_categorical, rng, noise
        As in ``draw_copies``; each class of ``counts`` has two rows at least.

    Returns
    -------
    X : (drawn, columns) array
    y : (drawn,) array
    """
    gaps = np.isnan(X)
    is_level = np.asarray(is_categorical, dtype=bool) | gaps.all(axis=0)
    has_gaps = gaps.any(axis=0) & ~is_level
    scaler = StandardScaler().fit(X[:, ~is_level]) if not is_level.all() else None
    filled = X.copy()
    filled[gaps & is_level] = np.inf
    if scaler is not None:
        filled[:, ~is_level] = scaler.transform(impute_from_class(X[:, ~is_level], y, rng))
    # infinity, for a gap, is the last number
    levels = [np.unique(column, return_inverse=True) for column in filled[:, is_level].T]
    codes = [number for _, number in levels] + list(gaps[:, has_gaps].T)
    n_numbers = int((~is_level).sum())
    table = np.column_stack([filled[:, ~is_level], *codes])
    smallest = min(class_counts(y)[label] for label in counts)
    sampler = _smote(table.shape[1], n_numbers, min(MAX_NEIGHBOURS, smallest - 1))
    sampler.set_params(sampling_strategy=_sizes(y, counts), random_state=rng.randint(SEED_LIMIT))
    drawn, labels = sampler.fit_resample(table, y)
    drawn = drawn[len(X) :]
    X_new = np.empty((len(drawn), X.shape[1]))
    if scaler is not None:
        X_new[:, ~is_level] = scaler.inverse_transform(drawn[:, :n_numbers])
    for k, column in enumerate(np.flatnonzero(is_level)):
        X_new[:, column] = levels[k][0][drawn[:, n_numbers + k].astype(int)]
    X_new[np.isinf(X_new)] = np.nan
    X_new = _blurred(X_new, X, is_categorical, rng, noise)
    for k, column in enumerate(np.flatnonzero(has_gaps), n_numbers + len(levels)):
        X_new[drawn[:, k] == 1, column] = np.nan
    return X_new, labels[len(X) :]


def _sizes(y: np.ndarray, counts: Mapping[Hashable, int]) -> dict[Hashable, int]:
    """Sizes of classes that grow by some rows."""
    sizes = class_counts(y)
    return {label: sizes[label] + n for label, n in counts.items()}


def _smote(n_columns: int, n_numbers: int, n_neighbours: int) -> SMOTE | SMOTEN | SMOTENC:
    if n_numbers == n_columns:
        return SMOTE(k_neighbors=n_neighbours)
    if not n_numbers:
        return SMOTEN(k_neighbors=n_neighbours)
    return SMOTENC(list(range(n_numbers, n_columns)), k_neighbors=n_neighbours)


def _blurred(
    drawn: np.ndarray,
    X: np.ndarray,
    is_categorical: Sequence[bool],
    rng: np.random.RandomState,
    noise: float,
) -> np.ndarray:
    """Drawn rows with noise on their numbers, in the range of those of ``X``."""
    for column in np.flatnonzero(~np.asarray(is_categorical, dtype=bool)):
        values = X[:, column]
        values = values[~np.isnan(values)]
        if len(values):
            blurred = drawn[:, column] + noise * values.std() * rng.standard_normal(len(drawn))
            is_whole = (np.round(values) == values).all()
            blurred = np.round(blurred) if is_whole else blurred
            drawn[:, column] = blurred.clip(values.min(), values.max())
    return drawn
