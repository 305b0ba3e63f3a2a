"""Do the GANs train, on every data set and size, and how near real images do they draw.

``ImageGAN()`` is fitted to scikit-learn's digits, and with ``--data`` to MNIST and CIFAR-10; every
``--gan`` is a variant to compare, such as ``--gan augment=None`` or
``--gan sharing=none n_steps=500``.

Figures of each class, in features of fixed random networks, of drawn images and of test images,
stand beside the same figures of other test images: kernel distance (KID), coverage, and the mean
distance of two drawn images of a class over that of two real ones (spread). The checkerboard is the
share of their power at the highest frequency over that of real images, which scatters as the same
figure of other real images does. Of single images this share reaches the 99 % quantile of real ones
or less "within real", as 99 % of other real images would. Records of older runs lack both.
"""

import argparse
import pkgutil
import time
import warnings
from typing import Any

import numpy as np
import torch

from benchmarks.common.command_line import CommandLine, parameter, seeds_of, title
from benchmarks.common.image_features import image_features
from benchmarks.common.image_spectra import checkerboard_powers
from benchmarks.common.image_summaries import qualities
from benchmarks.common.image_tasks import AUGMENT, draw_parts
from benchmarks.common.results import Results
from benchmarks.common.small_cnn import Images
from ganaug.metrics.diversity import relative_spread
from ganaug.metrics.kid import kid
from ganaug.metrics.prdc import prdc

# Images of a class that are compared, at most: as many drawn ones as real ones.
MAX_COMPARED = 200
N_CLASSES = 10

# Quantile of real images' shares of power at the highest frequency that others are held against.
RANGE = 0.99

# scikit-learn has 174 images of one digit.
MAX_DIGITS = 150


def fit_once(
    options: argparse.Namespace, source: str, n_each: int, seed: int, parameters: dict[str, Any]
) -> list[dict[str, Any]]:
    """Fit one model, and look at what it draws: what ``Results.add`` takes, of each class."""
    train, test = draw_parts(source, n_each, seed, options.data)
    model = pkgutil.resolve_name(options.model)(
        **{"augment": AUGMENT[source], "random_state": seed, **parameters}
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        start = time.perf_counter()
        model.fit(train.X, train.y)
        seconds = time.perf_counter() - start
        sizes = dict.fromkeys(range(N_CLASSES), MAX_COMPARED)
        drawn = Images(*model.sample(sizes, random_state=seed))
    messages = [f"{one.category.__name__}: {one.message}" for one in caught]
    noted = {"warnings": " ".join(messages)} if messages else {}
    what = {"model": options.model, "parameters": parameters}
    return [
        {
            "options": {**what, "label": label},
            "scores": {**class_figures(test, drawn, label), "n_steps": model.n_steps_},
            "seconds": seconds,
            "device": "cuda" if torch.cuda.is_available() else "cpu",
            "notes": {"tier": model.tiers_[label], **noted},
        }
        for label in range(N_CLASSES)
    ]


def class_figures(test: Images, drawn: Images, label: int) -> dict[str, float]:
    """Figures of the drawn images of a class, and of real ones, against other real ones."""
    # files may hold images in an order, such as that of their writers
    rows = np.random.default_rng(0).permutation(np.flatnonzero(test.y == label))
    real = image_features(test.X[rows])
    half = min(len(real) // 2, MAX_COMPARED)
    reference = real[:half]
    others = real[half : 2 * half]
    drawn_images = drawn.X[drawn.y == label][:half]
    fake = image_features(drawn_images)
    boards = checkerboard_figures(test.X[rows[:half]], drawn_images)
    boards_real = checkerboard_figures(test.X[rows[:half]], test.X[rows[half : 2 * half]])
    return {
        "kid": kid(reference, fake),
        "kid_real": kid(reference, others),
        "coverage": prdc(reference, fake)["coverage"],
        "coverage_real": prdc(reference, others)["coverage"],
        "spread": relative_spread(reference, fake),
        **boards,
        **{f"{name}_real": value for name, value in boards_real.items()},
    }


def checkerboard_figures(real: np.ndarray, images: np.ndarray) -> dict[str, float]:
    """Power at the highest frequency against real images, and the share that is within theirs."""
    reference = checkerboard_powers(real)
    powers = checkerboard_powers(images)
    return {
        "checkerboard": float(powers.mean() / reference.mean()),
        "checkerboard_within": float((powers <= np.quantile(reference, RANGE)).mean()),
    }


def collect(
    options: argparse.Namespace, results: Results, source: str, n_each: int, seed: int
) -> list[dict[str, Any]]:
    """Records of all variants on one draw of the data, fitted where the results lack them."""
    records = []
    task = f"{source}-{n_each}"
    for variant in options.gan or [[]]:
        parameters = dict(variant)
        method = title(parameters, options.model.rpartition(":")[2])
        known = results.find(task, method, seed, model=options.model, parameters=parameters)
        if not known:
            fitted = fit_once(options, source, n_each, seed, parameters)
            known = [results.add(task, method, seed, **one) for one in fitted]
            print(qualities(known), flush=True)
        records += known
    return records


def main() -> None:
    """Run what the command line asks for, and print it."""
    line = CommandLine(__doc__, __file__, data="optional", n_seeds=3)
    add = line.parser.add_argument
    add("--sources", nargs="+", choices=AUGMENT, help="(all that there are)")
    add("--sizes", type=int, nargs="+", default=[10, 50, 200], help="images of a class (10 50 200)")
    add("--model", default="ganaug:ImageGAN", help="module:Class to fit")
    add("--gan", nargs="*", action="append", type=parameter, help="parameters of a variant")
    options, results = line.parse(smoke={"sizes": [10], "gan": [[("n_steps", 1)]]})
    torch.set_num_threads(1)
    records = []
    for source in options.sources or (AUGMENT if options.data else ["digits"]):
        for n_each in options.sizes:
            if source == "digits" and n_each > MAX_DIGITS:
                continue
            for seed in seeds_of(options):
                records += collect(options, results, source, n_each, seed)
    print(f"\n{qualities(records)}")


if __name__ == "__main__":
    main()
