"""Print a digest of what every model and face draws: ``python tests/digests.py``.

A change that should leave samples as they are is made between two runs of it, whose output has to
be equal. Everything is fitted with few steps on data that scikit-learn brings along, in one thread.
"""

import hashlib
import os
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"


import numpy as np
import pandas as pd
import torch
from albumentations import Compose
from scipy import sparse
from sklearn.datasets import load_digits, load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier
from torch.utils.data import TensorDataset

import ganaug
from ganaug.transforms import GANReplace

WINE = load_wine()
DIGITS = load_digits(n_class=3)
SIZES = np.repeat(["large", "many", "some", "few", "one"], [320, 305, 40, 5, 1])
COLOURS = np.random.default_rng(0).integers(0, 256, (60, 16, 16, 3), dtype=np.uint8)
KINDS = np.repeat([3, 5, 9], [36, 20, 4])


def digest(values: Any) -> str:
    """Sixteen digits of a hash of an array, a table, a tensor or a tuple of them."""
    if isinstance(values, tuple):
        return " ".join(digest(value) for value in values)
    if isinstance(values, pd.DataFrame):
        values = values.round(6) if all(kind.kind == "f" for kind in values.dtypes) else values
        values = values.astype(str).to_numpy().astype("U")
    if sparse.issparse(values):
        values = values.toarray()
    values = np.ascontiguousarray(values)
    if values.dtype == object:
        values = values.astype("U")
    return hashlib.sha256(values.tobytes()).hexdigest()[:16]


def table(n_rows: int) -> pd.DataFrame:
    """Rows of numbers, categories, dates and gaps."""
    rng = np.random.default_rng(0)
    X = pd.DataFrame(
        {
            "number": rng.normal(size=n_rows),
            "count": rng.integers(0, 5, n_rows),
            "kind": pd.Categorical(rng.choice(["x", "y", "z"], n_rows)),
            "text": pd.Series(rng.choice(["u", "v"], n_rows), dtype=object),
            "day": pd.Timestamp("2020-03-01") + pd.to_timedelta(rng.integers(0, 99, n_rows), "D"),
        }
    )
    X.loc[::7, ["number", "text"]] = None
    return X


def table_gan(**parameters: Any) -> tuple:
    """Samples and figures of a model of all tiers."""
    X = table(len(SIZES))
    gan = ganaug.TableGAN(n_steps=12, random_state=0, **parameters).fit(X, SIZES)
    point = np.linspace(-1, 1, 64)
    return (
        *(gan.sample(50)[0], gan.sample(dict.fromkeys(gan.classes_.tolist(), 3))[0]),
        *(gan.generate(point[None], "some"), gan.interpolate(point, -point, "large", 4)),
        *(gan.discriminator_features(X[:9], "many"), gan.evaluate(X, SIZES)),
    )


def diverging_table() -> tuple:
    """Samples of classes that are trained twice, to no avail."""
    parameters = {"n_steps": 60, "learning_rate": 1e3, "gamma": 0.0}
    gan = ganaug.TableGAN(**parameters, random_state=0).fit(WINE.data, WINE.target)
    return (gan.sample(20)[0],)


def image_gan(**parameters: Any) -> tuple:
    """Samples and figures of images of colour."""
    gan = ganaug.ImageGAN(n_steps=4, random_state=0, **parameters).fit(COLOURS, KINDS)
    point = np.linspace(-1, 1, 64)
    drawn = [gan.sample(9)[0], gan.interpolate(point, -point, 3, 3)]
    if parameters.get("sharing") in (None, "conditional"):
        drawn.append(gan.interpolate(point, -point, 3, 3, to=5))
    return (*drawn, gan.discriminator_features(COLOURS[:5], 5))


def validated_images() -> tuple:
    """Samples of classes that spare images to rate generators by."""
    images = np.repeat(DIGITS.images, 2, axis=0)
    labels = np.repeat(DIGITS.target, 2)
    gan = ganaug.ImageGAN(n_steps=12, random_state=0).fit(images, labels)
    held_out = slice(None, None, 2)
    return gan.sample(9)[0], gan.evaluate(images[held_out], labels[held_out])


def class_translator(guard: float) -> tuple:
    """Samples and translations."""
    model = ganaug.ClassTranslator(n_steps=3, guard=guard, random_state=0)
    model.fit(DIGITS.images, DIGITS.target)
    return model.sample(9)[0], model.translate(DIGITS.images[:4], to=2)


def paired_translator(**parameters: Any) -> tuple:
    """Samples and images of guides."""
    model = ganaug.PairedTranslator(n_steps=3, random_state=0, **parameters)
    model.fit(COLOURS[..., :1], COLOURS, KINDS)
    return model.sample(9)[0], model.translate(COLOURS[:3, ..., :1], y=5, random_state=0)


