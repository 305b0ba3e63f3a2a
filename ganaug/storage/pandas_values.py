"""Moments, decimals, dtypes and indices <-> JSON: those listed here, and no others."""

import re
import zoneinfo
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from ganaug.storage.nodes import NodePacker, NodeUnpacker

# Units of dates and durations.
UNITS = ("D", "h", "m", "s", "ms", "us", "ns")

NUMBERS = re.compile(r"[<>|]?(b1|[iu][1248]|f[248])")
OF_UNIT = re.compile(rf"[<>|]?[mM]8\[({'|'.join(UNITS)})\]")
TEXT = re.compile(r"[<>|]?[US](\d{1,5})")
NULLABLE = re.compile(r"U?Int(8|16|32|64)|Float(32|64)|boolean")
ARROW = re.compile(
    r"u?int(8|16|32|64)|halffloat|float|double|bool|null|string|large_string"
    r"|date32\[day\]|date64\[ms\]|time32\[m?s\]|time64\[[un]s\]"
    r"|(timestamp|duration)\[(s|ms|us|ns)\]"
)
ARROW_DECIMAL = re.compile(r"decimal(32|64|128|256)\((\d{1,2}), (-?\d{1,2})\)")
ARROW_ZONED = re.compile(r"timestamp\[(s|ms|us|ns), tz=(.{1,100})\]")
ARROW_DICTIONARY = re.compile(r"dictionary<values=(.+), indices=(u?int\d{1,2}), ordered=([01])>")
FREQUENCY = re.compile(r"\d{0,4}[A-Za-z]{1,3}(-[A-Z]{3})?")
FIXED_ZONE = re.compile(r"UTC([+-]\d\d:\d\d(:\d\d)?)?")
DECIMAL = re.compile(r"[-+0-9E.]{1,400}")
MOMENT = re.compile(r"[-+0-9A-Z:.]{1,60}")
MOMENTS = (date, datetime, time)
SIDES = ("left", "right", "both", "neither")


def pack(value: Any, packer: NodePacker) -> Any:
    """Node of a moment, a dtype or an index; None for what is none of them."""
    if value is pd.NA or value is pd.NaT:
        return {"gap": "NA" if value is pd.NA else "NaT"}
    if isinstance(value, pd.Interval):
        return {"interval": [packer.pack(value.left), packer.pack(value.right), value.closed]}
    if isinstance(value, pd.Period):
        return {"period": [str(value), value.freqstr]}
    if isinstance(value, pd.MultiIndex):
        levels = [value.get_level_values(number) for number in range(value.nlevels)]
        return {"levels": [packer.pack(level) for level in levels]}
    if isinstance(value, pd.Index):
        names = packer.pack(list(value.names))
        return {"index": [packer.pack(value.tolist()), packer.pack(value.dtype), names]}
    if isinstance(value, np.dtype | pd.api.extensions.ExtensionDtype):
        return _pack_dtype(value, packer)
    return _pack_moment(value, packer)


def _pack_moment(value: Any, packer: NodePacker) -> Any:
    """Node of a moment, a duration or a decimal; None for what is none of them."""
    if isinstance(value, pd.Timestamp):
        naive = value if value.tz is None else value.tz_convert("UTC").tz_localize(None)
        zone = None if value.tz is None else _zone_name(value.tz, packer)
        return {"timestamp": [naive.isoformat(), value.unit, zone]}
    if isinstance(value, pd.Timedelta):
        return {"timedelta": [value.isoformat(), value.unit]}
    if type(value) in MOMENTS and getattr(value, "tzinfo", None) is None:
        return {type(value).__name__: value.isoformat()}
    if type(value) is Decimal and value.is_finite():
        return {"decimal": str(value)}
    return None


def numpy_dtype(name: Any) -> np.dtype:
    """A dtype of NumPy by its code.

    Raises
    ------
    ValueError
        For others than numbers, bools, dates, durations, text of up to 65,535 letters and
        objects.

    Examples
    --------
    >>> numpy_dtype("<M8[ns]"), numpy_dtype("O")
    (dtype('<M8[ns]'), dtype('O'))
    """
    text = TEXT.fullmatch(name)
    if name == "O" or NUMBERS.fullmatch(name) or OF_UNIT.fullmatch(name):
        return np.dtype(name)
    if text and int(text[1]) < 2**16:
        return np.dtype(name)
    raise ValueError(f"the dtype {name!r:.40} has no meaning")


