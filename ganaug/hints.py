"""Hints at what was perhaps meant, and messages that several modules have."""

from collections.abc import Collection, Hashable, Iterable
from difflib import get_close_matches


def did_you_mean(name: object, known: Iterable[object]) -> str:
    """Question that follows an error, whatever the letters' case; empty where nothing is alike.

    Examples
    --------
    >>> did_you_mean("smote", ["none", "SMOTE"]), did_you_mean("x", ["none"])
    (" Did you mean 'SMOTE'?", '')
    """
    by_letters = {str(one).lower(): one for one in known}
    alike = get_close_matches(str(name).lower(), by_letters, n=1)
    return f" Did you mean {by_letters[alike[0]]!r}?" if alike else ""


def listed(names: Iterable[object], n_shown: int = 10) -> str:
    """Names as Python writes them; of many the first.

    Examples
    --------
    >>> listed(["a", "b"]), listed(range(5), n_shown=2)
    ("'a', 'b'", '0, 1 and 3 more')
    """
    texts = list(map(repr, names))
    more = f" and {len(texts) - n_shown} more" if len(texts) > n_shown else ""
    return f"{', '.join(texts[:n_shown])}{more}"


def three_decimals(value: float, sign: str = "") -> str:
    """Three decimals of a number; what is rounded to zero has no minus.

    Examples
    --------
    >>> three_decimals(0.12345), three_decimals(-0.0001, "+")
    ('0.123', '+0.000')
    """
    return f"{round(value, 3) + 0.0:{sign}.3f}"


def is_number_of_name(label: Hashable, known: Collection[Hashable]) -> bool:
    """Return True for a whole number where all known labels are names.

    Examples
    --------
    >>> is_number_of_name(1, ["cat", "dog"]), is_number_of_name("eel", ["cat", "dog"])
    (True, False)
    """
    return isinstance(label, int) and all(isinstance(name, str) for name in known)


def unordered(labels: Iterable[Hashable]) -> str:
    """Message about labels that cannot be sorted.

    Examples
    --------
    >>> unordered([1, "a"]).partition(", which")[0]
    'y holds labels of the types int, str'
    """
    kinds = sorted({type(label).__name__ for label in labels})
    types = "types" if len(kinds) > 1 else "type"
    return (
        f"y holds labels of the {types} {', '.join(kinds)}, which have no order. Make them all "
        "texts, or all numbers."
    )
