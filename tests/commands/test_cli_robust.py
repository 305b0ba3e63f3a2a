"""The command line among hostile labels, odd numbers, paths that are no files, broken streams."""

import gzip
import io
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import weakref
from argparse import Namespace
from collections import Counter
from contextlib import redirect_stderr, redirect_stdout
from itertools import islice
from pathlib import Path
from types import SimpleNamespace

import h5py
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from ganaug import ImageGAN, SampleBank, TableGAN, load, read_image_folder
from ganaug.cli import main
from ganaug.commands.class_folders import folder_names
from ganaug.commands.options import labels_argument
from ganaug.commands.sample import BATCH_SIZE, write_csv, write_parquet
from ganaug.commands.terminal import drop_unwritten, escape, open_standard_descriptors
from ganaug.encoding.image_folder import write_index
from ganaug.models.base import ClassGAN
from ganaug.progress import progress
from ganaug.storage.folder import atomic_folder

# classes of few rows are meant, so that training is quick
pytestmark = pytest.mark.filterwarnings("ignore::ganaug.SmallClassWarning")

HOSTILE = ["caf\u00e9\x1b]0;title\x07\x1b[2J\rdone", "\u65e5\u672c\nganaug: done\r\u202e\x00x"]


def run(*words):
    """Exit code of a command, and what it printed on both streams."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            code = main([str(word) for word in words])
        except SystemExit as end:
            code = end.code
    return code, out.getvalue(), err.getvalue()


def listing(folder):
    """All that is below a folder, with contents of files."""
    return {
        path: path.read_bytes() if path.is_file() else None for path in sorted(folder.rglob("*"))
    }


@pytest.fixture(autouse=True)
def no_wait(end_after):
    """A command that waits for a pipe, or trains where it should refuse, is interrupted."""
    end_after(60)


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Models of images and rows, under plain and hostile names, that draw without training."""
    folder = tmp_path_factory.mktemp("models")
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (24, 8, 8), dtype=np.uint8)
    for name, labels in {"images": [0, 1], "hostile": HOSTILE}.items():
        gan = ImageGAN(n_steps=0, random_state=0).fit(images, np.array(labels * 12))
        gan.save(folder / f"{name}.h5")
    rows = pd.DataFrame({"size\x1b[2J": rng.normal(size=40)})
    TableGAN(n_steps=0, random_state=0).fit(rows, ["a", "b"] * 20).save(folder / "rows.h5")
    return folder


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The working folder: a table, images, and what can be no input."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    labels = np.array(HOSTILE, dtype=object).repeat([20, 12])
    table = pd.DataFrame({"size": rng.normal(size=32), "kind": labels})
    table.to_csv("table.csv", index=False, quoting=2)
    with h5py.File("images.h5", "w") as file:
        file["X"], file["y"] = rng.integers(0, 256, (24, 8, 8), np.uint8), np.arange(24) % 2
    os.mkfifo("pipe")
    os.symlink("loop", "loop")
    os.symlink("table.csv", "soft.csv")
    os.link("table.csv", "hard.csv")
    with socket.socket(socket.AF_UNIX) as one:
        one.bind("socket")
    return tmp_path


def test_nothing_but_printing_characters_is_left_by_escape():
    for number in range(sys.maxunicode + 1):
        character = chr(number)
        escaped = escape(character)
        assert escaped.isprintable()
        assert (escaped == character) == character.isprintable()