def _pack_dtype(value: Any, packer: NodePacker) -> Any:
    """Node of a dtype."""
    match value:
        case pd.CategoricalDtype():
            return {"categories": [packer.pack(value.categories), bool(value.ordered)]}
        case pd.SparseDtype():
            return {"sparse dtype": [packer.pack(value.subtype), packer.pack(value.fill_value)]}
        case pd.StringDtype():
            return {"strings": [value.storage, value.na_value is pd.NA]}
        case pd.DatetimeTZDtype():
            return {"zoned": [value.unit, _zone_name(value.tz, packer)]}
        case pd.PeriodDtype():
            # its frequency has another name as an offset
            return {"periods": value.name.removeprefix("period[").removesuffix("]")}
        case pd.IntervalDtype():
            return {"intervals": [packer.pack(value.subtype), value.closed]}
    name = value.str if isinstance(value, np.dtype) else str(value)
    name = "O" if name == "|O" else name
    try:
        _dtype_of_name(name)
    except ValueError:
        raise packer.refuse(value, "is a dtype that no file can hold; convert the column") from None
    return {"dtype": name}


def _zone_name(zone: Any, packer: NodePacker) -> str:
    if not _is_zone(str(zone)):
        why = "is a time zone without a name that other machines know; use zoneinfo.ZoneInfo"
        raise packer.refuse(zone, why)
    return str(zone)


@lru_cache(maxsize=64)
def _is_zone(name: str) -> bool:
    """True for the name of a time zone; paths of files are none."""
    return bool(FIXED_ZONE.fullmatch(name)) or name in zoneinfo.available_timezones()


def _check_zone(name: Any) -> str:
    if type(name) is not str or len(name) > 100 or not _is_zone(name):
        raise ValueError(f"the time zone {name!r:.40} has no meaning")
    return name


def _check_pattern(text: Any, pattern: re.Pattern) -> str:
    if type(text) is not str or not pattern.fullmatch(text):
        raise ValueError(f"{text!r:.40} has no meaning")
    return text


def _check_choice(name: Any, known: tuple[str, ...]) -> str:
    if name not in known:
        raise ValueError(f"{name!r:.40} has no meaning")
    return name


def _dtype_of_name(name: Any) -> Any:
    if type(name) is not str:
        raise ValueError("a dtype has no name")
    if name.endswith("[pyarrow]"):
        return pd.ArrowDtype(_arrow_type(name.removesuffix("[pyarrow]")))
    if NULLABLE.fullmatch(name):
        return pd.api.types.pandas_dtype(name)
    return numpy_dtype(name)


def _arrow_type(name: str) -> Any:
    """A type of Arrow by its name."""
    import pyarrow as pa

    if ARROW.fullmatch(name):
        return pa.type_for_alias(name.split("[day]")[0])
    if decimal := ARROW_DECIMAL.fullmatch(name):
        width, precision, scale = map(int, decimal.groups())
        return getattr(pa, f"decimal{width}")(precision, scale)
    if zoned := ARROW_ZONED.fullmatch(name):
        fixed = FIXED_ZONE.fullmatch(f"UTC{zoned[2]}")
        return pa.timestamp(zoned[1], zoned[2] if fixed else _check_zone(zoned[2]))
    if dictionary := ARROW_DICTIONARY.fullmatch(name):
        indices = _arrow_type(dictionary[2])
        return pa.dictionary(indices, _arrow_type(dictionary[1]), dictionary[3] == "1")
    raise ValueError(f"the dtype {name!r:.40} has no meaning")


def _read_strings(content: list, unpacker: NodeUnpacker) -> pd.StringDtype:
    storage, marked_by_na = content
    gap = pd.NA if marked_by_na else np.nan
    try:
        return pd.StringDtype(_check_choice(storage, ("python", "pyarrow")), na_value=gap)
    except ImportError:
        return pd.StringDtype("python", na_value=gap)


