"""Images in a folder that holds a folder for each class, read as people see them."""

import json
import numbers
import warnings
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from ganaug.caller import warn_caller
from ganaug.encoding.image_sides import MAX_GAN_SIDE, MAX_SIDE, MIN_SIDE
from ganaug.encoding.suffixes import IMAGES
from ganaug.storage.regular import check_regular_file

# Formats in whose headers EXIF tells how a picture is turned. Of TIFF Pillow gives the size as it
# is seen, and PNG may tell at its end.
TURNED_FORMATS = ("JPEG", "MPO", "WEBP")

# File that tells which labels folders stand for, where names of folders could not hold them.
INDEX = "labels.json"

# Tag of EXIF for that, and its values that exchange height and width.
ORIENTATION = 0x0112
SIDEWAYS = (5, 6, 7, 8)

# Modes of images without colours, and pictures of which Pillow passes on no more than a part.
GREY = ("1", "L", "LA", "La")
DEEP = ("I", "F")


class ImageFolder:
    """Images of a folder that holds a folder for each class, and the names of these as labels.

    Headers are read at once, and the images where they are asked for.

    Parameters
    ----------
    path, size
        As in ``read_image_folder``.

    Attributes
    ----------
    labels : (n,) array
        As ``read_image_folder`` returns them.
    shape : tuple of int
        Shape of all images together: (n, height, width) where all are grey, else with 3 channels.
    dtype : numpy.dtype
        uint8.

    Raises
    ------
    FileNotFoundError, NotADirectoryError, OSError, ValueError
        As ``read_image_folder`` does; for what headers do not tell, where images are asked for.
    """

    dtype = np.dtype(np.uint8)

    def __init__(self, path: str | Path, size: int | Sequence[int] | None = None):
        folder = Path(path)
        self._size = _checked_size(size)
        self._paths = _image_paths(folder)
        labels = _read_index(folder)
        self.labels = _label_array(
            [labels.get(path.parent.name, path.parent.name) for path in self._paths]
        )
        headers = [_read_header(path) for path in self._paths]
        self._grey = all(grey for _, grey in headers)
        sides = self._size or self._common_size([sides for sides, _ in headers])
        self.shape = (len(headers), *sides) + (() if self._grey else (3,))

    def samples(self, mask: np.ndarray) -> np.ndarray:
        """Images where ``mask`` (n,) is True, in the order of the labels."""
        rows = np.flatnonzero(mask)
        images = np.empty((len(rows), *self.shape[1:]), self.dtype)
        for place, row in enumerate(rows):
            image = self._read(self._paths[row])
            if image.shape != self.shape[1:]:
                raise self._different_sizes(self._paths[row], image.shape[:2], self.shape[1:3])
            images[place] = image
        return images

    def _common_size(self, sizes: list[tuple[int, int]]) -> tuple[int, int]:
        """Height and width of all images, which may be trained on."""
        for path, sides in zip(self._paths, sizes, strict=True):
            if max(sides) > MAX_SIDE:
                raise ValueError(
                    f"{path} has {sides[0]} x {sides[1]} pixels, and models take {MAX_SIDE} at "
                    "most. Resize them all: size=64 of read_image_folder, --size 64 of a command."
                )
            if sides != sizes[0]:
                raise self._different_sizes(path, sides, sizes[0])
        return sizes[0]

    def _different_sizes(self, path: Path, sides: Sequence, others: Sequence) -> ValueError:
        """Error that advises one size, of a shape that there is, which GANs learn."""
        scale = min(1.0, MAX_GAN_SIDE / max(others))
        height, width = (max(MIN_SIDE, round(scale * side)) for side in others)
        return ValueError(
            f"{path} has {sides[0]} x {sides[1]} pixels, and other images have {others[0]} x "
            f"{others[1]}. Resize them all: size=({height}, {width}) of read_image_folder, --size "
            f"{height}x{width} of a command."
        )

    def _read(self, path: Path) -> np.ndarray:
        """One image (height, width[, 3])."""
        from PIL import Image, ImageOps

        with _open_image(path) as image:
            if self._size is not None:
                # decoders of photographs skip what is not needed
                image.draft(None, (2 * max(self._size), 2 * max(self._size)))
            image.load()
            seen = ImageOps.exif_transpose(image)
        if "A" in seen.getbands() or "a" in seen.getbands() or "transparency" in seen.info:
            seen = seen.convert("RGBA")
            white = Image.new("RGBA", seen.size, "white")
            seen = Image.alpha_composite(white, seen)
        seen = seen.convert("L" if self._grey else "RGB")
        if self._size is not None:
            seen = ImageOps.fit(seen, self._size[::-1], Image.Resampling.LANCZOS)
        return np.asarray(seen)


