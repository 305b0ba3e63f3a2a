"""Do images translated from other classes help a small CNN that knows few of a class.

The CNN of ``classification.py`` learns from 200 images of five classes and 20 of the others, of
MNIST and of CIFAR-10, with classical augmentation, alone and with a share of each batch from
``ImageGAN`` or from ``ClassTranslator``, in equal steps; with such a share, and where it is
"balanced", real images are drawn from all classes alike; "scarce" takes samples of the five scarce
classes only. ``judge_accuracy`` is the share of samples that a judge takes for the class that they
are to show; of methods without samples, of held-out real images. The judge is trained on all
training images of the file: a CNN for digits, a network that knows ImageNet for photographs.
``trained_classes`` is the share of classes that the model does not leave to moved copies of their
images, as ``ClassTranslator`` does where its guard cannot tell real images apart.
"""

import argparse
import time
from collections.abc import Collection
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.common.command_line import CommandLine, parameter, seeds_of
from benchmarks.common.image_pools import Pool, first_of_each, model_pool
from benchmarks.common.image_summaries import translations
from benchmarks.common.image_tasks import SETTINGS, SMOKE, Setting, Task, draw_parts, draw_task
from benchmarks.common.photograph_judge import photograph_judge
from benchmarks.common.results import Results
from benchmarks.common.small_cnn import Images, Mixture, accuracy, train

HALVES = ("mnist-200-20-halves", "cifar10-200-20-halves")
METHODS = ("classical", "balanced", "GAN", "GAN, scarce", "translator", "translator, scarce")
MODELS = {"GAN": "ImageGAN", "translator": "ClassTranslator"}

# Training images of each class in each source that the judge learns from.
N_JUDGED = {"digits": 100, "mnist": 1000, "cifar10": 500}


def pools(options: argparse.Namespace, task: Task, wanted: Collection[str]) -> dict[str, Pool]:
    """Synthetic images of the methods that have some."""
    found = {}
    for name, model in MODELS.items():
        if not {name, f"{name}, scarce"} & set(wanted):
            continue
        parameters = dict(options.translator if name == "translator" else options.gan)
        pool = model_pool(task, options.pool, f"ganaug:{model}", parameters, options.samples)
        pool = first_of_each(pool, options.pool)
        found |= {name: pool, f"{name}, scarce": scarce_classes(pool, task)}
    return found


def scarce_classes(pool: Pool, task: Task) -> Pool:
    """Samples of the scarce classes alone."""
    sizes = np.bincount(task.train.y)
    rows = np.flatnonzero(sizes[pool.images.y] == task.setting.n_min)
    return replace(pool, images=pool.images[rows])


def judge_of(task: Task, folder: Path | None) -> torch.nn.Module:
    """A classifier that is trained on all images of the source."""
    everything = all_images(task.setting, folder)
    if task.setting.augment == "photo":
        return photograph_judge(everything)
    return train(task.setting.recipe, everything, Mixture(), task.setting.augment, task.seed)


@lru_cache
def all_images(setting: Setting, folder: Path | None) -> Images:
    """All training images of the source."""
    return draw_parts(setting.source, N_JUDGED[setting.source], 0, folder)[0]


def measure(task: Task, judge: torch.nn.Module, method: str, share: float, pool: Pool | None):
    """Scores and seconds of one method, as ``Results.add`` takes them."""
    start = time.perf_counter()
    setting = task.setting
    synthetic = pool.images if pool else None
    mixture = Mixture(balanced=method != "classical", share=share, synthetic=synthetic)
    model = train(setting.recipe, task.train, mixture, setting.augment, task.seed)
    scores = {
        "accuracy": accuracy(model, task.test),
        "judge_accuracy": accuracy(judge, synthetic or task.test),
        "classifier_seconds": time.perf_counter() - start,
        "sample_seconds": pool.sample_seconds if pool else 0.0,
    }
    if pool:
        scores["trained_classes"] = pool.trained_classes
    return {"scores": scores, "seconds": pool.fit_seconds if pool else 0.0}


def run(options: argparse.Namespace, results: Results, setting: Setting, seed: int) -> list:
    """Records of all methods on one draw of the data, run where the results lack them."""
    what: dict[str, dict[str, Any]] = {name: {"share": 0.0, "parameters": {}} for name in METHODS}
    for name, parameters in {"GAN": options.gan, "translator": options.translator}.items():
        for method in (name, f"{name}, scarce"):
            what[method] = {"share": options.share, "parameters": dict(parameters)}
    wanted = [name for name in METHODS if not results.find(setting.name, name, seed, **what[name])]
    if wanted:
        task = draw_task(setting, seed, options.data)
        judge = judge_of(task, options.data)
        drawn = pools(options, task, wanted)
        device = "cuda" if torch.cuda.is_available() else "cpu"
    for name in wanted:
        found = measure(task, judge, name, what[name]["share"], drawn.get(name))
        results.add(setting.name, name, seed, options=what[name], device=device, **found)
        print(setting.name, seed, name, found["scores"], flush=True)
    return [results.find(setting.name, name, seed, **what[name])[0] for name in METHODS]


def main() -> None:
    """Run what the command line asks for, and print it."""
    line = CommandLine(__doc__, __file__, data="required", n_seeds=3)
    add = line.parser.add_argument
    add("--settings", nargs="+", choices=HALVES, default=HALVES, help="(all)")
    add("--share", type=float, default=0.1, help="synthetic part of a batch (0.1)")
    add("--pool", type=int, default=200, help="samples of each class (200)")
    add("--translator", nargs="*", type=parameter, default=[], help="such as consistency=3")
    add("--gan", nargs="*", type=parameter, default=[], help="likewise, of ImageGAN")
    add("--samples", type=Path, help="folder that keeps drawn samples")
    short = [("n_steps", 1)]
    smoke = {"pool": 20, "share": 0.5, "translator": [*short, ("guard", 0)], "gan": short}
    options, results = line.parse(smoke)
    settings = [SMOKE] if options.smoke else [SETTINGS[name] for name in options.settings]
    torch.set_num_threads(1)
    records = []
    for seed in seeds_of(options):
        for setting in settings:
            records += run(options, results, setting, seed)
    print(translations(records))


if __name__ == "__main__":
    main()
