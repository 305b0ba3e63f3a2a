"""What synthetic samples cost a torch DataLoader.

``python benchmarks/loaders.py`` loads 20,000 colour images of 32 x 32, half of them synthetic, in
batches of 128: by ``AugmentedDataset`` over a bank in memory, in a memory map and in HDF5, and by
``ConcatDataset``. Times are per batch, as ratios to those of a data set of as many real images, the
median of some rounds, in which all take turns. A line of JSON for each number of workers, once for
tensors that are ready, once for arrays that a transform makes tensors of, as torchvision's do.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.data import ConcatDataset, DataLoader, Dataset

from ganaug import AugmentedDataset, SampleBank, SyntheticDataset, multiply

N_IMAGES = 20_000
BATCH = 128
REFERENCE = "real alone"


class Images(Dataset):
    """Images in memory, read one by one, as torchvision's data sets are."""

    def __init__(self, n_images: int, transform: Callable | None = None):
        images = np.random.default_rng(0).integers(0, 256, (n_images, 32, 32, 3), dtype=np.uint8)
        ready = torch.from_numpy(images.transpose(0, 3, 1, 2).copy())
        self.data: Any = ready if transform is None else images
        self.targets, self.transform = (np.arange(n_images) % 10).tolist(), transform

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        """Image and label of a number."""
        image = self.data[index]
        return image if self.transform is None else self.transform(image), self.targets[index]


def as_floats(image: np.ndarray) -> torch.Tensor:
    """What torchvision calls ToTensor."""
    return torch.from_numpy(image.transpose(2, 0, 1).copy()).float() / 255


def as_unit_floats(image: torch.Tensor) -> torch.Tensor:
    """A tensor of bytes as numbers from 0 to 1."""
    return image.float() / 255


def data_sets(folder: Path, transform: Callable | None) -> dict[str, Dataset]:
    """Data sets of equal size, by name."""
    half = N_IMAGES // 2
    scale = None if transform is None else as_unit_floats
    real, synthetic = Images(half, transform), Images(half, as_floats)
    path = folder / "bank.h5"
    SampleBank.from_arrays(path, synthetic.data, synthetic.targets, overwrite=True)
    options: dict[str, Any] = {"synthetic_transform": transform}
    whole = AugmentedDataset(Images(N_IMAGES, transform), path, mode="replace", **options)
    options["sampling_strategy"] = multiply(2.0)
    return {
        REFERENCE: Images(N_IMAGES, transform),
        "memory": AugmentedDataset(real, SampleBank(path, "memory"), **options),
        "memmap": AugmentedDataset(real, SampleBank(path), **options),
        "hdf5": AugmentedDataset(real, SampleBank(path, "hdf5"), **options),
        "replaced": whole,
        "ConcatDataset": ConcatDataset([real, SyntheticDataset(path, transform=scale)]),
    }


def seconds_a_batch(data: Dataset, n_workers: int) -> float:
    """Of one epoch, the start of the workers left out."""
    loader = DataLoader(data, BATCH, shuffle=True, num_workers=n_workers)
    batches = iter(loader)
    next(batches)
    start = time.perf_counter()
    n_batches = sum(1 for _ in batches)
    return (time.perf_counter() - start) / n_batches


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workers", type=int, nargs="+", default=[0, 2], help="(0 2)")
    parser.add_argument("--rounds", type=int, default=7, help="of every timing (7)")
    options = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        for n_workers, transform in product(options.workers, (None, as_floats)):
            sets = data_sets(Path(folder), transform)
            rounds = [
                {name: seconds_a_batch(data, n_workers) for name, data in sets.items()}
                for _ in range(options.rounds)
            ]
            medians = {name: float(np.median([one[name] for one in rounds])) for name in sets}
            ratios = {name: round(medians[name] / medians[REFERENCE], 3) for name in sets}
            kind = "tensors" if transform is None else "transformed arrays"
            line = {
                "images": kind,
                "workers": n_workers,
                "ms a batch": 1000 * medians[REFERENCE],
                **ratios,
            }
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
