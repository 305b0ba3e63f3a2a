"""Sentences on the work that lies ahead, for as long as nobody knows how much time it takes."""

from collections.abc import Mapping

from ganaug.evaluation.progress_log import GENERATORS


def ahead_of_comparison(n_splits: int, units: Mapping[str, int]) -> str:
    """Sentence on the splits of a comparison, each of so many units of each kind.

    Examples
    --------
    >>> ahead_of_comparison(10, {"classifier SVC": 48, "generators": 6})
    'comparison: 10 splits, with about 480 fits of classifiers and 60 trained generators.'
    """
    n_trained = units.get(GENERATORS, 0)
    n_fits = sum(units.values()) - n_trained
    return (
        f"comparison: {n_splits} splits, with about {n_splits * n_fits} fits of classifiers "
        f"and {n_splits * n_trained} trained generators."
    )


def ahead_of_gate(n_folds: int, n_methods: int, classifier: str) -> str:
    """Sentence on the folds on which the gate tries so many methods.

    Examples
    --------
    >>> ahead_of_gate(5, 8, "SVC")
    'gate: 5 folds, with 5 trained generators and up to 40 fits of SVC.'
    """
    return (
        f"gate: {n_folds} folds, with {n_folds} trained generators and up to "
        f"{n_folds * n_methods} fits of {classifier}."
    )
