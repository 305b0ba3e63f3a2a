"""Synthetic rows satisfy what they are asked to."""

import hostile
import numpy as np
import pandas as pd
import pytest

from ganaug import TableGAN, load
from ganaug.encoding.conditions import Conditions

HOMES = pd.DataFrame({"rooms": [2.0, 9.0, None], "rent": [500, 100, 900]})


@pytest.mark.parametrize(
    ("conditions", "kept"),
    [
        ("rent > 200", [True, False, True]),
        ("rooms > 1", [True, True, False]),
        ("1 < rooms <= 4 or not rooms in [2, 9]", [True, False, True]),
        ("rooms > 1 & rent < 200", [False, True, False]),
        (lambda rows: rows["rent"] > 600, [False, False, True]),
        (["rent > 200", lambda rows: (rows["rooms"] < 5).to_numpy()], [True, False, False]),
        (lambda rows: pd.array([True, None, False], dtype="boolean"), [True, False, False]),
        ([], [True, True, True]),
    ],
)
def test_rows_satisfy_all_conditions_or_not(conditions, kept):
    assert Conditions(conditions).satisfied_mask(HOMES).tolist() == kept


@pytest.mark.parametrize(
    ("conditions", "rows", "message"),
    [
        ("floors > 2", HOMES, "'floors > 2' cannot be evaluated.*floors"),
        ("rent >", HOMES, "'rent >' cannot be evaluated"),
        ("rent.gt(2)", HOMES, "'rent.gt\\(2\\)' cannot be evaluated: '.' is not allowed"),
        ("rent + 1", HOMES, "one bool for each of 3 rows; it gave int64"),
        (lambda rows: True, HOMES, r"of the shape \(1,\)"),
        (lambda rows: rows[["rent"]] > 2, HOMES, r"of the shape \(3, 1\)"),
        ("rent > 2", HOMES.to_numpy(), "needs X to be a DataFrame"),
    ],
)
def test_conditions_that_cannot_be_evaluated_are_named(conditions, rows, message):
    with pytest.raises(ValueError, match=message):
        Conditions(conditions).satisfied_mask(rows)


def test_what_is_no_condition_is_named():
    for conditions, shown in ((["rent > 2", 7], "7"), (7, "7"), (b"rent > 2", "b'rent > 2'")):
        with pytest.raises(TypeError, match=f"got {shown}"):
            Conditions(conditions)


def test_conditions_are_kept_as_given_and_read_again_where_they_are_set():
    conditions = Conditions(["rent > 2", len])
    assert conditions.conditions == ("rent > 2", len)
    conditions.conditions = ("@rent > 2",)
    with pytest.raises(ValueError, match="cannot be evaluated"):
        conditions.satisfied_mask(HOMES)


def test_expressions_are_parsed_before_there_are_rows():
    for text in ("@rent > 2", "rent.sum() > 2", "rent >", "rent" + " + 1" * 499 + " > 0"):
        with pytest.raises(ValueError, match="cannot be evaluated"):
            Conditions([text])
    assert Conditions(["rent > 2"] * 100).satisfied_mask(HOMES).all()
    with pytest.raises(ValueError, match="there are 101 conditions of"):
        Conditions(["rent > 2"] * 101)


def test_names_are_checked_against_columns_without_rows():
    conditions = Conditions(["rent > 2 and `rooms` < 3", len])
    conditions.check_columns(HOMES.columns)
    conditions.check_columns(["rooms", 0, "rent"])
    for columns in (["rent"], ["rent", "rooms", "rooms"], []):
        with pytest.raises(ValueError, match="'(rooms|rent)' is (no column|the name of 2 columns)"):
            conditions.check_columns(columns)
    with pytest.raises(ValueError, match="needs X to be a DataFrame; pass a callable"):
        conditions.check_columns(None)
    Conditions(len).check_columns(None)


@pytest.mark.parametrize("attack", ["@pd.io.common.os.system('touch {}') == 0", "open('{}', 'w')"])
def test_no_condition_of_a_file_is_run(tmp_path, attack):
    marker = tmp_path / "marker"
    gan = TableGAN(n_steps=0, conditions="rent > 0", random_state=0)
    gan.fit(pd.concat([HOMES[["rent"]]] * 4))
    gan.save(tmp_path / "gan.h5")

    def put_attack(tree, arrays):
        for holder, key in hostile.find(tree, "conditions"):
            if "tuple" in holder[key]:
                holder[key]["tuple"] = [f"({attack.format(marker)}) & (rent > 0)"]

    hostile.change(tmp_path / "gan.h5", put_attack)
    with pytest.raises(ValueError, match="is not allowed"):
        load(tmp_path / "gan.h5")
    assert not marker.exists()


@pytest.mark.parametrize(
    ("conditions", "error", "message"),
    [
        ("a.sum() > 1", ValueError, "'a.sum\\(\\) > 1' cannot be evaluated"),
        ("floors > 1", ValueError, "'floors' is no column"),
        (["a > -9", 7], TypeError, "got 7"),
    ],
)
def test_wrong_conditions_are_refused_before_training(conditions, error, message):
    X = pd.DataFrame(np.random.default_rng(0).normal(size=(40, 2)), columns=["a", "b"])
    gan = TableGAN(n_steps=10**9, conditions=conditions)
    with pytest.raises(error, match=message):
        gan.fit(X)
    with pytest.raises((error, ValueError), match=f"{message}|needs X to be a DataFrame"):
        gan.fit(X.to_numpy())


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
