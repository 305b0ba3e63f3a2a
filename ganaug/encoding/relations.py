"""Relations between columns of numbers that all rows of a table have."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from ganaug.encoding.casting import cast
from ganaug.encoding.curves import Curves
from ganaug.encoding.equations import Admit, LinearEquations
from ganaug.encoding.missing import missing_mask
from ganaug.encoding.orders import Orders
from ganaug.encoding.rows import Matrix, dense
from ganaug.storage.fields import Array

# Tables of more columns of numbers are spectra, pixels or genes: their relations are chance.
MAX_COLUMNS = 100


@dataclass(eq=False)
class Relations:
    """Linear equations between columns of numbers, curves, and pairs of them that are in order.

    Attributes
    ----------
    columns : (k,) array of int
        Columns of numbers that were looked at, rising.
    equations : LinearEquations
        Of these columns, by their place among them.
    curves : Curves
        Likewise, of columns that follow from no equation.
    orders : Orders
        Likewise, of columns that follow from no equation.
    """

    columns: Annotated[np.ndarray, Array("int64", "k", 0)]
    equations: LinearEquations
    curves: Curves
    orders: Orders

    def __post_init__(self) -> None:
        n_columns = len(self.columns)
        if self.equations.coefficients.shape[1] != n_columns:
            raise ValueError("equations are between other columns than those that were looked at")
        ordered = np.concatenate([self.orders.low, self.orders.high])
        related = np.concatenate([ordered, self.curves.targets, self.curves.sources])
        if (np.diff(self.columns) <= 0).any() or (related >= n_columns).any():
            raise ValueError("columns of relations must rise, and curves and orders be among them")
        in_equations = np.flatnonzero(self.equations.coefficients.any(axis=0))
        targets = np.concatenate([self.equations.targets, self.curves.targets])
        changed = np.concatenate([targets, in_equations, ordered])
        self._changed = np.unique(changed)
        targets = self.columns[self.curves.targets].tolist()
        self.target_columns = dict(zip(targets, self.curves.columns, strict=True))

    @classmethod
    def fit(cls, X: Matrix, groups: np.ndarray, columns: Sequence[int]) -> "Relations":
        """Find the relations between columns of a table.

        Parameters
        ----------
        X : (n, columns) array or sparse matrix
            Rows; NaN where there are gaps. Curves are looked for in arrays of floats alone.
        groups : (n,) array of int
            Class of each row, negative where it has none.
        columns : sequence of int
            Columns of numbers, rising; of more than ``MAX_COLUMNS`` none is looked at.
        """
        chosen = np.array(columns if len(columns) <= MAX_COLUMNS else [], dtype=np.int64)
        values = dense((X if isinstance(X, np.ndarray) else X.tocsc())[:, chosen])
        is_gapless = np.asarray(~missing_mask(values).any(axis=0))
        equations = LinearEquations.fit(values, np.flatnonzero(is_gapless))
        free = np.setdiff1d(np.arange(len(chosen)), equations.targets)
        may_curve = isinstance(X, np.ndarray) and X.dtype.kind == "f"
        curves = Curves.fit(values, groups, free[is_gapless[free] & may_curve])
        return cls(chosen, equations, curves, Orders.fit(values, free))

    def subtract_curves(self, X: Matrix) -> Matrix:
        """Rows (n, columns) in which targets of curves are replaced by their errors."""
        if not len(self.curves.targets):
            return X
        X = dense(X).copy()
        X[:, self.columns] = self.curves.subtract(X[:, self.columns])
        return X

    def restore(
        self,
        rows: np.ndarray,
        admit: Admit,
        admit_of_all: Admit,
        group: int | None = None,
    ) -> None:
        """Change rows (n, columns) so that they have the relations, in place.

        Parameters
        ----------
        rows : (n, columns) array
            Rows, with errors of curves in place of their targets.
        admit : callable
            Gives the nearest values that a column may have in the rows' class, by its number and
            values.
        admit_of_all : callable
            Likewise, of rows of all classes.
        group : int or None, default=None
            Number of the rows' class.
        """
        if not len(self._changed):
            return
        related = rows[:, self.columns].astype(float)
        self.curves.add(related, group)
        own = self._by_place(admit)
        of_all = self._by_place(admit_of_all)
        self.orders.restore(related, own)
        # targets stay in the range of the class where that can be, else in that of the column
        for admit_targets in (own, of_all):
            if self.equations.make_room(related, own, admit_targets):
                self.orders.restore(related, own)
        self.equations.restore(related, of_all)
        changed = self.columns[self._changed]
        rows[:, changed] = cast(related[:, self._changed], rows.dtype)

    def _by_place(self, admit: Admit) -> Admit:
        """The same function, by the place of a column among those that were looked at."""
        return lambda place, values: admit(int(self.columns[place]), values)
