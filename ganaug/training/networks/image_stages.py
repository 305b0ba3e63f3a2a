"""Sizes of the maps inside networks for images and sequences."""

import math
from dataclasses import dataclass

# Sides are halved until the shorter one is at most this long.
COARSEST = 7

# Kernels of convolutions over images, and over sequences: images of a single row.
KERNEL = (3, 3)
SEQUENCE_KERNEL = (1, 5)

# Images with a shorter side above this enter and leave the networks with every 2 x 2 pixels
# folded into channels: the stage of full resolution, which would cost the most, is spared. Of
# larger images more are folded, until the finest maps have no more places than this.
LARGEST_UNFOLDED = 16
MAX_PLACES = 64**2
FOLD = 2

# Channels of the finest stage where more are folded into them.
MIN_CHANNELS_LARGE = 16


@dataclass(frozen=True)
class StageSizes:
    """Sizes of the maps inside both networks, from the finest stage to the coarsest.

    Images of a single row are sequences: their maps are halved along it, and never across.

    Attributes
    ----------
    n_channels, height, width : int
        Sizes of the images.
    fold : int
        Pixels along each side, of sequences steps, that are folded into channels at the finest
        stage: a power of two, 1 for none.
    resolutions : tuple of (height, width)
        Height and width of each stage's maps; each is half the one before.
    channels : tuple of int
        Number of channels of each stage.
    """

    n_channels: int
    height: int
    width: int
    fold: int
    resolutions: tuple[tuple[int, int], ...]
    channels: tuple[int, ...]

    def __post_init__(self) -> None:
        if not (0 < len(self.resolutions) == len(self.channels) and all(self.channels)):
            raise ValueError(f"{len(self.resolutions)} stages have no channels {self.channels}")
        halves = zip(self.resolutions, self.resolutions[1:], strict=False)
        down, along = self.halving
        halved = all((down * a, along * b) == larger for larger, (a, b) in halves)
        rows, columns = self.padded
        halvable = 0 < self.fold == 2 ** (self.fold.bit_length() - 1)
        if not (
            halvable
            and halved
            and self.n_channels > 0 < self.height <= rows
            and 0 < self.width <= columns
        ):
            raise ValueError(
                f"stages of the resolutions {self.resolutions} are none of such images"
            )

    @property
    def halving(self) -> tuple[int, int]:
        """Factors by which each stage is lower and narrower than the one before."""
        return (1, 2) if self.height == 1 else (2, 2)

    @property
    def kernel(self) -> tuple[int, int]:
        """Height and width of the kernels."""
        return SEQUENCE_KERNEL if self.height == 1 else KERNEL

    @property
    def folding(self) -> tuple[int, int]:
        """Height and width of the pixels that are folded into one at the finest stage."""
        return (1 if self.height == 1 else self.fold, self.fold)

    @property
    def padded(self) -> tuple[int, int]:
        """Sides that the networks work with: those of the image, rounded up."""
        down, along = self.folding
        return self.resolutions[0][0] * down, self.resolutions[0][1] * along

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
    coarsest = [math.ceil(side / 2**n_halvings) for side in (height, width)]
    n_folds = 1 if min(height, width) > LARGEST_UNFOLDED else 0
    while n_folds < n_halvings and math.prod(coarsest) * 4 ** (n_halvings - n_folds) > MAX_PLACES:
        n_folds += 1
    resolutions = [
        (coarsest[0] * 2 ** (n_halvings - i), coarsest[1] * 2 ** (n_halvings - i))
        for i in range(n_folds, n_halvings + 1)
    ]
    channels = [
        _n_channels(math.sqrt(a * b), depth, capacity) for depth, (a, b) in enumerate(resolutions)
    ]
    fold = 2**n_folds
    if fold > FOLD:
        least = 8 * max(1, round(capacity * MIN_CHANNELS_LARGE / 8))
        channels = [max(least, n) for n in channels]
    return StageSizes(n_channels, height, width, fold, tuple(resolutions), tuple(channels))


def _n_channels(side: float, depth: int, capacity: float) -> int:
    """Number of channels, a multiple of 8: more where maps are coarse and have been halved."""
    ratio = 16 / 2 ** round(math.log2(side))
    return 8 * max(1, round(2 * capacity * min(ratio if ratio > 1 else ratio**0.5, 3, 2**depth)))


# Of sequences: steps that the coarsest maps have at most, those above which two are folded into
# channels, and channels of the finest and of all other stages.
COARSEST_STEPS = 8
MOST_UNFOLDED_STEPS = 16
SEQUENCE_CHANNELS = (32, 64)


def sequence_stage_sizes(n_channels: int, n_steps: int, capacity: float) -> StageSizes:
    """Stages for sequences of a length.

    Parameters
    ----------
    n_channels, n_steps : int
        Sizes of the sequences.
    capacity : float
        Multiplies the number of channels of every stage.

    Examples
    --------
    >>> sizes = sequence_stage_sizes(1, 150, capacity=1.0)
    >>> sizes.resolutions, sizes.channels
    (((1, 80), (1, 40), (1, 20), (1, 10), (1, 5)), (32, 64, 64, 64, 64))
    """
    n_halvings = max(0, math.ceil(math.log2(n_steps / COARSEST_STEPS)))
    folded = n_steps > MOST_UNFOLDED_STEPS
    coarsest = math.ceil(n_steps / 2**n_halvings)
    lengths = [coarsest * 2**i for i in range(n_halvings + 1 - folded)][::-1]
    finest, others = (8 * max(1, round(capacity * n / 8)) for n in SEQUENCE_CHANNELS)
    return StageSizes(
        n_channels,
        1,
        n_steps,
        FOLD if folded else 1,
        tuple((1, length) for length in lengths),
        (finest, *[others] * (len(lengths) - 1)),
    )
