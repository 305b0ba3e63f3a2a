"""Do reports of images need as many steps as whole trainings: what they judge, after fewer.

As ``ganaug report`` does, ``compare`` judges simple classifiers with and without a GAN's images,
and small networks in their place, on three random classes of unequal size of a data set, and on
the test images of these. The GANs and the networks train for one number of steps or another;
"auto" is that of whole trainings. Every seed draws classes and images anew.
"""

import argparse
import time
from typing import Any

import numpy as np
import torch
from sklearn.base import BaseEstimator
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC

from benchmarks.common.command_line import CommandLine, seeds_of
from benchmarks.common.image_summaries import gains_by_steps
from benchmarks.common.image_tasks import read_parts
from benchmarks.common.results import Results
from benchmarks.common.small_cnn import Images
from ganaug import ImageGAN, compare

METHODS = ("none", "GAN", "small network", "small network, from the discriminator")

# Training images of each class, as in ``cost.reports``.
SIZES = (150, 75, 40)


def classifiers() -> dict[str, BaseEstimator]:
    """Classifiers of pixels, as those of reports."""
    flat = FunctionTransformer(lambda X: X.reshape(len(X), -1).astype(float))
    return {
        "logistic regression": make_pipeline(
            flat, StandardScaler(), LogisticRegression(max_iter=2000)
        ),
        "random forest": make_pipeline(flat, RandomForestClassifier(random_state=0)),
        "SVC": make_pipeline(flat, StandardScaler(), SVC()),
    }


def draw(options: argparse.Namespace, seed: int) -> tuple[Images, Images]:
    """Images of some classes for training, and all of these classes for the test."""
    rng = np.random.default_rng(seed)
    train, test = read_parts(options.source, options.data)
    labels = rng.permutation(np.unique(train.y))[: len(options.sizes)]
    rows = [
        rng.choice(np.flatnonzero(train.y == label), size, replace=False)
        for label, size in zip(labels, options.sizes, strict=True)
    ]
    return train[np.concatenate(rows)], test[np.isin(test.y, labels)]


def run(options: argparse.Namespace, results: Results, n_steps: int | str, seed: int) -> list:
    """Records of what a report judges after so many steps, run where the results lack them."""
    sizes = ", ".join(map(str, options.sizes))
    what: dict[str, Any] = {"n_steps": n_steps}
    task = f"{options.source}, {sizes} images"
    found = [results.find(task, method, seed, **what) for method in METHODS]
    if all(found):
        return [records[0] for records in found]
    train, test = draw(options, seed)
    X = np.concatenate([train.X, test.X])
    y = np.concatenate([train.y, test.y])
    rows = np.arange(len(y))
    start = time.perf_counter()
    _, scores = compare(
        classifiers(), X, y, gan=ImageGAN(n_steps=n_steps), gate=None, random_state=seed,
        cv=[(rows[: len(train.y)], rows[len(train.y) :])], return_scores=True,
    )  # fmt: skip
    seconds = time.perf_counter() - start
    means = scores.groupby("method")["score"].mean()
    return [
        results.add(
            task,
            method,
            seed,
            options=what,
            scores={"balanced_accuracy": float(means[method])},
            seconds=seconds,
        )
        for method in METHODS
    ]


def main() -> None:
    """Measure, write down and show."""
    line = CommandLine(__doc__, __file__, data="required", n_seeds=4)
    add = line.parser.add_argument
    add("--source", choices=["digits", "mnist", "cifar10"], default="cifar10", help="(cifar10)")
    add("--sizes", type=int, nargs="+", default=SIZES, help="images of each class (150 75 40)")
    add("--steps", nargs="+", default=["500", "1000", "auto"], help="(500 1000 auto)")
    options, results = line.parse(smoke={"source": "digits", "sizes": (20, 10), "steps": ["2"]})
    torch.set_num_threads(1)
    records = []
    for seed in seeds_of(options):
        for steps in options.steps:
            n_steps = steps if steps == "auto" else int(steps)
            records += run(options, results, n_steps, seed)
    print(gains_by_steps(records))


if __name__ == "__main__":
    main()