def _read_categories(content: list, unpacker: NodeUnpacker) -> pd.CategoricalDtype:
    categories, ordered = content
    return pd.CategoricalDtype(unpacker.unpack(categories), ordered is True)


def _read_sparse_dtype(content: list, unpacker: NodeUnpacker) -> pd.SparseDtype:
    subtype, fill_value = map(unpacker.unpack, content)
    if not isinstance(subtype, np.dtype) or subtype.kind not in "biuf":
        raise ValueError("a sparse column holds numbers or bools")
    return pd.SparseDtype(subtype, fill_value)


def _read_zoned(content: list, unpacker: NodeUnpacker) -> pd.DatetimeTZDtype:
    unit, zone = content
    return pd.DatetimeTZDtype(_check_choice(unit, UNITS[3:]), _check_zone(zone))


def _read_periods(frequency: Any, unpacker: NodeUnpacker) -> pd.PeriodDtype:
    return pd.PeriodDtype(_check_pattern(frequency, FREQUENCY))


def _read_intervals(content: list, unpacker: NodeUnpacker) -> pd.IntervalDtype:
    subtype, closed = content
    subtype = unpacker.unpack(subtype)
    zoned = isinstance(subtype, pd.DatetimeTZDtype)
    if not zoned and not (isinstance(subtype, np.dtype) and subtype.kind in "iufmM"):
        raise ValueError("intervals lie between numbers or moments")
    return pd.IntervalDtype(subtype, _check_choice(closed, SIDES))


def _read_index(content: list, unpacker: NodeUnpacker) -> pd.Index:
    values, dtype, [name] = map(unpacker.unpack, content)
    return pd.Index(values, dtype=dtype, name=name, tupleize_cols=False)


def _read_levels(nodes: list, unpacker: NodeUnpacker) -> pd.MultiIndex:
    levels = [unpacker.unpack(node) for node in nodes]
    if not all(isinstance(level, pd.Index) for level in levels):
        raise ValueError("levels of an index are indices")
    return pd.MultiIndex.from_arrays(levels)


def _read_timestamp(content: list, unpacker: NodeUnpacker) -> pd.Timestamp:
    text, unit, zone = content
    moment = pd.Timestamp(_check_pattern(text, MOMENT)).as_unit(_check_choice(unit, UNITS[3:]))
    if zone is None:
        return moment
    return moment.tz_localize("UTC").tz_convert(_check_zone(zone))


def _read_timedelta(content: list, unpacker: NodeUnpacker) -> pd.Timedelta:
    text, unit = content
    return pd.Timedelta(_check_pattern(text, MOMENT)).as_unit(_check_choice(unit, UNITS[3:]))


def _read_interval(content: list, unpacker: NodeUnpacker) -> pd.Interval:
    left, right, closed = content
    return pd.Interval(unpacker.unpack(left), unpacker.unpack(right), _check_choice(closed, SIDES))


def _read_period(content: list, unpacker: NodeUnpacker) -> pd.Period:
    text, frequency = content
    if type(text) is not str or len(text) > 60:
        raise ValueError("a period has no text")
    return pd.Period(text, _check_pattern(frequency, FREQUENCY))


READERS: dict[str, Callable[[Any, NodeUnpacker], Any]] = {
    "gap": lambda name, unpacker: {"NA": pd.NA, "NaT": pd.NaT}[name],
    "interval": _read_interval,
    "period": _read_period,
    "timestamp": _read_timestamp,
    "timedelta": _read_timedelta,
    "date": lambda text, unpacker: date.fromisoformat(_check_pattern(text, MOMENT)),
    "datetime": lambda text, unpacker: datetime.fromisoformat(_check_pattern(text, MOMENT)),
    "time": lambda text, unpacker: time.fromisoformat(_check_pattern(text, MOMENT)),
    "decimal": lambda text, unpacker: Decimal(_check_pattern(text, DECIMAL)),
    "index": _read_index,
    "levels": _read_levels,
    "dtype": lambda name, unpacker: _dtype_of_name(name),
    "categories": _read_categories,
    "sparse dtype": _read_sparse_dtype,
    "strings": _read_strings,
    "zoned": _read_zoned,
    "periods": _read_periods,
    "intervals": _read_intervals,
}
