"""Relations between columns of numbers that all rows of a table have."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from ganaug.encoding.casting import cast
from ganaug.encoding.equations import LinearEquations
from ganaug.encoding.missing import missing_mask
from ganaug.encoding.orders import Orders
from ganaug.encoding.rows import Matrix, dense
from ganaug.storage.fields import Array

# Tables of more columns of numbers are spectra, pixels or genes: their relations are chance.
MAX_COLUMNS = 100


@dataclass(eq=False)
class Relations:
    """Linear equations between columns of numbers, and pairs of them that are in order.

    Attributes
    ----------
    columns : (k,) array of int
        Columns of numbers that were looked at, rising.
    equations : LinearEquations
        Of these columns, by their place among them.
    orders : Orders
        Likewise, of columns that follow from no equation.
    """

    columns: Annotated[np.ndarray, Array("int64", "k", 0)]
    equations: LinearEquations
    orders: Orders

    def __post_init__(self) -> None:
        n_columns = len(self.columns)
        if self.equations.coefficients.shape[1] != n_columns:
            raise ValueError("equations are between other columns than those that were looked at")
        ordered = np.concatenate([self.orders.low, self.orders.high])
        if (np.diff(self.columns) <= 0).any() or (ordered >= n_columns).any():
            raise ValueError("columns of relations must rise, and orders be among them")
        changed = np.concatenate([self.equations.targets, ordered])
        self._changed = np.unique(changed)

    @classmethod
    def fit(cls, X: Matrix, columns: Sequence[int]) -> "Relations":
        """Find the relations between columns of a table.

        Parameters
        ----------
        X : (n, columns) array or sparse matrix
            Rows; NaN where there are gaps.
        columns : sequence of int
            Columns of numbers, rising; of more than ``MAX_COLUMNS`` none is looked at.
        """
        chosen = np.array(columns if len(columns) <= MAX_COLUMNS else [], dtype=np.int64)
        values = dense((X if isinstance(X, np.ndarray) else X.tocsc())[:, chosen])
        is_gapless = ~missing_mask(values).any(axis=0)
        equations = LinearEquations.fit(values, np.flatnonzero(is_gapless))
        free = np.setdiff1d(np.arange(len(chosen)), equations.targets)
        return cls(chosen, equations, Orders.fit(values, free))

    def restore(self, rows: np.ndarray, admit: Callable[[int, np.ndarray], np.ndarray]) -> None:
        """Change rows (n, columns) so that they have the relations, in place.

        ``admit`` gives the nearest values that a column may have, by its number and values.
        """
        if not len(self._changed):
            return
        related = rows[:, self.columns].astype(float)
        for relation in (self.orders, self.equations):
            relation.restore(related, lambda place, values: admit(self.columns[place], values))
        changed = self.columns[self._changed]
        rows[:, changed] = cast(related[:, self._changed], rows.dtype)
