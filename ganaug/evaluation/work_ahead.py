"""Sentences on the work that lies ahead, for as long as nobody knows how much time it takes."""

from collections.abc import Mapping

from ganaug.evaluation.progress_log import GENERATORS


def ahead_of_comparison(n_splits: int, units: Mapping[str, int]) -> str:
    """Sentence on the splits of a comparison, each of so many units of each kind.

    Examples
    --------
    >>> ahead_of_comparison(10, {"classifier SVC": 48, "generators": 6})
    'compare: 10 splits lie ahead, with about 480 fits of classifiers and 60 trained generators.'
    """
    n_trained = units.get(GENERATORS, 0)
    n_fits = sum(units.values()) - n_trained
    return (
        f"compare: {n_splits} splits lie ahead, with about {n_splits * n_fits} fits of classifiers "
        f"and {n_splits * n_trained} trained generators."
    )


def ahead_of_gate(n_folds: int, n_methods: int, classifier: str) -> str:
    """Sentence on the parts of the rows that the gate tries so many methods on.

    Examples
    --------
    >>> ahead_of_gate(5, 8, "SVC")
    'gate: 5 parts of the rows lie ahead, with 5 trained generators and up to 40 fits of SVC.'
    """
    return (
        f"gate: {n_folds} parts of the rows lie ahead, with {n_folds} trained generators and up to "
        f"{n_folds * n_methods} fits of {classifier}."
    )
