"""Is a cascade worth more than a GAN of full-size images that is trained for as long.

Grey squares of 64 pixels are cut out of pictures that come with scikit-image (``--pictures DIR``:
out of PNG and JPEG files of that folder). A picture is a class; its left half gives the training
images, its right half the held-out ones. ``ImageGAN`` learns them at 32 pixels, enlarged by a
``SuperResolver`` (``--scale 4``: at 16), and at 64 pixels in as many steps as take the same time.

KID, lower is better, compares samples with held-out images, class by class, in features of fixed
random networks; that of "classical" is of training images. Accuracy is that of a small CNN on
held-out images, trained with classical augmentation, alone and with a share of samples in each
batch.
"""

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.common.command_line import CommandLine, seeds_of
from benchmarks.common.image_features import kid
from benchmarks.common.markdown import markdown, mean_table
from benchmarks.common.picture_squares import SIDE, bundled_pictures, draw_halves, read_pictures
from benchmarks.common.results import Results, as_table
from benchmarks.common.small_cnn import Images, Mixture, Recipe, accuracy, train
from ganaug import ImageGAN, SuperResolver

TASK = f"pictures, {SIDE} pixels"
SCORES = ("kid", "accuracy", "n_steps", "seconds")

# What changes no label: as the classical augmentation of photographs, in the words of ImageGAN.
AUGMENT = ("affine", "flip")
WIDTHS = (16, 32, 64, 128)

# Steps of the two short fits that tell what a step of the direct model takes.
TIMED = (10, 40)


def mean_kid(real: Images, other: Images) -> float:
    """KID, averaged over classes."""
    labels = np.unique(real.y)
    return float(np.mean([kid(real.X[real.y == k], other.X[other.y == k]) for k in labels]))


def fit_timed(parameters: dict[str, Any], data: Images, seed: int) -> tuple[ImageGAN, float]:
    """A model, and the seconds of a CPU that it took: what else the machine does adds none."""
    start = time.process_time()
    gan = ImageGAN(augment=AUGMENT, device="cpu", random_state=seed, **parameters)
    gan.fit(data.X, data.y)
    return gan, time.process_time() - start


def steps_in(seconds: float, data: Images, seed: int) -> int:
    """Steps that a direct model takes in this time."""
    short, longer = (fit_timed({"n_steps": n}, data, seed)[1] for n in TIMED)
    of_step = max(longer - short, 1e-3) / (TIMED[1] - TIMED[0])
    return max(TIMED[0], round(TIMED[0] + (seconds - short) / of_step))


def draw_samples(gan: ImageGAN, n_each: int, seed: int) -> Images:
    """So many samples of each class."""
    return Images(*gan.sample(dict.fromkeys(gan.classes_.tolist(), n_each), random_state=seed))


def upscaler_of(options: argparse.Namespace) -> SuperResolver:
    """The network that enlarges the cascade's images, as the command line asks for it."""
    return SuperResolver(
        scale=options.scale,
        n_steps=options.upscaler_steps,
        fidelity=options.fidelity,
        augment=AUGMENT,
    )


def models(data: Images, seed: int, options: argparse.Namespace) -> dict[str, tuple]:
    """Both models by name, each with its seconds."""
    parameters = {"n_steps": options.steps, "upscaler": upscaler_of(options)}
    cascade = fit_timed(parameters, data, seed)
    return {
        "cascade": cascade,
        "direct": fit_timed({"n_steps": steps_in(cascade[1], data, seed)}, data, seed),
    }


def measure(
    images: Images, parts: tuple[Images, Images], mixture: Mixture, recipe: Recipe, seed: int
):
    """KID of images, and the accuracy of the CNN that learns with them."""
    real, held_out = parts
    model = train(recipe, real, mixture, "photo", seed)
    return {"kid": mean_kid(held_out, images), "accuracy": accuracy(model, held_out)}


def run(
    options: argparse.Namespace, results: Results, pictures: list[np.ndarray], seed: int
) -> None:
    """Add the records of all methods on one draw of the data."""
    sizes = (options.each, options.test)
    parts = draw_halves(pictures, sizes, np.random.default_rng(seed))
    recipe = Recipe(widths=WIDTHS, n_steps=options.cnn_steps)
    what = {"n_each": options.each}
    scores = measure(parts[0], parts, Mixture(), recipe, seed)
    results.add(
        TASK, "classical", seed, options={**what, "share": 0.0}, scores={**scores, "n_steps": 0}
    )
    for method, (gan, seconds) in models(parts[0], seed, options).items():
        images = draw_samples(gan, options.pool, seed)
        mixture = Mixture(synthetic=images, share=options.share)
        scores = measure(images, parts, mixture, recipe, seed)
        results.add(
            TASK,
            method,
            seed,
            options={**what, "share": options.share, "upscaler": repr(gan.upscaler)},
            scores={**scores, "n_steps": gan.n_steps_},
            seconds=seconds,
        )
        print(seed, method, scores, flush=True)


def main() -> None:
    """Run what the command line asks for, and print it."""
    line = CommandLine(__doc__, __file__, n_seeds=3)
    add = line.parser.add_argument
    add("--pictures", type=Path, help="folder of PNG and JPEG files")
    add("--each", type=int, default=20, help="training images of each class (20)")
    add("--test", type=int, default=100, help="held-out images of each class (100)")
    # of five settings that take about as long, the one of the lowest KID with seed 1000
    add("--steps", type=int, default=1450, help="of the cascade's GANs (1450)")
    add("--upscaler-steps", type=int, default=200, help="(200)")
    add("--scale", type=int, choices=(2, 4), default=2, help="of the upscaler (2)")
    add("--fidelity", type=float, default=10.0, help="of the upscaler (10)")
    add("--cnn-steps", type=int, default=300, help="(300)")
    add("--pool", type=int, default=200, help="samples of each class (200)")
    add("--share", type=float, default=0.25, help="synthetic part of a batch (0.25)")
    short = dict.fromkeys(("steps", "upscaler_steps", "cnn_steps"), 2)
    options, results = line.parse(smoke={"each": 10, "test": 10, "pool": 10, **short})
    torch.set_num_threads(1)
    pictures = bundled_pictures() if options.smoke else read_pictures(options.pictures)
    what = {"n_each": options.each, "share": options.share, "upscaler": repr(upscaler_of(options))}
    for seed in seeds_of(options):
        if not results.find(TASK, "cascade", seed, **what):
            run(options, results, pictures, seed)
    chosen = [one for one in results.records if one["seed"] in seeds_of(options)]
    print(markdown(mean_table(as_table(chosen), SCORES)))


if __name__ == "__main__":
    main()
