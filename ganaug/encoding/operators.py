"""Operators on columns and constants, as pandas has them, for values whose kinds agree.

Each takes time in proportion to the rows, whatever the constants are: texts are not multiplied,
and integers stay within 64 bits.
"""

import operator
import re
from collections.abc import Callable, Iterable
from functools import reduce
from itertools import chain
from typing import Any

import pandas as pd
from pandas.api import types

# Kinds of values by the kind of their dtype, and by what pandas finds among objects.
KINDS = {
    "b": "bool",
    "i": "number",
    "u": "number",
    "f": "number",
    "M": "date",
    "m": "duration",
    "U": "text",
}
KINDS_OF_OBJECTS = {
    "string": "text",
    "boolean": "bool",
    "empty": "empty",
    "integer": "number",
    "floating": "number",
    "mixed-integer-float": "number",
    "decimal": "number",
}
KINDS_OF_CONSTANTS: dict[type, str] = {
    bool: "bool",
    int: "number",
    float: "number",
    str: "text",
    pd.Timestamp: "date",
    pd.Timedelta: "duration",
}

COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
}
SIGNS: dict[str, Callable[[Any], Any]] = {"+": operator.pos, "-": operator.neg}
LOGIC: dict[str, Callable[[Any, Any], Any]] = {"and": operator.and_, "or": operator.or_}

# Dates as ISO 8601 writes them, so that none depends on the day or on a country.
DATE = re.compile(
    r"[0-9]{4}(-[0-9]{2}(-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?"
    r"(Z|[+-][0-9]{2}:?[0-9]{2})?)?)?)?"
)

# Bits of an integer that a power of constants may have on its way.
MAX_BITS = 128


def in_64_bits(number: int | float) -> int | float:
    """Return the number; raise a ValueError for an integer that has no 64-bit type."""
    if isinstance(number, int) and not -(2**63) <= number < 2**64:
        raise ValueError("an integer is beyond 64 bits. Write it as a float, such as 1e30")
    return number


def column(values: pd.Series) -> pd.Series:
    """Values with rows by number; dense, and Decimals as floats."""
    values = values.reset_index(drop=True)
    if isinstance(values.dtype, pd.SparseDtype):
        values = values.sparse.to_dense()
    if values.dtype.kind == "O" and types.infer_dtype(values, skipna=True) == "decimal":
        values = values.astype(float)
    return values


def kind(value: Any) -> str:
    """Kind of a column or constant: number, bool, text, date, duration, or empty.

    Raises
    ------
    ValueError
        For a column of another kind.

    Examples
    --------
    >>> kind(pd.Series(["red", None])), kind(pd.Series([None], dtype=object)), kind(2.5)
    ('text', 'empty', 'number')
    """
    if not isinstance(value, pd.Series):
        return KINDS_OF_CONSTANTS[type(value)]
    levels = value.cat.categories if _is_categorical(value) else value
    if isinstance(levels.dtype, pd.StringDtype):
        return "text"
    code = levels.dtype.kind
    if code == "O":
        code = types.infer_dtype(levels, skipna=True)
        if code in KINDS_OF_OBJECTS:
            return KINDS_OF_OBJECTS[code]
    if code not in KINDS:
        raise ValueError(
            f"values of the type {value.dtype} ({code}) are none of numbers, bools, texts, dates "
            "and durations"
        )
    return KINDS[code]


def compare(symbol: str, left: Any, right: Any) -> Any:
    """Bools (n,), or one bool where both are constants.

    Parameters
    ----------
    symbol : str
        One of ``COMPARISONS``, "in" or "not in".
    left : Series or constant
    right : Series, constant, or tuple of constants where the symbol is "in" or "not in"

    Raises
    ------
    ValueError
        Where kinds differ, but bools and numbers.
    """
    if symbol in ("in", "not in"):
        among = logic("or", chain([False], _among(left, right)))
        among = among.fillna(False) if isinstance(among, pd.Series) else among
        if isinstance(left, pd.Series) and not isinstance(among, pd.Series):
            among = pd.Series(among, index=left.index)
        return among if symbol == "in" else logic("not", [among])
    left, right = _read_texts(left, right)
    kinds = kind(left), kind(right)
    if "empty" in kinds:
        rows = left if isinstance(left, pd.Series) else right
        return pd.Series(symbol == "!=", index=rows.index)
    if kinds[0] != kinds[1] and set(kinds) != {"bool", "number"}:
        raise ValueError(f"`{symbol}` does not compare a {kinds[0]} with a {kinds[1]}")
    if isinstance(left, str) and symbol in ("==", "!="):
        left, right = right, left
    if isinstance(left, pd.Series) and isinstance(right, str) and symbol in ("==", "!="):
        # as in pandas: a gap is no text, and so another one
        return left.isin([right]) == (symbol == "==")
    return COMPARISONS[symbol](left, right)


