"""Do large images of a cascade come near real ones, and does its upscaler add to that.

Squares in colour of the two photographs of scikit-learn, near and from afar, are four classes of
100 images, as in ``cost.large_images``. ``ImageGAN`` learns them at 128 pixels, alone and as a
cascade, and at 256 pixels as a cascade, with classical augmentation and all else by default. 100
other squares of each class are what samples are compared with; they overlap the training images,
so that scores tell how near samples come to these, not whether they are new.

``kid`` is the distance to other squares, class by class, in features of fixed random networks,
which see images at no more than 128 pixels, ``features_kid`` in last maps of EfficientNet-Lite0 at
224 pixels, which looks at textures above all. "training images" are what samples could be
at best; "enlarged smoothly" are the cascade's samples made as small as its GAN draws them, and
enlarged by bicubic interpolation.
"""

import time

import cv2
import numpy as np
import torch

from benchmarks.common.command_line import CommandLine, seeds_of
from benchmarks.common.image_features import image_features
from benchmarks.common.markdown import markdown, mean_table
from benchmarks.common.photograph_crops import photograph_crops
from benchmarks.common.pretrained import PACKAGES, PretrainedFeatures, is_installed
from benchmarks.common.results import Results, as_table
from benchmarks.common.small_cnn import Images
from ganaug import ImageGAN, NetworkFeatures, SuperResolver
from ganaug.metrics.kid import kid

SCALE = 4
TRAINING_IMAGES = "training images"
CASCADE = "cascade"
SMOOTH = "cascade, enlarged smoothly"
ALONE = "ImageGAN"
SCORES = ("kid", "features_kid", "cpu_seconds")

# Pixels a side that a GAN learns without a cascade, and that EfficientNet-Lite0 was trained on.
MAX_SIDE = 128
NETWORK_SIDE = 224


class Judge:
    """Scores of images, by other ones of their classes.

    Parameters
    ----------
    others : Images
    """

    def __init__(self, others: Images):
        self._spaces = {"kid": image_features}
        self._others = others
        if is_installed():
            network = NetworkFeatures(PretrainedFeatures(NETWORK_SIDE)).fit(others.X[:1])
            self._spaces["features_kid"] = network.transform

    def __call__(self, images: Images) -> dict[str, float]:
        """Scores of images."""
        scores = {}
        for name, space in self._spaces.items():
            real = space(self._others.X)
            fake = space(images.X)
            labels = np.unique(images.y)
            of = [kid(real[self._others.y == k], fake[images.y == k]) for k in labels]
            scores[name] = float(np.mean(of))
        return scores


def fit_timed(data: Images, n_steps: int | str, seed: int, cascade: bool) -> tuple[ImageGAN, float]:
    """A model, and the seconds of the CPU that it took."""
    n_upscaler_steps = SuperResolver().n_steps if n_steps == "auto" else n_steps
    gan = ImageGAN(
        n_steps=n_steps,
        upscaler=SuperResolver(scale=SCALE, n_steps=n_upscaler_steps) if cascade else None,
        augment="photo",
        device="cpu",
        random_state=seed,
    )
    start = time.process_time()
    gan.fit(data.X, data.y)
    return gan, time.process_time() - start


def enlarge_smoothly(images: Images) -> Images:
    """Images made smaller by the upscaler's factor, and larger again."""
    side = images.X.shape[1]
    small = [cv2.resize(x, (side // SCALE,) * 2, interpolation=cv2.INTER_AREA) for x in images.X]
    large = [cv2.resize(x, (side, side), interpolation=cv2.INTER_CUBIC) for x in small]
    return Images(np.stack(large), images.y)


def run(results: Results, side: int, seed: int, what: dict) -> None:
    """Add the records of all methods at one size."""
    rng = np.random.default_rng(seed)
    data, others = (photograph_crops(side, what["n_each"], rng) for _ in range(2))
    judge = Judge(others)
    task = f"{len(data.X)} colour images of {side} pixels, 4 classes"

    def add(method: str, images: Images, seconds: float | None = None) -> None:
        taken = {} if seconds is None else {"cpu_seconds": seconds}
        scores = {**judge(images), **taken}
        results.add(task, method, seed, options=what, scores=scores)
        print(task, method, scores, flush=True)

    if not results.find(task, TRAINING_IMAGES, seed, **what):
        add(TRAINING_IMAGES, data)
    for method in (CASCADE, ALONE) if side <= MAX_SIDE else (CASCADE,):
        if results.find(task, method, seed, **what):
            continue
        gan, seconds = fit_timed(data, what["n_steps"], seed, method == CASCADE)
        sizes = dict.fromkeys(gan.classes_.tolist(), what["n_each"])
        images = Images(*gan.sample(sizes, random_state=seed))
        if method == CASCADE:
            add(SMOOTH, enlarge_smoothly(images))
        add(method, images, seconds)


def main() -> None:
    """Run what the command line asks for, and print it."""
    line = CommandLine(__doc__, __file__, n_seeds=1)
    add = line.parser.add_argument
    add("--sides", type=int, nargs="+", default=[128, 256], help="in pixels (128 256)")
    options, results = line.parse({"sides": [32]})
    torch.set_num_threads(1)
    if not is_installed() and not options.smoke:
        line.parser.error(f"it needs {' and '.join(PACKAGES)}: pip install them")
    n_steps, n_each = (1, 10) if options.smoke else ("auto", 100)
    what = {"n_each": n_each, "n_steps": n_steps, "threads": 1}
    for seed in seeds_of(options):
        for side in options.sides:
            run(results, side, seed, what)
    frame = as_table(results.records)
    print(markdown(mean_table(frame, [name for name in SCORES if name in frame])))


if __name__ == "__main__":
    main()
