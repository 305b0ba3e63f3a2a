"""The command line: what it writes, what it says, and what it leaves alone."""

import io
import os
import re
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import ganaug
from ganaug import load
from ganaug.cli import main


@pytest.fixture
def table(tmp_path):
    """A CSV file: twenty rows of one class, twelve of another, a whole and a fractional column."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "width": rng.normal(size=32),
            "kind": ["common"] * 20 + ["rare"] * 12,
            "count": rng.integers(0, 9, size=32),
        }
    )
    path = tmp_path / "table.csv"
    frame.to_csv(path, index=False)
    return path


def augment(table, *options, target="kind", output="out.csv"):
    """Run the command in this process; return its exit code and its output file."""
    written = table.parent / output
    arguments = ["augment", str(table), "--target", target, "-o", str(written), "--steps", "3"]
    return main([*arguments, *options]), written


@pytest.mark.parametrize(("labels", "mark"), [(["a", "b", "?"], "?"), ([3, 5, -1], "-1")])
def test_models_learn_from_rows_whose_label_says_that_they_have_no_class(
    table, labels, mark, capsys
):
    frame = pd.read_csv(table).assign(kind=np.repeat(labels, [10, 12, 10]))
    frame.to_csv(table, index=False)
    words = ["train", str(table), "--target", "kind", "--steps", "2", "-o"]
    model = table.parent / "model.h5"
    assert main([*words, str(model), "--unlabeled-label", mark]) == 0
    assert load(model).class_counts_ == {labels[0]: 10, labels[1]: 12}
    assert main([*words, f"{model}2", "--unlabeled-label", "none"]) == 2
    assert "has the label 'none'; there are" in capsys.readouterr().err


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
@pytest.mark.parametrize("labels", [["a", "b"], [3, 5], [True, False]])
def test_rows_without_a_label_teach_and_stay_as_they_are(table, labels, suffix, capsys):
    if suffix == "parquet":
        pytest.importorskip("pyarrow")
    kinds = pd.Series(labels).repeat([8, 24]).reset_index(drop=True).convert_dtypes()
    gaps = np.arange(32) % 4 == 0
    frame = pd.read_csv(table).assign(kind=kinds.mask(gaps)).round({"width": 3})
    table = table.with_suffix(f".{suffix}")
    frame.to_csv(table, index=False) if suffix == "csv" else frame.to_parquet(table, index=False)
    code, output = augment(table, output=f"out.{suffix}")
    assert code == 0
    assert "augment: 8 of 32 rows have no 'kind': they teach" in capsys.readouterr().err
    grown = pd.read_csv(output) if suffix == "csv" else pd.read_parquet(output)
    before = grown[frame.columns][:32].convert_dtypes()
    pd.testing.assert_frame_equal(before, frame.convert_dtypes(), check_dtype=False)
    assert grown["kind"][32:].tolist() == [labels[0]] * 12
    words = ["train", str(table), "--target", "kind", "--steps", "2", "-o"]
    assert main([*words, str(table.with_suffix(".h5"))]) == 0
    counts = load(table.with_suffix(".h5")).class_counts_
    assert counts == {labels[0]: 6, labels[1]: 18}
    # 3.0 is no 3
    assert set(map(repr, counts)) == set(map(repr, labels))


def test_rows_without_a_label_are_marked_like_those_that_an_option_names(table, capsys):
    frame = pd.read_csv(table).assign(kind=["a", "b", "?", None] * 8)
    frame.to_csv(table, index=False)
    model = table.with_suffix(".h5")
    words = ["train", str(table), "--target", "kind", "--steps", "2", "-o", str(model)]
    assert main([*words, "--unlabeled-label", "?"]) == 0
    assert load(model).class_counts_ == {"a": 8, "b": 8}
    assert main([*words, "--unlabeled-label", "c", "--overwrite"]) == 2
    assert "has the label 'c'; there are ['?', 'a', 'b']" in capsys.readouterr().err


@pytest.mark.medium
def test_a_report_judges_rows_without_a_label(table, capsys):
    frame = pd.read_csv(table)
    frame["kind"] = frame["kind"].mask(np.arange(len(frame)) % 4 == 0)
    frame.to_csv(table, index=False)
    words = ["report", str(table), "--target", "kind", "--steps", "2", "--folds", "2"]
    assert main([*words, "-o", str(table.with_suffix(".html"))]) == 0
    told = capsys.readouterr()
    assert "report: 8 of 32 rows have no 'kind'" in told.err
    assert "2 folds of 24 rows" in told.out
    assert "self-training + GAN" in told.out


def test_augment_adds_marked_rows_after_the_real_ones(table, capsys):
    code, output = augment(table)
    before, after = pd.read_csv(table), pd.read_csv(output)
    assert code == 0
    assert list(after) == ["width", "kind", "count", "synthetic"]
    pd.testing.assert_frame_equal(after.loc[:31, list(before)], before)
    assert after["synthetic"].tolist() == [False] * 32 + [True] * 8
    assert after["kind"].value_counts().to_dict() == {"common": 20, "rare": 20}
    assert after["count"].dtype == np.int64
    assert "8 of them synthetic" in capsys.readouterr().out


def test_parquet_tables_grow_as_csv_ones_do(table):
    frame = pd.read_csv(table)
    frame.to_parquet(table.with_suffix(".parquet"))
    code, output = augment(table.with_suffix(".parquet"), output="out.parquet")
    after = pd.read_parquet(output)
    assert code == 0
    pd.testing.assert_frame_equal(after.iloc[:32, :3], frame)
    assert after["kind"].value_counts().to_dict() == {"common": 20, "rare": 20}


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_columns_that_are_kept_stay_in_real_rows_and_are_empty_in_others(table, suffix, capsys):
    frame = pd.read_csv(table).assign(last=1.5)
    frame.insert(0, "id", [f"{7 * number:05}" for number in range(32)])
    frame.insert(2, "number", np.arange(900, 932))
    table = table.with_suffix(f".{suffix}")
    if suffix == "csv":
        frame.to_csv(table, index=False)
        read = partial(pd.read_csv, dtype={"id": str, "number": "Int64"})
    else:
        pa = pytest.importorskip("pyarrow")
        schema = pa.Schema.from_pandas(frame, preserve_index=False)
        # a column that declares to have no gaps
        field = schema.field("id").with_nullable(False)
        schema = schema.set(schema.get_field_index("id"), field)
        frame.to_parquet(table, index=False, schema=schema)
        read = pd.read_parquet
    kept = ["--keep", "id", "--keep", "number", "--drop", "last"]
    code, output = augment(table, *kept, output=f"out.{suffix}")
    assert code == 0
    assert "as identifiers have" not in capsys.readouterr().err
    grown = read(output)
    assert list(grown) == ["id", "width", "number", "kind", "count", "synthetic"]
    real = grown[:32].drop(columns="synthetic")
    pd.testing.assert_frame_equal(real, frame.drop(columns="last"), check_dtype=False)
    assert grown[["id", "number"]][32:].isna().all(axis=None)
    assert grown[["width", "count"]][32:].notna().all(axis=None)


def test_multiply_enlarges_every_class(table):
    _, output = augment(table, "--multiply", "2")
    assert pd.read_csv(output)["kind"].value_counts().to_dict() == {"common": 40, "rare": 24}


def test_equal_seeds_write_equal_files(table):
    first, second, other = (
        augment(table, "--seed", seed, output=f"{name}.csv")[1].read_bytes()
        for name, seed in (("first", "1"), ("second", "1"), ("other", "2"))
    )
    assert first == second != other


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        (None, {"target": "colour"}, "no column 'colour'"),
        (None, {"options": ["--mark", "count"]}, "a column 'count' already"),
        (None, {"options": ["--keep", "count", "--mark", "count"]}, "a column 'count' already"),
        (None, {"options": ["--keep", "id"]}, "no column 'id'"),
        (None, {"options": ["--keep", "kind"]}, "'kind' holds the labels"),
        (None, {"options": ["--keep", "count", "--drop", "count"]}, "by both --drop and --keep"),
        (None, {"options": ["--device", "abacus"]}, "abacus"),
        (None, {"output": "absent/out.csv"}, "cannot be written"),
        (None, {"output": "."}, "it is a folder"),
        (None, {"output": "table.csv"}, "the input itself"),
        (None, {"output": "out.parquet"}, "must both be CSV, or both Parquet"),
        (None, {"output": "out.xlsx"}, "name a file that ends in .csv, .tsv, .txt or .parquet"),
        (b"a,kind\n1,x\n2,y,3\n", {}, "not a readable table"),
        (b"a,kind\n1,x,3\n2,y,3\n", {}, "not a readable table"),
        (b"\xff\xfe\x00\x80", {}, "not a readable table"),
        (b"a,kind\n1,x\n2,\n", {}, "more than 1 class"),
        (b"a,kind\n", {}, "no rows"),
        (b"", {}, "is empty"),
        (b"a,kind\ninf,x\n1,y\n2,y\n", {}, "'a' holds infinity"),
        (b"a,kind\n1,x\n2,x\n", {}, "more than 1 class"),
        (b"a,kind\n1,0.5\n2,0.25\n", {}, "holds quantities, not classes"),
    ],
)
def test_bad_input_is_named_and_nothing_is_written(table, capsys, content, options, message):
    if content is not None:
        table.write_bytes(content)
    before = {path: path.read_bytes() for path in table.parent.iterdir()}
    code, _ = augment(table, *options.pop("options", []), **options)
    errors = capsys.readouterr().err
    assert code == 2
    assert message in errors
    assert "Traceback" not in errors
    assert {path: path.read_bytes() for path in table.parent.iterdir()} == before


def test_text_and_gaps_are_augmented_as_they_are(table):
    rows = [
        f"{i % 7 or ''},{'red' if i % 3 else 'blue'},{'x' if i < 40 else 'y'}" for i in range(60)
    ]
    table.write_text("\n".join(["a,colour,kind", *rows]))
    code, output = augment(table)
    assert code == 0
    grown = pd.read_csv(output)
    new = grown[grown["synthetic"]]
    assert len(new) == 20
    assert set(new["colour"]) == {"red", "blue"}
    assert new["a"].isna().any()
    written = output.read_text().splitlines()
    assert written[1 : len(rows) + 1] == [f"{row},False" for row in rows]
    assert all("." not in line for line in written)


def test_a_file_that_is_not_there_is_named(tmp_path, capsys):
    code, _ = augment(tmp_path / "absent.csv")
    assert code == 2
    assert "absent.csv" in capsys.readouterr().err


def test_an_older_output_survives_a_failed_run(table):
    output = table.parent / "out.csv"
    output.write_text("precious")
    code, _ = augment(table, target="colour")
    assert code == 2
    assert output.read_text() == "precious"


@pytest.mark.parametrize("command", ["augment", "train", "report"])
def test_no_older_output_is_replaced_unless_asked_to_and_that_is_said_before_training(
    table, capsys, command
):
    output = table.parent / "older"
    output.write_text("precious")
    words = [command, table, "--target", "kind", "-o", output, "--steps", 10**9]
    assert main([*map(str, words)]) == 2
    assert "older exists; pass --overwrite to replace it" in capsys.readouterr().err
    assert output.read_text() == "precious"


def test_the_version_is_printed_and_known_in_python(capsys):
    with pytest.raises(SystemExit) as exit_code:
        main(["--version"])
    assert exit_code.value.code == 0
    assert capsys.readouterr().out == f"ganaug {ganaug.__version__}\n"


def test_an_unwritable_folder_is_said_before_training(table, capsys):
    code, _ = augment(table, "--steps", str(10**9), output="absent/out.csv")
    assert code == 2
    assert "cannot be written" in capsys.readouterr().err


def test_small_classes_are_told_of_in_one_line(table, capsys):
    table.write_text("a,kind\n" + "1,x\n2,x\n3,x\n4,x\n" + "5,y\n6,y\n")
    code, _ = augment(table)
    errors = capsys.readouterr().err
    assert code == 0
    assert "warning: class 'y' has fewer than 10 rows" in errors
    assert ".py" not in errors


@pytest.mark.parametrize("arguments", [["augment"], ["fly"], ["demo", "--splits", "1"]])
def test_a_wrong_command_line_exits_with_2(arguments):
    with pytest.raises(SystemExit) as exit_code:
        main(arguments)
    assert exit_code.value.code == 2


def test_a_mistyped_option_is_told_with_the_one_that_it_is_like(capsys):
    with pytest.raises(SystemExit) as exit_code:
        main(["info", "model.h5", "--hlep"])
    assert exit_code.value.code == 2
    errors = capsys.readouterr().err
    assert "usage: ganaug info" in errors
    assert "ganaug info: error: unrecognized arguments: --hlep. Did you mean --help?" in errors
    with pytest.raises(SystemExit):
        main(["info", "model.h5", "--qqq"])
    assert "unrecognized arguments: --qqq\n" in capsys.readouterr().err


def test_without_a_word_the_help_is_printed(capsys):
    with pytest.raises(SystemExit) as exit_code:
        main([])
    assert exit_code.value.code == 0
    assert "usage: ganaug [-h]" in capsys.readouterr().out


def train_in_child(words, stderr):
    """Train in a forked process that answers ctrl-C, with a pipe for its errors."""
    child = os.fork()
    if child == 0:
        # a shell's background job ignores ctrl-C, and what it starts inherits that
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.dup2(stderr, 2)
        sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115 - to the end of the process
        code = main(["train", *words])
        sys.stderr.flush()
        os._exit(code)
    os.close(stderr)
    return child


INTERRUPTIONS = [
    (signal.SIGINT, 130),
    pytest.param(signal.SIGTERM, 143, marks=pytest.mark.slow),
]


@pytest.mark.parametrize(("number", "code"), INTERRUPTIONS)
def test_an_interruption_exits_with_its_code_and_says_what_is_left(
    table, number, code, monkeypatch
):
    monkeypatch.chdir(table.parent)
    words = [table.name, "--target", "kind", "-o", "out.h5", "--steps", str(2**63 - 1)]
    if number == signal.SIGTERM:
        words += ["--checkpoint", "run.h5"]
    reader, writer = os.pipe()
    child = train_in_child(words, writer)
    with open(reader, encoding="utf-8") as stream:
        progress = ""
        while not re.search(r"/\d+ steps", progress):
            character = stream.read(1)
            assert character, progress
            progress += character
        os.kill(child, number)
        errors = stream.read()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == code
    assert "Traceback" not in errors
    assert "interrupted; out.h5 is not written" in errors
    left = ["run.h5"] if number == signal.SIGTERM else []
    assert ("goes on from run.h5" in errors) == bool(left)
    assert sorted(path.name for path in table.parent.iterdir()) == [*left, "table.csv"]


@pytest.mark.slow
def test_an_interrupted_report_in_two_processes_prints_no_traceback(table, tmp_path):
    """Whoever presses ctrl-C interrupts all processes, and may have no ``pgrep``."""
    words = ["--target", "kind", "--multiply", "2", "--folds", "2", "--jobs", "2"]
    page = tmp_path / "page.html"
    command = [sys.executable, "-m", "ganaug", "report", table, *words, "-o", page]
    with subprocess.Popen(
        [*command, "--steps", str(2**31)],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2]), "PATH": str(tmp_path)},
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        progress = ""
        while "GAN, generators" not in progress:
            line = process.stderr.readline()
            assert line, progress
            progress += line
        os.killpg(process.pid, signal.SIGINT)
        errors = process.stderr.read()
    assert process.returncode == 130
    assert f"ganaug report: interrupted; {page} is not written." in errors
    assert "Traceback" not in errors


def test_ctrl_c_while_a_command_starts_prints_no_traceback(table):
    # each import is told of, and that of numpy is followed by many
    command = [sys.executable, "-v", "-m", "ganaug", "info", table]
    with subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        for line in process.stderr:
            if line.startswith("import 'numpy'"):
                break
        process.send_signal(signal.SIGINT)
        errors = process.stderr.read()
    assert process.returncode == -signal.SIGINT
    assert "Traceback" not in errors
    assert signal.getsignal(signal.SIGINT) is not signal.SIG_DFL


class InterruptingStream(io.StringIO):
    """A stream that ctrl-C meets once a text was written to it."""

    def __init__(self, text):
        super().__init__()
        self._text = text

    def write(self, text):
        if self._text in text:
            self._text = "\0"
            signal.raise_signal(signal.SIGINT)
        return super().write(text)


@pytest.mark.medium
def test_an_interrupted_report_is_of_the_splits_that_are_done(table, monkeypatch):
    monkeypatch.setattr("ganaug.progress.BEAT", 0.01)
    monkeypatch.setattr("ganaug.progress.LINE_GAP", 0.0)
    monkeypatch.setattr(sys, "stderr", InterruptingStream("comparison: 1/3 splits"))
    page = table.parent / "page.html"
    words = ["report", table, "--target", "kind", "-o", page, "--folds", 3, "--jobs", 1]
    assert main([*map(str, words), "--steps", "1", "--gate", "none"]) == 130
    errors = sys.stderr.getvalue()
    assert "warning: the comparison was interrupted: 1 of 3 splits are done" in errors
    assert f"interrupted; {page} is written." in errors
    text = page.read_text(encoding="utf-8")
    assert "interrupted after 1 of 3 splits" in text
    assert "One split says nothing of chance" in text


def test_real_rows_are_written_as_they_were_read(table):
    lines = ["width,kind,count"]
    lines += [f"{i}.10,{'007' if i < 20 else 'NA'},{i:03}" for i in range(32)]
    table.write_text("\n".join(lines) + "\n")
    code, output = augment(table)
    assert code == 0
    written = output.read_text().splitlines()
    assert [line.removesuffix(",False") for line in written[1:33]] == lines[1:]
    assert {line.split(",")[1] for line in written[33:]} == {"NA"}


def test_repeated_column_names_are_refused(table, capsys):
    table.write_text("a,a,kind\n1,2,x\n3,4,y\n")
    assert augment(table)[0] == 2
    assert "several columns named ['a']" in capsys.readouterr().err


def test_an_output_keeps_its_permissions_and_a_link_its_target(table):
    target, link = table.parent / "target.csv", table.parent / "link.csv"
    target.write_text("old")
    target.chmod(0o600)
    link.symlink_to(target)
    assert augment(table, "--overwrite", output="link.csv")[0] == 0
    assert link.is_symlink()
    assert target.stat().st_mode & 0o777 == 0o600
    assert "synthetic" in target.read_text()


def test_an_output_that_is_no_ordinary_file_is_left_alone(table, capsys):
    pipe = table.parent / "pipe"
    os.mkfifo(pipe)
    assert augment(table, output="pipe")[0] == 2
    assert pipe.is_fifo()
    assert "no ordinary file" in capsys.readouterr().err


def test_help_names_all_exit_codes_and_both_decimal_points(capsys):
    for words, texts in (
        (["--help"], ["130 interrupted", "143 by the", "129 by HUP"]),
        (["report", "--help"], ["--decimal MARK", ". or ,", "default: report.html"]),
    ):
        with pytest.raises(SystemExit):
            main(words)
        printed = " ".join(capsys.readouterr().out.split())
        assert [text for text in texts if text not in printed] == []


@pytest.mark.medium
def test_a_warning_of_every_split_is_printed_once(tmp_path, capsys):
    rows = [f"n{row},m{row % 200},{'ab'[row % 3 == 0]}" for row in range(240)]
    (tmp_path / "table.csv").write_text("\n".join(["name,street,kind", *rows]) + "\n")
    words = ["report", tmp_path / "table.csv", "--target", "kind", "-o", tmp_path / "page.html"]
    assert main([*map(str, words), "--folds", "3", "--steps", "1", "--gate", "none"]) == 0
    told = capsys.readouterr().err
    assert told.count("nearly all cells of 'name' differ") == 1
    assert "as many levels as rows, " not in told
    assert told.count("warning: column 'street' has more than half as many levels") == 1
