"""ImageGAN: images of every kind, what is trained for which class, and what is drawn from it."""

import pickle

import numpy as np
import pytest
import torch
from imblearn.pipeline import make_pipeline
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import FunctionTransformer

from ganaug import (
    AugmentedClassifier,
    DiscriminatorFeatures,
    GANMixer,
    GANOverSampler,
    ImageGAN,
    SmallClassWarning,
    TableGAN,
    multiply,
)
from ganaug.trainers.image import N_STEPS, N_STEPS_SMALL, SHARED_BELOW, default_n_steps
from ganaug.training.step import HISTORY_KEYS


def stripes(n, *shape, dtype=np.uint8):
    """Images of class 0 bright on the left, of class 1 at the top, and their labels."""
    rng = np.random.default_rng(0)
    y = np.arange(n) % 2
    X = rng.integers(0, 60, size=(n, *shape)).astype(dtype)
    X[y == 0, :, : shape[1] // 2] += 150
    X[y == 1, : shape[0] // 2] += 150
    return X, y


@pytest.fixture
def quick_images():
    """Model that trains in no time, and badly."""
    return ImageGAN(n_steps=3, capacity=0.5, random_state=0)


@pytest.fixture
def flatten():
    """Step that turns images into rows."""
    return FunctionTransformer(lambda X: np.reshape(X, (len(X), -1)))


@pytest.mark.parametrize("shape", [(8, 8), (28, 28), (9, 17, 1), (12, 10, 3)])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_samples_have_the_shape_type_and_range_of_the_images(quick_images, shape, dtype):
    X, y = stripes(24, *shape, dtype=dtype)
    X_new, y_new = quick_images.fit(X, y).sample({1: 3, 0: 2})
    assert X_new.shape == (5, *shape)
    assert X_new.dtype == dtype
    low, high = (0, 255) if dtype == np.uint8 else (X.min(), X.max())
    assert low - 1e-3 <= X_new.min() < X_new.max() <= high + 1e-3
    assert y_new.tolist() == [1, 1, 1, 0, 0]


def test_flattened_rows_train_alike_with_their_shape(quick_images):
    X, y = stripes(24, 8, 10)
    as_rows = clone(quick_images).set_params(image_shape=(8, 10)).fit(X.reshape(24, -1), y)
    drawn = as_rows.sample(4, random_state=1)[0]
    assert drawn.shape == (4, 80)
    assert np.array_equal(drawn.reshape(4, 8, 10), quick_images.fit(X, y).sample(4, 1)[0])


@pytest.mark.medium
def test_training_brings_samples_close_to_their_class():
    X, y = stripes(60, 8, 8)
    gan = ImageGAN(n_steps=80, augment=None, random_state=0).fit(X, y)
    for label in (0, 1):
        mean = gan.sample({label: 100})[0].mean(axis=0)
        assert np.abs(mean - X[y == label].mean(axis=0)).mean() < 30
        assert np.abs(mean - X[y != label].mean(axis=0)).mean() > 50


@pytest.fixture
def two_threads():
    """Let torch use two threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def test_the_same_seed_gives_the_same_images(quick_images):
    X, y = stripes(60, 8, 8)
    one, two = (clone(quick_images).fit(X, y).sample(20, random_state=3)[0] for _ in range(2))
    assert np.array_equal(one, two)
    other = clone(quick_images).set_params(random_state=1).fit(X, y)
    assert not np.array_equal(one, other.sample(20, random_state=3)[0])


def test_two_threads_share_the_classes_and_draw_the_same_images(quick_images, request):
    X, y = stripes(60, 8, 8, dtype=np.float64)
    y = np.arange(60) % 5
    one = clone(quick_images).fit(X, y).sample(20, random_state=3)[0]
    request.getfixturevalue("two_threads")
    two, again = (clone(quick_images).fit(X, y).sample(20, random_state=3)[0] for _ in range(2))
    assert torch.get_num_threads() == 2
    assert np.array_equal(two, again)
    assert np.allclose(one, two, atol=1e-2)


def test_global_random_states_are_left_alone(quick_images):
    before = np.random.get_state()[1].copy(), torch.random.get_rng_state()
    quick_images.fit(*stripes(24, 8, 8)).sample(3)
    assert np.array_equal(before[0], np.random.get_state()[1])
    assert torch.equal(before[1], torch.random.get_rng_state())


def test_every_class_has_its_history(quick_images):
    gan = quick_images.fit(*stripes(24, 8, 8))
    assert gan.tiers_ == {0: "convolutional GAN", 1: "convolutional GAN"}
    assert gan.n_steps_ == 3
    for history in gan.history_.values():
        assert {name: len(values) for name, values in history.items()} == dict.fromkeys(
            HISTORY_KEYS, 3
        )


def test_small_classes_are_served_by_their_images_moved_a_little(quick_images):
    X, y = stripes(24, 8, 8)
    y = np.where(np.arange(24) < 4, 7, 0)
    with pytest.warns(SmallClassWarning, match="class 7 has fewer than 10 images.*moved copies"):
        gan = quick_images.fit(X, y)
    assert gan.tiers_ == {0: "convolutional GAN", 7: "moved copies"}
    drawn = gan.sample({7: 30})[0].astype(float)
    apart = np.abs(drawn[:, None] - X[:4].astype(float)).mean(axis=(2, 3)).min(axis=1)
    assert 0 < apart.mean() < 40


def test_without_steps_samples_are_moved_copies():
    gan = ImageGAN(n_steps=0, augment=None, random_state=0).fit(*stripes(24, 8, 8))
    X, y = stripes(24, 8, 8)
    drawn = gan.sample({0: 5})[0]
    assert all((image == X[y == 0]).all(axis=(1, 2)).any() for image in drawn)


def test_equal_noise_gives_equal_images_and_a_path_between_them(quick_images):
    gan = quick_images.fit(*stripes(24, 8, 8))
    noise = np.random.default_rng(0).normal(size=(2, 64))
    ends = gan.generate(noise, 1)
    assert np.array_equal(ends, gan.generate(noise, 1))
    path = gan.interpolate(noise[0], noise[1], 1, n=5)
    assert path.shape == (5, 8, 8)
    assert np.abs(path[[0, 4]].astype(int) - ends.astype(int)).max() <= 1
    with pytest.raises(ValueError, match="n must be 2 or more"):
        gan.interpolate(noise[0], noise[1], 1, n=1)
    with pytest.raises(ValueError, match="this model takes n_latent=64"):
        gan.generate(noise[:, :9], 1)


def test_spread_widens_and_narrows_without_training_again(quick_images):
    gan = quick_images.fit(*stripes(24, 8, 8, dtype=np.float64))
    wide, narrow, none = (
        gan.set_params(spread=spread).sample({0: 200}, random_state=0)[0].std(axis=0).mean()
        for spread in (1.0, 0.5, 0.0)
    )
    assert none < 1e-4 < narrow < wide


def test_a_pooled_start_is_shared_by_all_classes():
    X, y = stripes(24, 8, 8)
    y = np.arange(24) % 2
    pooled = ImageGAN(n_steps=4, sharing="pooled", learning_rate=1e-9, random_state=0).fit(X, y)
    weights = [g.first.weight for g in pooled.generators_.values()]
    assert torch.allclose(weights[0], weights[1], atol=1e-6)
    alone = clone(pooled).set_params(sharing="none").fit(X, y)
    weights = [g.first.weight for g in alone.generators_.values()]
    assert not torch.allclose(weights[0], weights[1], atol=0.1)


def test_spread_leaves_copies_alone():
    X, y = stripes(24, 8, 8)
    untrained = ImageGAN(n_steps=0, random_state=0).fit(X, y)
    plain = untrained.sample({0: 20}, random_state=0)[0]
    assert np.array_equal(plain, untrained.set_params(spread=0.1).sample({0: 20}, 0)[0])


@pytest.mark.parametrize(("shape", "n_steps"), [((12, 8), N_STEPS_SMALL), ((8, 13), N_STEPS)])
def test_small_images_get_fewer_steps_by_default(shape, n_steps):
    assert default_n_steps(*shape) == n_steps


def test_classes_of_a_conditional_gan_share_all_but_gains_biases_and_the_last_layer():
    X, y = stripes(24, 8, 8)
    gan = ImageGAN(n_steps=8, sharing="conditional", random_state=0).fit(X, y)
    generators, discriminators = gan.generators_, gan.discriminators_
    first, second = (generators[label].first.weight[0] for label in (0, 1))
    gains = second / first
    assert torch.allclose(gains, gains[:1].expand_as(gains), rtol=1e-2)
    assert not torch.allclose(gains, torch.ones(()), rtol=1e-4)
    own = {
        name
        for name, parameter in discriminators[0].named_parameters()
        if not torch.equal(parameter, discriminators[1].get_parameter(name))
    }
    # what is added to all logits changes no loss, but for rounding
    assert own - {"last.bias"} == {"last.weight"}
    images = [gan.generate(np.ones((1, gan.n_latent)), label) for label in (0, 1)]
    assert not np.array_equal(*images)


@pytest.mark.medium
def test_conditional_classes_learn_from_one_another():
    X, y = stripes(60, 8, 8)
    few = np.flatnonzero((y == 0) | (np.arange(60) < 24))
    gan = ImageGAN(n_steps=80, sharing="conditional", random_state=0).fit(X[few], y[few])
    for label in (0, 1):
        mean = gan.sample({label: 100})[0].mean(axis=0)
        assert np.abs(mean - X[y == label].mean(axis=0)).mean() < 30


def test_small_classes_share_and_large_ones_do_not_by_default():
    X, y = stripes(2 * SHARED_BELOW, 8, 8)
    default = ImageGAN(n_steps=1, capacity=0.5, random_state=0)
    for n_images, sharing in ((30, "conditional"), (2 * SHARED_BELOW, "none")):
        asked = clone(default).set_params(sharing=sharing).fit(X[:n_images], y[:n_images])
        chosen = clone(default).fit(X[:n_images], y[:n_images])
        assert np.array_equal(chosen.sample(4, 0)[0], asked.sample(4, 0)[0])


def test_a_pooled_start_that_diverges_is_reported_and_left(monkeypatch):
    monkeypatch.setattr("ganaug.trainers.image.LEARNING_RATE", 1e8)
    wild = ImageGAN(n_steps=10, sharing="pooled", learning_rate=1e8, random_state=0)
    with pytest.warns(ConvergenceWarning) as caught:
        wild.fit(*stripes(24, 8, 8))
    messages = [str(warning.message) for warning in caught]
    assert messages[0].startswith("The pooled start diverged")
    assert messages[1].startswith("The GAN of classes 0, 1 diverged")
    assert {warning.filename for warning in caught} == {__file__}
    assert set(wild.tiers_.values()) == {"moved copies"}


@pytest.mark.parametrize("sharing", ["none", "conditional"])
def test_only_the_labels_asked_for_are_trained(quick_images, sharing):
    X, y = stripes(24, 8, 8)
    model = clone(quick_images).set_params(sharing=sharing)
    alone = clone(model).fit(X, y, labels=[1])
    assert alone.classes_.tolist() == [1]
    both = clone(model).fit(X, y)
    assert np.array_equal(alone.sample({1: 4}, 0)[0], both.sample({1: 4}, 0)[0])


@pytest.mark.usefixtures("two_threads")
def test_an_interruption_leaves_a_usable_model(interrupt_at_step):
    X, y = stripes(24, 8, 8)
    gan = ImageGAN(n_steps=10**6, random_state=0)
    interrupt_at_step(10)
    with pytest.raises(KeyboardInterrupt):
        gan.fit(X, y)
    assert 0 < gan.n_steps_ < 10**6
    assert gan.sample({0: 3, 1: 2})[0].shape == (5, 8, 8)


def test_a_fitted_model_survives_pickling(quick_images):
    gan = quick_images.fit(*stripes(24, 8, 8))
    again = pickle.loads(pickle.dumps(gan))
    assert np.array_equal(gan.sample(4, 0)[0], again.sample(4, 0)[0])


def test_training_runs_on_the_device_and_ends_on_the_cpu(quick_images, device):
    gan = quick_images.set_params(device=str(device)).fit(*stripes(24, 8, 8))
    assert {p.device.type for g in gan.generators_.values() for p in g.parameters()} == {"cpu"}


@pytest.mark.parametrize(
    ("X", "y", "options", "message"),
    [
        ([np.zeros((8, 8)), np.zeros((9, 8))], [0, 1], {}, "images of different sizes"),
        (np.zeros((4, 8, 8)), np.zeros((4, 8, 8)), {}, "Masks are not labels"),
        (np.zeros((4, 8, 8)), [0, 1], {}, "inconsistent numbers of samples"),
        (np.full((4, 8, 8), np.nan), [0, 0, 1, 1], {}, "NaN"),
        (np.zeros((4, 8)), [0, 0, 1, 1], {}, "image_shape="),
        (np.zeros((4, 8, 8)), [0, 0, 1, 1], {"augment": ["blur"]}, "augment names 'blur'"),
        (np.zeros((4, 8, 8)), [0, 0, 1, 1], {"augment": "text"}, "'augment' parameter"),
        (np.zeros((4, 8, 8)), [0.5, 0.1, 1, 1], {}, "continuous"),
        (np.full((4, 8, 8), 9.0), [0, 0, 1, 1], {"value_range": (0, 1)}, "outside the range"),
    ],
)
def test_bad_input_is_refused_before_training(X, y, options, message):
    with pytest.raises(ValueError, match=message):
        ImageGAN(**options).fit(X, y)


def test_nothing_is_drawn_before_fit_or_of_unknown_classes(quick_images):
    with pytest.raises(NotFittedError):
        quick_images.sample(3)
    gan = quick_images.fit(*stripes(24, 8, 8))
    with pytest.raises(ValueError, match="no GAN was trained for 5"):
        gan.sample({5: 1})
    with pytest.raises(ValueError, match=r"shape \(8, 9\); the model was fitted on \(8, 8\)"):
        gan.discriminator_features(np.zeros((2, 8, 9), dtype=np.uint8), 0)


def test_the_sampler_balances_images_also_in_a_pipeline(quick_images, flatten):
    X, y = stripes(36, 8, 8, 3)
    X, y = X[:30], np.where(np.arange(30) < 12, 1, 0)
    sampler = GANOverSampler(quick_images, random_state=0)
    X_all, y_all = sampler.fit_resample(X, y)
    assert X_all.shape == (36, 8, 8, 3)
    assert X_all.dtype == np.uint8
    assert np.array_equal(X_all[:30], X)
    assert np.bincount(y_all).tolist() == [18, 18]
    pipeline = make_pipeline(clone(sampler), flatten, KNeighborsClassifier(1)).fit(X, y)
    assert pipeline.score(X, y) == 1


def test_the_default_model_follows_from_the_data():
    for shape, kind in (((24, 8, 8), ImageGAN), ((24, 5), TableGAN)):
        X = np.random.default_rng(0).random(shape)
        sampler = GANOverSampler(sampling_strategy={0: 12, 1: 12})
        with pytest.warns(UserWarning, match="adds no rows"):
            sampler.fit_resample(X, np.arange(24) % 2)
        assert isinstance(sampler.gan_, kind)


def test_the_classifier_takes_images(quick_images, flatten):
    X, y = stripes(24, 8, 8)
    estimator = make_pipeline(flatten, KNeighborsClassifier(1))
    model = AugmentedClassifier(
        estimator, gan=quick_images, sampling_strategy=multiply(2.0), gate=None, random_state=0
    )
    assert model.fit(X, y).n_synthetic_ == 24
    assert model.score(X, y) == 1


def test_the_mixer_replaces_a_share_of_each_class(quick_images):
    X, y = stripes(40, 8, 8)
    mixer = GANMixer(fraction=0.25, gan=quick_images, random_state=0)
    mixed = mixer.fit_transform(X, y)
    assert mixed.dtype == np.uint8
    changed = (mixed != X).any(axis=(1, 2))
    assert np.bincount(y[changed]).tolist() == [5, 5]
    assert np.array_equal(mixer.transform(X), X)


def test_discriminator_features_do_not_depend_on_the_images_beside(quick_images):
    X, y = stripes(24, 8, 8)
    features = DiscriminatorFeatures(quick_images, random_state=0).fit(X)
    together = features.transform(X)
    assert together.shape == (24, len(features.get_feature_names_out()))
    assert np.allclose(together[3:4], features.transform(X[3:4]))
    assert together.std(axis=0).max() > 0


@pytest.mark.medium
def test_quality_is_judged_by_class_beside_real_images(quick_images):
    X, y = stripes(48, 8, 8)
    gan = quick_images.fit(X[:32], y[:32])
    quality = gan.evaluate(X[32:], y[32:])
    assert quality.index.tolist() == [0, 1, "all"]
    distance, real = (quality[f"random_kid{end}"] for end in ("", "_real"))
    assert (distance > real).all()
    with pytest.raises(ValueError, match="no GAN was trained for 5"):
        gan.evaluate(X[32:], y[32:] + 5)
