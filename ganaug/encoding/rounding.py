"""Steps in which the values of a column go: decimals, halves, multiples of five."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from ganaug.encoding.casting import MAX_EXACT
from ganaug.storage.fields import Interval

MAX_DECIMALS = 15

# Largest probability with which random values share a step that is no power of ten.
MAX_CHANCE = 0.001


@dataclass(frozen=True)
class Rounding:
    """Rounding to the decimals, and to the step, that all values of a column have.

    Attributes
    ----------
    decimals : int
        Decimals of every value; -1 where they have as many as doubles have.
    step : int
        Distance of possible values, in units of the last decimal.
    origin : float
        One of the values.
    single : bool
        True where values are such decimals in single precision.

    Examples
    --------
    >>> prices = Rounding.fit(np.array([0.5, 1.5, 2.0, 3.5, 4.0, 5.5, 6.0, 7.5, 8.0, 9.5, 11.0]))
    >>> prices.decimals, prices.step
    (1, 5)
    >>> prices.round(np.array([1.7, 2.9]))
    array([1.5, 3. ])
    """

    decimals: Annotated[int, Interval(-1, MAX_DECIMALS)]
    step: Annotated[int, Interval(1, MAX_EXACT)]
    origin: float
    single: bool = False

    @classmethod
    def fit(cls, values: np.ndarray) -> "Rounding":
        """Find the steps of distinct finite values (n,), one at least."""
        origin = float(values[0])
        largest = float(np.abs(values).max())
        for decimals in range(MAX_DECIMALS + 1):
            if decimals and largest * 10.0**decimals >= MAX_EXACT:
                break
            rounded = np.round(values, decimals)
            single = not (rounded == values).all()
            if not single or _are_single(rounded, values):
                return cls(decimals, _step(values, decimals), origin, single)
        return cls(-1, 1, origin)

    def round(self, values: np.ndarray) -> np.ndarray:
        """Nearest possible values (n,)."""
        if self.decimals < 0:
            return values
        if self.step > 1:
            unit = 10.0**self.decimals
            n_steps = np.round((values - self.origin) * unit / self.step)
            values = self.origin + n_steps * self.step / unit
        values = np.round(values, self.decimals)
        return values.astype(np.float32).astype(float) if self.single else values


def _are_single(rounded: np.ndarray, values: np.ndarray) -> bool:
    """True where values are the rounded ones in single precision."""
    with np.errstate(over="ignore"):
        return bool((rounded.astype(np.float32) == values).all())


def _step(values: np.ndarray, decimals: int) -> int:
    """Greatest common divisor of all distances, in units of the last decimal."""
    units = np.round(values * 10.0**decimals)
    if np.abs(units).max() >= MAX_EXACT / 2 or len(values) < 2:
        return 1
    step = int(np.gcd.reduce(np.diff(units).astype(np.int64)))
    # a few values have some divisor by chance
    return step if step > 1 and step ** -(len(values) - 2.0) < MAX_CHANCE else 1
