"""Data sets of torch with synthetic samples: what is where, and equal for all workers."""

import io
import os
import pickle
import random
import warnings

import numpy as np
import pytest
import torch
from sklearn.exceptions import ConvergenceWarning, NotFittedError
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

from ganaug import (
    AugmentedDataset,
    BatchAugment,
    ImageGAN,
    RandomReplace,
    SampleBank,
    SyntheticDataset,
    TableGAN,
    multiply,
)
from ganaug.banks.class_names import source_labels
from ganaug.datasets.conversion import check_alike
from ganaug.datasets.repeats import warn_if_random
from ganaug.datasets.sources import classes_of
from ganaug.encoding.dataset import labels_of, stack_samples

# images of one colour are dark as a whole
pytestmark = [
    pytest.mark.filterwarnings("ignore:images of uint8 have values"),
    pytest.mark.filterwarnings("ignore::ganaug.SmallClassWarning"),
]

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


def test_classes_are_named_as_the_data_set_names_them(bank):
    named = AugmentedDataset(Pictures(), bank, sampling_strategy={"square": 10, "star": 15})
    assert named.targets[40:].tolist() == [1] * 2 + [2] * 3
    p = {"circle": 1.0, "square": 0.5}
    named = AugmentedDataset(Pictures(), bank, mode="replace", p=p)
    numbered = AugmentedDataset(Pictures(), bank, mode="replace", p={0: 1.0, 1: 0.5})
    assert torch.equal(named.is_synthetic, numbered.is_synthetic)
    with pytest.raises(ValueError, match="a dict of labels, of.*'cube'"):
        AugmentedDataset(Pictures(), bank, mode="replace", p={"cube": 1.0})


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
        (None, {"mode": "replace", "p": 1.5}, r"p must be from 0 to 1.* got 1\.5\.$"),
        (None, {"mode": "replace", "p": {"moon": 0.5}}, "p must be from 0 to 1"),
        (None, {"targets": [0, 1]}, r"targets has 2 labels for 40 samples\.$"),
        (None, {"targets": Pictures.classes}, r"3 labels .* for k in dataset.targets\] names"),
        (
            lambda image: image.permute(1, 2, 0),
            {},
            r"\(8, 8, 3\), with their channels last\. Torch",
        ),
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


@pytest.mark.parametrize("options", [{}, {"mode": "replace", "p": 1.0}])
def test_floats_for_images_of_pillow_are_refused(options):
    pillow = pytest.importorskip("PIL.Image")
    images = np.random.default_rng(0).random((40, 8, 8, 3), dtype=np.float32)
    gan = ImageGAN(n_steps=0, random_state=0).fit(images, np.tile(LABELS, 2)[:40])
    real = Pictures(lambda image: pillow.fromarray(image.permute(1, 2, 0).numpy()))
    with pytest.raises(ValueError, match="of the type Image.*fit it to this data set"):
        AugmentedDataset(real, gan, **options)[0]


@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "HSV", "I;16", "I", "F", "P"]
)
def test_modes_of_pillow_are_kept_or_refused(mode):
    pillow = pytest.importorskip("PIL.Image")
    rng = np.random.default_rng(0)
    # blue, brighter in one half
    pixels = np.zeros((32, 8, 8, 3), np.uint8)
    pixels[..., 2] = 100 + 8 * np.arange(8) + np.arange(32)[:, None, None]
    if mode == "LAB":
        images = [pillow.frombytes("LAB", (8, 8), rng.bytes(192)) for _ in pixels]
    else:
        first = "L" if mode in ("I;16", "I", "F") else "RGB"
        images = [pillow.fromarray(image).convert(first).convert(mode) for image in pixels]
    real = list(zip(images, [0] * 20 + [1] * 12, strict=True))
    gan = ImageGAN(n_steps=0, augment=None, random_state=0)
    targets = [label for _, label in real]
    if mode in ("P", "LAB", "HSV"):
        message = rf"mode {mode}.*image.convert\(\"RGB\"\)"
        with pytest.raises(ValueError, match=message):
            gan.fit_dataset(real, targets=targets)
        bank = SampleBank.in_memory(pixels[..., 0] if mode == "P" else pixels, targets)
        with pytest.raises(ValueError, match=message):
            AugmentedDataset(real, bank, targets=targets)
        with pytest.raises(ValueError, match=message):
            RandomReplace(bank, p=1.0)(*real[0])
        return
    data = AugmentedDataset(real, gan.fit_dataset(real, targets=targets), targets=targets)
    known = {image.tobytes() for image in images}
    for place in range(32, 40):
        image = data[place][0]
        assert (image.mode, image.tobytes() in known) == (mode, True)


