"""Names by which a bank or a model knows the classes of a data set."""

from collections.abc import Collection, Hashable, Mapping, Sequence
from numbers import Real
from typing import Any

from ganaug.banks.sample_bank import SampleBank
from ganaug.hints import is_number_of_name


def source_labels(labels: Sequence, classes: Sequence, known: Collection) -> dict[Any, Any]:
    """Labels by which a source knows those of a data set.

    They are the names of the classes that the labels number, else the labels themselves, else
    numbers that are written as text on the one side.

    Parameters
    ----------
    labels : sequence
        Labels of the data set.
    classes : sequence
        Names of its classes, which whole numbers among the labels stand for.
    known : collection
        Labels of the source.

    Returns
    -------
    dict of label to label
        Where no reading finds one that the source knows, the labels themselves.

    Examples
    --------
    >>> source_labels([0, 1], ["cat", "dog"], ["cat", "dog"])
    {0: 'cat', 1: 'dog'}
    >>> source_labels([0, 1], ["1", "2"], [1, 2]), source_labels([0, 1], ["1", "2"], [0, 1])
    ({0: 1, 1: 2}, {0: 0, 1: 1})
    """
    names = [
        classes[label] if isinstance(label, int) and 0 <= label < len(classes) else label
        for label in labels
    ]
    readings = [
        names if any(isinstance(name, str) for name in names) else list(labels),
        list(labels),
        [_as_number(name) for name in names],
        [str(label) for label in labels],
    ]
    # a reading by which the source knows all, and no more, is certain
    best = max(readings, key=lambda reading: (set(reading) == set(known), _overlap(reading, known)))
    return dict(zip(labels, best if _overlap(best, known) else labels, strict=True))


def _overlap(reading: Sequence, known: Collection) -> int:
    return len(set(reading) & set(known))


def _as_number(name: Any) -> Any:
    """Whole number that a text is, else the text."""
    is_number = isinstance(name, str) and name.isascii() and name.isdigit()
    return int(name) if is_number else name


def labels_in_bank(bank: SampleBank, classes: Sequence | None) -> dict[Any, Hashable]:
    """Labels of a bank that the labels 0, 1, ... stand for, by the names of their classes.

    Raises
    ------
    ValueError
        For names of which the bank holds none.
    """
    named = [] if classes is None else list(classes)
    known = bank.classes.tolist()
    names = source_labels(range(len(named)), named, known)
    if named and not set(names.values()) & set(known):
        raise ValueError(f"{bank!r} holds {known}, and none of classes={named}.")
    return names


def row_in_bank(bank: SampleBank, names: Mapping[Any, Hashable], label: Any, key: int) -> int:
    """Number of the sample that a whole number chooses of the class of a label.

    Parameters
    ----------
    bank : SampleBank
    names : dict of label to label
        As by ``labels_in_bank``; other labels are those of the bank.
    label : label
    key : int

    Raises
    ------
    KeyError
        For a label of which the bank holds no samples.
    """
    name = names.get(label, label)
    try:
        return bank.row_of(name, key)
    except KeyError as error:
        remedy = "Draw samples of it into the bank (append), or leave it out."
        if is_number_of_name(name, bank.classes.tolist()):
            remedy = "Pass classes=, the names in the order of the labels 0, 1, ..."
        raise KeyError(f"{error.args[0]} {remedy}") from error


def by_label(given: Any, names: Mapping[Any, Hashable], labels: Collection = ()) -> Any:
    """Argument as it is, a dict by labels where it has names of classes.

    Parameters
    ----------
    given : dict of label or name to value, or anything else
        A dict whose keys are all labels is one of labels, though they may be names of others too.
    names : dict of label to name
    labels : collection
        Further labels, which are their own names.

    Examples
    --------
    >>> by_label({"cat": 0.1}, {0: "cat", 1: "dog"}), by_label({1: 0.1}, {0: 1, 1: 2})
    ({0: 0.1}, {1: 0.1})
    """
    if not isinstance(given, Mapping) or given.keys() <= names.keys():
        return given
    named = {**dict(zip(labels, labels, strict=True)), **names}
    found = {label: given[name] for label, name in named.items() if name in given}
    others = {key: value for key, value in given.items() if key not in named.values()}
    return {**found, **others}


def shares_by_label(
    p: float | Mapping[Hashable, float], names: Mapping[Any, Hashable], labels: Collection
) -> Any:
    """Probability of all classes, or those of single classes by their labels.

    Parameters
    ----------
    p, names
        As ``given`` and ``names`` of ``by_label``.
    labels : collection
        Labels of which there are samples.

    Raises
    ------
    ValueError
        For what is no probability, or names another class.

    Examples
    --------
    >>> shares_by_label(0.5, {}, ["cat"]), shares_by_label({"cat": 0.1}, {0: "cat"}, [0])
    (0.5, {0: 0.1})
    """
    given = by_label(p, names, labels)
    shares: dict[Any, float] = (
        dict(given) if isinstance(given, Mapping) else dict.fromkeys(labels, given)
    )
    unknown = [label for label in shares if label not in labels]
    if unknown or not all(isinstance(share, Real) and 0 <= share <= 1 for share in shares.values()):
        known = list(dict.fromkeys([*labels, *(names.get(label, label) for label in labels)]))
        raise ValueError(
            f"p must be from 0 to 1, or a dict of labels, of {known}, to such numbers; got {p!r}."
        )
    return given


def share_of(shares: Any, label: Hashable) -> float:
    """Probability of a class, of what ``shares_by_label`` gives; 0 where a dict has none.

    Examples
    --------
    >>> share_of(0.5, "cat"), share_of({"cat": 0.1}, "cat"), share_of({"cat": 0.1}, "dog")
    (0.5, 0.1, 0.0)
    """
    return shares.get(label, 0.0) if isinstance(shares, Mapping) else shares
