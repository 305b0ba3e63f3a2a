"""Spelling of a table of text: the format of its file, and how each column is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ganaug.encoding.csv_format import CsvFormat
from ganaug.encoding.spelling import BoolSpelling, DateSpelling, LevelSpelling, NumberSpelling


@dataclass(frozen=True)
class TableSpelling:
    """Spelling of a table with class labels.

    Attributes
    ----------
    form : CsvFormat
        Format of the file.
    target : str
        Name of the column of the labels.
    columns : dict of str to spelling
        Spellings of all columns by their names, of the labels too.

    Examples
    --------
    >>> from ganaug.encoding.spelling import Gaps
    >>> day = DateSpelling(Gaps(), "%d/%m/%Y")
    >>> columns = {"sold": day, "kind": LevelSpelling(Gaps())}
    >>> spelling = TableSpelling(CsvFormat(";"), "kind", columns)
    >>> spelling.write(pd.DataFrame({"sold": pd.to_datetime(["2024-11-30"])})).squeeze()
    '30/11/2024'
    """

    form: CsvFormat
    target: str
    columns: dict[str, NumberSpelling | DateSpelling | BoolSpelling | LevelSpelling]

    def __post_init__(self) -> None:
        if self.target not in self.columns:
            raise ValueError(f"there is no column {self.target!r:.40} of labels")

    def check_columns(self, names: Sequence | None) -> None:
        """Raise a ValueError for rows of other columns than the table's."""
        if names is None or {*names} != {*self.columns} - {self.target}:
            raise ValueError("the table has other columns than its file")

    def write(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Cells of rows, which may lack columns."""
        return pd.DataFrame({name: self.columns[name].write(rows[name]) for name in rows})

    def write_labels(self, labels: Any) -> pd.Series:
        """Cells of labels."""
        return self.columns[self.target].write(pd.Series(labels))
