"""Linear classifiers on features of a frozen network, from few labelled images and many others.

Of CIFAR-10, a few images of each class are labelled and the rest of 500 a class is not. Linear
classifiers learn from the features that EfficientNet-Lite0 has of them (skipped where its packages
are not installed), or a random network:

- "linear": logistic regression on the labelled images, what ``ganaug.compare`` shows beside GANs;
- "self-training": that of scikit-learn, which adds what it is sure of by 0.75;
- "balanced self-training": each round adds the same number of each class, of those that it is
  surest of, more from round to round, an added image weighing 0.3;
- "propagation": labels spread between neighbours first, and balanced rounds go on from them.

The last two know that classes are equally frequent. With ``--gan`` one ``ImageGAN`` a class learns
from the labelled images too, its states compared in random features or, "ImageGAN, features", in
those of the network: ``kid`` and ``features_kid`` are its distances to test images in both.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import kneighbors_graph
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer
from sklearn.semi_supervised import SelfTrainingClassifier
from torch import nn

from benchmarks.common.command_line import CommandLine, seeds_of
from benchmarks.common.image_features import image_features
from benchmarks.common.image_summaries import feature_scores
from benchmarks.common.image_tasks import draw_parts, few_rows
from benchmarks.common.pretrained import PACKAGES, PretrainedFeatures, is_installed
from benchmarks.common.results import Results
from benchmarks.common.small_cnn import Images
from ganaug import ImageGAN, NetworkFeatures
from ganaug.metrics.kid import kid

# Images of each class whose features are computed once, for all seeds: to learn from and to test.
N_POOL = {"cifar10": 500, "digits": 60}
N_TEST = {"cifar10": 200, "digits": 60}

# Pixels a side of enlarged images, for features and for the many images that training compares.
SIDE = 160
SIDE_OF_GAN = 64

# Weight of the data against the penalty: of logistic regression on features about 1 in size, and
# on rows of length 1.
C_FEATURES = 0.01
C_ROWS = 3.0

N_COMPONENTS = 200
THRESHOLD = 0.75
N_NEIGHBORS = 20
STAY = 0.1

# Shares of the unlabelled images that the rounds take, and the weight of each.
SHARES = np.linspace(0.2, 0.9, 10)
ADDED_WEIGHT = 0.3


@dataclass(frozen=True, eq=False)
class Rows:
    """Features of labelled images and of unlabelled ones, and the labels; hashed by identity."""

    X: np.ndarray
    y: np.ndarray
    unlabeled: np.ndarray


def random_network(n_channels: int) -> nn.Module:
    """Three random convolutions, each of which halves the image: they know nothing."""
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(n_channels, 64, 3, stride=2, padding=1),
        nn.LeakyReLU(0.2),
        nn.Conv2d(64, 128, 3, stride=2, padding=1),
        nn.LeakyReLU(0.2),
        nn.Conv2d(128, 256, 3, stride=2, padding=1),
        nn.LeakyReLU(0.2),
    )


@lru_cache
def pool_of(source: str, folder: Path | None) -> tuple[Images, Images]:
    """Images to learn from, labelled or not, and test images."""
    pool, test = draw_parts(source, N_POOL[source], 0, folder)
    return pool, test[few_rows(test.y, N_TEST[source], np.random.default_rng(0))]


@lru_cache
def pool_features(source: str, folder: Path | None, network: str) -> tuple[np.ndarray, np.ndarray]:
    """Features of both."""
    pool, test = pool_of(source, folder)
    transformer = NetworkFeatures(network_of(network, pool, SIDE))
    return transformer.fit_transform(pool.X), transformer.transform(test.X)


def network_of(name: str, images: Images, side: int) -> nn.Module:
    """Network of a name, for such images, that enlarges them to a side if it knows others."""
    if name == "random":
        return random_network(images.X.shape[3] if images.X.ndim == 4 else 1)
    return PretrainedFeatures(side)


def linear(rows: Rows) -> Any:
    """Logistic regression on the labelled images alone."""
    return LogisticRegression(C=C_FEATURES, max_iter=1000).fit(rows.X, rows.y)


def compressed(rows: Rows) -> tuple[Any, Rows]:
    """Steps that leave what varies most among all images in rows of length 1, and these rows."""
    everything = np.concatenate([rows.X, rows.unlabeled])
    n_components = min(N_COMPONENTS, *everything.shape)
    steps = make_pipeline(PCA(n_components, random_state=0), Normalizer()).fit(everything)
    return steps, Rows(steps.transform(rows.X), rows.y, steps.transform(rows.unlabeled))


def self_training(rows: Rows) -> Any:
    """Self-training as scikit-learn has it."""
    steps, rows = compressed(rows)
    labels = np.concatenate([rows.y, np.full(len(rows.unlabeled), -1)])
    classifier = SelfTrainingClassifier(on_rows(), threshold=THRESHOLD)
    classifier.fit(np.concatenate([rows.X, rows.unlabeled]), labels)
    return make_pipeline(steps, classifier)


def balanced_self_training(rows: Rows) -> Any:
    """Rounds that start from a classifier of the labelled images."""
    steps, rows = compressed(rows)
    start = on_rows().fit(rows.X, rows.y).predict_proba(rows.unlabeled)
    return make_pipeline(steps, balanced_rounds(rows, start, SHARES))


def propagation(rows: Rows) -> Any:
    """Rounds that start from labels spread between neighbours."""
    steps, rows = compressed(rows)
    return make_pipeline(steps, balanced_rounds(rows, spread_labels(rows), SHARES[3:]))


def on_rows() -> LogisticRegression:
    """Logistic regression on rows of length 1."""
    return LogisticRegression(C=C_ROWS, max_iter=1000)


def balanced_rounds(rows: Rows, scores: np.ndarray, shares: np.ndarray) -> Any:
    """Classifier that has taken as many unlabelled images of each class in every round.

    Parameters
    ----------
    rows : Rows
    scores : (n_unlabeled, n_classes) array
        Of each class, higher for those that are surer, to begin with.
    shares : sequence of float
        Of the unlabelled images, taken in the rounds.
    """
    classifier = on_rows()
    classes = np.unique(rows.y)
    for share in shares:
        n_each = int(share * len(rows.unlabeled) / len(classes))
        surest = np.argsort(-scores, axis=0)[:n_each].T.ravel()
        X = np.concatenate([rows.X, rows.unlabeled[surest]])
        y = np.concatenate([rows.y, np.repeat(classes, n_each)])
        weights = np.repeat([1.0, ADDED_WEIGHT], [len(rows.y), len(surest)])
        classifier.fit(X, y, weights)
        scores = classifier.predict_proba(rows.unlabeled)
    return classifier


def spread_labels(rows: Rows) -> np.ndarray:
    """Scores (n_unlabeled, n_classes) by a graph of neighbours, equal in sum over classes.

    Zhou et al., "Learning with local and global consistency", NeurIPS 2003.
    """
    everything = np.concatenate([rows.X, rows.unlabeled])
    graph = kneighbors_graph(everything, N_NEIGHBORS, mode="distance")
    # of rows of length 1: the cosine
    graph.data = (1 - graph.data**2 / 2).clip(0) ** 3
    graph = graph + graph.T
    scale = 1 / np.sqrt(np.asarray(graph.sum(axis=1)).ravel())
    graph = graph.multiply(scale[:, None]).multiply(scale).tocsr()
    known = np.zeros((len(everything), len(np.unique(rows.y))))
    known[np.arange(len(rows.y)), rows.y] = 1
    scores = known
    for _ in range(30):
        scores = (1 - STAY) * (graph @ scores) + STAY * known
    scores = scores[len(rows.y) :] + 1e-12
    for _ in range(20):
        scores = scores / scores.sum(axis=1, keepdims=True)
        scores = scores / scores.sum(axis=0)
    return scores


METHODS: dict[str, Callable[[Rows], Any]] = {
    "linear": linear,
    "self-training": self_training,
    "balanced self-training": balanced_self_training,
    "propagation": propagation,
}


def measure(options: argparse.Namespace, source: str, network: str, n_each: int, seed: int) -> Any:
    """Scores and seconds of each method on one draw of the labels, as ``Results.add`` takes them.

    Yields
    ------
    method, found
    """
    pool, test = pool_of(source, options.data)
    features, test_features = pool_features(source, options.data, network)
    labelled = few_rows(pool.y, n_each, np.random.default_rng(seed))
    others = np.setdiff1d(np.arange(len(pool.y)), labelled)
    rows = Rows(features[labelled], pool.y[labelled], features[others])
    for method, fit in METHODS.items():
        start = time.perf_counter()
        accuracy = fit(rows).score(test_features, test.y)
        yield method, {"scores": {"accuracy": accuracy}, "seconds": time.perf_counter() - start}


def measure_gans(
    options: argparse.Namespace, source: str, network: str, n_each: int, seed: int
) -> Any:
    """Scores and seconds of GANs of the labelled images, likewise."""
    pool, test = pool_of(source, options.data)
    train = pool[few_rows(pool.y, n_each, np.random.default_rng(seed))]
    small = network_of(network, pool, SIDE_OF_GAN)
    transformer = NetworkFeatures(small).fit(train.X)
    spaces = {"kid": image_features, "features_kid": transformer.transform}
    for method, features in (("ImageGAN", None), ("ImageGAN, features", small)):
        start = time.perf_counter()
        gan = ImageGAN(
            n_steps=options.steps, augment="photo", features=features, random_state=seed
        ).fit(train.X, train.y)
        seconds = time.perf_counter() - start
        sizes = dict.fromkeys(np.unique(train.y).tolist(), options.drawn)
        fake = Images(*gan.sample(sizes, random_state=seed))
        scores = {
            name: float(
                np.mean([kid(space(of(test, label)), space(of(fake, label))) for label in sizes])
            )
            for name, space in spaces.items()
        }
        yield method, {"scores": scores, "seconds": seconds}


def of(images: Images, label: int) -> np.ndarray:
    """Images of a class."""
    return images.X[images.y == label]


def run(
    options: argparse.Namespace, results: Results, network: str, n_each: int, seed: int
) -> list[dict[str, Any]]:
    """Records of all methods on one draw, run where the results lack them."""
    source = "digits" if options.smoke else "cifar10"
    task = f"{source}-{n_each}"
    parts: list[tuple[Any, list[str], dict[str, Any]]] = [
        (measure, list(METHODS), {"network": network, "side": SIDE})
    ]
    if options.gan:
        what = {"network": network, "side": SIDE_OF_GAN, "n_steps": options.steps}
        parts.append((measure_gans, ["ImageGAN", "ImageGAN, features"], what))
    records = []
    for function, methods, what in parts:
        known = [results.find(task, method, seed, **what) for method in methods]
        if not all(known):
            known = []
            for method, found in function(options, source, network, n_each, seed):
                known.append([results.add(task, method, seed, options=what, **found)])
                print(task, network, seed, method, found["scores"], flush=True)
        records += [record for found in known for record in found]
    return records


def main() -> None:
    """Run what the command line asks for, and print it."""
    line = CommandLine(__doc__, __file__, data="required", n_seeds=5)
    add = line.parser.add_argument
    add("--each", type=int, nargs="+", default=[20, 50, 100], help="labelled of a class (all)")
    add("--networks", nargs="+", default=["random", "efficientnet_lite0"], help="(both)")
    add("--gan", action="store_true", help="fit GANs too: a few minutes each")
    add("--steps", default=1000, type=int, help="of the GANs (1000)")
    add("--drawn", type=int, default=100, help="images of a class that they draw (100)")
    smoke = {"each": [10], "networks": ["random"], "gan": True, "steps": 1, "drawn": 8}
    options, results = line.parse(smoke)
    torch.set_num_threads(1)
    records = []
    for network in options.networks:
        if network != "random" and not is_installed():
            print(f"{network} is left out: install {' and '.join(PACKAGES)}")
            continue
        for n_each in options.each:
            for seed in seeds_of(options):
                records += run(options, results, network, n_each, seed)
    print(feature_scores(records))


if __name__ == "__main__":
    main()
