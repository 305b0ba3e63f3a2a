"""New samples for every batch, of the right classes, repeatable, and on its device."""

import copy
from contextlib import contextmanager
from itertools import starmap

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import sparse
from sklearn.exceptions import NotFittedError
from torch import distributed
from torch.testing._internal.distributed.fake_pg import FakeStore

from ganaug import BatchAugment, ImageGAN, SampleBank, TableGAN
from ganaug.randomness import hash_keys

pytestmark = pytest.mark.filterwarnings("ignore::ganaug.SmallClassWarning")


@pytest.fixture(scope="module")
def gan():
    """Served by its own images: all black for class 0, all white for class 1."""
    X = np.zeros((8, 8, 12, 3), dtype=np.uint8)
    X[4:] = 255
    return ImageGAN(random_state=0).fit(X, np.repeat([0, 1], 4))


@pytest.fixture
def as_rank():
    """Contexts of a rank of a distributed run of two."""

    @contextmanager
    def context(rank):
        distributed.init_process_group("fake", store=FakeStore(), rank=rank, world_size=2)
        try:
            yield
        finally:
            distributed.destroy_process_group()

    return context


def batch(n=40):
    return torch.full((n, 3, 8, 12), 7.0), torch.arange(n) % 3


def test_samples_of_trained_classes_are_replaced_by_their_own(gan):
    x, y = batch()
    augment = BatchAugment(gan, p=1.0)
    mixed, labels = augment(x, y)
    assert labels is y
    assert [mixed[y == label].unique().tolist() for label in range(3)] == [[0], [255], [7]]
    assert x.unique().tolist() == [7]


def test_a_share_is_replaced_and_other_batches_get_other_samples(gan):
    x, y = batch(3000)
    augment = BatchAugment(gan, p=0.3)
    masks = [(augment(x, y)[0] != 7).flatten(1).any(1) for _ in range(2)]
    assert masks[0][y < 2].float().mean() == pytest.approx(0.3, abs=0.03)
    assert not torch.equal(*masks)


@pytest.mark.parametrize("p", [{1: 1.0}, {"white": 1.0}, {"black": 0, "white": 1}])
def test_classes_may_be_replaced_by_shares_of_their_own(p):
    names = np.repeat(["black", "white"], 4)
    X = np.repeat(np.array([0, 255], np.uint8), 4 * 8 * 12).reshape(8, 8, 12)
    augment = BatchAugment(
        ImageGAN(random_state=0).fit(X, names), p=p, classes=["black", "white", "grey"]
    )
    x, y = torch.full((40, 1, 8, 12), 100, dtype=torch.uint8), torch.arange(40) % 3
    mixed, _ = augment(x, y)
    assert [mixed[y == label].unique().tolist() for label in range(3)] == [[100], [255], [100]]


def test_shares_are_those_of_labels_where_names_of_classes_are_numbers_too():
    X = np.repeat(np.array([0, 255], np.uint8), 4 * 8 * 12).reshape(8, 8, 12)
    gan = ImageGAN(random_state=0).fit(X, np.repeat([1, 2], 4))
    x, y = torch.full((40, 1, 8, 12), 100, dtype=torch.uint8), torch.arange(40) % 2
    for p, expected in [({1: 1.0}, [100, 255]), ({1: 1.0, 2: 0.0}, [0, 100])]:
        mixed, _ = BatchAugment(gan, p=p, classes=[1, 2])(x, y)
        assert [int(mixed[y == label].float().mean()) for label in range(2)] == expected
    with pytest.raises(ValueError, match=r"a dict of labels, of \[0, 1, 2\], to such numbers"):
        BatchAugment(gan, p={2: 1.0}, classes=[1, 2, 3])


def test_evaluation_mode_passes_batches_through(gan):
    x, y = batch()
    assert BatchAugment(gan, p=1.0).eval()(x, y)[0] is x


def test_a_checkpoint_goes_on_where_it_was(gan):
    x, y = batch()
    augment = BatchAugment(gan, seed=3)
    augment(x, y)
    state = copy.deepcopy(augment.state_dict())
    expected = augment(x, y)[0]
    other = BatchAugment(gan, seed=4)
    other.load_state_dict(state)
    assert torch.equal(other(x, y)[0], expected)


