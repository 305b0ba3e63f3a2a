"""Do the GANs train, on every data set and size, and how near real images do they draw.

``python benchmarks/quality.py`` fits ``ImageGAN()`` to scikit-learn's digits, ``--data DIR``
also to DIR/mnist.h5 and DIR/cifar10.h5; every ``--gan`` is a variant to compare, such as
``--gan augment=None`` or ``--gan sharing=none n_steps=500``. A line a fit goes to
``results/quality.jsonl``.

Figures are means over classes, in features of fixed random networks, of drawn images and of test
images beside the same figures of other test images: kernel distance (KID), coverage, and the mean
distance of two images of a class over that of two real ones ("spread").
"""

import argparse
import json
import pkgutil
import time
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from command_line import parameter
from image_tasks import draw_parts
from small_cnn import Images

from ganaug.metrics.diversity import relative_spread
from ganaug.metrics.features import random_features
from ganaug.metrics.kid import kid
from ganaug.metrics.prdc import prdc

HERE = Path(__file__).parent
AUGMENT = {"digits": "symbol", "mnist": "symbol", "cifar10": "photo"}

# Images of a class that are compared, at most: as many drawn ones as real ones.
MAX_COMPARED = 200

# Less varied than real images by so much, a class counts as collapsed.
COLLAPSED = 0.6


def fit_once(
    options: argparse.Namespace, source: str, n_each: int, seed: int, parameters: dict[str, Any]
) -> dict[str, Any]:
    """Fit one model to ``n_each`` images of each class and look at what it draws."""
    train, test = draw_parts(source, n_each, seed, options.data)
    model = pkgutil.resolve_name(options.model)(
        **{"augment": AUGMENT[source], "random_state": seed, **parameters}
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        start = time.perf_counter()
        model.fit(train.X, train.y)
        seconds = time.perf_counter() - start
        drawn = Images(*model.sample(dict.fromkeys(range(10), MAX_COMPARED), random_state=seed))
    figures = pd.DataFrame([of_class(test, drawn, label) for label in range(10)])
    return {
        "source": source,
        "n_each": n_each,
        "seed": seed,
        "model": options.model,
        "parameters": parameters,
        "seconds": seconds,
        "steps": model.n_steps_,
        "tiers": dict(Counter(model.tiers_.values())),
        "warnings": [f"{one.category.__name__}: {one.message}" for one in caught],
        **figures.to_dict("list"),
        "device": "cuda" if torch.cuda.is_available() else "cpu",
        "threads": options.threads,
        "torch": torch.__version__,
    }


def of_class(test: Images, drawn: Images, label: int) -> dict[str, float]:
    """Figures of the drawn images of a class, and of real ones, against other real ones."""
    # files may hold images in an order, such as that of their writers
    rows = np.random.default_rng(0).permutation(np.flatnonzero(test.y == label))
    real = features(test.X[rows])
    half = min(len(real) // 2, MAX_COMPARED)
    reference, others = real[:half], real[half : 2 * half]
    fake = features(drawn.X[drawn.y == label][:half])
    return {
        "KID": kid(reference, fake),
        "KID_real": kid(reference, others),
        "coverage": prdc(reference, fake)["coverage"],
        "coverage_real": prdc(reference, others)["coverage"],
        "spread": relative_spread(reference, fake),
    }


def features(X: np.ndarray) -> np.ndarray:
    """Features by random networks, of (n, H, W) or (n, H, W, C) of uint8."""
    images = X[:, None] if X.ndim == 3 else X.transpose(0, 3, 1, 2)
    return random_features(images / 127.5 - 1)


def shown(records: list[dict[str, Any]]) -> str:
    """A row a data set, size and variant: means over seeds, with their spread where it tells."""
    table = pd.DataFrame(
        {
            "data": f"{one['source']}-{one['n_each']}",
            "variant": " ".join(f"{key}={value}" for key, value in one["parameters"].items()),
            "fits": 1,
            "seconds": one["seconds"],
            "steps": one["steps"],
            **{name: np.mean(one[name]) for name in ("KID", "KID_real")},
            **{name: np.mean(one[name]) for name in ("coverage", "coverage_real", "spread")},
            "lowest": np.min(one["spread"]),
            "collapsed": int(np.sum(np.array(one["spread"]) < COLLAPSED)),
            "warnings": len(one["warnings"]),
            "tiers": Counter(one["tiers"]),
        }
        for one in records
    )
    means = ["seconds", "steps", "KID", "KID_real", "coverage", "coverage_real", "spread"]
    rows = table.groupby(["data", "variant"], sort=False).agg(
        {
            "fits": "sum",
            **dict.fromkeys(means, "mean"),
            "lowest": "min",
            "collapsed": "sum",
            "warnings": "sum",
            "tiers": lambda tiers: dict(sum(tiers, Counter())),
        }
    )
    digits = {"seconds": 0, "steps": 0, "KID": 3, "KID_real": 3}
    return (
        rows.round({**dict.fromkeys(rows.columns, 2), **digits})
        .reset_index()
        .to_string(index=False)
    )


def main() -> None:
    """Run what the command line asks for, and print it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--data", type=Path, help="folder with mnist.h5 and cifar10.h5")
    parser.add_argument("--sources", nargs="+", choices=AUGMENT, help="default: all with data")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 50, 200])
    parser.add_argument("--model", default="ganaug:ImageGAN", help="module:Class to fit")
    parser.add_argument(
        "--gan", nargs="*", action="append", type=parameter, help="parameters of a variant"
    )
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--output", type=Path, default=HERE / "results" / "quality.jsonl")
    options = parser.parse_args()
    options.output.parent.mkdir(parents=True, exist_ok=True)

    torch.set_num_threads(options.threads)
    records = []
    for source in options.sources or (AUGMENT if options.data else ["digits"]):
        # scikit-learn has 174 images of one digit
        for n_each in (size for size in options.sizes if source != "digits" or size < 150):
            for seed in range(options.first_seed, options.first_seed + options.seeds):
                for variant in options.gan or [[]]:
                    records.append(fit_once(options, source, n_each, seed, dict(variant)))
                    with options.output.open("a", encoding="utf-8") as file:
                        file.write(json.dumps(records[-1]) + "\n")
                    print(shown(records[-1:]), *records[-1]["warnings"], sep="\n", flush=True)
    print(f"\n{shown(records)}")


if __name__ == "__main__":
    main()
