"""Results of training a class."""

from dataclasses import dataclass

import numpy as np
from torch import nn


@dataclass(frozen=True)
class Trained:
    """Networks and figures that are kept of one class.

    Attributes
    ----------
    tier : str
        Name of the tier that serves it.
    generator : Module
        With one member, on the CPU.
    discriminator : Module or None
        With one member, on the CPU; None where nothing was trained.
    history : dict of str to (steps,) array
        ``HISTORY_KEYS`` at every step; empty arrays where nothing was trained.
    """

    tier: str
    generator: nn.Module
    discriminator: nn.Module | None
    history: dict[str, np.ndarray]
