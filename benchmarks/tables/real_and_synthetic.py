"""Synthetic rows beside all real ones, and in their place: what classifiers learn from them.

The protocol of ForestDiffusion (Jolicoeur-Martineau et al., AISTATS 2024). Folds of stratified
cross-validation leave 80 % of a table for training. A generator learns from these rows and draws as
many of each class as there are. Four classifiers learn from the real rows alone, from the synthetic
ones alone and from both together, and are scored by macro F1 on the real rows left out. Boosting is
scikit-learn's instead of XGBoost.

Tables are ten with numbers, levels and gaps and three of scikit-learn's, cut to 2,000 rows.
"SMOTE(NC)" is SMOTENC where there are levels, drawn for every class; "copies + noise" is a smoothed
bootstrap of numbers, with the levels of the row that was copied; both get medians and most frequent
levels in the place of gaps. "Real rows" are the training rows themselves.
"""

import time
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import torch
from imblearn.over_sampling import RandomOverSampler
from sklearn.base import BaseEstimator
from sklearn.ensemble import AdaBoostClassifier
from sklearn.metrics import f1_score
from sklearn.pipeline import make_pipeline
from threadpoolctl import threadpool_limits

from benchmarks.common.generators import TableSMOTE, shuffled_columns
from benchmarks.common.table_classifiers import column_encoder, table_classifiers
from benchmarks.common.table_data import (
    BUNDLED,
    TABLES,
    Table,
    chosen_tables,
    run_folds,
    table_command_line,
    without_gaps,
)
from benchmarks.common.table_summaries import REAL_ROWS, real_and_synthetic
from ganaug import TableGAN

MAX_ROWS = 2000

# Of real rows, their classes, and a seed: as many synthetic rows of each class, and their classes.
Draw = Callable[[pd.DataFrame, np.ndarray, int], Table]


def class_sizes(y: np.ndarray) -> dict[Any, int]:
    """Number of rows of each class."""
    return pd.Series(y).value_counts(sort=False).to_dict()


def table_gan(X: pd.DataFrame, y: np.ndarray, seed: int, **parameters: Any) -> Table:
    """Rows of a GAN for each class."""
    return TableGAN(random_state=seed, **parameters).fit(X, y).sample(class_sizes(y))


def added_rows(sampler: BaseEstimator, X: pd.DataFrame, y: np.ndarray) -> Table:
    """Rows that an over-sampler adds when it doubles every class."""
    twice = {label: 2 * n for label, n in class_sizes(y).items()}
    X_all, y_all = sampler.set_params(sampling_strategy=twice).fit_resample(X, y)
    return X_all.iloc[len(y) :].reset_index(drop=True), y_all[len(y) :]


def smote(X: pd.DataFrame, y: np.ndarray, seed: int) -> Table:
    """Points between neighbours."""
    return added_rows(TableSMOTE(random_state=seed), X, y)


def copies(X: pd.DataFrame, y: np.ndarray, seed: int) -> Table:
    """Rows of a bootstrap."""
    return added_rows(RandomOverSampler(random_state=seed), X, y)


def noisy_copies(X: pd.DataFrame, y: np.ndarray, seed: int) -> Table:
    """Rows of a smoothed bootstrap, whose levels are copied."""
    X = without_gaps(X)
    sampler = RandomOverSampler(shrinkage=1.0, random_state=seed)
    numbers, y_new = added_rows(sampler, X.select_dtypes("number").astype(float), y)
    copied = X.iloc[sampler.sample_indices_[len(y) :]].reset_index(drop=True)
    return copied.assign(**dict(numbers.items())), y_new


def shuffled(X: pd.DataFrame, y: np.ndarray, seed: int) -> Table:
    """Rows whose columns come from different rows of their class."""
    return shuffled_columns(X, y, class_sizes(y), seed)


# Generators by name; of real rows there are only those that there are.
GENERATORS: dict[str, Draw | None] = {
    REAL_ROWS: None,
    "TableGAN": table_gan,
    "TableGAN, without training": partial(table_gan, n_steps=0),
    "SMOTE(NC)": smote,
    "copies + noise": noisy_copies,
    "copies": copies,
    "shuffled columns": shuffled,
}


def classifiers(seed: int) -> dict[str, BaseEstimator]:
    """The protocol's classifiers, by name."""
    boosted = AdaBoostClassifier(random_state=seed)
    return table_classifiers(None, seed) | {"AdaBoost": make_pipeline(column_encoder(), boosted)}


def training_sets(draw: Draw | None, real: Table, seed: int) -> dict[str, Table]:
    """Rows to learn from, by what they are."""
    if draw is None:
        return {"real": real}
    X, y = real
    X_new, y_new = draw(X, y, seed)
    both = pd.concat([X, X_new], ignore_index=True), np.concatenate([y, y_new])
    return {"synthetic": (X_new, y_new), "both": both}


def run_fold(
    method: str,
    draw: Draw | None,
    name: str,
    fold: int,
    table: Table,
    rows: tuple[np.ndarray, np.ndarray],
) -> Iterator[dict[str, Any]]:
    """Score all classifiers with the rows of one generator, alone and beside the real ones."""
    X, y = table
    train, test = rows
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore")
        start = time.process_time()
        chosen = training_sets(draw, (X.iloc[train].reset_index(drop=True), y[train]), fold)
        seconds = time.process_time() - start
        for kind, own in chosen.items():
            for classifier_name, classifier in classifiers(fold).items():
                predicted = classifier.fit(*own).predict(X.iloc[test])
                yield {
                    "method": method,
                    "options": {"rows": kind, "classifier": classifier_name},
                    "scores": {"macro_f1": float(f1_score(y[test], predicted, average="macro"))},
                    "seconds": seconds,
                }


def main() -> None:
    """Run what the command line asks for, and print it."""
    line = table_command_line(__doc__, __file__, n_folds=3, tables=(*TABLES, *BUNDLED))
    line.parser.add_argument(
        "--methods", nargs="+", choices=GENERATORS, default=list(GENERATORS), help="(all)"
    )
    options, results = line.parse(smoke={"folds": 1})
    torch.set_num_threads(1)
    drawn = GENERATORS | ({"TableGAN": partial(table_gan, n_steps=1)} if options.smoke else {})
    runs = {name: partial(run_fold, name, drawn[name]) for name in options.methods}
    records = run_folds(options, results, chosen_tables(options, MAX_ROWS), runs)
    print(real_and_synthetic(record for record in records if record["method"] in runs))


if __name__ == "__main__":
    main()
