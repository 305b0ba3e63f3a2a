"""First fit of a classifier, before anything is trained for it."""

import warnings
from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_datetime64_any_dtype, is_numeric_dtype, is_string_dtype
from sklearn.base import BaseEstimator, clone
from sklearn.pipeline import Pipeline

from ganaug.encoding.column_scan import ColumnScan
from ganaug.encoding.csv_format import CsvFormat
from ganaug.encoding.frames import is_frame, to_pandas
from ganaug.encoding.rows import take_rows
from ganaug.encoding.spelling import DateSpelling
from ganaug.evaluation.failures import error_text
from ganaug.evaluation.fitting import Fit
from ganaug.evaluation.methods import NONE

# Images or sequences of each class on which a classifier is tried.
N_TRIED = 2

# Columns that are named, at most.
MAX_NAMES = 5


def check_fit(fit: Fit, name: str, estimator: BaseEstimator, X: Any, y: np.ndarray) -> None:
    """Fit a classifier to what many do not take: rows of text or with gaps, images, sequences.

    Rows of numbers alone are taken as they are, and cost nothing. Of images and sequences a few
    are tried, by classifiers and transformers of scikit-learn.

    Parameters
    ----------
    fit : Fit
        How the classifier is fitted.
    name : str
        Name of the classifier.
    estimator : classifier
        Cloned.
    X, y : real rows and their classes

    Raises
    ------
    ValueError
        If it fails; names the columns, and says what to do about them.
    """
    if len(X.shape) > 2:
        _check_dimensions(name, estimator, X, y)
        return
    others, gaps = _columns_but_numbers(X)
    if not (others or gaps):
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fit(NONE, estimator, X, y, np.arange(len(y)))
    except Exception as error:
        as_text = _columns_of_dates_as_text(X, others)
        dates = _date_columns(X) + as_text
        encoder = _encoder_text(others, gaps, dates, isinstance(X, pd.DataFrame))
        to_convert = f"Make dates of {_names(as_text)} by pandas.to_datetime. " if as_text else ""
        about_dates = " README has such a count_days." if dates else ""
        raise ValueError(
            f"{name} cannot be fitted to the real rows: {error_text(error).rstrip('.')}. "
            f"{_columns_text(others, gaps)}. {to_convert}Pass as the estimator a pipeline that "
            f"makes numbers of them, such as make_pipeline({encoder}, classifier).{about_dates}"
        ) from error


def _check_dimensions(name: str, estimator: BaseEstimator, X: Any, y: np.ndarray) -> None:
    """Raise a ValueError for a classifier of rows, where samples have more dimensions."""
    while isinstance(estimator, Pipeline):
        estimator = estimator.steps[0][1]
    if not type(estimator).__module__.startswith("sklearn."):
        return
    rows = np.concatenate([np.flatnonzero(y == label)[:N_TRIED] for label in np.unique(y)])
    try:
        clone(estimator).fit(take_rows(X, rows), y[rows])
    except Exception as error:
        # what else it may miss, it may miss for being given so few
        if "Found array with dim" in str(error):
            shape = ", ".join(map(str, X.shape[1:]))
            raise ValueError(
                f"{name} takes rows (n, features), and X has the shape (n, {shape}). Pass as the "
                "estimator a network for such samples, or a pipeline that makes rows of them, such "
                "as make_pipeline(FunctionTransformer(lambda X: X.reshape(len(X), -1)), "
                "classifier)."
            ) from error


def _columns_but_numbers(X: Any) -> tuple[list[Hashable], list[Hashable]]:
    """Names of the columns of other values than numbers, and of those with gaps."""
    if is_frame(X):
        table = to_pandas(X)
    elif isinstance(X, np.ndarray) and X.ndim == 2:
        table = pd.DataFrame(X)
    else:
        return [], []
    others = [name for name, dtype in table.dtypes.items() if not is_numeric_dtype(dtype)]
    gaps = table.columns[table.isna().any()]
    return others, gaps.tolist()


def _date_columns(X: Any) -> list[Hashable]:
    """Names of the columns of dates."""
    dtypes = to_pandas(X).dtypes.items() if is_frame(X) else ()
    return [name for name, dtype in dtypes if is_datetime64_any_dtype(dtype)]


def _columns_of_dates_as_text(X: Any, names: Sequence[Hashable]) -> list[Hashable]:
    """Names of the columns of a DataFrame whose texts are dates, as ``read_csv`` leaves them."""
    return [name for name in names if isinstance(X, pd.DataFrame) and _is_text_of_dates(X[name])]


def _is_text_of_dates(column: pd.Series) -> bool:
    """True for texts that are dates, all in one spelling."""
    if not is_string_dtype(column.dropna()):
        return False
    scan = ColumnScan(str(column.name), CsvFormat())
    scan.add(column.dropna().astype(str))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return isinstance(scan.spelling(), DateSpelling)


def _columns_text(others: Sequence[Hashable], gaps: Sequence[Hashable]) -> str:
    """Words for what the columns hold."""
    held = {"other values than numbers": others, "gaps": gaps}
    parts = [f"{what} in {_names(columns)}" for what, columns in held.items() if columns]
    return f"They hold {' and '.join(parts)}"


def _encoder_text(
    others: Sequence[Hashable], gaps: Sequence[Hashable], dates: Sequence[Hashable], selects: bool
) -> str:
    """Transformer of such columns, as a line of Python; ``selects`` by the dtypes of pandas."""
    if not others:
        return "SimpleImputer()"
    scaler = "StandardScaler()"
    rest = f"make_pipeline(SimpleImputer(), {scaler})" if set(gaps) - set(others) else scaler
    texts = [name for name in others if name not in dates]
    columns = f"[{_names(texts)}]"
    if len(texts) > MAX_NAMES and selects:
        columns = "make_column_selector(dtype_exclude=['number', 'datetime', 'datetimetz'])"
    parts = [f"(OneHotEncoder(handle_unknown='ignore'), {columns})"] if texts else []
    if dates:
        count = f"make_pipeline(FunctionTransformer(count_days), SimpleImputer(), {scaler})"
        chosen = f"[{_names(dates)}]"
        if len(dates) > MAX_NAMES:
            chosen = "make_column_selector(dtype_include=['datetime', 'datetimetz'])"
        parts.append(f"({count}, {chosen})")
    return f"make_column_transformer({', '.join(parts)}, remainder={rest})"


def _names(columns: Sequence[Hashable]) -> str:
    """Names of columns, of many the first."""
    return ", ".join([*map(repr, columns[:MAX_NAMES]), *["..."] * (len(columns) > MAX_NAMES)])
