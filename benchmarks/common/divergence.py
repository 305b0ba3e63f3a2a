"""Games that diverge, and whether they are noticed.

A run is silent where samples do not follow the real ones and nobody says so. It counts as noticed
where samples follow after all, or where a ``ConvergenceWarning`` names the class and real samples
serve it.
"""

import math
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.exceptions import ConvergenceWarning

from benchmarks.common.markdown import markdown
from benchmarks.common.results import Results, as_table

N_DRAWN = 500

# How far figures of samples may be from those of real ones.
MAX_DIFFERENCE = 0.3
MAX_FACTOR = 2.0

FALLBACKS = ("blurred interpolation", "moved copies")

# Methods, as the results call them.
DIVERGING = "settings that diverge"
DEFAULTS = "default settings"

Follow = Callable[[np.ndarray, np.ndarray], bool]


@dataclass(frozen=True)
class Fit:
    """A fit to be made: of a model, to samples and their labels.

    Attributes
    ----------
    task, method : str
        As in the results.
    options : dict
        Settings of the model, likewise.
    follow : callable or None
        Whether drawn samples follow real ones of their class; None where nothing is drawn.
    """

    task: str
    method: str
    seed: int
    options: dict[str, Any]
    model: Any
    X: Any
    y: Any
    follow: Follow | None = None

    def run(self) -> "Outcome":
        """Fit the model, and compare its samples with the real ones, class by class."""
        messages = convergence_warnings(self.model, self.X, self.y)
        if self.follow is None:
            return Outcome(True, messages, True)
        y = np.zeros(len(self.X), dtype=int) if self.y is None else self.y
        labels = self.model.classes_
        drawn, y_drawn = self.model.sample(dict.fromkeys(labels, N_DRAWN), random_state=0)
        real = numbers_of(self.X)
        drawn = numbers_of(drawn)
        lost = [k for k in labels if not self.follow(real[y == k], drawn[y_drawn == k])]
        return Outcome(not lost, messages, all(self.model.tiers_[k] in FALLBACKS for k in lost))


@dataclass(frozen=True)
class Outcome:
    """Outcome of one fit.

    Attributes
    ----------
    follows : bool
        Whether samples of every class follow the real ones.
    messages : list of str
        What ``ConvergenceWarning`` said, in order.
    served : bool
        Whether real samples serve the classes whose samples do not follow them.
    """

    follows: bool
    messages: list[str]
    served: bool

    @property
    def noticed(self) -> bool:
        """True where nobody is deceived."""
        return self.follows or (bool(self.messages) and self.served)


def convergence_warnings(model: Any, X: Any, y: Any) -> list[str]:
    """Fit a model; return what ``ConvergenceWarning`` said."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(X, y)
    return [str(one.message) for one in caught if one.category is ConvergenceWarning]


def numbers_of(X: Any) -> np.ndarray:
    """Numeric columns of a table, or an array as it is."""
    return X.select_dtypes("number").to_numpy() if isinstance(X, pd.DataFrame) else X


def are_close(real: np.ndarray, drawn: np.ndarray) -> bool:
    """True where differences are small."""
    return bool((np.abs(real - drawn) <= MAX_DIFFERENCE).all())


def run_fits(fits: Iterable[Fit], results: Results) -> str:
    """Make the fits that the results lack, and say how many were noticed or alarmed."""
    records = []
    for fit in fits:
        known = results.find(fit.task, fit.method, fit.seed, **fit.options)
        if not known:
            outcome = fit.run()
            scores = {"warned": float(bool(outcome.messages))}
            if fit.follow is not None:
                scores |= {"follows": float(outcome.follows), "noticed": float(outcome.noticed)}
            notes = {"warnings": " ".join(outcome.messages)} if outcome.messages else None
            known = [
                results.add(
                    fit.task, fit.method, fit.seed, options=fit.options, scores=scores, notes=notes
                )
            ]
            print(fit.task, fit.method, fit.options, scores, flush=True)
        records += known
    return divergence_summary(records)


def divergence_summary(records: Iterable[dict[str, Any]]) -> str:
    """Number of fits of each kind, and of those that were noticed, warned or followed."""
    groups = as_table(records).groupby("method", sort=False)
    sums = groups[["noticed", "warned", "follows"]].sum(min_count=1)
    counts = sums.map(lambda n: "-" if math.isnan(n) else str(int(n)))
    return markdown(counts.assign(fits=groups.size()))
