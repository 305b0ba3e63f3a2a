"""PairedTranslator: images that follow their guides, several for each, and what is refused."""

import pickle

import albumentations as A  # noqa: N812 - as its users write it
import numpy as np
import pytest
import torch
from PIL import Image
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator

from ganaug import (
    AugmentedDataset,
    DiscriminatorFeatures,
    GANOverSampler,
    PairedTranslator,
    SmallClassWarning,
    load,
)
from ganaug.cli import main
from ganaug.training.guided_translation import GuideBatch, GuidedGenerator, best_of_two_l1


def squares(n, *colour, dtype=np.uint8, seed=0):
    """Guides with a point, and images with a square around it: grey in class 0, bright in class 1.

    Half of the images of a class, by chance, have a dark ground, the others a lighter one.
    """
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2
    rows, columns = rng.integers(2, 6, (2, n))
    guides, X = np.zeros((n, 8, 8), dtype=np.float32), np.zeros((n, 8, 8))
    X += 80 * rng.integers(0, 2, (n, 1, 1))
    for i, (row, column) in enumerate(zip(rows, columns, strict=True)):
        guides[i, row, column] = 1
        X[i, row - 1 : row + 2, column - 1 : column + 2] = 170 if y[i] == 0 else 250
    X = X if not colour else np.repeat(X[..., None], colour[0], axis=3)
    return guides, X.astype(dtype), y


def quick(**parameters):
    """Translator that trains in no time, and badly."""
    return PairedTranslator(**{"n_steps": 3, "random_state": 0, **parameters})


@pytest.fixture(scope="module")
def learnt():
    """A translator of squares."""
    return PairedTranslator(n_steps=100, augment=None, random_state=0).fit(*squares(120))


def centres(X, threshold):
    """Middles of what is brighter, (n, 2)."""
    places = [np.argwhere(image > threshold) for image in X]
    return np.array([own.mean(axis=0) if len(own) else (99, 99) for own in places])


@pytest.mark.medium
@pytest.mark.parametrize("label", [0, 1])
def test_images_follow_guides_that_were_not_seen_and_their_class(learnt, label):
    guides, X, y = squares(60, seed=1)
    made = learnt.translate(guides, label, random_state=0)
    assert made.dtype == np.uint8
    distance = np.abs(centres(made, 128) - np.argwhere(guides)[:, 1:]).max(axis=1)
    assert (distance < 0.8).mean() > 0.9
    peak = np.array([np.sort(image.ravel())[-9:].mean() for image in made.astype(float)])
    assert abs(peak.mean() - (170 if label == 0 else 250)) < 25


@pytest.mark.medium
def test_what_the_guide_leaves_open_differs_by_noise_and_covers_what_was_seen(learnt):
    guides, _, y = squares(2)
    many = np.repeat(guides[:1], 100, axis=0)
    ground = learnt.translate(many, 0, random_state=0)[:, :, 0].astype(float).mean(axis=1)
    assert (ground < 40).mean() > 0.1
    assert (ground > 40).mean() > 0.1


@pytest.mark.medium
def test_samples_take_guides_of_their_class():
    guides, X, y = squares(60)
    # the point of class 1 is always in one place
    guides[y == 1] = 0
    guides[y == 1, 6, 6] = 1
    X[y == 1] = 0
    X[y == 1, 5:, 5:] = 250
    model = PairedTranslator(n_steps=80, augment=None, random_state=0).fit(guides, X, y)
    drawn, labels = model.sample({1: 30, 0: 30}, random_state=0)
    assert labels.tolist() == [1] * 30 + [0] * 30
    assert np.abs(centres(drawn[:30], 128) - 6).max() < 0.6
    assert centres(drawn[30:], 128).std(axis=0).min() > 0.5


def test_moved_guides_move_what_is_made_of_them():
    guides, X, y = squares(60)
    still, moved = (
        quick(augment=augment).fit(guides, X, y).sample({0: 200}, random_state=0)[0]
        for augment in (None, ["affine"])
    )
    assert len(np.unique(still, axis=0)) == len(np.unique(moved, axis=0)) == 200
    model = quick(augment=["affine"]).fit(guides, X)
    noise = np.zeros((2, 64), dtype=np.float32)
    noise[1, 3:5] = 3  # the last two of the numbers that move
    one, other = model.generate(noise, 0)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("colour", [(), (3,)])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
@pytest.mark.parametrize("n_channels", [None, 1, 7])
def test_guides_of_any_channels_make_images_in_the_type_and_shape_of_theirs(
    colour, dtype, n_channels
):
    guides, X, y = squares(24, *colour, dtype=dtype)
    if n_channels is not None:
        guides = np.repeat(guides[..., None], n_channels, axis=3)
    model = quick().fit(guides, X, y)
    for made in (model.translate(guides, y), model.sample({0: 12, 1: 12})[0]):
        assert made.shape == X.shape
        assert made.dtype == dtype
        assert 0 <= made.min() <= made.max() <= 255