def super_resolver() -> tuple:
    """Enlarged images."""
    model = ganaug.SuperResolver(n_steps=4, random_state=0).fit(COLOURS)
    return (model.transform(COLOURS[:4, ::2, ::2]),)


def cascade() -> tuple:
    """Samples of small images that are enlarged."""
    images = COLOURS.repeat(2, axis=1).repeat(2, axis=2)
    upscaler = ganaug.SuperResolver(n_steps=3)
    return (
        ganaug.ImageGAN(n_steps=3, random_state=0, upscaler=upscaler).fit(images, KINDS).sample(9)
    )


def over_sampler() -> tuple:
    """A balanced training set."""
    gan = ganaug.TableGAN(n_steps=8)
    return ganaug.GANOverSampler(gan, random_state=0).fit_resample(WINE.data, WINE.target)


def classifier(gate: str | None) -> tuple:
    """Probabilities, and what the gate has found."""
    model = ganaug.AugmentedClassifier(
        LogisticRegression(max_iter=9), gan=ganaug.TableGAN(n_steps=8), gate=gate, random_state=0
    ).fit(WINE.data, WINE.target)
    found = model.predict_proba(WINE.data)
    return (found,) if gate is None else (found, model.report_.scores)


def transformers() -> tuple:
    """Rows with synthetic ones among them, and features of discriminators."""
    gan = ganaug.TableGAN(n_steps=8)
    mixer = ganaug.GANMixer(gan=gan, random_state=0)
    features = ganaug.DiscriminatorFeatures(gan, random_state=0)
    mixed = mixer.fit_transform(WINE.data, WINE.target)
    return mixed, features.fit_transform(WINE.data)


def comparison() -> tuple:
    """Scores of all methods."""
    gan, trees = ganaug.TableGAN(n_steps=8), DecisionTreeClassifier(random_state=0)
    found = ganaug.compare(trees, WINE.data, WINE.target, gan=gan, cv=2, random_state=0)
    return (found[["mean", "sd"]],)


def datasets() -> tuple:
    """Samples of the torch data sets and of a batch that is augmented."""
    images = torch.from_numpy(COLOURS.transpose(0, 3, 1, 2) / np.float32(255))
    gan = ganaug.ImageGAN(n_steps=3, random_state=0).fit(images.permute(0, 2, 3, 1).numpy(), KINDS)
    real = TensorDataset(images, torch.from_numpy(KINDS))
    bank = ganaug.SampleBank.in_memory(*gan.sample({3: 4, 5: 4}, random_state=0))
    synthetic = ganaug.SyntheticDataset(bank)
    mixed = ganaug.AugmentedDataset(real, gan, targets=KINDS)
    batch = ganaug.BatchAugment(gan, p=0.5)(images[:20], torch.from_numpy(KINDS[:20]))
    return tuple(
        torch.stack([torch.as_tensor(pair[0]) for pair in part]) for part in (synthetic, mixed)
    ) + tuple(batch)


def bank_and_transform() -> tuple:
    """Samples that were drawn beforehand, and images that they replace."""
    gan = ganaug.ImageGAN(n_steps=3, random_state=0).fit(COLOURS, KINDS)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bank.h5"
        with ganaug.SampleBank.create(path, gan, {3: 5, 5: 5}, random_state=0) as bank:
            drawn = bank.take(np.arange(10))
            replace = Compose([GANReplace(str(path), p=1.0)], seed=0)
            replaced = replace(image=COLOURS[0], label=3)["image"]
    return drawn, replaced


CASES: dict[str, Callable[[], Any]] = {
    "TableGAN": table_gan,
    "TableGAN, imputed, with conditions": lambda: table_gan(
        missing="impute", conditions="number < 1.5"
    ),
    "TableGAN, diverging": diverging_table,
    "ImageGAN": image_gan,
    "ImageGAN, pooled": lambda: image_gan(sharing="pooled"),
    "ImageGAN, on its own": lambda: image_gan(sharing="none", augment="photo", spread=0.7),
    "ImageGAN, real_transform": lambda: image_gan(real_transform=np.flipud),
    "ImageGAN, validated": validated_images,
    "ClassTranslator": lambda: class_translator(0.0),
    "ClassTranslator, guarded": lambda: class_translator(0.5),
    "PairedTranslator": paired_translator,
    "SuperResolver": super_resolver,
    "ImageGAN, upscaler": cascade,
    "GANOverSampler": over_sampler,
    "AugmentedClassifier": lambda: classifier(None),
    "AugmentedClassifier, gate": lambda: classifier("fast"),
    "GANMixer and DiscriminatorFeatures": transformers,
    "compare": comparison,
    "data sets": datasets,
    "bank and transform": bank_and_transform,
}


def main() -> None:
    """Print a line a case."""
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    for name, draw in CASES.items():
        print(f"{name}: {digest(draw())}", flush=True)  # noqa: T201 - what it is for


if __name__ == "__main__":
    main()
