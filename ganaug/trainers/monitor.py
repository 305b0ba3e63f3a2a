"""Monitors of a training: what shows how it goes, and hands that to the user's callback."""

import math
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ganaug.progress import Progress
from ganaug.trainers.tiers import format_labels
from ganaug.trainers.training_status import Callback, TrainingStatus
from ganaug.training.health import LATE_SHARE, MIN_FOOL_RATE
from ganaug.training.loop import Figures
from ganaug.training.step import HISTORY_KEYS

# Classes that are named while games are played, in what little room a line has.
MAX_NAMED = 3


@dataclass(frozen=True)
class GameReport:
    """Figures of a game, and whose they are.

    Attributes
    ----------
    figures : Figures
        Of a member for each label, or of one that all have in common.
    labels : sequence of labels
    stage : str
        Kind of generator that is trained.
    attempt : int, default=1
        Number of the game of these classes.
    """

    figures: Figures
    labels: Sequence[Hashable]
    stage: str
    attempt: int = 1


# Takes how a game goes, and returns True where it is to end.
OnReport = Callable[[GameReport], bool]


class Monitor:
    """Shows how the games of a fit go, and hands it to a callback, one call at a time.

    Called with a number of steps, it counts them as done.

    Parameters
    ----------
    n_steps : int
        Steps of all games.
    display : Progress
        What shows them.
    callback : callable or None
        Function of a ``TrainingStatus``.
    shown : int or bool
        True where the display shows anything.
    named : bool, default=True
        False where all samples are of one class, which needs no name.
    """

    def __init__(
        self,
        n_steps: int,
        display: Progress,
        callback: Callback | None,
        shown: int,
        named: bool = True,
    ):
        self._n_left = n_steps
        self._display = display
        self._callback = callback
        self._shown = bool(shown)
        self._named = named
        self._n_reported = 0
        self._start = time.monotonic()
        # the latest fool rates of each class, in each of its games, and steps that they are of
        self._fool_rates: dict[tuple, deque[tuple[int, float]]] = defaultdict(deque)
        # games may be played in several threads
        self._lock = threading.Lock()

    def __call__(self, n_steps: int) -> None:
        with self._lock:
            self._n_left -= n_steps
        self._display(n_steps)

    @property
    def on_report(self) -> OnReport | None:
        """Function to be called with reports of games; None where nobody wants any."""
        return None if self._callback is None and not self._shown else self._report

    def _report(self, report: GameReport) -> bool:
        """Show how a game goes, and hand it to the callback; return True where it is to end."""
        with self._lock:
            self._n_reported += report.figures.n_new
            status = self._status(report)
            self._display.describe(_describe(status, self._lost(status), self._named))
            ended = None if self._callback is None else self._callback(status)
        # nothing else that a function may return ends anything, a number of bytes for instance
        return isinstance(ended, bool | np.bool_) and bool(ended)

    def _status(self, report: GameReport) -> TrainingStatus:
        figures = report.figures
        labels = tuple(report.labels)
        means = figures.means.expand(-1, len(labels)).tolist()
        distances = None if figures.distances is None else figures.distances.expand(len(labels))
        elapsed = time.monotonic() - self._start
        return TrainingStatus(
            step=figures.n_steps_done,
            n_steps=figures.n_steps,
            labels=labels,
            stage=report.stage,
            attempt=report.attempt,
            **{
                name: dict(zip(labels, values, strict=True))
                for name, values in zip(HISTORY_KEYS, means, strict=True)
            },
            validation_metric=(
                {} if distances is None else dict(zip(labels, distances.tolist(), strict=True))
            ),
            seconds_left=max(0, self._n_left) * elapsed / max(1, self._n_reported),
        )

    def _lost(self, status: TrainingStatus) -> dict[Hashable, float]:
        """Classes that the discriminator wins against, as a verdict would say it now, and how."""
        lost: dict[Hashable, float] = {}
        start = status.step - math.ceil(LATE_SHARE * status.n_steps)
        for label, rate in status.fool_rate.items():
            rates = self._fool_rates[status.stage, status.attempt, label]
            rates.append((status.step, rate))
            while rates[0][0] <= start:
                rates.popleft()
            late = sum(rate for _, rate in rates) / len(rates)
            if late < MIN_FOOL_RATE:
                lost[label] = late
        return lost


def _describe(status: TrainingStatus, lost: Mapping[Hashable, float], named: bool) -> str:
    """Fool rate and losses, mean over the classes; from half of the steps on, who loses."""
    generator, discriminator, fool_rate = (
        float(np.mean(list(values.values())))
        for values in (status.generator_loss, status.discriminator_loss, status.fool_rate)
    )
    rate = f"{'mean ' * (len(status.labels) > 1)}fool rate {fool_rate:.2f}"
    if lost and 2 * status.step >= status.n_steps:
        # a narrow terminal cuts the end of a line
        where = format_labels(list(lost)) if len(lost) <= MAX_NAMED else f"{len(lost)} classes"
        # never rounded up to the limit that it is below
        late = math.floor(100 * np.mean(list(lost.values()))) / 100
        rate = f"discriminator wins, fool rate {late:.2f}{f' ({where})' * named}"
    return f"{rate}, generator loss {generator:.2f}, discriminator loss {discriminator:.2f}"
