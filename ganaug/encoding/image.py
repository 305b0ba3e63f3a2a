"""Images <-> tensors (n, channels, height, width) in [-1, 1]."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

import numpy as np
from torch import Tensor

from ganaug.caller import warn_caller
from ganaug.encoding.casting import cast
from ganaug.encoding.image_sides import MAX_SIDE, MIN_SIDE
from ganaug.storage.fields import Interval

MAX_CHANNELS = 4

# Largest value of images, and smallest difference of black and white: single precision scales no
# others.
MAX_VALUE = 1e30
MIN_RANGE = 1e-30

# Largest value of bytes that stay far below 255, as masks and labels of pixels do.
MAX_FEW_LEVELS = 127

# Images that were not seen in ``fit`` may be a little brighter and darker than those that were.
# Distances outside the range, in its widths: the mean of an image's pixels, and its farthest pixel.
MAX_MEAN_EXCESS = 0.05
MAX_EXCESS = 0.5

# Width of ranges of whole numbers in which fractions from -1 to 1 are on another scale.
MIN_WIDE_RANGE = 16

# Magnitude at least of the ends of images whose black is -1; black at most of those whose is 0.
SIGNED_END = 0.9
NEAR_BLACK = 0.02


ArrayOrTensor = TypeVar("ArrayOrTensor", np.ndarray, Tensor)


@dataclass(eq=False)
class ImageEncoder:
    """Encoder that remembers layout, type and range of images, to give generated ones back alike.

    Attributes
    ----------
    shape : tuple of int
        Shape of each image as it came: (height, width), (height, width, channels) or (pixels,).
    dtype : numpy.dtype
        Type of the images as they came.
    height, width, n_channels : int
        Sizes of each image.
    low, high : float
        Values of black and white.
    guides : bool
        True for images that guide others: of any number of channels.

    Raises
    ------
    ValueError
        For sides outside 8 to 512 pixels, more channels, or a range that does not rise or
        that single precision cannot scale.

    Examples
    --------
    >>> X = np.arange(64, dtype=np.uint8).reshape(1, 8, 8) * 4
    >>> encoder = ImageEncoder.fit(X)
    >>> encoder.encode(X).shape, bool((encoder.decode(encoder.encode(X)) == X).all())
    ((1, 1, 8, 8), True)
    """

    shape: tuple[int, ...]
    dtype: np.dtype
    height: int
    width: int
    n_channels: int
    low: Annotated[float, Interval(-MAX_VALUE, MAX_VALUE)]
    high: Annotated[float, Interval(-MAX_VALUE, MAX_VALUE)]
    guides: bool = False

    def __post_init__(self) -> None:
        n_values = self.height * self.width * self.n_channels
        if self.dtype.kind not in "biuf" or math.prod(self.shape) != n_values:
            raise ValueError(f"images of {self.dtype} have no shape {self.shape}")
        self._check_sizes()
        if not self.low < self.high:
            raise ValueError(f"{self._range_name} must rise, got {(self.low, self.high)!r}.")
        if not (-MAX_VALUE <= self.low <= self.high - MIN_RANGE <= self.high <= MAX_VALUE):
            raise ValueError(
                f"{self._range_name} must lie within -{MAX_VALUE:g} and {MAX_VALUE:g} and be "
                f"{MIN_RANGE:g} wide or more, got {(self.low, self.high)!r}. Scale the images."
            )

    @classmethod
    def fit(
        cls,
        X: np.ndarray,
        image_shape: Sequence[int] | None = None,
        value_range: tuple[float, float] | None = None,
        guides: bool = False,
    ) -> "ImageEncoder":
        """Fit an encoder to some images.

        Parameters
        ----------
        X : (n, height, width), (n, height, width, channels) or (n, pixels) array
            Checked images; of those in rows, ``image_shape`` gives the shape.
        image_shape : sequence of int or None
            (height, width) or (height, width, channels) of images that come as rows.
        value_range : (low, high) or None
            Values of black and white. None takes 0 to 255 for uint8, 0 to 1 or -1 to 1
            for floats that stay within, else what occurs in ``X``; so also for guides of
            uint8 that stay below 128.
        guides : bool, default=False
            True for images that guide others.

        Raises
        ------
        ValueError
            For a shape that does not fit the rows, or values outside the range.

        Warns
        -----
        UserWarning
            Where images of uint8 stay below 128, and 0 to 255 is taken.
        """
        image = _checked_image_shape(X.shape[1:], image_shape)
        n_channels = image[2] if len(image) == 3 else 1
        if value_range is None:
            low, high = _guess_range(X, guides)
        else:
            low, high = map(float, value_range)
        encoder = cls(X.shape[1:], X.dtype, image[0], image[1], n_channels, low, high, guides)
        if X.size and (float(X.min()) < low or float(X.max()) > high):
            raise encoder._range_error(X)
        return encoder

    @property
    def _range_name(self) -> str:
        """Name of the parameter that gives the range."""
        return "guide_range" if self.guides else "value_range"

    @property
    def image_shape(self) -> tuple[int, ...]:
        """Shape of each image, also of those that came as rows."""
        if len(self.shape) > 1:
            return tuple(self.shape)
        return (self.height, self.width, *([self.n_channels] if self.n_channels > 1 else []))

    def encode(self, X: np.ndarray) -> np.ndarray:
        """Images as float32 (n, channels, height, width) in [-1, 1], clipped to the range."""
        self._check_range(X)
        return self.encode_checked(X)

    def encode_checked(self, X: np.ndarray) -> np.ndarray:
        """Encode some of the images that ``check_scale`` has passed together."""
        return self.encode_any_size(X.reshape(len(X), self.height, self.width, self.n_channels))

    def encode_any_size(self, X: np.ndarray) -> np.ndarray:
        """Encode checked images (n, height, width[, channels]) of any height and width."""
        scaled = (self.channels_first(X) - self.low) * (2 / (self.high - self.low)) - 1
        return np.ascontiguousarray(scaled, dtype=np.float32)

    def channels_first(self, X: np.ndarray) -> np.ndarray:
        """Checked images (n, height, width[, channels]) as clipped float32, channels first."""
        images = X.reshape(*X.shape[:3], self.n_channels).astype(np.float32)
        return images.clip(self.low, self.high).transpose(0, 3, 1, 2)

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """Encoded images as they came: clipped to the range, rounded where whole."""
        return self.decode_any_size(codes).reshape(len(codes), *self.shape)

    def decode_any_size(self, codes: np.ndarray) -> np.ndarray:
        """Decode to images (n, height, width, channels) of any height and width."""
        return cast(self.values(codes.astype(float)).transpose(0, 2, 3, 1), self.dtype)

    def values(self, codes: ArrayOrTensor) -> ArrayOrTensor:
        """Codes, of NumPy or torch, clipped and in the range of the images."""
        return (codes.clip(-1, 1) + 1) * ((self.high - self.low) / 2) + self.low

    def as_uint8(self, X: np.ndarray) -> np.ndarray:
        """Images (n, height, width[, channels]) with values from 0 to 255, to look at."""
        scaled = (X.astype(float) - self.low) * (255 / (self.high - self.low))
        channels = (self.n_channels,) if self.n_channels > 1 else ()
        return cast(scaled, np.dtype(np.uint8)).reshape(len(X), self.height, self.width, *channels)

    def as_picture(self, X: np.ndarray) -> np.ndarray:
        """Images of any number of channels as by ``as_uint8``, each third of channels a colour."""
        image = self.as_uint8(X).reshape(*X.shape[:3], self.n_channels)
        if self.n_channels in (1, 3):
            return image if self.n_channels == 3 else image[..., 0]
        return np.stack([image[..., i::3].max(axis=3, initial=0) for i in range(3)], axis=3)

    def _check_sizes(self) -> None:
        if not self.guides and not 1 <= self.n_channels <= MAX_CHANNELS:
            hint = ""
            if self.shape[0] <= MAX_CHANNELS:
                hint = _channels_last_hint()
            raise ValueError(
                f"images have 1 to {MAX_CHANNELS} channels, X has the shape (n, "
                f"{', '.join(map(str, self.shape))}), so {self.n_channels}.{hint}"
            )
        if not all(MIN_SIDE <= side <= MAX_SIDE for side in (self.height, self.width)):
            hint = ""
            if not self.guides and len(self.shape) == 2:
                hint = " For sequences (n, steps, channels), there is SequenceGAN."
            raise ValueError(
                f"images must be {MIN_SIDE} to {MAX_SIDE} pixels high and wide; these have "
                f"{self.height} x {self.width}. Resize or crop them.{hint}"
            )

    def check_shape(self, X: Any) -> None:
        """Raise a ValueError for images of another shape than those that it was fitted to."""
        shape = np.shape(X)[1:]
        if shape != self.shape:
            given = "guides have" if self.guides else "X holds images of"
            hint = " Pass X[..., None]." if self.shape == (*shape, 1) else ""
            if len(shape) == 3 and self.shape == (*shape[1:], shape[0]):
                hint = _channels_last_hint(X)
            raise ValueError(
                f"{given} the shape {shape}; the model was fitted on {self.shape}.{hint}"
            )

    def check_scale(self, X: np.ndarray) -> None:
        """Raise a ValueError for images on another scale than those that it was fitted to.

        Images a little outside the range are on the same; they are clipped. Of images of 0 and 1
        where white is 255, which may be very dark, or where black is -1, a warning asks.
        """
        self._check_range(X)
        if not X.size:
            return
        low = float(X.min())
        high = float(X.max())
        signed = self.low <= -SIGNED_END and SIGNED_END <= self.high <= 1 + MAX_EXCESS
        # nothing is darker than grey, but something black from 0 to 1, and something white
        if signed and 0 <= low <= NEAR_BLACK and high >= SIGNED_END:
            warn_caller(
                f"pixels are {low:g} to {high:g}, where {self.low:g} to {self.high:g} is black to "
                "white: are they on the scale of those in fit? 2 * X - 1 is, where 0 is black and "
                "1 is white."
            )
        if self.high > MAX_FEW_LEVELS and 0 <= low < high <= 1:
            warn_caller(
                f"pixels are 0 or 1, or between, where {self.low:g} to {self.high:g} is black to "
                f"white: are they on the scale of those in fit? {self.high:g} * X is, where 1 is "
                "white."
            )

    def is_off_scale(self, X: np.ndarray) -> bool:
        """Return True for images that are certainly on another scale."""
        return bool(X.size) and (self._has_fractions(X) or self._leaves_range(X))

    def _check_range(self, X: np.ndarray) -> None:
        if self.is_off_scale(X):
            raise self._range_error(X)

    def _has_fractions(self, X: np.ndarray) -> bool:
        """True for images from -1 to 1 where whole numbers of a wider range are expected."""
        if self.dtype.kind not in "iu" or self.high - self.low < MIN_WIDE_RANGE:
            return False
        return X.dtype.kind == "f" and np.abs(X).max() <= 1 and bool((np.round(X) != X).any())

    def _leaves_range(self, X: np.ndarray) -> bool:
        """True where an image as a whole, or most images somewhere, are far outside the range."""
        if self.low <= float(X.min()) and float(X.max()) <= self.high:
            return False
        pixels = X.reshape(len(X), -1).astype(float)
        excess = np.abs(pixels - pixels.clip(self.low, self.high)) / (self.high - self.low)
        is_far = excess.max(axis=1) > MAX_EXCESS
        return bool((excess.mean(axis=1) > MAX_MEAN_EXCESS).any() or is_far.mean() > 0.5)

    def _range_error(self, X: np.ndarray) -> ValueError:
        """Error that says what images hold and should hold."""
        return ValueError(
            f"pixels run from {X.min():g} to {X.max():g}, outside the range {self.low:g} to "
            f"{self.high:g} or on another scale. Scale the images, or pass "
            f"{self._range_name}=(low, high)."
        )


def _channels_last_hint(X: Any = None) -> str:
    """Sentence on how to move channels to the end, in both ways where X is not known."""
    way = "X.transpose(0, 2, 3, 1), or of a tensor X.permute(0, 2, 3, 1)"
    if X is not None:
        name = "permute" if isinstance(X, Tensor) else "transpose"
        way = f"X.{name}(0, 2, 3, 1)"
    return f" Channels come last: {way}."


def _checked_image_shape(
    shape: tuple[int, ...], image_shape: Sequence[int] | None
) -> tuple[int, ...]:
    """Height, width and channels, if any, of images that may come as rows."""
    if len(shape) > 1:
        return tuple(shape)
    if image_shape is None:
        raise ValueError(
            f"X holds rows of {shape[0]} values. Pass image_shape=(height, width) or "
            "(height, width, channels) if these are flattened images; TableGAN takes tables."
        )
    image = tuple(int(side) for side in image_shape)
    if len(image) not in (2, 3) or np.prod(image) != shape[0]:
        raise ValueError(
            f"image_shape={tuple(image_shape)} stands for {np.prod(image)} values; X holds "
            f"rows of {shape[0]}. Give (height, width) or (height, width, channels)."
        )
    return image


def _guess_range(X: np.ndarray, guides: bool) -> tuple[float, float]:
    """Guess the values of black and white, by type and by what occurs."""
    low = float(X.min())
    high = float(X.max())
    if X.dtype == np.uint8:
        has_few_levels = low < high <= MAX_FEW_LEVELS
        if guides and has_few_levels:
            return low, high
        if has_few_levels:
            warn_caller(
                f"images of uint8 have values from {low:g} to {high:g}, and 0 to 255 is taken for "
                f"black to white. If {high:g} is white, pass value_range=({low:g}, {high:g}); if "
                "they are dark photographs, value_range=(0, 255)."
            )
        return 0.0, 255.0
    if X.dtype.kind in "fb":
        for usual in ((0.0, 1.0), (-1.0, 1.0)):
            if usual[0] <= low and high <= usual[1]:
                return usual
    return low, high if high > low else low + 1
