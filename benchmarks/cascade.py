"""Is a cascade worth more than a GAN of full-size images that is trained for as long.

``python benchmarks/cascade.py`` cuts grey squares of 64 pixels out of pictures that come with
scikit-image (``--pictures DIR``: out of PNG and JPEG files of that folder). A picture is a class;
its left half gives the training images, its right half the held-out ones. ``ImageGAN`` learns them
at 32 pixels, enlarged by a ``SuperResolver`` (``--scale 4``: at 16), and at 64 pixels in as many
steps as take the same time.

KID, lower is better, compares samples with held-out images, class by class, in features of fixed
random networks; the same of training images stands beside it. Accuracy is that of a small CNN on
held-out images, trained with classical augmentation, alone and with a share of samples in each
batch. A line a seed and method goes to ``results/cascade.jsonl``. ``--smoke`` shows in seconds that
it all works: its figures mean nothing.
"""

import argparse
import json
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
import torch
from small_cnn import Images, Mixture, Recipe, accuracy, train

from ganaug import ImageGAN, SuperResolver
from ganaug.metrics.features import random_features
from ganaug.metrics.kid import kid

OUTPUT = Path(__file__).parent / "results" / "cascade.jsonl"
SIDE = 64

# Of scikit-image: materials, cells and skies, whose halves resemble each other.
NAMES = (
    *("brick.png", "grass.png", "gravel.png", "coins.png", "cell.png", "ihc.png", "retina.jpg"),
    *("hubble_deep_field.jpg", "rocket.jpg", "motorcycle_left.png"),
)

# What changes no label: as the classical augmentation of photographs, in the words of ImageGAN.
AUGMENT = ("affine", "flip")
WIDTHS = (16, 32, 64, 128)

# Steps of the two short fits that tell what a step of the direct model takes.
TIMED = (10, 40)


