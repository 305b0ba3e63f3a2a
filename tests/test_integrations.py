"""Data sets, loops and searches of other libraries take what this one gives, as README says.

Each test runs the library itself, and is skipped where that is not installed.
"""

import re
import warnings
from collections import Counter
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

import ganaug
from ganaug import (
    AugmentedDataset,
    BatchAugment,
    GANOverSampler,
    ImageGAN,
    SampleBank,
    TableGAN,
    compare,
)

pytestmark = pytest.mark.filterwarnings("ignore::ganaug.SmallClassWarning")

DIGITS = load_digits(n_class=2)
README = Path(ganaug.__file__).parents[1] / "README.md"
RECIPES = re.findall(r"```python\n(from (\w+)[^>]*?)```", README.read_text(encoding="utf-8"))
# 40 zeros, 12 ones
ROWS = np.concatenate([np.flatnonzero(DIGITS.target == 0)[:40], np.flatnonzero(DIGITS.target)[:12]])
IMAGES = DIGITS.images[ROWS].astype(np.float32) / 16
LABELS = DIGITS.target[ROWS]
PER_CLASS = {0: 40, 1: 40}


def first_batch_of_lightning(names):
    """Sizes of the images and labels that the recipe's first batch has."""
    real = TensorDataset(torch.from_numpy(IMAGES[:, None]), torch.from_numpy(LABELS))
    names |= {"real": real, "bank": names["SampleBank"](names["folder"] / "digits.h5")}
    module = names["Digits"]()
    module.trainer = SimpleNamespace(current_epoch=1)
    return [len(part) for part in next(iter(module.train_dataloader()))]


# What the recipe of each library has made, of the names that it leaves.
RESULTS = {
    "torchvision": lambda names: names["labels"].shape == (len(LABELS), 10),
    "datasets": lambda names: Counter(map(int, names["data"].targets)) == PER_CLASS,
    "skorch": lambda names: np.isfinite(names["net"].history[-1, "train_loss"]),
    "lightning": lambda names: first_batch_of_lightning(names) == [len(LABELS)] * 2,
    "flaml": lambda names: set(names["search"].predict(names["X"])) <= {0, 1},
}


