"""Tables in CSV and Parquet files, read and written in chunks."""

import re
import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ganaug.encoding.column_scan import ColumnScan
from ganaug.encoding.csv_format import PLAIN_CSV, CsvFormat, create_csv, first_line_end, has_mark
from ganaug.encoding.table_spelling import TableSpelling
from ganaug.storage.regular import check_regular_file

# Rows in memory at once, of those that are only passed on.
CHUNK = 65_536

PARQUET = (".parquet", ".pq")


class TableFile(ABC):
    """A table in a file, larger than memory perhaps.

    Parameters
    ----------
    path : path
        Path of the file.
    target : str
        Name of the column of the class labels.
    drop : sequence of str, default=()
        Names of columns that are left out.

    Attributes
    ----------
    columns : list of str
        Names of all columns that are not left out.
    spelling : TableSpelling or None
        How cells of text are written; None where they have types.

    Raises
    ------
    FileNotFoundError, OSError
        If there is no such file, or it is a pipe, a device or a folder.
    ValueError
        For a file that holds no such table, or has no such column; names it.
    """

    spelling: TableSpelling | None = None

    def __init__(self, path: str | Path, target: str, drop: Sequence[str] = ()):
        self._path = Path(path)
        self._target = target
        check_regular_file(self._path)
        with self._explained():
            self.columns = self._names()
        repeated = sorted({name for name in self.columns if self.columns.count(name) > 1})
        if repeated:
            raise ValueError(f"{path} has several columns named {repeated}; rename them.")
        for name in (target, *drop):
            if name not in self.columns:
                names = ", ".join(map(repr, self.columns))
                joined = len(self.columns) == 1 and re.search("[;\t|]", self.columns[0])
                advice = f" Name the separator by sep (--sep {joined[0]!r})." if joined else ""
                raise ValueError(f"{path} has no column {name!r}; it has {names}.{advice}")
        if target in drop:
            raise ValueError(f"the labels in {target!r} cannot be left out; drop other columns.")
        self.columns = [name for name in self.columns if name not in drop]

    @cached_property
    def labels(self) -> np.ndarray:
        """Labels of all rows (n,)."""
        labels = self._target_column()
        if len(labels) == 0:
            raise ValueError(f"{self._path} has columns and no rows.")
        n_gaps = labels.isna().sum()
        if n_gaps:
            raise ValueError(
                f"{self._path} has {n_gaps} rows without {self._target!r}; leave them out."
            )
        return labels.to_numpy()

    def samples(self, mask: np.ndarray) -> pd.DataFrame:
        """Columns but the target, of the rows where ``mask`` (n,) is True."""
        return self._read(mask).drop(columns=self._target).reset_index(drop=True)

    @abstractmethod
    def write_grown(self, path: Path, added: Iterable[pd.DataFrame], mark: str) -> None:
        """Write all rows as they are, then added ones; column ``mark`` is True for those."""

    @abstractmethod
    def _names(self) -> list[str]:
        """Names of the columns."""

    @abstractmethod
    def _target_column(self) -> pd.Series:
        """Labels of all rows, with gaps."""

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
        except UnicodeDecodeError as error:
            raise ValueError(
                f"{self._path} is not a readable table: {error}. Name its encoding (--encoding)."
            ) from error
        except Exception as error:
            # parsers and decompressors of damaged files raise whatever comes
            raise ValueError(f"{self._path} is not a readable table: {error}") from error


