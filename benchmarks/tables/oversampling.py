"""Which over-sampler helps which classifier, on tables as they come.

Ten tables are cut to 5,000 random rows, abalone in three groups of age, classes of fewer than five
rows left out. Every over-sampler brings every class to the size of the largest, on the training
rows of repeated stratified cross-validation. Scores are macro average precision and balanced
accuracy on the real rows left out. Over-samplers that refuse gaps get medians and most frequent
levels in their place. What cannot take a table's columns at all has no score there and ranks last,
as does what crashes. "GAN" is ``GANOverSampler()`` with its defaults. "Rows weighted 1/4" gives
the rows that it adds a quarter of the weight of real ones, as
``AugmentedClassifier(synthetic_weight=0.25)`` does.
"""

import time
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from imblearn.over_sampling import ADASYN, SMOTE, SMOTENC, BorderlineSMOTE, RandomOverSampler
from matplotlib.figure import Figure
from threadpoolctl import threadpool_limits

from benchmarks.common.generators import PeerSampler, ctgan, dsto_gan, mgs_grf, shuffled_columns
from benchmarks.common.results import as_table
from benchmarks.common.statistics import ranks_of
from benchmarks.common.table_classifiers import (
    QUARTER,
    fit_weighted,
    held_out_scores,
    table_classifiers,
)
from benchmarks.common.table_data import (
    Table,
    chosen_tables,
    run_folds,
    table_command_line,
    without_gaps,
)
from benchmarks.common.table_summaries import over_samplers, task_means
from ganaug import GANOverSampler

# Over-samplers by name: what makes one of a seed.
SAMPLERS: dict[str, Callable[[int], Any] | None] = {
    "none": None,
    "class weights": None,
    "random copies": lambda seed: RandomOverSampler(random_state=seed),
    "random copies, shrinkage 1": lambda seed: RandomOverSampler(shrinkage=1.0, random_state=seed),
    "SMOTE": lambda seed: SMOTE(random_state=seed),
    "SMOTENC": lambda seed: SMOTENC("auto", random_state=seed),
    "Borderline-SMOTE": lambda seed: BorderlineSMOTE(random_state=seed),
    "ADASYN": lambda seed: ADASYN(random_state=seed),
    "shuffled columns": lambda seed: PeerSampler(shuffled_columns, seed),
    "CTGAN": lambda seed: PeerSampler(ctgan, seed),
    "DSTO-GAN": lambda seed: PeerSampler(dsto_gan, seed),
    "MGS-GRF": lambda seed: PeerSampler(mgs_grf, seed),
    "GAN": lambda seed: GANOverSampler(random_state=seed),
}
WEIGHTED = " weighted 1/4"
SAMPLERS |= {f"{name}{WEIGHTED}": SAMPLERS[name] for name in ("random copies", "GAN")}

# What takes a minute and more a fold is run on the first folds only.
MAX_FOLDS = {"CTGAN": 2, "DSTO-GAN": 2}

# They take gaps, or have none to fill.
TAKE_GAPS = ("none", "class weights", "random copies", "shuffled columns", "GAN")

# Other packages, which --smoke goes without.
BUNDLED = ("none", "class weights", "SMOTE", "SMOTENC", "shuffled columns", "GAN", f"GAN{WEIGHTED}")


def resample(sampler: str, X: pd.DataFrame, y: np.ndarray, seed: int) -> Table:
    """Training rows as an over-sampler leaves them."""
    make = SAMPLERS[sampler]
    if make is None:
        return X, y
    if sampler.removesuffix(WEIGHTED) not in TAKE_GAPS:
        X = without_gaps(X)
    return make(seed).fit_resample(X, y)


def run_fold(
    sampler: str, name: str, fold: int, table: Table, rows: tuple[np.ndarray, np.ndarray]
) -> Iterator[dict[str, Any]]:
    """Score all classifiers after one over-sampler: a record each."""
    X, y = table
    train, test = rows
    notes = {}
    start = time.process_time()
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore")
        try:
            X_new, y_new = resample(sampler, X.iloc[train], y[train], fold)
        except Exception as failure:  # whatever others raise is recorded
            notes = {"error": f"{type(failure).__name__}: {failure}".splitlines()[0]}
        seconds = time.process_time() - start
        class_weight = "balanced" if sampler == "class weights" else None
        for classifier_name, classifier in table_classifiers(class_weight, fold).items():
            scores = {}
            if not notes:
                weight = QUARTER if sampler.endswith(WEIGHTED) else 1.0
                fit_weighted(classifier, X_new, y_new, len(train), weight)
                scores = held_out_scores(classifier, X.iloc[test], y[test])
            yield {
                "method": sampler,
                "options": {"classifier": classifier_name},
                "scores": scores,
                "seconds": seconds,
                "notes": notes,
            }


def draw_ranks(path: Path, scores: pd.DataFrame, title: str) -> None:
    """Write a PNG of the critical-difference diagram of scores (tasks, methods)."""
    import scikit_posthocs

    ranks = ranks_of(scores)
    p_values = scikit_posthocs.posthoc_nemenyi_friedman(ranks.to_numpy())
    p_values.index = p_values.columns = scores.columns
    figure = Figure(figsize=(8, 0.5 + 0.28 * scores.shape[1]), facecolor="white")
    axis = figure.add_subplot()
    scikit_posthocs.critical_difference_diagram(ranks.mean(), p_values, ax=axis)
    axis.set_title(title, size=10, loc="left")
    figure.savefig(path, dpi=150, bbox_inches="tight")


def main() -> None:
    """Run what the command line asks for, and print it."""
    line = table_command_line(__doc__, __file__, n_folds=10)
    line.parser.add_argument("--samplers", nargs="+", choices=SAMPLERS, default=list(SAMPLERS))
    line.parser.add_argument("--picture", type=Path, metavar="PNG", help="draw the ranks too")
    options, results = line.parse(smoke={"folds": 2, "samplers": BUNDLED})
    runs = {name: partial(run_fold, name) for name in options.samplers}
    records = run_folds(options, results, chosen_tables(options), runs, MAX_FOLDS)
    records = [record for record in records if record["method"] in runs]
    if "none" not in runs:
        line.parser.exit(message="Gains are over none: run it too to see them.\n")
    print(over_samplers(records))
    if options.picture is not None:
        means = task_means(as_table(records), "average_precision")
        draw_ranks(options.picture, means, "rank by average precision")


if __name__ == "__main__":
    main()
