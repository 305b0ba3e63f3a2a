"""While a command loads, its user is told what takes so long."""

import io
import multiprocessing
import os
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

import ganaug
from ganaug import startup
from ganaug.cli import main


class Screen(io.StringIO):
    """Text that was written to a terminal, or to a file."""

    def __init__(self, is_terminal):
        super().__init__()
        self.isatty = lambda: is_terminal


def wait_for_line(screen, n_lines=1):
    """Return True once a screen has so many lines; False where no timer runs that writes some."""
    end = time.monotonic() + 60
    while screen.getvalue().count("\n") < n_lines:
        timers = [one for one in threading.enumerate() if isinstance(one, threading.Timer)]
        if time.monotonic() > end or not any(timer.interval < 1 for timer in timers):
            return False
        time.sleep(0.001)
    return True


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
    timer = startup.say_if_slow("loading torch", 0.001, elsewhere=1000.0)
    try:
        assert wait_for_line(screen) == told
    finally:
        timer.cancel()


def test_a_file_is_told_too_and_no_worker_repeats_it(monkeypatch):
    monkeypatch.setattr(sys, "orig_argv", ["ganaug"])
    monkeypatch.setattr(sys, "argv", ["ganaug"])
    monkeypatch.setattr(sys, "stderr", Screen(is_terminal=False))
    timer = startup.say_if_slow("loading torch", elsewhere=0.001)
    # as long as it takes
    assert wait_for_line(sys.stderr, n_lines=3)
    timer.cancel()
    timer.join()
    assert {*sys.stderr.getvalue().splitlines()} == {"ganaug: loading torch, 0 s"}
    monkeypatch.setattr(multiprocessing.current_process(), "_name", "LokyProcess-1")
    assert startup.say_if_slow("loading torch", elsewhere=0.0).ident is None


def test_data_that_take_long_to_open_are_not_taken_for_torch(monkeypatch, tmp_path):
    screen = Screen(is_terminal=False)

    def wait(options):
        assert wait_for_line(screen)
        raise ValueError("they are there")

    # in place of a module that takes long to load
    monkeypatch.setitem(sys.modules, "ganaug.commands.data", SimpleNamespace(open_data=wait))
    monkeypatch.setattr(startup, "say_if_slow", partial(startup.say_if_slow, elsewhere=0.001))
    monkeypatch.setattr(sys, "orig_argv", ["ganaug"])
    monkeypatch.setattr(sys, "argv", ["ganaug"])
    monkeypatch.setattr(sys, "stderr", screen)
    rows = tmp_path / "rows.csv"
    rows.touch()
    assert main(["report", str(rows), "--target", "y"]) == 2
    assert "ganaug: opening data, 0 s" in screen.getvalue()
    assert "torch" not in screen.getvalue()


def test_nothing_is_said_once_a_command_has_begun():
    with pytest.raises(SystemExit):
        main(["--version"])
    assert startup.stage.finished.is_set()


LINES = [
    [],
    ["--help"],
    ["train", "--help"],
    ["train", "--nosuch"],
    ["sample"],
    ["demo", "--splits", "1"],
    ["info", "nosuch.h5"],
    ["train", "nosuch.csv", "--target", "kind", "-o", "model.h5"],
    ["report", "table.csv"],
    ["augment", "table.csv", "--target", "kind", "-o", "grown.parquet"],
]


def told_by(program, folder):
    """Lines that a Python program writes to standard error in a folder."""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
    )
    return done.stderr.splitlines()


def test_wrong_command_lines_and_missing_files_are_told_before_anything_heavy_is_loaded(tmp_path):
    (tmp_path / "table.csv").write_text("kind\n1\n")
    program = f"""
import sys
from ganaug.cli import main
for words in {LINES}:
    try:
        print(main(words), file=sys.stderr)
    except SystemExit as error:
        print(error.code, file=sys.stderr)
print({{"h5py", "numpy", "pandas", "sklearn", "torch", "tqdm"}} & {{*sys.modules}}, file=sys.stderr)
"""
    *told, loaded = told_by(program, tmp_path)
    codes = [line for line in told if line.isdigit()]
    assert codes == ["0", "0", "0", "2", "2", "2", "2", "2", "2", "2"], told
    assert loaded == "set()"
    for words in ["nosuch.csv: No such file", "--target must name", "must both be CSV"]:
        assert words in "\n".join(told)


OF_TABLES = [
    (["report", "table.csv", "--target", "Kid"], "has no column 'Kid'; it has 'kind', 'size'"),
    (["report", "table.csv", "--target", "Kind"], "Did you mean 'kind'?"),
    (["train", "table.csv", "--target", "kind", "--drop", "x", "-o", "m.h5"], "has no column 'x'"),
    (["augment", "table.csv", "--target", "kid", "-o", "new.csv"], "has no column 'kid'"),
    (["augment", "table.csv", "--target", "kind", "--mark", "size", "-o", "new.csv"], "--mark"),
    (["train", "table.csv", "--target", "kind", "--sep", ";;", "-o", "m.h5"], "one character"),
    (["report", "empty", "--size", "8"], "holds no folder"),
]


def test_wrong_columns_are_told_before_torch_is_loaded(tmp_path):
    (tmp_path / "table.csv").write_text("kind,size\na,1\n")
    (tmp_path / "empty").mkdir()
    program = f"""
import sys
from ganaug.cli import main
for words in {[words for words, _ in OF_TABLES]}:
    print(main(words), file=sys.stderr)
print({{"imblearn", "sklearn", "torch"}} & {{*sys.modules}}, file=sys.stderr)
"""
    *told, loaded = told_by(program, tmp_path)
    assert loaded == "set()"
    assert told[1::2] == ["2"] * len(OF_TABLES), told
    for line, (_, words) in zip(told[::2], OF_TABLES, strict=True):
        assert words in line


def test_the_package_gives_its_public_names_and_no_others():
    assert {*ganaug.__all__, "report", "transforms"} < {*dir(ganaug)}
    assert ganaug.compare is ganaug.api.compare
    for name in ("nosuch", "__nosuch__"):
        with pytest.raises(AttributeError, match=f"'ganaug' has no attribute '{name}'"):
            getattr(ganaug, name)
