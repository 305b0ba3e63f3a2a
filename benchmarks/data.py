"""Fetch the public data sets into a folder, in the layout that ``--data`` takes.

``python -m benchmarks.data DIR`` writes DIR/mnist.h5, DIR/cifar10.h5 and DIR/tabular/*.csv from
GitHub, about 100 MB in all. Every original is pinned to a commit and verified by its checksum
before anything is written; what is there already is verified and kept. Licences are printed.

Without a network, fetch the addresses that it names elsewhere, and pass
``--tables file:///folder/of/the/csv/files``, ``--mnist file:///archive.zip`` and
``--cifar10 file:///archive.zip``, or put finished files where it says.
"""

import argparse
import hashlib
import io
import sys
import tempfile
import urllib.request
import zipfile
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from http.client import HTTPException
from pathlib import Path
from typing import Any, BinaryIO

import cv2
import h5py
import numpy as np

from benchmarks.common.public_data import (
    IMAGE_SETS,
    TABLES,
    TABLES_LICENCE,
    TABLES_URL,
    ImageSet,
    Table,
)

TIMEOUT = 60
CHUNK = 1 << 20


def download(url: str, file: BinaryIO) -> None:
    """Copy what an address holds into a file."""
    with urllib.request.urlopen(url, timeout=TIMEOUT) as response:
        while chunk := response.read(CHUNK):
            file.write(chunk)


def sha256(parts: Iterable[bytes]) -> str:
    """Digest of bytes, one part after the other."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()


def verify(found: str, expected: str, what: str) -> None:
    """Raise a ValueError where a checksum is not the expected one."""
    if found != expected:
        raise ValueError(f"{what} has the SHA-256 {found}, not {expected}: it is another version.")


def fetch_table(table: Table, url: str, folder: Path) -> str:
    """Write one table; return what was done."""
    path = folder / "tabular" / f"{table.name}.csv"
    if path.exists():
        verify(sha256([path.read_bytes()]), table.sha256, str(path))
        return "is there"
    lines = [",".join(table.columns.split())]
    for name, expected in table.sources.items():
        with io.BytesIO() as file:
            download(f"{url}/{name}", file)
            content = file.getvalue()
        verify(sha256([content]), expected, f"{url}/{name}")
        lines += [plain_row(line) for line in content.decode().splitlines() if line.strip()]
    text = "\n".join(lines) + "\n"
    verify(sha256([text.encode()]), table.sha256, f"what was made of {url}/{table.name}.csv")
    write_whole(path, lambda part: part.write_bytes(text.encode()))
    return "written"


def plain_row(line: str) -> str:
    """A row without spaces and quotes, a gap as an empty cell, and no full stop after the label.

    Examples
    --------
    >>> plain_row("25, ?, '-1', <=50K.")
    '25,,-1,<=50K'
    """
    cells = [cell.strip().strip("'") for cell in line.rstrip(".").split(",")]
    return ",".join("" if cell == "?" else cell for cell in cells)


def fetch_images(images: ImageSet, url: str, folder: Path) -> str:
    """Write one set of images; return what was done."""
    path = folder / f"{images.name}.h5"
    if path.exists():
        verify_images(path, images)
        return "is there"
    with tempfile.TemporaryFile() as file:
        download(url, file)
        with zipfile.ZipFile(file) as archive:
            parts = {name: read_part(archive, images, name) for name in images.parts}
    write_whole(path, lambda part: write_images(part, images, parts))
    return "written"


def read_part(archive: zipfile.ZipFile, images: ImageSet, part: str) -> dict[str, list[np.ndarray]]:
    """Images of each class, of one part of an archive whose files are in one folder."""
    by_class: dict[str, list[str]] = {}
    for name in sorted(archive.namelist()):
        _, *place = name.split("/")
        if len(place) == 3 and place[0] == part and place[2]:
            by_class.setdefault(place[1], []).append(name)
    expected = images.parts[part]
    chosen = {label: names[: expected.n_each] for label, names in by_class.items()}
    contents = {label: [archive.read(name) for name in names] for label, names in chosen.items()}
    found = sha256(content for own in contents.values() for content in own)
    verify(found, expected.files_sha256, f"the images of {images.name}/{part}")
    return {label: [decode(content) for content in own] for label, own in contents.items()}


def decode(content: bytes) -> np.ndarray:
    """Pixels of a PNG or JPEG file: (H, W), or (H, W, 3) in the order red, green, blue."""
    pixels = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    return pixels if pixels.ndim == 2 else pixels[..., ::-1]


def write_images(path: Path, images: ImageSet, parts: dict[str, dict[str, list]]) -> None:
    """Write an HDF5 file with a group of ``X`` and ``y`` for each part."""
    with h5py.File(path, "w") as file:
        file.attrs["class_names"] = list(next(iter(parts.values())))
        file.attrs["source"] = images.source
        file.attrs["licence"] = images.licence
        for name, by_class in parts.items():
            X = np.concatenate([np.stack(own) for own in by_class.values()])
            sizes = [len(own) for own in by_class.values()]
            group = file.create_group(name)
            group.create_dataset("X", data=X, compression="gzip")
            group["y"] = np.repeat(np.arange(len(sizes)), sizes)
    verify_images(path, images)


def verify_images(path: Path, images: ImageSet) -> None:
    """Raise a ValueError where the arrays of a file are not those expected."""
    with h5py.File(path) as file:
        for name, part in images.parts.items():
            arrays = (file[name][key][:].tobytes() for key in ("X", "y"))
            verify(sha256(arrays), part.arrays_sha256, f"{path}, {name},")


def write_whole(path: Path, write: Callable[[Path], Any]) -> None:
    """Write a file beside its place, and move it there once it is complete."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    try:
        write(part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def fetch(name: str, url: str, call: Callable[[], str]) -> bool:
    """Fetch one data set and say so; say why where that fails."""
    try:
        print(f"{name}: {call()}", flush=True)
    except (OSError, HTTPException, ValueError, KeyError, zipfile.BadZipFile) as error:
        print(f"{name}: not fetched from {url}: {error}", file=sys.stderr, flush=True)
        return False
    return True


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--tables", metavar="URL", default=TABLES_URL, help="of a folder")
    for images in IMAGE_SETS:
        parser.add_argument(f"--{images.name}", metavar="URL", default=images.url, help="of a zip")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Fetch all that is not there; return 1 where something is missing then."""
    options = parse(arguments)
    done = []
    for table in TABLES:
        urls = " and ".join(f"{options.tables}/{source}" for source in table.sources)
        job = partial(fetch_table, table, options.tables, options.folder)
        done.append(fetch(f"tabular/{table.name}.csv", urls, job))
    for images in IMAGE_SETS:
        url = getattr(options, images.name)
        job = partial(fetch_images, images, url, options.folder)
        done.append(fetch(f"{images.name}.h5", url, job))
    print(f"Licence of the tables: {TABLES_LICENCE}.")
    for images in IMAGE_SETS:
        print(f"Licence of {images.name}.h5: {images.licence}.")
    if all(done):
        return 0
    print(
        "Without a network, fetch what is named above elsewhere and pass --tables, --mnist and "
        "--cifar10 as file:// addresses of it, or put finished files from another machine into "
        f"{options.folder}: mnist.h5, cifar10.h5 and tabular/*.csv.",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
