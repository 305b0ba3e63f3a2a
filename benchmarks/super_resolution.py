"""How near enlarged images come to real ones, beside bicubic interpolation.

``python benchmarks/super_resolution.py --data DIR`` makes the images of DIR/cifar10.h5 half as
large, trains ``SuperResolver`` on some of the training part, and enlarges those of the test part.
PSNR (dB) and SSIM, higher is better, compare each image with the one that it was made from; KID,
lower is better, compares both sets in features of fixed random networks. A line a seed and method
goes to ``results/super_resolution.jsonl``.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from image_tasks import file_parts
from scipy.ndimage import gaussian_filter

from ganaug import SuperResolver
from ganaug.metrics.features import random_features
from ganaug.metrics.kid import kid

OUTPUT = Path(__file__).parent / "results" / "super_resolution.jsonl"
SCALE = 2

# Wang et al., "Image quality assessment: from error visibility to structural similarity", 2004.
SIGMA, C1, C2 = 1.5, (0.01 * 255) ** 2, (0.03 * 255) ** 2


def psnr(found: np.ndarray, true: np.ndarray) -> float:
    """Mean over images (n, height, width, channels) from 0 to 255."""
    squares = ((found.astype(float) - true) ** 2).mean(axis=(1, 2, 3))
    return float(np.mean(10 * np.log10(255**2 / squares)))


def ssim(found: np.ndarray, true: np.ndarray) -> float:
    """Mean over images and channels."""

    def mean(values: np.ndarray) -> np.ndarray:
        return gaussian_filter(values, (0, SIGMA, SIGMA, 0), truncate=3.5)

    a, b = found.astype(float), true.astype(float)
    mean_a, mean_b = mean(a), mean(b)
    together = mean(a * b) - mean_a * mean_b
    spread = mean(a**2) - mean_a**2 + mean(b**2) - mean_b**2
    light = (2 * mean_a * mean_b + C1) / (mean_a**2 + mean_b**2 + C1)
    return float((light * (2 * together + C2) / (spread + C2)).mean())


def features(X: np.ndarray) -> np.ndarray:
    """Of uint8 images, as the metrics read them."""
    return random_features((X.astype(np.float32) / 127.5 - 1).transpose(0, 3, 1, 2))


def halved(X: np.ndarray) -> np.ndarray:
    """Means of squares of 2 x 2 pixels."""
    n, height, width, channels = X.shape
    squares = X.reshape(n, height // SCALE, SCALE, width // SCALE, SCALE, channels)
    return squares.mean(axis=(2, 4)).round().astype(np.uint8)


def run(seed: int, options: argparse.Namespace) -> list[dict]:
    """Records of both methods."""
    rng = np.random.default_rng(seed)
    train, test = file_parts(options.data / "cifar10.h5", options.each, rng)
    expected, records = features(test.X), []
    for method, n_steps in (("bicubic", 0), ("SuperResolver", options.steps)):
        resolver = SuperResolver(scale=SCALE, n_steps=n_steps, random_state=seed)
        start = time.perf_counter()
        resolver.fit(train.X)
        seconds = time.perf_counter() - start
        found = resolver.transform(halved(test.X))
        records.append(
            {
                **{"seed": seed, "method": method, "n_steps": n_steps, "each": options.each},
                **{"PSNR": psnr(found, test.X), "SSIM": ssim(found, test.X)},
                **{"KID": kid(expected, features(found)), "seconds": seconds},
            }
        )
    return records


def main() -> None:
    """Run what the command line asks for, and print it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with cifar10.h5")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--each", type=int, default=200, help="training images of each class")
    parser.add_argument("--steps", type=int, default=SuperResolver().n_steps)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    options = parser.parse_args()
    torch.set_num_threads(1)
    records = [record for seed in range(options.seeds) for record in run(seed, options)]
    with options.output.open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(record) + "\n" for record in records)
    columns = ["PSNR", "SSIM", "KID", "seconds"]
    table = pd.DataFrame(records).groupby("method", sort=False)[columns].agg(["mean", "std"])
    print(table.round(4).to_string())


if __name__ == "__main__":
    main()
