"""Conditions as text: a closed grammar over names of columns and constants.

No text is ever run. Names, texts and numbers are cut out and numbered first, so that what Python's
parser sees holds nothing but their numbers, operators and brackets; of the tree that it makes, only
the kinds of nodes below are taken.
"""

import ast
import keyword
import re
import reprlib
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from ganaug.encoding import operators
from ganaug.hints import did_you_mean

# Characters of a condition, levels of nesting, at most.
MAX_LENGTH = 2_000
MAX_DEPTH = 100

# Shows so many names of columns in a message.
_SHOWN = reprlib.Repr()
_SHOWN.maxlist = 20

# Letters are what is neither a space nor punctuation of ASCII.
TOKEN = re.compile(
    r"""(?P<space>\s+)
    | (?P<quoted>`(?:[^`]|``)*`)
    | (?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
    | (?P<number>(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?![\w.]))
    | (?P<malformed>[0-9][\w.]*)
    | (?P<word>[^\s\x00-\x2f\x3a-\x40\x5b-\x5e\x60\x7b-\x7f]+)
    | (?P<operator>\*\*|//|[<>=!]=|[-+*/%<>&|~()\[\],])""",
    re.VERBOSE | re.DOTALL,
)
ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", re.DOTALL)
ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"'}

WORDS_OF_OPERATORS = ("and", "or", "not", "in")
# As in pandas: and, or bind as loosely in their short form.
LONG_FORMS = {"&": "and", "|": "or"}

SYMBOLS: dict[type, str] = {
    ast.And: "and",
    ast.Or: "or",
    ast.Not: "not",
    ast.Invert: "not",
    ast.UAdd: "+",
    ast.USub: "-",
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
    ast.NotIn: "not in",
}
REFUSED: dict[type, str] = {
    ast.Call: "a call",
    ast.Subscript: "a subscript",
    ast.Starred: "a starred value",
    ast.Tuple: "a tuple that is not right of `in`",
    ast.List: "a list that is not right of `in`",
}
ALLOWED = (
    "Allowed are names of columns (in backticks where they are no plain names), numbers, texts, "
    "True, False, comparisons, `in` with a list of constants, and, or, not, &, |, ~, + - * / // % "
    "** and parentheses"
)


@dataclass(frozen=True)
class Column:
    """Name of a column."""

    name: str


@dataclass(frozen=True)
class Constant:
    """A number, text or bool, or several as a tuple."""

    value: Any


@dataclass(frozen=True)
class Operation:
    """Operator with its operands."""

    symbol: str
    operands: tuple["Node", ...]


@dataclass(frozen=True)
class Chain:
    """Comparisons of neighbours that all have to hold."""

    symbols: tuple[str, ...]
    operands: tuple["Node", ...]


Node = Column | Constant | Operation | Chain


