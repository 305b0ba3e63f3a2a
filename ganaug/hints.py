"""Hints at what was perhaps meant by a name that is not known."""

from collections.abc import Iterable
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
