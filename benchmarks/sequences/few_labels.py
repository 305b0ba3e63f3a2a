"""Do features of a discriminator without labels help where few sequences have one.

Half of each set, 400 sequences at most, is known, of which some of each class have labels; up to
500 others are the test. ``DiscriminatorFeatures`` learn from all that is known, without labels, and
logistic regression of standardised features from the labelled few. It gets, beside these features,
the values, those of a discriminator of one step, and those of MiniROCKET, whose biases are
quantiles of all known sequences. MiniROCKET with ridge regression, a small CNN and the nearest
neighbour by dynamic time warping stand beside it, and self-training with all known sequences on
values and on MiniROCKET. All seeds' first sets come first; what the results have is not run again.
"""

import argparse
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, RidgeClassifierCV
from sklearn.metrics import accuracy_score, balanced_accuracy_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.semi_supervised import SelfTrainingClassifier
from threadpoolctl import threadpool_limits

from benchmarks.common.command_line import CommandLine, parameter, seeds_of
from benchmarks.common.mini_rocket import MiniRocket
from benchmarks.common.results import Results
from benchmarks.common.sequence_classifiers import (
    MAX_WARPED_STEPS,
    N_STEPS,
    PENALTIES,
    ChannelScaler,
    SmallCNN,
    WarpingNeighbour,
)
from benchmarks.common.sequence_data import MAX_TEST, SETS, SMOKE_SET, load_sequences
from benchmarks.common.sequence_summaries import few_label_tables
from ganaug import DiscriminatorFeatures, SequenceGAN

# Sequences that are known, at most.
MAX_KNOWN = 400


@dataclass(frozen=True, eq=False)
class FewLabels:
    """Sequences, of which some are known, and few of these by their classes.

    Attributes
    ----------
    X : (n, time, channels) array
    y : (n,) array of str
    n_known : int
        Sequences that are known, which come first; the others are the test.
    labelled : (m,) array of int
        Those of them whose classes are known.
    """

    X: np.ndarray
    y: np.ndarray
    n_known: int
    labelled: np.ndarray


Method = Callable[[FewLabels, int], np.ndarray]


def draw(name: str, n_labels: int, seed: int) -> FewLabels:
    """Draw known sequences of a set, and so many with labels of each class."""
    data = load_sequences(name)
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(data.y))
    n_known = min(MAX_KNOWN, len(order) // 2)
    order = order[: n_known + MAX_TEST]
    y = data.y[order]
    of_class = (np.flatnonzero(y[:n_known] == label)[:n_labels] for label in np.unique(y))
    return FewLabels(data.X[order], y, n_known, np.concatenate([*of_class]))


def predict_from_features(
    make_features: Callable[[FewLabels, int], np.ndarray],
    classifier: BaseEstimator,
    self_training: bool = False,
) -> Method:
    """Classifier of features, which with self-training learns from all that is known."""

    def predict(task: FewLabels, seed: int) -> np.ndarray:
        features = make_features(task, seed)
        classes, codes = np.unique(task.y, return_inverse=True)
        if self_training:
            partly = np.full(task.n_known, -1)
            partly[task.labelled] = codes[task.labelled]
            model = SelfTrainingClassifier(classifier).fit(features[: task.n_known], partly)
        else:
            model = classifier.fit(features[task.labelled], codes[task.labelled])
        return classes[model.predict(features[task.n_known :])]

    return predict


def predict_from_sequences(make_classifier: Callable[[int], BaseEstimator]) -> Method:
    """Classifier of sequences, which learns from the labelled ones alone."""

    def predict(task: FewLabels, seed: int) -> np.ndarray:
        model = make_pipeline(ChannelScaler(), make_classifier(seed))
        model.fit(task.X[task.labelled], task.y[task.labelled])
        return model.predict(task.X[task.n_known :])

    return predict


def values(task: FewLabels, seed: int) -> np.ndarray:
    """Steps of all channels, as rows."""
    return task.X.reshape(len(task.X), -1)


def mini_rocket(task: FewLabels, seed: int) -> np.ndarray:
    """Features of MiniROCKET."""
    return make_pipeline(ChannelScaler(), MiniRocket(seed)).fit(known(task)).transform(task.X)


def known(task: FewLabels) -> np.ndarray:
    """Sequences that are known."""
    return task.X[: task.n_known]


def methods(options: argparse.Namespace, n_steps: int) -> Iterator[tuple[str, Method]]:
    """All methods by name, for sequences of so many steps."""
    parameters = dict(options.gan)

    def discriminator(task: FewLabels, seed: int, **changes: Any) -> np.ndarray:
        gan = SequenceGAN(**(parameters | changes))
        return DiscriminatorFeatures(gan, random_state=seed).fit(known(task)).transform(task.X)

    def untrained(task: FewLabels, seed: int) -> np.ndarray:
        return discriminator(task, seed, n_steps=1)

    logistic = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    ridge = make_pipeline(StandardScaler(), RidgeClassifierCV(PENALTIES))
    yield "values", predict_from_features(values, logistic)
    yield "values, self-training", predict_from_features(values, logistic, self_training=True)
    yield "MiniROCKET, ridge", predict_from_features(mini_rocket, ridge)
    yield "MiniROCKET", predict_from_features(mini_rocket, logistic)
    yield "MiniROCKET, self-training", predict_from_features(mini_rocket, logistic, True)
    yield "CNN", predict_from_sequences(lambda seed: SmallCNN(None, seed, options.updates))
    if n_steps <= MAX_WARPED_STEPS:
        yield "1-NN DTW", predict_from_sequences(lambda seed: WarpingNeighbour())
    yield "untrained discriminator", predict_from_features(untrained, logistic)
    yield "discriminator", predict_from_features(discriminator, logistic)


def run(options: argparse.Namespace, results: Results, name: str, seed: int) -> None:
    """Measure all methods on one draw of a set, where the results lack them."""
    task = draw(name, options.labels, seed)
    title = f"{name}, {options.labels} labels"
    what = {"parameters": dict(options.gan), "updates": options.updates}
    test = task.y[task.n_known :]
    for method, predict in methods(options, task.X.shape[1]):
        if results.find(title, method, seed, **what):
            continue
        start = time.process_time()
        with warnings.catch_warnings(), threadpool_limits(1):
            warnings.simplefilter("ignore", ConvergenceWarning)
            predicted = predict(task, seed)
        scores = {
            "balanced_accuracy": float(balanced_accuracy_score(test, predicted)),
            "accuracy": float(accuracy_score(test, predicted)),
            "cpu_seconds": time.process_time() - start,
        }
        results.add(title, method, seed, options=what, scores=scores)
        print(title, seed, method, f"{scores['balanced_accuracy']:.3f}", flush=True)


def main() -> None:
    """Run what the command line asks for, and print it."""
    line = CommandLine(__doc__, __file__, n_seeds=3)
    add = line.parser.add_argument
    add("--sets", nargs="+", choices=[*SETS, SMOKE_SET], default=list(SETS), help="(all)")
    add("--labels", type=int, default=5, help="labelled sequences of a class (5)")
    add("--updates", type=int, default=N_STEPS, help=f"updates of the CNN ({N_STEPS})")
    add("--gan", nargs="*", type=parameter, default=[], help="parameters of SequenceGAN")
    smoke = {"sets": [SMOKE_SET], "updates": 10, "gan": [("n_steps", 2)]}
    options, results = line.parse(smoke)
    for seed in seeds_of(options):
        for name in options.sets:
            run(options, results, name, seed)
    print(few_label_tables(results.records))


if __name__ == "__main__":
    main()