def test_what_is_in_files_cannot_steer_the_terminal(folder, models):
    table = ["table.csv", "--target", "kind", "--steps", 1, "-o"]
    told = [
        run("info", models / "hostile.h5"),
        run("info", "\x1b[2J"),
        run("info", "one", "\x1b[2J"),
        run("sample", models / "hostile.h5", "-n", 1, "-o", "drawn"),
        run("sample", models / "hostile.h5", "-n", 1, "-o", "x.h5", "--label", "\x1b[2J"),
        run("sample", models / "rows.h5", "-n", 1, "-o", "x.csv", "--target", "size\x1b[2J"),
        run("explore", models / "hostile.h5", "-n", 2, "-o", "\x1b[2J.png"),
        run("augment", *table, "\x1b[2J.csv"),
        run("train", *table, "\x1b[2J.gan"),
    ]
    assert [code for code, _, _ in told] == [0, 2, 2, 0, 2, 2, 0, 0, 0]
    for _, out, err in told:
        # the bar goes to the beginning of its line
        for line in out.split("\n") + err.replace("\r", "\n").split("\n"):
            assert line.isprintable(), repr(line)
    assert "\\x1b]0;title\\x07" in told[0][1]


def test_hostile_labels_survive_in_files(folder, models):
    assert run("augment", "table.csv", "--target", "kind", "--steps", 1, "-o", "x.csv")[0] == 0
    grown = pd.read_csv("x.csv")["kind"]
    assert grown.value_counts().to_dict() == dict.fromkeys(pd.read_csv("table.csv")["kind"], 20)
    assert run("sample", models / "hostile.h5", "-n", 3, "-o", "x.h5")[0] == 0
    assert SampleBank("x.h5").class_counts == dict.fromkeys(HOSTILE, 3)
    assert run("sample", models / "hostile.h5", "-n", 3, "-o", "y.npz")[0] == 0
    with np.load("y.npz") as arrays:
        assert Counter(arrays["y"].tolist()) == dict.fromkeys(HOSTILE, 3)