def read(folder: Path | None) -> list[np.ndarray]:
    """Grey pictures whose halves are large enough; those that come with scikit-image for None.

    Raises
    ------
    FileNotFoundError
        Where there are fewer than two.
    """
    if folder is not None:
        files = sorted(path for path in folder.iterdir() if path.suffix in (".png", ".jpg"))
    else:
        # found, not imported: nothing but its files is needed
        found = find_spec("skimage")
        data = Path(found.origin).parent / "data" if found and found.origin else Path()
        files = [data / name for name in NAMES if (data / name).exists()]
    pictures = [cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) for path in files]
    pictures = [one for one in pictures if min(one.shape[0], one.shape[1] // 2) >= SIDE]
    if len(pictures) < 2:
        raise FileNotFoundError("no pictures: pip install 'ganaug[benchmark]', or --pictures DIR.")
    return pictures


def crops(picture: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """Random squares (n, SIDE, SIDE) of a picture."""
    height, width = picture.shape
    rows, columns = (rng.integers(0, side - SIDE + 1, n) for side in (height, width))
    return np.stack(
        [picture[i : i + SIDE, j : j + SIDE] for i, j in zip(rows, columns, strict=True)]
    )


def parts(
    pictures: list[np.ndarray], sizes: tuple[int, int], rng: np.random.Generator
) -> tuple[Images, Images]:
    """Training images of the left halves and held-out ones of the right; so many a class."""
    halves = [np.split(picture, [picture.shape[1] // 2], axis=1) for picture in pictures]
    X = [
        np.concatenate([crops(half[part], sizes[part], rng) for half in halves]) for part in (0, 1)
    ]
    y = [np.repeat(range(len(pictures)), size) for size in sizes]
    return Images(X[0], y[0]), Images(X[1], y[1])


def features(X: np.ndarray) -> np.ndarray:
    """Of uint8 images, as the metrics read them."""
    return random_features((X.astype(np.float32) / 127.5 - 1)[:, None])


def distance(real: Images, other: Images) -> float:
    """KID, averaged over classes."""
    both = [(real.X[real.y == k], other.X[other.y == k]) for k in np.unique(real.y)]
    return float(np.mean([kid(features(a), features(b)) for a, b in both]))


def fitted(parameters: dict[str, Any], data: Images, seed: int) -> tuple[ImageGAN, float]:
    """A model, and the seconds of a CPU that it took: what else the machine does adds none."""
    start = time.process_time()
    gan = ImageGAN(augment=AUGMENT, device="cpu", random_state=seed, **parameters)
    gan.fit(data.X, data.y)
    return gan, time.process_time() - start


def steps_in(seconds: float, data: Images, seed: int) -> int:
    """Steps that a direct model takes in this time."""
    short, longer = (fitted({"n_steps": n}, data, seed)[1] for n in TIMED)
    of_step = max(longer - short, 1e-3) / (TIMED[1] - TIMED[0])
    return max(TIMED[0], round(TIMED[0] + (seconds - short) / of_step))


def drawn(gan: ImageGAN, n_each: int, seed: int) -> Images:
    """So many samples of each class."""
    return Images(*gan.sample(dict.fromkeys(gan.classes_.tolist(), n_each), random_state=seed))


def models(data: Images, seed: int, options: argparse.Namespace) -> dict[str, tuple]:
    """Both models by name, each with its seconds."""
    upscaler = SuperResolver(
        scale=options.scale,
        n_steps=options.upscaler_steps,
        fidelity=options.fidelity,
        augment=AUGMENT,
    )
    cascade = fitted({"n_steps": options.steps, "upscaler": upscaler}, data, seed)
    return {
        "cascade": cascade,
        "direct": fitted({"n_steps": steps_in(cascade[1], data, seed)}, data, seed),
    }


def run(seed: int, pictures: list[np.ndarray], options: argparse.Namespace) -> list[dict]:
    """Records of all methods."""
    sizes = (options.each, options.test)
    real, held_out = parts(pictures, sizes, np.random.default_rng(seed))
    recipe = Recipe(widths=WIDTHS, n_steps=options.cnn_steps)

    def record(method: str, images: Images, mixture: Mixture, **more: Any) -> dict:
        model = train(recipe, real, mixture, "photo", seed)
        line = {"seed": seed, "method": method, "each": options.each, "share": mixture.share}
        line |= {"KID": distance(held_out, images), "accuracy": accuracy(model, held_out), **more}
        print(line, flush=True)
        return line

    records = [record("classical", real, Mixture(), n_steps=0, seconds=0.0)]
    for method, (gan, seconds) in models(real, seed, options).items():
        images = drawn(gan, options.pool, seed)
        mixture = Mixture(synthetic=images, share=options.share)
        record_of = {"upscaler": repr(gan.upscaler), "n_steps": gan.n_steps_, "seconds": seconds}
        records.append(record(method, images, mixture, **record_of))
    return records


def parsed() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=Path, help="folder of PNG and JPEG files")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--each", type=int, default=20, help="training images of each class")
    parser.add_argument("--test", type=int, default=100, help="held-out images of each class")
    # of five settings that take about as long, the one of the lowest KID with seed 1000
    parser.add_argument("--steps", type=int, default=1450, help="of the cascade's GANs")
    parser.add_argument("--upscaler-steps", type=int, default=200)
    parser.add_argument("--scale", type=int, choices=(2, 4), default=2, help="of the upscaler")
    parser.add_argument("--fidelity", type=float, default=10.0, help="of the upscaler")
    parser.add_argument("--cnn-steps", type=int, default=300)
    parser.add_argument("--pool", type=int, default=200, help="samples of each class")
    parser.add_argument("--share", type=float, default=0.25, help="synthetic part of a batch")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    parser.add_argument("--smoke", action="store_true", help="hardly any images and training")
    options = parser.parse_args()
    if options.smoke:
        options.seeds, options.each, options.test, options.pool = 1, 10, 10, 10
        options.steps = options.upscaler_steps = options.cnn_steps = 2
    return options


def main() -> None:
    """Run what the command line asks for, and print it."""
    options = parsed()
    torch.set_num_threads(1)
    pictures = read(options.pictures)[: 2 if options.smoke else None]
    records = []
    for seed in range(options.seeds):
        of_seed = run(seed, pictures, options)
        records += of_seed
        with options.output.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(record) + "\n" for record in of_seed)
    columns = ["KID", "accuracy", "n_steps", "seconds"]
    table = pd.DataFrame(records).groupby("method", sort=False)[columns].agg(["mean", "std"])
    print(table.round(4).to_string())


if __name__ == "__main__":
    main()
