"""Do features of a discriminator help where few sequences have a label, and others have none.

Half of each set, 400 sequences at most, is known, of which up to five of each class have labels; up
to 500 others are the test. ``DiscriminatorFeatures`` learn from all that is known, without labels,
and logistic regression of standardised features from the labelled few.

The same regression is fitted instead to the values, to features of a discriminator of one step, and
to those of MiniROCKET, whose biases are quantiles of all known sequences. MiniROCKET with ridge
regression, a small CNN and one nearest neighbour by dynamic time warping learn from the labelled
few; self-training, on each kind of features, learns from all that is known too. Sets with fewer
than four known sequences to a labelled one are left out.
"""

import argparse
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
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

from benchmarks.common.command_line import CommandLine, parameter, seeds_of, title
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

# Sequences that are known, at most, and at least for each that has a label.
MAX_KNOWN = 400
MIN_KNOWN_RATIO = 4


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
    """Draw known sequences of a set, so many of each class with labels, where there are as many."""
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


@lru_cache(maxsize=1)
def mini_rocket(task: FewLabels, seed: int) -> np.ndarray:
    """Features of MiniROCKET."""
    return make_pipeline(ChannelScaler(), MiniRocket(seed)).fit(known(task)).transform(task.X)


def known(task: FewLabels) -> np.ndarray:
    """Sequences that are known."""
    return task.X[: task.n_known]


def discriminator(parameters: dict[str, Any], task: FewLabels, seed: int) -> np.ndarray:
    """Features of a discriminator, of a GAN with such parameters."""
    features = DiscriminatorFeatures(SequenceGAN(**parameters), random_state=seed)
    return features.fit(known(task)).transform(task.X)


def methods(options: argparse.Namespace, n_steps: int) -> Iterator[tuple[str, Method]]:
    """All methods by name, for sequences of so many steps."""
    given = dict(options.gan)
    trained = lru_cache(maxsize=1)(partial(discriminator, given))
    # no steps at all make no discriminator
    untrained = partial(discriminator, given | {"n_steps": 1})
    logistic = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    ridge = make_pipeline(StandardScaler(), RidgeClassifierCV(PENALTIES))
    yield "values", predict_from_features(values, logistic)
    yield "values, self-training", predict_from_features(values, logistic, self_training=True)
    yield "MiniROCKET, ridge", predict_from_features(mini_rocket, ridge)
    yield "MiniROCKET", predict_from_features(mini_rocket, logistic)
    yield (
        "MiniROCKET, self-training",
        predict_from_features(mini_rocket, logistic, self_training=True),
    )
    yield "CNN", predict_from_sequences(lambda seed: SmallCNN(None, seed, options.updates))
    if n_steps <= MAX_WARPED_STEPS:
        yield "1-NN DTW", predict_from_sequences(lambda seed: WarpingNeighbour())
    yield title(given, "untrained discriminator"), predict_from_features(untrained, logistic)
    name = title(given, "discriminator")
    yield name, predict_from_features(trained, logistic)
    yield f"{name}, self-training", predict_from_features(trained, logistic, self_training=True)


def run(
    options: argparse.Namespace, results: Results, name: str, seed: int
) -> Iterator[dict[str, Any]]:
    """Records of all methods on one draw of a set, measured where the results lack them."""
    task = draw(name, options.labels, seed)
    heading = f"{name}, {options.labels} labels"
    if task.n_known < MIN_KNOWN_RATIO * len(task.labelled):
        return
    what = {"updates": options.updates}
    test = task.y[task.n_known :]
    for method, predict in methods(options, task.X.shape[1]):
        known_record = results.find(heading, method, seed, **what)
        if known_record:
            yield known_record[0]
            continue
        start = time.process_time()
        with warnings.catch_warnings(), threadpool_limits(1):
            warnings.simplefilter("ignore", ConvergenceWarning)
            predicted = predict(task, seed)
        scores = {
            "balanced_accuracy": float(balanced_accuracy_score(test, predicted)),
            "accuracy": float(accuracy_score(test, predicted)),
            "n_known": task.n_known,
            "n_labelled": len(task.labelled),
        }
        seconds = time.process_time() - start
        yield results.add(heading, method, seed, options=what, scores=scores, seconds=seconds)
        print(heading, seed, method, f"{scores['balanced_accuracy']:.3f}", flush=True)


def main() -> None:
    """Run what the command line asks for, and print it."""
    line = CommandLine(__doc__, __file__, n_seeds=3)
    add = line.parser.add_argument
    add("--sets", nargs="+", choices=[*SETS, SMOKE_SET], default=list(SETS), help="(all)")
    add("--labels", type=int, default=5, help="labelled sequences of a class (5)")
    add("--updates", type=int, default=N_STEPS, help=f"updates of the CNN ({N_STEPS})")
    add("--gan", nargs="*", type=parameter, default=[], help="parameters of SequenceGAN")
    smoke = {"sets": [SMOKE_SET], "labels": 3, "updates": 10, "gan": [("n_steps", 2)]}
    options, results = line.parse(smoke)
    records: list[dict[str, Any]] = []
    for seed in seeds_of(options):
        for name in options.sets:
            records += run(options, results, name, seed)
    print(few_label_tables(records))


if __name__ == "__main__":
    main()
