"""Does the gate of ``AugmentedClassifier`` choose well: what it costs to judge, loses and keeps.

``python benchmarks/gate.py --data DIR`` takes the tables, splits and classifiers of
``benchmarks/oversampling.py``, cut to 2,000 rows. On the training rows of each split the gate
judges all that it may do; then everything is done, so that what it chose can be compared with what
it did not, on the rows left out of all this. ``--permuted`` shuffles the labels first: there is
nothing to gain.

A line a table, fold and classifier goes to ``results/gate.jsonl``, with the scores that the gate
saw; what that file has already is not run again.
"""

import time
import warnings
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from oversampling import MIN_ROWS, classifiers, load
from sklearn.metrics import balanced_accuracy_score
from table_runs import run_folds, table_parser
from threadpoolctl import threadpool_limits

from ganaug.evaluation.fitting import Fit
from ganaug.evaluation.folds import fit_out_of_fold
from ganaug.evaluation.methods import GATE_CHOICES
from ganaug.evaluation.scores import macro_average_precision
from ganaug.evaluation.selection import select
from ganaug.evaluation.statistics import paired_interval
from ganaug.evaluation.weights import weight_name
from ganaug.resampling import fit_labels, prepared
from ganaug.strategy import rows_to_add

MAX_ROWS = 2000


def some(X: pd.DataFrame, y: np.ndarray) -> tuple[pd.DataFrame, np.ndarray]:
    """Random rows, ``MAX_ROWS`` of them at most, of classes that are left with enough."""
    rows = np.sort(np.random.default_rng(0).permutation(len(y))[:MAX_ROWS])
    sizes = pd.Series(y[rows]).value_counts()
    rows = rows[np.isin(y[rows], sizes.index[sizes >= MIN_ROWS])]
    return X.iloc[rows].reset_index(drop=True), y[rows]


def run_fold(
    name: str, fold: int, data: tuple[pd.DataFrame, np.ndarray], rows: Any, permuted: bool
) -> list[dict[str, Any]]:
    """Choose, and do everything: a record each classifier."""
    (X, y), (train, test) = data, rows
    if permuted:
        y = np.random.RandomState(fold).permutation(y)
    own, held_out = (X.iloc[train], y[train]), (X.iloc[test], y[test])
    counts, rng = rows_to_add("auto", own[1]), np.random.RandomState(fold)
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore")
        start = time.process_time()
        folds = fit_out_of_fold(None, *own, list(counts), rng)
        of_gate = time.process_time() - start
        start = time.process_time()
        model = fit_labels(prepared(None, own[0], rng), *own, list(counts))
        of_model = time.process_time() - start
        records = []
        for judge_name, classifier in classifiers(None, fold).items():
            selection = select(classifier, *own, counts, folds, rng, macro_average_precision)
            scores, accuracies = {}, {}
            for method in GATE_CHOICES:
                if method.name not in selection.table.index:
                    continue
                rows = method.augment(*own, counts, model, rng)
                fit = Fit(weight_name(classifier))
                fitted = fit(method, classifier, *rows, np.arange(len(own[1])))
                scores[method.name] = macro_average_precision(fitted, *held_out)
                accuracies[method.name] = balanced_accuracy_score(
                    held_out[1], fitted.predict(held_out[0])
                )
            records.append(
                {
                    "table": name,
                    "fold": fold,
                    "classifier": judge_name,
                    "chosen": selection.chosen,
                    "n_fits": selection.n_fits,
                    "seconds of gate": of_gate,
                    "seconds of model": of_model,
                    "average precision": scores,
                    "balanced accuracy": accuracies,
                    "seen": selection.scores.round(5).to_dict("list"),
                }
            )
    return records


def shown(results: pd.DataFrame) -> str:
    """By table: what all that may be done gains, and what the choice does."""
    scores = pd.DataFrame(results["average precision"].tolist(), index=results.index)
    scores["chosen by the gate"] = [
        scores.loc[row, name] for row, name in results["chosen"].items()
    ]
    gains = 100 * scores.sub(scores["none"], axis=0).drop(columns="none")
    by_table = gains.groupby(results["table"]).mean()
    by_table.loc["mean"] = by_table.mean()
    chosen = results.groupby("table")["chosen"].value_counts(normalize=True).unstack(fill_value=0)
    ratio = (results["seconds of gate"] + results["seconds of model"]) / results["seconds of model"]
    of_tables = by_table["chosen by the gate"]
    low, high = paired_interval(of_tables.iloc[:-1].to_numpy())
    mean = of_tables["mean"]
    lines = [
        "average precision: gain over none, in points",
        by_table.round(2).to_string(),
        f"chosen by the gate, over tables: {mean:+.2f} [{low:+.2f}, {high:+.2f}]",
        f"share of choices\n{chosen.round(2).to_string()}",
        f"generators' training, of that of one\n{ratio.groupby(results['table']).mean().round(2)}",
    ]
    return "\n\n".join(lines)


def main() -> None:
    """Run what the command line asks for, and print it."""
    parser = table_parser(__doc__, "gate.jsonl")
    parser.add_argument("--permuted", action="store_true", help="shuffle the labels")
    options = parser.parse_args()
    data = {name: some(*load(options.data, name)) for name in options.tables}
    run = partial(run_fold, permuted=options.permuted)
    print(shown(run_folds(options, data, run, permuted=options.permuted)))


if __name__ == "__main__":
    main()
