"""The commands' data, by path or address, and the options that say what they are."""

import argparse
from pathlib import Path
from typing import Any

from ganaug.arguments.options import add_table_options, image_size
from ganaug.encoding.locations import is_one_file, is_remote
from ganaug.encoding.suffixes import ARRAYS, HDF5, IMAGES, OTHER_ARRAYS, SEQUENCES
from ganaug.storage.regular import check_regular_file

DATA = (
    "a CSV or Parquet table (with --target; also a folder of files, a pattern such as "
    "'2024-*/*.csv', or an address of fsspec such as 's3://bucket/*.parquet'), a folder that holds "
    "a folder of images for each class, an HDF5 or .npz file of images (--images) or sequences "
    "(--sequences), or a .ts file of sequences (needs aeon or sktime)"
)

# Options that not all data have, with their defaults.
OF_TABLES: dict[str, Any] = {
    "drop": [],
    "sep": None,
    "decimal": ".",
    "encoding": "utf-8",
    "na_values": [],
}
OF_NAMES = {"target": None, "images": None}
OF_FOLDERS = {"size": None}
OF_SEQUENCES = {"sequences": None, "layout": "channels_last"}


def add_data_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options of commands that read data."""
    parser.add_argument("data", type=data_argument, metavar="DATA")
    parser.add_argument(
        "--target",
        metavar="NAME",
        help="column of class labels in a table; dataset of labels in HDF5 or .npz (default there: "
        "y)",
    )
    parser.add_argument(
        "--images",
        metavar="NAME",
        help="dataset of images in HDF5 (default: X) or .npz: (n, height, width) or (n, height, "
        "width, channels)",
    )
    parser.add_argument(
        "--sequences",
        metavar="NAME",
        help="dataset of sequences in HDF5 or .npz, such as X: (n, steps) or (n, steps, channels)",
    )
    parser.add_argument(
        "--layout",
        default="channels_last",
        choices=["channels_last", "channels_first"],
        help="order of the axes of sequences (default: channels_last)",
    )
    parser.add_argument(
        "--augment",
        default="auto",
        choices=["auto", "photo", "grey", "symbol", "none"],
        help="changes that leave an image in its class (default: auto); of sequences auto or none",
    )
    parser.add_argument(
        "--size",
        type=image_size,
        metavar="HEIGHTxWIDTH",
        help="size to which images of a folder are brought, such as 32 (both) or 24x32: their "
        "middle of that shape, made smaller or larger (default: as they are)",
    )
    add_table_options(parser)


def data_argument(text: str) -> Path | str:
    """Read where data are: a path of this machine, or the address of tables elsewhere.

    Examples
    --------
    >>> data_argument("s3://bucket/table.csv"), data_argument("file:///data/table.csv").name
    ('s3://bucket/table.csv', 'table.csv')
    """
    if text.startswith("file://"):
        # which takes a while to load
        from urllib.request import url2pathname

        return Path(url2pathname(text.removeprefix("file://")))
    return text if is_remote(text) else Path(text)


def check_data(options: argparse.Namespace) -> None:
    """Refuse data that cannot be opened, as far as their name and the options tell.

    Raises
    ------
    OSError
        For a path that is no file, unless it is a folder, a pattern or an address.
    ValueError
        For data of a kind that commands do not read, and for options that they do not have.
    """
    path = options.data
    suffix = data_suffix(options)
    if is_one_file(path):
        check_regular_file(path)
    elif not Path(path).is_dir():
        _check_is_table(options, suffix)
    if is_folder_of_images(options):
        # whether it holds images is asked first
        return
    if are_sequences(options):
        _check_sequences(options, suffix)
    elif suffix in HDF5 + ARRAYS:
        _check_images(options, suffix)
    elif suffix in OTHER_ARRAYS + IMAGES:
        kind = "an image" if suffix in IMAGES else "a file of arrays"
        raise ValueError(f"{path} is {kind}; name {DATA}.")
    else:
        if Path(path).is_dir() and options.size is not None:
            raise ValueError(
                f"--size is for images, and --target names a column of tables. If {path} is a "
                "folder of images, with a folder for each class, leave out --target."
            )
        _check_unused(options, "a table", images=None, augment="auto", **OF_FOLDERS, **OF_SEQUENCES)
        if options.target is None:
            raise ValueError(f"--target must name the column of class labels of {path}.")


def check_folder_options(options: argparse.Namespace) -> None:
    """Raise a ValueError for options that a folder of images does not have."""
    _check_unused(options, "a folder of images", **OF_TABLES, **OF_NAMES, **OF_SEQUENCES)


def data_suffix(options: argparse.Namespace) -> str:
    """Ending of the name of the data, in small letters; empty for a folder."""
    path = Path(options.data)
    return "" if path.is_dir() else path.suffix.lower()


def is_folder_of_images(options: argparse.Namespace) -> bool:
    """True where a command was given a folder, and no column of a table."""
    return Path(options.data).is_dir() and options.target is None


def are_sequences(options: argparse.Namespace) -> bool:
    """True where a command was given sequences."""
    return data_suffix(options) in SEQUENCES or options.sequences is not None


def _check_is_table(options: argparse.Namespace, suffix: str) -> None:
    """Raise a ValueError for a pattern or an address of other data than tables."""
    others = HDF5 + OTHER_ARRAYS + IMAGES + ARRAYS + SEQUENCES
    if suffix in others or options.sequences is not None:
        raise ValueError(
            f"{options.data}: patterns and addresses are for tables (CSV or Parquet). Of images "
            "and sequences name one file, or a folder, of this machine."
        )


def _check_images(options: argparse.Namespace, suffix: str) -> None:
    """Raise a ValueError for a file of images that names none, and for options that it has not."""
    kind = "an HDF5 file" if suffix in HDF5 else "an .npz file"
    _check_unused(options, kind, **OF_TABLES, **OF_FOLDERS)
    if options.layout != "channels_last":
        raise ValueError("--layout is for sequences, which --sequences NAME names.")
    if suffix in ARRAYS and options.images is None:
        raise ValueError(
            f"{options.data} may hold images or sequences: name its array by --images NAME or "
            "--sequences NAME, such as X, and that of labels by --target (default: y)."
        )


def _check_sequences(options: argparse.Namespace, suffix: str) -> None:
    """Raise a ValueError for what is no file of sequences, and for options that it has not."""
    _check_unused(options, "a file of sequences", images=None, **OF_TABLES, **OF_FOLDERS)
    if options.augment not in ("auto", "none"):
        raise ValueError(
            f"--augment {options.augment} is for images; of sequences there are auto and none."
        )
    if suffix in SEQUENCES:
        _check_unused(options, "a .ts file", target=None, **OF_SEQUENCES)
    elif suffix not in HDF5 + ARRAYS:
        raise ValueError(
            "--sequences names a dataset of an HDF5 or .npz file, and "
            f"{options.data} is none of these."
        )


def _check_unused(options: argparse.Namespace, kind: str, **defaults: Any) -> None:
    """Raise a ValueError where an option was given that data of a kind do not have."""
    given = [
        f"--{name.replace('_', '-')}"
        for name, default in defaults.items()
        if getattr(options, name) != default
    ]
    if given:
        verb = "is" if len(given) == 1 else "are"
        raise ValueError(f"{', '.join(given)} {verb} not for {kind}, and {options.data} is one.")
