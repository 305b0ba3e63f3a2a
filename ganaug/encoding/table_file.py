"""Tables in CSV and Parquet files, read and written in chunks."""

import csv
import tempfile
import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ganaug.storage.regular import check_regular_file

# Rows in memory at once, of those that are only passed on.
CHUNK = 65_536

PARQUET = (".parquet", ".pq")

# Words that pandas reads as bools, and types of such columns.
SPELT = dict.fromkeys(("True", "TRUE", "true"), True) | dict.fromkeys(
    ("False", "FALSE", "false"), False
)
BOOLS = ["bool", "boolean"]


class TableFile(ABC):
    """A table in a file, larger than memory perhaps.

    Parameters
    ----------
    path : path
        Path of the file.
    target : str
        Name of the column of the class labels.

    Attributes
    ----------
    columns : list of str
        Names of all columns.

    Raises
    ------
    FileNotFoundError, OSError
        If there is no such file, or it is a pipe, a device or a folder.
    ValueError
        For a file that holds no such table or does not have the target; names it.
    """

    def __init__(self, path: str | Path, target: str):
        self._path = Path(path)
        self._target = target
        check_regular_file(self._path)
        with self._explained():
            self.columns = self._names()
        repeated = sorted({name for name in self.columns if self.columns.count(name) > 1})
        if repeated:
            raise ValueError(f"{path} has several columns named {repeated}; rename them.")
        if target not in self.columns:
            names = ", ".join(map(repr, self.columns))
            raise ValueError(f"{path} has no column {target!r}; it has {names}.")

    def labels(self) -> np.ndarray:
        """Labels of all rows (n,)."""
        labels = self._column(self._target)
        if len(labels) == 0:
            raise ValueError(f"{self._path} has columns and no rows.")
        n_gaps = labels.isna().sum()
        if n_gaps:
            raise ValueError(
                f"{self._path} has {n_gaps} rows without {self._target!r}; leave them out."
            )
        return labels.to_numpy()

    def features(self, mask: np.ndarray) -> pd.DataFrame:
        """Columns but the target, of the rows where ``mask`` (n,) is True."""
        return self._read(mask).drop(columns=self._target).reset_index(drop=True)

    @abstractmethod
    def write_grown(self, path: Path, added: Iterable[pd.DataFrame], mark: str) -> None:
        """Write all rows as they are, then added ones; column ``mark`` is True for those."""

    @abstractmethod
    def _names(self) -> list[str]:
        """Names of the columns."""

    @abstractmethod
    def _column(self, name: str) -> pd.Series:
        """One column of all rows."""

    @abstractmethod
    def _read(self, mask: np.ndarray) -> pd.DataFrame:
        """All columns of some rows."""

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Raise errors of libraries that cannot read a file with the name of the file."""
        try:
            yield
        except (ImportError, MemoryError):
            raise
        except pd.errors.EmptyDataError as error:
            raise ValueError(f"{self._path} is empty.") from error
        except Exception as error:
            # parsers and decompressors of damaged files raise whatever comes
            raise ValueError(f"{self._path} is not a readable table: {error}") from error


class CsvFile(TableFile):
    """Text with a header line.

    Columns are of pandas' nullable types, in which whole numbers stay whole beside
    gaps; 01234 is a code, and no number.
    """

    # Types that leave whole numbers whole beside gaps.
    _TYPED: dict[str, Any] = {
        "index_col": False,
        "dtype_backend": "numpy_nullable",
        "low_memory": False,
    }

    def write_grown(self, path: Path, added: Iterable[pd.DataFrame], mark: str) -> None:
        added = iter(added)
        first = next(added, pd.DataFrame())
        spelt = {name: {True: "True", False: "False"} for name in first.select_dtypes(BOOLS)}
        with path.open("w", newline="", encoding="utf-8") as file:
            file.write(csv_text(pd.DataFrame(columns=[*self.columns, mark]), header=True))
            for chunk in self._chunks():
                for name, words in spelt.items():
                    words |= {SPELT[word]: word for word in chunk[name].unique() if word in SPELT}
                file.write(csv_text(chunk.assign(**{mark: False})))
            for rows in chain([first], added):
                bools = {name: rows[name].map(words) for name, words in spelt.items()}
                rows = rows.assign(**bools, **{mark: True}).reindex(columns=[*self.columns, mark])
                file.write(csv_text(rows))

    def _names(self) -> list[str]:
        header = pd.read_csv(self._path, header=None, nrows=1, dtype=str, keep_default_na=False)
        names = pd.read_csv(self._path, index_col=False, nrows=0).columns
        # pandas tells apart those that the file does not
        first = header.iloc[0]
        return [
            written if repeated else name
            for written, repeated, name in zip(
                first, first.duplicated(keep=False), names, strict=True
            )
        ]

    def _column(self, name: str) -> pd.Series:
        kinds = {name: "string"} if any(map(_holds_codes, self._chunks([name]))) else None
        # a label may be called NA; only an empty one is none
        gaps: dict[str, Any] = {"keep_default_na": False, "na_values": [""]}
        return pd.read_csv(self._path, usecols=[name], dtype=kinds, **gaps, **self._TYPED)[name]

    def _read(self, mask: np.ndarray) -> pd.DataFrame:
        coded: set[str] = set()
        with tempfile.TemporaryFile("w+", newline="", encoding="utf-8") as file:
            file.write(csv_text(pd.DataFrame(columns=self.columns), header=True))
            start = 0
            for chunk in self._chunks():
                rows = chunk[mask[start : start + len(chunk)]]
                file.write(csv_text(rows))
                coded |= {name for name in self.columns if _holds_codes(rows[[name]])}
                start += len(chunk)
            file.seek(0)
            return pd.read_csv(file, dtype=dict.fromkeys(coded, "string"), **self._TYPED)

    def _chunks(self, columns: list[str] | None = None) -> Iterator[pd.DataFrame]:
        """All rows as they are written, of all columns or some."""
        as_text: dict[str, Any] = {"index_col": False, "dtype": str, "keep_default_na": False}
        with pd.read_csv(self._path, usecols=columns, chunksize=CHUNK, **as_text) as reader:
            while True:
                with self._explained(), warnings.catch_warnings():
                    # rows longer than the header, which pandas would cut
                    warnings.simplefilter("error", pd.errors.ParserWarning)
                    chunk = next(reader, None)
                if chunk is None:
                    return
                yield chunk


class ParquetFile(TableFile):
    """Parquet, in the types that the file declares."""

    def write_grown(self, path: Path, added: Iterable[pd.DataFrame], mark: str) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        schema = self._open().schema_arrow
        marked = schema.append(pa.field(mark, pa.bool_()))
        with pq.ParquetWriter(path, marked) as writer:
            for batch in self._batches():
                flags = pa.array(np.zeros(len(batch), dtype=bool))
                writer.write_batch(pa.record_batch([*batch.columns, flags], schema=marked))
            for rows in added:
                # an index has no synthetic values
                rows = rows.reindex(columns=schema.names)
                columns = [
                    pa.array(rows[field.name], from_pandas=True).cast(field.type, safe=False)
                    for field in schema
                ]
                flags = pa.array(np.ones(len(rows), dtype=bool))
                writer.write_batch(pa.record_batch([*columns, flags], schema=marked))

    def _names(self) -> list[str]:
        return self._open().schema_arrow.names

    def _column(self, name: str) -> pd.Series:
        with self._explained():
            return self._open().read(columns=[name]).to_pandas()[name]

    def _read(self, mask: np.ndarray) -> pd.DataFrame:
        import pyarrow as pa

        kept = []
        start = 0
        for batch in self._batches():
            kept.append(batch.filter(pa.array(mask[start : start + len(batch)])))
            start += len(batch)
        table = pa.Table.from_batches(kept, self._open().schema_arrow)
        return table.to_pandas(date_as_object=False)

    def _batches(self) -> Iterator[Any]:
        batches = self._open().iter_batches(CHUNK)
        while True:
            with self._explained():
                batch = next(batches, None)
            if batch is None:
                return
            yield batch

    def _open(self) -> Any:
        try:
            import pyarrow.parquet as pq
        except ImportError as error:
            raise ImportError(
                f"to read {self._path}, pyarrow is needed: pip install 'ganaug[parquet]'."
            ) from error
        return pq.ParquetFile(self._path)


def open_table(path: str | Path, target: str) -> TableFile:
    """Open the table in a file: Parquet where its name says so, else CSV."""
    return (ParquetFile if is_parquet(path) else CsvFile)(path, target)


def csv_text(rows: pd.DataFrame, header: bool = False) -> str:
    r"""Rows as CSV, which is read as they are.

    Examples
    --------
    >>> csv_text(pd.DataFrame({"a": ["x\ry"], "b": [1]}))
    '"x\ry",1\n'
    """
    text = rows.to_csv(index=False, header=header)
    # pandas does not quote a single carriage return, at which readers end the line
    if "\r" in text.replace("\r\n", ""):
        text = rows.to_csv(index=False, header=header, quoting=csv.QUOTE_NONNUMERIC)
    return text


def is_parquet(path: str | Path) -> bool:
    """Return True for a file whose name calls it Parquet."""
    return Path(path).suffix.lower() in PARQUET


def _holds_codes(text: pd.DataFrame) -> bool:
    """Return True where what looks like a number begins as no number does, such as 01234."""
    return any(column.str.match(r"0\d").any() for _, column in text.items())
