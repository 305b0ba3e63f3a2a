"""Scales of real and synthetic samples: whether they can be one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# Real samples, and synthetic ones, that are compared at most.
N_COMPARED = 32

# Samples of a kind from which on their means, deviations and ends say something.
MIN_COMPARED = 4

# Values of a sample that are looked at.
MAX_VALUES = 4096

# Values that are more times apart are on different scales; so are deviations of columns.
MAX_RATIO = 16.0

# Means that are more deviations apart are on different scales, those of images and of columns, in
# which a class may be far from the others.
MAX_MEAN_SHIFT = 2.0
MAX_COLUMN_SHIFT = 4.0

# Smallest range of images that are not of about one colour, in their largest magnitude.
MIN_CONTRAST = 0.25

# Share of the pixels that may lie beyond the ends of images.
TAIL = 0.001

# Ranges of images that those who prepare them choose.
USUAL_RANGES = ((0.0, 1.0), (-1.0, 1.0), (0.0, 255.0))

# Synthetic images may leave the range of real ones that are compared, which may be dark or few, by
# this share of it. Real ones leave a usual range that synthetic ones fill by less.
MAX_SYNTHETIC_EXCESS = 0.75
MAX_REAL_EXCESS = 0.25


@dataclass(frozen=True)
class Values:
    """Summary of the values of some samples.

    Attributes
    ----------
    low, high : float
        Ends, but for a small share beyond them.
    mean, std : float
    """

    low: float
    high: float
    mean: float
    std: float

    @classmethod
    def of(cls, samples: Sequence[np.ndarray]) -> "Values":
        """Summarise samples (n, ...), of one shape or several."""
        values = np.concatenate([_some_values(np.asarray(sample)) for sample in samples])
        values = values.astype(float)
        low, high = np.quantile(values, [TAIL, 1 - TAIL])
        return cls(float(low), float(high), float(values.mean()), float(values.std()))

    @property
    def max_magnitude(self) -> float:
        """Largest distance from 0."""
        return max(abs(self.low), abs(self.high))

    @property
    def has_contrast(self) -> bool:
        """True where the values are not all about the same."""
        return self.high - self.low > MIN_CONTRAST * self.max_magnitude

    def excess(self, other: "Values") -> float:
        """Distance by which these values leave the ends of others."""
        return max(other.low - self.low, self.high - other.high, 0.0)

    def fills(self, low: float, high: float) -> bool:
        """True where these values take nearly all of a range, and no more."""
        width = high - low
        inside = low - 0.01 * width <= self.low and self.high <= high + 0.01 * width
        return inside and self.high - self.low >= 0.9 * width

    def __str__(self) -> str:
        return f"{self.low:.4g} to {self.high:.4g} (mean {self.mean:.3g}, deviation {self.std:.3g})"


def _some_values(sample: np.ndarray) -> np.ndarray:
    """Values of a sample, those of random places where there are many."""
    values = sample.ravel()
    if len(values) <= MAX_VALUES:
        return values
    # places in rows or columns would meet the pattern of an image
    return values[np.random.default_rng(0).integers(len(values), size=MAX_VALUES)]


def scale_difference(real: Sequence[np.ndarray], synthetic: Sequence[np.ndarray]) -> str:
    """Describe how the scales of real and synthetic samples differ.

    Images are compared as a whole, rows of numbers column by column. Synthetic samples of a poor
    generator differ from real ones too, but do not leave their range.

    Parameters
    ----------
    real, synthetic : sequences of arrays of one type
        Real samples of all classes, synthetic ones of some.

    Returns
    -------
    str
        Empty where the scales can be one.

    Examples
    --------
    >>> images = np.random.default_rng(0).random((8, 10, 10))
    >>> scale_difference(images, images[::-1] ** 2)
    ''
    >>> bool(scale_difference(2 * images - 1, images))
    True
    """
    if len(real) == 0 or len(synthetic) == 0:
        return ""
    if all(np.ndim(sample) == 1 for sample in [*real, *synthetic]):
        differ = _columns_differ(np.stack(real), np.stack(synthetic))
    else:
        enough = min(len(real), len(synthetic)) >= MIN_COMPARED
        whole = np.asarray(real[0]).dtype.kind not in "f"
        differ = _images_differ(Values.of(real), Values.of(synthetic), enough, whole)
    if not differ:
        return ""
    return f"real values reach from {Values.of(real)}, synthetic ones from {Values.of(synthetic)}"


def _images_differ(real: Values, synthetic: Values, enough: bool, whole: bool) -> bool:
    for low, high in USUAL_RANGES:
        usual = Values(low, high, 0.0, 0.0)
        if synthetic.fills(low, high) and real.excess(usual) > MAX_REAL_EXCESS * (high - low):
            return True
    # of one colour, real images say little
    constant = real.low == real.high
    if not enough or real.max_magnitude == 0 or (constant and synthetic.low < synthetic.high):
        return False
    least, most = sorted([real.max_magnitude, synthetic.max_magnitude])
    if least > 0 and most > MAX_RATIO * least:
        return True
    # whole numbers say by their type what is black and white
    if whole or synthetic.has_contrast > real.has_contrast:
        return False
    room = max(real.high - real.low, real.max_magnitude)
    shift = abs(real.mean - synthetic.mean)
    far = shift > MAX_MEAN_SHIFT * max(real.std, synthetic.std)
    return synthetic.excess(real) > MAX_SYNTHETIC_EXCESS * room or (far and real.has_contrast)


def _columns_differ(real: np.ndarray, synthetic: np.ndarray) -> bool:
    """True where more than half of the columns that vary are on different scales."""
    if real.shape[1:] != synthetic.shape[1:] or min(len(real), len(synthetic)) < MIN_COMPARED:
        return False
    deviations = np.stack([real.std(axis=0, dtype=float), synthetic.std(axis=0, dtype=float)])
    varies = deviations.min(axis=0) > 0
    least, most = np.sort(deviations[:, varies], axis=0)
    shift = np.abs(real.mean(axis=0, dtype=float) - synthetic.mean(axis=0, dtype=float))[varies]
    differ = (shift > MAX_COLUMN_SHIFT * most) | (most > MAX_RATIO * least)
    return bool(differ.sum() > varies.sum() / 2)


class ScaleComparison:
    """Comparison of samples that come one after another, until enough have come."""

    def __init__(self) -> None:
        self._real: list[np.ndarray] = []
        self._synthetic: list[np.ndarray] = []

    def __getstate__(self) -> dict:
        # other processes compare what they see
        return {"_real": [], "_synthetic": []}

    @property
    def is_done(self) -> bool:
        """True where enough samples of both kinds were compared."""
        return min(len(self._real), len(self._synthetic)) >= N_COMPARED

    def difference(self, real: Sequence[np.ndarray], synthetic: Sequence[np.ndarray]) -> str:
        """Describe how the scales of all samples so far differ, these among them."""
        self._real = [*self._real, *real][:N_COMPARED]
        self._synthetic = [*self._synthetic, *synthetic][:N_COMPARED]
        return scale_difference(self._real, self._synthetic)
