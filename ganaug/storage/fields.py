"""Types of what files hold: type hints of a record's fields, with shapes and ranges."""

import math
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from functools import lru_cache
from typing import Annotated, Any, Literal, get_args, get_origin

import numpy as np

# Text that a person reads: names of tiers, devices, digests.
MAX_TEXT = 1000

# Number of rows, steps and the like: what a float still counts exactly.
MAX_COUNT = 10**15


@dataclass(frozen=True)
class Interval:
    """A range of numbers, both ends included; NaN lies in none.

    Examples
    --------
    >>> Interval(0, 1).check(2, "share", {})
    Traceback (most recent call last):
    ValueError: share is 2; 0 to 1 is expected
    """

    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.low} to {self.high}"

    def check(self, value: Any, where: str, sizes: dict[str, int]) -> None:
        """Raise a ValueError for a number outside."""
        if not self.low <= value <= self.high:
            raise ValueError(f"{where} is {_short_repr(value)}; {self} is expected")


@dataclass(frozen=True)
class MaxLength:
    """The longest text or sequence that is taken."""

    n: int

    def __str__(self) -> str:
        return f"of length {self.n} at most"

    def check(self, value: Any, where: str, sizes: dict[str, int]) -> None:
        """Raise a ValueError for what is longer."""
        if len(value) > self.n:
            raise ValueError(f"{where} has the length {len(value)}; {self.n} at most is expected")


@dataclass(frozen=True)
class Methods:
    """Names of methods that an object has."""

    names: tuple[str, ...]

    def __str__(self) -> str:
        return f"with {' and '.join(self.names)}"

    def check(self, value: Any, where: str, sizes: dict[str, int]) -> None:
        """Raise a ValueError for an object that lacks one."""
        lacking = [name for name in self.names if not callable(getattr(value, name, None))]
        if lacking:
            raise ValueError(f"{where} is {_short_repr(value)}, which has no {lacking[0]}")


@dataclass(frozen=True)
class Array:
    """Dtype, shape and range of an array.

    Attributes
    ----------
    dtype : str
        Name of the dtype; "number" takes all of numbers and bools, "text" objects that are str.
    shape : str
        Sides, separated by spaces: numbers, names of sizes that are equal wherever they
        stand in a record, "_" for any length, and at the end "..." for any further ones.
    low, high : float
        Range of the values; infinity is never in it.
    nan : bool
        True where NaN stands for a gap.

    Examples
    --------
    >>> Array("float64", "rows 2").check(np.zeros((3, 2)), "X", {"rows": 3})
    >>> Array("float64", "rows 2").check(np.zeros((4, 2)), "X", {"rows": 3})
    Traceback (most recent call last):
    ValueError: X has the shape (4, 2); (rows=3, 2) is expected
    """

    dtype: str
    shape: str
    low: float = -math.inf
    high: float = math.inf
    nan: bool = False

    def __str__(self) -> str:
        ends = "" if math.isinf(self.low) else f", {self.low} to {self.high}"
        return f"{self.dtype} ({', '.join(self.shape.split())}){ends}{', or NaN' * self.nan}"

    def check(self, value: np.ndarray, where: str, sizes: dict[str, int]) -> None:
        """Raise a ValueError for another array; sizes that are named here are added."""
        if self.dtype == "number":
            exact = value.dtype.kind in "biuf"
        elif self.dtype == "text":
            exact = value.dtype == object and all(isinstance(item, str) for item in value.flat)
        else:
            exact = value.dtype.name == self.dtype
        if not exact:
            raise ValueError(f"{where} holds {value.dtype}; {self.dtype} is expected")
        self._check_shape(value.shape, where, sizes)
        if value.dtype.kind == "f":
            finite = np.isfinite(value) | np.isnan(value) if self.nan else np.isfinite(value)
            if not finite.all():
                raise ValueError(f"{where} holds numbers that are not finite")
        ranged = (self.low, self.high) != (-math.inf, math.inf)
        # a gap lies in no range, and outside none
        if ranged and bool(((value < self.low) | (value > self.high)).any()):
            raise ValueError(f"{where} holds values outside {self.low} to {self.high}")

    def _check_shape(self, shape: Sequence[int], where: str, sizes: dict[str, int]) -> None:
        sides = self.shape.split()
        open_ended = sides[-1:] == ["..."]
        sides = sides[:-1] if open_ended else sides
        fits = len(shape) >= len(sides) if open_ended else len(shape) == len(sides)
        for side, length in zip(sides, shape, strict=False):
            if side == "_":
                continue
            fits &= length == (int(side) if side.isdecimal() else sizes.setdefault(side, length))
        if not fits:
            shown = [f"{side}={sizes[side]}" if side in sizes else side for side in sides]
            expected = ", ".join([*shown, "..."] if open_ended else shown)
            raise ValueError(f"{where} has the shape {tuple(shape)}; ({expected}) is expected")


@dataclass(frozen=True)
class Sorted:
    """Labels of classes: numbers, bools or text, each once and in order."""

    def __str__(self) -> str:
        return "sorted"

    def check(self, value: np.ndarray, where: str, sizes: dict[str, int]) -> None:
        """Raise a ValueError for labels that are none, or in no order."""
        labels = value.tolist()
        kinds = {type(label) for label in labels}
        numbers = kinds <= {bool, int, float} and value.dtype.kind in "biufO"
        if value.ndim != 1 or not labels or not (numbers or kinds == {str}):
            raise ValueError(f"{where} holds no labels of classes")
        if not all(low < high for low, high in zip(labels, labels[1:], strict=False)):
            raise ValueError(f"{where} is not sorted")


