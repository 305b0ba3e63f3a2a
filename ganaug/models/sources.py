"""Real images of which a translator makes others."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ganaug.encoding.image import ImageEncoder
from ganaug.training.diffaug import move
from ganaug.training.untrained.moved_copies import N_CHOICES, choose_and_move


@dataclass(frozen=True, eq=False)
class ImageSources:
    """Images among which latent points choose, each moved as its point says.

    Attributes
    ----------
    images : (n, ...) array
        Images, others among them.
    encoder : ImageEncoder
        Encoder of the images.
    rows : (n_sources,) array of int
        Numbers of the images to choose from.
    moved : bool
        False where images stay in their place.
    """

    images: np.ndarray
    encoder: ImageEncoder
    rows: np.ndarray
    moved: bool

    def __deepcopy__(self, memo: dict[int, Any]) -> "ImageSources":
        # nothing in it changes, and images are many
        return self

    def choose(self, noise: Tensor) -> tuple[np.ndarray, Tensor]:
        """Choose an image for each latent point (n, n_latent): its number, and how it is moved."""
        index, moves = choose_and_move(noise[None], len(self.rows))
        return self.rows[index[0].cpu().numpy()], moves

    def draw(self, noise: Tensor) -> Tensor:
        """Encoded images (1, n, channels, height, width) for latent points (n, n_latent)."""
        rows, moves = self.choose(noise)
        sources = torch.from_numpy(self.encoder.encode(self.images[rows]))
        sources = sources.to(noise.device)[None]
        return move(sources, moves) if self.moved else sources


class TranslatingGenerator(nn.Module):
    """Generator that makes images of real ones, which latent points choose.

    Parameters
    ----------
    network : Module
        Maps encoded images and what is left of the latent points to images.
    sources : ImageSources
    """

    def __init__(self, network: nn.Module, sources: ImageSources):
        super().__init__()
        self.network = network
        self.sources = sources

    def forward(self, noise: Tensor) -> Tensor:
        """Translate one image for each latent point (1, n, n_latent)."""
        return self.network(self.sources.draw(noise[0]), noise[..., N_CHOICES:])


def same_choice(points: Tensor) -> Tensor:
    """Latent points (n, n_latent) that all choose the image which the first one chooses."""
    points[:, 0] = points[0, 0]
    return points
