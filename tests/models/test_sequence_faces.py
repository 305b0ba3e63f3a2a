"""Sequences through every face: they go in and come out in their layout."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from ganaug import (
    AugmentedClassifier,
    AugmentedDataset,
    BatchAugment,
    DiscriminatorFeatures,
    GANMixer,
    GANOverSampler,
    SampleBank,
    SequenceGAN,
    SyntheticDataset,
    compare,
)

pytestmark = pytest.mark.filterwarnings(
    "ignore::ganaug.SmallClassWarning",
    "ignore:lbfgs failed:sklearn.exceptions.ConvergenceWarning",
    "ignore:sampling_strategy adds no rows:UserWarning",
)


def waves(n=36, n_steps=10, n_channels=2):
    """Slow waves of class 0 and, a third of them, fast ones of class 1, and their labels."""
    rng = np.random.default_rng(0)
    y = (np.arange(n) % 3 == 0).astype(int)
    place = np.linspace(0, 2 * np.pi, n_steps)[:, None]
    wave = np.sin((1 + 2 * y)[:, None, None] * place + rng.uniform(0, 6, (n, 1, 1)))
    return wave + rng.normal(0, 0.1, (n, n_steps, n_channels)), y


@pytest.fixture
def quick():
    """Model that trains in no time, and badly."""
    return SequenceGAN(n_steps=1, capacity=0.25, random_state=0)


@pytest.fixture
def copying():
    """Model whose samples are its training sequences, moved a little."""
    return SequenceGAN(n_steps=0, random_state=0)


@pytest.fixture
def classifier():
    """Classifier of sequences by their values."""
    flat = FunctionTransformer(lambda X: np.nan_to_num(X).reshape(len(X), -1))
    return make_pipeline(flat, LogisticRegression())


@pytest.mark.parametrize("layout", ["channels_last", "channels_first"])
def test_over_sampling_keeps_the_layout(quick, layout):
    X, y = waves()
    X = X if layout == "channels_last" else X.swapaxes(1, 2)
    X_new, y_new = GANOverSampler(quick.set_params(layout=layout)).fit_resample(X, y)
    assert X_new.shape == (48, *X.shape[1:])
    assert np.array_equal(X_new[:36], X)
    assert (y_new == 1).sum() == 24


def test_gaps_and_rows_are_over_sampled(copying):
    X, y = waves()
    X[:, 2:4, 1] = np.nan
    X_new, _ = GANOverSampler(copying.set_params(augment=None)).fit_resample(X, y)
    assert np.isnan(X_new[:, 2:4, 1]).all()
    assert np.isfinite(X_new[..., 0]).all()
    rows = copying.set_params(sequence_shape=(10, 2))
    assert GANOverSampler(rows).fit_resample(X.reshape(36, 20), y)[0].shape == (48, 20)


@pytest.mark.parametrize("gate", ["fast", None])
def test_classifiers_learn_from_them(copying, classifier, gate):
    X, y = waves()
    fitted = AugmentedClassifier(classifier, gan=copying, gate=gate, random_state=0).fit(X, y)
    assert fitted.predict(X).shape == (36,)
    assert fitted.predict_proba(X).shape == (36, 2)


def test_gaps_reach_a_classifier_that_takes_them(copying, classifier):
    X, y = waves()
    X[::2, 2:4, 1] = np.nan
    fitted = AugmentedClassifier(classifier, gan=copying, gate=None, random_state=0).fit(X, y)
    assert fitted.score(X, y) > 0.6


def test_mixers_and_features_take_them(quick):
    X, y = waves()
    mixed = GANMixer(gan=quick, random_state=0).fit_transform(X, y)
    assert mixed.shape == X.shape
    assert np.array_equal(GANMixer(gan=quick, random_state=0).fit(X, y).transform(X), X)
    features = DiscriminatorFeatures(quick, random_state=0).fit(X)
    assert features.transform(X[:5]).shape == (5, len(features.get_feature_names_out()))


@pytest.mark.filterwarnings("ignore:SequenceGAN. sequences of class")
def test_data_sets_banks_and_batches_hold_them(quick, tmp_path):
    X, y = waves()
    gan = quick.fit(X, y)
    bank = SampleBank.create(tmp_path / "bank.h5", gan, {0: 4, 1: 9}, random_state=0)
    assert bank.sample_shape == (10, 2)
    synthetic = SyntheticDataset(bank)
    assert synthetic[0][0].shape == (10, 2)
    real = [(torch.from_numpy(one), int(label)) for one, label in zip(X, y, strict=True)]
    sample, _ = AugmentedDataset(real, bank, targets=y)[len(real)]
    assert tuple(sample.shape) == (10, 2)
    augment = BatchAugment(gan, classes=[0, 1], p=1.0)
    batch = torch.from_numpy(X[:8])
    made, labels = augment(batch, torch.from_numpy(y[:8]))
    assert made.shape == batch.shape
    assert made.dtype == batch.dtype
    assert labels.tolist() == y[:8].tolist()
    assert not torch.equal(made, batch)


def test_comparisons_judge_methods_of_sequences(copying, classifier):
    table = compare(classifier, *waves(), gan=copying, cv=2, gate=None, random_state=0)
    methods = set(table["method"])
    assert {"none", "time warping", "window warping", "GAN"} <= methods
    assert "copies + noise" not in methods


@pytest.mark.parametrize("as_objects", [False, True])
@pytest.mark.parametrize(
    "face",
    [
        lambda gan, X, y: GANOverSampler(gan).fit_resample(X, y),
        lambda gan, X, y: AugmentedClassifier(gan=gan).fit(X, y),
        lambda gan, X, y: GANMixer(gan=gan).fit(X, y),
        lambda gan, X, y: DiscriminatorFeatures(gan).fit(X, y),
        lambda gan, X, y: compare(LogisticRegression(), X, y, gan=gan),
    ],
)
def test_sequences_of_different_lengths_are_refused_before_training(quick, face, as_objects):
    X, y = waves()
    ragged = [one[: 8 + number % 3] for number, one in enumerate(X)]
    if as_objects:
        objects = np.empty(len(ragged), dtype=object)
        objects[:] = ragged
        ragged = objects
    with pytest.raises(ValueError, match="different lengths. SequenceGAN takes such.*cut or pad"):
        face(quick, ragged, y)


def test_sequences_that_are_taken_for_images_are_told_of_their_model():
    with pytest.raises(ValueError, match="10 x 2. Resize or crop them. For sequences .*SequenceG"):
        GANOverSampler(gan=None).fit_resample(*waves())
