"""Sequences <-> tensors (n, channels, 1, steps) in [-1, 1]: images of a single row."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np

from ganaug.encoding.casting import cast
from ganaug.encoding.missing import missing_mask
from ganaug.encoding.sequence_array import as_steps_last, object_array
from ganaug.storage.fields import Array

MIN_STEPS = 2
MAX_STEPS = 4096
MAX_CHANNELS = 64

# Largest value, and smallest difference of two: single precision scales no others.
MAX_VALUE = 1e30
MIN_RANGE = 1e-30

# Sequences that were not seen in ``fit`` may leave the range a little. Distances outside, in its
# widths: the mean of a sequence's values, at most.
MAX_MEAN_EXCESS = 0.5


@dataclass(eq=False)
class SequenceEncoder:
    """Encoder that remembers layout, type and ranges of sequences, to give drawn ones back alike.

    Each channel is scaled to [-1, 1]. A channel with gaps (NaN) is filled between them, and
    another one says where they are; where lengths differ, sequences repeat their last value, and
    a last channel says how long they are.

    Attributes
    ----------
    shape : tuple of int
        Shape of each sequence as it came: (steps,), (steps, channels), (channels, steps), or
        (values,) of rows; (channels,) where lengths differ, () where these have one channel
        without an axis.
    dtype : numpy.dtype
        Type of the values as they came.
    n_steps, n_values : int
        Steps, of the longest sequence, and channels of values.
    channels_first : bool
        True where channels stand before steps.
    low, high : (values,) arrays
        Range of each channel; NaN of one that holds nothing but gaps.
    gaps : (values,) array of bool
        True for channels that have gaps, and values.
    min_steps : int
        Steps of the shortest sequence.

    Raises
    ------
    ValueError
        For fewer than 2 steps or more than 4,096, and for more than 64 channels.

    Examples
    --------
    >>> X = np.linspace(0, 1, 20).reshape(2, 10, 1)
    >>> encoder = SequenceEncoder.fit(X)
    >>> encoder.encode(X).shape, np.allclose(encoder.decode(encoder.encode(X)), X)
    ((2, 1, 1, 10), True)
    """

    shape: tuple[int, ...]
    dtype: np.dtype
    n_steps: int
    n_values: int
    channels_first: bool
    low: Annotated[np.ndarray, Array("float64", "values", -MAX_VALUE, MAX_VALUE, nan=True)]
    high: Annotated[np.ndarray, Array("float64", "values", -MAX_VALUE, MAX_VALUE, nan=True)]
    gaps: Annotated[np.ndarray, Array("bool", "values")]
    min_steps: int

    def __post_init__(self) -> None:
        if not MIN_STEPS <= self.n_steps <= MAX_STEPS or not 0 < self.min_steps <= self.n_steps:
            raise ValueError(
                f"sequences must have {MIN_STEPS} to {MAX_STEPS} steps; these have {self.n_steps} "
                f"(n_features = {self.n_steps})."
            )
        if not 1 <= self.n_values <= MAX_CHANNELS:
            raise ValueError(
                f"sequences have 1 to {MAX_CHANNELS} channels; these have {self.n_values}. Steps "
                'come first, (n, steps, channels), unless layout="channels_first".'
            )
        n_expected = self.n_values if self.is_ragged else self.n_steps * self.n_values
        if self.dtype.kind not in "biuf" or math.prod(self.shape) != n_expected:
            raise ValueError(f"sequences of {self.dtype} have no shape {self.shape}")
        if len(self.low) != self.n_values or (self.low > self.high).any():
            raise ValueError("ranges of channels must not fall")

    @classmethod
    def fit(
        cls,
        X: np.ndarray,
        sequence_shape: Sequence[int] | None = None,
        channels_first: bool = False,
    ) -> "SequenceEncoder":
        """Fit an encoder to some sequences.

        Parameters
        ----------
        X : (n, steps), (n, steps, channels), (n, channels, steps) or (n, values) array, or
                object array of n arrays (steps[, channels]) whose lengths differ
            Checked sequences; of those in rows, ``sequence_shape`` gives the shape.
        sequence_shape : (int, int) or None
            (steps, channels), or with ``channels_first`` (channels, steps), of sequences that
            come as rows.
        channels_first : bool, default=False
            True where channels stand before steps.

        Raises
        ------
        ValueError
            For a shape that does not fit the rows.
        """
        if X.dtype == object:
            items = [as_steps_last(item, channels_first) for item in X]
            lengths = list(map(len, items))
            flat = np.concatenate(items)
            shape: tuple[int, ...] = flat.shape[1:] if X[0].ndim > 1 else ()
            sides = max(lengths), flat.shape[1]
            n_shortest = min(lengths)
            kept_shape = shape
        else:
            kept_shape = X.shape[1:]
            sides = _sides(kept_shape, sequence_shape, channels_first)
            n_shortest = sides[0]
            flat = _steps_last(X, sides, channels_first).swapaxes(1, 2).reshape(-1, sides[1])
        if flat.dtype.kind not in "biuf":
            raise ValueError(f"sequences hold numbers; X holds {flat.dtype}.")
        is_gap = missing_mask(flat)
        is_empty = is_gap.all(axis=0)
        if is_empty.all():
            raise ValueError("X holds nothing but gaps.")
        low = np.where(is_empty, np.nan, np.where(is_gap, np.inf, flat).min(axis=0).astype(float))
        high = np.where(is_empty, np.nan, np.where(is_gap, -np.inf, flat).max(axis=0).astype(float))
        if max(np.nanmax(np.abs(low)), np.nanmax(np.abs(high))) > MAX_VALUE:
            raise ValueError(f"values must lie within {MAX_VALUE:g}. Scale the sequences.")
        gaps = np.asarray(is_gap.any(axis=0) & ~is_empty)
        return cls(kept_shape, flat.dtype, *sides, channels_first, low, high, gaps, int(n_shortest))

    @property
    def is_ragged(self) -> bool:
        """True where the lengths of sequences differ."""
        return self.min_steps < self.n_steps

    @property
    def n_channels(self) -> int:
        """Channels of encoded sequences: values, gaps, and where they end."""
        return self.n_values + int(self.gaps.sum()) + self.is_ragged

    @property
    def gap_channels(self) -> slice:
        """Channels of encoded sequences that say where gaps are."""
        return slice(self.n_values, self.n_values + int(self.gaps.sum()))

    def check_shape(self, X: Any) -> None:
        """Raise a ValueError for sequences of another shape than those that it was fitted to."""
        if self.is_ragged:
            shapes = [as_steps_last(item, self.channels_first).shape for item in X]
            if {n_channels for _, n_channels in shapes} - {self.n_values}:
                raise ValueError(f"sequences have {self.n_values} channels in fit, others in X.")
            lengths = [n_steps for n_steps, _ in shapes]
            if max(lengths) > self.n_steps:
                raise ValueError(
                    f"X holds a sequence of {max(lengths)} steps; the longest in fit had "
                    f"{self.n_steps}."
                )
            return
        shape = np.shape(X)[1:]
        if shape != self.shape:
            raise ValueError(
                f"X holds sequences of the shape {shape}; the model was fitted on {self.shape}."
            )

    @property
    def _widths(self) -> np.ndarray:
        """Widths (values, 1) of the ranges; those of constants are their own size."""
        width = self.high - self.low
        sizes = np.maximum(1.0, np.abs(self.low))
        return np.where(width < MIN_RANGE, sizes, width)[:, None]

    def check_scale(self, X: np.ndarray) -> None:
        """Raise a ValueError for sequences far outside the range of those it was fitted to."""
        steps, _ = self._values(X)
        low = self.low[:, None]
        high = self.high[:, None]
        excess = np.abs(steps - steps.clip(low, high)) / self._widths
        if excess.size and np.nanmax(np.nan_to_num(excess).mean(axis=2)) > MAX_MEAN_EXCESS:
            raise ValueError(
                "values lie far outside the range of the sequences in fit, "
                f"{np.nanmin(self.low):g} to {np.nanmax(self.high):g}. Scale the sequences alike."
            )

    def encode(self, X: np.ndarray) -> np.ndarray:
        """Sequences as float32 (n, channels, 1, steps) in [-1, 1], clipped to the range."""
        values, lengths = self._values(X)
        is_gap = np.isnan(values)
        if is_gap.any():
            values = _without_gaps(values, is_gap, self.low)
        low = self.low[:, None]
        high = self.high[:, None]
        # a channel without any value stays at the middle
        parts = [np.nan_to_num((values.clip(low, high) - low) * (2 / self._widths) - 1)]
        parts.append(np.where(is_gap[:, self.gaps], 1.0, -1.0))
        if self.is_ragged:
            inside = np.arange(self.n_steps) < lengths[:, None]
            parts.append(np.where(inside, 1.0, -1.0)[:, None])
        return np.concatenate(parts, axis=1, dtype=np.float32)[:, :, None]

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """Encoded sequences as they came: clipped to the range, rounded where whole."""
        codes = codes[:, :, 0].astype(float)
        values = self.values(codes[:, : self.n_values])
        if self.gaps.any():
            masks = codes[:, self.gap_channels]
            values[:, self.gaps] = np.where(masks > 0, np.nan, values[:, self.gaps])
        values = cast(values, self.dtype)
        if self.is_ragged:
            lengths = (codes[:, -1] > 0).sum(axis=1).clip(self.min_steps, self.n_steps)
            return object_array(
                [
                    self._as_item(item[:, :length])
                    for item, length in zip(values, lengths, strict=True)
                ]
            )
        return (values if self.channels_first else values.swapaxes(1, 2)).reshape(
            len(values), *self.shape
        )

    def _as_item(self, steps: np.ndarray) -> np.ndarray:
        """Values (values, steps) of a sequence in the shape in which those of ``fit`` came."""
        if not self.shape:
            return steps[0]
        return steps if self.channels_first else steps.T

    def values(self, codes: Any) -> Any:
        """Codes (n, values, steps), of NumPy or torch, clipped and in the range of the values."""
        ends: Any = self.low[:, None], self.high[:, None]
        if not isinstance(codes, np.ndarray):
            ends = tuple(codes.new_tensor(end) for end in ends)
        low, high = ends
        # rounding may carry a sum beyond the range
        return ((codes.clip(-1, 1) + 1) * ((high - low) / 2) + low).clip(low, high)

    def as_steps(self, X: np.ndarray) -> np.ndarray:
        """Values (n, steps, channels) of sequences, as floats; NaN in gaps and after the end."""
        values, lengths = self._values(X)
        if self.is_ragged:
            beyond = np.arange(self.n_steps) >= lengths[:, None]
            values = np.where(beyond[:, None], np.nan, values)
        return values.swapaxes(1, 2)

    def _values(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Values (n, values, steps), as floats, and lengths (n,)."""
        if not self.is_ragged:
            sides = self.n_steps, self.n_values
            values = _steps_last(X, sides, self.channels_first).astype(float)
            return values, np.full(len(X), self.n_steps)
        items = [as_steps_last(np.asarray(item, dtype=float), self.channels_first).T for item in X]
        lengths = np.array([item.shape[1] for item in items])
        values = np.empty((len(X), self.n_values, self.n_steps))
        for steps, row in zip(items, values, strict=True):
            row[:] = np.pad(steps, ((0, 0), (0, self.n_steps - steps.shape[1])), mode="edge")
        return values, lengths


