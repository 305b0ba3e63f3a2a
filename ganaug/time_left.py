"""Seconds that are left of long work, by what its units have taken."""

import math
from collections.abc import Mapping, Sequence

# In the place of a number of units: all of their kind that are left.
ALL_LEFT = -1

# Seconds by which work may be late before it is said to be.
GRACE = 5.0

# Seconds that are left at least from which on these are told, and as many as have passed.
TOLD_FROM = 60.0

# Seconds from which on minutes are told.
MINUTES_FROM = 120.0


class TimeLeft:
    """An estimate that is renewed where something was done, and runs down in between.

    So it never grows without news.
    """

    def __init__(self) -> None:
        self._left = math.nan
        self._moment = 0.0
        self._at_least = False

    def renew(self, left: float, now: float, at_least: bool = False) -> None:
        """Set the seconds left at a moment; ``at_least`` where it is these at least."""
        self._left = left
        self._moment = now
        self._at_least = at_least

    def text(self, now: float) -> str:
        """Words for what is left; empty where nothing is known, or little more than that.

        Seconds that are left at least would mislead where they are few.

        Examples
        --------
        >>> time_left = TimeLeft()
        >>> time_left.renew(46.0, now=10.0)
        >>> time_left.text(now=20.0), time_left.text(now=70.0)
        ('about 36 s left', 'longer than expected')
        """
        if math.isnan(self._left):
            return ""
        seconds = self._left - (now - self._moment)
        if self._at_least and seconds < max(TOLD_FROM, now):
            return ""
        if seconds <= -GRACE:
            return "longer than expected"
        seconds = max(1.0, seconds)
        minutes = seconds >= MINUTES_FROM
        amount = f"{seconds / 60:.0f} min" if minutes else f"{seconds:.0f} s"
        return f"{'more than' if self._at_least else 'about'} {amount} left"


def seconds_of_rest(n_done: int, total: int, elapsed: float, n_at_once: int = 1) -> float:
    """Seconds left, where so many of all units were done, of which several run at a time.

    Examples
    --------
    >>> seconds_of_rest(1, 4, 20.0)
    60.0
    >>> seconds_of_rest(1, 5, 40.0, n_at_once=2)
    80.0
    """
    n_rounds = math.ceil(n_done / n_at_once)
    return elapsed / n_rounds * math.ceil((total - n_done) / n_at_once)


class Workload:
    """Parts of some work that hold units of several kinds; those of a kind take equally long.

    Parameters
    ----------
    parts : sequence of dict of str to int
        Units of each kind in each part.
    n_at_once : int, default=1
        Parts that are done at a time.

    Examples
    --------
    >>> workload = Workload([{"SVC": 2, "GAN": 1}] * 2)
    >>> workload.count(0, "SVC", 1, seconds=3.0)
    >>> workload.left(), workload.is_known
    (9.0, False)
    >>> workload.count(0, "GAN", 1, seconds=10.0)
    >>> workload.left(), workload.is_known
    (19.0, True)
    >>> workload.expect(1, "GAN", seconds_done=4.0, seconds_left=4.0)
    >>> workload.left()
    13.0
    """

    def __init__(self, parts: Sequence[Mapping[str, int]], n_at_once: int = 1):
        self._n_left = [dict(part) for part in parts]
        self._n_at_once = n_at_once
        self._n_done: dict[str, int] = {}
        self._seconds: dict[str, float] = {}
        self._expected: dict[str, float] = {}
        # of each part the kind that is under way, and the seconds that this takes still
        self._under_way: list[tuple[str, float] | None] = [None] * len(parts)

    def expect(self, part: int, kind: str, seconds_done: float, seconds_left: float) -> None:
        """Say how long a unit of a part has taken so far, and how long its rest may take."""
        self._expected[kind] = seconds_done + seconds_left
        self._under_way[part] = (kind, seconds_left)

    def count(self, part: int, kind: str, n_units: int, seconds: float) -> None:
        """Count units of a part that were done, or ``ALL_LEFT``, and the seconds that they took."""
        left = self._n_left[part]
        self._under_way[part] = None
        n_units = left.get(kind, 0) if n_units == ALL_LEFT else n_units
        left[kind] = max(0, left.get(kind, 0) - n_units)
        self._n_done[kind] = self._n_done.get(kind, 0) + n_units
        self._seconds[kind] = self._seconds.get(kind, 0.0) + seconds

    def finish(self, part: int) -> None:
        """Take a part as done, whatever was counted of it."""
        self._n_left[part] = {}
        self._under_way[part] = None

    @property
    def is_known(self) -> bool:
        """True where the time of every kind that is left is known."""
        known = self._means()
        return all(kind in known for left in self._n_left for kind, n in left.items() if n > 0)

    def left(self) -> float:
        """Seconds that are left, of the kinds whose time is known."""
        means = self._means()
        busy = [0.0] * self._n_at_once
        for left, under_way in zip(self._n_left, self._under_way, strict=True):
            first_free = busy.index(min(busy))
            busy[first_free] += sum(n * means.get(kind, 0.0) for kind, n in left.items())
            if under_way is not None and left.get(under_way[0]):
                kind, seconds_left = under_way
                busy[first_free] += seconds_left - means[kind]
        return max(busy)

    def _means(self) -> dict[str, float]:
        """Seconds of a unit of each kind, of those that were done or else expected."""
        done = {kind: self._seconds[kind] / n for kind, n in self._n_done.items() if n}
        return self._expected | done
