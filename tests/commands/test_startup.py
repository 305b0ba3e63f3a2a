"""While a command loads, its user is told what takes so long."""

import io
import multiprocessing
import sys

import pytest

from ganaug import startup
from ganaug.cli import main


class Screen(io.StringIO):
    """Text that was written to a terminal, or to a file."""

    def __init__(self, is_terminal):
        super().__init__()
        self.isatty = lambda: is_terminal


@pytest.mark.parametrize(
    ("words", "argv", "expected"),
    [
        (["python", "/bin/ganaug", "info"], ["/bin/ganaug", "info"], True),
        (["python", "-W", "ignore", "-m", "ganaug", "info"], ["-m", "info"], True),
        (["python", "-mganaug.cli"], ["-m"], True),
        (["python", "-m", "other", "-m", "ganaug"], ["-m", "-m", "ganaug"], False),
        # an option of a program of the user's
        (["python", "train.py", "-m", "ganaug"], ["train.py", "-m", "ganaug"], False),
    ],
)
def test_a_command_is_told_from_programs_that_import_the_package(
    words, argv, expected, monkeypatch
):
    monkeypatch.setattr(sys, "orig_argv", words)
    monkeypatch.setattr(sys, "argv", argv)
    assert startup.is_command() == expected


@pytest.mark.parametrize(
    ("name", "is_terminal", "told"),
    [("ganaug", True, True), ("ganaug", False, False), ("other", True, False)],
)
def test_a_command_that_loads_slowly_says_so_earlier_in_a_terminal(
    name, is_terminal, told, monkeypatch
):
    screen = Screen(is_terminal)
    monkeypatch.setattr(sys, "orig_argv", [name])
    monkeypatch.setattr(sys, "argv", [name])
    monkeypatch.setattr(sys, "stderr", screen)
    timer = startup.say_if_slow(0.0, elsewhere=1000.0)
    if timer.ident is not None and is_terminal:
        timer.join()
    timer.cancel()
    assert ("loading torch" in screen.getvalue()) == told


def test_a_file_is_told_too_and_no_worker_repeats_it(monkeypatch):
    monkeypatch.setattr(sys, "orig_argv", ["ganaug"])
    monkeypatch.setattr(sys, "argv", ["ganaug"])
    monkeypatch.setattr(sys, "stderr", Screen(is_terminal=False))
    startup.say_if_slow(elsewhere=0.0).join()
    assert sys.stderr.getvalue() == "ganaug: loading torch ...\n"
    monkeypatch.setattr(multiprocessing.current_process(), "_name", "LokyProcess-1")
    assert startup.say_if_slow(elsewhere=0.0).ident is None


def test_nothing_is_said_once_a_command_has_begun():
    with pytest.raises(SystemExit):
        main(["--version"])
    assert startup.loading.finished.is_set()
