"""Generator of images as an ordinary network: noise in, images out."""

from jaxtyping import Float
from torch import Tensor, nn


class GeneratorModule(nn.Module):
    """Maps noise to images, as torch users know it.

    ``ImageGAN.generator_module`` gives one.

    Parameters
    ----------
    generator : Module
        Maps latent points (1, n, n_latent) to images (1, n, channels, height, width) in [-1, 1].
    n_latent : int
        Width of the noise.
    std : float
        Standard deviation that standard normal noise is brought to.
    low, high : float
        Values of black and white of the images that it makes.
    """

    def __init__(self, generator: nn.Module, n_latent: int, std: float, low: float, high: float):
        super().__init__()
        self.generator = generator
        self.input_shape = (n_latent,)
        self._std = std
        self._low = low
        self._high = high

    def forward(self, noise: Float[Tensor, "n latent"]) -> Float[Tensor, "n channels height width"]:
        """Images of standard normal noise; equal noise gives equal images."""
        codes = self.generator(self._std * noise[None])[0]
        return (codes.clip(-1, 1) + 1) * ((self._high - self._low) / 2) + self._low
