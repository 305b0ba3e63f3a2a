"""Real sequences, shifted, warped and scaled a little: for classes too small to be learnt."""

from typing import Any

from jaxtyping import Float
from torch import Tensor

from ganaug.training.ensemble import placeholder
from ganaug.training.latent import Noise, index_from_uniform, uniform_from_normal
from ganaug.training.rebuildable import RebuildableNetwork
from ganaug.training.sequence_diffaug import N_MOVES, vary

# Latent coordinates that choose the sequence, and how it is changed.
N_CHOICES = 1 + N_MOVES


class WarpedCopies(RebuildableNetwork):
    """Copies of real sequences, each changed as its latent point says.

    Parameters
    ----------
    sequences : (n, channels, 1, steps)
        Encoded sequences of one class, one at least.
    n_values : int
        Channels of values; those after them say where gaps are.
    kinds : tuple of str
        Changes: "shift", "warp", "scale"; others make no difference.

    Examples
    --------
    >>> import torch
    >>> copies = WarpedCopies(torch.arange(16.0).reshape(2, 1, 1, 8), 1, ())
    >>> copies(torch.tensor([[[-1.0, 0, 0, 0, 0, 0], [1.0, 0, 0, 0, 0, 0]]]))[0, :, 0, 0, 0]
    tensor([0., 8.])
    """

    HOLDS_SAMPLES = True

    sequences: Tensor

    def __init__(
        self,
        sequences: Float[Tensor, "n channels 1 steps"],
        n_values: int,
        kinds: tuple[str, ...],
    ):
        super().__init__()
        self.n_values = n_values
        self.kinds = tuple(kinds)
        self.register_buffer("sequences", sequences[None])

    @property
    def config(self) -> dict[str, Any]:  # type: ignore[override]
        """Arguments of ``from_config``."""
        shape = tuple(self.sequences.shape[1:])
        return {"shape": shape, "n_values": self.n_values, "kinds": self.kinds}

    @classmethod
    def from_config(
        cls, shape: tuple[int, ...], n_values: int, kinds: tuple[str, ...]
    ) -> "WarpedCopies":
        """Copies of sequences that are to be replaced."""
        return cls(placeholder(*shape), n_values, kinds)

    def finish_loading(self) -> None:
        """Raise a ValueError where there are no sequences."""
        n, n_channels = self.sequences.shape[1:3]
        if not n or not 0 < self.n_values <= n_channels:
            raise ValueError("there are no sequences to copy")

    def forward(self, noise: Noise) -> Float[Tensor, "members batch channels 1 steps"]:
        """Copy one sequence for each latent point."""
        choice = uniform_from_normal(noise[..., :N_CHOICES])
        index = index_from_uniform(choice[..., 0], self.sequences.shape[1])
        sequences = self.sequences[:, index[0]]
        return vary(sequences, 2 * choice[..., 1:] - 1, self.kinds, self.n_values)
