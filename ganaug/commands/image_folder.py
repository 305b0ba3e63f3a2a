"""Folders of images, a folder for each class: read, and written as a whole."""

import unicodedata
from collections.abc import Hashable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from ganaug.commands.paths import check_input

# Suffixes of images.
SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp")

# What file systems do not have in names, or Windows not as whole names; and bytes of a name.
FORBIDDEN = frozenset('<>:"/\\|?*')
RESERVED = frozenset(
    ["CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in range(1, 10))]
)
MAX_NAME_BYTES = 255


def read_folder(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Read images (n, height, width[, channels]) of a folder of folders, and the names of these.

    Raises
    ------
    ValueError
        For a folder without such folders, images that cannot be read, or that are of
        different sizes or colours.
    OSError
        For what is named as an image and is no file.
    """
    images: list[np.ndarray] = []
    labels: list[str] = []
    for path in sorted(folder.glob("*/*")):
        if path.suffix.lower() not in SUFFIXES:
            continue
        images.append(_read_image(path))
        labels.append(path.parent.name)
        if images[-1].shape != images[0].shape:
            raise ValueError(
                f"{path} has the shape {images[-1].shape}, the images before it have "
                f"{images[0].shape}. Resize or convert them to one."
            )
    if not images:
        raise ValueError(f"{folder} holds no folders of images ({', '.join(SUFFIXES)}).")
    return np.stack(images), np.array(labels)


def folder_names(labels: Iterable[Hashable]) -> dict[Hashable, str]:
    """Names of folders for classes, such as every file system takes.

    Raises
    ------
    ValueError
        For a label that can name none, and two that would name one.

    Examples
    --------
    >>> folder_names([1, "b"])
    {1: '1', 'b': 'b'}
    >>> folder_names(["b."])
    Traceback (most recent call last):
    ValueError: 'b.' cannot name a folder everywhere: it ends with a dot or a space. Draw into a
    bank (-o OUT.h5) instead.
    """
    names = {label: str(label) for label in labels}
    taken: dict[str, Hashable] = {}
    for label, name in names.items():
        reason = _reason_against_name(name)
        if reason:
            raise ValueError(
                f"{name!r} cannot name a folder everywhere: {reason}. Draw into a bank (-o "
                "OUT.h5) instead."
            )
        other = taken.setdefault(unicodedata.normalize("NFC", name).casefold(), label)
        if other is not label:
            raise ValueError(
                f"{other!r} and {label!r} name one folder where case makes no difference. Draw "
                "into a bank (-o OUT.h5) instead."
            )
    return names


def _reason_against_name(name: str) -> str | None:
    """Reason why a text cannot be the name of a folder."""
    if not name:
        return "it is empty"
    if name.startswith("."):
        return "it begins with a dot"
    if name != name.rstrip(". "):
        return "it ends with a dot or a space"
    if not name.isprintable():
        return "it holds characters that do not print"
    if set(name) & FORBIDDEN:
        return f"it holds one of {' '.join(sorted(FORBIDDEN))}"
    if name.split(".")[0].rstrip().upper() in RESERVED:
        return "Windows names a device by it"
    if len(name.encode()) > MAX_NAME_BYTES:
        return f"it has more than {MAX_NAME_BYTES} bytes"
    return None


def _read_image(path: Path) -> np.ndarray:
    from PIL import Image

    check_input(path)
    try:
        with Image.open(path) as image:
            image.load()
    except MemoryError:
        raise
    except Exception as error:
        # decoders of damaged images raise whatever comes
        raise ValueError(f"{path} is not a readable image: {error}") from error
    return _as_array(image, path)


def _as_array(image: Any, path: Path) -> np.ndarray:
    """Array of grey or colourful bytes; more than 256 shades are refused, not clipped."""
    if image.mode.startswith(("I", "F")):
        raise ValueError(
            f"{path} has more than 256 shades (mode {image.mode}). Convert it to 8 bits, or train "
            "on arrays: ganaug.ImageGAN takes them as they are."
        )
    grey = image.mode in ("1", "L", "LA")
    return np.asarray(image.convert("L" if grey else "RGB"))
