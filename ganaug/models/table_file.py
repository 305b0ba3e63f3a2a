"""Training from a table in a file."""

from pathlib import Path
from typing import Any

from ganaug.encoding.table_file import open_table
from ganaug.models.out_of_core import OutOfCoreMixin
from ganaug.rollback import roll_back_on_error
from ganaug.training.defaults import torch_defaults


class TableFileMixin(OutOfCoreMixin):
    """Gives a model of tables ``fit_file``, which calls its ``fit``."""

    def fit_file(
        self,
        path: str | Path,
        target: str,
        labels: Any = None,
        max_rows: int = 1_000_000,
        checkpoint: Any = None,
    ) -> Any:
        """Train the generators from a CSV or Parquet file that may be larger than memory.

        The file is read in chunks. Where it has more than ``max_rows`` rows, random ones
        of the largest classes are left out: encoding and training see those that are
        kept, ``class_counts_`` all of them.

        Parameters
        ----------
        path : path
            Parquet if it ends in .parquet or .pq (needs pyarrow: ``pip install
            'ganaug[parquet]'``), else CSV with a header line, of which whole numbers stay
            whole beside gaps, as pandas' nullable types have them.
        target : str
            Column of the class labels.
        labels : array-like or None
            As in ``fit``.
        max_rows : int, default=1_000_000
            Rows that are held in memory at most, 1 for each class at least.
        checkpoint : path or None, default=None
            As in ``fit``.

        Returns
        -------
        self
            Fitted.

        Raises
        ------
        ValueError
            For a file that cannot be read as a table, one without the target, rows
            without a label, or fewer ``max_rows`` than classes; and as ``fit`` does.
        ImportError
            For a Parquet file where pyarrow is not installed.

        Examples
        --------
        >>> import pandas as pd, tempfile
        >>> from ganaug import TableGAN
        >>> table = pd.DataFrame({"height": range(30), "kind": ["a", "b", "b"] * 10})
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     table.to_csv(f"{folder}/table.csv", index=False)
        ...     gan = TableGAN(n_steps=5, random_state=0).fit_file(f"{folder}/table.csv", "kind")
        >>> gan.class_counts_, list(gan.sample(2)[0])
        ({'a': 10, 'b': 20}, ['height'])
        """
        with roll_back_on_error(self), torch_defaults():
            table = open_table(path, target)
            return self._fit_subsample(
                table.features, table.labels(), 1, labels, max_rows, checkpoint
            )