def read_image_folder(
    path: str | Path, size: int | Sequence[int] | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Read the images of a folder that holds a folder for each class.

    They are turned as EXIF says, transparent ones lie on white, and grey ones are colourful among
    colourful ones. Hidden files and folders are none; what else is not read is said in a warning.

    Parameters
    ----------
    path : path
        Path of the outer folder.
    size : int, (height, width) or None, default=None
        Size to which images are brought: the middle of that shape is cut out and made smaller or
        larger. None takes them as they are, if they are of one size and not larger than 512 pixels.

    Returns
    -------
    X : (n, height, width) array, or (n, height, width, 3) where any has colours
        Images, 0 to 255.
    y : (n,) array
        Names of their folders, or in a folder that ``ganaug sample`` has written the labels.

    Raises
    ------
    FileNotFoundError, NotADirectoryError, OSError
        If there is no such folder, or what is named as an image is no file.
    ValueError
        For a folder without images, images that cannot be read or have more than 256 shades, and
        without ``size`` images of different sizes or large ones; names one.

    Examples
    --------
    >>> import tempfile
    >>> from PIL import Image
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for kind in ("cat", "dog"):
    ...         Path(folder, kind).mkdir()
    ...         Image.new("RGB", (640, 480)).save(f"{folder}/{kind}/1.png")
    ...     X, y = read_image_folder(folder, size=32)
    >>> X.shape, y.tolist()
    ((2, 32, 32, 3), ['cat', 'dog'])
    """
    folder = ImageFolder(path, size)
    return folder.samples(np.ones(len(folder.labels), dtype=bool)), folder.labels


def _checked_size(size: int | Sequence[int] | None) -> tuple[int, int] | None:
    if size is None:
        return None
    sides: tuple[Any, ...] = tuple(size) if isinstance(size, Sequence) else (size, size)
    # True is a whole number to Python
    whole = [isinstance(n, numbers.Integral) and not isinstance(n, bool) for n in sides]
    if len(sides) != 2 or not all(whole) or min(sides) < 1:
        raise ValueError(f"size must be a number of pixels, or a height and a width, got {size!r}.")
    return int(sides[0]), int(sides[1])


def _image_paths(folder: Path) -> list[Path]:
    """Paths of all images, class by class; a warning tells what is left out."""
    paths: list[Path] = []
    others: dict[str, list[Path]] = {
        "within folders of classes": [],
        "of other formats": [],
        "without images": [],
        "outside of folders of classes": [],
    }
    for part in _visible(folder):
        if part.name == INDEX:
            continue
        if not part.is_dir():
            others["outside of folders of classes"].append(part)
            continue
        n_before = len(paths)
        for path in _visible(part):
            if path.is_dir() and path.suffix.lower() not in IMAGES:
                others["within folders of classes"].append(path)
            elif path.suffix.lower() in IMAGES:
                paths.append(path)
            else:
                others["of other formats"].append(path)
        if len(paths) == n_before:
            others["without images"].append(part)
    left_out = [
        f"{len(found)} {kind}, such as {found[0].relative_to(folder)}"
        for kind, found in others.items()
        if found
    ]
    if not paths:
        end = f" There are {'; '.join(left_out)}." if left_out else ""
        raise ValueError(f"{folder} holds no folders of images ({', '.join(IMAGES)}).{end}")
    if left_out:
        warn_caller(f"{folder} holds files and folders that are not read: {'; '.join(left_out)}.")
    return paths


def write_index(folder: Path, names: Mapping[Hashable, str]) -> None:
    """Write the labels that folders stand for into a file among them.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_index(Path(folder), {7: "7", "and/or": "and_or"})
    ...     Path(folder, INDEX).read_text().split()
    ['{', '"7":', '7,', '"and_or":', '"and/or"', '}']
    """
    labels = {
        name: label if isinstance(label, bool | int | float) else str(label)
        for label, name in names.items()
    }
    # what is no letter in ASCII is escaped, and so are bytes of no encoding
    (folder / INDEX).write_text(f"{json.dumps(labels, indent=0)}\n", encoding="ascii")


def _read_index(folder: Path) -> dict[str, Any]:
    """Labels by the names of folders; none where no such file tells them."""
    path = folder / INDEX
    if not path.is_file():
        return {}
    try:
        labels = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} does not hold the labels of folders: {error}.") from error
    scalar = isinstance(labels, dict) and all(
        isinstance(label, bool | int | float | str) for label in labels.values()
    )
    if not scalar:
        raise ValueError(f"{path} does not hold the labels of folders, which are texts or numbers.")
    return labels


def _label_array(labels: list[Any]) -> np.ndarray:
    """Labels (n,), which stay of their types where these differ."""
    array = np.array(labels)
    return array if array.tolist() == labels else np.array(labels, dtype=object)


def _visible(folder: Path) -> list[Path]:
    """Files and folders in a folder that are not hidden, sorted."""
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def _read_header(path: Path) -> tuple[tuple[int, int], bool]:
    """Height and width of an image as people see it, and True where it is grey."""
    with _open_image(path) as image:
        width, height = image.size
        turns = image.format in TURNED_FORMATS
        if image.format == "PNG" and width != height and max(image.size) <= MAX_SIDE:
            # whose EXIF may come last: it is read whole
            turns = True
        turned = turns and image.getexif().get(ORIENTATION) in SIDEWAYS
        mode = image.mode
    if mode.startswith(DEEP):
        raise ValueError(
            f"{path} has more than 256 shades (mode {mode}). Convert it to 8 bits, or train on "
            "arrays: ganaug.ImageGAN takes them as they are."
        )
    return ((width, height) if turned else (height, width)), mode in GREY


@contextmanager
def _open_image(path: Path) -> Iterator[Any]:
    """Open an image, and have whatever its decoder raises name it."""
    from PIL import Image

    check_regular_file(path)
    try:
        with warnings.catch_warnings():
            # of images that are an error from twice as many pixels on
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path) as image:
                yield image
    except MemoryError:
        raise
    except Exception as error:
        raise ValueError(f"{path} is not a readable image: {error}") from error
