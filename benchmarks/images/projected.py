"""Do GANs gain from a discriminator that sees features of a frozen network.

``ImageGAN`` learns CIFAR-10, 100 images of each class, and squares of 64 pixels of the pictures
that come with scikit-image, 50 of each picture, whose right halves are held out (as in
``cascade``). Its discriminators see pixels, as in the package, or what EfficientNet-Lite0 makes of
them (see ``common.feature_games``), with or without pixels; all train for the same seconds of one
CPU core.

``kid`` is the distance to held-out images, class by class, in features of fixed random networks,
``features_kid`` in last maps of EfficientNet-Lite0, which is no neutral judge here, and
``judge_accuracy`` the share of samples that a CNN takes for their class, which has learnt from all
images of the file, or from many squares of both halves.
"""

import argparse
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from benchmarks.common.command_line import CommandLine, seeds_of
from benchmarks.common.feature_games import FeatureGame
from benchmarks.common.image_features import image_features
from benchmarks.common.image_tasks import CIFAR, draw_parts, few_rows
from benchmarks.common.markdown import markdown, mean_table
from benchmarks.common.picture_squares import SIDE, draw_halves, read_pictures
from benchmarks.common.pretrained import PACKAGES, PretrainedFeatures, is_installed
from benchmarks.common.results import as_table
from benchmarks.common.small_cnn import Images, Mixture, accuracy, train
from ganaug import ImageGAN, NetworkFeatures
from ganaug.metrics.kid import kid

# Images of each class: to learn from, to be tested on, and for the judge to learn from.
N_EACH = {"cifar10": 100, "pictures": 50, "digits": 10}
N_TEST = 100
N_JUDGED = {"cifar10": 500, "pictures": 300, "digits": 20}

# Steps of the two short fits that tell what a step takes.
TIMED = (5, 25)

# How discriminators see images; None as in the package.
VARIANTS = {
    "pixels": None,
    "features": FeatureGame(SIDE),
    "features and pixels": FeatureGame(SIDE, with_pixels=True),
}
HELD_OUT = "held-out images"
METHODS = [*VARIANTS, HELD_OUT]

# Options that the scores depend on.
DEPENDS_ON = ("seconds", "judge_steps")

SCORES = ("kid", "features_kid", "judge_accuracy", "n_steps", "cpu_seconds")


@lru_cache
def read_images(source: str, seed: int, folder: Path) -> tuple[Images, Images]:
    """Training images of a seed, and held-out ones."""
    rng = np.random.default_rng(seed)
    if source == "pictures":
        return draw_halves(colour_pictures(), (N_EACH[source], N_TEST), rng)
    learnt, test = draw_parts(source, N_EACH[source], seed, folder)
    return learnt, test[few_rows(test.y, N_TEST, rng)]


def colour_pictures() -> list[np.ndarray]:
    """Pictures of scikit-image."""
    return read_pictures(None, cv2.IMREAD_COLOR)


@lru_cache
def judge_of(source: str, folder: Path, n_steps: int) -> torch.nn.Module:
    """CNN that has learnt from many more images."""
    n_each = N_JUDGED[source]
    if source == "pictures":
        halves = draw_halves(colour_pictures(), (n_each, n_each), np.random.default_rng(1000))
        X, y = (np.concatenate([getattr(half, name) for half in halves]) for name in "Xy")
        many = Images(X, y)
    else:
        many = draw_parts(source, n_each, 0, folder)[0]
    return train(replace(CIFAR, n_steps=n_steps), many, Mixture(), "photo", seed=0)


@lru_cache
def network_features(side: int) -> Callable[[np.ndarray], np.ndarray]:
    """Last maps of EfficientNet-Lite0 for images of a side, averaged over places."""
    images = np.zeros((1, side, side, 3), np.uint8)
    return NetworkFeatures(PretrainedFeatures(96)).fit(images).transform


def fit_timed(game: Any, n_steps: int, data: Images, seed: int) -> tuple[ImageGAN, float]:
    """A model, and the seconds of the CPU that it took."""
    with nullcontext() if game is None else game.in_use():
        start = time.process_time()
        gan = ImageGAN(n_steps=n_steps, augment="photo", device="cpu", random_state=seed)
        gan.fit(data.X, data.y)
        return gan, time.process_time() - start


def steps_in(seconds: float, game: Any, data: Images) -> int:
    """Steps that a variant takes in this time."""
    short, longer = (fit_timed(game, n, data, 0)[1] for n in TIMED)
    of_step = (longer - short) / (TIMED[1] - TIMED[0])
    return max(TIMED[0], round(TIMED[0] + (seconds - short) / of_step))


def measure(options: argparse.Namespace, source: str, method: str, seed: int) -> dict[str, Any]:
    """Scores and seconds of one variant, as ``Results.add`` takes them."""
    data, test = read_images(source, seed, options.data)
    judge = judge_of(source, options.data, options.judge_steps)
    if method == HELD_OUT:
        return {"scores": {"judge_accuracy": accuracy(judge, test)}}
    game = VARIANTS[method]
    start = time.perf_counter()
    n_steps = steps_in(options.seconds, game, data)
    gan, cpu_seconds = fit_timed(game, n_steps, data, seed)
    sizes = dict.fromkeys(gan.classes_.tolist(), N_TEST)
    fake = Images(*gan.sample(sizes, random_state=seed))
    spaces = {"kid": image_features}
    if is_installed():
        spaces["features_kid"] = network_features(data.X.shape[1])
    of = [(test.X[test.y == label], fake.X[fake.y == label]) for label in sizes]
    scores = {
        name: float(np.mean([kid(space(real), space(drawn)) for real, drawn in of]))
        for name, space in spaces.items()
    }
    return {
        "scores": {
            **scores,
            "judge_accuracy": accuracy(judge, fake),
            "n_steps": n_steps,
            "cpu_seconds": cpu_seconds,
        },
        "seconds": time.perf_counter() - start,
    }


def summary(records: list[dict[str, Any]]) -> str:
    """Scores of each source and variant."""
    frame = as_table(records)
    return markdown(mean_table(frame, [name for name in SCORES if name in frame]))


def main() -> None:
    """Run what the command line asks for, and print it."""
    line = CommandLine(__doc__, __file__, data="required", n_seeds=3)
    add = line.parser.add_argument
    add(
        "--sources", nargs="+", choices=list(N_EACH), default=["cifar10", "pictures"], help="(both)"
    )
    add("--methods", nargs="+", choices=METHODS, default=METHODS, help="(all)")
    add("--seconds", type=float, default=100.0, help="of a core that each may train (100)")
    add("--judge-steps", type=int, default=3000, help="of the CNN that judges (3000)")
    smoke = {"sources": ["digits"], "methods": ["pixels", HELD_OUT], "seconds": 0.1}
    options, results = line.parse(smoke | {"judge_steps": 5})
    torch.set_num_threads(1)
    if not is_installed() and not options.smoke:
        line.parser.error(f"it needs {' and '.join(PACKAGES)}: pip install them")
    records = []
    for source in options.sources:
        for seed in seeds_of(options):
            for method in options.methods:
                what = {name: getattr(options, name) for name in DEPENDS_ON}
                known = results.find(source, method, seed, **what)
                if not known:
                    found = measure(options, source, method, seed)
                    known = [results.add(source, method, seed, options=what, **found)]
                    print(source, seed, method, found["scores"], flush=True)
                records += known
    print(summary(records))


if __name__ == "__main__":
    main()
