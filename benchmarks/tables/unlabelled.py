"""Do rows without a class help classifiers of tables, by self-training or by a GAN.

Of ten tables, 20 random rows of each class are labelled (half of a class that has fewer than 40),
2,000 others at most have no label, and 1,000 further ones are for the test. ``ganaug.compare`` runs
its methods on them by balanced accuracy; methods that add rows double every class. "GAN" learns
from all rows, "GAN, labelled rows only" from those. "SMOTE" stands for SMOTENC where there are
columns of levels; gaps get medians and most frequent levels before. Every seed draws rows anew.
"""

import argparse
import warnings

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from benchmarks.common.command_line import CommandLine, seeds_of
from benchmarks.common.generators import TableSMOTE
from benchmarks.common.results import Results
from benchmarks.common.table_classifiers import table_classifiers
from benchmarks.common.table_data import TABLES, Table, bundled_table, load_table
from benchmarks.common.table_summaries import unlabelled
from ganaug import TableGAN, compare, multiply

N_LABELLED = 20
MAX_UNLABELLED = 2000
MAX_TEST = 1000

# No label of a table.
MARK = "unlabelled"

SCORE = "balanced_accuracy"
LABELLED_ONLY = "GAN, labelled rows only"
METHODS = (
    "none",
    "SMOTE",
    "SMOTE + noise",
    LABELLED_ONLY,
    "GAN",
    "self-training",
    "self-training + GAN",
    "chosen by the gate",
)


def draw_rows(table: Table, seed: int) -> tuple[pd.DataFrame, np.ndarray, np.ndarray, np.ndarray]:
    """Rows, labels of which some are marked as unknown, and numbers of training and test rows."""
    X, y = table
    order = np.random.default_rng(seed).permutation(len(y))
    labelled = np.concatenate(
        [order[y[order] == label][: labelled_size((y == label).sum())] for label in np.unique(y)]
    )
    others = order[~np.isin(order, labelled)]
    n_test = min(MAX_TEST, len(others) // 3)
    # a class that is in no test would have no recall
    test = others[:n_test]
    hidden = others[n_test : n_test + MAX_UNLABELLED]
    y = y.astype(np.result_type(y.dtype, np.array([MARK]).dtype))
    y[hidden] = MARK
    return X, y, np.concatenate([labelled, hidden]), test


def labelled_size(n_rows: int) -> int:
    """Number of rows of a class that are labelled."""
    return min(N_LABELLED, n_rows // 2)


def run(options: argparse.Namespace, results: Results, name: str, table: Table, seed: int) -> None:
    """Compare all methods on one draw of a table, for the classifiers that the results lack."""
    last = METHODS[-1] if options.gate else "GAN"
    classifiers = {
        classifier: estimator
        for classifier, estimator in table_classifiers(None, seed).items()
        if classifier in options.classifiers
        and not results.find(name, last, seed, classifier=classifier)
    }
    if not classifiers:
        return
    X, y, train, test = draw_rows(table, seed)
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore")
        _, scores = compare(
            classifiers,
            X,
            y,
            gan=TableGAN(**options.gan),
            methods={"SMOTE of tables": TableSMOTE(), LABELLED_ONLY: TableGAN(**options.gan)},
            sampling_strategy=multiply(2.0),
            unlabeled_label=MARK,
            gate="fast" if options.gate else None,
            cv=[(train, test)],
            scoring=SCORE,
            random_state=seed,
            return_scores=True,
        )
    # that of the package takes numbers only
    scores["method"] = scores["method"].replace({"SMOTE": "", "SMOTE of tables": "SMOTE"})
    for record in scores[scores["estimator"].isin(classifiers)].to_dict("records"):
        method = record["method"]
        classifier = record["estimator"]
        if method in METHODS and not results.find(name, method, seed, classifier=classifier):
            chosen = record.get("chosen")
            results.add(
                name,
                method,
                seed,
                options={"classifier": classifier},
                scores={SCORE: record["score"]},
                seconds=record["seconds"],
                notes={"chosen": chosen} if isinstance(chosen, str) else None,
            )
    print(name, seed, *classifiers, flush=True)


def main() -> None:
    """Run what the command line asks for, and print it."""
    line = CommandLine(__doc__, __file__, data="required", n_seeds=5)
    add = line.parser.add_argument
    names = list(table_classifiers(None, 0))
    add("--tables", nargs="+", choices=TABLES, default=TABLES, help="(all)")
    add("--classifiers", nargs="+", choices=names, default=names[:2], help="(the first two)")
    add("--no-gate", dest="gate", action="store_false", help="leave out what the gate chooses")
    options, results = line.parse(smoke={"classifiers": names[:1]})
    options.gan = {"n_steps": 2} if options.smoke else {}
    for seed in seeds_of(options):
        for name in ["wine"] if options.smoke else options.tables:
            table = bundled_table() if options.smoke else load_table(options.data, name)
            run(options, results, name, table, seed)
    records = [
        record
        for record in results.records
        if record["options"]["classifier"] in options.classifiers
    ]
    print(unlabelled(records))


if __name__ == "__main__":
    main()
