"""A small CNN learns from scarce digits beside synthetic ones, in loops as users write them."""

import albumentations as A  # noqa: N812 - as its users write it
import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.metrics import balanced_accuracy_score
from torch import nn
from torch.utils.data import DataLoader, Dataset

from ganaug import AugmentedDataset, ImageGAN, SampleBank
from ganaug.transforms import GANReplace

DIGITS = load_digits(n_class=2)
IMAGES = (DIGITS.images / 16).astype(np.float32)[..., None]
# all zeros of the first half, ten of its ones
HALF = np.arange(len(IMAGES)) < 180
SCARCE = np.flatnonzero(HALF & ((DIGITS.target == 0) | (DIGITS.target.cumsum() <= 10)))


class Scarce(Dataset):
    """Real images, through a pipeline where there is one."""

    targets = DIGITS.target[SCARCE]

    def __init__(self, pipeline=None):
        self.pipeline = pipeline

    def __len__(self):
        return len(SCARCE)

    def __getitem__(self, index):
        image, label = IMAGES[SCARCE[index]], int(self.targets[index])
        if self.pipeline is not None:
            image = self.pipeline(image=image, label=label)["image"]
        return torch.from_numpy(image).permute(2, 0, 1), label


@pytest.fixture(scope="module")
def bank(tmp_path_factory):
    """Synthetic digits in a file."""
    gan = ImageGAN(n_steps=0, random_state=0).fit(IMAGES[SCARCE], Scarce.targets)
    return SampleBank.create(tmp_path_factory.mktemp("bank") / "bank.h5", gan, {0: 50, 1: 100})


def with_synthetic(bank):
    return AugmentedDataset(Scarce(), bank)


def with_replaced(bank):
    steps = [GANReplace(str(bank.path), p=0.5), A.Affine(rotate=8, p=0.3)]
    return Scarce(A.Compose(steps, seed=0))


@pytest.mark.parametrize(
    "data_set", [with_synthetic, pytest.param(with_replaced, marks=pytest.mark.slow)]
)
def test_a_cnn_learns(bank, data_set):
    data = data_set(bank)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        cnn = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(288, 2))
        optimizer = torch.optim.Adam(cnn.parameters(), lr=2e-2)
        loader = DataLoader(data, batch_size=16, shuffle=True, num_workers=2)
        losses = []
        for epoch in range(7):
            if hasattr(data, "set_epoch"):
                data.set_epoch(epoch)
            for images, labels in loader:
                loss = nn.functional.cross_entropy(cnn(images), labels)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                losses.append(loss.item())
    assert np.mean(losses[-4:]) < np.mean(losses[:4]) / 2
    held_out = torch.from_numpy(IMAGES[~HALF]).permute(0, 3, 1, 2)
    predicted = cnn(held_out).argmax(1).numpy()
    assert balanced_accuracy_score(DIGITS.target[~HALF], predicted) > 0.9
