"""Random numbers that are functions of a key: no state, so equal in every process."""

MASK = 2**64 - 1


def key_of(*words: int) -> int:
    """A number in [0, 2**64) that integers determine, and that looks random.

    References
    ----------
    Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA
    2014: the finaliser of SplitMix.

    Examples
    --------
    >>> key_of(1, 2) == key_of(1, 2), key_of(1, 2) == key_of(2, 1)
    (True, False)
    """
    key = 0
    for word in words:
        key = ((key ^ word) + 0x9E3779B97F4A7C15) & MASK
        key = ((key ^ (key >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        key = ((key ^ (key >> 27)) * 0x94D049BB133111EB) & MASK
        key ^= key >> 31
    return key


def uniform_of(key: int) -> float:
    """A key as a number in [0, 1)."""
    return (key >> 11) / 2**53
