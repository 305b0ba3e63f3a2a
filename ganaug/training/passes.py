"""Passes through networks: how many samples one takes."""

# Values of samples in one pass at most.
MAX_VALUES = 2**23


def samples_per_pass(n_values: int, most: int) -> int:
    """Samples of so many values that go through a network at once: activations stay small.

    Parameters
    ----------
    n_values : int
        Values of one sample.
    most : int
        Samples at most, of few values.

    Examples
    --------
    >>> samples_per_pass(3 * 32 * 32, 256), samples_per_pass(3 * 512 * 512, 256)
    (256, 10)
    """
    return max(1, min(most, MAX_VALUES // max(1, n_values)))
