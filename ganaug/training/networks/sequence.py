"""Generator of sequences."""

import math
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import pad

from ganaug.training.ensemble import WeightStreams
from ganaug.training.latent import Noise, random_projection
from ganaug.training.networks.image import ImageGenerator
from ganaug.training.networks.image_stages import StageSizes

# Share of the frequencies, the lowest, that stay as they are: they make the shapes.
LOWEST = 0.125

# Of short sequences the mean and one wave.
MIN_LOWEST = 2

# Steps over which the strength of noise is averaged, and what stands for none.
WINDOW = 9
TINY = 1e-20

# Sequences drawn at a time to see their power.
AT_ONCE = 256

Sequences = Float[Tensor, "members batch channels 1 steps"]


class SequenceGenerator(ImageGenerator):
    """Maps noise to sequences: images of a single row, with the power of real ones.

    Networks make smooth curves, and ripples where they enlarge maps. After the game,
    ``match_power`` measures the power of drawn sequences and of real ones at each of the higher
    frequencies. Where most drawn ones, and their mean, have more, it is filtered out; where most
    have less, noise with the rest is added to what the network makes, where real ones are rough.

    Parameters
    ----------
    n_latent : int
        Width of the noise.
    sizes, streams
        As in ``ImageGenerator``.
    """

    ADDED_LATER = ("gains",)

    amplitudes: Tensor
    envelope: Tensor
    gains: Tensor

    def __init__(self, n_latent: int, sizes: StageSizes, streams: WeightStreams):
        super().__init__(n_latent, sizes, streams)
        shape = len(streams), sizes.n_channels
        self.register_buffer("amplitudes", torch.zeros(*shape, sizes.width // 2 + 1))
        self.register_buffer("envelope", torch.ones(*shape, sizes.width))
        self.register_buffer("gains", torch.ones(*shape, sizes.width // 2 + 1))
        self._adds_noise = False
        self._filters = False

    def forward(self, noise: Noise) -> Sequences:
        """Generate one sequence from each latent point."""
        sequences = super().forward(noise)
        if not (self._adds_noise or self._filters):
            return sequences
        steps = sequences[..., 0, :]
        shape = steps.shape[2:]
        if self._filters:
            lines = straight_lines(steps)
            steps = lines + _filtered(steps - lines, self.gains)
        if self._adds_noise:
            white = random_projection(noise, shape.numel()).unflatten(2, shape)
            steps = steps + _filtered(white, self.amplitudes) * self.envelope[:, None]
        return steps.clamp(-1, 1)[..., None, :]

    def match_power(
        self,
        real: Float[Tensor, "n channels 1 steps"],
        noise: Float[Tensor, "drawn latent"],
        n_values: int,
    ) -> None:
        """Give drawn sequences the power of real ones, of a generator of one member.

        Parameters
        ----------
        real : (n, channels, 1, steps)
            Encoded sequences of the class.
        noise : (drawn, n_latent)
            Latent points of sequences to compare with these.
        n_values : int
            Channels of values; those after them say where gaps are, and stay as they are.
        """
        with torch.no_grad():
            parts = [
                super(SequenceGenerator, self).forward(part[None])[0]
                for part in noise.split(AT_ONCE)
            ]
            drawn = powers(torch.cat(parts))
            wanted = powers(real)
            missing = (of_most(wanted) - of_most(drawn)).clamp_min(0)
            averages = (of_most, partial(torch.mean, dim=0))
            shares = [of(wanted) / of(drawn).clamp_min(TINY) for of in averages]
            share = torch.maximum(*shares).clamp_max(1)
            n_lowest = max(MIN_LOWEST, int(LOWEST * share.shape[1]))
            for values, as_it_is in ((missing, 0), (share, 1)):
                values[n_values:] = as_it_is
                values[:, :n_lowest] = as_it_is
            # white noise of unit variance has a power of one in each step
            self.amplitudes = (missing / real.shape[-1]).sqrt()[None]
            self.envelope = roughness(real)[None]
            self.gains = share.sqrt()[None]
        self._remember_what_to_do()

    def finish_loading(self) -> None:
        """Add noise and filter again, where some power was missing, or too much."""
        for name in ("amplitudes", "envelope", "gains"):
            values = getattr(self, name)
            if not bool(((values >= 0) & values.isfinite()).all()):
                raise ValueError(f"the {name} of sequences must be 0 or more")
        self._remember_what_to_do()

    def _remember_what_to_do(self) -> None:
        """Remember whether there is noise to add and power to filter out."""
        self._adds_noise = bool((self.amplitudes > 0).any())
        self._filters = bool((self.gains < 1).any())


def straight_lines(steps: Float[Tensor, "*n steps"]) -> Float[Tensor, "*n steps"]:
    """Straight lines from the first to the last values of sequences.

    Examples
    --------
    >>> straight_lines(torch.tensor([1.0, 9.0, 3.0]))
    tensor([1., 2., 3.])
    """
    share = torch.linspace(0, 1, steps.shape[-1], dtype=steps.dtype, device=steps.device)
    return torch.lerp(steps[..., :1], steps[..., -1:], share)


def _filtered(
    steps: Float[Tensor, "members batch channels steps"],
    gains: Float[Tensor, "members channels frequencies"],
) -> Float[Tensor, "members batch channels steps"]:
    """Sequences with the amplitude of each frequency multiplied by a gain."""
    return torch.fft.irfft(torch.fft.rfft(steps) * gains[:, None], n=steps.shape[-1])


def powers(
    sequences: Float[Tensor, "n channels 1 steps"],
) -> Float[Tensor, "n channels frequencies"]:
    """Power of sequences around the straight lines from their first to their last values.

    The jump from the end to the start of one that does not end where it began has power at all
    frequencies, and no noise makes it.

    Examples
    --------
    >>> powers(torch.arange(8.0)[None, None, None]).max() < 1e-9
    tensor(True)
    """
    steps = sequences[:, :, 0]
    centred = steps - straight_lines(steps)
    centred = centred - centred.mean(dim=2, keepdim=True)
    return torch.fft.rfft(centred).abs().square()


def of_most(powers: Float[Tensor, "n *each"]) -> Float[Tensor, "*each"]:
    """Median of powers, over that of noise of a mean power of 1: few that jump change little."""
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