def test_images_of_files_are_images(bank):
    pillow = pytest.importorskip("PIL.Image")

    class Files(Pictures):
        def __getitem__(self, index):
            file = io.BytesIO()
            pillow.fromarray(self.data[index]).save(file, "PNG")
            return pillow.open(file), self.targets[index]

    gan = ImageGAN(n_steps=0, augment=None, random_state=0).fit_dataset(Files())
    for options in ({}, {"synthetic_transform": pillow.fromarray}):
        data = AugmentedDataset(Files(), gan, **options)
        assert np.array_equal(np.asarray(data[59][0]), np.full((8, 8, 3), 62))


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
    with pytest.raises(TypeError, match="DataLoader is none. Pass the data set of the loader"):
        AugmentedDataset(DataLoader(Pictures()), bank)
    with pytest.raises(ValueError, match="no pair of sample and label"):
        AugmentedDataset(TensorDataset(torch.zeros(3, 2)), bank)


def test_models_are_fitted_before_samples_are_drawn_of_them():
    gan = ImageGAN()
    for use in (lambda: AugmentedDataset(Pictures(), gan), lambda: BatchAugment(gan)):
        with pytest.raises(NotFittedError, match="This ImageGAN instance is not fitted yet"):
            use()


@pytest.mark.parametrize("face", [RandomReplace, SyntheticDataset, SampleBank])
def test_models_are_no_banks(face):
    with pytest.raises(TypeError, match=r"got ImageGAN\(\)\. Draw samples .* SampleBank.create"):
        face(ImageGAN())


def flip(image):
    return image.flip(-1) if torch.rand(()) < 0.5 else image


def brighten(image):
    return image + torch.randint(9, (), dtype=torch.uint8)


def brighten_pillow(image):
    pillow = pytest.importorskip("PIL.Image")
    return pillow.fromarray(brighten(image).permute(1, 2, 0).numpy())


@pytest.mark.parametrize("change", [brighten, brighten_pillow])
def test_random_transforms_inside_a_data_set_are_told_of(bank, change):
    with pytest.warns(UserWarning, match="at random, .*transform= of AugmentedDataset"):
        AugmentedDataset(Pictures(change), bank)


def test_random_transforms_of_all_samples_are_right(bank):
    alike = {"synthetic_transform": lambda image: (255 * to_floats(image)).byte()}
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        changed = AugmentedDataset(Pictures(), bank, transform=brighten)
        AugmentedDataset(Pictures(brighten), bank, **alike)
    assert told == []
    # what passes without a word is random
    readings = [changed[0][0] for _ in range(20)]
    assert any(not torch.equal(image, readings[0]) for image in readings)


def test_samples_are_read_again_without_a_trace():
    images = torch.arange(16 * 9.0).reshape(16, 1, 3, 3)
    images[0, 0, 0, 0] = torch.nan

    def states():
        return [
            random.getstate(),
            np.random.get_state()[1].tolist(),
            torch.get_rng_state().tolist(),
        ]

    def read(n):
        random.random()
        np.random.rand()
        return [image + 0 * torch.rand(()) for image in images[:n]]

    before = states()
    warn_if_random(list(images), read)
    assert states() == before
    # a flip leaves half of the images as they are
    with pytest.warns(UserWarning, match="at random"):
        warn_if_random(
            list(images), lambda n: [images[0], *(image.flip(-1) for image in images)][:n]
        )


class Unlisted(Dataset):
    """Samples whose labels no list holds."""

    def __init__(self, n_samples):
        self.n_samples = n_samples

    def __len__(self):
        return self.n_samples

    def __getitem__(self, index):
        return torch.zeros(1), index % 2


def test_only_data_sets_that_take_long_to_read_are_warned_of():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert labels_of(Unlisted(4)).tolist() == [0, 1, 0, 1]
    with pytest.warns(UserWarning, match="does not list its labels: all its 2000 samples"):
        labels_of(Unlisted(2000))