def test_ascii_output_has_escapes_where_files_have_letters(folder, monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    words = ["augment", "table.csv", "--target", "kind", "--steps", "1", "-o", "x.csv"]
    assert main(words) == 0
    assert b"caf\\xe9" in stream.buffer.getvalue()
    assert "caf\u00e9" in Path("x.csv").read_text(encoding="utf-8")


def test_full_output_exits_with_1_when_files_are_complete(folder, models, monkeypatch, capsys):
    with open("/dev/full", "w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        assert main(["sample", str(models / "rows.h5"), "-n", "3", "-o", "x.csv"]) == 1
    assert len(pd.read_csv("x.csv")) == 6
    error = capsys.readouterr().err
    assert "standard output cannot be written: No space left" in error


def test_a_bar_that_cannot_be_shown_stops_no_work(monkeypatch):
    def work(stream):
        monkeypatch.setattr(sys, "stderr", stream)
        with progress(3, "work", "step", True) as on_steps:
            for _ in range(3):
                on_steps(1)

    work(None)
    with open("/dev/full", "w", buffering=1) as full:
        work(full)
        drop_unwritten()
    work(io.StringIO())
    assert "3/3" in sys.stderr.getvalue()


# One process imports the package, and forks for each command; a child ends as any Python does.
COMMANDS = """
import gc, json, os, sys
import ganaug.commands.info, ganaug.commands.sample
from ganaug.cli import main
gc.freeze()
for number, (words, streams) in enumerate(json.loads(sys.argv[1])):
    child = os.fork()
    if child == 0:
        reader, gone = os.pipe()
        os.close(reader)
        opened = [
            gone if one == "gone" else one and os.open(one, os.O_RDWR | os.O_CREAT | os.O_APPEND)
            for one in streams
        ]
        for descriptor, one in enumerate(opened):
            os.close(descriptor) if one is None else os.dup2(one, descriptor)
        os.closerange(3, 100)
        sys.stdout, sys.stderr = (
            None if streams[descriptor] is None else open(descriptor, "w", closefd=False)
            for descriptor in (1, 2)
        )
        sys.exit(main(words))
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@pytest.mark.medium
def test_streams_that_fail_give_codes_without_tracebacks(folder, models):
    full, model = "/dev/full", str(models / "images.h5")
    info = ["info", model]
    cases = [
        (1, info, None, "err"),
        (1, info, full, "err"),
        (1, info, "gone", "err"),
        (1, info, "gone", "gone"),
        (1, ["--help"], full, "err"),
        (2, ["fly"], "out", full),
        (2, ["info", "table.csv"], "out", "gone"),
        (0, ["sample", model, "-n", "2", "-o", "0.h5"], "out", None),
        (0, ["sample", model, "-n", "2", "-o", "1.h5"], "out", "gone"),
        (1, ["sample", model, "-n", "2", "-o", "2.h5"], None, None),
    ]
    given = [
        (words, (None if out is None else os.devnull, out, err)) for _, words, out, err in cases
    ]
    done = subprocess.run(
        [sys.executable, "-c", COMMANDS, json.dumps(given)],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2]), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    codes = [int(code) for code in done.stdout.split()]
    assert codes == [code for code, *_ in cases], done.stderr
    errors = Path("err").read_text()
    assert "standard output cannot be written" in errors
    assert "Traceback" not in errors + done.stderr
    assert "ignored" not in errors + done.stderr
    # what was told went to where it belongs, and not into the files
    assert "4 samples" in Path("out").read_text()
    for number in range(3):
        bank = SampleBank(f"{number}.h5")
        bank.verify()
        assert len(bank) == 4


def test_no_file_takes_the_place_of_a_closed_stream(folder):
    child = os.fork()
    if child == 0:
        for descriptor in (0, 1, 2):
            os.close(descriptor)
        open_standard_descriptors()
        os._exit(os.open("table.csv", os.O_RDONLY))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) > 2


@pytest.mark.slow
def test_development_mode_shows_where_an_error_arose(folder):
    command = [sys.executable, "-X", "dev", "-W", "ignore", "-m", "ganaug", "info", "table.csv"]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert "Traceback" in done.stderr


@pytest.mark.parametrize("path", ["pipe", "socket", "loop", "/dev/zero", "empty"])
@pytest.mark.parametrize(
    "words",
    [
        ["augment", "--target", "kind", "-o", "x.csv"],
        ["train", "--target", "kind", "-o", "x.h5"],
        ["report", "--target", "kind", "-o", "x.html"],
        ["sample", "-n", "1", "-o", "x.csv"],
        ["explore", "-o", "x.png"],
        ["info"],
    ],
    ids=lambda words: words[0],
)
def test_inputs_that_are_no_files_are_refused_without_a_wait(folder, words, path):
    Path("empty").mkdir()
    before = listing(folder)
    code, _, error = run(words[0], path, *words[1:])
    assert code == 2
    reason = "symbolic links" if path == "loop" else "no ordinary file"
    assert reason in error or "no folders of images" in error or "no Parquet or CSV" in error
    assert listing(folder) == before


def test_pipes_and_damage_among_images_are_named(folder):
    (folder / "data" / "cat").mkdir(parents=True)
    place = folder / "data" / "cat" / "x.png"
    os.mkfifo(place)
    for content in (None, b"\x89PNG\r\n\x1a\n" + bytes(50), b"GIF89a"):
        if content is not None:
            place.unlink()
            place.write_bytes(content)
        code, _, error = run("train", "data", "-o", "x.h5")
        assert code == 2
        assert str(Path("data") / "cat" / "x.png") in error
    assert not Path("x.h5").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["augment", "table.csv", "-o", "table.csv"], "the input itself"),
        (["augment", "table.csv", "-o", "./data/../table.csv"], "the input itself"),
        (["augment", "table.csv", "-o", "soft.csv"], "the input itself"),
        (["augment", "table.csv", "-o", "hard.csv"], "the input itself"),
        (["augment", "soft.csv", "-o", "hard.csv"], "the input itself"),
        (["augment", "table.csv", "-o", "/dev/stdin"], "no ordinary file|both be CSV"),
        (["augment", "table.csv", "-o", "pipe"], "no ordinary file"),
        (["augment", "table.csv", "-o", "data"], "it is a folder"),
        (["augment", "table.csv", "-o", "absent/x.csv"], "no such folder"),
        (["augment", "table.csv", "-o", "loop"], "link in a loop"),
        (["train", "table.csv", "-o", "x.h5", "--checkpoint", "x.h5"], "the checkpoint itself"),
        (["train", "table.csv", "-o", "x.h5", "--checkpoint", "hard.csv"], "the input itself"),
        (["train", "table.csv", "-o", "x.h5", "--checkpoint", "pipe"], "no ordinary file"),
        (["train", "table.csv", "-o", "x.h5", "--checkpoint", "absent/x"], "no such folder"),
        (["report", "table.csv", "-o", "hard.csv"], "the input itself"),
    ],
)
def test_outputs_that_cannot_be_are_refused_before_training(folder, words, message):
    Path("data").mkdir()
    before = listing(folder)
    code, _, error = run(*words, "--target", "kind", "--steps", 10**9)
    assert code == 2
    assert any(part in error for part in message.split("|")), error
    assert listing(folder) == before


@pytest.mark.parametrize("path", [".", "full", "loop", "pipe", "absent/x", "table.csv/x"])
def test_folders_that_cannot_be_are_refused_before_drawing(folder, models, path):
    (folder / "full" / "of").mkdir(parents=True)
    before = listing(folder)
    code, _, error = run("sample", models / "images.h5", "-n", 10**7, "-o", path)
    assert code == 2
    assert "cannot be written" in error
    assert listing(folder) == before


def test_the_folder_that_one_is_in_is_not_replaced(folder, models, monkeypatch):
    Path("empty").mkdir()
    monkeypatch.chdir("empty")
    assert "in use" in run("sample", models / "images.h5", "-n", 1, "-o", ".")[2]
    monkeypatch.chdir("..")
    assert run("sample", models / "images.h5", "-n", 1, "-o", "empty")[0] == 0
    assert sorted(os.listdir("empty")) == ["0", "1", "labels.json"]
    mask = os.umask(0)
    os.umask(mask)
    assert Path("empty").stat().st_mode & 0o777 == 0o777 & ~mask


WHOLE = ["-1", "1e3", "nan", "", "\u0663", str(10**30), "9" * 5000]


@pytest.mark.parametrize(
    ("words", "values"),
    [
        (["train", "table.csv", "-o", "x.h5", "--steps"], WHOLE),
        (["train", "table.csv", "-o", "x.h5", "--seed"], [*WHOLE, str(2**32)]),
        (["sample", "table.csv", "-o", "x.h5", "-n"], [*WHOLE, "0"]),
        (["explore", "table.csv", "-o", "x.png", "-n"], [*WHOLE, "1", "100000"]),
        (["demo", "--splits"], [*WHOLE, "1", str(10**9)]),
        (["report", "table.csv", "-o", "x.html", "--jobs"], WHOLE),
        (["augment", "table.csv", "-o", "x.csv", "--target", "kind", "--multiply"],
         ["nan", "inf", "1e300", "0.5", "-3", "x", "9" * 5000]),
    ],
    ids=lambda value: "" if value[-1].isdigit() else value[0] + value[-1],
)  # fmt: skip
def test_numbers_out_of_range_are_wrong_command_lines(folder, words, values):
    before = listing(folder)
    for value in values:
        code, _, error = run(*words, value)
        assert code == 2
        assert f"argument {words[-1]}: {value[:30]!r}"[:-1] in error
        assert len(error) < 1500
    assert listing(folder) == before


@pytest.mark.parametrize("output", ["x.h5", "x.csv", "x.parquet", "x"])
@pytest.mark.parametrize("n", [10**18, 2**63 - 1])
def test_more_samples_than_the_disk_holds_are_refused_at_once(folder, models, output, n):
    model = "images.h5" if output == "x" else "rows.h5"
    before = listing(folder)
    code, _, error = run("sample", models / model, "-n", n, "-o", output)
    assert code == 2
    assert "bytes or more" in error
    assert listing(folder) == before


def test_more_rows_than_a_report_compares_are_refused_at_once(folder):
    words = ["report", "table.csv", "--target", "kind", "-o", "x.html", "--multiply", "1e6"]
    code, _, error = run(*words)
    assert code == 2
    assert "--multiply or --max-rows" in error
    assert not Path("x.html").exists()


def test_data_that_no_memory_holds_are_refused_in_words(folder):
    with h5py.File("huge.h5", "w") as file:
        file.create_dataset("X", (24, 10**7, 10**7), np.uint8, chunks=(1, 1024, 1024))
        file["y"] = np.arange(24) % 2
    code, _, error = run("train", "huge.h5", "-o", "x.h5")
    assert code == 2
    assert "huge.h5 cannot be read: Unable to allocate" in error
    assert not Path("x.h5").exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.csv.gz", gzip.compress(b"a,kind\n1,2\n" * 1000, mtime=0)[:-10]),
        ("x.csv.gz", b"\x1f\x8b\x08junk"),
        ("x.csv.zip", b"PK\x03\x04junk"),
        ("x.csv.xz", b"junk"),
        ("x.csv.bz2", b"junk"),
        ("x.parquet", b""),
        ("x.parquet", b"PAR1" + bytes(50) + b"\x10\0\0\0PAR1"),
    ],
)
def test_damaged_tables_are_named(folder, name, content):
    Path(name).write_bytes(content)
    output = Path("out").with_suffix(Path(name).suffix if "parquet" in name else ".csv")
    code, _, error = run("augment", name, "--target", "kind", "-o", output)
    assert code == 2
    assert f"{name} is not a readable table" in error
    assert not output.exists()


@pytest.mark.parametrize(
    "label",
    ["", ".", "..", ".hidden", "a/b", "a\\b", "../../x", "CON", "nul.txt", "x.", "x ", "a:b",
     "x" * 300, "\u00e9" * 128, "\x1b[2J", "a\nb", "\udcff", "\0", "labels.json"],
)  # fmt: skip
def test_labels_that_can_name_no_folder_have_names_that_all_systems_take(label, tmp_path):
    names = folder_names(["good", label, f"{label}!"])
    assert names["good"] == "good"
    assert len(set(names.values())) == 3
    name = names[label]
    assert re.fullmatch(r"[\w-]{1,120}", name)
    assert not re.fullmatch("con|nul", name, re.IGNORECASE)
    (tmp_path / name).mkdir()
    write_index(tmp_path, names)
    Image.new("L", (8, 8)).save(tmp_path / name / "0.png")
    assert read_image_folder(tmp_path)[1].tolist() == [label]


@pytest.mark.parametrize("labels", [(1, "1"), ("Cat", "cat"), ("e\u0301", "\u00e9")])
def test_labels_that_would_name_one_folder_have_one_each(labels):
    first, second = folder_names(labels).values()
    assert first == str(labels[0])
    assert second != first
    assert folder_names(labels[1:])[labels[1]] == str(labels[1])


def test_a_label_that_several_classes_are_called_is_refused():
    model = SimpleNamespace(classes_=np.array([1, "1", "2"], dtype=object))
    assert labels_argument(Namespace(label=None, model="m"), model) == [1, "1", "2"]
    assert labels_argument(Namespace(label=["2"], model="m"), model) == ["2"]
    with pytest.raises(ValueError, match="several classes"):
        labels_argument(Namespace(label=["1"], model="m"), model)


@pytest.mark.parametrize("output", ["drawn", "x.csv", "x.parquet", "x.h5"])
def test_interrupted_drawing_leaves_nothing(folder, models, monkeypatch, output):
    before = listing(folder)
    iter_batches = ClassGAN.iter_batches

    def interrupted(*args, **options):
        yield from islice(iter_batches(*args, **options), 3)
        assert listing(folder) != before, "nothing is begun"
        raise KeyboardInterrupt

    monkeypatch.setattr(ClassGAN, "iter_batches", interrupted)
    model = "images.h5" if output in ("drawn", "x.h5") else "rows.h5"
    code, _, error = run("sample", models / model, "-n", 10**8, "-o", output)
    assert code == 130
    assert f"interrupted; {output} is not written" in error
    assert listing(folder) == before


def test_killed_writers_of_folders_leave_nothing_to_the_next_one(tmp_path, killed):
    target, rng = tmp_path / "drawn", np.random.default_rng(0)

    def write():
        shutil.rmtree(target, ignore_errors=True)
        with atomic_folder(target) as unfinished:
            for number in range(100):
                (unfinished / str(number)).touch()

    left = set()
    for _ in range(12):
        killed(write, rng)
        left |= {path.name for path in tmp_path.iterdir()} - {"drawn"}
    assert left
    write()
    assert os.listdir(tmp_path) == ["drawn"]
    assert len(os.listdir(target)) == 100


def test_a_folder_of_another_writer_is_left_alone(tmp_path):
    with atomic_folder(tmp_path / "drawn") as first:
        (first / "kept").touch()
        with atomic_folder(tmp_path / "drawn") as second:
            (second / "mine").touch()
            assert (first / "kept").exists()
        with pytest.raises(OSError, match="not empty"), atomic_folder(tmp_path / "drawn"):
            pass
        (tmp_path / "drawn" / "mine").unlink()
    assert os.listdir(tmp_path / "drawn") == ["kept"]


def test_signals_are_handled_as_before_once_a_command_is_over(folder):
    before = [signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)]
    run("info", "table.csv")
    after = [signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)]
    assert after == before


@pytest.mark.parametrize(("suffix", "read"), [(".csv", pd.read_csv), (".parquet", pd.read_parquet)])
def test_tables_in_batches_are_the_samples_at_once(folder, models, suffix, read):
    n = BATCH_SIZE + 100
    assert run("sample", models / "rows.h5", "-n", n, "-o", f"x{suffix}")[0] == 0
    X, y = load(models / "rows.h5").sample({"a": n, "b": n}, random_state=0)
    pd.testing.assert_frame_equal(read(f"x{suffix}"), X.assign(label=y), check_dtype=False)


def test_columns_that_are_empty_in_a_class_take_their_type_from_others(tmp_path):
    frames = [
        pd.DataFrame({"a": [None, None], "b": [1, 2]}),
        pd.DataFrame({"a": ["x", None], "b": [3, 4]}),
    ]
    write_parquet(tmp_path / "x.parquet", iter(frames))
    written = pd.read_parquet(tmp_path / "x.parquet")
    assert written["b"].tolist() == [1, 2, 3, 4]
    assert written["a"].isna().tolist() == [True, True, False, True]


@pytest.mark.parametrize("write", [write_csv, write_parquet])
def test_batches_are_let_go_once_they_are_written(tmp_path, write):
    alive = []

    def frames():
        for number in range(5):
            # the last one is still in the hand of the writer
            assert [one for one in alive[:-1] if one() is not None] == []
            frame = pd.DataFrame({"a": [number]})
            alive.append(weakref.ref(frame))
            yield frame

    write(tmp_path / "x", frames())
    assert len(alive) == 5


def test_an_empty_picture_or_long_label_is_drawn(folder):
    labels = np.array(["", "x" * 300] * 6)
    gan = ImageGAN(n_steps=0, random_state=0).fit(np.zeros((12, 8, 8), np.uint8), labels)
    gan.save("odd.h5")
    for output in ("x.png", "x.gif"):
        assert run("explore", "odd.h5", "-n", 4, "-o", output)[0] == 0
        with Image.open(output) as image:
            image.load()
