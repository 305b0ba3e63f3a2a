"""Which classes the label guard of ``ClassTranslator`` can tell in real images.

``python benchmarks/label_guard.py --data DIR`` draws 200 images of five classes and 20 of the
others, of DIR/mnist.h5 and DIR/cifar10.h5, and prints how often the guard is right about those that
it takes for a class, for all classes of all draws, and how many of them are right often enough. The
seeds are none of those that other benchmarks report.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from image_tasks import SETTINGS, draw_task
from translation import HALVES

from ganaug.encoding.image import ImageEncoder
from ganaug.models.class_translator import MIN_PRECISION
from ganaug.models.label_guard import LabelGuard


def shares(name: str, seed: int, folder: Path) -> list[float]:
    """Precision of the guard, of each class."""
    train = draw_task(SETTINGS[name], seed, folder).train
    images = ImageEncoder.fit(train.X, None, None).encode(train.X)
    return list(LabelGuard.fit(images, train.y, seed).precision().values())


def main() -> None:
    """Run what the command line asks for, and print it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the HDF5 files")
    parser.add_argument("--seeds", type=int, default=8)
    options = parser.parse_args()
    torch.set_num_threads(1)
    for name in HALVES:
        seeds = range(1000, 1000 + options.seeds)
        found = np.sort([share for seed in seeds for share in shares(name, seed, options.data)])
        told = (found >= MIN_PRECISION).sum()
        print(f"{name}: {told} of {len(found)} classes of {MIN_PRECISION} or more")
        print(found.round(2))


if __name__ == "__main__":
    main()
