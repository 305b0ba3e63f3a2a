"""Log of the progress of a comparison's splits, from whatever process they run in."""

import json
import math
import os
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

from ganaug.evaluation.method import Method
from ganaug.progress import Progress
from ganaug.time_left import Workload

# Kind of the unit in which models are trained.
GENERATORS = "generators"

# First word of news on a unit that is not done.
EXPECTED = "expected"

# Models of tables that train side by side, which take about as long as one that trains alone.
N_SIDE_BY_SIDE = 3


class ProgressLog:
    """A file that splits write to, on the machine where it lies, and their caller reads.

    On others there is no such file, and nothing is written; nor where the path is None, as nobody
    asks for news.
    """

    def __init__(self, path: Path | None, workload: Workload):
        self._path = path
        self._workload = workload
        self._n_read = 0
        # the thread that looks at the clock reads too
        self._lock = threading.Lock()

    @classmethod
    @contextmanager
    def open(cls, workload: Workload) -> Iterator["ProgressLog"]:
        """Context of a log in a folder of its own, which goes with it."""
        # Windows removes no file that a worker, given up, has open
        with tempfile.TemporaryDirectory(prefix="ganaug-", ignore_cleanup_errors=True) as folder:
            path = Path(folder) / "progress"
            path.touch()
            yield cls(path, workload)

    def of_split(self, number: int) -> "SplitLog":
        """Log of a split, which pickles."""
        return SplitLog(self._path, number)

    def tell(self, display: Progress) -> None:
        """Tell a display what was written since the last call, and how long the rest takes."""
        with self._lock:
            if self._read(display):
                self._expect(display)

    def finish(self, number: int, display: Progress) -> None:
        """Take a split as done."""
        with self._lock:
            self._read(display)
            self._workload.finish(number)
            self._expect(display)

    def _read(self, display: Progress) -> bool:
        """Read what was written, say what is done now; return True for news of the time left."""
        were_counted = False
        for number, *news in self._news():
            if len(news) == 1:
                display.describe(f"split {number + 1}, {news[0]}")
                continue
            note = self._workload.expect if news[0] == EXPECTED else self._workload.count
            note(number, *(news[1:] if news[0] == EXPECTED else news))
            were_counted = True
        return were_counted

    def _news(self) -> Iterator[list[Any]]:
        """Lines that were written since the last call, and are whole."""
        lines = b""
        # scores do not wait for news of them
        if self._path is not None:
            with suppress(OSError), open(self._path, "rb") as file:
                file.seek(self._n_read)
                lines = file.read()
        # a line that is being written is read the next time
        lines = lines[: lines.rfind(b"\n") + 1]
        self._n_read += len(lines)
        for line in lines.splitlines():
            with suppress(ValueError):
                yield json.loads(line)

    def _expect(self, display: Progress) -> None:
        display.expect(self._workload.left(), at_least=not self._workload.is_known)


@dataclass
class SplitLog:
    """Log of one split: it says what it does, and how long that took.

    Attributes
    ----------
    path : Path or None
        File of the log; None writes nothing.
    number : int
        Number of the split.
    """

    path: Path | None
    number: int
    _counted: float = field(default=0.0, init=False)

    def describe(self, text: str) -> None:
        """Say what is done now."""
        self._write(text)

    def expect(self, kind: str, seconds_done: float, seconds_left: float) -> None:
        """Say how long a unit has taken so far, and how long its rest may take."""
        self._write(EXPECTED, kind, seconds_done, seconds_left)

    @contextmanager
    def counted(self, kind: str, n_units: int = 1) -> Iterator[None]:
        """Context of some units, whose seconds are counted once, where one lies in another."""
        start = time.perf_counter()
        before = self._counted
        try:
            yield
        finally:
            seconds = time.perf_counter() - start - (self._counted - before)
            self._counted += seconds
            self._write(kind, n_units, seconds)

    def _write(self, *news: Any) -> None:
        if self.path is None:
            return
        line = json.dumps([self.number, *news]) + "\n"
        # without O_CREAT, as nobody reads it where it is missing
        with suppress(OSError):
            descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND)
            try:
                os.write(descriptor, line.encode())
            finally:
                os.close(descriptor)


def units_of_split(
    methods: Sequence[Method],
    classifiers: Sequence[str],
    obstacles: Container[tuple[str, str]],
    n_folds: int,
    side_by_side: bool,
) -> dict[str, int]:
    """Units of each kind in one split: fits of each classifier, trained models, and others.

    Parameters
    ----------
    methods : sequence of Method
    classifiers : sequence of str
        Their names.
    obstacles : container of (classifier, method)
        Names of what is not used together.
    n_folds : int
        Folds of the gate; 0 without it.
    side_by_side : bool
        True where its models train side by side.
    """
    units = Counter({method.name: 1 for method in methods if method.replaces_classifier})
    others = [method for method in methods if not method.replaces_classifier]
    n_models = len({m.rows_key for m in others if m.needs_gan and not m.self_training})
    # each classifier labels rows of its own
    self_trained = [m.name for m in others if m.needs_gan and m.self_training]
    pairs = product(classifiers, self_trained)
    n_models += sum(pair not in obstacles for pair in pairs)
    units[GENERATORS] = n_models + math.ceil(n_folds / (N_SIDE_BY_SIDE if side_by_side else 1))
    for name in classifiers:
        n_methods = sum((name, method.name) not in obstacles for method in others)
        units[kind_of(name)] = n_methods * (1 + n_folds)
    return {kind: n_units for kind, n_units in units.items() if n_units}


def kind_of(classifier: str) -> str:
    """Kind of the unit in which a classifier is fitted and scored."""
    return f"classifier {classifier}"
