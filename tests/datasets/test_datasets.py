"""Data sets of torch with synthetic samples: what is where, and equal for all workers."""

import os
import pickle

import numpy as np
import pytest
import torch
from torch.utils.data import (
    ConcatDataset,
    DataLoader,
    Dataset,
    DistributedSampler,
    StackDataset,
    Subset,
    TensorDataset,
    WeightedRandomSampler,
)

from ganaug import AugmentedDataset, ImageGAN, SampleBank, SyntheticDataset, TableGAN, multiply
from ganaug.datasets.conversion import check_alike
from ganaug.encoding.dataset import labels_of, stack_samples

LABELS = np.repeat([0, 1, 2], [20, 8, 12])


class Pictures(Dataset):
    """Images as torchvision's data sets have them: of class k, of the brightness 60 + k."""

    classes = ("circle", "square", "star")

    def __init__(self, transform=None):
        self.data = 60 + np.repeat(LABELS, 64 * 3).reshape(-1, 8, 8, 3).astype(np.uint8)
        self.targets, self.transform = LABELS.tolist(), transform
        self.class_to_idx = {name: number for number, name in enumerate(self.classes)}

    def __len__(self):
        return len(self.data)

    def __getitem__(self, index):
        image = torch.from_numpy(self.data[index]).permute(2, 0, 1)
        return image if self.transform is None else self.transform(image), self.targets[index]


def synthetic(labels=("circle", "square", "star"), n_each=50):
    """Images of class k of the brightness 100 + 10 k and more, each another."""
    numbers = np.arange(len(labels) * n_each)
    X = np.zeros((len(numbers), 8, 8, 3), dtype=np.uint8)
    X += (100 + numbers % n_each)[:, None, None, None].astype(np.uint8)
    X[..., 1] = np.repeat(np.arange(len(labels)), n_each)[:, None, None]
    return X, np.repeat(labels, n_each)


@pytest.fixture
def bank(tmp_path):
    """A bank whose classes are named as the data set names them."""
    return SampleBank.from_arrays(tmp_path / "bank.h5", *synthetic())


def test_appended_samples_follow_the_real_ones_class_by_class(bank):
    data = AugmentedDataset(Pictures(), bank)
    assert (len(data), data.n_real, data.n_synthetic) == (60, 40, 20)
    assert data.targets.tolist() == LABELS.tolist() + [1] * 12 + [2] * 8
    assert data.is_synthetic.tolist() == [False] * 40 + [True] * 20
    for index in (0, 25, 40, 59, -1):
        sample, label = data[index]
        assert (label, sample.shape, sample.dtype) == (
            data.targets[index],
            (3, 8, 8),
            torch.uint8,
        )
        assert bool((sample[0] >= 100).all()) == bool(data.is_synthetic[index])
        # which the synthetic ones hold
        assert sample[1, 0, 0] == label + 60 * (not data.is_synthetic[index])
    assert (data.classes, data.class_to_idx["star"]) == (["circle", "square", "star"], 2)
    with pytest.raises(IndexError):
        data[60]


def test_appended_samples_of_a_class_are_all_different_and_go_on_in_the_next_epoch(bank):
    data = AugmentedDataset(Pictures(), bank)
    seen = []
    for epoch in range(4):
        data.set_epoch(epoch)
        seen.append([int(data[index][0][0, 0, 0]) for index in range(40, 52)])
    assert len(set(sum(seen, []))) == 48


def test_replaced_samples_are_as_many_as_asked_for_and_of_their_class(bank):
    data = AugmentedDataset(Pictures(), bank, mode="replace", p={0: 1.0, 1: 0.5})
    assert len(data) == 40
    epochs = []
    for epoch in range(30):
        data.set_epoch(epoch)
        epochs.append(data.is_synthetic)
        assert [label for _, label in (data[i] for i in range(40))] == LABELS.tolist()
    shares = torch.stack(epochs).float().mean(0)
    assert shares[:20].min() == 1
    assert shares[20:28].mean() == pytest.approx(0.5, abs=0.1)
    assert shares[28:].max() == 0
    assert not torch.equal(epochs[0], epochs[1])


def test_seeds_differ_and_repeat(bank):
    chosen = [
        AugmentedDataset(Pictures(), bank, mode="replace", seed=seed).is_synthetic.tolist()
        for seed in (0, 0, 1)
    ]
    assert chosen[0] == chosen[1] != chosen[2]


