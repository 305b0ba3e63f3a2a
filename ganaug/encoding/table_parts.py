"""Tables in parts: Parquet files of a folder or of a cloud, partitions of a Dask DataFrame."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ganaug.encoding.locations import Files
from ganaug.encoding.table_source import TableSource

# Rows in memory at once, of those that are only passed on.
CHUNK = 65_536


class ParquetParts(TableSource):
    """Parquet files that are one table, in the types that hold those of all files.

    Names of folders such as ``year=2024`` are a column.

    Parameters
    ----------
    name, target, drop
        As in ``TableSource``.
    files : Files
    """

    def __init__(self, name: Any, target: str, drop: Sequence[str], files: Files):
        self._files = files
        self._fragments, self._schema = self._open(name)
        super().__init__(name, target, drop)

    def _open(self, name: Any) -> tuple[list[Any], Any]:
        """Files, and the schema of all."""
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
        return fragments, pa.schema([*whole, *of_folders], metadata)

    def _names(self) -> list[str]:
        return self._schema.names

    def _column(self, name: str) -> pd.Series:
        import pyarrow as pa

        batches = list(self._batches([name]))
        field = pa.schema([self._schema.field(name)])
        return pa.Table.from_batches(batches, field).to_pandas()[name]

    def _read(self, mask: np.ndarray) -> pd.DataFrame:
        import pyarrow as pa

        kept = []
        start = 0
        for batch in self._batches(self.columns):
            kept.append(batch.filter(pa.array(mask[start : start + len(batch)])))
            start += len(batch)
        schema = pa.schema([self._schema.field(name) for name in self.columns])
        table = pa.Table.from_batches(kept, schema)
        return table.replace_schema_metadata(self._schema.metadata).to_pandas(date_as_object=False)

    def _batches(self, columns: list[str]) -> Iterator[Any]:
        """All rows, in the order of the files."""
        with self._explained():
            for fragment in self._fragments:
                yield from fragment.to_batches(
                    schema=self._schema.remove_metadata(), columns=columns, batch_size=CHUNK
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

    def _column(self, name: str) -> pd.Series:
        return pd.concat([rows[name] for rows in self._partitions([name])], ignore_index=True)

    def _read(self, mask: np.ndarray) -> pd.DataFrame:
        kept = []
        start = 0
        for rows in self._partitions(self.columns):
            kept.append(rows[mask[start : start + len(rows)]])
            start += len(rows)
        return pd.concat(kept)

    def _partitions(self, columns: list[str]) -> Iterator[pd.DataFrame]:
        expected = list(self._frame.columns)
        for number in range(self._frame.npartitions):
            with self._explained():
                rows = self._frame.get_partition(number).compute()
            names = ["its declaration", f"partition {number}"]
            check_equal_columns(self._path, names, [expected, list(rows)])
            yield rows[columns]


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
