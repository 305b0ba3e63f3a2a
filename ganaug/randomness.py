"""Seeds without global generators, and random numbers that are functions of a key."""

import numpy as np
from sklearn.utils import check_random_state

# Seeds of classes, splits and methods are below it.
SEED_LIMIT = 2**31 - 1


def check_seed(random_state: int | np.random.RandomState | None) -> np.random.RandomState:
    """Make a seed a random state as ``sklearn.utils.check_random_state``; but None is a fresh one.

    scikit-learn would take, and so change, NumPy's global one for None.

    Examples
    --------
    >>> before = np.random.get_state()[1].copy()
    >>> number = check_seed(None).random_sample()
    >>> bool((np.random.get_state()[1] == before).all())
    True
    """
    return np.random.RandomState() if random_state is None else check_random_state(random_state)


def hash_keys(*words: int | np.ndarray) -> np.ndarray:
    """Numbers in [0, 2**64) that whole numbers determine, and that look random.

    They have no state, so that they are equal in every process.

    Parameters
    ----------
    words : int or (n,) array of int
        Numbers that the keys follow from, broadcast against one another.

    Returns
    -------
    (n,) array of uint64

    References
    ----------
    Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA
    2014: the finaliser of SplitMix.

    Examples
    --------
    >>> keys = hash_keys(7, np.array([1, 2, 1]))
    >>> bool(keys[0] == keys[2]), bool(keys[0] == keys[1])
    (True, False)
    """
    keys = np.zeros(1, dtype=np.uint64)
    for word in words:
        # arrays, as these wrap around in silence
        keys = (keys ^ np.atleast_1d(word).astype(np.uint64)) + np.uint64(0x9E3779B97F4A7C15)
        keys = (keys ^ (keys >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        keys = (keys ^ (keys >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        keys ^= keys >> np.uint64(31)
    return keys


def hash_uniform(keys: np.ndarray) -> np.ndarray:
    """Turn keys (n,) into numbers in [0, 1)."""
    return (keys >> np.uint64(11)) / 2**53
