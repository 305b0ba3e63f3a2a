"""Both transforms stand among torchvision's, and know its tensors."""

from importlib import import_module

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.data import DataLoader

from ganaug import AugmentedDataset, BatchAugment, ImageGAN, RandomReplace, SampleBank

try:
    tv_tensors = import_module("torchvision.tv_tensors")
    v2 = import_module("torchvision.transforms.v2")
    vision_datasets = import_module("torchvision.datasets")
except (ImportError, RuntimeError):
    # that of another build than torch's fails in torch
    pytest.skip("torchvision is not installed for this torch", allow_module_level=True)

pytestmark = pytest.mark.filterwarnings("ignore::ganaug.SmallClassWarning")


@pytest.fixture(scope="module")
def gan():
    """Served by its own images: all black for class 0, all white for class 1."""
    X = np.zeros((8, 8, 12, 3), dtype=np.uint8)
    X[4:] = 255
    return ImageGAN(random_state=0).fit(X, np.repeat([0, 1], 4))


@pytest.fixture
def bank(gan):
    return SampleBank.in_memory(*gan.sample({0: 3, 1: 3}))


class Coloured(vision_datasets.VisionDataset):
    """Red images of PIL of two classes in turn."""

    def __getitem__(self, index):
        return self.transforms(Image.new("RGB", (12, 8), "red"), index % 2)

    def __len__(self):
        return 8


@pytest.mark.parametrize("mix", [v2.MixUp, v2.CutMix])
def test_batches_are_replaced_before_they_are_mixed(gan, mix):
    images = tv_tensors.Image(torch.full((16, 3, 8, 12), 7.0))
    labels = torch.arange(16) % 2
    pipeline = v2.Compose([BatchAugment(gan, p=1.0), mix(num_classes=2)])
    mixed, shares = pipeline(images, labels)
    # what is left of each image is of a class's colour, so the share of white is that of class 1
    assert torch.allclose(mixed.mean(dim=(1, 2, 3)) / 255, shares[:, 1], atol=1e-5)
    assert isinstance(BatchAugment(gan, p=1.0)(images, labels)[0], tv_tensors.Image)


def test_batches_of_dicts_find_their_labels(gan):
    batch = {"pixels": torch.full((4, 3, 8, 12), 7.0), "meta": {"kind": torch.tensor([0, 1, 0, 1])}}
    augment = BatchAugment(gan, p=1.0, labels_getter=lambda batch: batch["meta"]["kind"])
    mixed = v2.Compose([augment])(batch)
    assert mixed["pixels"].amax(dim=(1, 2, 3)).tolist() == [0, 255, 0, 255]
    assert mixed["meta"] is batch["meta"]


def test_images_of_a_data_set_are_replaced_among_its_transforms(bank):
    pipeline = v2.Compose(
        [
            RandomReplace(bank, p=1.0),
            v2.RandomHorizontalFlip(p=0.5),
            v2.ToImage(),
            v2.ToDtype(torch.float32, scale=True),
        ]
    )
    data = Coloured(root="", transforms=pipeline)
    for images, labels in DataLoader(data, batch_size=4):
        assert images.unique(dim=0).amax(dim=(1, 2, 3)).tolist() == [0.0, 1.0]
        assert torch.equal(images.amax(dim=(1, 2, 3)), labels.float())


def test_tensors_of_torchvision_stay_such(gan, bank):
    image = tv_tensors.Image(torch.full((3, 8, 12), 7, dtype=torch.uint8))
    for alpha in [(1.0, 1.0), (0.5, 0.5)]:
        new, _ = RandomReplace(bank, p=1.0, alpha=alpha)(image, 1)
        assert type(new) is tv_tensors.Image
    pairs = [(image, 0)] * 3 + [(image, 1)]
    data = AugmentedDataset(pairs, gan, targets=[0, 0, 0, 1])
    assert {type(sample) for sample, _ in data} == {tv_tensors.Image}


@pytest.mark.parametrize("where", ["beside", "inside"])
def test_what_belongs_to_an_image_is_refused(bank, where):
    image = tv_tensors.Image(torch.zeros(3, 8, 12, dtype=torch.uint8))
    mask = tv_tensors.Mask(torch.zeros(8, 12, dtype=torch.bool))
    item = (image, 1, mask if where == "beside" else {"mask": mask})
    with pytest.raises(ValueError, match=r"was given \['Mask'\] with the image"):
        RandomReplace(bank, p=0.0)(item)
