"""New samples for every batch, of the right classes, repeatable, and on its device."""

import copy

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import sparse
from sklearn.exceptions import NotFittedError

from ganaug import BatchAugment, ImageGAN, TableGAN

pytestmark = pytest.mark.filterwarnings("ignore::ganaug.SmallClassWarning")


@pytest.fixture(scope="module")
def gan():
    """Served by its own images: all black for class 0, all white for class 1."""
    X = np.zeros((8, 8, 12, 3), dtype=np.uint8)
    X[4:] = 255
    return ImageGAN(random_state=0).fit(X, np.repeat([0, 1], 4))


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


def test_drawn_images_are_those_of_the_model():
    X = np.random.default_rng(0).integers(0, 256, (30, 8, 8), dtype=np.uint8)
    gan = ImageGAN(n_steps=2, random_state=0).fit(X, np.repeat(["b", "a"], 15))
    x, y = torch.zeros(20, 1, 8, 8, dtype=torch.uint8), torch.ones(20, dtype=torch.int64)
    mixed, _ = BatchAugment(gan, p=1.0, classes=["a", "b"], seed=5)(x, y)
    stream = torch.Generator().manual_seed(5)
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
    with pytest.raises(NotFittedError):
        BatchAugment(ImageGAN())


def test_it_runs_where_the_batch_is(gan, device):
    x, y = batch()
    mixed, _ = BatchAugment(gan, p=1.0).to(device)(x.to(device), y.to(device))
    assert mixed.device.type == device.type
    assert torch.equal(mixed.cpu(), BatchAugment(gan, p=1.0)(x, y)[0])