@pytest.mark.filterwarnings("error")
def test_labels_are_found_without_reading_samples():
    pictures = Pictures(lambda image: pytest.fail("a sample was read"))
    tensors = TensorDataset(torch.zeros(3, 2), torch.tensor([5, 6, 7]))
    assert labels_of(Subset(pictures, [39, 0, 21])).tolist() == [2, 0, 1]
    both = ConcatDataset([tensors, Subset(tensors, [1])])
    assert labels_of(both).tolist() == [5, 6, 7, 6]
    assert labels_of(Subset(both, range(2, 4))).tolist() == [7, 6]


@pytest.mark.filterwarnings("error")
def test_few_labels_that_are_not_listed_are_read_without_a_word():
    data = StackDataset(torch.zeros(3, 2), torch.tensor([5, 6, 7]))
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
    numbered = SampleBank.in_memory(*synthetic(labels=(2, 10), n_each=1))
    assert SyntheticDataset(numbered, classes=["10", "2"]).targets.tolist() == [1, 0]


def test_subsets_that_are_joined_keep_the_names_of_their_classes():
    data = TensorDataset(torch.zeros(6, 1, 8, 8), torch.arange(6) % 2)
    data.classes = ["cat", "dog"]
    data.class_to_idx = {"cat": 0, "dog": 1}
    joined = ConcatDataset([Subset(data, [0, 1]), ConcatDataset([Subset(data, [3])])])
    assert classes_of(Subset(joined, [0, 2]), [0, 1]) == (data.classes, data.class_to_idx)
    other = TensorDataset(torch.zeros(6, 1, 8, 8), torch.arange(6) % 2)
    assert classes_of(ConcatDataset([joined, other]), [0, 1])[0] == [0, 1]


@pytest.mark.parametrize("kind", [torch.tensor, int])
def test_a_bank_goes_into_batches_with_other_data_sets(bank, kind):
    fake = SyntheticDataset(bank)
    X = torch.zeros(8, 3, 8, 8, dtype=torch.uint8)
    real = [(x, kind(5)) for x in X]
    for parts in ([real, fake], [fake, real]):
        whole = ConcatDataset(parts)
        for order in (range(len(whole)), range(len(whole) - 1, -1, -1)):
            labels = next(iter(DataLoader(whole, 158, sampler=list(order))))[1]
            assert labels.dtype == torch.int64
            expected = [int(whole[place][1]) for place in order]
            assert labels.tolist() == expected
    label = fake[149][1]
    assert (label, torch.arange(5)[label], f"{label}") == (2, torch.tensor(2), "2")
    assert torch.equal(label * torch.zeros(3).add(label), torch.full((3,), 4.0))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes cannot be forked")
def test_a_bank_goes_into_batches_of_workers_with_tensors(bank):
    real = TensorDataset(torch.zeros(8, 3, 8, 8, dtype=torch.uint8), torch.zeros(8).long())
    whole = ConcatDataset([real, SyntheticDataset(bank)])
    loader = DataLoader(whole, 158, num_workers=1, multiprocessing_context="fork")
    assert next(iter(loader))[1].bincount().tolist() == [58, 50, 50]


def test_samples_are_stacked_with_channels_last():
    assert stack_samples(Pictures(), np.array([0, 39])).shape == (2, 8, 8, 3)
    uneven = [(torch.zeros(1, 4, 4), 0), (torch.zeros(1, 4, 5), 0)]
    with pytest.raises(ValueError, match=r"sample 1 has the shape \(4, 5, 1\)"):
        stack_samples(uneven, np.array([0, 1]))


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        ([torch.zeros(8, 8, 3)], r"sample 0 .*channels last.*permute\(2, 0, 1\)"),
        ([torch.zeros(3, 8, 8, dtype=torch.bfloat16)], r"sample 0 .*bfloat16.*image.float\(\)"),
        ([b"bytes"], "sample 0 is of the class bytes, and no tensor, array or image"),
        ([torch.zeros(3, 8, 8), torch.zeros(1, 8, 8)], r"sample 1 .*convert\(\"RGB\"\)"),
    ],
    ids=["channels last", "bfloat16", "bytes", "modes"],
)
def test_samples_that_are_no_images_are_named(samples, message):
    with pytest.raises(ValueError, match=message):
        stack_samples([(sample, 0) for sample in samples], np.arange(len(samples)))


