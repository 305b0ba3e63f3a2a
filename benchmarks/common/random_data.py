"""Random tables and images of classes that differ: data whose cost counts, and nothing else."""

import numpy as np
import pandas as pd


def random_table(n_rows: int, n_classes: int, seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Rows of eight numbers and two categories, with classes that differ in their means."""
    rng = np.random.default_rng(seed)
    y = np.arange(n_rows) % n_classes
    X = rng.standard_normal((n_rows, 10)) + rng.standard_normal((n_classes, 10))[y]
    frame = pd.DataFrame(X[:, :8], columns=list("abcdefgh"))
    for name, numbers in zip("ij", X[:, 8:].T, strict=True):
        frame[name] = pd.cut(numbers, 6, labels=list("ABCDEF"))
    return frame, y


def random_images(y: np.ndarray, side: int, n_channels: int, seed: int) -> np.ndarray:
    """Smooth images of the classes ``y``, each around a mean image."""
    rng = np.random.default_rng(seed)
    coarse = rng.standard_normal((y.max() + 1, 4, 4, n_channels))[y]
    coarse = coarse + rng.standard_normal(coarse.shape)
    fine = coarse.repeat(side // 4, axis=1).repeat(side // 4, axis=2)
    return (128 + 32 * fine).clip(0, 255).astype(np.uint8)
