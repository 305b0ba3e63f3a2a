"""Starts of classifiers are chosen by images that were left out."""

import numpy as np
import pandas as pd
import pytest

from ganaug.evaluation.starts import PRETRAINED, RANDOM, candidates, choose_start


def right(starts, rates, n=200):
    """Table of starts that are right about the first images of some."""
    columns = zip(starts, rates, strict=True)
    return pd.DataFrame({start.name: np.arange(n) < rate * n for start, rate in columns})


@pytest.mark.parametrize(
    ("pretrained", "share", "names"),
    [
        (True, 0, ["discriminator"]),
        (False, 0.5, ["random weights, 0.5 of samples"]),
        ("auto", 0.0, ["discriminator", "random weights"]),
        ("auto", "auto", ["discriminator", "random weights", "discriminator, 0.25 of samples"]),
        (False, "auto", ["random weights", "random weights, 0.25 of samples"]),
    ],
)
def test_parameters_leave_as_many_starts_as_they_do_not_name(pretrained, share, names):
    assert [start.name for start in candidates(pretrained, share)] == names


@pytest.mark.parametrize(("rates", "chosen"), [((0.6, 0.5), 0), ((0.5, 0.5), 0), ((0.5, 0.6), 1)])
def test_the_start_that_was_right_more_often_is_taken(rates, chosen):
    starts = [PRETRAINED, RANDOM]
    assert choose_start(starts, right(starts, rates)) is starts[chosen]


@pytest.mark.parametrize(("gain", "taken"), [(0.0, False), (0.005, False), (0.2, True)])
def test_samples_are_taken_only_where_they_surely_help(gain, taken):
    starts = candidates("auto", "auto")
    correct = right(starts, (0.5, 0.4, 0.5 + gain))
    assert choose_start(starts, correct) is starts[2 if taken else 0]


def test_where_all_draw_samples_the_better_is_taken():
    starts = candidates("auto", 0.5)
    assert choose_start(starts, right(starts, (0.4, 0.5))) is starts[1]
