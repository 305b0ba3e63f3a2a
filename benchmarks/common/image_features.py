"""Features in which sets of images are compared."""

import numpy as np

from ganaug.metrics.features import random_cnn_features
from ganaug.metrics.kid import kid as feature_kid


def image_features(X: np.ndarray) -> np.ndarray:
    """Features by fixed random networks of (n, H, W) or (n, H, W, C) images of uint8."""
    images = X[:, None] if X.ndim == 3 else X.transpose(0, 3, 1, 2)
    return random_cnn_features(images / 127.5 - 1)


def kid(real: np.ndarray, fake: np.ndarray) -> float:
    """Kernel distance of two sets of images; lower is nearer."""
    return feature_kid(image_features(real), image_features(fake))