def test_without_labels_there_is_one_class_and_none_to_name():
    guides, X, _ = squares(24)
    model = quick().fit(guides > 0, X)
    assert model.classes_.tolist() == [0]
    assert model.tiers_ == {0: "paired translator"}
    assert np.array_equal(
        model.translate(guides > 0, random_state=1), model.translate(guides > 0, 0, random_state=1)
    )


def test_calls_differ_and_equal_seeds_do_not():
    guides, X, y = squares(24)
    model, again = quick().fit(guides, X, y), quick().fit(guides, X, y)
    one, two = model.translate(guides, y), model.translate(guides, y)
    assert not np.array_equal(one, two)
    assert np.array_equal(again.translate(guides, y), one)
    assert np.array_equal(again.translate(guides, y), two)
    first, second = (model.translate(guides, y, random_state=3) for _ in range(2))
    assert np.array_equal(first, second)


def test_each_guide_gets_its_own_class():
    guides, X, y = squares(24)
    model = quick().fit(guides, X, y)
    mixed = model.translate(guides, y, random_state=3)
    ones = model.translate(guides, 1, random_state=3)
    assert np.array_equal(mixed[y == 1], ones[y == 1])
    assert not np.array_equal(mixed[y == 0], ones[y == 0])


def test_pipelines_of_albumentations_change_guides_and_images_in_step():
    seen = []
    pipeline = A.Compose([A.HorizontalFlip(p=1)], additional_targets={"guide": "mask"}, seed=0)

    def transform(image, guide):
        made = pipeline(image=image, guide=guide)
        seen.append((made["guide"], made["image"]))
        return made

    guides, X, y = squares(24)
    model = quick(real_transform=pipeline).fit(guides, X, y)
    quick(real_transform=transform).fit(guides, X, y)
    assert model.translate(guides, y).shape == X.shape
    plain = quick().fit(guides, X, y)
    assert not np.array_equal(plain.sample(5, 0)[0], model.sample(5, 0)[0])
    for guide, image in seen:
        assert image[guide > 0.5].min() >= 170


@pytest.mark.parametrize(
    "transform",
    [
        A.Compose([A.HorizontalFlip(p=1)]),
        A.HorizontalFlip(p=1),
        np.fliplr,
        lambda image: {"image": image, "guide": image},
        lambda image, guide: (image, guide),
        lambda image, guide: {"image": image},
        lambda image, guide: {"image": image[:4], "guide": guide},
        lambda image, guide: {"image": image, "guide": guide.astype(float)},
    ],
)
def test_transforms_that_lose_guides_or_change_forms_are_refused_before_training(transform):
    with pytest.raises(ValueError, match="real_transform (makes|would|returns|takes)"):
        quick(n_steps=10**7, real_transform=transform).fit(*squares(24))


def test_rows_are_transformed_as_images():
    guides, X, y = squares(24)
    pipeline = A.Compose([A.HorizontalFlip(p=1)], additional_targets={"guide": "mask"}, seed=0)
    as_rows, as_images = (
        quick(real_transform=pipeline, image_shape=shape).fit(guides, images, y)
        for shape, images in (((8, 8), X.reshape(24, -1)), (None, X))
    )
    drawn = as_rows.sample(5, 0)[0]
    assert np.array_equal(drawn.reshape(5, 8, 8), as_images.sample(5, 0)[0])


def test_small_classes_are_served_by_their_images():
    guides, X, y = squares(40)
    y[:4] = 7
    with pytest.warns(SmallClassWarning):
        model = quick(augment=None).fit(guides, X, y)
    drawn = model.sample({7: 20})[0]
    assert {image.tobytes() for image in drawn} == {image.tobytes() for image in X[:4]}
    assert model.translate(guides[:3], 0).shape == (3, 8, 8)
    with pytest.raises(ValueError, match="7 is served by moved copies: nothing translates"):
        model.translate(guides[:3], 7)


def test_only_the_labels_asked_for_are_kept():
    guides, X, y = squares(40)
    alone, both = quick().fit(guides, X, y, labels=[1]), quick().fit(guides, X, y)
    assert alone.classes_.tolist() == [1]
    assert np.array_equal(
        alone.translate(guides, random_state=0), both.translate(guides, 1, random_state=0)
    )


def test_an_interruption_leaves_a_usable_model(interrupt_at_step):
    guides, X, y = squares(24)
    model = quick(n_steps=10**6)
    interrupt_at_step(10)
    with pytest.raises(KeyboardInterrupt):
        model.fit(guides, X, y)
    assert 0 < model.n_steps_ < 10**6
    assert model.translate(guides, y).shape == X.shape


def test_training_runs_on_the_device_and_ends_on_the_cpu(device):
    model = quick(device=str(device)).fit(*squares(24))
    assert {p.device.type for g in model.generators_.values() for p in g.parameters()} == {"cpu"}


def test_a_saved_model_goes_on_as_before(tmp_path):
    guides, X, y = squares(24)
    model = quick().fit(guides, X, y)
    model.save(tmp_path / "model.h5")
    for again in (load(tmp_path / "model.h5", device="cpu"), pickle.loads(pickle.dumps(model))):
        fresh = pickle.loads(pickle.dumps(model))
        assert np.array_equal(again.translate(guides, y), fresh.translate(guides, y))
        assert np.array_equal(again.sample(9)[0], fresh.sample(9)[0])


