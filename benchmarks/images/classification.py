"""Do images by GANs help a small CNN, more than classical augmentation and simple methods do.

The same CNN is trained with every method on scikit-learn's digits, and with ``--data`` on MNIST and
CIFAR-10, cut to few images of each class. Every seed draws its training images, its GAN and its
classifiers anew. "Strong" is classical augmentation that does more than is usual. README's figures
are of ``--share 0.1``.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.common.command_line import CommandLine, parameter, seeds_of, title
from benchmarks.common.image_pools import (
    Pool,
    first_of_each,
    keep_own_class,
    model_pool,
    noise_pool,
    smote_pool,
)
from benchmarks.common.image_summaries import classifications
from benchmarks.common.image_tasks import SETTINGS, SMOKE, Setting, Task, draw_task
from benchmarks.common.results import Results
from benchmarks.common.small_cnn import Mixture, accuracy, train

MIXUP = 0.2
REAL_LAST = 0.2


@dataclass(frozen=True)
class Method:
    """A way to augment.

    Attributes
    ----------
    name : str
    mixture : Mixture
        What the classifier's batches are made of, its synthetic images still missing.
    options : dict
        What the method depends on, as recorded.
    pool : callable or None
        Draws the synthetic images of a task; None where there are none.
    """

    name: str
    mixture: Mixture
    options: dict[str, Any]
    pool: Callable[[Task], Pool] | None = None


def methods(options: argparse.Namespace, setting: Setting) -> list[Method]:
    """Every method of the comparison, in the order of the tables."""
    balance = {} if setting.n_min is None else {"balanced": True}
    found = simple_methods(options, setting, balance)
    for variant in [] if options.without_gan else options.gan or [[]]:
        found += model_methods(options, dict(variant), balance)
    return found


def simple_methods(
    options: argparse.Namespace, setting: Setting, balance: dict[str, bool]
) -> list[Method]:
    """Methods that the GAN has to beat."""
    mixed = Mixture(share=options.share, **balance)
    size = {"share": options.share, "pool": options.pool, **balance}

    def smote(task: Task) -> Pool:
        return smote_pool(task, options.pool)

    def noise(task: Task) -> Pool:
        return noise_pool(task, options.pool, setting.noise)

    found = [
        Method("none", Mixture(classical=False), {}),
        Method("classical", Mixture(), {}),
        Method("strong", Mixture(strong=True, **balance), {"strong": True, **balance}),
        Method("mixup", Mixture(mixup=MIXUP, **balance), {"alpha": MIXUP, **balance}),
        Method("SMOTE", mixed, size, smote),
        Method("copies + noise", mixed, {**size, "noise": setting.noise}, noise),
    ]
    if balance:
        whole = {"pool": options.pool, "filled": True}
        found.insert(2, Method("balanced", Mixture(**balance), balance))
        found.append(Method("SMOTE, filled", Mixture(filled=True), whole, smote))
    return found


def model_methods(
    options: argparse.Namespace, parameters: dict[str, Any], balance: dict[str, bool]
) -> Iterator[Method]:
    """The ways to use one generative model; the guarded one where ``--guard`` asks for it."""
    name = title(parameters, options.model.rpartition(":")[2].replace("ImageGAN", "GAN"))
    what = {"model": options.model, "parameters": parameters, "pool": options.pool, **balance}

    @lru_cache(maxsize=1)
    def draw(task: Task) -> Pool:
        return model_pool(task, options.pool, options.model, parameters, options.samples)

    def plain(task: Task) -> Pool:
        return first_of_each(draw(task), options.pool)

    def guarded(task: Task) -> Pool:
        return keep_own_class(draw(task), task, options.guard, options.pool)

    mixed = Mixture(share=options.share, **balance)
    mixtures = {name: mixed}
    if not options.briefly:
        mixtures[f"{name}, real data last"] = replace(mixed, real_last=REAL_LAST)
        mixtures[f"{name}, synthetic only"] = Mixture(share=1.0)
    mixtures[f"{name}, strong"] = replace(mixed, strong=True)
    if balance:
        mixtures[f"{name}, filled"] = Mixture(filled=True)
    for label, mixture in mixtures.items():
        used = {**what, "share": mixture.share, "real_last": mixture.real_last}
        used |= {flag: True for flag in ("strong", "filled") if getattr(mixture, flag)}
        yield Method(label, mixture, used, plain)
    if options.guard is not None:
        used = {**what, "share": options.share, "guard": options.guard}
        yield Method(f"{name}, guarded", mixed, used, guarded)


def measure(task: Task, method: Method, n_classifiers: int) -> dict[str, Any]:
    """Scores and seconds of one method: of classifiers that are trained and tested."""
    pool = method.pool(task) if method.pool else Pool(task.train)
    mixture = replace(method.mixture, synthetic=pool.images) if method.pool else method.mixture
    start = time.perf_counter()
    scores = []
    for seed in range(task.seed * n_classifiers, (task.seed + 1) * n_classifiers):
        setting = task.setting
        model = train(setting.recipe, task.train, mixture, setting.augment, seed)
        scores.append(accuracy(model, task.test))
    return {
        "scores": {
            "accuracy": float(np.mean(scores)),
            "classifier_seconds": (time.perf_counter() - start) / n_classifiers,
            "sample_seconds": pool.sample_seconds,
        },
        "seconds": pool.fit_seconds,
    }


def recorded_options(setting: Setting, method: Method, n_classifiers: int) -> dict[str, Any]:
    """Options that a result depends on, beside task, method and seed."""
    return {
        **method.options,
        "classical": setting.augment if method.mixture.classical else None,
        "recipe": asdict(setting.recipe),
        "n_classifiers": n_classifiers,
    }


def collect(options: argparse.Namespace, results: Results, setting: Setting, seed: int) -> list:
    """Records of all methods in one setting, run where the results lack them."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    task = None
    records = []
    for method in methods(options, setting):
        what = recorded_options(setting, method, options.classifiers)
        known = results.find(setting.name, method.name, seed, **what)
        if not known:
            task = task or draw_task(setting, seed, options.data)
            measured = measure(task, method, options.classifiers)
            name = setting.name
            known = [results.add(name, method.name, seed, options=what, device=device, **measured)]
            print(name, seed, method.name, measured["scores"]["accuracy"], flush=True)
        records += known[:1]
    return records


