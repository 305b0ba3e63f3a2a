"""Mixing of a GAN's rows with real ones: how many, how heavy, and which of them.

Tables are cut to 2,000 rows. ``TableGAN()`` is trained once on each split, and everything is done
with its rows; "all rows" is what ``GANOverSampler()`` does. Guards choose from twice as many rows
as they keep: "own class", those that a random forest of the training rows takes for their class;
"near" and "far", the half that is nearest to and farthest from training rows of its class.
"""

import math
import warnings
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.neighbors import NearestNeighbors
from threadpoolctl import threadpool_limits

from benchmarks.common.generators import rows_to_largest
from benchmarks.common.table_classifiers import (
    QUARTER,
    column_encoder,
    fit_weighted,
    held_out_scores,
    table_classifiers,
)
from benchmarks.common.table_data import Table, chosen_tables, run_folds, table_command_line
from benchmarks.common.table_summaries import mixtures
from ganaug import TableGAN

MAX_ROWS = 2000

# Share of the rows that the strategy asks for.
SHARES = {"all rows": 1.0, "half": 0.5, "quarter": 0.25, "eighth": 0.125}
WEIGHTED = ", weighted 1/4"
BALANCED = ", class weights"
METHODS = (
    "none",
    "class weights",
    *SHARES,
    "guarded, own class",
    "guarded, near",
    "guarded, far",
    f"all rows{WEIGHTED}",
    f"quarter{BALANCED}",
)


def first_share(table: Table, share: float) -> Table:
    """The first rows of each class, such a share of them."""
    X, y = table
    rows = [np.flatnonzero(y == label) for label in np.unique(y)]
    kept = np.concatenate([own[: math.ceil(share * len(own))] for own in rows])
    return X.iloc[kept].reset_index(drop=True), y[kept]


def best_half(table: Table, merit: np.ndarray) -> Table:
    """The half of each class that has the most merit, ties as drawn."""
    X, y = table
    order = np.argsort(-merit, kind="stable")
    return first_share((X.iloc[order], y[order]), 0.5)


def own_class_merit(drawn: Table, real: Table, forest: BaseEstimator) -> np.ndarray:
    """Probability of each row's class, up to 0.5: what is above is all alike."""
    forest = forest.fit(*real)
    columns = np.searchsorted(forest.classes_, drawn[1])
    return forest.predict_proba(drawn[0])[np.arange(len(columns)), columns].clip(max=0.5)


def nearness(drawn: Table, real: Table) -> np.ndarray:
    """Ranks of rows by their distance to a real one of the class, the farthest lowest."""
    encoder = column_encoder().fit(real[0])
    features, train = (as_dense(encoder.transform(X)) for X in (drawn[0], real[0]))
    merit = np.empty(len(features))
    for label in np.unique(drawn[1]):
        search = NearestNeighbors(n_neighbors=1).fit(train[real[1] == label])
        own = drawn[1] == label
        merit[own] = -search.kneighbors(features[own])[0][:, 0]
    return merit


def as_dense(X: Any) -> np.ndarray:
    """An array, of a sparse matrix too."""
    return np.asarray(X.toarray() if hasattr(X, "toarray") else X)


def added_rows(real: Table, seed: int, n_steps: int | str) -> dict[str, Table]:
    """Rows that each method adds."""
    counts = rows_to_largest(real[1])
    gan = TableGAN(n_steps=n_steps, random_state=seed).fit(*real, labels=list(counts))
    twice = gan.sample({label: 2 * n for label, n in counts.items()}, random_state=seed)
    near = nearness(twice, real)
    forest = table_classifiers(None, seed)["random forest"]
    merits = {"own class": own_class_merit(twice, real, forest), "near": near, "far": -near}
    every = first_share(twice, 0.5)
    shares = {name: first_share(every, share) for name, share in SHARES.items()}
    return shares | {f"guarded, {name}": best_half(twice, merits[name]) for name in merits}


def fit_with(
    method: str, real: Table, added: dict[str, Table], name: str, seed: int
) -> BaseEstimator:
    """A classifier after one method."""
    balanced = "balanced" if method.endswith("class weights") else None
    classifier = table_classifiers(balanced, seed)[name]
    base = method.removesuffix(WEIGHTED).removesuffix(BALANCED)
    if base not in added:
        return classifier.fit(*real)
    X = pd.concat([real[0], added[base][0]], ignore_index=True)
    y = np.concatenate([real[1], added[base][1]])
    weight = QUARTER if method.endswith(WEIGHTED) else 1.0
    return fit_weighted(classifier, X, y, len(real[1]), weight)


def run_fold(
    n_steps: int | str, name: str, fold: int, table: Table, rows: tuple[np.ndarray, np.ndarray]
) -> Iterator[dict[str, Any]]:
    """Do everything on one split: a record each."""
    X, y = table
    train, test = rows
    real = X.iloc[train].reset_index(drop=True), y[train]
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore")
        added = added_rows(real, fold, n_steps)
        for method in METHODS:
            for classifier_name in table_classifiers(None, fold):
                classifier = fit_with(method, real, added, classifier_name, fold)
                scores = held_out_scores(classifier, X.iloc[test], y[test])
                options = {"classifier": classifier_name}
                yield {"method": method, "options": options, "scores": scores}


def main() -> None:
    """Run what the command line asks for, and print it."""
    line = table_command_line(__doc__, __file__, n_folds=4)
    options, results = line.parse(smoke={"folds": 1})
    tables = chosen_tables(options, MAX_ROWS)
    run = partial(run_fold, 1 if options.smoke else "auto")
    print(mixtures(run_folds(options, results, tables, {METHODS[0]: run})))


if __name__ == "__main__":
    main()
