"""Guided translation: generators make images of guides and of noise."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ganaug.training.pool import Pool
from ganaug.training.streams import Streams


class GuideBatch(NamedTuple):
    """Guides with noise, and the images that they came with.

    Attributes
    ----------
    guide, image : (members, batch, channels, height, width) each
    noise : (members, batch, latent)
    """

    guide: Tensor
    image: Tensor
    noise: Tensor


@dataclass(frozen=True)
class GuideSampler:
    """Sampler of real guides with their images, and of noise for each.

    Attributes
    ----------
    pool : Pool
        Guides and images, as channels of one.
    n_channels : int
        Number of channels of the guides, which come first.
    n_latent : int
        Width of the noise.

    Examples
    --------
    >>> from ganaug.training.streams import MemberStreams
    >>> pool = Pool(torch.zeros(9, 5, 8, 8), [torch.arange(9)])
    >>> drawn = GuideSampler(pool, 2, n_latent=7)(MemberStreams([0], torch.device("cpu")), 4)
    >>> drawn.guide.shape[2], drawn.image.shape[2], drawn.noise.shape
    (2, 3, torch.Size([1, 4, 7]))
    """

    pool: Pool
    n_channels: int
    n_latent: int

    def __call__(self, streams: Streams, n: int) -> GuideBatch:
        """Draw pairs, and noise."""
        both = self.pool.draw(streams.uniform(n))
        guide, image = both.tensor_split([self.n_channels], dim=2)
        return GuideBatch(guide, image, streams.normal(n, self.n_latent))


class GuidedGenerator(nn.Module):
    """Generator of images beside their guides, as discriminators are to see them.

    Parameters
    ----------
    network : Module
        Maps guides and noise to images.
    """

    def __init__(self, network: nn.Module):
        super().__init__()
        self.network = network

    def forward(self, inputs: GuideBatch) -> Tensor:
        """Guides and images, as channels of one."""
        return torch.cat([inputs.guide, self.network(inputs.guide, inputs.noise)], dim=2)


def best_of_two_l1(
    generator: Callable[[Any], Tensor], inputs: GuideBatch, samples: Tensor
) -> Float[Tensor, " members"]:
    """Mean absolute distance of real images to the nearer of two answers to their guides.

    The second answer is that to the opposite noise. As only the nearer one counts, what
    the guide leaves open may be left to the noise; the mean over all answers, which a
    plain distance asks for, would be the same blurred image whatever the noise.

    Parameters
    ----------
    generator : GuidedGenerator
        Generator of all members.
    inputs : GuideBatch
        Guides, their images, and noise.
    samples : (members, batch, channels, height, width)
        Samples that it made of the inputs.

    References
    ----------
    Gupta et al., "Social GAN: socially acceptable trajectories with generative
    adversarial networks", CVPR 2018: the variety loss.
    """
    opposite = generator(inputs._replace(noise=-inputs.noise))
    real = torch.cat([inputs.guide, inputs.image], dim=2)
    distances = [(fake - real).abs().flatten(2).sum(dim=2) for fake in (samples, opposite)]
    return torch.minimum(*distances).mean(dim=1) / inputs.image[0, 0].numel()
