"""Conditions that every synthetic row has to satisfy."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ganaug.encoding.expressions import Expression
from ganaug.encoding.frames import is_frame, plain_series, to_pandas
from ganaug.encoding.rows import Table

# An expression over columns, or what maps rows to an array of bools.
Condition = str | Callable[[Any], Any]

# Number of conditions, and of characters of all that are text, at most: each looks at every row.
MAX_CONDITIONS = 100
MAX_LENGTH = 4000


@dataclass(eq=False)
class Conditions:
    """Conditions of which rows satisfy all.

    Parameters
    ----------
    conditions : str, callable or iterable of up to 100 of them
        Strings are expressions over columns, as ``Expression`` describes, and need a
        DataFrame; none of them is run as code. Callables take rows in the type of the
        training data and return a bool for each.

    Attributes
    ----------
    conditions : tuple of str and callables
        As they were given.

    Raises
    ------
    TypeError
        For what is neither; names it.
    ValueError
        For strings that are no such expressions, and for too many conditions.

    Examples
    --------
    >>> homes = pd.DataFrame({"rooms": [2, 9], "rent": [500, 100]})
    >>> Conditions(["rent > 200", lambda rows: rows["rooms"] < 5]).satisfied_mask(homes)
    array([ True, False])
    """

    conditions: Any

    def __post_init__(self) -> None:
        given = self.conditions
        if isinstance(given, str | bytes) or callable(given) or not isinstance(given, Iterable):
            given = [given]
        self.conditions = tuple(given)
        length = sum(len(text) for text in self.conditions if isinstance(text, str))
        if len(self.conditions) > MAX_CONDITIONS or length > MAX_LENGTH:
            raise ValueError(
                f"there are {len(self.conditions)} conditions of {length} characters; "
                f"{MAX_CONDITIONS} of {MAX_LENGTH} in all are allowed."
            )
        for condition in self.conditions:
            if isinstance(condition, str):
                Expression(condition)
            elif not callable(condition):
                raise TypeError(
                    f"conditions are expressions (str) or callables, or lists of them; got "
                    f"{condition!r}."
                )

    def check_columns(self, columns: Iterable[Hashable] | None) -> None:
        """Raise a ValueError for an expression that rows of some columns cannot have.

        Parameters
        ----------
        columns : iterable of hashables or None
            Names of a DataFrame's columns; None for rows of another type, which have none.
        """
        columns = None if columns is None else list(columns)
        for condition in self.conditions:
            if isinstance(condition, str):
                if columns is None:
                    raise _without_names(condition)
                Expression(condition).check_columns(columns)

    def satisfied_mask(self, rows: Table) -> np.ndarray:
        """True (n,) for rows that satisfy all conditions.

        Raises
        ------
        ValueError
            For an expression and other rows than a DataFrame's, one that cannot be evaluated,
            or a condition that does not give a bool for each row; names the condition.
        """
        kept = np.ones(rows.shape[0], dtype=bool)
        for condition in self.conditions:
            kept &= _satisfied(condition, rows)
        return kept

    def check(self, rows: Table, y: np.ndarray, labels: Iterable[Hashable]) -> None:
        """Raise a ValueError for a class of which no real row satisfies them."""
        kept = self.satisfied_mask(rows)
        for label in labels:
            if not kept[y == label].any():
                raise ValueError(
                    f"no real row of class {label!r} satisfies the conditions "
                    f"{list(self.conditions)!r}, so no synthetic one can be expected to."
                )


def _without_names(condition: str) -> ValueError:
    return ValueError(
        f"the condition {condition!r} is an expression and needs X to be a DataFrame; pass a "
        "callable for arrays."
    )


def _satisfied(condition: Condition, rows: Table) -> np.ndarray:
    answers: Any
    if not isinstance(condition, str):
        answers = plain_series(condition(rows))
    elif is_frame(rows):
        answers = Expression(condition).evaluate(to_pandas(rows))
    else:
        raise _without_names(condition)
    if not isinstance(answers, pd.DataFrame) and np.ndim(answers) < 2:
        answers = pd.Series(answers).fillna(False)
    answers = np.asarray(answers)
    if answers.shape != (rows.shape[0],) or answers.dtype != bool:
        raise ValueError(
            f"the condition {condition!r} must give one bool for each of {rows.shape[0]} rows; it "
            f"gave {answers.dtype} of the shape {answers.shape}."
        )
    return answers
