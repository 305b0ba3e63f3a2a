"""Differentiable augmentation of sequences, which are images of a single row."""

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import grid_sample

from ganaug.training.streams import Streams

Sequences = Float[Tensor, "members batch channels 1 steps"]

# Probability with which each kind of change is made to what a discriminator sees.
PROBABILITY = 0.25

# Largest changes: shift, as a share of the length; of the pace, and of the amplitude, relative to
# it; standard deviation of the noise, relative to that of the channel.
SHIFT = 0.1
WARP = 0.3
AMPLITUDE = 0.2
NOISE = 0.1

# Waves by which the pace changes along a sequence.
N_WAVES = 3

# Numbers that say how a sequence is shifted, scaled and warped.
N_MOVES = 2 + N_WAVES


def resample(
    sequences: Sequences,
    shift: Float[Tensor, "members batch"],
    waves: Float[Tensor, "members batch waves"],
) -> Sequences:
    """Shift sequences and change their pace; what comes in from outside repeats the ends.

    Parameters
    ----------
    sequences : (members, batch, channels, 1, steps)
    shift : (members, batch)
        Share of the length.
    waves : (members, batch, waves)
        Amplitudes of half, whole, one and a half ... waves of the pace, relative to it.
    """
    n_members, n_batch, _, _, n_steps = sequences.shape
    # steps are in the middle of their cells of a range of length 1
    place = (torch.arange(n_steps, device=sequences.device) + 0.5) / n_steps
    numbers = math.pi * torch.arange(1, waves.shape[-1] + 1, device=sequences.device)
    phases = (numbers[:, None] * place).sin() / numbers[:, None]
    moved = place + shift[..., None] + waves @ phases
    along = (2 * moved - 1).flatten(0, 1)[:, None, :]
    grid = torch.stack([along, torch.zeros_like(along)], dim=-1)
    flat = grid_sample(sequences.flatten(0, 1), grid, padding_mode="border", align_corners=False)
    return flat.unflatten(0, (n_members, n_batch))


def vary(
    sequences: Sequences,
    moves: Float[Tensor, "members batch moves"],
    kinds: Collection[str],
    n_values: int,
) -> Sequences:
    """Shift and warp each sequence, and scale its values, as its moves say.

    Parameters
    ----------
    sequences : (members, batch, channels, 1, steps)
    moves : (members, batch, ``N_MOVES``)
        Of a shift, of an amplitude and of waves of the pace, in [-1, 1] of the largest.
    kinds : collection of str
        Changes to make: "shift", "scale" and "warp"; others make no difference.
    n_values : int
        Channels of values; those after them keep theirs.
    """
    if {"shift", "warp"} & set(kinds):
        distance = SHIFT * moves[..., 0] * ("shift" in kinds)
        sequences = resample(sequences, distance, WARP * moves[..., 2:] * ("warp" in kinds))
    if "scale" not in kinds:
        return sequences
    values = scaled(sequences[:, :, :n_values], moves[..., 1, None, None, None])
    return torch.cat([values, sequences[:, :, n_values:]], dim=2).clamp(-1, 1)


def shift(sequences: Sequences, streams: Streams, n_values: int) -> Sequences:
    """Shift along the time."""
    moves = SHIFT * (2 * streams.uniform(sequences.shape[1], 1) - 1)
    return resample(sequences, moves[..., 0], torch.zeros_like(moves))


def warp(sequences: Sequences, streams: Streams, n_values: int) -> Sequences:
    """Change the pace along the time."""
    waves = WARP * (2 * streams.uniform(sequences.shape[1], N_WAVES) - 1)
    return resample(sequences, torch.zeros_like(waves[..., 0]), waves)


def scale(sequences: Sequences, streams: Streams, n_values: int) -> Sequences:
    """Change the amplitude of each channel."""
    n_channels = sequences.shape[2]
    drawn = streams.uniform(sequences.shape[1], n_channels)[..., None, None]
    values = scaled(sequences[:, :, :n_values], 2 * drawn[:, :, :n_values] - 1)
    return torch.cat([values, sequences[:, :, n_values:]], dim=2)


def scaled(values: Sequences, amounts: Float[Tensor, "members batch #channels 1 1"]) -> Sequences:
    """Values whose distance from each channel's mean has changed, by ``AMPLITUDE`` at most."""
    mean = values.mean(dim=4, keepdim=True)
    return mean + (1 + AMPLITUDE * amounts) * (values - mean)


def noise(sequences: Sequences, streams: Streams, n_values: int) -> Sequences:
    """Add noise to every step."""
    values = sequences[:, :, :n_values]
    deviation = values.detach().std(dim=4, keepdim=True)
    drawn = streams.normal(sequences.shape[1], values[0, 0].numel()).view_as(values)
    values = values + NOISE * deviation * drawn
    return torch.cat([values, sequences[:, :, n_values:]], dim=2)


def channel_drop(sequences: Sequences, streams: Streams, n_values: int) -> Sequences:
    """Set one channel to the middle of its range."""
    place = streams.uniform(sequences.shape[1], 1) * n_values
    numbers = torch.arange(sequences.shape[2], device=sequences.device)
    return sequences.masked_fill((place.floor() == numbers)[..., None, None], 0.0)


Change = Callable[[Sequences, Streams, int], Sequences]

KINDS: dict[str, Change] = {
    "shift": shift,
    "warp": warp,
    "scale": scale,
    "noise": noise,
    "channel_drop": channel_drop,
}


@dataclass(frozen=True)
class SequenceAugmentation:
    """Random changes of the given kinds, each of a share of the sequences.

    The discriminators see real and generated sequences through it alike.

    Parameters
    ----------
    kinds : tuple of str
        Kinds of changes, keys of ``KINDS``.
    n_values : int
        Channels of values; those after them say where gaps are, and keep their values.
    probability : float, default=0.25
        Probability with which each kind of change is made to a sequence.

    References
    ----------
    Zhao et al., "Differentiable augmentation for data-efficient GAN training", NeurIPS 2020.

    Iwana and Uchida, "An empirical survey of data augmentation for time series classification
    with neural networks", PLOS ONE, 2021.

    Examples
    --------
    >>> from ganaug.training.streams import MemberStreams
    >>> streams = MemberStreams([0], torch.device("cpu"))
    >>> augmentation = SequenceAugmentation(("shift", "warp", "scale"), 2)
    >>> augmentation(torch.zeros(1, 3, 2, 1, 50), streams).shape
    torch.Size([1, 3, 2, 1, 50])
    """

    kinds: tuple[str, ...]
    n_values: int
    probability: float = PROBABILITY

    def __post_init__(self) -> None:
        if self.n_values < 1 or not set(self.kinds) <= set(KINDS):
            raise ValueError(f"changes are some of {list(KINDS)}; got {self.kinds!r}")
        if not 0 <= self.probability <= 1:
            raise ValueError(f"probability={self.probability!r} is none: 0 to 1 is expected")

    def __call__(self, sequences: Sequences, streams: Streams) -> Sequences:
        """Change sequences, each in its own way."""
        for kind in self.kinds:
            changed = KINDS[kind](sequences, streams, self.n_values)
            is_changed = streams.uniform(sequences.shape[1])[..., None, None, None]
            sequences = torch.where(is_changed < self.probability, changed, sequences)
        return sequences
