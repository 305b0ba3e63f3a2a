"""Dtypes of columns: whether they hold gaps, and numbers cast into them."""

import math
import re
from typing import Any

import numpy as np
import pandas as pd

# Largest whole number below which doubles count every one.
MAX_EXACT = 2**53


def underlying_dtype(dtype: Any) -> Any:
    """NumPy's dtype behind a nullable or sparse dtype of pandas; others as they are.

    Examples
    --------
    >>> underlying_dtype(pd.Int8Dtype()), underlying_dtype(np.dtype(float))
    (dtype('int8'), dtype('float64'))
    """
    return getattr(dtype, "numpy_dtype", getattr(dtype, "subtype", dtype))


def holds_gaps(dtype: Any) -> bool:
    """True for a dtype that has a missing value: all but NumPy's integers and bools, sparse too.

    Examples
    --------
    >>> holds_gaps(np.dtype("int8")), holds_gaps(pd.Int8Dtype()), holds_gaps(np.dtype(float))
    (False, True, True)
    """
    return not (isinstance(dtype, np.dtype | pd.SparseDtype) and dtype.kind in "biu")


def is_gap(value: Any) -> bool:
    """True for what stands for a missing value: None, NaN, NA or NaT."""
    return bool(pd.api.types.is_scalar(value) and pd.isna(value))


def cast(values: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Values in a dtype: rounded and clipped where it holds integers, cut at a half where bools.

    Examples
    --------
    >>> cast(np.array([-3.2, 1.6, 300.0]), np.dtype("uint8"))
    array([  0,   2, 255], dtype=uint8)
    """
    if values.dtype.kind == "f" and dtype.kind in "iu":
        limits = np.iinfo(dtype)
        highest = float(limits.max)
        if highest > limits.max:
            # the last integers of 64 bits have no double: the next double below stands for them
            highest = np.nextafter(highest, 0)
        values = np.clip(np.round(values), float(limits.min), highest)
    elif values.dtype.kind == "f" and dtype.kind == "b":
        values = values >= 0.5
    return values.astype(dtype, copy=False)


def quotient(count: int, unit: int) -> float:
    """Float nearest to a quotient; where it is beyond the floats' digits, the one towards zero.

    So what is read as a float and written again does not leave its range.

    Examples
    --------
    >>> quotient(7, 2), int(quotient(2**54 + 3, 1)) - 2**54
    (3.5, 0)
    """
    nearest = count / unit
    if abs(nearest) > MAX_EXACT and abs(int(nearest)) * unit > abs(count):
        return math.nextafter(nearest, 0.0)
    return nearest


def arrow_kind(dtype: Any) -> str:
    """Name of the kind of an Arrow dtype of pandas, without width and unit; "" of others.

    Examples
    --------
    >>> arrow_kind(pd.api.types.pandas_dtype("date32[day][pyarrow]")), arrow_kind(np.dtype(int))
    ('date', '')
    """
    if not isinstance(dtype, pd.ArrowDtype):
        return ""
    return str(re.split("[^a-z_]", str(dtype.pyarrow_dtype))[0])
