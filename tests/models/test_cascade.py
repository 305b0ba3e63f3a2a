"""The cascade: small images by class, enlarged by one network, wherever an ImageGAN may stand."""

import gc
import pickle

import h5py
import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from torch.nn.functional import interpolate
from torch.utils.data import TensorDataset

from ganaug import (
    AugmentedDataset,
    BatchAugment,
    DiscriminatorFeatures,
    GANOverSampler,
    ImageGAN,
    SmallClassWarning,
    SuperResolver,
    load,
)
from ganaug.cli import main
from ganaug.randomness import hash_keys
from ganaug.training.networks.cascade import Cascade
from ganaug.training.networks.upscaler import Upscaler


def stripes(n, *shape, dtype=np.uint8):
    """Images of class 0 bright on the left, of class 1 at the top, and their labels."""
    rng = np.random.default_rng(0)
    y = np.arange(n) % 2
    X = rng.integers(0, 60, size=(n, *shape)).astype(dtype)
    X[y == 0, :, : shape[1] // 2] += 150
    X[y == 1, : shape[0] // 2] += 150
    return X, y


def quick(scale=2, **parameters):
    """Cascade that trains in no time, and badly."""
    settings = {"n_steps": 3, "capacity": 0.5, "random_state": 0} | parameters
    return ImageGAN(upscaler=SuperResolver(scale=scale, n_steps=3), **settings)


@pytest.fixture(scope="module")
def images():
    """Twelve images of each of two classes."""
    return stripes(24, 16, 16)


@pytest.fixture(scope="module")
def gan(images):
    """Cascade that has learnt them."""
    return quick().fit(*images)


@pytest.fixture
def points():
    """Two latent points."""
    return np.random.default_rng(1).normal(size=(2, 64)).astype(np.float32)


@pytest.mark.parametrize(
    ("shape", "scale"), [((16, 16), 2), ((16, 24, 3), 2), ((18, 16, 1), 2), ((32, 40), 4)]
)
@pytest.mark.parametrize("dtype", [np.uint8, np.float64])
def test_samples_have_the_size_type_and_range_of_the_images(shape, scale, dtype):
    X, y = stripes(24, *shape, dtype=dtype)
    X_new, y_new = quick(scale).fit(X, y).sample({1: 3, 0: 2})
    assert X_new.shape == (5, *shape)
    assert X_new.dtype == dtype
    low, high = (0, 255) if dtype == np.uint8 else (X.min(), X.max())
    assert low - 1e-3 <= X_new.min() < X_new.max() <= high + 1e-3
    assert y_new.tolist() == [1, 1, 1, 0, 0]


def test_flattened_rows_train_alike_with_their_shape(gan, images):
    X, y = images
    as_rows = quick(image_shape=(16, 16)).fit(X.reshape(24, -1), y)
    drawn = as_rows.sample(4, random_state=1)[0]
    assert drawn.shape == (4, 256)
    assert np.array_equal(drawn.reshape(4, 16, 16), gan.sample(4, random_state=1)[0])


@pytest.mark.medium
def test_training_brings_samples_close_to_their_class():
    X, y = stripes(60, 16, 16)
    upscaler = SuperResolver(n_steps=20)
    gan = ImageGAN(n_steps=80, augment=None, upscaler=upscaler, random_state=0).fit(X, y)
    for label in (0, 1):
        mean = gan.sample({label: 100})[0].mean(axis=0)
        assert np.abs(mean - X[y == label].mean(axis=0)).mean() < 30
        assert np.abs(mean - X[y != label].mean(axis=0)).mean() > 50


@pytest.mark.parametrize("sharing", ["none", "pooled", "conditional"])
def test_generators_make_small_images_which_the_upscaler_enlarges(sharing, points):
    X, y = stripes(24, 16, 16, dtype=np.float64)
    # in the value range as networks see it, and by interpolation alone
    X, bicubic = X / 105 - 1, SuperResolver(n_steps=0)
    gan = ImageGAN(n_steps=3, sharing=sharing, upscaler=bicubic, value_range=(-1, 1))
    gan.set_params(random_state=0).fit(X, y)
    with torch.no_grad():
        small = gan.generators_[1](torch.from_numpy(points)[None])[0]
    assert small.shape == (2, 1, 8, 8)
    large = interpolate(small.clip(-1, 1), scale_factor=2, mode="bicubic", align_corners=False)
    assert np.allclose(gan.generate(points, 1), large[:, 0].clip(-1, 1), atol=1e-5)


def test_small_images_are_held_to_their_range_before_they_are_enlarged():
    cascade = Cascade(torch.nn.Identity(), Upscaler(1, 2, [torch.Generator()]))
    white = torch.ones(1, 1, 1, 8, 8)
    assert torch.equal(cascade(3 * white), cascade(white))
    assert torch.equal(cascade(-3 * white), cascade(-white))


def test_what_is_learnt_is_the_mean_of_squares_of_pixels(gan, images):
    X = images[0]
    turned = X.reshape(24, 8, 2, 8, 2)[:, :, ::-1, :, ::-1].reshape(X.shape)
    features, of_turned, of_moved = (
        gan.discriminator_features(one, 0) for one in (X, turned, np.roll(X, 1, axis=2))
    )
    assert np.allclose(features, of_turned, atol=1e-6)
    assert not np.allclose(features, of_moved)


def test_a_copy_of_the_upscaler_is_trained(images):
    upscaler = SuperResolver(n_steps=2)
    gan = ImageGAN(n_steps=1, random_state=0, upscaler=upscaler, device="cpu").fit(*images)
    assert gan.upscaler is upscaler
    assert repr(upscaler) == "SuperResolver(n_steps=2)"
    assert not hasattr(upscaler, "upscaler_")
    assert gan.upscaler_.n_steps_ == 2
    assert gan.upscaler_.transform(images[0][:, ::2, ::2]).shape == (24, 16, 16)


def test_what_the_upscaler_has_learnt_from_is_let_go_before_classes_train():
    X, y = stripes(26, 16, 16)
    held = []

    def transform(image):
        # first to be tried, then in the game of a class
        if len(held) < 2:
            tensors = [one for one in gc.get_objects() if type(one) is torch.Tensor]
            held.append({len(one) for one in tensors if one.shape[1:] == (1, 16, 16)})
        return image

    quick(sharing="none", real_transform=transform).fit(X, y)
    assert [13 in sizes for sizes in held] == [True, True]
    assert [26 in sizes for sizes in held] == [False, False]


@pytest.mark.medium
def test_a_seed_gives_its_samples_and_an_upscaler_may_have_its_own(gan, images):
    drawn = gan.sample(8, random_state=3)[0]
    assert np.array_equal(quick().fit(*images).sample(8, random_state=3)[0], drawn)
    small = images[0][:, ::2, ::2]
    upscalers = [
        quick(random_state=seed).set_params(upscaler__random_state=own).fit(*images).upscaler_
        for seed, own in ((0, None), (1, None), (0, 5), (1, 5))
    ]
    one, two, three, four = (upscaler.transform(small) for upscaler in upscalers)
    assert not np.array_equal(one, two)
    assert np.array_equal(three, four)
    assert not np.array_equal(one, three)


def test_global_random_states_are_left_alone(images):
    before = np.random.get_state()[1].copy(), torch.random.get_rng_state()
    quick().fit(*images).sample(3)
    assert np.array_equal(before[0], np.random.get_state()[1])
    assert torch.equal(before[1], torch.random.get_rng_state())


@pytest.mark.parametrize("sharing", ["none", "conditional"])
def test_only_the_labels_asked_for_are_trained_and_the_upscaler_on_all(sharing, images):
    alone, both = (
        quick(sharing=sharing).fit(*images, labels=labels).sample({1: 4}, 0)[0]
        for labels in ([1], None)
    )
    assert np.array_equal(alone, both)


def test_small_classes_are_served_by_copies_in_full_size(images):
    X, y = images[0], np.where(np.arange(24) < 4, 7, 0)
    with pytest.warns(SmallClassWarning, match="class 7 has fewer than 10 images.*moved copies"):
        gan = quick(augment=None).fit(X, y)
    assert gan.tiers_ == {0: "convolutional GAN", 7: "moved copies"}
    drawn = gan.sample({7: 5, 0: 5})[0]
    copied = [(image == X[:4]).all(axis=(1, 2)).any() for image in drawn]
    assert copied == [True] * 5 + [False] * 5


def test_without_steps_samples_are_copies_and_no_upscaler_is_trained(images):
    gan = quick(n_steps=0, augment=None).fit(*images)
    assert gan.upscaler_ is None
    drawn = gan.sample({0: 5})[0]
    assert all((image == images[0]).all(axis=(1, 2)).any() for image in drawn)


def test_a_model_without_an_upscaler_has_none(images):
    gan = quick().set_params(upscaler=None).fit(*images)
    assert gan.upscaler_ is None
    assert gan.generators_[0](torch.zeros(1, 2, gan.n_latent)).shape == (1, 2, 1, 16, 16)


def test_a_file_and_a_pickle_bring_it_back(gan, images, tmp_path, capsys):
    path = tmp_path / "gan.h5"
    gan.save(path)
    for again in (load(path), pickle.loads(pickle.dumps(gan))):
        assert np.array_equal(again.sample(8, 0)[0], gan.sample(8, 0)[0])
        assert np.array_equal(clone(again).fit(*images).sample(8, 0)[0], gan.sample(8, 0)[0])
    assert main(["info", str(path)]) == 0
    assert "upscaler=SuperResolver(n_steps=3)" in capsys.readouterr().out


def test_a_file_holds_the_upscaler_once(gan, tmp_path):
    gan.save(tmp_path / "gan.h5")
    held = []

    def look(_, one):
        if isinstance(one, h5py.Dataset):
            held.append(one[()])

    with h5py.File(tmp_path / "gan.h5") as file:
        file.visititems(look)
    weights = [one.numpy() for one in gan.upscaler_.upscaler_.state_dict().values()]
    # others may be equal to them by chance, as zeros are
    largest = max(weights, key=np.size)
    assert sum(np.array_equal(largest, one) for one in held) == 1


@pytest.mark.medium
def test_images_of_256_pixels_are_learnt_small_and_enlarged():
    X, y = stripes(24, 256, 200)
    drawn, _ = quick(scale=4, n_steps=60).fit(X, y).sample({0: 8, 1: 8}, random_state=0)
    assert drawn.shape == (16, 256, 200)
    leaning = drawn[..., :100].mean((1, 2)) - drawn[..., 100:].mean((1, 2))
    assert leaning[:8].mean() > leaning[8:].mean() + 10


@pytest.mark.parametrize(("n_steps", "of_upscaler"), [(10**6, 3), (3, 10**6)])
def test_an_interruption_leaves_a_usable_model(images, interrupt_at_step, n_steps, of_upscaler):
    gan = quick(n_steps=n_steps).set_params(upscaler__n_steps=of_upscaler)
    interrupt_at_step(10)
    with pytest.raises(KeyboardInterrupt):
        gan.fit(*images)
    done = gan.n_steps_, gan.upscaler_.n_steps_
    assert 0 < max(done) < 10**6
    assert min(done) == (0 if n_steps == 3 else 3)
    assert gan.sample({0: 3, 1: 2})[0].shape == (5, 16, 16)


def test_an_upscaler_that_diverges_interpolates_and_says_so(images, monkeypatch):
    monkeypatch.setattr("ganaug.trainers.super_resolution.LEARNING_RATE", 1e9)
    wild = quick().set_params(upscaler__learning_rate=1e9, upscaler__n_steps=30)
    with pytest.warns(
        ConvergenceWarning, match="failed again: served by bicubic interpolation"
    ) as caught:
        wild.fit(*images)
    assert {warning.filename for warning in caught} == {__file__}
    assert wild.sample(2)[0].shape == (2, 16, 16)


def test_the_bar_counts_the_steps_of_all(images, capsys):
    quick(verbose=1).fit(*images)
    assert "6/6" in capsys.readouterr().err


def test_the_sampler_balances_images(images):
    X, y = images[0][:23], images[1][:23]
    sampler = GANOverSampler(quick(), random_state=0).set_params(gan__upscaler__n_steps=1)
    X_all, y_all = sampler.fit_resample(X, y)
    assert X_all.shape == (24, 16, 16)
    assert np.array_equal(X_all[:23], X)
    assert np.bincount(y_all).tolist() == [12, 12]
    assert sampler.gan_.upscaler_.n_steps_ == 1


def test_a_torch_data_set_gets_images_in_full_size(images):
    x = torch.from_numpy(images[0][:, None] / 255).float()
    real = TensorDataset(x[:23], torch.from_numpy(images[1][:23]))
    data = AugmentedDataset(real, quick().fit_dataset(real))
    assert len(data) == 24
    assert data[23][0].shape == x[0].shape
    assert data[23][0].std() > 0


def test_batches_get_the_images_of_the_model_from_one_upscaler(gan):
    x, y = torch.zeros(20, 1, 16, 16, dtype=torch.uint8), torch.ones(20, dtype=torch.int64)
    augment = BatchAugment(gan, p=1.0, seed=5)
    mixed, _ = augment(x, y)
    # of rank 0, and the first batch
    [key] = hash_keys(5, 0, 0)
    stream = torch.Generator().manual_seed(int(key) >> 1)
    torch.rand(20, generator=stream)
    noise = torch.randn(20, gan.n_latent, generator=stream)
    assert np.array_equal(mixed[:, 0].numpy(), gan.generate(noise.numpy(), 1))
    first, second = augment.generators
    assert first.upscaler is second.upscaler
    assert first.upscaler is not gan.upscaler_.upscaler_


def test_a_way_begins_in_one_class_and_ends_in_the_other(gan, points):
    way = gan.interpolate(*points, 0, n=5, to=1).astype(int)
    assert way.shape == (5, 16, 16)
    assert np.abs(way[0] - gan.generate(points[:1], 0)[0]).max() <= 1
    assert np.abs(way[4] - gan.generate(points[1:], 1)[0]).max() <= 1
    assert np.abs(way[2] - way[[0, 4]].mean(axis=0)).max() > 1


def test_features_are_those_of_small_images(images):
    features = DiscriminatorFeatures(quick(), random_state=0).fit(images[0])
    found = features.transform(images[0])
    assert found.shape == (24, len(features.get_feature_names_out()))
    assert found.std(axis=0).max() > 0


def test_quality_is_judged_in_full_size(images):
    X, y = stripes(48, 16, 16)
    # of one class, beside which no classifiers are trained
    quality = quick().fit(*images, labels=[0]).evaluate(X[24::2], y[24::2])
    assert quality.index.tolist() == [0, "all"]
    assert (quality["random_kid"] > quality["random_kid_real"]).all()


def test_parameters_of_the_upscaler_are_those_of_the_model():
    gan = quick().set_params(upscaler__scale=4)
    assert gan.upscaler.scale == gan.get_params()["upscaler__scale"] == 4
    again = clone(gan)
    assert again.upscaler is not gan.upscaler
    assert again.upscaler.get_params() == gan.upscaler.get_params()


@pytest.mark.parametrize(
    ("shape", "upscaler", "message"),
    [
        ((18, 17), SuperResolver(), "scale=2 must divide both sides"),
        ((34, 32), SuperResolver(scale=4), "scale=4 must divide both sides"),
        ((16, 14), SuperResolver(), "16 x 14 pixels, made 2 times smaller.*fewer than the 8"),
        ((24, 24), SuperResolver(scale=4), "24 x 24 pixels, made 4 times smaller"),
        ((8, 129), None, "up to 128 pixels a side; these have 8 x 129.*SuperResolver"),
        ((16, 260), SuperResolver(), "these have 8 x 130"),
        ((16, 16), SuperResolver(scale=3), "'scale' parameter of SuperResolver"),
        ((16, 16), SuperResolver(augment=["blur"]), "augment names 'blur'"),
        ((16, 16), "bicubic", "'upscaler' parameter of ImageGAN"),
    ],
)
def test_what_does_not_fit_is_refused_before_training(shape, upscaler, message):
    with pytest.raises(ValueError, match=message):
        ImageGAN(n_steps=10**9, upscaler=upscaler).fit(*stripes(24, *shape))