def test_data_sets_without_samples_or_labels_are_named():
    with pytest.raises(ValueError, match="TensorDataset is empty"):
        ImageGAN().fit_dataset(TensorDataset(torch.zeros(0, 3, 8, 8), torch.zeros(0)))
    with pytest.raises(
        ValueError, match="sample 0 of list is of the class tuple, .*labels_getter="
    ):
        ImageGAN().fit_dataset([(torch.zeros(3, 8, 8), {"boxes": [], "labels": [1]})])


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


def test_a_model_may_know_classes_by_their_names():
    names = np.array(Pictures.classes)[LABELS]
    gan = ImageGAN(n_steps=0, random_state=0).fit(Pictures().data, names)
    assert len(AugmentedDataset(Pictures(), gan)) == 60


def test_numbers_of_a_data_set_get_the_names_that_targets_give_them():
    data = TensorDataset(
        torch.from_numpy(Pictures().data).permute(0, 3, 1, 2), torch.tensor(LABELS)
    )
    names = [("sun", "moon", "earth")[label] for label in LABELS]
    gan = ImageGAN(n_steps=0, augment=None, random_state=0).fit_dataset(data, targets=names)
    with pytest.raises(ValueError, match=r"label [012].*dataset.classes = .*or pass targets="):
        AugmentedDataset(data, gan)
    augmented = AugmentedDataset(data, gan, targets=names, sampling_strategy={"moon": 10})
    assert (augmented.classes, augmented.targets[-2:].tolist()) == (
        ["sun", "moon", "earth"],
        [1, 1],
    )
    image, label = augmented[-1]
    assert (int(image.max()), int(label)) == (61, 1)
    data.classes = ["sun", "moon", "earth"]
    assert len(AugmentedDataset(data, gan)) == 60
    # labels that no list holds, and names that are not one for each
    for unlisted in (list(data), TensorDataset(*data.tensors)):
        wrong = ["sun", *names[1:19], "moon", *names[20:]]
        with pytest.raises(ValueError, match=r"is '\w+' in the list .*dataset.classes = "):
            AugmentedDataset(unlisted, gan, targets=wrong)


def test_samples_that_come_with_names_keep_them_where_numbers_are_listed():
    pictures = Pictures()
    names = np.array(Pictures.classes)[LABELS]
    pairs = [(sample, name) for (sample, _), name in zip(pictures, names, strict=True)]

    class Named(Pictures):
        def __getitem__(self, index):
            return pairs[index]

    assert list(Named().targets) == LABELS.tolist()
    gan = ImageGAN(n_steps=0, random_state=0).fit(pictures.data, names)
    augmented = AugmentedDataset(Named(), gan, targets=names.tolist())
    assert {label for _, label in augmented} == set(Pictures.classes)


@pytest.mark.parametrize(
    ("names", "known", "expected"),
    [
        # of folders, in the order of text
        (["0", "1", "10", "2"], ["0", "1", "10", "2"], ["0", "1", "10", "2"]),
        (["0", "1", "10", "2"], [0, 1, 2, 10], [0, 1, 10, 2]),
        (["1", "2", "3"], [1, 2, 3], [1, 2, 3]),
        (["1", "2", "3"], [0, 1, 2], [0, 1, 2]),
        (["7", "8", "9"], [9], [7, 8, 9]),
        ([0, 1], ["0", "1"], ["0", "1"]),
        (["zero", "one"], [0, 1], [0, 1]),
        (["cat", "dog"], ["dog"], ["cat", "dog"]),
    ],
)
def test_names_of_classes_that_are_digits_are_read_as_the_source_means_them(names, known, expected):
    labels = range(len(names))
    assert list(source_labels(labels, names, known).values()) == expected