def batches(data, **options):
    """What a loader gives in three epochs, as bytes."""
    loader = DataLoader(data, batch_size=7, **options)
    found = []
    for epoch in range(3):
        data.set_epoch(epoch)
        found.append([(X.numpy().tobytes(), y.tolist()) for X, y in loader])
    return found


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes cannot be forked")
@pytest.mark.parametrize("mode", ["append", "replace"])
def test_workers_of_any_number_and_kind_give_the_same(bank, mode):
    data = AugmentedDataset(Pictures(), bank, mode=mode)
    alone = batches(data)
    assert alone[0] != alone[1]
    for n_workers, persistent in ((1, True), (2, False)):
        options = {"multiprocessing_context": "fork", "persistent_workers": persistent}
        assert batches(data, num_workers=n_workers, **options) == alone


@pytest.mark.slow
# of more workers than there are cores
@pytest.mark.filterwarnings("ignore:This DataLoader will create")
@pytest.mark.parametrize("kind", ["fork", "spawn", "forkserver"])
@pytest.mark.parametrize("persistent", [False, True])
@pytest.mark.parametrize("n_workers", [1, 2, 3])
def test_every_way_to_start_workers_gives_the_same(bank, kind, persistent, n_workers):
    data = AugmentedDataset(Pictures(), bank, mode="replace")
    options = {"multiprocessing_context": kind, "persistent_workers": persistent}
    assert batches(data, num_workers=n_workers, **options) == batches(data)


@pytest.mark.filterwarnings("ignore::ganaug.SmallClassWarning")
def test_a_fitted_model_is_a_source():
    X = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
    gan = TableGAN(n_steps=0, random_state=0).fit(X, LABELS)
    real = TensorDataset(torch.from_numpy(X), torch.from_numpy(LABELS))
    data = AugmentedDataset(real, gan, sampling_strategy=multiply(2.0))
    assert data.targets.bincount().tolist() == [40, 16, 24]
    X_batch, y_batch = next(iter(DataLoader(data, batch_size=80)))
    assert (X_batch.shape, X_batch.dtype, y_batch.dtype) == ((80, 3), torch.float32, torch.int64)
    again = AugmentedDataset(real, gan, sampling_strategy=multiply(2.0))
    assert torch.equal(again[-1][0], data[-1][0])


def test_a_path_is_a_source_and_pickles_small(bank):
    real = Pictures(lambda image: image / 255)
    data = AugmentedDataset(real, str(bank.path), synthetic_transform=to_floats)
    data.dataset = None
    assert len(pickle.dumps(data)) < 10_000


def to_floats(image):
    return torch.from_numpy(image).permute(2, 0, 1) / 255


def test_transforms_are_made_where_they_belong(bank):
    data = AugmentedDataset(
        Pictures(lambda image: image / 255),
        bank,
        synthetic_transform=to_floats,
        transform=lambda image: image.mean(),
        target_transform=lambda label: 10 * label,
    )
    assert data[0] == (pytest.approx(60 / 255), 0)
    assert data[59][0].ndim == 0
    assert data[59][1] == 20


@pytest.mark.parametrize(
    ("transform", "options", "message"),
    [
        (lambda image: image / 255, {}, "real ones hold float32, synthetic uint8"),
        (lambda image: image[:1], {}, r"shape \(1, 8, 8\), synthetic \(3, 8, 8\)"),
        (lambda image: image.numpy(), {}, "type ndarray, synthetic ndarray|shape"),
        (lambda image: {"image": image}, {}, "type dict, synthetic ndarray"),
        (
            lambda image: image / 255,
            {"synthetic_transform": lambda image: 255 * to_floats(image)},
            "real values reach .* synthetic",
        ),
        (None, {"mode": "shuffle"}, "'append' or 'replace'"),
        (None, {"mode": "replace", "p": 1.5}, "p must be from 0 to 1"),
        (None, {"mode": "replace", "p": {"moon": 0.5}}, "p must be from 0 to 1"),
        (None, {"targets": [0, 1]}, "one label for each of 40 samples"),
    ],
)
def test_what_does_not_go_together_is_said_at_once(bank, transform, options, message):
    with pytest.raises(ValueError, match=message):
        AugmentedDataset(Pictures(transform), bank, **options)


def test_images_of_pillow_get_synthetic_ones_of_their_kind(bank):
    pillow = pytest.importorskip("PIL.Image")
    data = AugmentedDataset(
        Pictures(lambda image: pillow.fromarray(image.permute(1, 2, 0).numpy())), bank
    )
    assert (data[59][0].mode, data[59][0].size) == ("RGB", (8, 8))


