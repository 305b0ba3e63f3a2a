"""A model, and real samples to judge it by."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ganaug.encoding.rows import take_rows


@dataclass(frozen=True)
class HeldOutModel:
    """A model, and real samples that it has not seen.

    Attributes
    ----------
    model : fitted model
    X, y : samples of the classes that it was trained on
    """

    model: Any
    X: Any
    y: np.ndarray

    @classmethod
    def of(cls, model: Any, X: Any, y: np.ndarray) -> "HeldOutModel":
        """Keep the samples of classes that the model was trained on."""
        rows = np.flatnonzero(np.isin(y, getattr(model, "classes_", [])))
        return cls(model, take_rows(X, rows), y[rows])
