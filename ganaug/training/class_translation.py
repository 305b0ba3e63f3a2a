"""Translation from class to class and back: samples of other classes for each generator."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ganaug.training.input_samplers import l1_loss
from ganaug.training.pool import Pool
from ganaug.training.streams import Streams

Samples = Float[Tensor, "members batch *features"]
Shift = Int[Tensor, " batch"]


class TranslationBatch(NamedTuple):
    """Samples of other classes, one class for each member.

    Attributes
    ----------
    source : (members, batch, *features)
        Inputs of the generators: real samples of member k + shift, for member k.
    real : (members, batch, *features)
        Real samples of each member itself, which the sources are taken from.
    shift : (batch,)
        Integers from 1 to the number of members - 1.
    """

    source: Tensor
    real: Tensor
    shift: Tensor


@dataclass(frozen=True)
class TranslationSampler:
    """Sampler of all classes that gives each class the samples of another.

    In every place of the batch, classes are shifted by the same number. So each of the
    samples goes to one other class, and has one place to come back to.

    Attributes
    ----------
    pool : Pool
        Real samples, with a member for each class.

    Examples
    --------
    >>> from ganaug.training.streams import MemberStreams
    >>> pool = Pool(torch.arange(3.0)[:, None], torch.arange(3).split(1))
    >>> drawn = TranslationSampler(pool)(MemberStreams([0, 1, 2], torch.device("cpu")), 4)
    >>> bool(((drawn.real + drawn.shift[:, None]) % 3 == drawn.source).all())
    True
    """

    pool: Pool

    def __call__(self, streams: Streams, n: int) -> TranslationBatch:
        """Draw samples, and which class each goes to."""
        real = self.pool.draw(streams.uniform(n))
        n_others = self.pool.n_members - 1
        shift = 1 + (streams.uniform(n)[0] * n_others).long().clamp_max(n_others - 1)
        return TranslationBatch(roll_members(real, shift), real, shift)


def roll_members(samples: Samples, shift: Shift) -> Samples:
    """Give member k the samples of member k + shift, counted in a circle."""
    n_members, n_batch = samples.shape[:2]
    place = torch.arange(n_batch, device=samples.device)
    member = torch.arange(n_members, device=samples.device)[:, None]
    return samples[(member + shift) % n_members, place]


def cycle_loss(
    translate: Callable[[Samples], Samples], batch: TranslationBatch, translated: Samples
) -> Float[Tensor, " members"]:
    """Distance of samples from what they were after a translation there and back.

    Samples that the generators of their own class receive should stay as they are (identity
    mapping); that counts half.

    Parameters
    ----------
    translate : callable
        The generators.
    batch : TranslationBatch
        Real samples, and whose generators receive which.
    translated : (members, batch, *features)
        Samples that the generators made of the sources.

    References
    ----------
    Zhu et al., "Unpaired image-to-image translation using cycle-consistent adversarial
    networks", ICCV 2017; one network for all classes as in Choi et al., "StarGAN",
    CVPR 2018.
    """
    returned = roll_members(translated, -batch.shift)
    both = translate(torch.cat([returned, batch.real], dim=1))
    reconstructed, identical = both.chunk(2, dim=1)
    return l1_loss(batch.real, reconstructed) + l1_loss(batch.real, identical) / 2
