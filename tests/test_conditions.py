"""Synthetic rows satisfy what they are asked to."""

import numpy as np
import pandas as pd
import pytest

from ganaug import TableGAN
from ganaug.encoding.conditions import Conditions

HOMES = pd.DataFrame({"rooms": [2.0, 9.0, None], "rent": [500, 100, 900]})


@pytest.mark.parametrize(
    ("conditions", "kept"),
    [
        ("rent > 200", [True, False, True]),
        ("rooms > 1", [True, True, False]),
        (lambda rows: rows["rent"] > 600, [False, False, True]),
        (["rent > 200", lambda rows: (rows["rooms"] < 5).to_numpy()], [True, False, False]),
        (lambda rows: pd.array([True, None, False], dtype="boolean"), [True, False, False]),
        ([], [True, True, True]),
    ],
)
def test_rows_satisfy_all_conditions_or_not(conditions, kept):
    assert Conditions(conditions).satisfied(HOMES).tolist() == kept


@pytest.mark.parametrize(
    ("conditions", "rows", "message"),
    [
        ("floors > 2", HOMES, "'floors > 2' cannot be evaluated.*floors"),
        ("rent >", HOMES, "'rent >' cannot be evaluated"),
        ("rent + 1", HOMES, "one bool for each of 3 rows; it gave int64"),
        (lambda rows: True, HOMES, r"of the shape \(1,\)"),
        (lambda rows: rows[["rent"]] > 2, HOMES, r"of the shape \(3, 1\)"),
        ("rent > 2", HOMES.to_numpy(), "needs X to be a DataFrame"),
    ],
)
def test_conditions_that_cannot_be_evaluated_are_named(conditions, rows, message):
    with pytest.raises(ValueError, match=message):
        Conditions(conditions).satisfied(rows)


def test_what_is_no_condition_is_named():
    with pytest.raises(TypeError, match="got 7"):
        Conditions(["rent > 2", 7])


def test_every_row_satisfies_the_conditions_and_the_rate_is_reported(blobs):
    X, y = blobs
    gan = TableGAN(conditions=lambda rows: rows[:, 0] > rows[:, 1], n_steps=3, random_state=0)
    X_new, y_new = gan.fit(X, y).sample({0: 500, 1: 3})
    assert (X_new[:, 0] > X_new[:, 1]).all()
    assert y_new.tolist() == [0] * 500 + [1] * 3
    assert 0.2 < gan.acceptance_[0] < 0.8
    assert list(gan.acceptance_) == [0, 1]


def test_conditions_hold_for_frames_and_all_faces_of_sampling(mixed):
    X, y = mixed
    gan = TableGAN(conditions=["colour == 'red'", "weight > 0"], n_steps=3, random_state=0)
    X_new, _ = gan.fit(X, y).sample({1: 50}, random_state=4)
    assert (X_new["colour"] == "red").all()
    assert (X_new["weight"] > 0).all()
    batches = [rows for rows, _ in gan.iter_batches({1: 50}, batch_size=7, random_state=4)]
    pd.testing.assert_frame_equal(pd.concat(batches, ignore_index=True), X_new)


def test_conditions_that_no_real_row_satisfies_are_refused_before_training(blobs):
    X, y = blobs
    gan = TableGAN(conditions=lambda rows: rows[:, 0] > 5, n_steps=10**9)
    with pytest.raises(ValueError, match="no real row of class 0 satisfies"):
        gan.fit(X, y)


def test_drawing_ends_where_next_to_nothing_is_acceptable():
    X = np.random.default_rng(0).normal(size=(40, 2))
    exactly = X[7].copy()
    gan = TableGAN(conditions=lambda rows: (rows == exactly).all(axis=1), n_steps=3, random_state=0)
    with pytest.raises(ValueError, match=r"of \d+ samples drawn of class 0, 0 are acceptable"):
        gan.fit(X).sample(5)