def test_classes_of_folders_named_by_digits_get_their_own_samples():
    class Digits(Pictures):
        classes = ("1", "2", "3")

    bank = SampleBank.in_memory(*synthetic(labels=(1, 2, 3)))
    data = AugmentedDataset(Digits(), bank)
    assert [int(sample[1, 0, 0]) for sample, _ in (data[40], data[59])] == [1, 2]
    images, y = torch.zeros(3, 3, 8, 8, dtype=torch.uint8), torch.arange(3)
    gan = ImageGAN(n_steps=0, augment=None, random_state=0).fit(
        np.repeat(np.array([10, 20, 200], np.uint8), 64 * 3 * 12).reshape(-1, 8, 8, 3),
        np.repeat([1, 2, 3], 12),
    )
    drawn, _ = BatchAugment(gan, p=1.0, classes=Digits.classes)(images, y)
    assert drawn[:, 0, 0, 0].tolist() == [10, 20, 200]
    # also where the model draws only some of the classes that it knows
    of_first = AugmentedDataset(Digits(), gan, sampling_strategy={0: 25})
    assert int(of_first[len(of_first) - 1][0][0, 0, 0]) == 10
    with pytest.raises(ValueError, match="pass classes="):
        BatchAugment(gan, classes=["one", "two", "three"])


def test_labels_of_numpy_keep_their_type():
    X, y = np.random.default_rng(0).normal(size=(30, 2)), np.repeat(np.float32([0, 1]), [20, 10])
    bank = SampleBank.in_memory(X, y)
    data = AugmentedDataset(list(zip(X, y, strict=True)), bank, targets=y)
    assert {type(label) for _, label in data} == {np.float32}


