"""What the benchmarks' command lines have in common."""

import ast
from typing import Any


def parameter(pair: str) -> tuple[str, Any]:
    """A parameter of the model: a Python literal where it is one, else a word."""
    name, _, value = pair.partition("=")
    try:
        return name, ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return name, value
