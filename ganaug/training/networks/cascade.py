"""Large images in two steps: a generator of small ones, and a network that enlarges those."""

from typing import Any

from torch import Tensor, nn


class Cascade(nn.Module):
    """Generator of small images, and the network that enlarges them.

    Parameters
    ----------
    generator : Module
        Maps inputs to images (members, batch, channels, height, width).
    upscaler : Upscaler
        Upscaler of one member, whatever the members of the generator.

    References
    ----------
    Denton et al., "Deep generative image models using a Laplacian pyramid of adversarial
    networks", NeurIPS 2015.

    Examples
    --------
    >>> import torch
    >>> from ganaug.training.networks.upscaler import Upscaler
    >>> upscaler = Upscaler(1, 2, [torch.Generator()])
    >>> Cascade(nn.Identity(), upscaler)(torch.zeros(3, 4, 1, 8, 8)).shape
    torch.Size([3, 4, 1, 16, 16])
    """

    def __init__(self, generator: nn.Module, upscaler: nn.Module):
        super().__init__()
        self.generator = generator
        self.upscaler = upscaler

    def forward(self, inputs: Any) -> Tensor:
        """Make large images; values may leave [-1, 1]."""
        small = self.generator(inputs)
        # the upscaler has seen nothing outside the range
        large = self.upscaler(small.clip(-1, 1).flatten(0, 1)[None])
        return large[0].unflatten(0, small.shape[:2])
