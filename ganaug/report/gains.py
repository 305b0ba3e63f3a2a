"""Gains of methods as a forest plot: a mark and an interval for each, on one axis for all."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ganaug.report.page import Section, number

# Distances of two ticks, in powers of ten, and ticks on an axis, at most.
STEPS = (1, 2, 5, 10)
MAX_TICKS = 6

# Margin on either side, in lengths of the axis.
MARGIN = 0.04

WORDS = {
    "score": "mean over the parts of the real rows on which the classifier was tried, none of "
    "which it had learnt from; higher is better",
    "gain": "difference of two means: this method's score less that without augmentation, on the "
    "same rows; below 0 it is a loss",
    "interval": "it holds the true gain in 95 of 100 such experiments; where it holds 0, the gain "
    "cannot be told from chance; green above it, red below",
    "wins : losses": "number of parts on which it scored more, and less, than without augmentation",
}


@dataclass(frozen=True)
class Gain:
    """A method and what it gains: NaN where that is not known.

    Attributes
    ----------
    name : str
    score, gain, low, high : float
        Mean score; mean difference to the reference, and the ends of its interval.
    marked : bool, default=False
        True for the methods that the page is about.
    wins, losses : int, default=0
        Number of splits in which it scored more, and less, than the reference.
    note : str, default=""
        Reason why there is no score, for instance.
    """

    name: str
    score: float
    gain: float
    low: float
    high: float
    marked: bool = False
    wins: int = 0
    losses: int = 0
    note: str = ""

    @property
    def verdict(self) -> str:
        """Word for what the interval says: "better", "worse" or "unclear"."""
        return "better" if self.low > 0 else "worse" if self.high < 0 else "unclear"

    @property
    def interval(self) -> str:
        """The interval in words, or a note in its place."""
        if math.isfinite(self.low) and math.isfinite(self.high):
            return f"{number(self.low, '+')} to {number(self.high, '+')}"
        return self.note


@dataclass(frozen=True)
class Scale:
    """Axis of gains, of which 0 is a part.

    Examples
    --------
    >>> scale = Scale.of([Gain("GAN", 0.9, 0.03, -0.02, 0.08)])
    >>> scale.ticks
    {-0.02: '-0.02', 0.0: '0', 0.02: '+0.02', 0.04: '+0.04', 0.06: '+0.06', 0.08: '+0.08'}
    >>> round(scale.place(0.03))
    50
    """

    low: float
    high: float

    @classmethod
    def of(cls, gains: Iterable[Gain]) -> "Scale":
        """The axis on which all these gains and their intervals lie."""
        ends = [0.0, *(end for gain in gains for end in (gain.low, gain.gain, gain.high))]
        known = [end for end in ends if math.isfinite(end)]
        low = min(known)
        high = max(known)
        margin = MARGIN * (high - low or 1.0)
        return cls(low - margin, high + margin)

    def place(self, value: float) -> float:
        """Place of a gain between the left and the right end, in per cent."""
        return 100 * (value - self.low) / (self.high - self.low)

    @property
    def ticks(self) -> dict[float, str]:
        """Round numbers on the axis, and how they are written."""
        least = (self.high - self.low) / MAX_TICKS
        power = 10.0 ** math.floor(math.log10(least))
        step = next(factor * power for factor in STEPS if factor * power >= least)
        n_decimals = max(0, -math.floor(math.log10(step) + 1e-9))
        numbers = range(math.ceil(self.low / step), math.floor(self.high / step) + 1)
        return {
            round(i * step, n_decimals): f"{i * step:+.{n_decimals}f}" if i else "0"
            for i in numbers
        }


@dataclass(frozen=True)
class Gains(Section):
    """Gains as a forest plot, best scores first.

    Attributes
    ----------
    rows : sequence of Gain
    scale : Scale or None, default=None
        Axis; None fits it to the rows.
    """

    kind = "gains"
    rows: Sequence[Gain]
    scale: Scale | None = None
    words: Mapping[str, str] = field(default_factory=lambda: WORDS, kw_only=True)

    @property
    def axis(self) -> Scale:
        """The axis of all rows."""
        return self.scale or Scale.of(self.rows)

    @property
    def ranked(self) -> list[Gain]:
        """Rows from the highest score down; those without one are last."""
        return sorted(self.rows, key=lambda row: (not math.isfinite(row.score), -row.score))