class Expression:
    """A condition on the columns of a DataFrame.

    Parameters
    ----------
    text : str
        Up to 2,000 characters of comparisons, also chained; ``and``, ``or``, ``not`` and their
        short forms ``& | ~``, of which the first two bind as loosely as the long ones; ``in`` and
        ``not in`` with a list of constants; ``+ - * / // % **``; names of columns, in backticks
        where they are no plain names, with a backtick inside them doubled; numbers, texts,
        ``True`` and ``False``. Texts compared with dates or durations are read as such.

    Attributes
    ----------
    text : str
    columns : tuple of str
        Names of the columns that it needs, in their order in the text.

    Raises
    ------
    ValueError
        For anything else; names the condition and what is not allowed.

    Examples
    --------
    >>> homes = pd.DataFrame({"rooms": [2, 4, 9], "rent (cold)": [500, 900, 100]})
    >>> Expression("1 < rooms <= 4 and `rent (cold)` / rooms < 230").evaluate(homes).tolist()
    [False, True, False]
    >>> Expression("rooms.max() > 3")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ValueError: the condition 'rooms.max() > 3' cannot be evaluated: '.' is not allowed. ...
    """

    def __init__(self, text: str):
        self.text = text
        try:
            self._root, self.columns = _parse(text)
        except ValueError as error:
            raise self._refusal(error) from None

    def check_columns(self, columns: Iterable[Hashable]) -> None:
        """Raise a ValueError for a name that is not the one of exactly one of some columns."""
        columns = list(columns)
        try:
            for name in self.columns:
                _position(name, columns)
        except ValueError as error:
            raise self._refusal(error) from None

    def evaluate(self, frame: pd.DataFrame) -> pd.Series:
        """Values (n,) of the rows of a frame: bools, unless the text makes something else.

        Raises
        ------
        ValueError
            For names that are no columns, and operators that do not apply to their values.
        """
        self.check_columns(frame.columns)
        try:
            with np.errstate(all="ignore"):
                values = _value(self._root, frame)
                return operators.bools(values) if operators.kind(values) == "bool" else values
        # values come in more dtypes than operators know errors of
        except Exception as error:
            raise self._refusal(error) from error

    def _refusal(self, error: Exception) -> ValueError:
        short = self.text if len(self.text) <= MAX_LENGTH else self.text[:50] + "..."
        why = str(error) or type(error).__name__
        return ValueError(f"the condition {short!r} cannot be evaluated: {why.rstrip('.')}.")


# conditions are few, and evaluated for every batch of samples
@lru_cache(maxsize=200)
def _parse(text: str) -> tuple[Node, tuple[str, ...]]:
    """Root of a condition, and the names of its columns."""
    if len(text) > MAX_LENGTH:
        raise ValueError(f"it has {len(text)} characters; {MAX_LENGTH} are allowed")
    leaves: list[Column | Constant] = []
    source = " ".join(_tokens(text, leaves))
    try:
        tree = ast.parse(source, mode="eval").body
    except (SyntaxError, RecursionError, MemoryError) as error:
        why = error.msg if isinstance(error, SyntaxError) else "too deep nesting"
        raise ValueError(f"it is no expression ({why}). {ALLOWED}") from None
    root = _node(tree, leaves, MAX_DEPTH)
    names = dict.fromkeys(leaf.name for leaf in leaves if isinstance(leaf, Column))
    if not names:
        raise ValueError("it names no column")
    return root, tuple(names)


def _tokens(text: str, leaves: list[Column | Constant]) -> Iterable[str]:
    """Operators and brackets as Python writes them; leaves, which are collected, by number."""
    start = 0
    depth = 0
    while start < len(text):
        match = TOKEN.match(text, start)
        if match is None:
            raise _not_allowed(repr(text[start]) if text[start] not in "\"'`" else "an open quote")
        start = match.end()
        token = match[0]
        if match.lastgroup == "operator" or token in WORDS_OF_OPERATORS:
            depth += (token in "([") - (token in ")]")
            if depth > MAX_DEPTH:
                raise ValueError(f"its brackets are nested more than {MAX_DEPTH} times")
            yield LONG_FORMS.get(token, token)
        elif match.lastgroup != "space":
            if match.lastgroup == "word" and text[start : start + 1] in ("'", '"'):
                raise _not_allowed(f"{token!r} before a text")
            leaves.append(_leaf(str(match.lastgroup), token))
            yield f"_{len(leaves) - 1}"


def _leaf(group: str, token: str) -> Column | Constant:
    if group == "quoted":
        return Column(token[1:-1].replace("``", "`"))
    if group == "text":
        return Constant(ESCAPE.sub(_unescape, token[1:-1]))
    if group == "number":
        return Constant(_number(token))
    if token in ("True", "False"):
        return Constant(token == "True")
    if not token.isidentifier() or keyword.iskeyword(token):
        raise _not_allowed(repr(token))
    return Column(token)


def _unescape(match: re.Match) -> str:
    code = match[1]
    if len(code) > 1:
        return chr(int(code[1:], 16))
    if code not in ESCAPED:
        raise _not_allowed(f"a backslash before {code!r} in a text (double it to keep it)")
    return ESCAPED[code]


