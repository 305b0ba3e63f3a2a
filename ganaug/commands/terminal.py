"""Output of commands: nothing that steers a terminal, and no lines that are lost in silence."""

import os
import sys
from contextlib import suppress
from typing import TextIO

from ganaug.progress import clear_progress


class PrintError(Exception):
    """Standard output is closed, full, or without a reader."""


def escape(value: object) -> str:
    r"""Text of a value in one line, characters that do not print as Python's escapes.

    Examples
    --------
    >>> print(escape("red\x1b[2J\n\u202e"))
    red\x1b[2J\n\u202e
    """
    text = str(value)
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else repr(character)[1:-1] for character in text
    )


def print_lines(*lines: object) -> None:
    """Print values on standard output, a line each.

    Raises
    ------
    PrintError
        If they cannot be.
    """
    stream = sys.stdout
    clear_progress()
    try:
        if stream is None:
            raise ValueError("it is closed")
        _write(stream, "".join(f"{escape(line)}\n" for line in lines))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise PrintError(f"standard output cannot be written: {reason}") from error


def print_error(line: object) -> None:
    """Print a value on standard error, in one line; where that is not possible, do nothing."""
    if sys.stderr is not None:
        clear_progress()
        with suppress(OSError, ValueError):
            _write(sys.stderr, f"{escape(line)}\n")


def open_standard_descriptors() -> None:
    """Point descriptors 0 to 2, where they are closed, to nothing.

    Else the next file that is opened takes one of them, and what some library prints is
    written into it.
    """
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(descriptor)


def drop_unwritten() -> None:
    """Give up text that standard output or error did not take; Python's last words fail else."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            with suppress(OSError, ValueError):
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, stream.fileno())
                os.close(nowhere)


def _write(stream: TextIO, text: str) -> None:
    encoding = getattr(stream, "encoding", None) or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
    stream.flush()
