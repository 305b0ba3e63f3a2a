"""Results of training a class."""

from dataclasses import dataclass

import numpy as np
from torch import Tensor, nn

from ganaug.training.step import HISTORY_KEYS


@dataclass(frozen=True)
class TrainedClass:
    """Networks and history of one class.

    Attributes
    ----------
    tier : str
        Name of the tier that serves it.
    generator : Module
        With one member, on the CPU.
    discriminator : Module or None
        With one member, on the CPU; None where nothing was trained.
    history : dict of str to (steps,) array
        Values of ``HISTORY_KEYS`` at every step; empty arrays where nothing was trained.
    health : str
        How its game went: of ``ganaug.training.health.VERDICTS``.
    """

    tier: str
    generator: nn.Module
    discriminator: nn.Module | None
    history: dict[str, np.ndarray]
    health: str


def history_arrays(history: Tensor) -> dict[str, np.ndarray]:
    """The history of one member, (steps, values), by its keys."""
    return dict(zip(HISTORY_KEYS, history.T.numpy().copy(), strict=True))
