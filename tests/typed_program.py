"""Program of a user who checks types: what ``mypy`` has to know of each call.

Lines that end in ``type: ignore`` are mistakes that it has to find.
"""

from collections.abc import Iterator
from typing import Any, assert_type

import numpy as np
import pandas as pd
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression

from ganaug import (
    AugmentedClassifier,
    ClassTranslator,
    DiscriminatorClassifier,
    DiscriminatorFeatures,
    GANMixer,
    GANOverSampler,
    ImageGAN,
    PairedTranslator,
    SampleBank,
    SuperResolver,
    TableGAN,
    compare,
    load,
)
from ganaug.evaluation.gain_tables import ComparisonTable
from ganaug.models.discriminator_backbone import DiscriminatorBackbone


class Jitter:
    """Model of a user's own: it has what the faces ask for."""

    def fit(self, X: np.ndarray, y: np.ndarray) -> "Jitter":
        return self

    def sample(self, n: Any) -> tuple[np.ndarray, np.ndarray]:
        return np.empty((0, 2)), np.empty(0)


class NoSampler:
    """Estimator that makes no samples."""

    def fit(self, X: np.ndarray, y: np.ndarray) -> "NoSampler":
        return self


def fit(X: np.ndarray, y: np.ndarray, path: str) -> None:
    assert_type(TableGAN().fit(X, y), TableGAN)
    assert_type(TableGAN().fit_file(path, "y"), TableGAN)
    assert_type(ImageGAN().fit(X, y), ImageGAN)
    assert_type(ImageGAN().fit_file(path), ImageGAN)
    assert_type(ClassTranslator().fit(X, y), ClassTranslator)
    assert_type(PairedTranslator().fit(X, X), PairedTranslator)
    assert_type(SuperResolver().fit(X), SuperResolver)
    assert_type(GANOverSampler().fit(X, y), GANOverSampler)
    assert_type(AugmentedClassifier().fit(X, y), AugmentedClassifier)
    assert_type(GANMixer().fit(X, y), GANMixer)
    assert_type(DiscriminatorFeatures().fit(X), DiscriminatorFeatures)
    assert_type(DiscriminatorClassifier().fit(X, y), DiscriminatorClassifier)


def draw(images: ImageGAN, table: TableGAN) -> None:
    assert_type(images.sample(3), tuple[np.ndarray, np.ndarray])
    assert_type(table.sample({"a": 3}), tuple[Any, np.ndarray])
    assert_type(images.iter_batches(3), Iterator[tuple[np.ndarray, np.ndarray]])
    assert_type(images.generate([[0.0]], label=1), np.ndarray)
    assert_type(images.backbone(), DiscriminatorBackbone)
    images.sample(3, random_stat=0)  # type: ignore[call-arg]
    images.sample("3")  # type: ignore[arg-type]


def predict(X: np.ndarray, y: np.ndarray) -> None:
    assert_type(AugmentedClassifier().predict(X), np.ndarray)
    assert_type(DiscriminatorClassifier().predict_proba(X), np.ndarray)
    assert_type(DiscriminatorFeatures().transform(X), np.ndarray)
    assert_type(ClassTranslator().translate(X, to=1), np.ndarray)


def ask(X: np.ndarray, y: np.ndarray) -> None:
    table = compare(LogisticRegression(), X, y)
    assert_type(table, ComparisonTable)
    assert_type(table.verdict, str)
    both = compare(LogisticRegression(), X, y, return_scores=True)
    assert_type(both, tuple[ComparisonTable, pd.DataFrame])
    compare(LogisticRegression(), X, y, score="f1")  # type: ignore[call-overload]


def read(path: str) -> None:
    assert_type(load(path, kind=ImageGAN), ImageGAN)
    assert_type(SampleBank.create(path, TableGAN(), {"a": 3}), SampleBank)
    load(path, "cpu").sample(3)


def pass_models() -> None:
    for gan in (Jitter(), FrozenEstimator(TableGAN()), None):
        GANOverSampler(gan)
        AugmentedClassifier(gan=gan)
        GANMixer(gan=gan)
    DiscriminatorFeatures(ImageGAN())
    DiscriminatorClassifier(ImageGAN())
    GANOverSampler(NoSampler())  # type: ignore[arg-type]
    AugmentedClassifier(gan=NoSampler())  # type: ignore[arg-type]
    GANMixer(gan=NoSampler())  # type: ignore[arg-type]
    DiscriminatorFeatures(NoSampler())  # type: ignore[arg-type]
    DiscriminatorClassifier(NoSampler())  # type: ignore[arg-type]