def _number(token: str) -> int | float:
    if token.replace("_", "").isdigit():
        return operators.in_64_bits(int(token))
    return float(token)


def _node(tree: ast.AST, leaves: Sequence[Column | Constant], depth: int) -> Node:
    """Node of a tree of Python's parser, to a depth."""
    if depth == 0:
        raise ValueError(f"it is nested more than {MAX_DEPTH} times")
    match tree:
        case ast.Name(id=name):
            return leaves[int(name[1:])]
        case ast.BoolOp(op=op, values=trees):
            operands = trees
        case ast.UnaryOp(op=op, operand=operand):
            operands = [operand]
        case ast.BinOp(op=op, left=left, right=right):
            operands = [left, right]
        case ast.Compare():
            return _chain(tree, leaves, depth)
        case _:
            raise _not_allowed(REFUSED.get(type(tree), type(tree).__name__))
    nodes = tuple(_node(operand, leaves, depth - 1) for operand in operands)
    return _fold(SYMBOLS[type(op)], nodes)


def _fold(symbol: str, nodes: tuple[Node, ...]) -> Node:
    """Operation of a symbol; signed numbers as constants."""
    match symbol, nodes:
        case ("-" | "+", (Constant(value=value),)) if type(value) in (int, float):
            return Constant(operators.in_64_bits(-value if symbol == "-" else value))
    return Operation(symbol, nodes)


def _chain(tree: ast.Compare, leaves: Sequence[Column | Constant], depth: int) -> Chain:
    symbols = tuple(SYMBOLS[type(op)] for op in tree.ops)
    operands = [_node(tree.left, leaves, depth - 1)]
    for number, (symbol, right) in enumerate(zip(symbols, tree.comparators, strict=True), 1):
        if symbol not in ("in", "not in"):
            operands.append(_node(right, leaves, depth - 1))
        elif isinstance(right, ast.List | ast.Tuple) and number == len(symbols):
            nodes = [_node(level, leaves, depth - 1) for level in right.elts]
            constants = [node.value for node in nodes if isinstance(node, Constant)]
            if len(constants) < len(nodes):
                raise _not_allowed("a list of anything but constants")
            operands.append(Constant(tuple(constants)))
        else:
            raise _not_allowed(f"`{symbol}` before anything but a list of constants, at the end")
    return Chain(symbols, tuple(operands))


def _not_allowed(what: str) -> ValueError:
    return ValueError(f"{what} is not allowed. {ALLOWED}")


def _position(name: str, columns: Sequence[Hashable]) -> int:
    """Number of the one column of a name."""
    places = [j for j, column in enumerate(columns) if isinstance(column, str) and column == name]
    if len(places) == 1:
        return places[0]
    if places:
        raise ValueError(f"{name!r} is the name of {len(places)} columns")
    hint = did_you_mean(name, columns)
    raise ValueError(f"{name!r} is no column.{hint} Columns are {_SHOWN.repr(list(columns))}")


def _value(node: Node, frame: pd.DataFrame) -> Any:
    """Column (n,) or constant that a node stands for."""
    match node:
        case Column(name=name):
            return operators.column(frame.iloc[:, _position(name, list(frame.columns))])
        case Constant(value=value):
            return value
        case Chain(symbols=symbols, operands=operands):
            values = pairwise(_value(operand, frame) for operand in operands)
            links = (
                operators.compare(symbol, left, right)
                for symbol, (left, right) in zip(symbols, values, strict=True)
            )
            return operators.logic("and", links)
        case Operation(symbol="and" | "or" | "not" as symbol, operands=operands):
            return operators.logic(symbol, (_value(operand, frame) for operand in operands))
        case Operation(symbol=symbol, operands=operands):
            return operators.arithmetic(symbol, *(_value(operand, frame) for operand in operands))
