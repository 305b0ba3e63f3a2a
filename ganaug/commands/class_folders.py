"""Names of folders for classes that all file systems take."""

import hashlib
import unicodedata
from collections.abc import Hashable, Iterable

from ganaug.encoding.image_folder import INDEX

# What file systems do not have in names, or Windows not as whole names; and bytes of a name.
FORBIDDEN = frozenset('<>:"/\\|?*')
RESERVED = frozenset(
    ["CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in range(1, 10))]
)
MAX_NAME_BYTES = 255

# Characters of a label that cannot name a folder which its name begins with, and of the digest
# that it ends with.
MAX_KEPT = 40
N_DIGITS = 8


def folder_names(labels: Iterable[Hashable]) -> dict[Hashable, str]:
    """Names of folders for classes, such as every file system takes.

    A label names its folder where it can, where no label before differs only in case, and where
    the index of labels has not that name. Else the name begins like the label, and ends with a
    digest of it.

    Examples
    --------
    >>> folder_names([1, "b", "B", "b/c."])
    {1: '1', 'b': 'b', 'B': 'B-be4f5013', 'b/c.': 'b_c-1472b4a7'}
    """
    names: dict[Hashable, str] = {}
    taken = {_folded(INDEX)}
    for label in labels:
        name = str(label)
        if not _is_safe(name) or _folded(name) in taken:
            name = _safe_name(label)
        taken.add(_folded(name))
        names[label] = name
    return names


def _safe_name(label: Hashable) -> str:
    """Name that begins like a label, and that no other label has."""
    text = unicodedata.normalize("NFC", str(label))
    kept = "".join(
        character if character.isalnum() or character in "-_" else "_"
        for character in text[:MAX_KEPT]
    )
    # surrogates, which stand for bytes of other encodings, and what else is no letter are gone
    digest = hashlib.sha256(repr(label).encode("utf-8", "backslashreplace")).hexdigest()
    return f"{kept.strip('_')}-{digest[:N_DIGITS]}".lstrip("-")


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _is_safe(name: str) -> bool:
    """Return True for a text that can be the name of a folder everywhere."""
    return (
        bool(name)
        and not name.startswith(".")
        and name == name.rstrip(". ")
        and name.isprintable()
        and not set(name) & FORBIDDEN
        and name.split(".")[0].rstrip().upper() not in RESERVED
        and len(name.encode()) <= MAX_NAME_BYTES
    )
