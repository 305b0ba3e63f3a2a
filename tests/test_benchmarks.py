"""The benchmarks run, keep to one schema and to what they may import, and count as the books do."""

import ast
import doctest
import importlib
import json
import math
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks import reproduce
from benchmarks.common.results import FOLDER, Results, check_record, read_records, results_path
from benchmarks.common.statistics import (
    bootstrap_interval,
    critical_difference,
    holm,
    paired_tests,
    ranked_gains,
)
from benchmarks.common.table_data import bundled_table, run_folds, table_command_line
from benchmarks.common.table_summaries import (
    REAL_ROWS,
    comparison_table,
    real_and_synthetic_table,
    task_means,
)
from benchmarks.tables.real_and_synthetic import GENERATORS

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
SUBJECTS = ("tables", "images", "sequences", "cost")
PROGRAMS = sorted(
    f"{path.parent.name}.{path.stem}"
    for subject in SUBJECTS
    for path in (BENCHMARKS / subject).glob("*.py")
    if path.stem != "__init__"
)
SOURCES = sorted(BENCHMARKS.rglob("*.py"))

# Marked medium; the others are marked slow.
QUICK = ("tables.calibration",)

# Packages that the tests go without.
NEEDS = {"images.guided": "skimage"}

PUBLIC = ("ganaug", "ganaug.metrics", "ganaug.report", "ganaug.transforms")

# Sources that take training apart, to change what users cannot.
INSIDE = (
    "ablation",
    "feature_games",
    "gate",
    "scaling",
    "sequence_methods",
    "table_losses",
    "table_variants",
)


@pytest.mark.parametrize(
    "program",
    [
        pytest.param(name, marks=pytest.mark.medium if name in QUICK else pytest.mark.slow)
        for name in PROGRAMS
    ],
)
def test_a_program_runs_and_writes_results_of_the_schema(program, tmp_path):
    if program in NEEDS:
        pytest.importorskip(NEEDS[program])
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{program}", "--smoke", "--output", tmp_path / "new"],
        capture_output=True,
        text=True,
        cwd=BENCHMARKS.parent,
        env={**os.environ, "OMP_NUM_THREADS": "1", "NO_ALBUMENTATIONS_UPDATE": "1"},
    )
    assert done.returncode == 0, done.stderr
    records = read_records(tmp_path / "new")
    assert records
    for record in records:
        check_record(record)
        assert all(math.isfinite(score) for score in record["scores"].values())
        assert record["scores"] or record["notes"]["error"]
        assert record["versions"].keys() >= {"python", "torch"}


def rows_of_readme():
    lines = (BENCHMARKS / "README.md").read_text(encoding="utf-8").splitlines()
    cells = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")]
    return [row for row in cells if row[1].startswith("`python -m")]


def test_the_list_of_programs_is_that_of_the_folders():
    rows = rows_of_readme()
    named = [re.search(r"-m benchmarks\.([\w.]+)", row[1])[1] for row in rows]
    assert sorted(named) == PROGRAMS
    assert all(row[0].endswith("?") and re.match(r"\d", row[2]) for row in rows)


def test_results_are_those_that_the_list_names_each_of_the_program_beside_it():
    named = []
    for _, command, _, results in rows_of_readme():
        if results != "-":
            program = re.search(r"-m benchmarks\.(\w+)\.(\w+)", command)
            assert results.strip("`") == f"results/{program[1]}/{program[2]}.jsonl"
            named.append(BENCHMARKS / results.strip("`"))
    assert sorted(named) == sorted(FOLDER.rglob("*.jsonl"))


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.jsonl")), ids=lambda path: path.stem)
def test_saved_results_have_the_schema_and_say_nothing_twice(path):
    keys = []
    for record in read_records(path):
        check_record(record)
        keys.append(json.dumps([record[name] for name in ("task", "method", "seed", "options")]))
    assert len(set(keys)) == len(keys) > 0