def test_classes_that_the_bank_lacks_are_named():
    bank = SampleBank.in_memory(*synthetic(labels=("circle", "star")))
    with pytest.raises(ValueError, match=r"no samples of class 1; it has \['circle', 'star'\]"):
        AugmentedDataset(Pictures(), bank)
    assert len(AugmentedDataset(Pictures(), bank, sampling_strategy={2: 20})) == 48


def test_other_sources_and_data_sets_are_refused(bank):
    with pytest.raises(TypeError, match="a SampleBank, its path or a fitted model"):
        AugmentedDataset(Pictures(), 3)
    with pytest.raises(TypeError, match="a map-style data set is needed"):
        AugmentedDataset(iter([]), bank)
    with (
        pytest.warns(UserWarning, match="does not list its labels"),
        pytest.raises(ValueError, match="no pair of sample and label"),
    ):
        AugmentedDataset(TensorDataset(torch.zeros(3, 2)), bank)


@pytest.mark.filterwarnings("error")
def test_labels_are_found_without_reading_samples():
    pictures = Pictures(lambda image: pytest.fail("a sample was read"))
    tensors = TensorDataset(torch.zeros(3, 2), torch.tensor([5, 6, 7]))
    assert labels_of(Subset(pictures, [39, 0, 21])).tolist() == [2, 0, 1]
    both = ConcatDataset([tensors, Subset(tensors, [1])])
    assert labels_of(both).tolist() == [5, 6, 7, 6]
    assert labels_of(Subset(both, range(2, 4))).tolist() == [7, 6]


def test_labels_that_are_not_listed_are_read_with_a_warning():
    data = StackDataset(torch.zeros(3, 2), torch.tensor([5, 6, 7]))
    with pytest.warns(UserWarning, match="all its 3 samples are read"):
        assert labels_of(data).tolist() == [5, 6, 7]


def test_it_goes_through_samplers_and_views_of_torch(bank):
    data = AugmentedDataset(Pictures(), bank)
    weights = 1.0 / data.targets.bincount()[data.targets]
    drawn = DataLoader(data, batch_size=30, sampler=WeightedRandomSampler(weights, 60))
    assert sum(len(y) for _, y in drawn) == 60
    parts = [DistributedSampler(data, num_replicas=2, rank=rank) for rank in range(2)]
    assert sorted(sum((list(part) for part in parts), [])) == list(range(60))
    assert [y for _, y in DataLoader(Subset(data, [0, 59]), batch_size=2)][0].tolist() == [0, 2]
    assert len(ConcatDataset([data, data])) == 120


def test_a_bank_alone_is_a_data_set(bank):
    data = SyntheticDataset(bank, target_transform=lambda label: label + 1)
    assert (len(data), data.classes) == (150, ["circle", "square", "star"])
    sample, label = data[149]
    assert (sample.shape, label) == ((3, 8, 8), 3)
    ordered = SyntheticDataset(bank.path, classes=["star", "square", "circle"])
    assert ordered.targets.bincount().tolist() == [50, 50, 50]
    assert int(ordered.targets[0]) == 2
    X, y = next(iter(DataLoader(ordered, batch_size=150)))
    assert (X.shape, y.tolist()) == ((150, 3, 8, 8), ordered.targets.tolist())
    with pytest.raises(ValueError, match=r"classes does not name \['circle'\]"):
        SyntheticDataset(bank, classes=["star", "square"])


def test_samples_are_stacked_with_channels_last():
    assert stack_samples(Pictures(), np.array([0, 39])).shape == (2, 8, 8, 3)
    uneven = [(torch.zeros(1, 4, 4), 0), (torch.zeros(1, 4, 5), 0)]
    with pytest.raises(ValueError, match=r"sample 1 has the shape \(4, 5, 1\)"):
        stack_samples(uneven, np.array([0, 1]))


class Mapped(Pictures):
    """Changes labels on the way, as torchvision's data sets do by ``target_transform``."""

    def __getitem__(self, index):
        image, label = super().__getitem__(index)
        return image, 2 - label


def test_labels_that_the_data_set_changes_on_the_way_are_refused(bank):
    with pytest.raises(ValueError, match=r"sample 0 comes with the label 2, and is 0"):
        AugmentedDataset(Mapped(), bank)
    data = AugmentedDataset(Mapped(), bank, targets=(2 - LABELS).tolist())
    assert data[-1][1] == data.targets[-1]