Text = Annotated[str, MaxLength(MAX_TEXT)]
SortedLabels = Annotated[np.ndarray, Sorted()]
Count = Annotated[int, Interval(0, MAX_COUNT)]
Label = bool | int | float | str


def attribute(name: str, optional: bool = False) -> Any:
    """A field of a record that holds an attribute of an estimator.

    Parameters
    ----------
    name : str
        Name of the attribute.
    optional : bool, default=False
        True where the estimator may lack it; the field is then None.
    """
    return field(metadata={"attribute": name, "optional": optional})


def collect_attributes(estimator: Any, record: type) -> Any:
    """The record that holds the attributes of a fitted estimator."""
    values = {}
    for member in fields(record):
        default = (None,) if member.metadata["optional"] else ()
        values[member.name] = getattr(estimator, member.metadata["attribute"], *default)
    return record(**values)


def set_attributes(estimator: Any, record: Any) -> None:
    """Give an estimator the attributes that a record holds."""
    for member in fields(record):
        value = getattr(record, member.name)
        if not (value is None and member.metadata["optional"]):
            setattr(estimator, member.metadata["attribute"], value)


@lru_cache(maxsize=128)
def field_hints(record: type) -> dict[str, Any]:
    """Type hint of every field of a dataclass, by its name."""
    hints = typing.get_type_hints(record, include_extras=True)
    return {member.name: hints[member.name] for member in fields(record) if member.init}


def required_fields(record: type) -> set[str]:
    """Names of the fields of a dataclass that have no default."""
    return {
        member.name
        for member in fields(record)
        if member.init and member.default is MISSING and member.default_factory is MISSING
    }


def check_fields(record: type, values: Mapping[str, Any]) -> None:
    """Raise a ValueError where a value is not what the hint of its field says.

    Parameters
    ----------
    record : dataclass
    values : mapping of str to value
        Values of some of its fields.

    Examples
    --------
    >>> @dataclass
    ... class Share:
    ...     part: Annotated[float, Interval(0, 1)]
    >>> check_fields(Share, {"part": "half"})
    Traceback (most recent call last):
    ValueError: part is 'half'; float is expected
    """
    sizes: dict[str, int] = {}
    hints = field_hints(record)
    for name, value in values.items():
        _check(value, hints[name], name, sizes)


def _check(value: Any, hint: Any, where: str, sizes: dict[str, int]) -> None:
    """Raise a ValueError where a value is not what a type hint says."""
    origin = get_origin(hint)
    inner = get_args(hint)
    if hint is Any:
        return
    if origin is Annotated:
        _check(value, inner[0], where, sizes)
        for constraint in inner[1:]:
            constraint.check(value, where, sizes)
    elif origin in (types.UnionType, typing.Union):
        _check_union(value, inner, where, sizes)
    elif origin is Literal:
        if not any(type(value) is type(choice) and value == choice for choice in inner):
            raise ValueError(f"{where} is {_short_repr(value)}; one of {inner} is expected")
    elif origin is None:
        _check_class(value, hint, where)
    else:
        _check_class(value, origin, where)
        _check_items(value, origin, inner, where, sizes)


def _check_class(value: Any, kind: type, where: str) -> None:
    # True is no number here, and 1 is no float
    exact = kind in (bool, int, float, str, type(None))
    if not (type(value) is kind if exact else isinstance(value, kind)):
        raise ValueError(f"{where} is {_short_repr(value)}; {kind.__name__} is expected")


def _check_union(value: Any, hints: Sequence[Any], where: str, sizes: dict[str, int]) -> None:
    errors = []
    for hint in hints:
        try:
            _check(value, hint, where, sizes)
        except ValueError as error:
            errors.append(error)
        else:
            return
    raise errors[0] if len(errors) == 1 or hints[-1] is type(None) else errors[-1]


def _check_items(
    value: Any, kind: type, hints: tuple[Any, ...], where: str, sizes: dict[str, int]
) -> None:
    if kind is dict:
        for key, item in value.items():
            _check(key, hints[0], f"a key of {where}", sizes)
            _check(item, hints[1], f"{where}[{_short_repr(key)}]", sizes)
        return
    if kind is tuple and hints[-1] is not Ellipsis:
        if len(value) != len(hints):
            raise ValueError(f"{where} has the length {len(value)}; {len(hints)} is expected")
    else:
        hints = hints[:1] * len(value)
    for index, (item, hint) in enumerate(zip(value, hints, strict=True)):
        _check(item, hint, f"{where}[{index}]", sizes)


def _short_repr(value: Any) -> str:
    """Short text by which an error shows a value, however long that is."""
    if isinstance(value, bool | int | float | str | type(None)):
        # a number of a million digits has no text
        text = repr(value) if not isinstance(value, int) or abs(value) < 10**40 else "a huge number"
        return text if len(text) <= 60 else f"{text[:60]}..."
    return f"of the type {type(value).__name__}"