@pytest.mark.parametrize("kind", [torch.tensor, np.array])
def test_labels_in_arrays_of_one_element_keep_their_form(kind):
    X = np.random.default_rng(0).normal(size=(30, 2))
    items = [(x, kind([float(i >= 20)])) for i, x in enumerate(X)]
    bank = SampleBank.in_memory(X, np.repeat([0.0, 1.0], [20, 10]))
    data = AugmentedDataset(items, bank)
    X_batch, y_batch = next(iter(DataLoader(data, batch_size=40)))
    assert y_batch.shape == (40, 1)
    assert torch.equal(y_batch[:, 0].long(), data.targets)
    columns = TensorDataset(torch.from_numpy(X), torch.arange(30)[:, None] // 20)
    assert AugmentedDataset(columns, bank)[-1][1].tolist() == [1]


@pytest.mark.parametrize("options", [{"mode": "append"}, {"mode": "replace", "p": 0.0}])
@pytest.mark.parametrize("is_bank", [False, True])
def test_data_to_which_nothing_is_added_stay_as_they_are(options, is_bank):
    X, y = torch.rand(20, 1, 8, 8), torch.arange(20) % 2
    real = TensorDataset(X, y)
    gan = ImageGAN(n_steps=0, random_state=0).fit_dataset(real)
    source = SampleBank.in_memory(*gan.sample(20, 0)) if is_bank else gan
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        data = AugmentedDataset(real, source, **options)
    assert [str(w.message)[:33] for w in caught] == ["sampling_strategy adds no rows: e"] * (
        options["mode"] == "append"
    )
    images, labels = next(iter(DataLoader(data, batch_size=30)))
    assert torch.equal(images, X)
    assert torch.equal(labels, y)
    assert not data.is_synthetic.any()


@pytest.mark.filterwarnings("ignore:.*does not list its labels")
@pytest.mark.parametrize(
    ("item", "options"),
    [
        (lambda x, label: (x, label, "path"), {}),
        (lambda x, label: {"image": x, "label": label, "path": "p"}, {}),
        (lambda x, label: {"Target": label, "pixels": x}, {}),
        (lambda x, label: {"x": x, "is": label}, {"labels_getter": lambda item: item["is"]}),
        (lambda x, label: {"x": x, "is": label}, {"targets": LABELS}),
        (lambda x, label: x, {"targets": LABELS}),
        (
            lambda x, label: (x, np.eye(3)[label]),
            {"labels_getter": lambda item: int(item[1].argmax())},
        ),
        (lambda x, label: ("path", x, label), None),
    ],
)
def test_samples_and_labels_are_found_in_tuples_and_dicts(item, options):
    X = Pictures().data
    dataset = [item(x, int(label)) for x, label in zip(X, LABELS, strict=True)]
    if options is None:
        with pytest.raises(ValueError, match="labels of the shape|one label"):
            labels_of(dataset)
        return
    gan = ImageGAN(n_steps=0, augment=None, random_state=0).fit_dataset(dataset, **options)
    data = AugmentedDataset(dataset, gan, **options)
    assert data.targets.bincount().tolist() == [20, 20, 20]
    for sample, label in data:
        assert (sample == 60 + label).all()


def test_labels_are_compared_wherever_a_sample_is_read(bank):
    pictures = Pictures()
    data = AugmentedDataset(pictures, bank)
    pictures.targets[39] = 0
    assert data[38][1] == 2
    with pytest.raises(ValueError, match="sample 39 comes with the label 0, and is 2"):
        data[39]


def test_a_model_is_not_fitted_to_labels_that_are_stale():
    gan = ImageGAN(n_steps=0, random_state=0)
    with pytest.raises(ValueError, match="sample 0 comes with the label 2, and is 0"):
        gan.fit_dataset(Mapped())
    fitted = gan.fit_dataset(Mapped(), targets=(2 - LABELS).tolist())
    assert fitted.class_counts_ == {0: 12, 1: 8, 2: 20}


class Image(torch.Tensor):
    """A kind of tensor, as ``torchvision.tv_tensors.Image``."""


def test_kinds_of_tensors_are_kept_and_normalised_once():
    rng = np.random.default_rng(0)
    X = torch.from_numpy(rng.random((32, 3, 8, 8), dtype=np.float32))
    y = np.repeat([0, 1], [20, 12])

    def normalise(image):
        return (torch.as_tensor(image) - 0.5).div(0.25).as_subclass(Image)

    real = [(normalise(x), int(label)) for x, label in zip(X, y, strict=True)]
    gan = ImageGAN(n_steps=0, augment=None, random_state=0).fit_dataset(real, targets=y)
    for source in (gan, SampleBank.in_memory(*gan.sample(40, 0))):
        data = AugmentedDataset(real, source, targets=y)
        assert {type(sample) for sample, _ in data} == {Image}
        known = torch.stack([sample for sample, _ in real])
        for place in range(32, 40):
            differences = (data[place][0] - known).abs().flatten(1).max(1).values
            assert differences.min() < 1e-5
    with pytest.raises(ValueError, match=r"real values reach .*fit_dataset"):
        AugmentedDataset(
            real,
            gan,
            targets=y,
            synthetic_transform=lambda x: normalise(torch.from_numpy(x).permute(2, 0, 1)),
        )


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
    with pytest.raises(ValueError, match="a dict of labels, of"):
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


def test_models_of_others_are_taken_whatever_they_call_health():
    class Model:
        classes_ = np.arange(3)
        health_ = "good"

        def sample(self, counts, random_state=None):
            labels = np.repeat(list(counts), list(counts.values()))
            return np.zeros((len(labels), 8, 8), dtype=np.float32), labels

    data = TensorDataset(torch.rand(40, 1, 8, 8), torch.from_numpy(LABELS))
    assert len(AugmentedDataset(data, Model())) == 60


@pytest.mark.parametrize("verdict", ["discriminator won", "collapsed"])
def test_classes_whose_training_went_wrong_are_named_before_a_classifier_learns_from_them(verdict):
    X, y = torch.rand(40, 1, 8, 8), torch.from_numpy(LABELS)
    data = TensorDataset(X, y)
    gan = ImageGAN(n_steps=1, random_state=0).fit_dataset(data)
    for label in gan.classes_:
        gan.health_[label] = "good"
    AugmentedDataset(data, gan)
    BatchAugment(gan)
    # of the largest class nothing is drawn
    gan.health_ |= {0: verdict, 2: verdict}
    with pytest.warns(ConvergenceWarning, match=r"class 2 .*gamma.* Look at samples") as caught:
        AugmentedDataset(data, gan)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    with pytest.warns(ConvergenceWarning, match="classes 0, 2"):
        BatchAugment(gan)
    # the same advice as that of the fit
    gan.health_[1] = "still improving"
    with pytest.warns(ConvergenceWarning, match="classes 0, 2 .*after more n_steps"):
        BatchAugment(gan)


def test_classes_that_a_model_does_not_know_are_named():
    images = torch.rand(40, 1, 8, 8)
    gan = ImageGAN(n_steps=0, random_state=0).fit(images[:28, 0].numpy(), LABELS[:28])
    with pytest.raises(ValueError, match="2"):
        AugmentedDataset(TensorDataset(images, torch.from_numpy(LABELS)), gan)
