"""Seeds, without numpy's or torch's global generators."""

import numpy as np
from sklearn.utils import check_random_state

# Seeds of classes, splits and methods are below it.
SEED_LIMIT = 2**31 - 1


def own_random_state(random_state: int | np.random.RandomState | None) -> np.random.RandomState:
    """As scikit-learn's ``check_random_state``; but None is a fresh, unpredictable stream.

    scikit-learn would draw from, and so change, numpy's global one.

    Examples
    --------
    >>> before = np.random.get_state()[1].copy()
    >>> number = own_random_state(None).random_sample()
    >>> bool((np.random.get_state()[1] == before).all())
    True
    """
    return np.random.RandomState() if random_state is None else check_random_state(random_state)
