"""Tables in CSV and Parquet files, read and written in chunks."""

import warnings
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ganaug.encoding.column_scan import ColumnScan
from ganaug.encoding.csv_format import PLAIN_CSV, CsvFormat, create_csv, first_line_end, has_mark
from ganaug.encoding.locations import Files, find_files, is_one_file, is_parquet
from ganaug.encoding.table_parts import DaskTable, ParquetTable, check_equal_columns, is_dask
from ganaug.encoding.table_source import TableSource
from ganaug.encoding.table_spelling import TableSpelling
from ganaug.storage.regular import check_regular_file

# Rows in memory at once, of those that are only passed on.
CHUNK = 65_536


@dataclass(frozen=True)
class _Scan:
    """Findings of one reading of all text: spelling and labels of rows, and rows of each file."""

    spelling: TableSpelling
    labels: pd.Series
    sizes: list[int]


class CsvTable(TableSource):
    """Text with a header line, in one file or in several of the same columns.

    How cells are spelt says what columns hold, of pandas' nullable types: whole numbers stay whole
    beside gaps, 01234 is a code and no number, and dates are dates.

    Parameters
    ----------
    name, target, drop
        As in ``TableSource``.
    files : sequence of paths or addresses
        In the order of their rows.
    form : CsvFormat
        Format of the files.
    """

    def __init__(
        self,
        name: Any,
        target: str,
        drop: Sequence[str],
        files: Sequence[str | Path],
        form: CsvFormat,
    ):
        self._files = files
        self._form = form
        super().__init__(name, target, drop)

    def _names(self) -> list[str]:
        options = self._form.reading
        first_file = self._files[0]
        header = pd.read_csv(first_file, header=None, nrows=1, **options)
        names = pd.read_csv(first_file, nrows=0, **options).columns
        # pandas tells apart those that the file does not
        first = header.iloc[0]
        named = [
            written if repeated and written else name
            for written, repeated, name in zip(
                first, first.duplicated(keep=False), names, strict=True
            )
        ]
        self._written = dict(zip(named, first, strict=True))
        others = [list(pd.read_csv(file, nrows=0, **options)) for file in self._files[1:]]
        check_equal_columns(self._path, list(map(str, self._files)), [list(names), *others])
        return named

    def _header(self, names: Sequence[str]) -> list[str]:
        """Names of columns as the file has them: pandas names one without a name."""
        return [self._written[name] for name in names]

    @property
    def spelling(self) -> TableSpelling:  # type: ignore[override]
        """Spelling of the cells, found by reading all of them."""
        return self._scan.spelling

    @cached_property
    def _scan(self) -> _Scan:
        scans = {
            name: ColumnScan(name, self._form, is_label=name == self._target)
            for name in self.columns
        }
        labels = [pd.Series(dtype=object)]
        sizes = [0] * len(self._files)
        for number in range(len(self._files)):
            for chunk in self._batches(number):
                for name, scan in scans.items():
                    scan.add(chunk[name])
                # so that they need not be read again
                labels.append(chunk[self._target])
                sizes[number] += len(chunk)
        columns = {name: scan.spelling() for name, scan in scans.items()}
        spelling = TableSpelling(self._form, self._target, columns)
        return _Scan(spelling, spelling.columns[self._target].read(pd.concat(labels)), sizes)

    def _label_column(self) -> pd.Series:
        return self._scan.labels

    @property
    def _sizes(self) -> list[int]:
        return self._scan.sizes

    def _take(self, batch: pd.DataFrame, mask: np.ndarray) -> pd.DataFrame:
        rows = batch[mask]
        spellings = self.spelling.columns
        return pd.DataFrame({name: spellings[name].read(rows[name]) for name in self.columns})

    def _join(self, parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
        return pd.concat(parts)

    def _batches(self, number: int) -> Iterator[pd.DataFrame]:
        """Rows of a file as they are written, without the columns that are left out."""
        return self._read(number, self.columns)

    def _read(self, number: int, names: Sequence[str]) -> Iterator[pd.DataFrame]:
        """Some columns of a file, as they are written."""
        with self._explained():
            reader = pd.read_csv(self._files[number], chunksize=CHUNK, **self._form.reading)
        with reader:
            while True:
                with self._explained(), warnings.catch_warnings():
                    # rows longer than the header, which pandas would cut
                    warnings.simplefilter("error", pd.errors.ParserWarning)
                    chunk = next(reader, None)
                if chunk is None:
                    return
                # rows shorter than the header end with gaps
                yield chunk[names].fillna("")


class CsvFile(CsvTable):
    """Text with a header line, to which rows can be added: they are spelt like those of the file.

    Parameters
    ----------
    path : path
        Path of the file.
    target, drop, form
        As in ``CsvTable``.

    Raises
    ------
    FileNotFoundError, OSError
        If there is no such file, or it is a pipe, a device or a folder.
    ValueError
        As ``TableSource`` does.
    """

    def __init__(
        self,
        path: str | Path,
        target: str,
        drop: Sequence[str] = (),
        form: CsvFormat = PLAIN_CSV,
    ):
        check_regular_file(path)
        super().__init__(Path(path), target, drop, [path], form)

    def write_grown(
        self, path: Path, added: Iterable[pd.DataFrame], mark: str, kept: Collection[str] = ()
    ) -> None:
        """Write all rows as they are, then added ones; column ``mark`` is True for those.

        With columns ``kept`` of those that are left out, which are empty in added rows.
        """
        names = self.columns_with(kept)
        with self._explained():
            line_end = first_line_end(self._path, self._form.encoding)
            marked = has_mark(self._path, self._form.encoding)
        header = pd.DataFrame([[*self._header(names), mark]])
        with create_csv(path, self._form, line_end, marked) as file:
            file.write(header)
            for chunk in self._read(0, names):
                file.write(chunk.assign(**{mark: "False"}))
            for rows in added:
                cells = self.spelling.write(rows[self.columns])
                cells = cells.reindex(columns=names, fill_value="")
                file.write(cells.assign(**{mark: "True"}))


class ParquetFile(ParquetTable):
    """Parquet in one file, to which rows can be added in the types that it declares.

    Parameters
    ----------
    path : path
        Path of the file.
    target, drop
        As in ``TableSource``.

    Raises
    ------
    FileNotFoundError, OSError, ValueError
        As ``CsvFile`` does.
    """

    def __init__(self, path: str | Path, target: str, drop: Sequence[str] = ()):
        check_regular_file(path)
        files = Files([str(path)], [str(path)], str(Path(path).parent))
        super().__init__(Path(path), target, drop, files)

    def write_grown(
        self, path: Path, added: Iterable[pd.DataFrame], mark: str, kept: Collection[str] = ()
    ) -> None:
        """Write all rows as they are, then added ones, as ``CsvFile`` does."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        fields = [
            field.with_nullable(True) if field.name in kept else field
            for field in self._schema_of(self.columns_with(kept))
        ]
        marked = pa.schema([*fields, pa.field(mark, pa.bool_())], self._schema.metadata)
        with pq.ParquetWriter(path, marked) as writer:
            for row_group in self._row_groups:
                for batch in self._read(row_group, self.columns_with(kept)):
                    flags = pa.array(np.zeros(len(batch), dtype=bool))
                    writer.write_batch(pa.record_batch([*batch.columns, flags], schema=marked))
            for rows in added:
                columns = [
                    pa.array(rows[field.name], from_pandas=True).cast(field.type, safe=False)
                    if field.name in rows
                    # an index, or kept
                    else pa.nulls(len(rows), field.type)
                    for field in fields
                ]
                flags = pa.array(np.ones(len(rows), dtype=bool))
                writer.write_batch(pa.record_batch([*columns, flags], schema=marked))


def open_table(
    path: Any, target: str, drop: Sequence[str] = (), form: CsvFormat = PLAIN_CSV
) -> TableSource:
    """Open a table: in a file, in those of a folder, a pattern or an address, or of Dask.

    One that is open already stays as it is.

    Raises
    ------
    FileNotFoundError, OSError
        Where there are no such files.
    ValueError
        For what is no table.
    """
    if isinstance(path, TableSource):
        return path
    if is_dask(path):
        _check_format("a Dask DataFrame", form)
        return DaskTable(path, target, drop)
    if is_one_file(path):
        return open_table_file(path, target, drop, form)
    files = find_files(path)
    if not is_parquet(files.paths[0]):
        return CsvTable(path, target, drop, files.addresses, form)
    _check_format(path, form)
    return ParquetTable(path, target, drop, files)


def open_table_file(
    path: str | Path, target: str, drop: Sequence[str] = (), form: CsvFormat = PLAIN_CSV
) -> CsvFile | ParquetFile:
    """Open the table in a file: Parquet where its name says so, else CSV of some format."""
    if not is_parquet(path):
        return CsvFile(path, target, drop, form)
    _check_format(path, form)
    return ParquetFile(path, target, drop)


def _check_format(path: Any, form: CsvFormat) -> None:
    if form != PLAIN_CSV:
        raise ValueError(f"{path} is no CSV: sep, encoding, decimal and na_values are for CSV.")
