"""Do images by GANs help a small CNN, more than classical augmentation and simple methods do.

``python benchmarks/images.py`` trains the same CNN with every method on scikit-learn's digits;
``--data DIR`` adds the settings that read DIR/mnist.h5 and DIR/cifar10.h5. Every seed draws
its training images, its GAN and its classifiers anew. Accuracies go to ``results/images.jsonl``,
a line a method and seed; what that file has already is not run again. Seeds from 1000 on are
for tuning, and never reported. "strong" is classical augmentation that does more than is usual.
"""

import argparse
import json
import platform
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from command_line import parameter
from image_pools import Pool, first_of_each, guarded, model_pool, noise_pool, smote_pool
from image_tables import overall_table, setting_table
from image_tasks import SETTINGS, Setting, Task, draw_task
from records import read_records
from small_cnn import Mixture, accuracy, train

HERE = Path(__file__).parent
MIXUP = 0.2
REAL_LAST = 0.2


@dataclass(frozen=True)
class Method:
    """A way to augment.

    Attributes
    ----------
    mixture : what the classifier's batches are made of, its synthetic images still missing
    options : what the method depends on, as recorded
    pool : draws the synthetic images; None where there are none
    """

    name: str
    mixture: Mixture
    options: dict[str, Any]
    pool: Callable[[Task], Pool] | None = None


def methods(options: argparse.Namespace, setting: Setting) -> list[Method]:
    """Every method of the comparison, in the order of the tables."""
    balance = {} if setting.n_least is None else {"balanced": True}
    mixed = Mixture(share=options.share, **balance)
    size = {"share": options.share, "pool": options.pool, **balance}

    def smote(task: Task) -> Pool:
        return smote_pool(task, options.pool)

    def noise(task: Task) -> Pool:
        return noise_pool(task, options.pool, setting.noise)

    plain = [
        Method("none", Mixture(classical=False), {}),
        Method("classical", Mixture(), {}),
        Method("strong", Mixture(strong=True, **balance), {"strong": True, **balance}),
        Method("mixup", Mixture(mixup=MIXUP, **balance), {"alpha": MIXUP, **balance}),
        Method("SMOTE", mixed, size, smote),
        Method("copies + noise", mixed, {**size, "noise": setting.noise}, noise),
    ]
    if balance:
        whole = {"pool": options.pool, "filled": True}
        plain.insert(2, Method("balanced", Mixture(**balance), balance))
        plain.append(Method("SMOTE, filled", Mixture(filled=True), whole, smote))
    variants = [] if options.without_gan else options.gan
    return plain + [
        method for variant in variants for method in model_methods(options, dict(variant), balance)
    ]


def model_methods(
    options: argparse.Namespace, parameters: dict[str, Any], balance: dict[str, bool]
) -> Iterator[Method]:
    """The ways to use one generative model; the guarded one where ``--guard`` asks for it."""
    name = options.model.rpartition(":")[2].replace("ImageGAN", "GAN")
    name = " ".join([name, *(f"{key}={value}" for key, value in parameters.items())])
    what = {"model": options.model, "parameters": parameters, "pool": options.pool, **balance}

    @lru_cache(maxsize=1)
    def draw(task: Task) -> Pool:
        return model_pool(task, options.pool, options.model, parameters, options.samples)

    def plain(task: Task) -> Pool:
        return first_of_each(draw(task), options.pool)

    mixtures = {name: Mixture(share=options.share, **balance)}
    if not options.briefly:
        last = Mixture(share=options.share, real_last=REAL_LAST, **balance)
        mixtures |= {f"{name}, real data last": last, f"{name}, synthetic only": Mixture(share=1.0)}
    mixtures[f"{name}, strong"] = Mixture(share=options.share, strong=True, **balance)
    if balance:
        mixtures[f"{name}, filled"] = Mixture(filled=True)
    for label, mixture in mixtures.items():
        used = {**what, "share": mixture.share, "real_last": mixture.real_last}
        used |= {key: True for key in ("strong", "filled") if getattr(mixture, key)}
        yield Method(label, mixture, used, plain)
    if options.guard is not None:
        yield Method(
            f"{name}, guarded",
            Mixture(share=options.share, **balance),
            {**what, "share": options.share, "guard": options.guard},
            lambda task: guarded(draw(task), task, options.guard, options.pool),
        )


def run_task(task: Task, wanted: list[Method], n_classifiers: int) -> Iterator[dict[str, Any]]:
    """Train and test the classifiers of every method: a record each."""
    for method in wanted:
        pool = method.pool(task) if method.pool else None
        mixture = replace(method.mixture, synthetic=pool.images) if pool else method.mixture
        start = time.perf_counter()
        scores = [
            accuracy(
                train(task.setting.recipe, task.train, mixture, task.setting.augment, seed),
                task.test,
            )
            for seed in range(task.seed * n_classifiers, (task.seed + 1) * n_classifiers)
        ]
        yield {
            **key(task.setting, task.seed, method, n_classifiers),
            "accuracy": float(np.mean(scores)),
            "classifier_seconds": (time.perf_counter() - start) / n_classifiers,
            "fit_seconds": pool.fit_seconds if pool else 0.0,
            "sample_seconds": pool.sample_seconds if pool else 0.0,
        }


