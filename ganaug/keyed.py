"""Random numbers that are functions of a key: no state, so equal in every process."""

import numpy as np


def keys_of(*words: int | np.ndarray) -> np.ndarray:
    """Numbers in [0, 2**64) that whole numbers determine, and that look random.

    Parameters
    ----------
    words : int or (n,) array of int
        Broadcast against one another.

    Returns
    -------
    (n,) array of uint64

    References
    ----------
    Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA
    2014: the finaliser of SplitMix.

    Examples
    --------
    >>> keys = keys_of(7, np.array([1, 2, 1]))
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


def uniform_of(keys: np.ndarray) -> np.ndarray:
    """Keys as numbers in [0, 1)."""
    return (keys >> np.uint64(11)) / 2**53
