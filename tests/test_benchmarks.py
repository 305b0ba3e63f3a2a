"""The benchmarks run, and their statistics are those of the books."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


@pytest.fixture
def ranks(monkeypatch):
    """The module, which lies beside the programs that use it."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    import ranks

    return ranks


def test_the_comparison_runs_from_the_command_line_to_its_pages(tmp_path):
    done = subprocess.run(
        [
            *(sys.executable, BENCHMARKS / "gain.py", "--smoke"),
            *("--output", tmp_path / "gain.jsonl", "--report", tmp_path / "pages"),
        ],
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(BENCHMARKS.parent)},
    )
    assert done.returncode == 0, done.stderr
    lines = (tmp_path / "gain.jsonl").read_text(encoding="utf-8").splitlines()
    records = pd.DataFrame(map(json.loads, lines))
    assert records.groupby("task")["split"].nunique().to_dict() == {"digits, to 80": 2}
    assert records["score"].between(0, 1).all()
    assert [page.name for page in (tmp_path / "pages").iterdir()] == ["digits-to-80.html"]


def test_divergence_is_counted_from_the_command_line():
    done = subprocess.run(
        [sys.executable, BENCHMARKS / "divergence.py", "--smoke"],
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(BENCHMARKS.parent)},
    )
    assert done.returncode == 0, done.stderr
    assert [line.split(" (")[0] for line in done.stdout.splitlines()] == [
        "tables that diverge: 1 of 1 noticed",
        "images that diverge: 1 of 1 noticed",
        "the same tables by default settings: 1 of 1 noticed",
        "default settings: 0 of 1 fits alarmed",
    ]


def test_the_critical_difference_is_that_of_the_tables(ranks):
    # q of five methods is 2.728 in Demsar's table 5
    expected = 2.728 * np.sqrt(5 * 6 / (6 * 14))
    assert ranks.critical_difference(14, 5) == pytest.approx(expected, abs=1e-3)


def test_p_values_are_corrected_step_by_step(ranks):
    values = pd.Series({"a": 0.01, "b": 0.04, "c": 0.03, "none": np.nan})
    corrected = ranks.holm(values)
    assert corrected[["a", "c", "b"]].tolist() == pytest.approx([0.03, 0.06, 0.06])
    assert np.isnan(corrected["none"])


def test_what_is_better_everywhere_ranks_first_and_wins(ranks):
    rng = np.random.default_rng(0)
    none = rng.normal(0.7, 0.1, 12)
    scores = pd.DataFrame({"none": none, "worse": none - 0.02, "better": none + 0.05})
    scores.loc[0, "worse"] = np.nan
    lines = [line.split() for line in ranks.ranking(scores, "none").splitlines()[1:4]]
    assert [line[:2] for line in lines] == [["better", "1.0"], ["none", "2.0"], ["worse", "3.0"]]
    assert lines[0][5:8] == ["12", "0", "0"]
    assert lines[2][5:8] == ["0", "0", "11"]
