"""Methods that fail: what is told of them, while the others have their scores."""

from collections.abc import Hashable, Iterable, Mapping

import pandas as pd
from sklearn.exceptions import FitFailedWarning

from ganaug.caller import warn_caller


def error_text(error: Exception) -> str:
    r"""Kind of an error, and the first line of what it says.

    Examples
    --------
    >>> error_text(ValueError("X contains NaN.\nSome estimators take it.")), error_text(OSError())
    ('ValueError: X contains NaN.', 'OSError')
    """
    lines = str(error).strip().splitlines()
    return ": ".join([type(error).__name__, *lines[:1]])


def failure_notes(scores: pd.DataFrame) -> dict[tuple[Hashable, Hashable], str]:
    """Notes on methods without a score on some splits, by classifier and method.

    Parameters
    ----------
    scores : DataFrame
        A row for each split, classifier and method, as ``compare`` returns them.
    """
    if "error" not in scores:
        return {}
    n_splits = scores["split"].nunique()
    failed = scores.dropna(subset="error")
    return {
        key: f"no score on {len(errors)} of {n_splits} splits: {errors.iloc[0]}"
        for key, errors in failed.groupby(["estimator", "method"], sort=False)["error"]
    }


def warn_of_failures(notes: Mapping[tuple[Hashable, Hashable], str]) -> None:
    """Warn of methods that have failed: once of each error, with all whom it concerns.

    Parameters
    ----------
    notes : dict of (classifier, method) to str
        As ``failure_notes`` gives them.
    """
    concerned: dict[str, list[tuple[Hashable, Hashable]]] = {}
    for key, note in notes.items():
        concerned.setdefault(note, []).append(key)
    for note, keys in concerned.items():
        methods = dict.fromkeys(repr(method) for _, method in keys)
        estimators = dict.fromkeys(str(estimator) for estimator, _ in keys)
        warn_caller(f"{', '.join(methods)} with {', '.join(estimators)}: {note}", FitFailedWarning)


def check_scored(records: Iterable[Mapping]) -> None:
    """Raise a ValueError for a classifier with which all methods have failed.

    Parameters
    ----------
    records : iterable of dict
        Scores, or errors, of methods with classifiers.
    """
    errors: dict[str, list[str | None]] = {}
    for record in records:
        errors.setdefault(record["estimator"], []).append(record["error"])
    for name, of_classifier in errors.items():
        if all(error is not None for error in of_classifier):
            raise ValueError(
                f"all methods fail with the classifier {name!r}, first with {of_classifier[0]}"
            )
