"""Values that options of several commands stand for."""

import argparse
from typing import Any

from ganaug.strategy import multiply


def strategy_argument(options: argparse.Namespace) -> Any:
    """Value of ``sampling_strategy`` that ``--multiply`` stands for."""
    return "auto" if options.multiply is None else multiply(options.multiply)


def labels_argument(options: argparse.Namespace, model: Any) -> list:
    """Classes of a model that ``--label`` names; all, where it is not given.

    Raises
    ------
    ValueError
        For a name that no class has, or several: 1 and "1".
    """
    labels = model.classes_.tolist()
    names = list(map(str, labels))
    for name in options.label or []:
        if names.count(name) == 0:
            raise ValueError(f"{options.model} has no class {name!r}; it has {names}.")
        if names.count(name) > 1:
            raise ValueError(f"{options.model} has several classes that are called {name!r}.")
    return [labels[names.index(name)] for name in dict.fromkeys(options.label or [])] or labels
