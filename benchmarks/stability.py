"""Do the GANs train with their defaults, on every data set and size, and how varied they draw.

``python benchmarks/stability.py`` fits ``ImageGAN()`` to scikit-learn's digits, ``--data DIR``
also to DIR/mnist.h5 and DIR/cifar10.h5; a line a fit goes to ``results/stability.jsonl``.
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
from image_tasks import draw_parts
from small_cnn import Images

from ganaug.metrics.diversity import relative_spread
from ganaug.metrics.features import random_features

HERE = Path(__file__).parent
AUGMENT = {"digits": "symbol", "mnist": "symbol", "cifar10": "photo"}

# Half as varied as real images: such a class is shown as collapsed.
COLLAPSED = 0.5


def fit_once(options: argparse.Namespace, source: str, n_each: int, seed: int) -> dict[str, Any]:
    """Fit one model to ``n_each`` images of each class and look at what it draws."""
    train, test = draw_parts(source, n_each, seed, options.data)
    model = pkgutil.resolve_name(options.model)(augment=AUGMENT[source], random_state=seed)
    start = time.perf_counter()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(train.X, train.y)
        seconds = time.perf_counter() - start
        drawn = Images(*model.sample(dict.fromkeys(range(10), options.drawn), random_state=seed))
    return {
        "source": source,
        "n_each": n_each,
        "seed": seed,
        "model": options.model,
        "seconds": seconds,
        "tiers": dict(Counter(model.tiers_.values())),
        "warnings": [f"{one.category.__name__}: {one.message}" for one in caught],
        "spread": [spread(test, drawn, label) for label in range(10)],
        "device": "cuda" if torch.cuda.is_available() else "cpu",
        "threads": options.threads,
        "torch": torch.__version__,
    }


def spread(real: Images, drawn: Images, label: int) -> float:
    """Mean distance of two drawn images of a class over that of two real ones, not trained on."""
    return relative_spread(*(features(one.X[one.y == label]) for one in (real, drawn)))


def features(X: np.ndarray) -> np.ndarray:
    """Features by random networks, of (n, H, W) or (n, H, W, C) of uint8."""
    images = X[:, None] if X.ndim == 3 else X.transpose(0, 3, 1, 2)
    return random_features(images / 127.5 - 1)


def shown(records: list[dict[str, Any]]) -> str:
    """A row a data set and size, over its seeds."""
    table = pd.DataFrame(
        {
            "data": f"{one['source']}-{one['n_each']}",
            "fits": 1,
            "seconds": one["seconds"],
            "spread": np.mean(one["spread"]),
            "lowest": np.min(one["spread"]),
            "collapsed": int(np.sum(np.array(one["spread"]) < COLLAPSED)),
            "warnings": len(one["warnings"]),
            "tiers": Counter(one["tiers"]),
        }
        for one in records
    )
    rows = table.groupby("data", sort=False).agg(
        {
            "fits": "sum",
            "seconds": "mean",
            "spread": "mean",
            "lowest": "min",
            "collapsed": "sum",
            "warnings": "sum",
            "tiers": lambda tiers: dict(sum(tiers, Counter())),
        }
    )
    return rows.round(2).reset_index().to_string(index=False)


def main() -> None:
    """Run what the command line asks for, and print it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--data", type=Path, help="folder with mnist.h5 and cifar10.h5")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 20, 50, 200])
    parser.add_argument("--drawn", type=int, default=200, help="samples of each class")
    parser.add_argument("--model", default="ganaug:ImageGAN", help="module:Class to fit")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--output", type=Path, default=HERE / "results" / "stability.jsonl")
    options = parser.parse_args()
    options.output.parent.mkdir(parents=True, exist_ok=True)

    torch.set_num_threads(options.threads)
    records = []
    for source in AUGMENT if options.data else ["digits"]:
        # scikit-learn has 174 images of one digit
        for n_each in (size for size in options.sizes if source != "digits" or size < 170):
            for seed in range(options.first_seed, options.first_seed + options.seeds):
                records.append(fit_once(options, source, n_each, seed))
                with options.output.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(records[-1]) + "\n")
                print(shown(records[-1:]), *records[-1]["warnings"], sep="\n", flush=True)
    print(f"\n{shown(records)}")


if __name__ == "__main__":
    main()
