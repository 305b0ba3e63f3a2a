"""Columns that count from their first values are compared as their values are."""

import numpy as np
import pandas as pd
import pytest

from ganaug import TableGAN
from ganaug.encoding.schema import TableSchema

STEPS = np.random.default_rng(0).integers(0, 300, 40)
LATER = STEPS + np.random.default_rng(1).integers(1, 30, 40)
START = pd.Timestamp("2020-01-01")


def pairs():
    """Frames of two columns, of which the second is the later or larger one in every row."""
    start = START + pd.to_timedelta(STEPS, "D")
    end = START + pd.to_timedelta(LATER, "D")
    yield "days", pd.DataFrame({"a": start, "b": end})
    late = START + pd.to_timedelta(LATER * 86_400 - 1, "s")
    yield "days and seconds", pd.DataFrame({"a": start, "b": late})
    yield "objects", pd.DataFrame({"a": start.date, "b": end.date})
    yield "large numbers", pd.DataFrame({"a": 2**60 + 3 * STEPS, "b": 2**60 + 3 * LATER})


@pytest.mark.parametrize("frame", [pytest.param(frame, id=name) for name, frame in pairs()])
def test_what_is_later_in_every_row_is_so_in_synthetic_rows(frame):
    floats = TableSchema.fit(frame).read(frame)
    assert (floats[:, 0] < floats[:, 1]).all()
    drawn = TableGAN(n_steps=1, random_state=0).fit(frame).sample(300)[0]
    # values that were exchanged are rounded to the steps of their column
    assert (drawn["a"] > drawn["b"]).mean() < 0.02


def test_columns_of_one_moment_of_the_day_each_keep_it():
    start = START + pd.to_timedelta(STEPS, "D")
    alone = pd.Timestamp("2020-03-01 00:01:06")
    frame = pd.DataFrame({"a": start, "b": start + pd.Timedelta("12h"), "c": alone})
    schema = TableSchema.fit(frame)
    pd.testing.assert_frame_equal(schema.wrap(schema.read(frame)), frame)


def test_days_beside_moments_stay_days():
    frame = dict(pairs())["days and seconds"]
    drawn = TableGAN(n_steps=1, random_state=0).fit(frame).sample(300)[0]
    assert (drawn["a"] == drawn["a"].dt.normalize()).all()
    assert len(set(drawn["b"].dt.second)) == 1


def test_dates_that_no_common_unit_counts_exactly_stay_as_they_are():
    far = np.array(["0001-01-01", "9999-12-31"], "M8[us]")
    near = np.array(["2020-01-01T00:00:00.000001", "2020-01-02"], "M8[us]")
    frame = pd.DataFrame({"a": far, "b": near, "c": [pd.NaT, pd.NaT]})
    schema = TableSchema.fit(frame)
    assert schema.read(frame)[:, 0].tolist() == [0, 3652058]
    pd.testing.assert_frame_equal(schema.wrap(schema.read(frame)), frame, check_dtype=False)
