"""What a type hint of a field says is what is checked."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
import pytest

from ganaug.storage.fields import Array, Interval, Label, MaxLength, SortedLabels, check_fields

ARRAY = np.array([[1.0, 2.0]])


@dataclass
class Record:
    """A field of every kind."""

    flag: bool = True
    number: Annotated[float, Interval(0, 1)] = 0.5
    count: int = 1
    text: Annotated[str, MaxLength(3)] = "abc"
    choice: Literal["a", 1] = "a"
    optional: int | None = None
    pairs: tuple[tuple[int, int], ...] = ((1, 2),)
    by_label: dict[Label, int] | None = None
    rows: Annotated[np.ndarray, Array("float64", "n 2", 0, 5, nan=True)] | None = None
    more: Annotated[np.ndarray, Array("number", "n ...")] | None = None
    labels: SortedLabels | None = None
    anything: Any = None


@pytest.mark.parametrize(
    "fields",
    [
        {"flag": False, "number": 0.0, "count": -(10**30), "text": "", "choice": 1},
        {"optional": 3, "pairs": (), "by_label": {"a": 1, 2: 2, 0.5: 3, True: 4}},
        {"rows": ARRAY, "more": np.zeros((1, 3, 3), dtype=bool)},
        {"rows": np.array([[np.nan, 5.0]]), "more": np.zeros(1, dtype="f2")},
        {"rows": np.zeros((0, 2)), "more": np.zeros((0, 7))},
        {"labels": np.array(["a", "b"])},
        {"labels": np.array([False, True])},
        {"labels": np.array(["a", "b"], dtype=object)},
        {"anything": object()},
    ],
    ids=",".join,
)
def test_values_of_the_type_pass(fields):
    check_fields(Record, fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"flag": 1},
        {"flag": np.True_},
        {"number": 1},
        {"number": 1.5},
        {"number": float("nan")},
        {"number": True},
        {"count": True},
        {"count": 1.0},
        {"text": "abcd"},
        {"text": b"abc"},
        {"choice": "b"},
        {"choice": True},
        {"optional": "a"},
        {"pairs": [(1, 2)]},
        {"pairs": ((1, 2, 3),)},
        {"pairs": ((1, 2.0),)},
        {"by_label": {None: 1}},
        {"by_label": {"a": "b"}},
        {"by_label": [("a", 1)]},
        {"rows": ARRAY.astype("f4")},
        {"rows": ARRAY[0]},
        {"rows": ARRAY[:, :1]},
        {"rows": 6 * ARRAY},
        {"rows": -ARRAY},
        {"rows": ARRAY * np.inf},
        {"rows": ARRAY.tolist()},
        {"rows": ARRAY, "more": np.zeros((2, 3))},
        {"more": np.zeros(())},
        {"more": np.array([np.nan])},
        {"more": np.array(["a"])},
        {"labels": np.array(["b", "a"])},
        {"labels": np.array(["a", "a"])},
        {"labels": np.array([1.0, np.nan])},
        {"labels": np.array([None, "a"], dtype=object)},
        {"labels": np.array([1, "a"], dtype=object)},
        {"labels": np.array([["a"]])},
        {"labels": np.array([])},
    ],
    ids=",".join,
)
def test_others_are_refused_by_the_name_of_the_field(fields):
    with pytest.raises(ValueError, match="|".join(fields)):
        check_fields(Record, fields)


def test_both_ends_of_an_interval_are_in_it():
    for value in (0, 1, 0.5):
        Interval(0, 1).check(value, "share", {})
    for value in (-1e-9, 1 + 1e-9, float("nan")):
        with pytest.raises(ValueError, match="share is"):
            Interval(0, 1).check(value, "share", {})
