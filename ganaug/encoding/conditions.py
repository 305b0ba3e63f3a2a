"""What every synthetic row has to satisfy."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

# A query of pandas, or what maps rows to an array of bools.
Condition = str | Callable[[Any], Any]


class Conditions:
    """Rows that satisfy all of some conditions.

    Parameters
    ----------
    conditions : str, callable or sequence of them
        Strings are queries of pandas and need a DataFrame; callables take rows in the
        type of the training data and return a bool for each.

    Raises
    ------
    TypeError
        For what is neither; names it.

    Examples
    --------
    >>> homes = pd.DataFrame({"rooms": [2, 9], "rent": [500, 100]})
    >>> Conditions(["rent > 200", lambda rows: rows["rooms"] < 5]).satisfied(homes)
    array([ True, False])
    """

    def __init__(self, conditions: Condition | Sequence[Condition]):
        if isinstance(conditions, str) or callable(conditions):
            conditions = [conditions]
        self._conditions = list(conditions)
        for condition in self._conditions:
            if not (isinstance(condition, str) or callable(condition)):
                raise TypeError(
                    f"conditions are queries (str) or callables, or lists of them; got "
                    f"{condition!r}."
                )

    def satisfied(self, rows: Any) -> np.ndarray:
        """True (n,) for rows that satisfy all conditions.

        Raises
        ------
        ValueError
            For a query on other rows than a DataFrame's, one that fails, or a callable
            that does not return a bool for each row; names the condition.
        """
        kept = np.ones(rows.shape[0], dtype=bool)
        for condition in self._conditions:
            kept &= _satisfied(condition, rows)
        return kept

    def check(self, rows: Any, y: np.ndarray, labels: Iterable[Hashable]) -> None:
        """Raise a ValueError for a class of which no real row satisfies them."""
        kept = self.satisfied(rows)
        for label in labels:
            if not kept[y == label].any():
                raise ValueError(
                    f"no real row of class {label!r} satisfies the conditions "
                    f"{self._conditions!r}, so no synthetic one can be expected to."
                )


def _satisfied(condition: Condition, rows: Any) -> np.ndarray:
    if isinstance(condition, str):
        if not isinstance(rows, pd.DataFrame):
            raise ValueError(
                f"the condition {condition!r} is a query and needs X to be a DataFrame; pass a "
                "callable for arrays."
            )
        try:
            answers = rows.eval(condition)
        except Exception as error:
            raise ValueError(f"the condition {condition!r} cannot be evaluated: {error}") from error
    else:
        answers = condition(rows)
    if not isinstance(answers, pd.DataFrame) and np.ndim(answers) < 2:
        answers = pd.Series(answers).fillna(False)
    answers = np.asarray(answers)
    if answers.shape != (rows.shape[0],) or answers.dtype != bool:
        raise ValueError(
            f"the condition {condition!r} must give one bool for each of {rows.shape[0]} rows; it "
            f"gave {answers.dtype} of the shape {answers.shape}."
        )
    return answers
