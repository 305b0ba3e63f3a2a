"""Frames of polars and other libraries <-> DataFrames of pandas with Arrow's types."""

from typing import Any

import narwhals as nw
import pandas as pd

# Libraries other than pandas whose frames come back as such.
LIBRARIES = ("cudf", "modin", "polars", "pyarrow")


def is_frame(X: Any) -> bool:
    """True for a frame with named columns, of pandas or another library.

    Raises
    ------
    ValueError
        For a frame whose rows have not been computed.
    """
    if nw.dependencies.is_into_dataframe(X):
        return True
    if nw.dependencies.is_polars_lazyframe(X):
        raise ValueError("X is a LazyFrame, which holds no rows yet: pass X.collect().")
    return False


def library_of(X: Any) -> str | None:
    """Name of the library of a frame; None for pandas, and for what is no frame.

    Raises
    ------
    ValueError
        For a frame of a library that is not known.
    """
    if isinstance(X, pd.DataFrame) or not is_frame(X):
        return None
    name = str(nw.from_native(X, eager_only=True).implementation)
    if name not in LIBRARIES:
        raise ValueError(f"X is a frame of {name}. Pass one of pandas or {', '.join(LIBRARIES)}.")
    return name


def column_names(X: Any) -> list:
    """Names of the columns of a frame."""
    return list(X.columns if isinstance(X, pd.DataFrame) else nw.from_native(X).columns)


def to_pandas(X: Any) -> pd.DataFrame:
    """Frame of any library in pandas, with Arrow's types; one of pandas as it is.

    Enumerations become ordered categories.

    Raises
    ------
    ImportError
        Where pyarrow is not installed.
    ValueError
        For columns that Arrow does not know.
    """
    if isinstance(X, pd.DataFrame):
        return X
    frame = nw.from_native(X, eager_only=True)
    try:
        converted = frame.to_arrow().to_pandas(types_mapper=pd.ArrowDtype)
    except ImportError as error:
        raise ImportError(
            "frames of other libraries than pandas are read by pyarrow: pip install pyarrow"
        ) from error
    except ValueError as error:
        raise ValueError(
            f"X has columns that Arrow does not know ({error}). Cast them, or leave them out."
        ) from error
    for name, dtype in frame.schema.items():
        if isinstance(dtype, nw.Enum):
            levels = list(dtype.categories)
            converted[name] = pd.Categorical(frame[name].to_list(), levels, ordered=True)
    return converted


def from_pandas(frame: pd.DataFrame, library: str) -> Any:
    """Frame of another library of one with Arrow's types."""
    import pyarrow as pa

    table = pa.Table.from_pandas(frame, preserve_index=False)
    backend: Any = library
    converted = nw.from_arrow(table, backend=backend)
    enumerations = [
        nw.col(name).cast(nw.Enum(list(dtype.categories)))
        for name, dtype in frame.dtypes.items()
        if isinstance(dtype, pd.CategoricalDtype)
    ]
    return converted.with_columns(*enumerations).to_native()


def cast_like(frame: Any, X: Any) -> Any:
    """Frame in the library, the columns and the types of another one, which is not of pandas."""
    library = library_of(X)
    if library_of(frame) != library:
        frame = from_pandas(to_pandas(frame), str(library))
    drawn = nw.from_native(frame, eager_only=True)
    columns = []
    for name, dtype in nw.from_native(X, eager_only=True).schema.items():
        column = nw.col(name)
        if dtype.is_integer() and drawn.schema[name].is_float():
            # a cast would cut
            column = column.round()
        # what has no values has no type either
        columns.append(column if dtype == nw.Unknown else column.cast(dtype))
    return drawn.select(*columns).to_native()


def take_frame_rows(X: Any, rows: Any) -> Any:
    """Rows of a frame by number, or a slice of them."""
    return nw.from_native(X, eager_only=True)[rows].to_native()


def join_frames(parts: list[Any]) -> Any:
    """Rows of frames of one library and of equal columns, one after the other."""
    return nw.concat([nw.from_native(part, eager_only=True) for part in parts]).to_native()


def plain_series(values: Any) -> Any:
    """Array of a Series of another library than pandas; all else as it is."""
    foreign = nw.dependencies.is_into_series(values) and not isinstance(values, pd.Series)
    return nw.from_native(values, series_only=True).to_numpy() if foreign else values


def series_like(values: Any, y: Any) -> Any:
    """Values as a Series in the library, the name and the type of another one, if y is one."""
    if isinstance(y, pd.Series):
        return pd.Series(values, name=y.name, dtype=y.dtype)
    if not nw.dependencies.is_into_series(y):
        return values
    given = nw.from_native(y, series_only=True)
    series = nw.new_series(given.name, values, backend=given.implementation)
    return series.cast(given.dtype).to_native()
