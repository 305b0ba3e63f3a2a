"""Identifiers among whole numbers."""

import numpy as np

# Rows from which whole numbers that are all different and lie close together are no measurements,
# and how many times as far they may reach.
MIN_ROWS = 30
MAX_REACH = 2


def look_like_identifiers(numbers: np.ndarray) -> bool:
    """True for whole numbers (n,) that are all different and lie close together.

    Examples
    --------
    >>> look_like_identifiers(np.arange(100, 140)), look_like_identifiers(10 * np.arange(40))
    (True, False)
    """
    if len(numbers) < MIN_ROWS or not are_distinct(numbers):
        return False
    return int(numbers.max()) - int(numbers.min()) < MAX_REACH * len(numbers)


def are_distinct(numbers: np.ndarray) -> bool:
    """True for numbers (n,) none of which occurs twice."""
    return len(np.unique(numbers)) == len(numbers)
