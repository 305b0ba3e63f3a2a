"""Files of a table in several: a folder, a pattern of names, or an address of fsspec."""

import glob
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ganaug.encoding.suffixes import CSV, PARQUET
from ganaug.storage.compression import uncompressed_suffix


@dataclass(frozen=True)
class Files:
    """Files of one table, in the order of their names.

    Attributes
    ----------
    paths : list of str
        Paths as their file system takes them.
    addresses : list of str
        Paths or addresses as pandas takes them.
    base : str
        Folder below which the names of folders may hold values: ``year=2024``.
    filesystem : file system of fsspec, or None
        None for files of this machine.
    """

    paths: list[str]
    addresses: list[str]
    base: str
    filesystem: Any = None


# Protocols in whose addresses a question mark begins a query.
WITH_QUERIES = ("http://", "https://")


def is_remote(path: Any) -> bool:
    """Return True for an address such as s3://bucket/table.parquet.

    Examples
    --------
    >>> is_remote("s3://bucket/table.parquet"), is_remote("folder/table.parquet")
    (True, False)
    """
    return isinstance(path, str) and "://" in path


def is_one_file(path: Any) -> bool:
    """Return True for a path that names one file of this machine, which need not be there."""
    if is_remote(path) or Path(path).is_dir():
        return False
    return Path(path).exists() or not glob.has_magic(str(path))


def find_files(path: str | Path) -> Files:
    """Files of a table in a folder, or those that a pattern or an address names.

    Raises
    ------
    FileNotFoundError
        Where there are none.
    ImportError
        For an address where what fsspec needs for such addresses is not installed.
    OSError
        Where an address cannot be reached.
    ValueError
        For a folder of Parquet and of CSV files, or an address of an unknown protocol.
    """
    if is_remote(path):
        return _find_remote_files(str(path))
    folder = Path(path)
    if folder.is_dir():
        found = [file for file in sorted(folder.rglob("*")) if _is_table(file, folder)]
        paths = _of_one_kind(path, list(map(str, found)))
        return Files(paths, paths, str(folder))
    paths = sorted(name for name in glob.glob(str(path), recursive=True) if Path(name).is_file())
    paths = _of_one_kind(path, paths)
    return Files(paths, paths, str(Path(f"{_plain_start(str(path))}x").parent))


def is_parquet(path: Any) -> bool:
    """Return True for a file whose name calls it Parquet."""
    return Path(without_query(str(path))).suffix.lower() in PARQUET


def _find_remote_files(path: str) -> Files:
    # which torch needs too
    from fsspec.core import url_to_fs

    try:
        filesystem, stripped = url_to_fs(path)
    except ImportError as error:
        raise ImportError(f"to read {path}, a package is missing: {error}.") from error
    except ValueError as error:
        raise ValueError(f"{path} is no address of a kind that fsspec knows: {error}.") from error
    try:
        paths, base = _list_remote_files(filesystem, stripped)
    except Exception as error:
        # of servers, credentials and networks there are errors of all types
        raise OSError(f"{path} cannot be reached: {error}") from error
    paths = _of_one_kind(path, sorted(paths))
    return Files(paths, list(map(filesystem.unstrip_protocol, paths)), base, filesystem)


def _list_remote_files(filesystem: Any, path: str) -> tuple[list[str], str]:
    """Files that a pattern, a file or a folder stands for, and the folder above them."""
    if glob.has_magic(without_query(path)):
        found = [name for name in filesystem.glob(path) if filesystem.isfile(name)]
        return found, _plain_start(path).rpartition("/")[0]
    # of the web, whatever is there counts as a file
    if filesystem.isfile(path):
        return [path], path.rpartition("/")[0]
    if filesystem.isdir(path):
        return [name for name in filesystem.find(path) if _is_table(Path(name), Path(path))], path
    return [], path


def separator_of(path: Any) -> str:
    """Separator of cells of a table, as the names of its files tell: those of a folder, too.

    Of an address its own name tells, so that files elsewhere are not listed twice.
    """
    if not isinstance(path, str | Path):
        return ","
    is_name = is_remote(path) or is_one_file(path)
    return separator_in_name(path if is_name else find_files(path).paths[0])


def separator_in_name(name: str | Path) -> str:
    """Separator of cells that the name of a file tells: a tab of .tsv, else a comma.

    Examples
    --------
    >>> separator_in_name("rows.tsv.gz").isspace(), separator_in_name("rows.csv")
    (True, ',')
    """
    return "\t" if uncompressed_suffix(Path(without_query(str(name)))) == ".tsv" else ","


def without_query(path: str) -> str:
    """Address without what follows its question mark, which may be a secret.

    Examples
    --------
    >>> without_query("https://host/table.csv?signature=secret"), without_query("what?.csv")
    ('https://host/table.csv', 'what?.csv')
    """
    return path.partition("?")[0] if path.startswith(WITH_QUERIES) else path


def _plain_start(pattern: str) -> str:
    """Part of a pattern before its first wildcard."""
    return re.split(r"[*?[]", pattern, maxsplit=1)[0]


def _is_table(file: Path, folder: Path) -> bool:
    """True for files of tables; programs that write folders leave others, such as _SUCCESS."""
    hidden = any(part.startswith(("_", ".")) for part in file.relative_to(folder).parts)
    return not hidden and not file.is_dir() and bool(_kind(str(file)))


def _kind(path: str) -> str:
    suffixes = [suffix.lower() for suffix in Path(without_query(path)).suffixes]
    if suffixes and suffixes[-1] in PARQUET:
        return "Parquet"
    return "CSV" if set(suffixes[-2:]) & set(CSV) else ""


def _of_one_kind(path: Any, paths: Sequence[str]) -> list[str]:
    if not paths:
        raise FileNotFoundError(f"{path} leads to no Parquet or CSV files.")
    kinds = {_kind(name) for name in paths}
    if len(kinds) > 1:
        raise ValueError(
            f"{path} holds files of several kinds, such as {paths[0]}: a table has one. Name them "
            "by a pattern, such as folder/*.parquet."
        )
    return list(paths)
