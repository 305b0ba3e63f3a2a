"""Training from data sets and files: as from memory, and of large ones a part."""

import h5py
import numpy as np
import pytest
import torch
from torch.utils.data import ConcatDataset, DataLoader, Dataset, Subset, TensorDataset

from ganaug import (
    ClassTranslator,
    DiscriminatorClassifier,
    DiscriminatorFeatures,
    GANMixer,
    GANOverSampler,
    ImageGAN,
    NetworkFeatures,
    SampleBank,
    SequenceGAN,
    SuperResolver,
    TableGAN,
)
from ganaug.encoding.hdf5_file import Hdf5Samples

# classes of few rows are meant, so that training is quick
pytestmark = pytest.mark.filterwarnings("ignore::ganaug.SmallClassWarning")
X = np.random.default_rng(0).integers(0, 256, (60, 8, 9, 3), dtype=np.uint8)
Y = np.repeat([4, 7], [45, 15])


@pytest.fixture
def path(tmp_path):
    """Images and labels in groups, compressed."""
    with h5py.File(tmp_path / "images.h5", "w") as file:
        file.create_dataset("train/X", data=X, chunks=(7, 8, 9, 3), compression="gzip")
        file["train/y"] = Y
        file["train/names"] = [f"class {label}" for label in Y]
    return tmp_path / "images.h5"


def same_samples(first, second):
    drawn = [gan.sample(8, random_state=0)[0] for gan in (first, second)]
    return np.array_equal(*drawn)


def quick(model=ImageGAN):
    return model(n_steps=1, random_state=0)


def test_a_data_set_of_tensors_trains_as_its_images_do():
    tensors = torch.from_numpy(X).permute(0, 3, 1, 2)
    data = TensorDataset(tensors, torch.from_numpy(Y))
    parts = ConcatDataset([Subset(data, range(20)), Subset(data, range(20, 60))])
    assert same_samples(quick().fit_dataset(parts), quick().fit(X, Y))


class Endless(Dataset):
    """Images without an end for who goes through them."""

    def __getitem__(self, index):
        return torch.zeros(1, 8, 8), index % 2


@pytest.mark.parametrize(
    "estimator",
    [
        ClassTranslator(),
        DiscriminatorClassifier(),
        DiscriminatorFeatures(ImageGAN()),
        GANMixer(),
        GANOverSampler(ImageGAN()),
        ImageGAN(),
        NetworkFeatures(torch.nn.Flatten()),
        SequenceGAN(),
        SuperResolver(),
        TableGAN(),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
def test_data_sets_are_no_arrays_to_fit(estimator):
    for X in (Endless(), DataLoader(TensorDataset(torch.zeros(4, 1, 8, 8)))):
        with pytest.raises(
            TypeError, match=f"X is of the class {type(X).__name__}, .* fit_dataset of "
        ):
            estimator.fit(X, [0, 1] * 10)


def test_data_sets_are_no_arrays_to_a_fitted_model():
    gan = ImageGAN(n_steps=1, random_state=0).fit(np.random.rand(20, 8, 8))
    with pytest.raises(TypeError, match="X is of the class Endless,"):
        gan.discriminator_features(Endless(), 0)


@pytest.mark.parametrize(
    "read",
    [
        lambda data: NetworkFeatures(torch.nn.Flatten()).fit(X).transform(data),
        lambda data: SuperResolver(n_steps=0).fit(X[:, :, :8]).transform(data),
        lambda data: SampleBank.in_memory(data, Y),
    ],
    ids=["NetworkFeatures", "SuperResolver", "SampleBank"],
)
def test_data_sets_are_no_arrays_to_what_reads_arrays(read):
    with pytest.raises(TypeError, match="X is of the class TensorDataset,"):
        read(TensorDataset(torch.zeros(len(Y), 8, 8, 3), torch.from_numpy(Y)))


def test_a_data_set_of_rows_trains_tables():
    rows = X[:, 0, 0].astype(np.float32)
    data = TensorDataset(torch.from_numpy(rows), torch.from_numpy(Y))
    assert same_samples(quick(TableGAN).fit_dataset(data), quick(TableGAN).fit(rows, Y))


def test_a_file_trains_as_its_images_do(path):
    expected = quick().fit(X, Y)
    assert same_samples(quick().fit_file(path, "train/X", "train/y"), expected)
    assert same_samples(quick().fit_file(path, "train/X", Y), expected)
    named = quick().fit_file(path, "train/X", "train/names")
    assert named.class_counts_ == {"class 4": 45, "class 7": 15}


@pytest.mark.parametrize("source", ["file", "dataset"])
def test_of_many_images_random_ones_are_held_and_all_are_counted(path, source):
    gan = ImageGAN(n_steps=0, random_state=0)
    if source == "file":
        gan.fit_file(path, "train/X", "train/y", max_samples=24)
    else:
        data = TensorDataset(torch.from_numpy(X).permute(0, 3, 1, 2), torch.from_numpy(Y))
        gan.fit_dataset(data, max_samples=24)
    assert gan.class_counts_ == {4: 45, 7: 15}
    assert np.bincount(gan._y)[[4, 7]].tolist() == [12, 12]
    kept = {image.tobytes() for image in gan._X}
    assert kept < {image.tobytes() for image in X}


@pytest.mark.slow
def test_quality_is_that_of_as_many_samples_as_images_are_held(path):
    gan = ImageGAN(n_steps=1, random_state=0)
    gan.fit_file(path, "train/X", "train/y", max_samples=24)
    figures = gan.evaluate(X, Y)
    gan.class_counts_ = {4: 12, 7: 12}
    assert figures.equals(gan.evaluate(X, Y))


def test_rows_of_a_file_are_read_in_order_however_few(path, monkeypatch):
    file = Hdf5Samples(path, "train/X", "train/y")
    for window in (4, 16, 256):
        monkeypatch.setattr("ganaug.encoding.hdf5_file.WINDOW", window)
        for chosen in (np.arange(60) == 59, np.arange(60) % 3 == 1, np.ones(60, bool)):
            assert np.array_equal(file.samples(chosen), X[chosen])


@pytest.mark.parametrize(
    ("data", "target", "message"),
    [
        ("X", "train/y", r"no dataset 'X'; it has \['train/X', 'train/names', 'train/y'\]"),
        ("train", "train/y", "no dataset 'train'"),
        ("train/X", "train/X", r"the labels have the shape \(60, 8, 9, 3\)"),
        ("train/X", Y[:5], r"60 samples in 'train/X'; the labels have the shape \(5,\)"),
    ],
)
def test_bad_names_and_labels_are_said_before_training(path, data, target, message):
    with pytest.raises(ValueError, match=message):
        quick().fit_file(path, data, target)


def test_other_files_are_named(tmp_path):
    other = tmp_path / "other.h5"
    other.write_bytes(b"nothing of the kind")
    with pytest.raises(ValueError, match=r"other\.h5 is not a readable HDF5 file"):
        quick().fit_file(other)
    with pytest.raises(FileNotFoundError, match="absent"):
        quick().fit_file(tmp_path / "absent.h5")


def test_more_classes_than_samples_to_hold_are_refused(path):
    with pytest.raises(ValueError, match="there are 2 classes, and only 1 samples"):
        quick().fit_file(path, "train/X", "train/y", max_samples=1)
