"""Sizes of the maps inside networks for images."""

import math
from dataclasses import dataclass

# Sides are halved until the shorter one is at most this long.
COARSEST = 7

# Images with a shorter side above this enter and leave the networks with every 2 x 2 pixels
# folded into channels: the stage of full resolution, which would cost the most, is spared.
LARGEST_UNFOLDED = 16


@dataclass(frozen=True)
class StageSizes:
    """Sizes of the maps inside both networks, from the finest stage to the coarsest.

    Attributes
    ----------
    n_channels, height, width : int
        Sizes of the images.
    folded : bool
        True where 2 x 2 pixels are folded into channels at the finest stage.
    resolutions : tuple of (height, width)
        Height and width of each stage's maps; each is half the one before.
    channels : tuple of int
        Number of channels of each stage.
    """

    n_channels: int
    height: int
    width: int
    folded: bool
    resolutions: tuple[tuple[int, int], ...]
    channels: tuple[int, ...]

    def __post_init__(self) -> None:
        if not (0 < len(self.resolutions) == len(self.channels) and all(self.channels)):
            raise ValueError(f"{len(self.resolutions)} stages have no channels {self.channels}")
        halves = zip(self.resolutions, self.resolutions[1:], strict=False)
        halved = all((2 * a, 2 * b) == larger for larger, (a, b) in halves)
        factor = 2 if self.folded else 1
        rows, columns = (factor * side for side in self.resolutions[0])
        if not (halved and self.n_channels > 0 < self.height <= rows and 0 < self.width <= columns):
            raise ValueError(
                f"stages of the resolutions {self.resolutions} are none of such images"
            )

    @property
    def padded(self) -> tuple[int, int]:
        """Sides that the networks work with: those of the image, rounded up."""
        factor = 2 if self.folded else 1
        return self.resolutions[0][0] * factor, self.resolutions[0][1] * factor

    @property
    def margin(self) -> tuple[int, int, int, int]:
        """Pixels added left, right, above and below."""
        vertical = self.padded[0] - self.height
        horizontal = self.padded[1] - self.width
        left = horizontal // 2
        top = vertical // 2
        return left, horizontal - left, top, vertical - top


def stage_sizes(n_channels: int, height: int, width: int, capacity: float) -> StageSizes:
    """Stages for images of a size.

    Parameters
    ----------
    n_channels, height, width : int
        Sizes of the images.
    capacity : float
        Multiplies the number of channels of every stage.

    Examples
    --------
    >>> sizes = stage_sizes(1, 28, 28, capacity=1.0)
    >>> sizes.resolutions, sizes.channels
    (((14, 14), (7, 7)), (16, 32))
    >>> stage_sizes(3, 50, 64, capacity=1.0).padded
    (56, 64)
    """
    n_halvings = max(0, math.ceil(math.log2(min(height, width) / COARSEST)))
    folded = min(height, width) > LARGEST_UNFOLDED
    coarsest = [math.ceil(side / 2**n_halvings) for side in (height, width)]
    stages = range(1 if folded else 0, n_halvings + 1)
    resolutions = [
        (coarsest[0] * 2 ** (n_halvings - i), coarsest[1] * 2 ** (n_halvings - i)) for i in stages
    ]
    return StageSizes(
        n_channels,
        height,
        width,
        folded,
        tuple(resolutions),
        tuple(
            _n_channels(math.sqrt(a * b), depth, capacity)
            for depth, (a, b) in enumerate(resolutions)
        ),
    )


def _n_channels(side: float, depth: int, capacity: float) -> int:
    """Number of channels, a multiple of 8: more where maps are coarse and have been halved."""
    ratio = 16 / 2 ** round(math.log2(side))
    return 8 * max(1, round(2 * capacity * min(ratio if ratio > 1 else ratio**0.5, 3, 2**depth)))
