"""Progress of long work on standard error: a bar on a terminal, lines elsewhere."""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from ganaug.time_left import TimeLeft, seconds_of_rest

# Seconds from one look at the clock to the next, while work is silent.
BEAT = 1.0

# Where standard error is no terminal: seconds between two lines at least, which a look at the clock
# makes less than five at most.
LINE_GAP = 3.5

# Letters of a bar on a terminal that does not know its width.
WIDTH = 80

# A bar on a terminal, which ends with the time that is left and what is done now.
BAR = "{l_bar}{bar}| {n_fmt}/{total_fmt} {unit} [{elapsed}{postfix}]"

# Seconds before anything is shown of work that is mostly short.
PATIENCE = 3.0


class _StandardError:
    """Standard error, which may be full, or closed by its reader: that ends no training."""

    def write(self, text: str) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.write(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(sys.stderr, name)


class Progress:
    """Progress of some work; this one shows nothing."""

    def __call__(self, n_done: int) -> None:
        """Count units that were done since the last call."""

    def expect(self, seconds: float, at_least: bool = False) -> None:
        """Say how many seconds are left, in the place of an estimate by equal units."""

    def describe(self, text: str) -> None:
        """Say what is done now."""

    def refresh(self) -> None:
        """Show the time that has passed."""

    def clear(self) -> None:
        """Make room for other text in the line."""

    def close(self) -> None:
        """Show the end."""


# Tells a display the news of work that runs elsewhere, whenever it looks at the clock.
Watch = Callable[[Progress], object]


class _Shown(Progress):
    """Progress that estimates how long the rest takes, and asks for news of work elsewhere."""

    def __init__(self, total: int, n_at_once: int, watch: Watch):
        self._total = total
        self._n_at_once = n_at_once
        self._watch = watch
        self._n_done = 0
        self._doing = ""
        self._start = time.monotonic()
        self._time_left = TimeLeft()
        self._is_told = False

    def __call__(self, n_done: int) -> None:
        self._n_done += n_done
        if n_done and not self._is_told:
            elapsed = self._elapsed()
            left = seconds_of_rest(self._n_done, self._total, elapsed, self._n_at_once)
            self._time_left.renew(left, elapsed)

    def expect(self, seconds: float, at_least: bool = False) -> None:
        self._is_told = True
        self._time_left.renew(seconds, self._elapsed(), at_least)

    def describe(self, text: str) -> None:
        self._doing = text

    def refresh(self) -> None:
        self._watch(self)
        self._show()

    def _show(self) -> None:
        """Show it as it is now."""

    def _elapsed(self) -> float:
        return time.monotonic() - self._start

    def _left(self) -> str:
        """Words for the time that is left; none where all units are done."""
        return self._time_left.text(self._elapsed()) if self._n_done < self._total else ""


class _Bar(_Shown):
    """A bar of tqdm."""

    def __init__(self, total: int, description: str, unit: str, n_at_once: int, watch: Watch):
        # which takes a while to load
        from tqdm.auto import tqdm

        super().__init__(total, n_at_once, watch)
        options: dict[str, Any] = {"file": _StandardError(), "bar_format": BAR}
        # tqdm asks only streams that it knows for the width of their terminal, unless it may
        # change, and shows nothing where that is 0, as a terminal says that nobody looks at
        options |= {"dynamic_ncols": True} if _width(sys.stderr) != 0 else {"ncols": WIDTH}
        self._bar = tqdm(total=total, desc=description, unit=f"{unit}s", **options)

    def __call__(self, n_done: int) -> None:
        super().__call__(n_done)
        self._describe_bar()
        self._bar.update(n_done)

    def _show(self) -> None:
        self._describe_bar()
        # its lock lies between processes: whoever is forked while it is held would wait for ever
        self._bar.refresh(nolock=True)

    def clear(self) -> None:
        self._bar.clear(nolock=True)

    def close(self) -> None:
        self._bar.set_postfix_str("", refresh=False)
        self._bar.close()

    def _describe_bar(self) -> None:
        words = ", ".join(filter(None, [self._left(), self._doing]))
        self._bar.set_postfix_str(words, refresh=False)


class _Lines(_Shown):
    """A line every few seconds."""

    def __init__(self, total: int, description: str, unit: str, n_at_once: int, watch: Watch):
        super().__init__(total, n_at_once, watch)
        self._description = description
        self._unit = unit
        self._next = 0.0
        self._stream = _StandardError()

    def _show(self) -> None:
        elapsed = self._elapsed()
        if elapsed >= self._next:
            self._next = elapsed + LINE_GAP
            self._write(elapsed, self._doing)

    def close(self) -> None:
        self._write(self._elapsed(), "")

    def _write(self, elapsed: float, doing: str) -> None:
        counted = f"{self._n_done}/{self._total} {self._unit}s"
        parts = filter(None, [counted, f"{elapsed:.0f} s", self._left()])
        end = f": {doing}" if doing else ""
        self._stream.write(f"{self._description}: {', '.join(parts)}{end}\n")
        self._stream.flush()


class _Clock(Progress):
    """The time that has passed, of work that is mostly short, or shows its parts itself."""

    def __init__(self, description: str, redraws: bool):
        self._description = description
        self._redraws = redraws
        self._start = time.monotonic()
        self._next = PATIENCE
        self._width = 0
        self._stream = _StandardError()

    def refresh(self) -> None:
        elapsed = time.monotonic() - self._start
        if elapsed < self._next:
            return
        text = f"{self._description}: {elapsed:.0f} s"
        if self._redraws:
            self._width = len(text)
            self._stream.write(f"\r{text}")
        else:
            self._next = elapsed + LINE_GAP
            self._stream.write(f"{text}\n")
        self._stream.flush()

    def clear(self) -> None:
        if self._width:
            self._stream.write(f"\r{' ' * self._width}\r")
            self._stream.flush()
            self._width = 0

    def close(self) -> None:
        self.clear()


# What is shown now, the innermost last: that alone is kept up to date.
_open: list[Progress] = []


@contextmanager
def progress(
    total: int,
    description: str,
    unit: str,
    shown: int | bool,
    n_at_once: int = 1,
    watch: Watch = lambda display: None,
) -> Iterator[Progress]:
    """Show how far work has come; yield what is told of it.

    That is called with the number of units done since its last call, and says by ``describe``
    what is done now. On a terminal and in a notebook a bar is redrawn every second, elsewhere a
    line is written every few seconds: both say how long the rest takes, as soon as a unit is done
    or ``expect`` was called, and count down in between.

    Without a bar nothing of tqdm is touched: its lock lies between processes, and one that
    is killed while it holds it blocks all others.

    Parameters
    ----------
    total : int
        Units of the whole work; of none nothing is shown.
    description : str
        What it is, in front of the bar or of each line.
    unit : str
        Name of a unit, in the singular.
    shown : int or bool
        0 shows nothing.
    n_at_once : int, default=1
        Units that are done at a time.
    watch : callable, optional
        Called with the display every second.
    """
    if not (shown and total) or sys.stderr is None:
        yield Progress()
        return
    clear_progress()
    kind = _Bar if _redraws(sys.stderr) else _Lines
    with _kept_up_to_date(kind(total, description, unit, n_at_once, watch)) as display:
        yield display


@contextmanager
def clock(description: str, shown: int | bool = True) -> Iterator[None]:
    """Show the seconds of work after the first few, while nothing else shows how far it has come.

    Parameters
    ----------
    description : str
        What it is, in front of them.
    shown : bool, default=True
        False shows nothing.
    """
    if not shown or sys.stderr is None:
        yield
        return
    with _kept_up_to_date(_Clock(description, _redraws(sys.stderr))):
        yield


def clear_progress() -> None:
    """Make room for other text where progress is shown."""
    for display in _open[-1:]:
        display.clear()


def say(sentence: str, shown: int | bool) -> None:
    """Write a sentence where progress is shown."""
    if shown and sys.stderr is not None:
        clear_progress()
        stream = _StandardError()
        stream.write(f"{sentence}\n")
        stream.flush()


@contextmanager
def _kept_up_to_date(display: Progress) -> Iterator[Progress]:
    """Refresh a display every second in a thread, and close it at the end."""
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(BEAT):
            if _open[-1] is display:
                display.refresh()

    thread = threading.Thread(target=beat, daemon=True)
    _open.append(display)
    thread.start()
    try:
        yield display
    finally:
        ended.set()
        thread.join()
        _open.remove(display)
        display.close()


def _width(stream: Any) -> int | None:
    """Letters of a line of a terminal; None where the stream cannot say."""
    with suppress(OSError, ValueError, AttributeError):
        return os.get_terminal_size(stream.fileno()).columns
    return None


def _redraws(stream: Any) -> bool:
    """True for terminals and notebooks, in which a line can be written over."""
    if type(stream).__module__.startswith("ipykernel"):
        return True
    with suppress(OSError, ValueError):
        return bool(stream.isatty())
    return False
