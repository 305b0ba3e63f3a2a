"""Values of one column of a DataFrame <-> floats, in which gaps are NaN."""

import datetime as dt
from typing import TypeAlias

import pandas as pd
from pandas.api import types

from ganaug.encoding.casting import arrow_kind
from ganaug.encoding.dates import Dates
from ganaug.encoding.levels import Levels
from ganaug.encoding.numbers import ExactNumbers, Numbers, needs_counting

# Readers and writers of a column.
Values: TypeAlias = Numbers | ExactNumbers | Dates | Levels

# Names of pandas for columns of objects, by what such columns are taken for.
FLOAT_OBJECTS = ("floating", "mixed-integer-float")
EXACT_OBJECTS = ("integer", "decimal")
DATE_OBJECTS = ("date", "datetime", "time")
LEVEL_OBJECTS = ("string", "boolean", "categorical", "empty")

# Names of Arrow's types likewise.
ARROW_DATES = ("date", "time", "timestamp", "duration")
ARROW_NUMBERS = ("int", "uint", "halffloat", "float", "double")
ARROW_LEVELS = ("bool", "string", "large_string", "dictionary", "null")

# What to do about columns of other objects.
REMEDIES = {
    "bytes": "Convert them to strings: X[{name}].str.decode('utf-8')",
    "complex": "Convert them to two columns of numbers, their real and imaginary parts",
    "datetime64": "Convert them to dates: pandas.to_datetime(X[{name}])",
    "interval": "Convert them to strings: X[{name}].astype(str)",
    "mixed-integer": "Convert them to strings, X[{name}].astype(str), or to numbers by "
    "pandas.to_numeric(X[{name}], errors='coerce')",
    "period": "Convert them to dates: X[{name}].dt.to_timestamp()",
    "timedelta": "Convert them to durations: pandas.to_timedelta(X[{name}])",
}
REMEDIES["timedelta64"] = REMEDIES["timedelta"]
OTHER_REMEDY = "Convert them to numbers, strings or dates (astype, pandas.to_datetime)"


def values_of(column: pd.Series, categorical: bool) -> Values:
    """Reader and writer of a column of a DataFrame.

    Parameters
    ----------
    column : Series
        Column of the table.
    categorical : bool
        True where its values are levels whatever they are.

    Raises
    ------
    ValueError
        For a dtype that is none of numbers, dates and levels, or objects of several
        types; names the column.
    """
    dtype = column.dtype
    if categorical or isinstance(dtype, pd.CategoricalDtype | pd.StringDtype):
        return Levels.fit(column)
    if isinstance(dtype, pd.ArrowDtype):
        return _arrow(column)
    if dtype.kind == "O":
        return _objects(column)
    if types.is_bool_dtype(dtype):
        return Levels.fit(column)
    if dtype.kind in "mM":
        return Dates.fit(column)
    if types.is_numeric_dtype(dtype) and dtype.kind != "c":
        return _numbers(column)
    raise _unknown_type(column)


def _numbers(column: pd.Series) -> Numbers | ExactNumbers:
    exact = column.dtype.kind in "iu" and needs_counting(column)
    return ExactNumbers.fit(column) if exact else Numbers.fit(column)


def _arrow(column: pd.Series) -> Values:
    kind = arrow_kind(column.dtype)
    if kind in ARROW_LEVELS or (kind == "decimal" and column.isna().all()):
        return Levels.fit(column)
    if kind in ARROW_DATES:
        return Dates.fit(column)
    if kind == "decimal":
        return ExactNumbers.fit(column)
    if kind in ARROW_NUMBERS:
        return _numbers(column)
    raise _unknown_type(column)


def _objects(column: pd.Series) -> Values:
    kind = types.infer_dtype(column, skipna=True)
    if kind in FLOAT_OBJECTS:
        return Numbers.fit(column)
    if kind in EXACT_OBJECTS:
        return ExactNumbers.fit(column)
    if kind in DATE_OBJECTS and all(map(_is_plain_date, column.dropna())):
        return Dates.fit(column, kind)
    if kind in LEVEL_OBJECTS:
        return Levels.fit(column)
    remedy = REMEDIES.get("datetime64" if kind == "datetime" else kind, OTHER_REMEDY)
    raise ValueError(
        f"column {column.name!r} holds objects that pandas takes for {kind!r}. "
        f"{remedy.format(name=repr(column.name))}, or leave the column out."
    )


def _is_plain_date(value: dt.date | dt.time) -> bool:
    """True for objects of Python, which know no nanoseconds, outside any time zone."""
    return type(value) in (dt.date, dt.datetime, dt.time) and not getattr(value, "tzinfo", None)


def _unknown_type(column: pd.Series) -> ValueError:
    return ValueError(
        f"column {column.name!r} is of the type {column.dtype}, which is not read: numbers, dates, "
        "strings, bools and categories are. Convert it, or leave it out."
    )
