"""What augmentation does to probabilities, and what ``prior_correction=True`` makes good.

``python benchmarks/calibration.py --data DIR`` takes the tables, splits and classifiers of
``benchmarks/gate.py``: Brier scores (sum over classes, 0 is best, 2 worst) on real rows left out,
of each classifier without augmentation, and in ``AugmentedClassifier`` with and without correction.
A line a table, fold and classifier goes to ``results/calibration.jsonl``; what that file has
already is not run again.
"""

import argparse
import json
import warnings
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from gate import some
from joblib import Parallel, delayed
from oversampling import N_FOLDS, TABLES, classifiers, load, read_records
from ranks import ranking
from sklearn.base import BaseEstimator
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import RepeatedStratifiedKFold
from threadpoolctl import threadpool_limits

from ganaug import AugmentedClassifier, TableGAN

HERE = Path(__file__).parent
WAYS = ("none", "augmented", "corrected")


def brier(classifier: BaseEstimator, X: pd.DataFrame, y: np.ndarray) -> float:
    """Mean over rows of the squared distance of probabilities to what was true."""
    true = y[:, None] == classifier.classes_
    return float(((classifier.predict_proba(X) - true) ** 2).sum(axis=1).mean())


def run_fold(
    name: str, fold: int, data: tuple[pd.DataFrame, np.ndarray], rows: Any
) -> Iterator[dict[str, Any]]:
    """All classifiers on one split: a record each."""
    (X, y), (train, test) = data, rows
    own, held_out = (X.iloc[train], y[train]), (X.iloc[test], y[test])
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore")
        gan = FrozenEstimator(TableGAN(random_state=fold).fit(*own))
        for judge, classifier in classifiers(None, fold).items():
            augmented = AugmentedClassifier(classifier, gan=gan, gate=None, random_state=fold)
            augmented.fit(*own)
            scores = [brier(classifier.fit(*own), *held_out), brier(augmented, *held_out)]
            # correction is a matter of predicting: the classifier stays the same
            scores.append(brier(augmented.set_params(prior_correction=True), *held_out))
            record = {"table": name, "fold": fold, "classifier": judge}
            yield record | dict(zip(WAYS, scores, strict=True))


def main() -> None:
    """Run what the command line asks for, and print it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the tables")
    parser.add_argument("--tables", nargs="+", choices=TABLES, default=TABLES)
    parser.add_argument("--folds", type=int, default=N_FOLDS, help="of a table (5)")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--output", type=Path, default=HERE / "results" / "calibration.jsonl")
    options = parser.parse_args()
    known = read_records(options.output)
    done = {(one["table"], one["fold"]) for one in known}
    splitter = RepeatedStratifiedKFold(n_splits=N_FOLDS, n_repeats=2, random_state=0)
    jobs = []
    for name in options.tables:
        data = some(*load(options.data, name))
        for fold, rows in enumerate(islice(splitter.split(*data), options.folds)):
            if (name, fold) not in done:
                jobs.append((fold, (name, fold, data, rows)))
    runs = (
        delayed(lambda *job: list(run_fold(*job)))(*job)
        for _, job in sorted(jobs, key=lambda one: one[0])
    )
    for records in Parallel(options.jobs, return_as="generator_unordered")(runs):
        known += records
        with options.output.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(record) + "\n" for record in records)
        print(records[0]["table"], records[0]["fold"], flush=True)
    results = pd.DataFrame(known)
    means = results.groupby(["table", "classifier"])[list(WAYS)].mean()
    print(f"Brier scores\n\n{means.groupby('table').mean().round(4).to_string()}")
    # high is good there
    print(f"\n-Brier, in hundredths\n\n{ranking(-means, 'none')}")


if __name__ == "__main__":
    main()