def imports_of(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, None) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.module, alias.name) for alias in node.names)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_programs_import_what_is_common_and_public_and_nothing_private(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for module, name in imports_of(tree):
        package = module.split(".")[0]
        if package == "benchmarks":
            assert module.startswith("benchmarks.common."), module
        elif package == "ganaug":
            assert ".".join(module.split(".")[:2]) in PUBLIC or path.stem in INSIDE, module
        words = [*module.split("."), *([] if name is None else [name])]
        assert not any(word.startswith("_") and not word.startswith("__") for word in words)
    private = [
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and re.match(r"_[^_]", node.attr)
        and not (isinstance(node.value, ast.Name) and node.value.id == "self")
    ]
    assert private == []


@pytest.mark.parametrize(
    "name",
    [
        "common.command_line",
        "common.generators",
        "common.image_loop",
        "common.markdown",
        "common.results",
        "data",
    ],
)
def test_examples_are_right(name):
    found = doctest.testmod(importlib.import_module(f"benchmarks.{name}"))
    assert found.attempted > 0
    assert found.failed == 0


def test_results_are_found_again_by_what_is_given_of_their_options(tmp_path):
    path = tmp_path / "new" / "results.jsonl"
    options = {"classifier": "SVC", "share": 0.1}
    written = Results(path).add("wine", "GAN", 3, options=options, scores={"accuracy": 0.9})
    again = Results(path)
    assert again.records == [written]
    assert again.find("wine", "GAN", 3) == again.find("wine", "GAN", 3, share=0.1) == [written]
    assert again.find("wine", "GAN", 3, share=0.2) == again.find("wine", "GAN", 4) == []


@pytest.mark.parametrize(
    "wrong", [{"scores": {"accuracy": "0.9"}}, {"seconds": "1"}, {"seed": None}, {"extra": 1}]
)
def test_what_has_not_the_schema_is_refused(wrong):
    record = Results(None).add("wine", "GAN", 0, options={}, scores={"accuracy": 0.9})
    check_record(record)
    with pytest.raises(ValueError, match="a record has the fields|are numbers"):
        check_record({**record, **wrong})


def test_folds_that_are_there_are_not_run_again(tmp_path):
    runs = []

    def run(name, fold, table, rows):
        runs.append((name, fold))
        train, test = rows
        assert sorted([*train, *test]) == list(range(len(table[1])))
        yield {"method": "none", "options": {}, "scores": {"rows": len(train)}}

    line = table_command_line("Folds.", __file__, n_folds=2)
    words = ["--smoke", "--output", str(tmp_path / "results.jsonl")]
    for n_folds in (1, 3):
        options, results = line.parse({"folds": n_folds}, words)
        records = run_folds(options, results, {"wine": bundled_table()}, {"none": run})
        assert [record["seed"] for record in records] == list(range(n_folds))
    assert runs == [("wine", 0), ("wine", 1), ("wine", 2)]


def test_smoke_alone_leaves_the_saved_results_alone():
    line = table_command_line("Nothing.", str(BENCHMARKS / "tables" / "mixing.py"), n_folds=1)
    _, results = line.parse({}, ["--smoke"])
    results.add("wine", "none", 0, options={}, scores={})
    saved = read_records(results_path(str(BENCHMARKS / "tables" / "mixing.py")))
    assert all(record["task"] != "wine" or record["scores"] for record in saved)


@pytest.mark.parametrize("page", reproduce.PAGES, ids=lambda page: page.parent.name)
def test_the_tables_of_a_page_are_those_of_the_results(page):
    text = page.read_text(encoding="utf-8")
    assert reproduce.with_tables(page, text) == text


def test_tables_that_were_edited_by_hand_are_made_right_again():
    page = reproduce.RESULTS_PAGE
    text = page.read_text(encoding="utf-8")
    edited = re.sub(r"\| GAN \| [\d.]+", "| GAN | 99.9", text, count=1)
    assert edited != text
    assert reproduce.with_tables(page, edited) == text


def test_a_constant_gain_has_an_interval_without_width():
    results = Results(None)
    for seed in range(3):
        for method, score in {"SMOTE": 0.5 + 0.1 * seed, "GAN": 0.52 + 0.1 * seed}.items():
            for classifier in ("linear", "forest"):
                what = {"classifier": classifier}
                scores = {"balanced_accuracy": score}
                results.add("digits", method, seed, options=what, scores=scores, seconds=2.0)
    table = comparison_table(results.records, "digits")
    assert table.loc["GAN", "over SMOTE"] == "+2.0 [+2.0, +2.0]"
    assert table["digits"].tolist() == ["60.0 ± 10.0", "62.0 ± 10.0"]
    assert table["seconds"].tolist() == ["2.00", "2.00"]


@pytest.mark.parametrize("name", sorted(GENERATORS.keys() - {REAL_ROWS, "TableGAN"}))
def test_as_many_rows_of_each_class_are_drawn_as_there_are(name):
    X, y = bundled_table()
    X_new, y_new = GENERATORS[name](X, y, 0)
    assert sorted(y_new) == sorted(y)
    assert list(X_new) == list(X)
    assert len(X_new) == len(y)
    # other rows, but of the levels that there are
    assert not X_new.reset_index(drop=True).equals(X)
    assert X_new["strength"].dtype == X["strength"].dtype


def test_gains_of_synthetic_rows_are_those_over_real_rows():
    results = Results(None)
    for task, score in {"wine": 0.5, "glass": 0.7}.items():
        for method, kinds in {
            REAL_ROWS: {"real": 0.0},
            "GAN": {"synthetic": -0.1, "both": 0.02},
        }.items():
            for kind, gain in kinds.items():
                results.add(
                    task,
                    method,
                    0,
                    options={"rows": kind, "classifier": "linear"},
                    scores={"macro_f1": score + gain},
                    seconds=2.0,
                )
    table = real_and_synthetic_table(results.records)
    assert table.loc["GAN"].tolist()[:4] == [
        "50.0",
        "-10.0 [-10.0, -10.0]",
        "62.0",
        "+2.0 [+2.0, +2.0]",
    ]
    assert table.loc[REAL_ROWS, "synthetic alone"] == "60.0"


def test_a_method_that_failed_on_a_fold_has_no_mean_there():
    frame = pd.DataFrame(
        {
            "task": "wine",
            "method": ["none", "none", "SMOTE", "SMOTE"],
            "seed": [0, 1, 0, 1],
            "accuracy": [0.5, 0.7, 0.9, np.nan],
        }
    )
    means = task_means(frame, "accuracy").loc["wine"]
    assert means["none"] == pytest.approx(0.6)
    assert np.isnan(means["SMOTE"])


def test_the_critical_difference_is_that_of_the_tables():
    # q of five methods is 2.728 in Demsar's table 5
    expected = 2.728 * np.sqrt(5 * 6 / (6 * 14))
    assert critical_difference(14, 5) == pytest.approx(expected, abs=1e-3)


def test_p_values_are_corrected_step_by_step():
    values = pd.Series({"a": 0.01, "b": 0.04, "c": 0.03, "none": np.nan})
    corrected = holm(values)
    assert corrected[["a", "c", "b"]].tolist() == pytest.approx([0.03, 0.06, 0.06])
    assert np.isnan(corrected["none"])


def test_what_is_better_everywhere_ranks_first_and_wins():
    rng = np.random.default_rng(0)
    none = rng.normal(0.7, 0.1, 12)
    scores = pd.DataFrame({"none": none, "worse": none - 0.02, "better": none + 0.05})
    scores.loc[0, "worse"] = np.nan
    ranked = ranked_gains(scores, "none")
    assert ranked["rank"].to_dict() == {"better": 1.0, "none": 2.0, "worse": 3.0}
    assert ranked["gain"].to_dict() == pytest.approx({"better": 0.05, "none": 0, "worse": -0.02})
    tests = paired_tests(scores, "none")[["wins", "ties", "losses"]]
    assert tests.loc["better"].tolist() == [12, 0, 0]
    assert tests.loc["worse"].tolist() == [0, 0, 11]


def test_the_bootstrap_interval_of_many_tasks_is_that_of_the_normal_law():
    differences = np.random.default_rng(0).normal(1.0, 0.5, 400)
    reach = 1.96 * differences.std() / 20
    low, high = bootstrap_interval(differences)
    assert low == pytest.approx(differences.mean() - reach, abs=0.005)
    assert high == pytest.approx(differences.mean() + reach, abs=0.005)
    assert np.isnan(bootstrap_interval(differences[:1])).all()
