"""Effect of augmentation on probabilities, and of ``prior_correction=True``.

Tables are cut to 2,000 rows. Brier scores (sum over classes, 0 is best, 2 worst) on real rows left
out, of each classifier without augmentation, and in ``AugmentedClassifier`` with and without
correction.
"""

import warnings
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.frozen import FrozenEstimator
from threadpoolctl import threadpool_limits

from benchmarks.common.table_classifiers import table_classifiers
from benchmarks.common.table_data import Table, chosen_tables, run_folds, table_command_line
from benchmarks.common.table_summaries import calibration
from ganaug import AugmentedClassifier, TableGAN

MAX_ROWS = 2000


def brier_score(classifier: BaseEstimator, X: pd.DataFrame, y: np.ndarray) -> float:
    """Mean over rows of the squared distance of probabilities to what was true."""
    true = y[:, None] == classifier.classes_
    return float(((classifier.predict_proba(X) - true) ** 2).sum(axis=1).mean())


def run_fold(
    n_steps: int | str, name: str, fold: int, table: Table, rows: tuple[np.ndarray, np.ndarray]
) -> Iterator[dict[str, Any]]:
    """Score all classifiers on one split: three records each."""
    X, y = table
    train, test = rows
    real = X.iloc[train], y[train]
    held_out = X.iloc[test], y[test]
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore")
        gan = FrozenEstimator(TableGAN(n_steps=n_steps, random_state=fold).fit(*real))
        for classifier_name, classifier in table_classifiers(None, fold).items():
            augmented = AugmentedClassifier(classifier, gan=gan, gate=None, random_state=fold)
            augmented.fit(*real)
            scores = {"none": brier_score(classifier.fit(*real), *held_out)}
            scores["augmented"] = brier_score(augmented, *held_out)
            # correction is a matter of predicting: the classifier stays the same
            augmented.set_params(prior_correction=True)
            scores["augmented, corrected"] = brier_score(augmented, *held_out)
            options = {"classifier": classifier_name}
            for method, brier in scores.items():
                yield {"method": method, "options": options, "scores": {"brier": brier}}


def main() -> None:
    """Run what the command line asks for, and print it."""
    line = table_command_line(__doc__, __file__, n_folds=5)
    options, results = line.parse(smoke={"folds": 1})
    tables = chosen_tables(options, MAX_ROWS)
    run = partial(run_fold, 1 if options.smoke else "auto")
    print(calibration(run_folds(options, results, tables, {"none": run})))


if __name__ == "__main__":
    main()
