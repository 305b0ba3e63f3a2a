"""Preparation of a command, before the package is imported."""

import signal
import sys
import threading
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


def say_if_slow(seconds: float = 2.0) -> threading.Timer:
    """Say in a terminal what takes so long, unless the returned timer is cancelled before."""
    timer = threading.Timer(seconds, print, ["ganaug: loading torch ..."], {"file": sys.stderr})
    timer.daemon = True
    if is_command() and sys.stderr is not None and sys.stderr.isatty():
        timer.start()
    return timer


interrupt_quietly()
loading = say_if_slow()