def _sides(
    shape: tuple[int, ...], sequence_shape: Sequence[int] | None, channels_first: bool
) -> tuple[int, int]:
    """Steps and channels of sequences of a shape."""
    if len(shape) == 1 and sequence_shape is not None:
        given = tuple(int(side) for side in sequence_shape)
        if len(given) != 2 or math.prod(given) != shape[0]:
            raise ValueError(
                f"sequence_shape={tuple(sequence_shape)} stands for {math.prod(given)} values; X "
                f"holds rows of {shape[0]}. Give (steps, channels)."
            )
        shape = given
    if len(shape) == 1:
        return shape[0], 1
    if len(shape) != 2:
        raise ValueError(
            f"X holds samples of the shape {shape}: sequences are (n, steps) or (n, steps, "
            "channels). ImageGAN takes images."
        )
    return (shape[1], shape[0]) if channels_first else (shape[0], shape[1])


def _steps_last(X: np.ndarray, sides: tuple[int, int], channels_first: bool) -> np.ndarray:
    """Sequences as (n, channels, steps)."""
    if channels_first:
        return X.reshape(len(X), sides[1], sides[0])
    return X.reshape(len(X), *sides).swapaxes(1, 2)


def _without_gaps(values: np.ndarray, is_gap: np.ndarray, fill: np.ndarray) -> np.ndarray:
    """Values (n, channels, steps) with gaps filled by straight lines; ``fill`` where all are."""
    values = values.copy()
    steps = np.arange(values.shape[2])
    for row, channel in zip(*np.nonzero(is_gap.any(axis=2)), strict=True):
        known = ~is_gap[row, channel]
        if known.any():
            lines = np.interp(steps, steps[known], values[row, channel, known])
            values[row, channel] = lines
        else:
            values[row, channel] = fill[channel]
    return values