def main() -> None:
    """Run what the command line asks for, and print it."""
    line = command_line()
    smoke = {"settings": [SMOKE.name], "pool": 20, "gan": [[("n_steps", 1)]], "guard": 0.5}
    options, results = line.parse(smoke)
    settings = [SMOKE]
    if not options.smoke:
        chosen = options.settings or (SETTINGS if options.data else ["digits-20"])
        settings = [SETTINGS[name] for name in chosen]
    if options.data is None and any(one.source != "digits" for one in settings):
        line.parser.error("settings other than digits need --data")
    torch.set_num_threads(1)
    records = []
    for seed in seeds_of(options):
        for setting in settings:
            records += collect(options, results, setting, seed)
    print(classifications(records))


def command_line() -> CommandLine:
    """The options; every ``--gan`` is a list of pairs of a name and a value."""
    line = CommandLine(__doc__, __file__, data="optional", n_seeds=5)
    add = line.parser.add_argument
    add("--settings", nargs="+", choices=SETTINGS, help="default: all with --data, else digits-20")
    add("--share", type=float, default=0.25, help="synthetic part of a batch (0.25)")
    add("--pool", type=int, default=400, help="synthetic images of each class (400)")
    add("--classifiers", type=int, default=1, help="averaged for each result (1)")
    add("--model", default="ganaug:ImageGAN", help="module:Class with fit and sample")
    add(
        "--gan",
        nargs="*",
        action="append",
        type=parameter,
        help="parameters of the model, such as n_steps=500; repeat it to compare variants",
    )
    add("--without-gan", action="store_true", help="only the methods that it has to beat")
    add(
        "--guard",
        type=float,
        nargs="?",
        const=0.5,
        help="also keep only samples to which classifiers give this probability of their class",
    )
    add("--briefly", action="store_true", help="neither real data last nor synthetic data only")
    add("--samples", type=Path, help="folder that keeps drawn samples")
    return line


if __name__ == "__main__":
    main()