def test_transforms_are_made_to_synthetic_samples(gan):
    x, y = batch()
    augment = BatchAugment(gan, p=1.0, transform=lambda images: images / 255 - 0.5)
    assert augment(x, y)[0][y < 2].unique().tolist() == [-0.5, 0.5]


@pytest.mark.filterwarnings("ignore:ImageGAN. images of class")
def test_drawn_images_are_those_of_the_model():
    X = np.random.default_rng(0).integers(0, 256, (30, 8, 8), dtype=np.uint8)
    gan = ImageGAN(n_steps=2, random_state=0).fit(X, np.repeat(["b", "a"], 15))
    x, y = torch.zeros(20, 1, 8, 8, dtype=torch.uint8), torch.ones(20, dtype=torch.int64)
    mixed, _ = BatchAugment(gan, p=1.0, classes=["a", "b"], seed=5)(x, y)
    # of rank 0, and the first batch
    [key] = hash_keys(5, 0, 0)
    stream = torch.Generator().manual_seed(int(key) >> 1)
    torch.rand(20, generator=stream)
    noise = torch.randn(20, gan.n_latent, generator=stream)
    assert np.array_equal(mixed[:, 0].numpy(), gan.generate(noise.numpy(), "b"))
    with pytest.raises(ValueError, match="pass classes="):
        BatchAugment(gan)


def test_rows_of_tables_are_replaced_too():
    X = np.random.default_rng(0).normal(size=(40, 3)) + 50
    gan = TableGAN(n_steps=2, random_state=0).fit(X, np.arange(40) % 2)
    mixed, _ = BatchAugment(gan, p=1.0)(torch.zeros(8, 3), torch.arange(8) % 2)
    assert mixed.dtype == torch.float32
    assert mixed.min() > 40


@pytest.mark.parametrize("container", [pd.DataFrame, sparse.csr_matrix], ids=["frame", "sparse"])
def test_rows_of_any_type_are_replaced_by_numbers(container):
    rows = np.random.default_rng(0).normal(size=(30, 2))
    model = TableGAN(n_steps=2, random_state=0).fit(container(rows), [0] * 30)
    as_array = TableGAN(n_steps=2, random_state=0).fit(rows, [0] * 30)
    x, y = torch.zeros(5, 2, dtype=torch.float64), torch.zeros(5, dtype=torch.long)
    replaced = [BatchAugment(gan, p=1.0)(x, y)[0] for gan in (model, as_array)]
    assert torch.equal(*replaced)
    assert (replaced[0] != 0).all()


def test_what_does_not_fit_is_refused(gan):
    with pytest.raises(ValueError, match=r"shape \(8, 12, 3\), gan draws \(3, 8, 12\)"):
        BatchAugment(gan, p=1.0)(torch.zeros(4, 8, 12, 3), torch.zeros(4))
    with pytest.raises(ValueError, match="p must be from 0 to 1"):
        BatchAugment(gan, p=2.0)
    with pytest.raises(TypeError, match="put in by RandomReplace"):
        BatchAugment(SampleBank.in_memory(*gan.sample(1)))
    with pytest.raises(NotFittedError):
        BatchAugment(ImageGAN())


@pytest.fixture(scope="module")
def pictures():
    """Images of two classes with values of all bytes, and as a loader gives them."""
    X = np.random.default_rng(0).integers(0, 256, (40, 8, 8, 3), dtype=np.uint8)
    y = np.arange(40) % 2
    return X, y, torch.from_numpy(X).permute(0, 3, 1, 2).float() / 255, torch.from_numpy(y)


def served_by_copies(X, y):
    return ImageGAN(n_steps=0, augment=None, random_state=0).fit(X, y)


@pytest.mark.parametrize("labels", [lambda y: y[:, None], lambda y: y.float()[:, None]])
def test_labels_in_a_column_are_one_for_each_sample(pictures, labels):
    X, y, images, targets = pictures
    gan = served_by_copies(X / 255, y)
    mixed, returned = BatchAugment(gan)(images, labels(targets))
    assert torch.equal(mixed, BatchAugment(gan)(images, targets)[0])
    assert torch.equal(returned, labels(targets))


