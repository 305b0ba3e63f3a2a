"""Small changes of sequences that leave them in their class, as classifiers are trained with.

All take sequences (n, time, channels) of floats, standardised by channel, with NaN where there are
gaps, and a ``RandomState``; they return as many, changed each in its own way. Amounts are those of
Iwana and Uchida, "An empirical survey of data augmentation for time series classification with
neural networks", PLOS ONE 2021.
"""

import numpy as np
from scipy.interpolate import CubicSpline

# Standard deviations of noise, of a channel's factor, and of the knots of smooth curves.
NOISE = 0.03
SCALE = 0.1
CURVE = 0.2

# Knots of a smooth curve between its two ends.
N_KNOTS = 4

# Share of the steps that a window has, and the speeds at which it is passed.
WINDOW = 0.1
SPEEDS = (0.5, 2.0)

# Speed below which no smooth curve falls, so that time never runs back.
MIN_SPEED = 0.1


def jitter(X: np.ndarray, rng: np.random.RandomState) -> np.ndarray:
    """Add white noise to every step.

    Examples
    --------
    >>> jitter(np.zeros((1, 2, 1)), np.random.RandomState(0)).round(3).ravel().tolist()
    [0.053, 0.012]
    """
    return X + NOISE * rng.standard_normal(X.shape)


def scale(X: np.ndarray, rng: np.random.RandomState) -> np.ndarray:
    """Multiply each channel by a random factor around 1."""
    n, _, n_channels = X.shape
    return X * (1 + SCALE * rng.standard_normal((n, 1, n_channels)))


def warp_magnitude(X: np.ndarray, rng: np.random.RandomState) -> np.ndarray:
    """Multiply each channel by a smooth random curve around 1."""
    return X * np.moveaxis(_curves(X.shape[1], (len(X), X.shape[2]), rng), 0, 1)


def warp_time(X: np.ndarray, rng: np.random.RandomState) -> np.ndarray:
    """Pass through each sequence at a speed that changes smoothly, from its first step to its last.

    Examples
    --------
    >>> X = np.arange(5.0).reshape(1, 5, 1)
    >>> warp_time(X, np.random.RandomState(0)).round(2).ravel().tolist()
    [0.0, 0.99, 1.97, 3.09, 4.0]
    """
    return _pass_through(X, _curves(X.shape[1], (len(X),), rng).T)


def warp_window(X: np.ndarray, rng: np.random.RandomState) -> np.ndarray:
    """Pass through a random tenth of each sequence at half or double speed, then fit its length."""
    n, n_steps, _ = X.shape
    length = max(2, round(WINDOW * n_steps))
    starts = rng.randint(n_steps - length + 1, size=(n, 1))
    steps = np.arange(n_steps)
    inside = (starts <= steps) & (steps < starts + length)
    return _pass_through(X, np.where(inside, rng.choice(SPEEDS, size=(n, 1)), 1.0))


def _curves(n_steps: int, shape: tuple[int, ...], rng: np.random.RandomState) -> np.ndarray:
    """Smooth random curves (n_steps, *shape) around 1."""
    knots = np.linspace(0, n_steps - 1, N_KNOTS + 2)
    values = 1 + CURVE * rng.standard_normal((len(knots), *shape))
    return CubicSpline(knots, values)(np.arange(n_steps))


def _pass_through(X: np.ndarray, speeds: np.ndarray) -> np.ndarray:
    """Sequences as they are at places that are reached at such speeds (n, time), up to scale."""
    speeds = speeds.clip(MIN_SPEED)
    places = np.zeros(speeds.shape)
    places[:, 1:] = np.cumsum((speeds[:, 1:] + speeds[:, :-1]) / 2, axis=1)
    places *= (X.shape[1] - 1) / places[:, -1:]
    before = np.floor(places).astype(int).clip(0, X.shape[1] - 2)
    share = (places - before)[..., None]
    earlier = np.take_along_axis(X, before[..., None], axis=1)
    later = np.take_along_axis(X, before[..., None] + 1, axis=1)
    # between a value and a gap it is the nearer of them
    nearest = np.where(share < 0.5, earlier, later)
    between = earlier + share * (later - earlier)
    return np.where(np.isnan(between), nearest, between)
