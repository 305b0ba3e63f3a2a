"""Tables that are read in parts: their columns, labels, and some of their rows."""

import re
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from ganaug.encoding.table_spelling import TableSpelling
from ganaug.hints import did_you_mean, listed


class TableSource(ABC):
    """A table, larger than memory perhaps.

    Parameters
    ----------
    name : path or str
        Name of the table in errors, such as its path.
    target : str
        Name of the column of the class labels.
    drop : sequence of str, default=()
        Names of columns that are left out.

    Attributes
    ----------
    all_columns : list of str
        Names of all columns.
    columns : list of str
        Names of those that are not left out.
    spelling : TableSpelling or None
        How cells of text are written; None where they have types.

    Raises
    ------
    ValueError
        For what is no such table, or has no such column; names it.
    """

    spelling: TableSpelling | None = None

    def __init__(self, name: Any, target: str, drop: Sequence[str] = ()):
        self._path = name
        self._target = target
        with self._explained():
            self.all_columns = names = self._names()
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise ValueError(f"{self._path} has several columns named {repeated}; rename them.")
        for name in (target, *drop):
            if name not in names:
                joined = len(names) == 1 and re.search("[;\t|,]", names[0])
                advice = f" Name the separator by sep (--sep {joined[0]!r})." if joined else ""
                advice = advice or did_you_mean(name, names)
                raise ValueError(
                    f"{self._path} has no column {name!r}; it has {listed(names)}.{advice}"
                )
        if target in drop:
            raise ValueError(f"the labels in {target!r} cannot be left out; drop other columns.")
        self.columns = [name for name in names if name not in drop]

    @cached_property
    def label_column(self) -> pd.Series:
        """Labels of all rows (n,), with gaps where rows have none."""
        labels = self._label_column()
        if len(labels) == 0:
            raise ValueError(f"{self._path} has columns and no rows.")
        return labels

    @property
    def labels(self) -> np.ndarray:
        """Labels of all rows (n,), each of which has one."""
        n_gaps = self.label_column.isna().sum()
        if n_gaps:
            raise ValueError(
                f"{self._path} has {n_gaps} rows without {self._target!r}. Leave them out, or have "
                'them teach what classes share: a model with unlabeled_label, such as "", takes '
                "them for rows without a class."
            )
        return self.label_column.to_numpy()

    def samples(self, mask: np.ndarray) -> pd.DataFrame:
        """Columns but the target, of the rows where ``mask`` (n,) is True."""
        return self.join(self.parts(mask))

    def parts(self, mask: np.ndarray) -> list[Any]:
        """Rows where ``mask`` (n,) is True, in parts that ``join`` makes a table of.

        Of files, row groups and partitions that hold none of them nothing is read.
        """
        parts: list[Any] = []
        start = 0
        for number, size in enumerate(self._sizes):
            wanted = mask[start : start + size]
            start += size
            if wanted.any():
                parts += self._take_from(number, wanted)
        return parts

    def join(self, parts: Sequence[Any]) -> pd.DataFrame:
        """Columns but the target, of the rows in parts, which may come from other processes."""
        return self._join(parts).drop(columns=self._target).reset_index(drop=True)

    def columns_with(self, kept: Collection[str]) -> list[str]:
        """Names of columns, in their order, with some of those that are left out."""
        return [name for name in self.all_columns if name in self.columns or name in kept]

    def _take_from(self, number: int, wanted: np.ndarray) -> Iterator[Any]:
        """Wanted rows of one piece, which is not read beyond the last of them."""
        n_seen = 0
        for batch in self._batches(number):
            mask = wanted[n_seen : n_seen + len(batch)]
            n_seen += len(batch)
            if mask.any():
                yield self._take(batch, mask)
            if not wanted[n_seen:].any():
                return

    @abstractmethod
    def _names(self) -> list[str]:
        """Names of the columns."""

    @abstractmethod
    def _label_column(self) -> pd.Series:
        """Target of all rows."""

    @property
    @abstractmethod
    def _sizes(self) -> Sequence[int]:
        """Numbers of rows of the pieces that can be read by themselves."""

    @abstractmethod
    def _batches(self, number: int) -> Iterator[Any]:
        """Rows of one piece."""

    @abstractmethod
    def _take(self, batch: Any, mask: np.ndarray) -> Any:
        """Rows of a batch where a mask is True."""

    @abstractmethod
    def _join(self, parts: Sequence[Any]) -> pd.DataFrame:
        """Table of what ``_take`` has given."""

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
