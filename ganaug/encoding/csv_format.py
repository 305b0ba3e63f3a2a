"""CSV files: their separators, encodings, line ends and compression."""

import codecs
import csv
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from ganaug.storage.atomic import target_path
from ganaug.storage.compression import is_tar, open_compressed

# Bytes in which the first line ends.
HEAD_BYTES = 65_536

LINE_END = re.compile("\r\n|\n|\r")


@dataclass(frozen=True)
class CsvFormat:
    """Format of a CSV file.

    Parameters
    ----------
    sep : str, default=","
        Character between the cells of a row.
    encoding : str, default="utf-8"
        Encoding of the text, by a name that Python knows.
    decimal : str, default="."
        Decimal point, "." or ",".
    na_values : tuple of str, default=()
        Cells that are gaps in every column; the empty ones are in any case.

    Raises
    ------
    ValueError
        For values that no format has; names the parameter.
    """

    sep: str = ","
    encoding: str = "utf-8"
    decimal: str = "."
    na_values: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.sep) != 1 or self.sep in '"\r\n':
            raise ValueError(f"sep must be one character between two cells, got {self.sep!r}.")
        if self.decimal not in (".", ","):
            raise ValueError(f"decimal must be '.' or ',', got {self.decimal!r}.")
        if self.sep == self.decimal:
            raise ValueError(
                f"sep and decimal are both {self.sep!r}; name the separator of cells by sep."
            )
        try:
            codecs.lookup(self.encoding)
        except LookupError as error:
            raise ValueError(f"encoding: Python knows no {self.encoding!r}.") from error

    @property
    def reading(self) -> dict[str, Any]:
        """Arguments of ``pandas.read_csv`` that read cells as they are written."""
        as_text: dict[str, Any] = {"index_col": False, "dtype": str, "keep_default_na": False}
        return as_text | {"sep": self.sep, "encoding": self.encoding}


PLAIN_CSV = CsvFormat()


@dataclass(frozen=True)
class CsvWriter:
    """Writer of rows to a CSV file.

    Parameters
    ----------
    file : object with the method ``write`` of text files
    sep : str
        Character between the cells of a row.
    line_end : str
        Characters between rows.
    """

    file: Any
    sep: str = ","
    line_end: str = "\n"

    def write(self, rows: pd.DataFrame, header: bool = False) -> None:
        r"""Write rows, which are then read as they are.

        Examples
        --------
        >>> from io import StringIO
        >>> file = StringIO()
        >>> CsvWriter(file).write(pd.DataFrame({"a": ["x\ry"], "b": [1]}))
        >>> file.getvalue()
        '"x\ry",1\n'
        """
        options: dict[str, Any] = {"index": False, "header": header, "sep": self.sep}
        text = rows.to_csv(**options, lineterminator=self.line_end)
        # a character that ends lines elsewhere is not quoted, and readers end the line at it
        other = {"\n": "\r", "\r": "\n"}.get(self.line_end)
        if other and other in text.replace("\r\n", ""):
            options["quoting"] = csv.QUOTE_NONNUMERIC
            text = rows.to_csv(**options, lineterminator=self.line_end)
        self.file.write(text)


@contextmanager
def create_csv(
    path: Path, form: CsvFormat, line_end: str = "\n", mark: bool = False
) -> Iterator[CsvWriter]:
    r"""Writer of a new CSV file, compressed where its name says so.

    Parameters
    ----------
    path : path
        File to write, an unfinished one too.
    form : CsvFormat
    line_end : str, default="\n"
    mark : bool, default=False
        True begins the text with the mark of byte order, by which Excel knows UTF-8.

    Raises
    ------
    ValueError, ImportError
        For a compression in which nothing can be written, or text that the encoding does not
        have; names the file.
    """
    with open_compressed(path, "wb") as file:
        # TextIOWrapper begins no compressed UTF-16 with its mark
        text = codecs.getwriter(form.encoding)(file)
        if mark:
            text.write("\ufeff")
        try:
            yield CsvWriter(text, form.sep, line_end)
        except UnicodeEncodeError as error:
            raise ValueError(
                f"{target_path(path)} cannot be written in the encoding {form.encoding}, which "
                f"has no {error.object[error.start]!r}. Name another one (--encoding)."
            ) from error


def first_line_end(path: Path, encoding: str) -> str:
    """Characters that end the first line of a CSV file; a line feed where there is none."""
    text = _head(path).decode(encoding, errors="replace")
    # every second part is in quotes, where lines do not end
    ends = (LINE_END.search(part) for part in text.split('"')[::2])
    return next((end[0] for end in ends if end), "\n")


def has_mark(path: Path, encoding: str) -> bool:
    """Return True where UTF-8 begins with the mark of byte order."""
    return codecs.lookup(encoding).name == "utf-8" and _head(path).startswith(codecs.BOM_UTF8)


def _head(path: Path) -> bytes:
    """First bytes of what a file holds; none of a tar archive, which only pandas reads."""
    if is_tar(path):
        return b""
    with open_compressed(path, "rb") as file:
        return file.read(HEAD_BYTES)
