"""The demo's task and its words."""

import numpy as np
import pandas as pd
import pytest

from ganaug.demo import demo_task, format_scores


@pytest.fixture(scope="module")
def task():
    """Two splits of the digits."""
    return demo_task(range(2))


def test_odd_digits_are_scarce_and_even_ones_are_not(task):
    for train, _ in task.splits:
        assert np.bincount(task.y[train]).tolist() == [80, 10] * 5


def test_no_row_is_trained_on_and_tested_on(task):
    for train, test in task.splits:
        assert not set(train) & set(test)


def test_splits_differ(task):
    (first, _), (second, _) = task.splits
    assert set(first) != set(second)


def test_scores_are_shown_as_on_pages_and_gaps_as_dashes():
    table = pd.DataFrame(
        {
            "estimator": ["tree"] * 2,
            "method": ["none", "class weights"],
            "mean": [0.5, np.nan],
            "sd": [0.25, np.nan],
            "reference": ["none"] * 2,
            "note": ["", "not used: it has none"],
        }
    )
    lines = [line.split() for line in format_scores(table).splitlines()]
    assert lines[1:] == [["none", "0.500", "+-", "0.250"], ["class", "weights", "-"]]
    table.loc[1, "mean"] = 0.75
    lines = [line.split() for line in format_scores(table).splitlines()]
    assert lines[2] == ["class", "weights", "*", "0.750"]


def test_what_stands_in_place_of_all_classifiers_has_one_score():
    places = [(name, method) for method in ("none", "small network") for name in ("A", "B", "mean")]
    table = pd.DataFrame(places, columns=["estimator", "method"])
    table = table.assign(mean=0.5, sd=np.nan, reference="none", note="")
    lines = [line.split() for line in format_scores(table).splitlines()]
    assert lines[1:] == [["none", "0.500", "0.500", "0.500"], ["small", "network", "0.500"]]
    lines = format_scores(table[table["estimator"] == "A"]).splitlines()
    assert lines[2].split() == ["small", "network", "0.500"]
