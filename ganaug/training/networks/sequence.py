"""Generator of sequences."""

import torch
from jaxtyping import Float
from torch import Tensor

from ganaug.training.ensemble import WeightStreams
from ganaug.training.latent import Noise, random_projection
from ganaug.training.networks.image import ImageGenerator
from ganaug.training.networks.image_stages import StageSizes

# Share of the frequencies, the lowest, that noise is not added to: what is missing there are
# shapes, which noise does not make.
LOWEST = 0.125

# Sequences drawn at a time to see their power.
AT_ONCE = 256

Sequences = Float[Tensor, "members batch channels 1 steps"]


class SequenceGenerator(ImageGenerator):
    """Maps noise to sequences: images of a single row, and the fine noise that they lack.

    Networks make smooth curves. After the game, ``match_spectrum`` measures how much less power
    drawn sequences have than real ones at each of the higher frequencies; noise with that power
    is added to what the network makes.

    Parameters
    ----------
    n_latent : int
        Width of the noise.
    sizes, streams
        As in ``ImageGenerator``.
    """

    amplitudes: Tensor

    def __init__(self, n_latent: int, sizes: StageSizes, streams: WeightStreams):
        super().__init__(n_latent, sizes, streams)
        shape = len(streams), sizes.n_channels, sizes.width // 2 + 1
        self.register_buffer("amplitudes", torch.zeros(shape))
        self._adds_noise = False

    def forward(self, noise: Noise) -> Sequences:
        """Generate one sequence from each latent point."""
        sequences = super().forward(noise)
        if not self._adds_noise:
            return sequences
        n_channels, _, n_steps = sequences.shape[2:]
        white = random_projection(noise, n_channels * n_steps).unflatten(2, (n_channels, n_steps))
        spectrum = torch.fft.rfft(white) * self.amplitudes[:, None]
        return (sequences + torch.fft.irfft(spectrum, n=n_steps)[..., None, :]).clamp(-1, 1)

    def match_spectrum(
        self,
        real: Float[Tensor, "n channels 1 steps"],
        noise: Float[Tensor, "drawn latent"],
        n_values: int,
    ) -> None:
        """Add the power that drawn sequences lack, of a generator of one member.

        Parameters
        ----------
        real : (n, channels, 1, steps)
            Encoded sequences of the class.
        noise : (drawn, n_latent)
            Latent points of sequences to compare with these.
        n_values : int
            Channels of values; those after them get no noise.
        """
        with torch.no_grad():
            parts = [
                super(SequenceGenerator, self).forward(part[None])[0]
                for part in noise.split(AT_ONCE)
            ]
            missing = (power(real) - power(torch.cat(parts))).clamp_min(0)
            missing[n_values:] = 0
            missing[:, : int(LOWEST * missing.shape[1])] = 0
            # white noise of unit variance has a power of one in each step
            self.amplitudes = (missing / real.shape[-1]).sqrt()[None]
        self._adds_noise = True

    def finish_loading(self) -> None:
        """Add noise again, where some was missing."""
        if not bool((self.amplitudes >= 0).all() & self.amplitudes.isfinite().all()):
            raise ValueError("amplitudes of noise are 0 or more")
        self._adds_noise = bool((self.amplitudes > 0).any())


def power(sequences: Float[Tensor, "n channels 1 steps"]) -> Float[Tensor, "channels frequencies"]:
    """Mean power of sequences around the straight lines from their first to their last values.

    The jump from the end to the start of one that does not end where it began has power at all
    frequencies, and no noise makes it.

    Examples
    --------
    >>> power(torch.arange(8.0)[None, None, None]).max() < 1e-9
    tensor(True)
    """
    steps = sequences[:, :, 0]
    share = torch.linspace(0, 1, steps.shape[2], dtype=steps.dtype, device=steps.device)
    lines = torch.lerp(steps[..., :1], steps[..., -1:], share)
    centred = steps - lines
    centred = centred - centred.mean(dim=2, keepdim=True)
    return torch.fft.rfft(centred).abs().square().mean(dim=0)
