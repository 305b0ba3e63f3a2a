"""Labels of samples as files of arrays hold them."""

import numpy as np


def plain_file_labels(labels: np.ndarray) -> np.ndarray:
    """Labels (n,) of such, or of a column (n, 1), with text for bytes.

    Examples
    --------
    >>> plain_file_labels(np.array([[b"cat"], [b"dog"]])).tolist()
    ['cat', 'dog']
    """
    if labels.shape[1:] == (1,):
        labels = labels[:, 0]
    if labels.dtype.kind in "SO":
        return np.array([label.decode() if isinstance(label, bytes) else label for label in labels])
    return labels
