"""Tables <-> rows of encoded features, column by column."""

from typing import Any

import numpy as np
from scipy import sparse

from ganaug.encoding.columns import NumericColumn
from ganaug.encoding.container import cast


class TableEncoder:
    """Encodes each column by its own kind and puts the results side by side.

    Parameters
    ----------
    X : (n, columns) array or sparse matrix
        Rows of all classes, so that every class is measured on one scale.
    y : (n,) array, default=None
        Class of each row; None takes all rows for one class.

    Attributes
    ----------
    width : int
        Number of encoded features.
    dtype : numpy.dtype
        Of the table, and of decoded rows.

    Examples
    --------
    >>> X = np.array([[1.0, 5.0], [2.0, 5.0], [4.0, 5.0]])
    >>> encoder = TableEncoder(X)
    >>> np.allclose(encoder.decode(encoder.encode(X)), X)
    True
    """

    def __init__(self, X: Any, y: np.ndarray | None = None):
        groups = None if y is None else np.unique(y, return_inverse=True)[1]
        by_column = X.tocsc() if sparse.issparse(X) else X
        self.dtype = X.dtype
        self._columns = [
            NumericColumn(_dense(by_column[:, [j]]).ravel(), groups) for j in range(X.shape[1])
        ]
        self.width = sum(column.width for column in self._columns)

    def encode(self, X: Any, rng: np.random.Generator | None = None) -> np.ndarray:
        """Encoded rows (n, width), float32; ``rng`` spreads tied values at random."""
        X = _dense(X)
        parts = [column.encode(X[:, j], rng) for j, column in enumerate(self._columns)]
        return np.concatenate(parts, axis=1, dtype=np.float32)

    def decode(self, codes: np.ndarray, blur: np.ndarray | float = 0.0) -> np.ndarray:
        """Rows (n, columns) of encoded ones, in the dtype and range of the fitted table.

        ``blur``, of the shape of ``codes``, is noise for the columns to add, each as
        far as it makes sense there.
        """
        blur = np.broadcast_to(blur, codes.shape)
        ends = np.cumsum([column.width for column in self._columns])
        decoded = np.empty((len(codes), len(self._columns)), dtype=self.dtype)
        for j, (column, end) in enumerate(zip(self._columns, ends, strict=True)):
            own = slice(end - column.width, end)
            values = column.decode(codes[:, own], blur[:, own])
            decoded[:, j] = cast(values, self.dtype)
        return decoded


def _dense(X: Any) -> np.ndarray:
    return X.toarray() if sparse.issparse(X) else X