@pytest.fixture
def quiet():
    """Warnings of other libraries are theirs."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.fixture(scope="module")
def gan():
    return ImageGAN(n_steps=0, random_state=0).fit(IMAGES, LABELS)


@pytest.fixture
def digits(gan):
    """Augmented data set of digits."""
    real = TensorDataset(torch.from_numpy(IMAGES[:, None]), torch.from_numpy(LABELS))
    return AugmentedDataset(real, gan)


@pytest.mark.parametrize(("recipe", "library"), RECIPES, ids=[library for _, library in RECIPES])
def test_a_recipe_of_readme_runs(quiet, recipe, library, gan, digits, tmp_path):
    try:
        # the tests have a folder named datasets
        import_module({"datasets": "datasets.arrow_dataset"}.get(library, library))
    except (ImportError, RuntimeError):
        pytest.skip(f"{library} is not installed for this torch")
    images = torch.from_numpy(IMAGES[:, None])
    SampleBank.create(tmp_path / "digits.h5", gan, {0: 5, 1: 5})
    names = vars(ganaug) | {
        "DataLoader": DataLoader,
        "X": IMAGES.reshape(-1, 64),
        "data": digits,
        "folder": tmp_path,
        "gan": gan,
        "network": network(),
        "torch": torch,
        "x": images,
        "y": LABELS,
    }
    shorter = recipe.replace("time_budget=60", "max_iter=1, verbose=0")
    shorter = shorter.replace("{3: 0.3, 8: 0.3}", "{1: 0.3}")
    exec(shorter.replace("GANOverSampler()", "GANOverSampler(TableGAN(n_steps=0))"), names)
    assert RESULTS[library](names)


def network():
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 2))


@pytest.mark.parametrize("kind", ["torch", "PIL"])
def test_a_data_set_of_hugging_face_is_augmented(quiet, kind):
    # the tests have a folder of this name
    pytest.importorskip("datasets.arrow_dataset")
    hugging_face = import_module("datasets")
    pixels = (IMAGES * 255).astype(np.uint8)
    images = pixels if kind == "torch" else [Image.fromarray(image) for image in pixels]
    real = hugging_face.Dataset.from_dict({"image": images, "label": LABELS.tolist()})
    if kind == "torch":
        real = real.with_format("torch")
    gan = ImageGAN(n_steps=0, random_state=0).fit_dataset(real, targets=real["label"])
    data = AugmentedDataset(real, gan, targets=real["label"])
    samples = [data[index] for index in range(len(data))]
    assert Counter(int(label) for _, label in samples) == PER_CLASS
    assert {np.shape(image) for image, _ in samples} == {(8, 8)}


@pytest.mark.medium
def test_a_network_of_skorch_is_judged_as_any_classifier(quiet):
    skorch = pytest.importorskip("skorch")
    net = skorch.NeuralNetClassifier(
        network(), criterion=nn.CrossEntropyLoss, lr=0.5, train_split=None, verbose=0
    )
    gan = ImageGAN(n_steps=0, random_state=0)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        table = compare(net, IMAGES, LABELS, gan=gan, gate=None, cv=2, random_state=0)
    assert table.set_index("method").loc[["none", "SMOTE", "GAN"], "mean"].min() > 0.9


def test_a_network_of_skorch_learns_from_an_augmented_data_set(quiet, digits):
    skorch = pytest.importorskip("skorch")
    with torch.random.fork_rng():
        torch.manual_seed(0)
        net = skorch.NeuralNetClassifier(
            network(), criterion=nn.CrossEntropyLoss, lr=0.5, train_split=None, verbose=0
        )
        net.fit(digits, y=None)
    assert (net.predict(IMAGES[:, None]) == LABELS).mean() > 0.9


def test_a_data_module_of_lightning_draws_anew_for_each_epoch_and_batch(quiet, gan, tmp_path):
    lightning = pytest.importorskip("lightning")
    real = TensorDataset(torch.from_numpy(IMAGES[:, None]), torch.from_numpy(LABELS))
    bank = SampleBank.in_memory(*gan.sample({0: 100, 1: 100}, random_state=0))
    epochs = []

    class Digits(lightning.LightningDataModule):
        def train_dataloader(self):
            data = AugmentedDataset(real, bank, mode="replace", p=0.5)
            data.set_epoch(self.trainer.current_epoch)
            epochs.append(torch.stack([image for image, _ in data]))
            return DataLoader(data, batch_size=26)

        def on_after_batch_transfer(self, batch, dataloader_idx):
            return augment(batch)

    class Classifier(lightning.LightningModule):
        def __init__(self):
            super().__init__()
            self.network = network()

        def training_step(self, batch, batch_index):
            images, labels = batch
            return nn.functional.cross_entropy(self.network(images), labels)

        def configure_optimizers(self):
            return torch.optim.Adam(self.parameters(), lr=0.1)

    augment = BatchAugment(gan, p=0.5)
    model = Classifier()
    trainer = lightning.Trainer(
        max_epochs=4,
        reload_dataloaders_every_n_epochs=1,
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        default_root_dir=tmp_path,
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        trainer.fit(model, datamodule=Digits())
    assert len(epochs) == 4
    assert not torch.equal(epochs[0], epochs[1])
    assert augment.get_extra_state().tolist() == [0, 8]
    predicted = model.network(torch.from_numpy(IMAGES[:, None])).argmax(dim=1).numpy()
    assert (predicted == LABELS).mean() > 0.9


def test_a_search_of_flaml_resamples_its_training_rows(quiet):
    automl = pytest.importorskip("flaml.automl", reason="flaml[automl] is not installed")
    sampler = GANOverSampler(TableGAN(n_steps=0, random_state=0), random_state=0)
    sizes = []

    class Recorded(GANOverSampler):
        def fit_resample(self, X, y, **params):
            X_new, y_new = super().fit_resample(X, y, **params)
            sizes.append(Counter(np.asarray(y_new).tolist()))
            return X_new, y_new

    search = automl.AutoML()
    search.fit(
        IMAGES.reshape(-1, 64),
        LABELS,
        task="classification",
        estimator_list=["lrl1"],
        resampler=Recorded(**sampler.get_params(deep=False)),
        max_iter=1,
        eval_method="cv",
        n_splits=2,
        verbose=0,
    )
    assert sizes
    assert all(size[0] == size[1] for size in sizes)
    assert (search.predict(IMAGES.reshape(-1, 64)) == LABELS).mean() > 0.9
