"""Warnings that point at the user's own line, however deep in the package they arise."""

import contextlib
import inspect
import os
import warnings
from importlib.util import find_spec
from pathlib import Path

# Between a user's program and what warns may lie the package and libraries that call it back.
LIBRARIES = ("sklearn", "imblearn", "joblib")


def warn_caller(message: str, category: type[Warning] = UserWarning) -> None:
    """Issue a warning at the line outside the package that led to it.

    Parameters
    ----------
    message : str
    category : type of Warning, default=UserWarning

    Examples
    --------
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     warn_caller("classes are small")
    >>> caught[0].category.__name__, str(caught[0].message)
    ('UserWarning', 'classes are small')
    """
    inside = _inner_files()
    frame = inspect.currentframe()
    level = 0
    while frame is not None and frame.f_code.co_filename.startswith(inside):
        frame = frame.f_back
        level += 1
    warnings.warn(message, category, stacklevel=level + 1)


def _inner_files() -> tuple[str, ...]:
    """Prefixes of the paths of files that are not the user's."""
    specs = [find_spec(name) for name in LIBRARIES]
    folders = [spec.submodule_search_locations or [] for spec in specs if spec is not None]
    libraries = [location for locations in folders for location in locations]
    return (
        contextlib.__file__,
        *(f"{folder}{os.sep}" for folder in [Path(__file__).parent, *libraries]),
    )
