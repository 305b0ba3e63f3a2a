"""Moments and durations of every type <-> NumPy's, in local time."""

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd

from ganaug.encoding.casting import arrow_kind

# NumPy's dtypes of what Python objects stand for.
DATE_OBJECTS = np.dtype("M8[D]")
DATETIME_OBJECTS = np.dtype("M8[us]")
TIME_OBJECTS = np.dtype("m8[us]")

# Widths of Arrow's times of day, which are whole numbers of a unit.
TIME_WIDTHS = {"s": 32, "ms": 32, "us": 64, "ns": 64}

MIDNIGHT = dt.datetime(1970, 1, 1)


def numpy_dtype(column: pd.Series, kind: str) -> np.dtype:
    """NumPy's dtype of the moments or durations of a column.

    Parameters
    ----------
    column : Series
    kind : {"date", "datetime", "time"} or str
        Type of its objects, where it holds objects.
    """
    dtype: Any = column.dtype
    if dtype == np.dtype("O"):
        known = {"date": DATE_OBJECTS, "datetime": DATETIME_OBJECTS, "time": TIME_OBJECTS}
        return known[kind]
    match arrow_kind(dtype):
        case "date":
            return np.dtype("M8[D]" if dtype.pyarrow_dtype.bit_width == 32 else "M8[ms]")
        case "time":
            return np.dtype(f"m8[{dtype.pyarrow_dtype.unit}]")
    return local_values(column.iloc[:0], dtype, DATE_OBJECTS).dtype


def local_values(column: pd.Series, dtype: Any, plain: np.dtype) -> np.ndarray:
    """Moments or durations (n,) of a column without gaps, in the time of their zone.

    Parameters
    ----------
    column : Series
    dtype : dtype
        Dtype to which the column is brought first.
    plain : numpy.dtype
        NumPy's dtype of its objects, as ``numpy_dtype`` gives it, where dtype is that of objects.
    """
    if dtype == np.dtype("O"):
        objects = column.tolist()
        if plain == TIME_OBJECTS:
            objects = [dt.datetime.combine(MIDNIGHT, time) - MIDNIGHT for time in objects]
        return np.array(objects, dtype=plain)
    column = column.astype(dtype)
    match arrow_kind(dtype):
        case "date":
            return column.astype("M8[ms]").to_numpy().astype(plain)
        case "time":
            return column.astype(_arrow_integers(plain)).to_numpy(np.int64).view(plain)
        case "timestamp" if zone_of(dtype) is not None:
            column = column.astype(_zoned(dtype))
    if zone_of(column.dtype) is not None:
        column = column.dt.tz_localize(None)
    return column.to_numpy()


def in_dtype(values: np.ndarray, gaps: np.ndarray, dtype: Any) -> pd.Series:
    """Moments or durations (n,) of NumPy in the dtype of a column, those of ``gaps`` missing."""
    if dtype == np.dtype("O"):
        objects = values.astype(DATETIME_OBJECTS if values.dtype.kind == "M" else TIME_OBJECTS)
        written: list[Any] = objects.tolist()
        if values.dtype == DATE_OBJECTS:
            written = values.tolist()
        elif values.dtype == TIME_OBJECTS:
            written = [(MIDNIGHT + duration).time() for duration in written]
        column = pd.Series(written, dtype=object)
        return column.mask(gaps, None) if gaps.any() else column
    if arrow_kind(dtype) == "time":
        column = pd.Series(values.view(np.int64)).astype(_arrow_integers(values.dtype))
    else:
        column = pd.Series(values)
        zone = zone_of(dtype)
        if zone is not None:
            column = _localized(column, zone)
    column = column.mask(gaps) if gaps.any() else column
    if arrow_kind(dtype) == "timestamp" and zone_of(dtype) is not None:
        column = column.astype(_zoned(dtype))
    return column.astype(dtype)


def zone_of(dtype: Any) -> Any:
    """Time zone of a dtype of moments; None where it has none."""
    if isinstance(dtype, pd.ArrowDtype):
        name = getattr(dtype.pyarrow_dtype, "tz", None)
        return None if name is None else pd.Timestamp(0, tz=name).tz
    return getattr(dtype, "tz", None)


def _zoned(dtype: Any) -> pd.DatetimeTZDtype:
    """Dtype of pandas for Arrow's moments in a time zone."""
    return pd.DatetimeTZDtype(dtype.pyarrow_dtype.unit, zone_of(dtype))


def _arrow_integers(plain: np.dtype) -> str:
    return f"int{TIME_WIDTHS[np.datetime_data(plain)[0]]}[pyarrow]"


def _localized(values: pd.Series, zone: Any) -> pd.Series:
    """Dates in a time zone: of two equal times the first, of none the next."""
    first = np.ones(len(values), dtype=bool)
    try:
        return values.dt.tz_localize(zone, nonexistent="shift_forward", ambiguous=first)
    except (NotImplementedError, OverflowError) as error:
        raise ValueError(f"dates in the time zone {zone} end with the year 9999") from error