def _among(value: Any, constants: Iterable[Any]) -> Iterable[Any]:
    """Bools, (n,) each, that say together where values are one of some constants."""
    if not isinstance(value, pd.Series) or kind(value) not in ("text", "date", "duration"):
        # isin makes doubles of integers where there are other numbers beside them
        return (compare("==", value, constant) for constant in constants)
    levels = [_read_texts(value, constant)[1] for constant in constants]
    for level in levels:
        if kind(level) != kind(value):
            raise ValueError(f"`in` does not compare a {kind(value)} with a {kind(level)}")
    return [value.isin(levels)]


def arithmetic(symbol: str, *operands: Any) -> Any:
    """Sums and so on of one or two columns (n,) or constants.

    Raises
    ------
    ValueError
        For other kinds than two numbers, or dates and durations that are added or subtracted;
        for constants without a result of 64 bits.
    """
    if len(operands) == 1:
        return _signed(symbol, operands[0])
    left, right = _read_texts(*operands)
    kinds = kind(left), kind(right)
    if "empty" in kinds:
        return left if kinds[0] == "empty" else right
    if kinds == ("number", "number"):
        left = _numbers(left)
        right = _numbers(right)
        if not isinstance(left, pd.Series) and not isinstance(right, pd.Series):
            return _constant(symbol, left, right)
    elif symbol not in SIGNS or not set(kinds) <= {"date", "duration"}:
        raise ValueError(f"`{symbol}` does not apply to a {kinds[0]} and a {kinds[1]}")
    return ARITHMETIC[symbol](left, right)


def _signed(symbol: str, value: Any) -> Any:
    if kind(value) == "empty":
        return value
    if kind(value) != "number":
        raise ValueError(f"`{symbol}` does not apply to a {kind(value)}")
    return SIGNS[symbol](_numbers(value))


def _constant(symbol: str, left: int | float, right: int | float) -> int | float:
    whole = isinstance(left, int) and isinstance(right, int)
    if symbol == "**" and whole and right * int(left).bit_length() > MAX_BITS:
        raise ValueError("a power of integers is beyond 64 bits. Write floats, such as 10.0")
    try:
        result = ARITHMETIC[symbol](left, right)
    except ArithmeticError:
        raise ValueError(f"`{symbol}` of {left} and {right} has no result") from None
    if not isinstance(result, int | float):
        raise ValueError(f"`{symbol}` of {left} and {right} is no real number")
    return in_64_bits(result)


def logic(symbol: str, operands: Iterable[Any]) -> Any:
    """Bools (n,), or one bool where all operands are: "and", "or" of them, or "not" of one.

    Of operands that come one after another, no more than two are held at once.
    """
    values = (_checked_bools(symbol, operand) for operand in operands)
    if symbol == "not":
        [value] = values
        return ~value if isinstance(value, pd.Series) else not value
    return reduce(LOGIC[symbol], values)


def _checked_bools(symbol: str, value: Any) -> Any:
    if kind(value) not in ("bool", "empty"):
        raise ValueError(f"`{symbol}` does not apply to a {kind(value)}")
    return bools(value)


def bools(value: Any) -> Any:
    """Column of bools, nullable unless it is NumPy's; a constant stays as it is."""
    if not isinstance(value, pd.Series) or value.dtype == bool:
        return value
    return value.astype("boolean")


def _numbers(value: Any) -> Any:
    """Column of numbers, objects as NumPy's: theirs grow without bounds in powers."""
    if not isinstance(value, pd.Series):
        return value
    if _is_categorical(value):
        raise ValueError("categories are no numbers to reckon with")
    if value.dtype.kind != "O":
        return value
    numbers = pd.to_numeric(value)
    return numbers.astype(float) if numbers.dtype.kind == "O" else numbers


def _read_texts(left: Any, right: Any) -> tuple[Any, Any]:
    """Both, texts among the constants as dates or durations where the other is one."""
    if isinstance(left, str):
        return _read(left, right), right
    return left, _read(right, left) if isinstance(right, str) else right


def _read(text: str, other: Any) -> Any:
    if kind(other) == "duration":
        return _duration(text)
    return _date(text, other) if kind(other) == "date" else text


def _duration(text: str) -> pd.Timedelta:
    try:
        duration = pd.Timedelta(text)
    except (ValueError, OverflowError):
        duration = pd.NaT
    if duration is pd.NaT:
        raise ValueError(f"{text!r} is no duration. Write it as '2 days' or '1 day 06:30:00'")
    return duration


def _date(text: str, other: Any) -> pd.Timestamp:
    """Moment of a text, in the time zone of what it meets where it names none."""
    if not DATE.fullmatch(text):
        raise ValueError(f"{text!r} is no date. Write it as 2020-12-31 or 2020-12-31 23:59")
    levels = other.cat.categories if _is_categorical(other) else other
    zone = getattr(getattr(levels, "dtype", levels), "tz", None)
    moment = pd.Timestamp(text)
    if zone is not None and moment.tz is None:
        return moment.tz_localize(zone)
    if zone is None and moment.tz is not None:
        raise ValueError(f"{text!r} has an offset, and the dates that it meets have no time zone")
    return moment


def _is_categorical(value: Any) -> bool:
    return isinstance(value, pd.Series) and isinstance(value.dtype, pd.CategoricalDtype)
