"""Distance of enlarged images from real ones, beside bicubic interpolation.

``SuperResolver`` is trained on some training images of CIFAR-10, and enlarges its test images, made
half as large. PSNR (dB) and SSIM, higher is better, compare each image with the one that it was
made from; KID, lower is better, compares both sets in features of fixed random networks.
"""

import argparse
import time

import numpy as np
import torch
from scipy.ndimage import gaussian_filter

from benchmarks.common.command_line import CommandLine, seeds_of
from benchmarks.common.image_features import kid
from benchmarks.common.image_tasks import bundled_photographs, draw_parts
from benchmarks.common.markdown import markdown, mean_table
from benchmarks.common.results import as_table
from ganaug import SuperResolver

SCALE = 2
SIDE = 32
SCORES = ("psnr", "ssim", "kid", "seconds")

# Wang et al., "Image quality assessment: from error visibility to structural similarity", 2004.
SIGMA = 1.5
C1 = (0.01 * 255) ** 2
C2 = (0.03 * 255) ** 2


def psnr(enlarged: np.ndarray, true: np.ndarray) -> float:
    """Peak signal-to-noise ratio: a mean over images (n, height, width, channels), 0 to 255."""
    squares = ((enlarged.astype(float) - true) ** 2).mean(axis=(1, 2, 3))
    return float(np.mean(10 * np.log10(255**2 / squares)))


def ssim(enlarged: np.ndarray, true: np.ndarray) -> float:
    """Structural similarity: a mean over images and channels."""

    def local_mean(values: np.ndarray) -> np.ndarray:
        return gaussian_filter(values, (0, SIGMA, SIGMA, 0), truncate=3.5)

    a = enlarged.astype(float)
    b = true.astype(float)
    mean_a = local_mean(a)
    mean_b = local_mean(b)
    covariance = local_mean(a * b) - mean_a * mean_b
    variances = local_mean(a**2) - mean_a**2 + local_mean(b**2) - mean_b**2
    light = (2 * mean_a * mean_b + C1) / (mean_a**2 + mean_b**2 + C1)
    return float((light * (2 * covariance + C2) / (variances + C2)).mean())


def halve(X: np.ndarray) -> np.ndarray:
    """Means of squares of 2 x 2 pixels."""
    n, height, width, channels = X.shape
    squares = X.reshape(n, height // SCALE, SCALE, width // SCALE, SCALE, channels)
    return squares.mean(axis=(2, 4)).round().astype(np.uint8)


def draw_images(options: argparse.Namespace, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Training images and held-out ones."""
    if options.smoke:
        images = bundled_photographs(40, SIDE)
        return images[:20], images[20:]
    train, test = draw_parts("cifar10", options.each, seed, options.data)
    return train.X, test.X


def measure(train: np.ndarray, test: np.ndarray, n_steps: int, seed: int) -> dict:
    """Scores and seconds of one resolver, as ``Results.add`` takes them."""
    resolver = SuperResolver(scale=SCALE, n_steps=n_steps, random_state=seed)
    start = time.perf_counter()
    resolver.fit(train)
    seconds = time.perf_counter() - start
    enlarged = resolver.transform(halve(test))
    scores = {
        "psnr": psnr(enlarged, test),
        "ssim": ssim(enlarged, test),
        "kid": kid(test, enlarged),
    }
    return {"scores": scores, "seconds": seconds}


def main() -> None:
    """Run what the command line asks for, and print it."""
    line = CommandLine(__doc__, __file__, data="required", n_seeds=3)
    add = line.parser.add_argument
    add("--each", type=int, default=200, help="training images of each class (200)")
    add("--steps", type=int, default=SuperResolver().n_steps, help="of the training")
    options, results = line.parse(smoke={"each": 20, "steps": 1})
    torch.set_num_threads(1)
    task = f"{'photographs' if options.smoke else 'cifar10'}, 16 to 32 pixels"
    records = []
    for seed in seeds_of(options):
        for method, n_steps in (("bicubic", 0), ("SuperResolver", options.steps)):
            what = {"n_steps": n_steps, "n_each": options.each}
            known = results.find(task, method, seed, **what)
            if not known:
                measured = measure(*draw_images(options, seed), n_steps, seed)
                known = [results.add(task, method, seed, options=what, **measured)]
                print(seed, method, measured["scores"], flush=True)
            records += known
    print(markdown(mean_table(as_table(records), SCORES)))


if __name__ == "__main__":
    main()
