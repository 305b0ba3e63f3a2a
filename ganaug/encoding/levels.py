"""Columns of levels <-> numbers of these."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from pandas.api import types

from ganaug.encoding.casting import cast, is_gap
from ganaug.encoding.missing import impute_from_class


@dataclass(eq=False)
class Levels:
    """Categories, strings or bools: what has no order and no distances.

    Attributes
    ----------
    dtype : dtype
        Dtype of the column.
    name : hashable
        Name of the column, for messages.
    levels : pandas.Index
        Levels by number.
    gap : None, NaN, NA or NaT
        Value that stands for a missing value.

    Examples
    --------
    >>> colour = pd.Series(["red", "blue", None])
    >>> levels = Levels.fit(colour)
    >>> levels.read(colour), levels.write(np.array([1.0, 0.0])).tolist()
    (array([ 1.,  0., nan]), ['red', 'blue'])
    """

    dtype: np.dtype | pd.api.extensions.ExtensionDtype
    name: Any
    levels: pd.Index
    gap: Any

    is_categorical: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not (self.levels.is_unique and is_gap(self.gap)):
            raise ValueError(f"levels of column {self.name!r} occur twice, or a gap is none")

    @classmethod
    def fit(cls, column: pd.Series) -> "Levels":
        """Fit to a column of levels."""
        gaps = column[column.isna()]
        # marked as the column marks its own: None, NaN or NA
        gap: Any = gaps.iloc[0] if len(gaps) else np.nan
        return cls(column.dtype, column.name, pd.Index(_known_levels(column), dtype=object), gap)

    def replace_unknown(
        self, column: pd.Series, y: np.ndarray, rng: np.random.RandomState
    ) -> pd.Series:
        """Replace levels that did not occur in fit by those of random rows of the same class.

        Where a class has no other rows, those of all classes serve; where there are none, all
        levels do.
        """
        unknown = self._are_unknown(column)
        if unknown.all():
            drawn = rng.randint(max(1, len(self.levels)), size=len(column))
            numbers = np.where(len(self.levels) > 0, drawn, np.nan)
            return self.write(numbers).set_axis(column.index)
        rows = np.where(unknown, np.nan, np.arange(len(column)))
        donors = impute_from_class(rows[:, None], y, rng)[:, 0].astype(int)
        return column.iloc[donors].set_axis(column.index)

    def _are_unknown(self, column: pd.Series) -> np.ndarray:
        """Mask (n,) of the values that did not occur in the data of fit."""
        return (self._codes(column) < 0) & column.notna().to_numpy()

    def _codes(self, column: pd.Series) -> np.ndarray:
        """Numbers of the levels (n,); -1 for gaps and what is unknown."""
        return self.levels.get_indexer(pd.Index(column, dtype=object))

    def read(self, column: pd.Series) -> np.ndarray:
        codes = self._codes(column)
        unknown = column[self._are_unknown(column)]
        if len(unknown):
            raise ValueError(
                f"column {self.name!r} holds {unknown.iloc[0]!r}, which did not occur in the "
                "data of fit. Fit on data that hold every category."
            )
        return np.where(codes < 0, np.nan, codes)

    def write(self, numbers: np.ndarray) -> pd.Series:
        gaps = np.isnan(numbers)
        arrow_type: Any = getattr(self.dtype, "pyarrow_dtype", None)
        # Arrow takes NaN for a number
        values = np.full(len(numbers), self.gap if arrow_type is None else None, dtype=object)
        codes = cast(numbers[~gaps], np.dtype(int)).clip(0, len(self.levels) - 1)
        values[~gaps] = self.levels.to_numpy()[codes]
        if hasattr(arrow_type, "value_type"):
            # not all versions of Arrow number the values of a dictionary themselves
            plain = pd.Series(values, dtype=pd.ArrowDtype(arrow_type.value_type))
            return plain.astype(self.dtype)
        return pd.Series(values, dtype=self.dtype)


def _known_levels(column: pd.Series) -> list:
    """Levels that occur, and those that the type knows of."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return list(column.dtype.categories)
    if types.is_bool_dtype(column.dtype):
        return [False, True]
    try:
        # as objects, of which all types have unique ones
        return sorted(pd.unique(pd.Series(column.dropna().tolist(), dtype=object)))
    except TypeError as error:
        raise ValueError(
            f"column {column.name!r} mixes types ({error}). Convert it to strings."
        ) from error