def key(setting: Setting, seed: int, method: Method, n_classifiers: int) -> dict[str, Any]:
    """What tells one result from another, as JSON gives it back."""
    record = {
        "setting": setting.name,
        "seed": seed,
        "method": method.name,
        "options": method.options,
        "classical": setting.augment if method.mixture.classical else None,
        "recipe": asdict(setting.recipe),
        "n_classifiers": n_classifiers,
    }
    return json.loads(json.dumps(record))


def collect(options: argparse.Namespace) -> pd.DataFrame:
    """Results of all settings and seeds: from the output file, and run where it lacks them."""
    machine = {
        "device": "cuda" if torch.cuda.is_available() else "cpu",
        "threads": options.threads,
        "python": platform.python_version(),
        "torch": torch.__version__,
    }
    records = []
    for seed in range(options.first_seed, options.first_seed + options.seeds):
        for setting in options.settings:
            known = stored(options.output)
            wanted = methods(options, setting)
            keys = [key(setting, seed, method, options.classifiers) for method in wanted]
            names = [text(one) for one in keys]
            records += [known[name] for name in names if name in known]
            missing = [
                method for method, name in zip(wanted, names, strict=True) if name not in known
            ]
            if not missing:
                continue
            task = draw_task(setting, seed, options.data)
            for record in run_task(task, missing, options.classifiers):
                records.append(record)
                print(
                    f"{setting.name} {seed} {record['method']}: {record['accuracy']:.4f}",
                    flush=True,
                )
                with options.output.open("a", encoding="utf-8") as file:
                    file.write(json.dumps({**record, **machine}) + "\n")
    return pd.DataFrame(records)


def stored(path: Path) -> dict[str, dict[str, Any]]:
    """Records of earlier runs by their key."""
    return {text(record): record for record in read_records(path)}


def text(record: dict[str, Any]) -> str:
    """The key of a record, as one string."""
    names = ("setting", "seed", "method", "options", "classical", "recipe", "n_classifiers")
    return json.dumps({name: record[name] for name in names}, sort_keys=True)


def main() -> None:
    """Run what the command line asks for, and print it."""
    options = parsed()
    torch.set_num_threads(options.threads)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    results = collect(options)
    orders = []
    for setting in options.settings:
        of_setting = results[results["setting"] == setting.name]
        orders.append([method.name for method in methods(options, setting)])
        print(f"\n{setting.name} a class\n\n{setting_table(of_setting, orders[-1])}")
    if len(orders) > 1:
        common = [name for name in orders[0] if all(name in order for order in orders)]
        print(f"\nall settings\n\n{overall_table(results, common)}")


def parsed() -> argparse.Namespace:
    """The command line; settings as such, every ``--gan`` as pairs of a name and a value."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--data", type=Path, help="folder with mnist.h5 and cifar10.h5")
    parser.add_argument("--settings", nargs="+", choices=SETTINGS, help="default: all with data")
    parser.add_argument("--share", type=float, default=0.25, help="synthetic part of a batch")
    parser.add_argument("--pool", type=int, default=400, help="synthetic images a class")
    parser.add_argument("--classifiers", type=int, default=1, help="averaged for each result")
    parser.add_argument("--model", default="ganaug:ImageGAN", help="module:Class with fit, sample")
    parser.add_argument(
        "--gan",
        nargs="*",
        action="append",
        type=parameter,
        help="parameters of the model, such as n_steps=500; repeat it to compare variants",
    )
    parser.add_argument(
        "--without-gan", action="store_true", help="only the methods it has to beat"
    )
    parser.add_argument(
        "--guard",
        type=float,
        nargs="?",
        const=0.5,
        help="also keep only samples to which classifiers give this probability of their class",
    )
    parser.add_argument(
        "--briefly", action="store_true", help="neither real data last nor synthetic data only"
    )
    parser.add_argument("--samples", type=Path, help="folder that keeps drawn samples")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--output", type=Path, default=HERE / "results" / "images.jsonl")
    options = parser.parse_args()
    chosen = options.settings or (SETTINGS if options.data else ["digits-20"])
    options.settings = [SETTINGS[name] for name in chosen]
    if options.data is None and any(one.source != "digits" for one in options.settings):
        parser.error("settings other than digits need --data")
    options.gan = options.gan or [[]]
    return options


if __name__ == "__main__":
    main()