def test_it_is_a_model_in_every_face_once_it_is_fitted():
    guides, X, y = squares(42)
    y[:30], y[30:] = 0, 1
    fitted = FrozenEstimator(quick().fit(guides, X, y))
    X_new, y_new = GANOverSampler(fitted, random_state=0).fit_resample(X, y)
    assert np.bincount(y_new).tolist() == [30, 30]
    real = torch.utils.data.TensorDataset(torch.from_numpy(X), torch.from_numpy(y))
    assert len(AugmentedDataset(real, fitted.estimator)) == 60
    with pytest.raises(ValueError, match="fit takes guides, images and labels.*FrozenEstimator"):
        GANOverSampler(quick(), random_state=0).fit_resample(X, y)
    # of one class, between which no classifiers are trained
    alone = quick().fit(guides, X)
    assert alone.evaluate(X, np.zeros(42, dtype=int)).index.tolist() == [0, "all"]
    with pytest.raises(ValueError, match="pass guides too"):
        DiscriminatorFeatures(fitted, per_class=True).fit(X, y).transform(X)


def test_features_are_those_of_guides_and_images_together():
    guides, X, y = squares(24)
    model = quick().fit(guides, X, y)
    features = model.discriminator_features(X, 0, guides=guides)
    assert features.shape[0] == 24
    alone = model.discriminator_features(X[3:4], 0, guides=guides[3:4])
    assert np.allclose(features[3:4], alone)
    assert not np.allclose(features, model.discriminator_features(X, 0, guides=guides[::-1]))
    with pytest.raises(ValueError, match="24 guides and 3 images"):
        model.discriminator_features(X[:3], 0, guides=guides)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda g, X, y: (g[:20], X, y), "20 guides and 24 images"),
        (lambda g, X, y: (g[:, :7], X, y), "guides have 7 x 8 pixels, images 8 x 8"),
        (lambda g, X, y: (g.reshape(24, -1), X, y), "channels\\) is needed. keypoint_maps"),
        (lambda g, X, y: (np.full_like(g, np.nan), X, y), "guides contains NaN"),
        (lambda g, X, y: (g, X[:, :6], y), "8 to 512 pixels"),
        (lambda g, X, y: (X, y), "fit takes guides, images and labels"),
    ],
)
def test_pairs_that_do_not_match_are_refused_before_training(change, message):
    with pytest.raises(ValueError, match=message):
        PairedTranslator(n_steps=10**7).fit(*change(*squares(24)))


@pytest.mark.parametrize(
    "options", [{"n_latent": 5}, {"fidelity": -1}, {"guide_range": (1, 0)}, {"augment": ["blur"]}]
)
def test_unsuitable_parameters_are_refused_before_training(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        PairedTranslator(n_steps=10**7).set_params(**options).fit(*squares(24))


def test_translations_need_what_was_learnt():
    guides, X, y = squares(24)
    with pytest.raises(NotFittedError):
        quick().translate(guides)
    model = quick().fit(guides, X, y)
    with pytest.raises(ValueError, match=r"images of 2 classes: say which"):
        model.translate(guides)
    with pytest.raises(ValueError, match="no GAN was trained for 5"):
        model.translate(guides, 5)
    with pytest.raises(ValueError, match="3 labels for 24 guides"):
        model.translate(guides, [0, 1, 0])
    with pytest.raises(ValueError, match=r"shape \(8, 7\); the model was fitted on \(8, 8\)"):
        model.translate(guides[:, :, :7], y)
    with pytest.raises(ValueError, match="outside the range.*guide_range="):
        model.translate(guides * 5, y)


@pytest.mark.parametrize("n_channels", [1, 2, 3, 7])
def test_guides_images_and_answers_are_shown_below_one_another(n_channels, tmp_path):
    guides, X, y = squares(24)
    guides = np.repeat(guides[..., None], n_channels, axis=3)
    quick().fit(guides, X, y).save(tmp_path / "model.h5")
    words = ["explore", str(tmp_path / "model.h5"), "-n", "6", "-o", str(tmp_path / "x.png")]
    assert main(words) == 0
    with Image.open(tmp_path / "x.png") as picture:
        assert picture.height == 2 * 16 + 5 * (7 * 8 + 4)


class Echo(torch.nn.Module):
    """Answers with its noise."""

    def forward(self, guides, noise):
        return noise[..., None, None].expand_as(guides)


def test_only_the_nearer_of_two_answers_counts():
    guide = torch.zeros(1, 2, 1, 2, 2)
    image = torch.tensor([0.5, -0.5]).reshape(1, 2, 1, 1, 1).expand(1, 2, 1, 2, 2)
    noise = torch.ones(1, 2, 1)
    inputs = GuideBatch(guide, image, noise)
    generator = GuidedGenerator(Echo())
    loss = best_of_two_l1(generator, inputs, generator(inputs))
    assert torch.allclose(loss, torch.tensor([0.5]))
