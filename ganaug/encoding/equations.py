"""Columns that follow from others by a linear equation: totals, copies, other units."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from scipy.linalg import qr, solve_triangular

from ganaug.encoding.subsample import evenly_spaced
from ganaug.encoding.support import LARGEST
from ganaug.storage.fields import Array

# Largest error of an equation that holds, in standard deviations of its column.
TOLERANCE = 1e-6

# Rows that equations are looked for in; the others have to satisfy what is found.
N_ROWS = 2000

# How often columns give way to targets that are out of their range.
N_PASSES = 6

# Relative error of sums of doubles.
EPSILON = 8 * float(np.finfo(float).eps)

# Given a column's number and values: the nearest ones that the column may have.
Admit = Callable[[int, np.ndarray], np.ndarray]


@dataclass(eq=False)
class LinearEquations:
    """Columns that are linear functions of others in every row.

    Attributes
    ----------
    targets : (equations,) array of int
        Columns that follow from others.
    coefficients : (equations, columns) array
        Of the other columns, 0 for those that a target does not depend on.
    intercepts : (equations,) array

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> parts = rng.integers(0, 10, (50, 2)).astype(float)
    >>> equations = LinearEquations.fit(np.column_stack([parts, parts.sum(axis=1)]))
    >>> rows = np.array([[1.0, 2.0, 9.0]])
    >>> equations.restore(rows, lambda column, values: values)
    >>> rows
    array([[1., 2., 3.]])
    """

    targets: Annotated[np.ndarray, Array("int64", "equations", 0)]
    coefficients: Annotated[np.ndarray, Array("float64", "equations columns")]
    intercepts: Annotated[np.ndarray, Array("float64", "equations")]

    def __post_init__(self) -> None:
        n_columns = self.coefficients.shape[1]
        if len(np.unique(self.targets)) < len(self.targets) or (self.targets >= n_columns).any():
            raise ValueError("targets of equations must be different columns")
        if self.coefficients[:, self.targets].any():
            raise ValueError("no equation may depend on the target of another")
        if not self.coefficients.any(axis=1).all():
            raise ValueError("equations must depend on other columns")

    @classmethod
    def fit(cls, X: np.ndarray, columns: np.ndarray | None = None) -> "LinearEquations":
        """Find the equations between the columns of a table.

        Parameters
        ----------
        X : (n, columns) array
            Rows of numbers.
        columns : array of int, default=None
            Columns to look at, which have no gaps; None looks at all.
        """
        columns = np.arange(X.shape[1]) if columns is None else columns
        everything = X[:, columns].astype(float)
        with np.errstate(over="ignore", invalid="ignore"):
            means = everything.mean(axis=0)
            deviations = everything.std(axis=0)
        varies = (deviations > 0) & np.isfinite(deviations)
        columns = columns[varies]
        scores = (everything[:, varies] - means[varies]) / deviations[varies]
        found = _equations(scores) if scores.shape[1] > 1 else []
        targets = np.zeros(len(found), dtype=np.int64)
        coefficients = np.zeros((len(found), X.shape[1]))
        intercepts = np.zeros(len(found))
        for k, (target, weights) in enumerate(found):
            factors = weights * deviations[varies][target] / deviations[varies]
            factors = np.array([float(f"{factor:.9g}") for factor in factors])
            targets[k] = columns[target]
            coefficients[k, columns] = factors
            intercepts[k] = means[varies][target] - factors @ means[varies]
        return cls(targets, coefficients, intercepts)

    def restore(self, rows: np.ndarray, admit: Admit) -> None:
        """Compute the targets in rows (n, columns) from the other columns, in place.

        ``admit`` gives the nearest values that a column may have.
        """
        for number, target in enumerate(self.targets.tolist()):
            rows[:, target] = admit(target, self._values(rows, number))

    def make_room(self, rows: np.ndarray, admit: Admit, admit_targets: Admit) -> bool:
        """Move other columns, in place, where targets would leave their range; False if none would.

        The column gives way first that moves a target most: a total is then that of its parts, and
        no difference is below 0.
        """
        for n_before in range(N_PASSES):
            if not self._move_others(rows, admit, admit_targets, n_before):
                return n_before > 0
        return True

    def _values(self, rows: np.ndarray, number: int) -> np.ndarray:
        """Values (n,) of a target, by the number of its equation."""
        others = np.flatnonzero(self.coefficients[number])
        weights = self.coefficients[number, others]
        return self.intercepts[number] + rows[:, others].astype(float) @ weights

    def _move_others(
        self, rows: np.ndarray, admit: Admit, admit_targets: Admit, n_before: int
    ) -> bool:
        """Move columns by what targets are out of range, or more where that was not enough before.

        False where none is.
        """
        moved = False
        for number, (target, weights) in enumerate(
            zip(self.targets.tolist(), self.coefficients, strict=True)
        ):
            values = self._values(rows, number)
            low, high = admit_targets(target, np.array([-LARGEST, LARGEST]))
            excess = values - values.clip(low, high)
            tolerance = TOLERANCE * (high / 2 - low / 2) + EPSILON * max(abs(low), abs(high))
            wrong = np.flatnonzero(np.abs(excess) > tolerance)
            parts = rows[wrong] * weights * np.sign(excess[wrong])[:, None]
            parts[:, weights == 0] = -np.inf
            place = n_before % np.count_nonzero(weights)
            giving_way = parts.argsort(axis=1)[:, -1 - place]
            for column in np.unique(giving_way).tolist():
                own = wrong[giving_way == column]
                step = (1 + n_before) * excess[own] / weights[column]
                rows[own, column] = admit(column, rows[own, column] - step)
            moved |= len(wrong) > 0
        return moved


def _equations(scores: np.ndarray) -> list[tuple[int, np.ndarray]]:
    """Columns of scores (n, columns) that are sums of others in every row, and their weights."""
    n, n_columns = scores.shape
    some = scores[evenly_spaced(n, N_ROWS)]
    _, triangle, order = qr(some, mode="economic", pivoting=True, check_finite=False)
    sizes = np.abs(np.diag(triangle))
    rank = int((sizes > TOLERANCE * sizes[0]).sum())
    # fewer different rows are on a plane by chance
    if rank == n_columns or len(np.unique(some, axis=0)) < 2 * rank + 10:
        return []
    solved = solve_triangular(triangle[:rank, :rank], triangle[:rank, rank:])
    # sums over all columns that are 0 in every row
    sums = np.zeros((n_columns - rank, n_columns))
    sums[:, order[:rank]] = np.where(np.abs(solved) < TOLERANCE, 0, solved).T
    sums[np.arange(n_columns - rank), order[rank:]] = -1
    holds = np.abs(scores @ sums.T).max(axis=0) < np.sqrt(n_columns) * TOLERANCE
    n_sums = np.count_nonzero(sums[holds], axis=0)
    return [
        _solve(weights, int(column), n_sums == 1)
        for weights, column in zip(sums[holds], order[rank:][holds], strict=True)
    ]


def _solve(weights: np.ndarray, column: int, is_free: np.ndarray) -> tuple[int, np.ndarray]:
    """Solve a sum that is 0 for a free column that is a positive sum of others, where one is.

    A total then follows from its parts, and no part is a difference that may be below 0.
    """
    for target in np.flatnonzero((weights != 0) & is_free):
        others = -weights / weights[target]
        others[target] = 0
        if (others >= 0).all():
            return int(target), others
    others = -weights / weights[column]
    others[column] = 0
    return column, others
