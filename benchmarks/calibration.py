"""What augmentation does to probabilities, and what ``prior_correction=True`` makes good.

``python benchmarks/calibration.py --data DIR`` takes the tables, splits and classifiers of
``benchmarks/gate.py``: Brier scores (sum over classes, 0 is best, 2 worst) on real rows left out,
of each classifier without augmentation, and in ``AugmentedClassifier`` with and without correction.
A line a table, fold and classifier goes to ``results/calibration.jsonl``; what that file has
already is not run again.
"""

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from gate import some
from oversampling import classifiers, load
from ranks import ranking
from sklearn.base import BaseEstimator
from sklearn.frozen import FrozenEstimator
from table_runs import run_folds, table_parser
from threadpoolctl import threadpool_limits

from ganaug import AugmentedClassifier, TableGAN

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
    options = table_parser(__doc__, "calibration.jsonl").parse_args()
    data = {name: some(*load(options.data, name)) for name in options.tables}
    results = run_folds(options, data, run_fold)
    means = results.groupby("table")[list(WAYS)].mean()
    print(f"Brier scores\n\n{means.round(4).to_string()}")
    # high is good there
    print(f"\n-Brier, in hundredths\n\n{ranking(-means, 'none')}")


if __name__ == "__main__":
    main()
