"""Do images translated from other classes help a small CNN that knows few of a class.

``python benchmarks/translation.py --data DIR`` takes 200 images of five classes and 20 of the
others, of DIR/mnist.h5 and DIR/cifar10.h5. The CNN of ``images.py`` learns from them with
classical augmentation, alone and with a share of each batch from ``ImageGAN`` or from
``ClassTranslator``, in equal steps; with such a share, and where it is "balanced", real images are
drawn from all classes alike; "scarce" takes samples of the five scarce classes only. Balanced
accuracy on held-out images goes to ``results/translation.jsonl``, with the share of samples that a
judge takes for the class that they are to show, and of held-out real images ("right"). The judge
is trained on all training images of the file: a CNN for digits, a network that knows ImageNet for
photographs. "trained" is the share of classes that the model does not leave to moved copies of
their images. What that file has already is not run again.
"""

import argparse
import json
import time
from collections.abc import Collection, Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from command_line import parameter
from image_pools import Pool, first_of_each, model_pool
from image_tables import setting_table
from image_tasks import SETTINGS, Setting, Task, draw_task, file_parts
from photograph_judge import photograph_judge
from records import read_records
from small_cnn import Images, Mixture, accuracy, train

HALVES = ("mnist-200-20-halves", "cifar10-200-20-halves")
NAMES = ("classical", "balanced", "GAN", "GAN, scarce", "translator", "translator, scarce")
OUTPUT = Path(__file__).parent / "results" / "translation.jsonl"

# Training images of each class in each file.
OF_FILE = {"mnist": 1000, "cifar10": 500}


def methods(
    options: argparse.Namespace, task: Task, wanted: Collection[str]
) -> dict[str, tuple[Mixture, Pool | None]]:
    """What batches are made of, by name of the method."""
    mixture = Mixture(share=options.share, balanced=True)

    def drawn(model: str, parameters: dict[str, Any]) -> Pool:
        pool = model_pool(task, options.pool, f"ganaug:{model}", parameters, options.samples)
        return first_of_each(pool, options.pool)

    found: dict[str, tuple[Mixture, Pool | None]] = {
        "classical": (Mixture(), None),
        "balanced": (Mixture(balanced=True), None),
    }
    models = {"GAN": ("ImageGAN", {}), "translator": ("ClassTranslator", dict(options.translator))}
    for name, model in models.items():
        if f"{name}, scarce" in wanted or name in wanted:
            pool = drawn(*model)
            found |= {name: (mixture, pool), f"{name}, scarce": (mixture, scarce(pool, task))}
    return {name: found[name] for name in NAMES if name in wanted}


def scarce(pool: Pool, task: Task) -> Pool:
    """Samples of the scarce classes alone."""
    sizes = np.bincount(task.train.y)
    rows = np.flatnonzero(sizes[pool.images.y] == task.setting.n_least)
    return replace(pool, images=pool.images[rows])


def judge_of(task: Task, folder: Path) -> torch.nn.Module:
    """A classifier that is trained on all images of the file."""
    everything = all_images(task.setting, folder)
    if task.setting.augment == "photo":
        return photograph_judge(everything)
    return train(task.setting.recipe, everything, Mixture(), task.setting.augment, task.seed)


@lru_cache
def all_images(setting: Setting, folder: Path) -> Images:
    """All training images of the file."""
    path, rng = folder / f"{setting.source}.h5", np.random.default_rng(0)
    return file_parts(path, OF_FILE[setting.source], rng)[0]


def run(
    task: Task, options: argparse.Namespace, wanted: Collection[str]
) -> Iterator[dict[str, Any]]:
    """Records of some methods on one draw of the data."""
    judge = judge_of(task, options.data)
    real_right = accuracy(judge, task.test)
    for name, (mixture, pool) in methods(options, task, wanted).items():
        images: Images | None = pool.images if pool else None
        start = time.perf_counter()
        setting, mixed = task.setting, Mixture(**{**vars(mixture), "synthetic": images})
        model = train(setting.recipe, task.train, mixed, setting.augment, task.seed)
        yield {
            "setting": setting.name,
            "seed": task.seed,
            "method": name,
            "share": mixture.share,
            "parameters": dict(options.translator) if name.startswith("translator") else {},
            "accuracy": accuracy(model, task.test),
            "right": accuracy(judge, images) if images else real_right,
            "trained": pool.trained if pool else None,
            "classifier_seconds": time.perf_counter() - start,
            "fit_seconds": pool.fit_seconds if pool else 0.0,
            "sample_seconds": pool.sample_seconds if pool else 0.0,
            "device": "cuda" if torch.cuda.is_available() else "cpu",
            "torch": torch.__version__,
        }


def main() -> None:
    """Run what the command line asks for, and print it."""
    options = parsed()
    torch.set_num_threads(1)
    for seed in range(options.first_seed, options.first_seed + options.seeds):
        for name in options.settings:
            known = {
                one["method"]
                for one in read_records(options.output)
                if (one["setting"], one["seed"]) == (name, seed)
            }
            wanted = [method for method in NAMES if method not in known]
            if not wanted:
                continue
            for record in run(draw_task(SETTINGS[name], seed, options.data), options, wanted):
                print(record, flush=True)
                with options.output.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(record) + "\n")
    last = options.first_seed + options.seeds
    found = pd.DataFrame(read_records(options.output)).query(
        f"{options.first_seed} <= seed < {last}"
    )
    for name in options.settings:
        of_setting = found[found["setting"] == name]
        order = [method for method in NAMES if method in set(of_setting["method"])]
        print(f"\n{name}\n\n{setting_table(of_setting, order)}\n")
        print(of_setting.groupby("method")[["right", "trained"]].mean().loc[order].round(3))


def parsed() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the HDF5 files")
    parser.add_argument("--settings", nargs="+", choices=HALVES, default=list(HALVES))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--share", type=float, default=0.1, help="synthetic part of a batch")
    parser.add_argument("--pool", type=int, default=200, help="samples of each class")
    parser.add_argument(
        "--translator", nargs="*", type=parameter, default=[], help="such as consistency=3"
    )
    parser.add_argument("--samples", type=Path, help="folder that keeps drawn samples")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    return parser.parse_args()


if __name__ == "__main__":
    main()
