"""The command ``ganaug``."""

import argparse
import importlib
import os
import re
import signal
import sys
import threading
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from types import FrameType
from typing import Any

from ganaug import startup
from ganaug.arguments import augment, demo, explore, info, report, sample, train
from ganaug.commands.terminal import (
    PrintError,
    drop_unwritten,
    open_standard_descriptors,
    print_error,
    print_lines,
)
from ganaug.progress import clock
from ganaug.storage.regular import file_identity
from ganaug.version import __version__

SUCCESS = 0
NOT_PRINTED = 1
REFUSED = 2
INTERRUPTED = 130

# Signals that end a process; it removes what is unfinished, and exits with 128 more.
END_SIGNALS = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
]

# What is done about them where nobody has said otherwise.
DEFAULT_HANDLERS = (signal.SIG_DFL, signal.default_int_handler)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code.

    0 is success, 2 input that cannot be used, 130 an interruption, 143 the signal TERM and 129
    HUP; 1 says that standard output did not take what was to be printed, when files were complete.
    Messages go to standard error in one line, without a traceback; ``PYTHONDEVMODE=1`` shows that.
    What is unfinished is removed, and older files stay as they were.

    Raises
    ------
    SystemExit
        For a wrong command line (2), and after help (0).
    """
    open_standard_descriptors()
    try:
        return _exit_code(_parse(sys.argv[1:] if arguments is None else arguments))
    finally:
        startup.stage.cancel()
        drop_unwritten()


def _exit_code(options: argparse.Namespace) -> int:
    name = f"ganaug {options.command}"
    before = _output_identity(options)
    signals: list[int] = []
    try:
        options.check(options)
        with _one_line_warnings():
            # before anything loads that takes seconds
            open_data = importlib.import_module("ganaug.commands.data").open_data
            startup.enter("opening data")
            with _interrupt_on_signals(signals):
                options.opened = open_data(options)
            startup.enter("loading torch")
            run = importlib.import_module(f"ganaug.commands.{options.command}").run
            startup.stage.cancel()
            with _interrupt_on_signals(signals), clock(name):
                run(options)
        if signals:
            # a comparison keeps the splits that are done, and goes on with these
            raise KeyboardInterrupt
    except PrintError as error:
        # a reader that has seen enough, such as head, wants to hear no more
        if not isinstance(error.__cause__, BrokenPipeError):
            print_error(f"{name}: error: {error}")
        return NOT_PRINTED
    except KeyboardInterrupt:
        print_error(f"{name}: interrupted{_describe_output(options, before)}.")
        return 128 + signals[0] if signals else INTERRUPTED
    except Exception as error:
        if sys.flags.dev_mode:
            raise
        print_error(f"{name}: error: {_error_text(error)}")
        return REFUSED
    return SUCCESS


class _Parser(argparse.ArgumentParser):
    """Parser whose help and errors are printed as all that commands print."""

    def print_help(self, file: object = None) -> None:
        self.print_text(self.format_help())

    def print_text(self, text: str) -> None:
        """Print lines, or end the command where that fails."""
        try:
            print_lines(*text.splitlines())
        except PrintError as error:
            self.exit(NOT_PRINTED, f"{self.prog}: error: {error}")

    def exit(self, status: int = 0, message: str | None = None) -> Any:
        if message:
            print_error(message.rstrip("\n"))
        raise SystemExit(status)

    def error(self, message: str) -> Any:
        for line in self.format_usage().splitlines():
            print_error(line)
        self.exit(REFUSED, f"{self.prog}: error: {message}")


class _PrintVersion(argparse.Action):
    """Option that prints the version, and ends the command."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str):
        super().__init__(option_strings, dest, nargs=0, default=argparse.SUPPRESS, help=help)

    def __call__(self, parser: Any, *given: Any) -> None:
        parser.print_text(f"ganaug {__version__}")
        parser.exit(SUCCESS)


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Options of a command line; without a word, help."""
    parser, commands = _parsers()
    options, unknown = parser.parse_known_args(arguments or ["--help"])
    if unknown:
        command = commands[options.command]
        known = re.findall(r"--[a-z][a-z-]*", command.format_help())
        alike = get_close_matches(unknown[0], known, n=1)
        hint = f". Did you mean {alike[0]}?" if alike else ""
        command.error(f"unrecognized arguments: {' '.join(unknown)}{hint}")
    return options


def _parsers() -> tuple[argparse.ArgumentParser, Mapping[str, argparse.ArgumentParser]]:
    """Parser of a whole command line, and those of the commands."""
    parser = _Parser(
        prog="ganaug",
        description="One GAN per class, mixed into a classifier's training set.",
        epilog="Exit codes: 0 success, 1 standard output cannot be written, 2 input that cannot "
        "be used, 130 interrupted by ctrl-C, 143 by the signal TERM, 129 by HUP. PYTHONDEVMODE=1 "
        "shows where an error arose.",
    )
    parser.add_argument("--version", action=_PrintVersion, help="print the version")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    for command in (demo, report, augment, train, sample, explore, info):
        command.add_to(commands)
    return parser, commands.choices


def _output_identity(options: argparse.Namespace) -> tuple[int, ...]:
    """Numbers that tell the output of a command from another of its name; empty without one."""
    try:
        return file_identity(os.stat(options.output))
    except (AttributeError, OSError, ValueError):
        return ()


def _describe_output(options: argparse.Namespace, before: tuple[int, ...]) -> str:
    """Words that say what an interrupted command has written."""
    if not hasattr(options, "output"):
        return ""
    if _output_identity(options) != before:
        return f"; {options.output} is written"
    text = f"; {options.output} {'is as it was' if before else 'is not written'}"
    checkpoint = getattr(options, "checkpoint", None)
    if checkpoint is not None and checkpoint.exists():
        text += f", and the same command goes on from {checkpoint}"
    return text


def _error_text(error: Exception) -> str:
    """Message of an error; its kind too, where that says more."""
    text = str(error)
    if isinstance(error, MemoryError):
        return f"there is not enough memory. {text}".rstrip()
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        return f"{os.fsdecode(error.filename)}: {error.strerror}"
    if text and isinstance(error, ValueError | TypeError | OSError | RuntimeError | ImportError):
        return text.rstrip("\n")
    return f"{type(error).__name__}: {text}"


@contextmanager
def _interrupt_on_signals(received: list[int]) -> Iterator[None]:
    """Have signals that end a process interrupt it, as ctrl-C does; note them."""

    def end(number: int, frame: FrameType | None) -> None:
        received.append(number)
        raise KeyboardInterrupt

    before: dict[int, Any] = {}
    if threading.current_thread() is threading.main_thread():
        # who ignores one, as nohup does, has it ignored
        chosen = [number for number in END_SIGNALS if signal.getsignal(number) in DEFAULT_HANDLERS]
        before = {number: signal.signal(number, end) for number in chosen}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _one_line_warnings() -> Iterator[None]:
    """Print warnings in one line each, once, without the place in the code."""
    seen: set[str] = set()

    def show(message, category, filename, lineno, file=None, line=None) -> None:
        text = f"warning: {message}"
        if text not in seen:
            seen.add(text)
            print_error(text)

    with warnings.catch_warnings():
        warnings.showwarning = show
        warnings.simplefilter("default", UserWarning)
        yield


if __name__ == "__main__":
    sys.exit(main())
