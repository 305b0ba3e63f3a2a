"""Cost of the gate of ``AugmentedClassifier``: trainings of the GANs, fits of the classifier.

On ten tables as they come, cut to 2,000 rows, a logistic regression is augmented by the gate.
``trainings`` is the CPU time of all generators that it trains, without a part of the rows each, in
CPU times of a training on all rows; ``fits`` counts fits of the classifier.
"""

import time
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
from sklearn.base import BaseEstimator
from sklearn.datasets import load_wine
from sklearn.pipeline import make_pipeline

import ganaug.classifier
from benchmarks.common.command_line import CommandLine, seeds_of
from benchmarks.common.devices import device_name
from benchmarks.common.markdown import markdown, mean_table
from benchmarks.common.results import as_table
from benchmarks.common.table_classifiers import table_classifiers
from benchmarks.common.table_data import TABLES, load_table, take_some
from ganaug import AugmentedClassifier, TableGAN
from ganaug.resampling import fit_classes
from ganaug.strategy import rows_to_add

MAX_ROWS = 2000

SCORES = ("rows", "classes", "trainings", "fits", "classifier_seconds", "seconds")


class CPUClock:
    """Calls a function, and adds up the CPU time that it takes."""

    def __init__(self, function: Any):
        self.function = function
        self.seconds = 0.0

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Call it."""
        start = time.process_time()
        result = self.function(*arguments, **named)
        self.seconds += time.process_time() - start
        return result


def measure(
    classifier: BaseEstimator, X: Any, y: np.ndarray, gan: TableGAN, seed: int
) -> dict[str, Any]:
    """Cost of the gate on some rows, as ``Results.add`` takes it."""
    training = CPUClock(fit_classes)
    training(gan.set_params(random_state=seed), X, y, list(rows_to_add("auto", y)))
    folds = CPUClock(ganaug.classifier.fit_out_of_fold)
    model = AugmentedClassifier(classifier, gan=gan, random_state=seed)
    start = time.perf_counter()
    with patch.object(ganaug.classifier, "fit_out_of_fold", folds):
        report = model.fit(X, y).report_
    return {
        "scores": {
            "rows": len(y),
            "classes": len(np.unique(y)),
            "trainings": folds.seconds / training.seconds,
            "fits": report.n_fits,
            "classifier_seconds": report.seconds.get("classifiers", 0.0),
        },
        "seconds": time.perf_counter() - start,
        "notes": {"chosen": report.chosen},
    }


def main() -> None:
    """Measure, write down and show."""
    line = CommandLine(__doc__, __file__, data="required", n_seeds=3)
    options, results = line.parse(smoke={"seeds": 1})
    torch.set_num_threads(1)
    device = device_name(torch.device("cpu"))
    classifier = table_classifiers(None, 0)["logistic regression"]
    records = []
    for name in ["wine"] if options.smoke else TABLES:
        if options.smoke:
            classifier = make_pipeline(classifier[-1])
            X, y = load_wine(return_X_y=True)
        else:
            X, y = take_some(load_table(options.data, name), MAX_ROWS)
        gan = TableGAN(n_steps=1) if options.smoke else TableGAN()
        for seed in seeds_of(options):
            found = measure(classifier, X, y, gan, seed)
            records.append(results.add(name, "gate", seed, options={}, device=device, **found))
            print(name, seed, found["scores"], flush=True)
    print(markdown(mean_table(as_table(records), SCORES)))
    trainings = as_table(records).groupby("task")["trainings"].mean()
    print(f"\nOn average {trainings.mean():.1f} trainings of the GANs.")


if __name__ == "__main__":
    main()
