"""Labels of the commands' data, and samples by them."""

import argparse
from collections.abc import Hashable
from typing import Any

import numpy as np
from sklearn.utils.multiclass import type_of_target

from ganaug.encoding.subsample import proportional_mask
from ganaug.encoding.table_source import TableSource
from ganaug.progress import say
from ganaug.unlabeled import fill_labels
from ganaug.validation import check_targets

# Label of rows of tables that have none.
NO_LABEL = ""


def read_labels(options: argparse.Namespace) -> tuple[np.ndarray, Hashable]:
    """Labels of a command's data, and that of samples without a class; None where all have one.

    Samples without a class are those that ``--unlabeled-label`` names, and rows of tables with a
    gap in the target.

    Raises
    ------
    ValueError
        Where no sample has the label that is named, and for quantities in the place of labels.
    """
    data = options.opened
    if not isinstance(data, TableSource):
        check_targets(data.labels)
        _check_classes(f"dataset {options.target or 'y'!r} of {options.data}", data.labels)
        return data.labels, _mark_argument(options.unlabeled_label, data.labels, options.data)
    column = data.label_column
    path = options.table if options.command == "augment" else options.data
    _check_classes(f"column {options.target!r} of {path}", column.dropna().to_numpy())
    if not column.hasnans:
        return data.labels, _mark_argument(options.unlabeled_label, data.labels, path)
    mark = NO_LABEL
    if options.unlabeled_label not in (None, NO_LABEL):
        mark = _mark_argument(options.unlabeled_label, column.dropna().to_numpy(), path)
    n_gaps = int(column.isna().sum())
    say(
        f"{options.command}: {n_gaps:,} of {len(column):,} rows have no {options.target!r}: they "
        "teach what classes share.",
        shown=True,
    )
    return fill_labels(column, mark), mark


def _check_classes(place: str, labels: np.ndarray) -> None:
    """Raise a ValueError for numbers with fractions."""
    if type_of_target(labels, input_name="labels").startswith("continuous"):
        raise ValueError(
            f"{place} holds quantities, not classes: --target names what holds class labels."
        )


def _mark_argument(named: str | None, labels: np.ndarray, path: Any) -> Any:
    """Label of samples without a class that ``--unlabeled-label`` names, in its own type."""
    if named is None:
        return None
    names = {str(label): label for label in np.unique(labels).tolist()}
    if named not in names:
        raise ValueError(
            f"--unlabeled-label: no sample of {path} has the label {named!r}; there are "
            f"{list(names)[:10]}."
        )
    return names[named]


def read_subsample(
    data: Any, labels: np.ndarray, max_rows: int, seed: int
) -> tuple[Any, np.ndarray]:
    """Samples of open data and their labels, as many as ``proportional_mask`` keeps of them.

    Raises
    ------
    ValueError, OSError
        For data that cannot be read.
    """
    # a mark of text among numbers cannot be sorted
    groups = labels.astype(str) if labels.dtype == object else labels
    chosen = proportional_mask(groups, max_rows, np.random.RandomState(seed))
    return data.samples(chosen), labels[chosen]