class CsvFile(TableFile):
    """Text with a header line.

    How cells are spelt says what columns hold, of pandas' nullable types: whole numbers stay whole
    beside gaps, 01234 is a code and no number, and dates are dates. Added rows are spelt like those
    of the file.
    """

    def __init__(
        self,
        path: str | Path,
        target: str,
        drop: Sequence[str] = (),
        form: CsvFormat = PLAIN_CSV,
    ):
        self._form = form
        super().__init__(path, target, drop)

    def write_grown(self, path: Path, added: Iterable[pd.DataFrame], mark: str) -> None:
        with self._explained():
            line_end = first_line_end(self._path, self._form.encoding)
            marked = has_mark(self._path, self._form.encoding)
        header = pd.DataFrame([[*self._header(self.columns), mark]])
        with create_csv(path, self._form, line_end, marked) as file:
            file.write(header)
            for chunk in self._chunks():
                file.write(chunk.assign(**{mark: "False"}))
            for rows in added:
                file.write(self.spelling.write(rows[self.columns]).assign(**{mark: "True"}))

    def _names(self) -> list[str]:
        options = self._form.reading
        header = pd.read_csv(self._path, header=None, nrows=1, **options)
        names = pd.read_csv(self._path, nrows=0, **options).columns
        # pandas tells apart those that the file does not
        first = header.iloc[0]
        named = [
            written if repeated and written else name
            for written, repeated, name in zip(
                first, first.duplicated(keep=False), names, strict=True
            )
        ]
        self._written = dict(zip(named, first, strict=True))
        return named

    def _header(self, names: Sequence[str]) -> list[str]:
        """Names of columns as the file has them: pandas names one without a name."""
        return [self._written[name] for name in names]

    @cached_property
    def spelling(self) -> TableSpelling:  # type: ignore[override]
        """Spelling of the cells, found by reading all of them."""
        scans = {
            name: ColumnScan(name, self._form, is_label=name == self._target)
            for name in self.columns
        }
        labels = [pd.Series(dtype=object)]
        for chunk in self._chunks():
            for name, scan in scans.items():
                scan.add(chunk[name])
            # so that they need not be read again
            labels.append(chunk[self._target])
        self._label_cells = pd.concat(labels)
        columns = {name: scan.spelling() for name, scan in scans.items()}
        return TableSpelling(self._form, self._target, columns)

    def _target_column(self) -> pd.Series:
        return self.spelling.columns[self._target].read(self._label_cells)

    def _read(self, mask: np.ndarray) -> pd.DataFrame:
        parts = []
        start = 0
        for chunk in self._chunks():
            rows = chunk[mask[start : start + len(chunk)]]
            spellings = self.spelling.columns
            cells = {name: spellings[name].read(rows[name]) for name in self.columns}
            parts.append(pd.DataFrame(cells))
            start += len(chunk)
        return pd.concat(parts)

    def _chunks(self) -> Iterator[pd.DataFrame]:
        """All rows as they are written, without the columns that are left out."""
        options = self._form.reading | {"chunksize": CHUNK}
        with self._explained():
            reader = pd.read_csv(self._path, **options)
        with reader:
            while True:
                with self._explained(), warnings.catch_warnings():
                    # rows longer than the header, which pandas would cut
                    warnings.simplefilter("error", pd.errors.ParserWarning)
                    chunk = next(reader, None)
                if chunk is None:
                    return
                # rows shorter than the header end with gaps
                yield chunk[self.columns].fillna("")


class ParquetFile(TableFile):
    """Parquet, in the types that the file declares."""

    def write_grown(self, path: Path, added: Iterable[pd.DataFrame], mark: str) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        schema = self._schema()
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

    def _target_column(self) -> pd.Series:
        with self._explained():
            return self._open().read(columns=[self._target]).to_pandas()[self._target]

    def _schema(self) -> Any:
        """Schema of the columns that are not left out."""
        import pyarrow as pa

        schema = self._open().schema_arrow
        return pa.schema([schema.field(name) for name in self.columns], schema.metadata)

    def _read(self, mask: np.ndarray) -> pd.DataFrame:
        import pyarrow as pa

        kept = []
        start = 0
        for batch in self._batches():
            kept.append(batch.filter(pa.array(mask[start : start + len(batch)])))
            start += len(batch)
        table = pa.Table.from_batches(kept, self._schema())
        return table.to_pandas(date_as_object=False)

    def _batches(self) -> Iterator[Any]:
        batches = self._open().iter_batches(CHUNK, columns=self.columns)
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


def open_table(
    path: "str | Path | TableFile",
    target: str,
    drop: Sequence[str] = (),
    form: CsvFormat = PLAIN_CSV,
) -> TableFile:
    """Open the table in a file: Parquet where its name says so, else CSV of some format.

    One that is open already stays as it is.
    """
    if isinstance(path, TableFile):
        return path
    if not is_parquet(path):
        return CsvFile(path, target, drop, form)
    if form != PLAIN_CSV:
        raise ValueError(f"{path} is Parquet: sep, encoding, decimal and na_values are for CSV.")
    return ParquetFile(path, target, drop)


def is_parquet(path: str | Path) -> bool:
    """Return True for a file whose name calls it Parquet."""
    return Path(path).suffix.lower() in PARQUET
