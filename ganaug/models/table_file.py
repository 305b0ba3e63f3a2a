"""Training from a table in a file."""

import warnings
from collections.abc import Sequence
from typing import Any, Self

from ganaug.encoding.column_warnings import OTHER_IN_EVERY_ROW
from ganaug.encoding.csv_format import CsvFormat
from ganaug.encoding.locations import separator_of
from ganaug.encoding.table_file import open_table
from ganaug.encoding.table_spelling import TableSpelling
from ganaug.models.out_of_core import OutOfCoreMixin, Source
from ganaug.unlabeled import fill_labels


class TableFileMixin(OutOfCoreMixin):
    """Gives a model of tables ``fit_file``, which calls its ``fit``."""

    spelling_: TableSpelling | None
    target_name_: str | None

    def fit_file(
        self,
        path: Any,
        target: str,
        labels: Any = None,
        max_rows: int = 1_000_000,
        checkpoint: Any = None,
        drop: str | Sequence[str] = (),
        sep: str | None = None,
        encoding: str = "utf-8",
        decimal: str = ".",
        na_values: str | Sequence[str] = (),
    ) -> Self:
        """Train the generators from a CSV or Parquet table that may be larger than memory.

        It is read in chunks. Where it has more than ``max_rows`` rows, random ones
        of the largest classes are left out: encoding and training see those that are
        kept, ``class_counts_`` all of them.

        Of CSV, the way in which cells are written says what a column holds: numbers, whole ones
        too beside gaps; dates and times of day, where all are written in one way; else levels.
        01234 is no number.
        Among numbers and dates a few words such as "?" or "unknown" are gaps, of which a warning
        tells; among levels "NA" and "None" are levels.

        Parameters
        ----------
        path : path, str or Dask DataFrame
            A file: Parquet if it ends in .parquet or .pq (needs pyarrow: ``pip install
            'ganaug[parquet]'``), else CSV with a header line, compressed where its name says so.
            Or files of the same columns: a folder, in which ``year=2024`` is a column of the files
            below it; a pattern such as ``2024-*/part-*.csv``; an address that fsspec knows, of a
            file, a folder or a pattern, such as ``s3://bucket/table/*.parquet`` (needs s3fs). Or a
            Dask DataFrame, of which one partition at a time is computed.
        target : str
            Column of the class labels. Rows in which it is empty have no class: where
            ``unlabeled_label`` is set, they train as those do that it marks.
        labels : array-like or None
            As in ``fit``.
        max_rows : int, default=1_000_000
            Rows that are held in memory at most, 1 for each class at least.
        checkpoint : path or None, default=None
            As in ``fit``.
        drop : str or sequence of str, default=()
            Columns that are left out, such as identifiers.
        sep : str or None, default=None
            Character between the cells of a CSV file. None is a tab where the name ends in
            .tsv, else a comma.
        encoding : str, default="utf-8"
            Encoding of a CSV file, by a name that Python knows, such as "latin-1".
        decimal : str, default="."
            Decimal point of a CSV file, "." or ",".
        na_values : str or sequence of str, default=()
            Cells of a CSV file that are gaps in every column; empty ones are in any case.

        Returns
        -------
        self
            Fitted. In a ``torch.distributed`` group each rank reads a share of the rows, by files,
            row groups of Parquet and partitions, and has those of the others sent; besides all of
            them read the labels, and of CSV once the whole text, to see how it is written.

        Raises
        ------
        ValueError
            For a file that cannot be read as a table, files of different columns, one without
            the target, rows without a label where ``unlabeled_label`` is None, or fewer
            ``max_rows`` than classes; and as ``fit`` does.
        FileNotFoundError
            For a folder, a pattern or an address without files.
        ImportError
            For a Parquet file where pyarrow is not installed, or an address
            where what fsspec needs for it is not.

        Examples
        --------
        >>> import pandas as pd, tempfile
        >>> from ganaug import TableGAN
        >>> table = pd.DataFrame({"height": range(0, 90, 3), "kind": ["a", "b", "b"] * 10})
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     table.to_csv(f"{folder}/table.csv", index=False)
        ...     gan = TableGAN(n_steps=5, random_state=0).fit_file(f"{folder}/table.csv", "kind")
        >>> gan.class_counts_, list(gan.sample(2)[0])
        ({'a': 10, 'b': 20}, ['height'])
        """
        with self._fitting():
            sep = separator_of(path) if sep is None else sep
            form = CsvFormat(sep, encoding, decimal, _texts(na_values))
            table = open_table(path, target, _texts(drop), form)
            mark = self.unlabeled_label
            y = table.labels if mark is None else fill_labels(table.label_column, mark)
            try:
                with warnings.catch_warnings():
                    if table.spelling is not None:
                        # who read the text has told of such
                        warnings.filterwarnings("ignore", f".*{OTHER_IN_EVERY_ROW}")
                    source = Source(table.parts, table.join, y, n_values=1)
                    return self._fit_source(source, labels, max_rows, checkpoint)
            finally:
                # also of a model whose training was interrupted
                self.spelling_ = table.spelling
                self.target_name_ = str(target)


def _texts(value: str | Sequence[str]) -> tuple[str, ...]:
    """Texts that a user gave, one perhaps."""
    return (value,) if isinstance(value, str) else tuple(value)
