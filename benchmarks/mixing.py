"""How a GAN's rows should be mixed in: how many, how heavy, and which of them.

``python benchmarks/mixing.py --data DIR`` takes the tables, splits and classifiers of
``benchmarks/gate.py``. ``TableGAN()`` is trained once on each split, and everything is
done with its rows; "all" is what ``GANOverSampler()`` does. Guards choose from twice as many rows
as they keep: "own class", those that a random forest of the training rows takes for their class;
"near" and "far", the half that is nearest to and farthest from training rows of its class.

A line a table, fold, way and classifier goes to ``results/mixing.jsonl``; what that file has
already is not run again.
"""

import math
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from gate import some
from oversampling import LIGHT, SCORES, classifiers, load, scored
from ranks import ranking
from sklearn.base import BaseEstimator
from sklearn.neighbors import NearestNeighbors
from table_runs import run_folds, table_parser
from threadpoolctl import threadpool_limits

from ganaug import TableGAN
from ganaug.evaluation.fitting import Fit
from ganaug.evaluation.methods import GAN
from ganaug.evaluation.weights import weight_name

KEY = ["table", "fold", "way", "classifier"]

# Share of the rows that the strategy asks for.
SHARES = {"all": 1.0, "half": 0.5, "quarter": 0.25, "eighth": 0.125}
GUARDS = ("own class", "near", "far")
WAYS = (
    *("none", "class weights", *SHARES, *GUARDS),
    *("all, of weight 0.25", "quarter, class weights"),
)

Rows = tuple[pd.DataFrame, np.ndarray]


def share_of(rows: Rows, share: float) -> Rows:
    """The first so many of each class."""
    X, y = rows
    chosen = [
        own[: math.ceil(share * len(own))]
        for own in (np.flatnonzero(y == label) for label in np.unique(y))
    ]
    chosen = np.concatenate(chosen)
    return X.iloc[chosen].reset_index(drop=True), y[chosen]


def guarded(rows: Rows, merit: np.ndarray) -> Rows:
    """The half of each class that has the most merit, ties as drawn."""
    X, y = rows
    order = np.argsort(-merit, kind="stable")
    return share_of((X.iloc[order], y[order]), 0.5)


def own_class(rows: Rows, real: Rows, forest: BaseEstimator) -> np.ndarray:
    """Probability of each row's class, up to 0.5: what is above is all alike."""
    forest = forest.fit(*real)
    columns = np.searchsorted(forest.classes_, rows[1])
    return forest.predict_proba(rows[0])[np.arange(len(columns)), columns].clip(max=0.5)


def nearness(rows: Rows, real: Rows, encoder: BaseEstimator) -> np.ndarray:
    """How near each row is to a real one of its class, the farthest lowest."""
    encoder.fit(real[0])
    features, train = (np.asarray(_dense(encoder.transform(one))) for one in (rows[0], real[0]))
    merit = np.empty(len(features))
    for label in np.unique(rows[1]):
        search = NearestNeighbors(n_neighbors=1).fit(train[real[1] == label])
        own = rows[1] == label
        merit[own] = -search.kneighbors(features[own])[0][:, 0]
    return merit


def _dense(X: Any) -> np.ndarray:
    return X.toarray() if hasattr(X, "toarray") else X


def ways(real: Rows, seed: int) -> dict[str, Rows]:
    """What each way adds."""
    X, y = real
    sizes = pd.Series(y).value_counts()
    counts = {one: int(sizes.max() - n) for one, n in sizes.items() if n < sizes.max()}
    gan = TableGAN(random_state=seed).fit(X, y, labels=list(counts))
    twice = gan.sample({label: 2 * n for label, n in counts.items()}, random_state=seed)
    judges = classifiers(None, seed)
    near = nearness(twice, real, judges["logistic regression"][0])
    merits = {
        "own class": own_class(twice, real, judges["random forest"]),
        "near": near,
        "far": -near,
    }
    added = {"all": share_of(twice, 0.5)}
    added |= {name: share_of(added["all"], share) for name, share in SHARES.items()}
    added |= {name: guarded(twice, merits[name]) for name in GUARDS}
    return added


def fitted(way: str, real: Rows, added: dict[str, Rows], name: str, seed: int) -> BaseEstimator:
    """A classifier after one way."""
    weights = "balanced" if way.endswith("class weights") else None
    classifier = classifiers(weights, seed)[name]
    base = way.partition(",")[0]
    if base not in added:
        return classifier.fit(*real)
    X = pd.concat([real[0], added[base][0]], ignore_index=True)
    y = np.concatenate([real[1], added[base][1]])
    weight = LIGHT if way.endswith("of weight 0.25") else 1.0
    return Fit(weight_name(classifier), weight)(GAN, classifier, X, y, np.arange(len(real[1])))


def run_fold(name: str, fold: int, data: Rows, rows: Any) -> Iterator[dict[str, Any]]:
    """Everything on one split: a record each."""
    (X, y), (train, test) = data, rows
    real = X.iloc[train].reset_index(drop=True), y[train]
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore")
        added = ways(real, fold)
        for way in WAYS:
            for judge in classifiers(None, fold):
                scores = scored(fitted(way, real, added, judge, fold), X.iloc[test], y[test])
                yield dict(zip(KEY, (name, fold, way, judge), strict=True)) | scores


def shown(results: pd.DataFrame) -> str:
    """Ranks and gains over "all", for each score."""
    parts = []
    for score in SCORES:
        means = results.pivot_table(index="table", columns="way", values=score)
        n_folds = results["fold"].nunique()
        parts.append(f"{score}, {n_folds} folds\n\n{ranking(means[list(WAYS)], 'all')}")
    return "\n\n".join(parts)


def main() -> None:
    """Run what the command line asks for, and print it."""
    options = table_parser(__doc__, "mixing.jsonl").parse_args()
    data = {name: some(*load(options.data, name)) for name in options.tables}
    print(shown(run_folds(options, data, run_fold)))


if __name__ == "__main__":
    main()
