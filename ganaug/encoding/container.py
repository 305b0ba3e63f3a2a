"""The type in which a table came, to give synthetic rows back in the same."""

import numpy as np
import pandas as pd
from scipy import sparse


class Container:
    """Remembers whether a table is an array, a sparse matrix or a DataFrame.

    Parameters
    ----------
    X : array, sparse matrix or DataFrame
        Its type, columns and dtypes are kept, not its rows.

    Examples
    --------
    >>> X = pd.DataFrame({"age": [30, 40], "tall": [True, False]})
    >>> Container(X).wrap(np.array([[35.0, 1.0]]))
       age  tall
    0   35  True
    """

    def __init__(self, X: np.ndarray | sparse.spmatrix | pd.DataFrame):
        self._dtypes = list(X.dtypes) if isinstance(X, pd.DataFrame) else []
        self._columns = X.columns if isinstance(X, pd.DataFrame) else None
        self._sparse_type = type(X) if sparse.issparse(X) else None

    def wrap(self, rows: np.ndarray) -> np.ndarray | sparse.spmatrix | pd.DataFrame:
        """Rows (n, columns) in the remembered type."""
        if self._sparse_type is not None:
            return self._sparse_type(rows)
        if self._columns is None:
            return rows
        columns = [
            # nullable dtypes are filled from the plain ones inside them
            pd.Series(cast(rows[:, j], getattr(dtype, "numpy_dtype", dtype)), dtype=dtype)
            for j, dtype in enumerate(self._dtypes)
        ]
        return pd.concat(columns, axis=1).set_axis(self._columns, axis=1)


def cast(values: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Values in a dtype: rounded and clipped where it holds integers, cut at a half where bools.

    Examples
    --------
    >>> cast(np.array([-3.2, 1.6, 300.0]), np.dtype("uint8"))
    array([  0,   2, 255], dtype=uint8)
    """
    if values.dtype.kind == "f" and dtype.kind in "iu":
        limits = np.iinfo(dtype)
        highest = float(limits.max)
        if highest > limits.max:
            # the last integers of 64 bits have no double: the next double below stands for them
            highest = np.nextafter(highest, 0)
        values = np.clip(np.round(values), float(limits.min), highest)
    elif values.dtype.kind == "f" and dtype.kind == "b":
        values = values >= 0.5
    return values.astype(dtype, copy=False)


def check_numeric(X: object, taker: str) -> None:
    """Refuse columns that are not numbers, by name; in arrays, columns of strings by position.

    Raises
    ------
    ValueError
        Names the columns, what they hold and what to do.
    """
    if isinstance(X, np.ndarray) and X.ndim == 2 and X.dtype.kind in "OUS":
        table = pd.DataFrame(X).infer_objects()
        # what is left as objects holds no strings alone: scikit-learn has words for it
        X = table.loc[:, [dtype.kind != "O" or dtype.name == "str" for dtype in table.dtypes]]
    if not isinstance(X, pd.DataFrame):
        return
    others = {
        name: dtype
        for name, dtype in X.dtypes.items()
        if not pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_bool_dtype(dtype)
    }
    if others:
        named = ", ".join(f"{name!r} ({dtype})" for name, dtype in list(others.items())[:5])
        more = f" and {len(others) - 5} more" if len(others) > 5 else ""
        raise ValueError(
            f"{taker} takes columns of numbers (float, int, bool). Not supported: {named}{more}. "
            "Encode them first, for instance with sklearn.preprocessing.OneHotEncoder, or leave "
            "them out."
        )
