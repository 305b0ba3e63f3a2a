"""Numbers of rows that each class is to receive."""

import math
import numbers
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass

from imblearn.utils import check_sampling_strategy

from ganaug.caller import warn_caller
from ganaug.hints import listed, unordered
from ganaug.storage.fields import MAX_COUNT


@dataclass(frozen=True)
class multiply:  # noqa: N801 - read as a verb: sampling_strategy=multiply(2.0)
    """Sampling strategy by which every class grows to ``factor`` times its size.

    The balance between classes stays as it is. It serves where the data are
    balanced already and "auto" adds nothing.

    Parameters
    ----------
    factor : float
        Growth of each class, 1 to 1e15; the size wanted is rounded up.

    Raises
    ------
    ValueError
        If ``factor`` is below 1, above 1e15 or not a number.

    Examples
    --------
    >>> multiply(1.5)(["a", "a", "b"])
    {'a': 3, 'b': 2}
    """

    factor: float

    def __post_init__(self) -> None:
        if not 1 <= self.factor <= MAX_COUNT:
            raise ValueError(
                f"multiply grows classes: factor must be 1 to {MAX_COUNT:g}, got {self.factor!r}."
            )
        object.__setattr__(self, "factor", float(self.factor))

    def __call__(self, y: Iterable[Hashable]) -> dict[Hashable, int]:
        """Wanted size of each class of ``y``."""
        sizes = class_counts(y)
        return {label: math.ceil(round(n_rows * self.factor, 9)) for label, n_rows in sizes.items()}


def class_counts(y: Iterable[Hashable]) -> dict[Hashable, int]:
    """Number of rows of each class, as plain Python values, in sorted order of the labels."""
    counts = Counter(_to_python(label) for label in y)
    try:
        return dict(sorted(counts.items()))
    except TypeError as error:
        raise ValueError(unordered(counts)) from error


def check_strategy(sampling_strategy: object, y: Iterable[Hashable]) -> None:
    """Raise a ValueError for a number above 1, unknown classes, and sizes that are no numbers.

    Examples
    --------
    >>> check_strategy({"churn": 10}, ["churned", "stayed"])
    Traceback (most recent call last):
    ValueError: sampling_strategy names 'churn', no classes of y; y holds 'churned', 'stayed'.
    """
    if isinstance(sampling_strategy, int | float) and sampling_strategy > 1:
        raise ValueError(
            f"sampling_strategy={sampling_strategy!r}: a number is the ratio of minority to "
            f"majority, 1 at most. To let each class grow to {sampling_strategy:g} times its size, "
            f"pass ganaug.multiply({sampling_strategy:g})."
        )
    if isinstance(sampling_strategy, Mapping):
        classes = class_counts(y)
        missing = [_to_python(label) for label in sampling_strategy if label not in classes]
        if missing:
            raise ValueError(
                f"sampling_strategy names {listed(missing)}, no classes of y; y holds "
                f"{listed(classes)}."
            )
        sizes = sampling_strategy.items()
        others = [label for label, size in sizes if not isinstance(size, numbers.Real)]
        if others:
            raise ValueError(
                f"sampling_strategy gives the size of {_to_python(others[0])!r} as "
                f"{sampling_strategy[others[0]]!r}: name a number of rows."
            )


def rows_to_add(sampling_strategy: object, y: Iterable[Hashable]) -> dict[Hashable, int]:
    """Number of rows to add to each class, by imbalanced-learn's rules for over-sampling.

    Parameters
    ----------
    sampling_strategy : float, str, dict or callable
        "auto" brings every class to the size of the largest; a float is the
        wanted ratio of minority to majority; a dict, or what a callable returns
        for ``y``, names the wanted size of each class.
    y : (n,) array
        Labels of at least two classes.

    Returns
    -------
    dict of label to int; classes that receive nothing are left out.

    Raises
    ------
    ValueError
        For an unknown strategy or label, a size below the present one, or one
        class only.

    Examples
    --------
    >>> rows_to_add("auto", ["a", "a", "a", "b"])
    {'b': 2}
    """
    check_strategy(sampling_strategy, y)
    return drop_zeros(check_sampling_strategy(sampling_strategy, y, "over-sampling"))


def drop_zeros(counts: Mapping[Hashable, int]) -> dict[Hashable, int]:
    """Leave out classes that receive no rows; labels and numbers become plain Python values."""
    return {label: n_rows for label, n_rows in to_python_counts(counts).items() if n_rows > 0}


def to_python_counts(counts: Mapping[Hashable, int]) -> dict[Hashable, int]:
    """Make labels and numbers plain Python values."""
    return {_to_python(label): int(n_rows) for label, n_rows in counts.items()}


def warn_if_nothing_is_added(counts: Mapping[Hashable, int]) -> None:
    """Warn where no class receives rows, and name a strategy that enlarges balanced data."""
    if not counts:
        warn_caller(
            "sampling_strategy adds no rows: every class has the size that it asks for. To "
            "enlarge balanced data, use for instance sampling_strategy=multiply(2.0)."
        )


def _to_python(label: Hashable) -> Hashable:
    """Python value of a NumPy scalar."""
    return label.item() if hasattr(label, "item") else label
