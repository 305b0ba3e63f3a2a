"""Real images, moved a little: for classes too small to be learnt."""

from typing import Any

from jaxtyping import Float, Int
from torch import Tensor

from ganaug.training.diffaug import N_MOVES, move
from ganaug.training.ensemble import placeholder
from ganaug.training.latent import Noise, index_from_uniform, uniform_from_normal
from ganaug.training.rebuildable import RebuildableNetwork

# Latent coordinates that choose the image, and how it is moved.
N_CHOICES = 1 + N_MOVES


class MovedCopies(RebuildableNetwork):
    """Copies of real images, each moved, turned and scaled as its latent point says.

    Parameters
    ----------
    images : (n, channels, height, width)
        Encoded images of one class, one at least.
    moved : bool
        False for plain copies.

    Examples
    --------
    >>> import torch
    >>> copies = MovedCopies(torch.arange(128.0).reshape(2, 1, 8, 8), moved=False)
    >>> copies(torch.tensor([[[-1.0, 0, 0, 0, 0], [1.0, 0, 0, 0, 0]]]))[0, :, 0, 0, 0]
    tensor([ 0., 64.])
    """

    HOLDS_SAMPLES = True

    images: Tensor

    def __init__(self, images: Float[Tensor, "n channels height width"], moved: bool):
        super().__init__()
        self.moved = moved
        self.register_buffer("images", images[None])

    @property
    def config(self) -> dict[str, Any]:  # type: ignore[override]
        """Arguments of ``from_config``."""
        return {"shape": tuple(self.images.shape[1:]), "moved": self.moved}

    @classmethod
    def from_config(cls, shape: tuple[int, ...], moved: bool) -> "MovedCopies":
        """Copies of images that are to be replaced."""
        return cls(placeholder(*shape), moved)

    def finish_loading(self) -> None:
        """Raise a ValueError where there are no images."""
        if not self.images.shape[1]:
            raise ValueError("there are no images to copy")

    def forward(self, noise: Noise) -> Float[Tensor, "members batch channels height width"]:
        """Copy one image for each latent point."""
        index, moves = choose_and_move(noise, self.images.shape[1])
        images = self.images[:, index[0]]
        return move(images, moves) if self.moved else images


def choose_and_move(
    noise: Noise, n: int
) -> tuple[Int[Tensor, "members batch"], Float[Tensor, "members batch moves"]]:
    """Choose one of ``n`` images for each latent point, and how it is moved."""
    choice = uniform_from_normal(noise[..., :N_CHOICES])
    return index_from_uniform(choice[..., 0], n), 2 * choice[..., 1:] - 1
