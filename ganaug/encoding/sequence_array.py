"""Arrays of sequences, of one length or of several, from what users have."""

from typing import Any

import numpy as np
import pandas as pd


def sequence_array(X: Any, channels_first: bool = False) -> Any:
    """One array of sequences: of objects where their lengths differ.

    Examples
    --------
    >>> sequence_array([[1.0, 2.0], [3.0]])[1]
    array([3.])
    """
    if isinstance(X, np.ndarray) and (X.dtype != object or X.ndim > 1):
        return X
    if isinstance(X, pd.Series) and X.dtype == object:
        X = X.to_numpy()
    if isinstance(X, pd.DataFrame) and _holds_sequences(X):
        raise ValueError(
            "cells of X hold sequences, as those of nested frames of sktime: pass an array, such "
            'as sktime.datatypes.convert_to(X, "numpy3D"), with layout="channels_first"; or, of '
            "different lengths, a list of arrays."
        )
    if not isinstance(X, list | tuple | np.ndarray):
        # frames and sparse matrices are for scikit-learn's checks to take, or to refuse
        return X if hasattr(X, "shape") else np.asarray(X)
    items = [np.asarray(item) for item in X]
    if len({item.shape for item in items}) == 1:
        return np.stack(items) if items else np.asarray(X)
    if any(item.ndim not in (1, 2) or not item.size for item in items):
        raise ValueError(
            "sequences of different lengths are arrays (steps,), or (steps, channels) in the "
            "order of layout, of a step or more."
        )
    n_channels = {(item.ndim, as_steps_last(item, channels_first).shape[1]) for item in items}
    if len(n_channels) > 1:
        other = "channels_last" if channels_first else "channels_first"
        raise ValueError(
            "sequences of different lengths must have the same channels. Where the axes are the "
            f'other way round, pass layout="{other}".'
        )
    dtype = np.result_type(*items)
    return object_array([item.astype(dtype) for item in items])


def _holds_sequences(X: pd.DataFrame) -> bool:
    """True for frames whose cells are sequences."""
    columns = (X.iloc[:, place].dropna() for place in range(X.shape[1]))
    cells = (column.iloc[0] for column in columns if len(column) and column.dtype == object)
    return any(isinstance(cell, pd.Series | np.ndarray | list | tuple) for cell in cells)


def as_steps_last(item: np.ndarray, channels_first: bool) -> np.ndarray:
    """One sequence as (steps, channels)."""
    if item.ndim == 1:
        return item[:, None]
    return item.T if channels_first else item


def object_array(items: list[np.ndarray]) -> np.ndarray:
    """Array of objects (n,), each an array of any shape."""
    array = np.empty(len(items), dtype=object)
    array[:] = items
    return array
