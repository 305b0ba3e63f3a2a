"""Progress of long work on standard error: a bar on a terminal, lines elsewhere."""

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from tqdm.auto import tqdm

# Seconds from one look at the clock to the next, while work is silent.
BEAT = 1.0

# Where standard error is no terminal: seconds between two lines at least, which a look at the clock
# makes five at most, and between later ones this share of the time that has passed, so that long
# work does not fill a file.
LINE_GAP = 4.0
LINE_SHARE = 0.1

# Letters of a bar on a terminal that does not know its width.
WIDTH = 80

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

    def describe(self, text: str) -> None:
        """Say what is done now."""

    def refresh(self) -> None:
        """Show the time that has passed."""

    def clear(self) -> None:
        """Make room for other text in the line."""

    def close(self) -> None:
        """Show the end."""


class _Bar(Progress):
    """A bar of tqdm."""

    def __init__(self, total: int, description: str, unit: str):
        options: dict[str, Any] = {"file": _StandardError()}
        # tqdm asks only streams that it knows for the width of their terminal, unless it may
        # change, and shows nothing where that is 0, as a terminal says that nobody looks at
        options |= {"dynamic_ncols": True} if _width(sys.stderr) != 0 else {"ncols": WIDTH}
        self._bar = tqdm(total=total, desc=description, unit=unit, **options)

    def __call__(self, n_done: int) -> None:
        self._bar.update(n_done)

    def describe(self, text: str) -> None:
        self._bar.set_postfix_str(text, refresh=False)

    def refresh(self) -> None:
        # its lock lies between processes: whoever is forked while it is held would wait for ever
        self._bar.refresh(nolock=True)

    def clear(self) -> None:
        self._bar.clear(nolock=True)

    def close(self) -> None:
        self._bar.set_postfix_str("", refresh=False)
        self._bar.close()


class _Lines(Progress):
    """Lines, ever fewer of them."""

    def __init__(self, total: int, description: str, unit: str):
        self._total = total
        self._description = description
        self._unit = unit
        self._doing = ""
        self._n_done = 0
        self._start = time.monotonic()
        self._next = 0.0
        self._stream = _StandardError()

    def __call__(self, n_done: int) -> None:
        self._n_done += n_done

    def describe(self, text: str) -> None:
        self._doing = text

    def refresh(self) -> None:
        elapsed = time.monotonic() - self._start
        if elapsed >= self._next:
            self._next = elapsed + max(LINE_GAP, LINE_SHARE * elapsed)
            self._write(elapsed, self._doing)

    def close(self) -> None:
        self._write(time.monotonic() - self._start, "")

    def _write(self, elapsed: float, doing: str) -> None:
        parts = [f"{self._n_done}/{self._total} {self._unit}s", f"{elapsed:.0f} s"]
        if 0 < self._n_done < self._total:
            left = elapsed / self._n_done * (self._total - self._n_done)
            parts.append(f"about {left:.0f} s left")
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
            self._next = elapsed + max(LINE_GAP, LINE_SHARE * elapsed)
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
def progress(total: int, description: str, unit: str, shown: int | bool) -> Iterator[Progress]:
    """Show how far work has come; yield what is told of it.

    That is called with the number of units done since its last call, and says by ``describe``
    what is done now. On a terminal and in a notebook a bar is redrawn every second, elsewhere a
    line is written every five seconds at most: both say how many seconds are left, as soon as a
    unit is done.

    Without a bar nothing of tqdm is touched: its lock lies between processes, and one that
    is killed while it holds it blocks all others.

    Parameters
    ----------
    total : int
        Units of the whole work.
    description : str
        What it is, in front of the bar or of each line.
    unit : str
        Name of a unit, in the singular.
    shown : int or bool
        0 shows nothing.
    """
    if not shown or sys.stderr is None:
        yield Progress()
        return
    clear_progress()
    kind = _Bar if _redraws(sys.stderr) else _Lines
    with _kept_up_to_date(kind(total, description, unit)) as display:
        yield display


@contextmanager
def clock(description: str) -> Iterator[None]:
    """Show the seconds of work after the first few, while nothing else shows how far it has come.

    Parameters
    ----------
    description : str
        What it is, in front of them.
    """
    if sys.stderr is None:
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
