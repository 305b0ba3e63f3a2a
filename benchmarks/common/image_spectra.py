"""Spectra of images: how strong a checkerboard of single pixels is in them."""

import numpy as np


def checkerboard_powers(images: np.ndarray) -> np.ndarray:
    """Power (n,) of each image at the highest frequency of both axes, as a share of all its power.

    A checkerboard of single pixels has this frequency; stripes of one axis do not. Generators leave
    such a pattern where they enlarge maps badly. Images are faded towards their edges first (a Hann
    window), as edges would count as detail otherwise.

    Parameters
    ----------
    images : (n, height, width) or (n, height, width, channels) array
        Images of even sides; those of a single value have none.

    Examples
    --------
    >>> rows, columns = np.indices((8, 8))
    >>> board = (-1.0) ** (rows + columns)
    >>> plain, checked = checkerboard_powers(np.stack([rows + columns, board]))
    >>> bool(checked > 100 * plain)
    True
    """
    values = images.reshape(*images.shape[:3], -1).astype(float)
    values -= values.mean(axis=(1, 2), keepdims=True)
    height, width = values.shape[1:3]
    # without the zeros at both ends
    window = np.outer(np.hanning(height + 2)[1:-1], np.hanning(width + 2)[1:-1])
    power = np.abs(np.fft.fft2(values * window[..., None], axes=(1, 2))) ** 2
    highest = power[:, height // 2, width // 2].sum(axis=1)
    return highest / (power.sum(axis=(1, 2, 3)) + np.finfo(float).tiny)
