"""Tables in parts: row groups of Parquet files, partitions of a Dask DataFrame."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from ganaug.encoding.locations import Files
from ganaug.encoding.table_source import TableSource

# Rows in memory at once, of those that are only passed on.
CHUNK = 65_536


class ParquetTable(TableSource):
    """Parquet, in one file or in several that are one table, in types that hold those of all.

    Names of folders such as ``year=2024`` are a column.

    Parameters
    ----------
    name, target, drop
        As in ``TableSource``.
    files : Files
    """

    def __init__(self, name: Any, target: str, drop: Sequence[str], files: Files):
        self._files = files
        self._row_groups, self._schema = self._open(name)
        super().__init__(name, target, drop)

    def _open(self, name: Any) -> tuple[list[Any], Any]:
        """Row groups of the files, and the schema of all."""
        try:
            import pyarrow as pa
            from pyarrow import dataset
        except ImportError as error:
            raise ImportError(
                f"to read {name}, pyarrow is needed: pip install 'ganaug[parquet]'."
            ) from error
        files = self._files
        try:
            opened = dataset.dataset(
                files.paths,
                filesystem=files.filesystem,
                format="parquet",
                partitioning=dataset.partitioning(flavor="hive"),
                partition_base_dir=files.base,
            )
            fragments = sorted(opened.get_fragments(), key=lambda fragment: fragment.path)
            schemas = [fragment.physical_schema for fragment in fragments]
            row_groups = [part for file in fragments for part in file.split_by_row_group()]
        except (pa.ArrowException, OSError) as error:
            raise ValueError(f"{name} is not a readable table: {error}") from error
        names = [schema.names for schema in schemas]
        check_equal_columns(name, [fragment.path for fragment in fragments], names)
        try:
            of_folders = [field for field in opened.schema if field.name not in schemas[0].names]
            whole = pa.unify_schemas(schemas, promote_options="permissive")
        except pa.ArrowException as error:
            raise ValueError(
                f"{name}: columns of its files have different types: {error}"
            ) from error
        # pandas' own types, which go with Arrow's that the first file has
        metadata = schemas[0].metadata if whole.equals(schemas[0]) else None
        return row_groups, pa.schema([*whole, *of_folders], metadata)

    def _names(self) -> list[str]:
        return self._schema.names

    def _label_column(self) -> pd.Series:
        import pyarrow as pa

        names = [self._target]
        batches = [batch for group in self._row_groups for batch in self._read(group, names)]
        table = pa.Table.from_batches(batches, self._schema_of(names))
        return table.to_pandas(integer_object_nulls=True)[self._target]

    @cached_property
    def _sizes(self) -> list[int]:
        return [group.row_groups[0].num_rows for group in self._row_groups]

    def _batches(self, number: int) -> Iterator[Any]:
        return self._read(self._row_groups[number], self.columns)

    def _take(self, batch: Any, mask: np.ndarray) -> Any:
        import pyarrow as pa

        return batch.filter(pa.array(mask))

    def _join(self, parts: Sequence[Any]) -> pd.DataFrame:
        import pyarrow as pa

        table = pa.Table.from_batches(parts, self._schema_of(self.columns))
        return table.replace_schema_metadata(self._schema.metadata).to_pandas(date_as_object=False)

    def _schema_of(self, names: Sequence[str]) -> Any:
        """Schema of some columns."""
        import pyarrow as pa

        return pa.schema([self._schema.field(name) for name in names])

    def _read(self, row_group: Any, names: list[str]) -> Iterator[Any]:
        """Some columns of a row group."""
        with self._explained():
            yield from row_group.to_batches(
                schema=self._schema.remove_metadata(), columns=names, batch_size=CHUNK
            )


class DaskTable(TableSource):
    """A Dask DataFrame, of which one partition at a time is computed.

    Parameters
    ----------
    frame : dask.dataframe.DataFrame
        It gives the same rows whenever it is computed.
    target, drop
        As in ``TableSource``.
    """

    def __init__(self, frame: Any, target: str, drop: Sequence[str] = ()):
        self._frame = frame
        super().__init__("the Dask DataFrame", target, drop)

    def _names(self) -> list[str]:
        return list(self._frame.columns)

    @cached_property
    def _targets(self) -> list[pd.Series]:
        """Target of all rows, by partitions."""
        numbers = range(self._frame.npartitions)
        return [self._partition(number, [self._target])[self._target] for number in numbers]

    def _label_column(self) -> pd.Series:
        return pd.concat(self._targets, ignore_index=True)

    @property
    def _sizes(self) -> list[int]:
        return list(map(len, self._targets))

    def _batches(self, number: int) -> Iterator[pd.DataFrame]:
        yield self._partition(number, self.columns)

    def _take(self, batch: pd.DataFrame, mask: np.ndarray) -> pd.DataFrame:
        return batch[mask]

    def _join(self, parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
        return pd.concat(parts)

    def _partition(self, number: int, columns: list[str]) -> pd.DataFrame:
        with self._explained():
            rows = self._frame.get_partition(number).compute()
        names = ["its declaration", f"partition {number}"]
        check_equal_columns(self._path, names, [list(self._frame.columns), list(rows)])
        return rows[columns]


def is_dask(table: Any) -> bool:
    """Return True for a Dask DataFrame."""
    kinds = {kind.__module__.partition(".")[0] for kind in type(table).__mro__}
    return bool(kinds & {"dask", "dask_expr"}) and hasattr(table, "get_partition")


def check_equal_columns(name: Any, parts: Sequence[str], columns: Sequence[Sequence[str]]) -> None:
    """Raise a ValueError where a part of a table has other columns than the first."""
    for part, names in zip(parts, columns, strict=True):
        odd = sorted(set(names) ^ set(columns[0]))
        if odd:
            where = part if odd[0] in names else parts[0]
            other = parts[0] if odd[0] in names else part
            raise ValueError(
                f"{name}: parts of a table have the same columns, and {odd[0]!r} is in {where} and "
                f"not in {other}."
            )
