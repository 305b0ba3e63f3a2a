"""Cost of synthetic samples in a torch DataLoader.

20,000 colour images of 32 x 32, half of them synthetic, are loaded in batches of 128: by
``AugmentedDataset`` over a bank in memory, in a memory map and in HDF5, and by ``ConcatDataset``.
Times are per batch, beside those of a data set of as many real images, in rounds in which all take
turns, for each number of workers: once for tensors that are ready, once for arrays that a transform
makes tensors of, as torchvision's do.
"""

import tempfile
import time
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.data import ConcatDataset, DataLoader, Dataset

from benchmarks.common.command_line import CommandLine
from benchmarks.common.devices import device_name
from benchmarks.common.markdown import markdown
from benchmarks.common.results import as_table
from ganaug import AugmentedDataset, SampleBank, SyntheticDataset, multiply

BATCH = 128
REFERENCE = "real alone"


class Images(Dataset):
    """Images in memory, read one by one, as torchvision's data sets are."""

    def __init__(self, n_images: int, transform: Callable | None = None):
        images = np.random.default_rng(0).integers(0, 256, (n_images, 32, 32, 3), dtype=np.uint8)
        ready = torch.from_numpy(images.transpose(0, 3, 1, 2).copy())
        self.data: Any = ready if transform is None else images
        self.targets = (np.arange(n_images) % 10).tolist()
        self.transform = transform

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        """Image and label of a number."""
        image = self.data[index]
        return image if self.transform is None else self.transform(image), self.targets[index]


def as_floats(image: np.ndarray) -> torch.Tensor:
    """A tensor of numbers from 0 to 1, as torchvision's ToTensor makes it."""
    return torch.from_numpy(image.transpose(2, 0, 1).copy()).float() / 255


def as_unit_floats(image: torch.Tensor) -> torch.Tensor:
    """A tensor of bytes as numbers from 0 to 1."""
    return image.float() / 255


def data_sets(folder: Path, n_images: int, transform: Callable | None) -> dict[str, Dataset]:
    """Data sets of equal size, by name."""
    half = n_images // 2
    scale = None if transform is None else as_unit_floats
    real = Images(half, transform)
    synthetic = Images(half, as_floats)
    path = folder / "bank.h5"
    SampleBank.from_arrays(path, synthetic.data, synthetic.targets, overwrite=True)
    options: dict[str, Any] = {"synthetic_transform": transform}
    whole = AugmentedDataset(Images(n_images, transform), path, mode="replace", **options)
    options["sampling_strategy"] = multiply(2.0)
    return {
        REFERENCE: Images(n_images, transform),
        "memory": AugmentedDataset(real, SampleBank(path, "memory"), **options),
        "memmap": AugmentedDataset(real, SampleBank(path), **options),
        "hdf5": AugmentedDataset(real, SampleBank(path, "hdf5"), **options),
        "replaced": whole,
        "ConcatDataset": ConcatDataset([real, SyntheticDataset(path, transform=scale)]),
    }


def seconds_a_batch(data: Dataset, n_workers: int) -> float:
    """Seconds of a batch in one epoch, the start of the workers left out."""
    loader = DataLoader(data, BATCH, shuffle=True, num_workers=n_workers)
    batches = iter(loader)
    next(batches)
    start = time.perf_counter()
    n_batches = sum(1 for _ in batches)
    return (time.perf_counter() - start) / n_batches


def main() -> None:
    """Measure, write down and show."""
    line = CommandLine(__doc__, __file__)
    add = line.parser.add_argument
    add("--workers", type=int, nargs="+", default=[0, 2], help="(0 2)")
    add("--images", type=int, default=20_000, help="of a data set (20,000)")
    add("--rounds", type=int, default=7, help="of every timing (7)")
    options, results = line.parse(smoke={"workers": [0], "images": 4 * BATCH, "rounds": 1})
    torch.set_num_threads(1)
    device = device_name(torch.device("cpu"))
    records = []
    with tempfile.TemporaryDirectory() as folder:
        for n_workers, transform in product(options.workers, (None, as_floats)):
            sets = data_sets(Path(folder), options.images, transform)
            task = "tensors" if transform is None else "transformed arrays"
            what = {"n_workers": n_workers, "n_images": options.images}
            for number, (name, data) in product(range(options.rounds), sets.items()):
                scores = {"ms_per_batch": 1000 * seconds_a_batch(data, n_workers)}
                measured = {"options": what, "scores": scores, "device": device}
                records.append(results.add(task, name, number, **measured))
    keys = ["task", "n_workers", "method"]
    costs = as_table(records).groupby(keys, sort=False)["ms_per_batch"].median().unstack()
    shown = costs.div(costs[REFERENCE], axis=0).map("{:.3f}".format)
    shown.insert(0, "ms a batch", costs[REFERENCE].map("{:.2f}".format))
    shown.index = [" / ".join(map(str, key)) for key in shown.index]
    print(markdown(shown))


if __name__ == "__main__":
    main()