@pytest.mark.parametrize(
    ("labels", "hint"),
    [(lambda y: torch.eye(2)[y], r"one-hot labels, y.argmax\(1\)"), (lambda y: y[:9], "needed")],
)
def test_labels_of_other_shapes_are_refused(pictures, labels, hint):
    X, y, images, targets = pictures
    with pytest.raises(ValueError, match=f"y has the shape .*one label for each of 40.*{hint}"):
        BatchAugment(served_by_copies(X / 255, y))(images, labels(targets))


@pytest.mark.parametrize(
    ("trained_on", "batch_of"),
    [
        (lambda X: X, lambda x: x),
        (lambda X: X / 255, lambda x: (255 * x).byte()),
        (lambda X: X / 255, lambda x: 255 * x),
        (lambda X: X / 255, lambda x: (x - 0.5) / 0.5),
        (lambda X: X / 255, lambda x: (x - 0.45) / 0.225),
        (lambda X: (X / 255 - 0.5) / 0.5, lambda x: x),
        (lambda X: (X / 255 - 0.45) / 0.225, lambda x: x),
    ],
)
def test_batches_on_another_scale_are_refused(pictures, trained_on, batch_of):
    X, y, images, targets = pictures
    augment = BatchAugment(served_by_copies(trained_on(X), y))
    with pytest.raises(ValueError, match="Pass transform=, a function that"):
        augment(batch_of(images), targets)


def test_scales_are_found_in_small_batches(pictures):
    X, y, images, targets = pictures
    augment = BatchAugment(served_by_copies(X, y))
    singles = zip(images.split(1), targets.split(1), strict=True)
    with pytest.raises(ValueError, match="on different scales: real values reach from 0"):
        list(starmap(augment, singles))


def test_dark_batches_of_bytes_are_on_the_scale_that_their_type_says(pictures):
    X, y, images, targets = pictures
    dark = (40 * images).byte()
    mixed, _ = BatchAugment(served_by_copies(X, y))(dark, targets)
    assert mixed.max() > dark.max()


def test_rows_on_another_scale_are_refused():
    X = np.random.default_rng(0).normal(size=(80, 3)) * [1, 9, 90] + [5, 50, 500]
    y = torch.arange(80) % 2
    gan = TableGAN(n_steps=0, random_state=0).fit(X, y.numpy())
    standardised = (X - X.mean(axis=0)) / X.std(axis=0)
    BatchAugment(gan)(torch.from_numpy(X), y)
    with pytest.raises(ValueError, match="different scales"):
        BatchAugment(gan)(torch.from_numpy(standardised), y)


@pytest.mark.filterwarnings("ignore:ImageGAN. images of class")
@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16, torch.float16])
def test_modules_around_it_may_be_cast(pictures, dtype):
    X, y, images, targets = pictures
    gan = ImageGAN(n_steps=2, random_state=0).fit(X / 255, y)
    alone = BatchAugment(gan, p=1.0)
    expected = alone(images, targets)[0]
    whole = torch.nn.Sequential(torch.nn.Linear(2, 2), BatchAugment(gan, p=1.0)).to(dtype)
    cast, _ = whole[1](images.to(dtype), targets)
    assert whole[0].weight.dtype == cast.dtype == dtype
    assert torch.equal(cast, expected.to(dtype))


def test_ranks_draw_other_samples_and_go_on_from_one_checkpoint(gan, as_rank):
    x, y = batch()

    def epochs(augment):
        return [augment(x, y)[0] for _ in range(2)]

    def restored():
        augment = BatchAugment(gan, seed=4)
        augment.load_state_dict(saved)
        return augment

    main = BatchAugment(gan)
    first = main(x, y)[0]
    saved = copy.deepcopy(main.state_dict())
    assert not torch.equal(first, main(x, y)[0])
    with as_rank(1):
        one, two = epochs(BatchAugment(gan))
        assert torch.equal(restored()(x, y)[0], two)
        assert not torch.equal(one, first)
    with as_rank(0):
        assert torch.equal(BatchAugment(gan)(x, y)[0], first)


def test_it_runs_where_the_batch_is(gan, device):
    x, y = batch()
    mixed, _ = BatchAugment(gan, p=1.0).to(device)(x.to(device), y.to(device))
    assert mixed.device.type == device.type
    assert torch.equal(mixed.cpu(), BatchAugment(gan, p=1.0)(x, y)[0])
