"""Generator of sequences."""

import math

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import pad

from ganaug.training.ensemble import WeightStreams
from ganaug.training.latent import Noise, random_projection
from ganaug.training.networks.image import ImageGenerator
from ganaug.training.networks.image_stages import StageSizes

# Share of the frequencies, the lowest, that noise is not added to: what is missing there are
# shapes, which noise does not make.
LOWEST = 0.125

# Steps over which the strength of noise is averaged, and what stands for none.
WINDOW = 9
TINY = 1e-20

# Sequences drawn at a time to see their power.
AT_ONCE = 256

Sequences = Float[Tensor, "members batch channels 1 steps"]


class SequenceGenerator(ImageGenerator):
    """Maps noise to sequences: images of a single row, and the fine noise that they lack.

    Networks make smooth curves. After the game, ``add_noise`` measures how much less power drawn
    sequences have than real ones at each of the higher frequencies; noise with that power is
    added to what the network makes, where real ones are rough.

    Parameters
    ----------
    n_latent : int
        Width of the noise.
    sizes, streams
        As in ``ImageGenerator``.
    """

    amplitudes: Tensor
    envelope: Tensor

    def __init__(self, n_latent: int, sizes: StageSizes, streams: WeightStreams):
        super().__init__(n_latent, sizes, streams)
        shape = len(streams), sizes.n_channels
        self.register_buffer("amplitudes", torch.zeros(*shape, sizes.width // 2 + 1))
        self.register_buffer("envelope", torch.ones(*shape, sizes.width))
        self._adds_noise = False

    def forward(self, noise: Noise) -> Sequences:
        """Generate one sequence from each latent point."""
        sequences = super().forward(noise)
        if not self._adds_noise:
            return sequences
        n_channels, _, n_steps = sequences.shape[2:]
        white = random_projection(noise, n_channels * n_steps).unflatten(2, (n_channels, n_steps))
        added = torch.fft.irfft(torch.fft.rfft(white) * self.amplitudes[:, None], n=n_steps)
        return (sequences + (added * self.envelope[:, None])[..., None, :]).clamp(-1, 1)

    def add_noise(
        self,
        real: Float[Tensor, "n channels 1 steps"],
        noise: Float[Tensor, "drawn latent"],
        n_values: int,
    ) -> None:
        """Add the noise that drawn sequences lack, of a generator of one member.

        Parameters
        ----------
        real : (n, channels, 1, steps)
            Encoded sequences of the class.
        noise : (drawn, n_latent)
            Latent points of sequences to compare with these.
        n_values : int
            Channels of values; those after them say where gaps are, and get no noise.
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
            self.envelope = roughness(real)[None]
        self._adds_noise = True

    def finish_loading(self) -> None:
        """Add noise again, where some was missing."""
        for name in ("amplitudes", "envelope"):
            values = getattr(self, name)
            if not bool(((values >= 0) & values.isfinite()).all()):
                raise ValueError(f"the {name} of noise must be 0 or more")
        self._adds_noise = bool((self.amplitudes > 0).any())


def power(sequences: Float[Tensor, "n channels 1 steps"]) -> Float[Tensor, "channels frequencies"]:
    """Power of most sequences around the straight lines from their first to their last values.

    It is the median over sequences, over that of noise of a mean power of 1: a few that jump
    count for no more than others.

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
    powers = torch.fft.rfft(centred).abs().square()
    return powers.median(dim=0).values / math.log(2)


def roughness(real: Float[Tensor, "n channels 1 steps"]) -> Float[Tensor, "channels steps"]:
    """Strength of the noise of sequences along their steps, of mean square 1.

    Differences of second order tell of it, by their median over sequences and over a window.
    """
    steps = real[:, :, 0]
    if steps.shape[2] < 2 * WINDOW:
        return torch.ones_like(steps[0])
    rough = steps.diff(n=2, dim=2).abs().median(dim=0).values
    ends = pad(rough[None], (1 + WINDOW // 2, 1 + WINDOW // 2), mode="replicate")[0]
    smooth = ends.unfold(1, WINDOW, 1).mean(dim=2)[:, : steps.shape[2]]
    mean_square = smooth.square().mean(dim=1, keepdim=True)
    return torch.where(mean_square > 0, smooth / mean_square.clamp_min(TINY).sqrt(), 1.0)
