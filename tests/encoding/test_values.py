"""A column of any type becomes floats, and comes back in its type."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from ganaug.encoding.dates import Dates
from ganaug.encoding.levels import Levels
from ganaug.encoding.numbers import ExactNumbers, Numbers
from ganaug.encoding.values import values_of
from ganaug.loading import CLASSES
from ganaug.storage.tree import from_datasets, to_datasets

DAYS = pd.to_datetime(["2001-03-24", "2001-03-26", None])
COLUMNS = {
    "floats": (Numbers, pd.Series([1.5, np.nan])),
    "singles": (Numbers, pd.Series([1.5, np.nan], dtype="float32")),
    "integers": (Numbers, pd.Series([3, -4])),
    "nullable integers": (Numbers, pd.Series([3, None], dtype="Int8")),
    "nullable floats": (Numbers, pd.Series([3.5, None], dtype="Float64")),
    "sparse": (Numbers, pd.Series([0.0, 2.0], dtype="Sparse[float]")),
    "numbers as objects": (Numbers, pd.Series([3.0, 2.5, np.nan], dtype=object)),
    "dates": (Dates, pd.Series(DAYS)),
    "dates in seconds": (Dates, pd.Series(DAYS.astype("datetime64[s]"))),
    "dates in a zone": (Dates, pd.Series(DAYS.tz_localize("Europe/Berlin"))),
    "moments": (Dates, pd.Series([pd.Timestamp("2001-02-03 04:05:06.000007"), DAYS[0]])),
    "dates of all times": (
        Dates,
        pd.Series(np.array(["9999-12-31", "2020-01-01", "0001-01-01"], "datetime64[s]")),
    ),
    "durations": (Dates, pd.Series(pd.to_timedelta(["1 D", "36 h", None]))),
    "no dates": (Dates, pd.Series([pd.NaT, pd.NaT])),
    "strings": (Levels, pd.Series(["b", "a", None])),
    "old strings": (Levels, pd.Series(["b", None, "a"], dtype=object)),
    "nullable strings": (Levels, pd.Series(["b", None], dtype="string")),
    "categories": (Levels, pd.Series(pd.Categorical(["b", None, "a"], ["c", "b", "a"]))),
    "categories of numbers": (Levels, pd.Series(pd.Categorical([3, 1, 3], ordered=True))),
    "bools": (Levels, pd.Series([True, False])),
    "bools of one kind": (Levels, pd.Series([True, True])),
    "nullable bools": (Levels, pd.Series([True, None], dtype="boolean")),
    "nothing": (Levels, pd.Series([None, None], dtype=object)),
    "whole numbers as objects": (ExactNumbers, pd.Series([3, None, 4], dtype=object)),
    "whole numbers of any size": (ExactNumbers, pd.Series([2**70, None, 7], dtype=object)),
    "large integers": (ExactNumbers, pd.Series([2**62 + 1, 2**62 + 3])),
    "the largest integers": (ExactNumbers, pd.Series([2**64 - 1, 2**63], dtype="uint64")),
    "large nullable integers": (ExactNumbers, pd.Series([2**62 + 1, None], dtype="Int64")),
    "decimals": (ExactNumbers, pd.Series([Decimal("1.10"), None, Decimal("-2.25")])),
    "decimals of many digits": (ExactNumbers, pd.Series([Decimal(10) ** 40, Decimal(1)])),
    "days as objects": (Dates, pd.Series([dt.date(9999, 12, 31), None, dt.date(1, 1, 1)])),
    "moments as objects": (Dates, pd.Series([dt.datetime(2001, 2, 3, 4, 5, 6, 7)], dtype=object)),
    "times of day": (Dates, pd.Series([dt.time(23, 59, 59, 999_999), None, dt.time()])),
}


def arrow(values, dtype):
    """Column of a dtype of Arrow, which pandas does not know by its name."""
    pa = pytest.importorskip("pyarrow")
    return pd.Series(values, dtype=pd.ArrowDtype(eval(dtype, vars(pa))))


NOON = pd.Timestamp("2001-02-03 12:00", tz="Europe/Berlin")
ARROW = {
    "int8()": [1, None],
    "uint64()": [2**64 - 1, None, 2**63],
    "float16()": [1.5, None],
    "float32()": [1.5, None],
    "bool_()": [True, None],
    "null()": [None, None],
    "string()": ["b", None, "a"],
    "large_string()": ["b", None, "a"],
    "dictionary(int8(), string())": ["b", None, "a"],
    "dictionary(int32(), int64(), True)": [3, None, 1],
    "decimal128(10, 2)": [Decimal("1.25"), None, Decimal("-7")],
    "decimal256(60, 2)": [Decimal(10) ** 50, None, Decimal(1)],
    "date32()": [dt.date(2001, 2, 3), None, dt.date(2001, 2, 5)],
    "date64()": [dt.date(2001, 2, 3), None],
    "time32('s')": [dt.time(23), None, dt.time(1)],
    "time64('ns')": [dt.time(23, 0, 0, 5), None],
    "timestamp('ns')": [dt.datetime(2001, 2, 3), None],
    "timestamp('us', 'Europe/Berlin')": [NOON, None],
    "timestamp('s', '+01:00')": [NOON, None],
    "duration('ms')": [dt.timedelta(3), None],
}


@pytest.mark.parametrize(("dtype", "values"), ARROW.items(), ids=ARROW)
def test_a_column_of_arrow_comes_back_as_it_was_also_from_a_file(dtype, values):
    column = arrow(values, dtype)
    reader = values_of(column, categorical=False)
    numbers = reader.read(column)
    assert np.array_equal(np.isnan(numbers), column.isna())
    again = from_datasets(to_datasets(reader), CLASSES)
    for one in (reader, again):
        pd.testing.assert_series_equal(one.write(numbers), column)


def test_types_that_pandas_holds_and_cannot_work_with_are_named():
    pa = pytest.importorskip("pyarrow")
    column = pd.Series(pd.arrays.ArrowExtensionArray(pa.array(["a"]).cast(pa.string_view())))
    with pytest.raises(ValueError, match="is of the type string_view.*Convert it, or leave it out"):
        values_of(column, categorical=False)


def test_decimals_that_have_no_value_are_levels():
    column = arrow([None, None], "decimal128(10, 2)")
    assert values_of(column, categorical=False).write(np.array([np.nan])).dtype == column.dtype


def test_large_integers_are_told_apart_and_those_of_other_tables_are_read_too():
    column = pd.Series([2**62 + 7 * i for i in range(40)])
    values = values_of(column, categorical=False)
    assert values.read(column).tolist() == [*range(40)]
    others = pd.Series([0, 2**62 - 7, 2**62 + 700])
    assert values.write(values.read(others)).tolist()[1:] == others.tolist()[1:]
    assert values.write(np.array([1e30])).tolist() == [2**63 - 1]


@pytest.mark.parametrize(
    "column",
    [
        pd.Series([2**64 - 1, 2**63 + 1, 5], dtype="uint64"),
        pd.Series([2**63 - 1, -(2**63), 5]),
        pd.Series([-(2**100), 2**100 + 1, 5], dtype=object),
        pd.Series(np.array([2**57 + 1, -(2**55) + 3, 5]).view("M8[us]")),
        pd.Series(np.array([2**63 - 1, 2 - 2**63, 5]).view("M8[ns]")),
    ],
    ids=lambda column: str(column.dtype),
)
def test_ranges_beyond_the_digits_of_floats_are_not_left(column):
    values = values_of(column, categorical=False)
    written = values.write(values.read(column))
    assert written.min() == column.min()
    assert written.max() <= column.max()
    assert values.read(column).argsort().tolist() == column.argsort().tolist()


def test_decimals_keep_their_places():
    column = pd.Series([Decimal("1.1"), Decimal("2.25")])
    made = values_of(column, categorical=False).write(np.array([1.5, 2.0]))
    assert [str(price) for price in made] == ["1.50", "2.00"]


@pytest.mark.parametrize("value", [Decimal("Infinity"), Decimal("1e400"), 10**400])
def test_numbers_that_no_float_reaches_are_named(value):
    with pytest.raises(ValueError, match="column 'n' holds (infinity|numbers of more than 300)"):
        values_of(pd.Series([value, type(value)(1)], name="n", dtype=object), categorical=False)


@pytest.mark.parametrize(("kind", "column"), COLUMNS.values(), ids=COLUMNS)
def test_a_column_comes_back_as_it_was(kind, column):
    values = values_of(column, categorical=False)
    assert type(values) is kind
    numbers = values.read(column)
    assert numbers.dtype == np.float64
    assert np.array_equal(np.isnan(numbers), column.isna())
    pd.testing.assert_series_equal(values.write(numbers), column)
    assert values.write(numbers[:0]).dtype == column.dtype


def test_days_are_counted_in_days_and_stay_days():
    values = values_of(pd.Series(DAYS), categorical=False)
    assert values.read(pd.Series(DAYS))[:2].tolist() == [0, 2]
    assert values.write(np.array([0.6])).tolist() == [pd.Timestamp("2001-03-25")]


def test_local_midnights_stay_midnights_where_clocks_change():
    column = pd.Series(pd.date_range("2020", periods=200, tz="Europe/Berlin"))
    values = values_of(column, categorical=False)
    assert values.read(column).tolist() == [*range(200)]
    made = values.write(np.linspace(0, 199, 500))
    assert set(made.dt.hour) == {0}
    assert made.dtype == column.dtype


def test_hours_that_a_clock_leaves_out_are_the_next():
    column = pd.Series(pd.date_range("2020-03-28 02:30", periods=3, freq="36h", tz="Europe/Berlin"))
    values = values_of(column, categorical=False)
    made = values.write(np.array([24.0]) * 2 if values.read(column)[1] > 24 else np.array([2.0]))
    assert made.notna().all()


def test_whole_numbers_as_objects_stay_whole():
    column = pd.Series([1, 2, None, 4], dtype=object)
    made = values_of(column, categorical=False).write(np.array([2.4, np.nan]))
    assert made[0] == 2
    assert isinstance(made[0], int)
    assert pd.isna(made[1])


def test_levels_of_several_types_are_named():
    with pytest.raises(ValueError, match="'n' mixes types"):
        values_of(pd.Series([1, "a"], name="n", dtype=object), categorical=True)


def test_numbers_that_are_called_categorical_are_levels():
    column = pd.Series([7, 3, 7])
    values = values_of(column, categorical=True)
    assert values.is_categorical
    assert values.read(column).tolist() == [1, 0, 1]
    assert values.write(np.array([0.0])).tolist() == [3]


def test_levels_take_numbers_of_other_models_for_the_nearest_level():
    values = values_of(pd.Series([True, False]), categorical=False)
    assert values.write(np.array([-0.2, 0.4, 0.7, 1.8])).tolist() == [False, False, True, True]


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (pd.Series(["a", 1], name="n"), "'n' holds objects .*'mixed-integer'.*astype"),
        (pd.Series([[1], [2]], name="n"), "'n' holds objects"),
        (
            pd.Series([dt.datetime(2001, 2, 3, tzinfo=dt.UTC)], name="n", dtype=object),
            r"'n' holds .*'datetime'.*pandas.to_datetime\(X\['n'\]\)",
        ),
        (
            pd.Series([dt.timedelta(1)], name="n", dtype=object),
            r"'n' holds .*'timedelta'.*pandas.to_timedelta\(X\['n'\]\)",
        ),
        (pd.Series([b"a"], name="n"), r"'n' holds .*'bytes'.*X\['n'\].str.decode"),
        (pd.Series([1j], name="n"), "'n' is of the type complex128"),
        (
            pd.Series(pd.period_range("2001", periods=2), name="n"),
            r"'n' .*'period'.*to_timestamp\(\)",
        ),
    ],
)
def test_what_cannot_be_read_is_named(column, message):
    with pytest.raises(ValueError, match=message):
        values_of(column, categorical=False)


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_infinity_is_named(value):
    column = pd.Series([1.0, value], name="speed")
    with pytest.raises(ValueError, match="'speed' holds infinity"):
        values_of(column, categorical=False).read(column)


def test_categories_that_did_not_occur_are_known_all_the_same():
    column = pd.Series(pd.Categorical(["b", "b"], ["a", "b", "c"]))
    values = values_of(column, categorical=False)
    assert values.is_categorical
    assert values.read(pd.Series(pd.Categorical(["c"], ["a", "b", "c"]))).tolist() == [2]


def test_levels_that_did_not_occur_give_way_to_those_of_other_rows_of_the_class():
    values = values_of(pd.Series(["a", "b", None], name="town"), categorical=False)
    column = pd.Series(["a", "c", None, "b", "c"], index=[3, 1, 4, 1, 5], name="town")
    rng = np.random.RandomState(0)
    replaced = values.replace_unknown(column, np.array([0, 0, 1, 2, 2]), rng)
    assert replaced.tolist()[:2] == ["a", "a"]
    assert replaced.isna().tolist() == [False, False, True, False, False]
    assert replaced.tolist()[3:] == ["b", "b"]
    assert replaced.index.equals(column.index)
    unknown = pd.Series(["c"] * 50, index=range(50, 100))
    drawn = values.replace_unknown(unknown, np.zeros(50), rng)
    assert set(drawn) == {"a", "b"}
    assert drawn.index.equals(unknown.index)
    none = values_of(pd.Series([None, None], dtype=object), categorical=True)
    assert none.replace_unknown(unknown, np.zeros(50), rng).isna().all()


def test_levels_that_did_not_occur_are_named():
    values = values_of(pd.Series(["a", "b"], name="town"), categorical=False)
    with pytest.raises(ValueError, match="'town' holds 'c', which did not occur"):
        values.read(pd.Series(["a", "c"]))
