"""Do features of a discriminator without labels help where few images have one.

``DiscriminatorFeatures`` learn from 5,000 images of the training part, without their labels.
Logistic regression of standardised features learns from few labelled images of each class and is
scored on the whole test part. It gets, beside these features, the pixels; 30 principal components
of the unlabelled images (more are worse with so few labels); fixed random convolutional networks;
the stages of a discriminator of one step, pooled alike; and the mean of the trained discriminator's
last stage alone. Every seed draws images anew and trains anew.
"""

import argparse
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.common.command_line import CommandLine, parameter, seeds_of
from benchmarks.common.image_features import image_features
from benchmarks.common.image_summaries import feature_gains
from benchmarks.common.image_tasks import few_rows, read_parts
from benchmarks.common.results import Results
from benchmarks.common.small_cnn import Images
from ganaug import DiscriminatorFeatures, ImageGAN

SIZES = {"mnist": (5, 20, 100), "cifar10": (20, 100), "digits": (5,)}
N_COMPONENTS = 30

Features = Callable[[np.ndarray], np.ndarray]


def pixels(X: np.ndarray) -> np.ndarray:
    """Rows of pixels from 0 to 1."""
    return X.reshape(len(X), -1) / 255


def principal_components(unlabelled: np.ndarray) -> Features:
    """Projection on the principal components of unlabelled images."""
    components = PCA(N_COMPONENTS, random_state=0).fit(pixels(unlabelled))
    return lambda X: components.transform(pixels(X))


def mean_of_last_stage(features: DiscriminatorFeatures) -> Features:
    """Channels of the coarsest stage of a discriminator, averaged over places."""
    discriminator = features.gan_.discriminators_[0]

    def means(X: np.ndarray) -> np.ndarray:
        images = X[:, None] if X.ndim == 3 else X.transpose(0, 3, 1, 2)
        parts = torch.from_numpy(images).split(200)
        with torch.no_grad():
            maps = [discriminator.coarsest_maps(part[None] / 127.5 - 1)[0] for part in parts]
        return torch.cat([stage.mean((2, 3)) for stage in maps]).numpy()

    return means


def first_of(features: DiscriminatorFeatures) -> Features:
    """Features of the first of several discriminators, which are those of one alone."""
    return lambda X: features.gan_.discriminator_features(X, 0)


def fit_features(
    options: argparse.Namespace, unlabelled: np.ndarray, seed: int
) -> dict[str, tuple[Features, float]]:
    """Features of each method, and the CPU seconds that it took to learn them."""
    parameters = dict(options.gan)
    gan = ImageGAN(**parameters) if parameters else None
    start = time.process_time()
    trained = DiscriminatorFeatures(
        gan, n_discriminators=options.discriminators, random_state=seed
    ).fit(unlabelled)
    seconds = time.process_time() - start
    hardly = ImageGAN(**(parameters | {"n_steps": 1}))
    untrained = DiscriminatorFeatures(hardly, random_state=seed).fit(unlabelled)
    each = seconds / options.discriminators
    methods: dict[str, tuple[Features, float]] = {
        "pixels": (pixels, 0.0),
        "principal components": (principal_components(unlabelled), 0.0),
        "random networks": (image_features, 0.0),
        "untrained discriminator": (untrained.transform, 0.0),
        "last stage, mean": (mean_of_last_stage(trained), each),
        "discriminator": (first_of(trained), each),
    }
    if options.discriminators > 1:
        methods[f"{options.discriminators} discriminators"] = (trained.transform, seconds)
    return methods


def run(options: argparse.Namespace, results: Results, source: str, seed: int) -> None:
    """Measure all methods on one draw of the data, where the results lack one."""
    sizes = options.sizes or SIZES[source]
    what = {"n_unlabelled": options.unlabelled, "parameters": dict(options.gan)}
    last = f"{options.discriminators} discriminators".replace("1 discriminators", "discriminator")
    if all(results.find(f"{source}-{n}", last, seed, **what) for n in sizes):
        return
    train, test = read_parts(source, options.data)
    rng = np.random.default_rng(seed)
    unlabelled = train.X[rng.permutation(len(train.y))[: options.unlabelled]]
    # the few of a size are among those of a larger one
    chosen = few_rows(train.y, max(sizes), rng).reshape(-1, max(sizes))
    for method, (features, seconds) in fit_features(options, unlabelled, seed).items():
        made = features(test.X)
        of_train = features(train.X[chosen.ravel()]).reshape(*chosen.shape, -1)
        for n_each in sizes:
            task = f"{source}-{n_each}"
            if results.find(task, method, seed, **what):
                continue
            few = Images(
                of_train[:, :n_each].reshape(-1, made.shape[1]), train.y[chosen[:, :n_each]]
            )
            score = accuracy(few, Images(made, test.y))
            scores = {"accuracy": score, "n_features": made.shape[1]}
            results.add(task, method, seed, options=what, scores=scores, seconds=seconds)
            print(task, seed, method, f"{score:.3f}", flush=True)


def accuracy(few: Images, test: Images) -> float:
    """Share of the test features that logistic regression of few standardised ones tells."""
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    return float(model.fit(few.X, few.y.ravel()).score(test.X, test.y))


def main() -> None:
    """Run what the command line asks for, and print it."""
    line = CommandLine(__doc__, __file__, data="required", n_seeds=3)
    add = line.parser.add_argument
    add("--sources", nargs="+", choices=SIZES, default=["mnist", "cifar10"], help="(both files)")
    add("--sizes", type=int, nargs="+", help="labelled images of a class (5 20 100, 20 100)")
    add("--unlabelled", type=int, default=5000, help="images without labels (5000)")
    add("--discriminators", type=int, default=2, help="of several (2)")
    add("--gan", nargs="*", type=parameter, default=[], help="parameters of ImageGAN")
    smoke: dict[str, Any] = {"sources": ["digits"], "unlabelled": 100, "gan": [("n_steps", 2)]}
    options, results = line.parse(smoke)
    torch.set_num_threads(1)
    for seed in seeds_of(options):
        for source in options.sources:
            run(options, results, source, seed)
    print(feature_gains(results.records))


if __name__ == "__main__":
    main()