def test_names_of_classes_are_found_in_parts_of_data_sets(bank):
    whole = Pictures()
    for part in (Subset(whole, range(10, 40)), ConcatDataset([whole, whole])):
        data = AugmentedDataset(part, bank)
        sample, label = data[-1]
        assert (data.classes, int(sample[1, 0, 0])) == (list(Pictures.classes), label)


@pytest.mark.filterwarnings("ignore::ganaug.SmallClassWarning")
def test_a_model_may_know_classes_by_their_names():
    names = np.array(Pictures.classes)[LABELS]
    gan = ImageGAN(n_steps=0, random_state=0).fit(Pictures().data, names)
    assert len(AugmentedDataset(Pictures(), gan)) == 60


def test_labels_of_numpy_keep_their_type():
    X, y = np.random.default_rng(0).normal(size=(30, 2)), np.repeat(np.float32([0, 1]), [20, 10])
    bank = SampleBank.in_memory(X, y)
    data = AugmentedDataset(list(zip(X, y, strict=True)), bank, targets=y)
    assert {type(label) for _, label in data} == {np.float32}


def test_samples_on_another_scale_are_refused():
    real = [torch.rand(1, 4, 4) for _ in range(4)]
    check_alike(real, [sample / 2 for sample in real])
    with pytest.raises(ValueError, match="real values reach .*synthetic_transform="):
        check_alike(real, [sample * 255 for sample in real])


def partly_named(mark):
    """A data set of which some samples have no class, and others that come beside it."""
    pictures = Pictures()
    pictures.targets = [mark if place % 4 == 3 else label for place, label in enumerate(LABELS)]
    others = [torch.full((3, 8, 8), value, dtype=torch.uint8) for value in (7, 8, 9)]
    return pictures, others


@pytest.mark.parametrize("mark", [-1, 99])
def test_samples_without_a_class_stay_and_are_none(bank, mark):
    pictures, others = partly_named(mark)
    has_none = np.arange(40) % 4 == 3
    for unlabeled in (others, [(image, "anything") for image in others]):
        data = AugmentedDataset(pictures, bank, unlabeled=unlabeled, unlabeled_label=mark)
        assert (data.n_real, data.n_synthetic) == (43, 15)
        assert data.classes == list(Pictures.classes)
        assert data.targets[:40][~has_none].tolist() == LABELS[~has_none].tolist()
        assert (data.targets == mark).tolist() == [*has_none, *[True] * 3, *[False] * 15]
        assert data.targets[43:].tolist() == [1] * 9 + [2] * 6
        assert [int(data[place][0].max()) for place in (40, 41, 42)] == [7, 8, 9]
        assert [data[place][1] for place in (3, 40, -1)] == [mark, mark, 2]
        images, labels = next(iter(DataLoader(data, batch_size=58)))
        assert labels.tolist() == data.targets.tolist()


def test_samples_without_a_class_are_never_replaced(bank):
    pictures, others = partly_named(-1)
    data = AugmentedDataset(
        pictures, bank, mode="replace", p=1.0, unlabeled=others, unlabeled_label=-1
    )
    assert data.is_synthetic.tolist() == [place % 4 != 3 for place in range(40)] + [False] * 3
    assert len(data) == 43
    assert int(data[41][0].max()) == 8
    with pytest.raises(ValueError, match="name labels of the data set"):
        AugmentedDataset(pictures, bank, mode="replace", p={-1: 0.5}, unlabeled_label=-1)


@pytest.mark.parametrize("options", [{}, {"mode": "replace", "p": 0.0}])
def test_marks_follow_the_type_of_labels(bank, options):
    images = torch.stack([Pictures()[place][0] for place in range(40)])
    labels = torch.from_numpy(LABELS)
    data = AugmentedDataset(
        TensorDataset(images, labels),
        SampleBank.in_memory(*synthetic(labels=(0, 1, 2))),
        unlabeled=TensorDataset(images[:2]),
        unlabeled_label=-1,
        **options,
    )
    batch = next(iter(DataLoader(data, batch_size=len(data))))
    assert batch[1].dtype == torch.int64
    assert batch[1][40:42].tolist() == [-1, -1]


def test_samples_without_a_class_need_a_mark(bank):
    with pytest.raises(ValueError, match="set unlabeled_label, to -1"):
        AugmentedDataset(Pictures(), bank, unlabeled=[torch.zeros(3, 8, 8)])
    with pytest.raises(TypeError, match="map-style data set"):
        AugmentedDataset(Pictures(), bank, unlabeled=iter([1]), unlabeled_label=-1)
