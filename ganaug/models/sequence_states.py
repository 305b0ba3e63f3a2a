"""Fitted state of models of sequences, as files hold it."""

from dataclasses import dataclass

import numpy as np

from ganaug.encoding.sequence import SequenceEncoder
from ganaug.models.state_checks import check_copies, check_labels
from ganaug.models.states import FittedClasses, check_trained
from ganaug.storage.fields import attribute as of
from ganaug.training.networks.sequence import SequenceGenerator
from ganaug.training.untrained.warped_copies import WarpedCopies


@dataclass(frozen=True, eq=False)
class FittedSequenceGAN(FittedClasses):
    """Fitted state of a ``SequenceGAN``, as files hold it."""

    encoder: SequenceEncoder = of("_encoder")
    X: np.ndarray = of("_X")
    y: np.ndarray = of("_y")

    def __post_init__(self) -> None:
        super().__post_init__()
        encoder = self.encoder
        sides = 1, encoder.n_steps
        if len(self.X):
            check_labels(self.X, self.y, self.classes, "sequences")
            encoder.check_shape(self.X)
        elif any(generator.HOLDS_SAMPLES for generator in self.generators.values()):
            raise ValueError("it has no training sequences, and draws from them")
        check_copies(self, WarpedCopies, (encoder.n_channels, *sides), "sequences")
        check_trained(self, SequenceGenerator, sides, encoder.n_channels, sizes=encoder.n_channels)
