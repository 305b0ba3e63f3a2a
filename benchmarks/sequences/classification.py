"""Do sequences by GANs help classifiers, more than simple methods and other over-samplers do.

Eleven sets that ship inside packages, of 24 to 1,460 steps and 1 to 12 channels, are cut anew with
every seed: "scarce" takes 50 sequences of a class and 10 of every second one (of classes of fewer
than 75 two thirds and a fifth of these) and fills up to the largest class; "whole" takes as many
as the published training part has, and brings every class to twice the size of the largest.
Classifiers are ridge regression on features of MiniROCKET, a small CNN, and one nearest neighbour
by dynamic time warping where sequences are short. All sets of the first seed come first, so
that what is there is comparable at any time; what the results have already is not run again.
"""

import argparse
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from sklearn.metrics import accuracy_score, balanced_accuracy_score
from threadpoolctl import threadpool_limits

from benchmarks.common.command_line import CommandLine, parameter, seeds_of, title
from benchmarks.common.results import Results
from benchmarks.common.sequence_classifiers import N_STEPS, sequence_classifiers
from benchmarks.common.sequence_data import KINDS, SETS, SMOKE_SET, Task, draw_task
from benchmarks.common.sequence_methods import AddSequences, add_by_gan, simple_methods
from benchmarks.common.sequence_summaries import classifications
from ganaug import AugmentedClassifier

BALANCED = "class weights"
GATE = "chosen by the gate"


@dataclass(frozen=True)
class Method:
    """A way to augment.

    Attributes
    ----------
    name : str
    add : callable or None
        Training sequences of a task as it leaves them; None leaves it to the gate.
    make_gan : callable or None
        Makes the model that the gate may draw from.
    options : dict
        What the method depends on, as recorded.
    """

    name: str
    add: AddSequences | None = None
    make_gan: Callable[[], Any] | None = None
    options: dict[str, Any] = field(default_factory=dict)


def methods(options: argparse.Namespace, kind: str) -> Iterator[Method]:
    """All that the command line asks for, of a kind of task."""
    for name, add in simple_methods(kind).items():
        yield Method(name, add)
    module, _, model = options.model.partition(":")
    for variant in [] if options.without_gan else options.gan or [[]]:
        parameters = dict(variant)
        make = partial(getattr(import_module(module), model), **parameters)
        what = {"model": options.model, "parameters": parameters}
        yield Method(title(parameters, "GAN"), partial(add_by_gan, make), options=what)
        if options.gate:
            yield Method(title(parameters, GATE), make_gan=make, options=what)


def run(task: Task, method: Method, n_updates: int) -> list[dict[str, Any]]:
    """Records of one method with all classifiers, but for task and seed."""
    balanced = "balanced" if method.name == BALANCED else None
    classifiers = sequence_classifiers(task.X.shape[1], balanced, task.seed, n_updates)
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore")
        score = partial(score_gate if method.add is None else score_rows, task, method)
        return [
            {
                "method": method.name,
                "options": {"classifier": name, "updates": n_updates, **method.options},
                **found,
            }
            for name, found in score(classifiers).items()
        ]


def score_rows(task: Task, method: Method, classifiers: dict[str, Any]) -> dict[str, dict]:
    """Scores of each classifier on rows that are augmented once for all."""
    start = time.perf_counter()
    try:
        X, y = method.add(task)
    except Exception as failure:  # whatever others raise is recorded
        return {name: failed(failure) for name in classifiers}
    seconds = time.perf_counter() - start
    return {
        name: {"scores": held_out_scores(classifier.fit(X, y), task), "seconds": seconds}
        for name, classifier in classifiers.items()
    }


def score_gate(task: Task, method: Method, classifiers: dict[str, Any]) -> dict[str, dict]:
    """Scores of each classifier with what the gate chose for it."""
    sizes = {label: int((task.y == label).sum()) + n for label, n in task.added.items()}
    found = {}
    for name, classifier in classifiers.items():
        start = time.perf_counter()
        model = AugmentedClassifier(
            classifier,
            gan=method.make_gan(),
            sampling_strategy=sizes,
            scoring="balanced_accuracy",
            random_state=task.seed,
        )
        try:
            model.fit(task.X, task.y)
        except Exception as failure:
            found[name] = failed(failure)
            continue
        found[name] = {
            "scores": held_out_scores(model, task),
            "seconds": time.perf_counter() - start,
            "notes": {"chosen": model.source_},
        }
    return found


def failed(failure: Exception) -> dict[str, Any]:
    """Record of a method that raised."""
    return {
        "scores": {},
        "notes": {"error": f"{type(failure).__name__}: {failure}".splitlines()[0]},
    }


def held_out_scores(classifier: Any, task: Task) -> dict[str, float]:
    """Scores on real sequences that were left out."""
    predicted = classifier.predict(task.X_test)
    return {
        "balanced_accuracy": float(balanced_accuracy_score(task.y_test, predicted)),
        "accuracy": float(accuracy_score(task.y_test, predicted)),
    }


def run_task(name: str, kind: str, seed: int, method: Method, n_updates: int) -> tuple:
    """A task's name and seed, and the records of a method."""
    task = draw_task(name, kind, seed)
    return task.name, seed, run(task, method, n_updates)


def collect(options: argparse.Namespace, results: Results) -> list[dict[str, Any]]:
    """Run what the results lack, and return the records of all that was asked for."""
    asked = [
        (name, kind, seed, method)
        for seed in seeds_of(options)
        for name in options.sets
        for kind in options.kinds
        for method in methods(options, kind)
        if not options.methods or method.name in options.methods
    ]

    def find(name: str, kind: str, seed: int, method: Method) -> list[dict[str, Any]]:
        what = {"updates": options.updates, **method.options}
        return results.find(f"{name}, {kind}", method.name, seed, **what)

    calls = (delayed(run_task)(*one, options.updates) for one in asked if not find(*one))
    for task, seed, records in Parallel(options.jobs, return_as="generator_unordered")(calls):
        for record in records:
            results.add(task, seed=seed, **record)
        means = np.mean([record["scores"].get("balanced_accuracy", np.nan) for record in records])
        print(task, seed, records[0]["method"], f"{means:.3f}", flush=True)
    return [record for one in asked for record in find(*one)]


def main() -> None:
    """Run what the command line asks for, and print it."""
    line = CommandLine(__doc__, __file__, n_seeds=3)
    add = line.parser.add_argument
    add("--sets", nargs="+", choices=SETS, default=list(SETS), help="(all)")
    add("--kinds", nargs="+", choices=KINDS, default=list(KINDS), help="(both)")
    add("--methods", nargs="+", metavar="NAME", help="only these (all)")
    add("--model", default="ganaug:SequenceGAN", help="module:Class with fit and sample")
    add(
        "--gan",
        nargs="*",
        action="append",
        type=parameter,
        help="parameters of the model, such as n_steps=500; repeat it to compare variants",
    )
    add("--without-gan", action="store_true", help="only the methods that it has to beat")
    add("--gate", action="store_true", help="also have AugmentedClassifier choose")
    add("--updates", type=int, default=N_STEPS, help=f"of the CNN ({N_STEPS})")
    add("--jobs", type=int, default=1, help="methods at a time (1)")
    smoke = {
        "sets": [SMOKE_SET],
        "updates": 3,
        "gan": [[("n_steps", 1)]],
        "methods": ["none", "class weights", "window warping", "SMOTE", "GAN n_steps=1"],
    }
    options, results = line.parse(smoke)
    print(classifications(collect(options, results)))


if __name__ == "__main__":
    main()
