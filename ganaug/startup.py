"""Preparation of a command, before the package is imported."""

import multiprocessing
import signal
import sys
import threading
import time
from pathlib import Path


def is_command() -> bool:
    """Return True where the process is the command ``ganaug``, or ``python -m ganaug``."""
    # so it is while Python looks for the module, whose name stands before its arguments
    if sys.argv[0] == "-m":
        return sys.orig_argv[-len(sys.argv)].removeprefix("-m") in ("ganaug", "ganaug.cli")
    return Path(sys.argv[0]).stem == "ganaug"


def interrupt_quietly() -> None:
    """Have ctrl-C end a command without a traceback, as long as it has not begun its work.

    Programs that import the package, and commands that were started to ignore it, are left alone.
    """
    in_main = threading.current_thread() is threading.main_thread()
    if in_main and is_command() and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


class _Repeated(threading.Timer):
    """Timer that calls its function again and again, until it is cancelled."""

    def run(self) -> None:
        while not self.finished.wait(self.interval):
            self.function(*self.args, **self.kwargs)


def say_if_slow(stage: str, in_terminal: float = 2.0, elsewhere: float = 4.0) -> threading.Timer:
    """Say that a stage takes so many seconds, each time that they pass, until it is cancelled."""
    is_terminal = sys.stderr is not None and sys.stderr.isatty()
    seconds = in_terminal if is_terminal else elsewhere
    start = time.monotonic()

    timer = _Repeated(
        seconds,
        lambda: sys.stderr.write(f"ganaug: {stage}, {time.monotonic() - start:.0f} s\n"),
    )
    timer.daemon = True
    # a worker has the arguments of its caller, who shows what it does
    is_worker = multiprocessing.current_process().name != "MainProcess"
    if is_command() and sys.stderr is not None and not is_worker:
        timer.start()
    return timer


interrupt_quietly()
stage = say_if_slow("loading torch")


def enter(name: str) -> None:
    """Begin another of the stages that come before the work."""
    global stage
    stage.cancel()
    stage = say_if_slow(name)
