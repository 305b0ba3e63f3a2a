"""ClassTranslator: what a translation changes and keeps, what is drawn, and what is refused."""

import numpy as np
import pytest
import torch
from PIL import Image
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.frozen import FrozenEstimator

from ganaug import (
    AugmentedClassifier,
    AugmentedDataset,
    BatchAugment,
    ClassTranslator,
    DiscriminatorFeatures,
    GANOverSampler,
    SmallClassWarning,
    load,
)
from ganaug.cli import main
from ganaug.models.label_guard import LabelGuard
from ganaug.report import draw_gan
from ganaug.training.class_translation import TranslationBatch, cycle_loss, roll_members


def bars(*sizes, colour=(), dtype=np.uint8):
    """Images with a bar at the left, the top or the right, by class, as bright as by chance."""
    rng = np.random.default_rng(0)
    y = np.repeat(range(len(sizes)), sizes)
    bright = rng.integers(90, 255, len(y))
    X = rng.integers(0, 30, (len(y), 8, 8))
    places = [(slice(None), slice(3)), (slice(3), slice(None)), (slice(None), slice(5, 8))]
    for i, label in enumerate(y):
        X[i][places[label]] = bright[i]
    X = X if not colour else np.repeat(X[..., None], colour[0], axis=3)
    return X.astype(dtype), y, bright


def quick(**parameters):
    """Translator that trains in no time, and badly."""
    return ClassTranslator(**{"n_steps": 3, "guard": 0, "random_state": 0, **parameters})


@pytest.fixture(scope="module")
def learnt():
    """A translator of bars."""
    X, y, _ = bars(40, 40, 40)
    return ClassTranslator(n_steps=200, augment=None, random_state=0).fit(X, y)


@pytest.mark.medium
@pytest.mark.parametrize("to", [0, 1, 2])
def test_translations_are_of_their_new_class_and_keep_what_classes_do_not_decide(learnt, to):
    X, y, bright = bars(40, 40, 40)
    made = learnt.translate(X[y != to], to).astype(float)
    parts = np.stack([made[:, :, :2], made[:, :2].transpose(0, 2, 1), made[:, :, 6:]], axis=1)
    means = parts.mean(axis=(2, 3))
    assert (means.argmax(axis=1) == to).mean() > 0.9
    assert np.corrcoef(means[:, to], bright[y != to])[0, 1] > 0.7


@pytest.mark.medium
def test_images_of_their_own_class_stay_nearly_what_they_are(learnt):
    X, y, _ = bars(40, 40, 40)
    own, other = (learnt.translate(X[y == 1], to).astype(float) for to in (1, 2))
    assert np.abs(own - X[y == 1]).mean() < 0.4 * np.abs(other - X[y == 1]).mean()


@pytest.mark.medium
def test_hardly_any_translation_that_is_drawn_kept_its_old_class(learnt):
    X, y = learnt.sample({0: 60, 1: 60, 2: 60}, random_state=0)
    X_real, y_real, _ = bars(40, 40, 40)
    means = np.stack([X_real[y_real == label].mean(axis=0) for label in range(3)])
    patterns = means - means.mean(axis=0)
    nearest = np.einsum("nij,kij->nk", X - means.mean(axis=0), patterns).argmax(axis=1)
    assert (nearest == y).mean() > 0.95
    assert set(learnt.acceptance_) == {0, 1, 2}
    assert all(0.5 < rate <= 1 for rate in learnt.acceptance_.values())


@pytest.mark.medium
def test_what_the_guard_lets_pass_depends_on_its_threshold(tmp_path):
    X, y, _ = bars(20, 20, 20)
    # a linear classifier of the pixels is soon trained
    parameters = {"n_steps": 40, "batch_size": 8, "features": torch.nn.Flatten()}
    open_ = quick(**parameters).fit(X, y)
    # one game serves both
    lax, strict = (
        quick(**parameters, guard=guard).fit(X, y, checkpoint=tmp_path / "run.h5")
        for guard in (0.3, 0.8)
    )
    assert sum(strict.acceptance_.values()) < sum(lax.acceptance_.values())
    assert set(open_.acceptance_.values()) == {1.0}
    # the game is the same, whatever is let pass
    assert np.array_equal(lax.translate(X, 1), open_.translate(X, 1))


@pytest.mark.medium
def test_classes_into_which_nothing_passes_are_left_to_copies():
    X, y, _ = bars(20, 20)
    with pytest.warns(ConvergenceWarning, match="of 200 translations into class") as caught:
        model = quick(n_steps=1, guard=0.9999).fit(X, y)
    assert {warning.filename for warning in caught} == {__file__}
    assert model.acceptance_ == {0: 0.0, 1: 0.0}
    assert set(model.tiers_.values()) == {"moved copies"}
    assert model.sample({0: 50})[0].shape == (50, 8, 8)
    with pytest.raises(ValueError, match="0 is served by moved copies: nothing translates"):
        model.translate(X, 0)


def speckles(*sizes):
    """Images of nothing that any class has of its own."""
    y = np.repeat(range(len(sizes)), sizes)
    return np.random.default_rng(0).integers(0, 255, (len(y), 8, 8), dtype=np.uint8), y


def test_nothing_is_trained_where_the_guard_can_tell_no_class():
    X, y = speckles(30, 30, 30)
    with pytest.warns(SmallClassWarning, match="cannot tell classes 0, 1, 2 in real") as caught:
        model = quick(n_steps=10**7, guard=0.5, features=torch.nn.Flatten()).fit(X, y)
    assert {warning.filename for warning in caught} == {__file__}
    assert model.n_steps_ == 0
    assert set(model.tiers_.values()) == {"moved copies"}
    assert max(model.guard_precision_.values()) < 0.6
    assert model.sample({1: 5})[0].shape == (5, 8, 8)
    # without a guard all translations are taken, as before
    unguarded = quick().fit(X, y)
    assert set(unguarded.tiers_.values()) == {"class translator"}
    assert unguarded.guard_precision_ == {}


@pytest.mark.medium
def test_classes_that_the_guard_cannot_tell_are_learnt_from_and_left_to_copies(tmp_path):
    X, y, _ = bars(30, 30)
    X_more, y_more = speckles(30, 30)
    X, y = np.concatenate([X, X_more]), np.concatenate([y, y_more + 2])
    with pytest.warns(SmallClassWarning, match="cannot tell classes 2, 3 in real images"):
        model = quick(guard=0.01).fit(X, y)
    told = {label for label, share in model.guard_precision_.items() if share > 0.6}
    assert told == {0, 1}
    assert {label for label, tier in model.tiers_.items() if tier == "class translator"} == told
    assert set(model._sources_for(0).rows) == set(range(30, 120))
    model.save(tmp_path / "model.h5")
    assert load(tmp_path / "model.h5").guard_precision_ == model.guard_precision_


@pytest.mark.medium
def test_precision_counts_classes_alike_and_one_mistake_more():
    X, y, _ = bars(40, 10)
    images = X[:, None] / 127.5 - 1
    shares = LabelGuard.fit(images, y, seed=0).precision()
    assert shares[0] == pytest.approx(40 / 41)
    assert shares[1] == pytest.approx(10 / 11)


def test_ways_stay_with_one_image():
    X, y, _ = bars(20, 20)
    way = quick(augment=["affine"]).fit(X, y).interpolate(-np.ones(5), np.ones(5), 1, n=30)
    steps = np.abs(np.diff(way.astype(float), axis=0)).mean(axis=(1, 2))
    assert 0 < steps.max() < 4 * np.median(steps)


def test_nothing_is_trained_where_only_small_classes_are_wanted():
    X, y, _ = bars(20, 20, 5)
    with pytest.warns(SmallClassWarning):
        model = quick(n_steps=10**7, guard=0.5).fit(X, y, labels=[2])
    assert model.n_steps_ == 0


@pytest.mark.medium
def test_judges_do_not_know_the_image_that_they_judge():
    rng = np.random.default_rng(0)
    images, y = rng.normal(size=(30, 1, 8, 8)).clip(-1, 1), np.arange(30) % 2
    guard = LabelGuard.fit(images, y, seed=0)
    own = np.array([guard.probabilities(images[[i]], np.array([i]), y[i])[0] for i in range(30)])
    known = np.array(
        [guard.probabilities(images[[i]], np.array([i - 2]), y[i])[0] for i in range(30)]
    )
    # labels are by chance: only judges that saw an image can tell its own
    assert own.mean() < 0.65
    assert known.mean() > own.mean() + 0.1


@pytest.mark.parametrize("colour", [(), (3,)])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_translations_come_in_the_type_and_shape_of_the_images(colour, dtype):
    X, y, _ = bars(12, 12, colour=colour, dtype=dtype)
    model = quick().fit(X, y)
    drawn, labels = model.sample({1: 3, 0: 2})
    for made in (drawn, model.translate(X[:5], 1)):
        assert made.shape == (5, *X.shape[1:])
        assert made.dtype == dtype
        assert 0 <= made.min() <= made.max() <= 255
    assert labels.tolist() == [1, 1, 1, 0, 0]


def test_rows_are_images_with_their_shape():
    X, y, _ = bars(12, 12)
    model = quick(image_shape=(8, 8)).fit(X.reshape(24, -1), y)
    assert model.translate(X[:3].reshape(3, -1), 1).shape == (3, 64)


def test_equal_seeds_give_equal_translations():
    X, y, _ = bars(15, 15, 15)
    one, two, other = (quick(random_state=seed).fit(X, y).translate(X, 2) for seed in (0, 0, 1))
    assert np.array_equal(one, two)
    assert not np.array_equal(one, other)


@pytest.mark.medium
def test_small_classes_are_sources_of_nothing_and_are_served_by_copies():
    X, y, _ = bars(20, 20, 5)
    with pytest.warns(SmallClassWarning):
        model = quick(guard=0.5).fit(X, y)
    assert model.tiers_ == {0: "class translator", 1: "class translator", 2: "moved copies"}
    assert model.sample({2: 4})[0].shape == (4, 8, 8)
    assert model.acceptance_[2] == 1
    with pytest.raises(ValueError, match="2 is served by moved copies: nothing translates"):
        model.translate(X, 2)


@pytest.mark.parametrize("sizes", [(30, 9), (9, 8, 7)])
def test_where_nothing_is_to_be_translated_from_copies_serve_all(sizes):
    X, y, _ = bars(*sizes)
    with pytest.warns(SmallClassWarning) as caught:
        model = quick(guard=0.5).fit(X, y)
    assert {warning.filename for warning in caught} == {__file__}
    alone = [one for one in caught if "class 0 alone has 10 images or more" in str(one.message)]
    assert len(alone) == (sizes[0] == 30)
    assert set(model.tiers_.values()) == {"moved copies"}
    assert model.sample({1: 4})[0].shape == (4, 8, 8)
    with pytest.raises(ValueError, match="served by moved copies"):
        model.translate(X, 0)


# a class of few rows is what is tested
@pytest.mark.filterwarnings("ignore::ganaug.SmallClassWarning")
def test_the_gate_judges_it_also_where_inner_splits_are_small():
    X, y, _ = bars(60, 12)
    rows = X.reshape(72, -1)
    gan = quick(image_shape=(8, 8))
    classifier = AugmentedClassifier(gan=gan, random_state=0).fit(rows, y)
    assert classifier.score(rows, y) > 0.8
    assert "moved copies" in classifier.report_.table.index


def test_labels_that_were_not_asked_for_are_still_learnt_from():
    X, y, _ = bars(15, 15, 15)
    alone, all_three = quick().fit(X, y, labels=[1]), quick().fit(X, y)
    assert alone.classes_.tolist() == [1]
    assert np.array_equal(alone.translate(X, 1), all_three.translate(X, 1))
    with pytest.raises(ValueError, match="no GAN was trained for 0"):
        alone.translate(X, 0)


def test_an_interruption_leaves_a_usable_model(interrupt_at_step):
    X, y, _ = bars(15, 15)
    model = quick(n_steps=10**6)
    interrupt_at_step(10)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, y)
    assert 0 < model.n_steps_ < 10**6
    assert model.sample({0: 3})[0].shape == (3, 8, 8)


def test_a_game_that_diverges_is_reported_and_served_by_copies(monkeypatch):
    monkeypatch.setattr("ganaug.trainers.image.LEARNING_RATE", 1e8)
    X, y, _ = bars(15, 15)
    with pytest.warns(
        UserWarning, match="classes 0, 1 diverged.*failed again: served by moved copies"
    ):
        model = quick(n_steps=10, learning_rate=1e8).fit(X, y)
    assert set(model.tiers_.values()) == {"moved copies"}
    assert model.sample(4)[0].shape == (4, 8, 8)


def test_training_runs_on_the_device_and_ends_on_the_cpu(device):
    X, y, _ = bars(12, 12)
    model = quick(device=str(device)).fit(X, y)
    assert {p.device.type for g in model.generators_.values() for p in g.parameters()} == {"cpu"}


@pytest.mark.medium
def test_a_saved_model_draws_and_translates_as_before(learnt, tmp_path):
    X, y, _ = bars(20, 20, 15)
    learnt.save(tmp_path / "model.h5")
    again = load(tmp_path / "model.h5", device="cpu")
    assert np.array_equal(again.translate(X, 2), learnt.translate(X, 2))
    assert np.array_equal(again.sample(20, 0)[0], learnt.sample(20, 0)[0])
    assert again.acceptance_ == learnt.acceptance_


@pytest.mark.parametrize(
    ("sizes", "options", "message"),
    [
        ((30,), {}, r"needs two classes or more; y holds \{0: 30\}"),
        ((20, 20), {"guard": 1.0}, "'guard' parameter"),
        ((20, 20), {"consistency": -1}, "'consistency' parameter"),
        ((20, 20), {"augment": ["blur"]}, "augment names 'blur'"),
    ],
)
def test_bad_input_is_refused_before_training(sizes, options, message):
    X, y, _ = bars(*sizes)
    with pytest.raises(ValueError, match=message):
        ClassTranslator(n_steps=10**7, **options).fit(X, y)


def test_images_unlike_those_in_fit_are_refused():
    X, y, _ = bars(12, 12)
    with pytest.raises(NotFittedError):
        quick().translate(X, 0)
    with pytest.raises(ValueError, match=r"shape \(8, 7\); the model was fitted on \(8, 8\)"):
        quick().fit(X, y).translate(X[:, :, :7], 0)


@pytest.mark.filterwarnings("ignore:ClassTranslator. images of class")
def test_it_is_a_model_in_every_face():
    X, y, _ = bars(30, 12)
    X_new, y_new = GANOverSampler(quick(), random_state=0).fit_resample(X, y)
    assert np.bincount(y_new).tolist() == [30, 30]
    assert np.array_equal(X_new[:42], X)
    model = quick().fit(X, y)
    fitted = FrozenEstimator(model)
    assert len(DiscriminatorFeatures(fitted, per_class=True).fit(X, y).transform(X)) == 42
    real = torch.utils.data.TensorDataset(torch.from_numpy(X), torch.from_numpy(y))
    assert len(AugmentedDataset(real, model)) == 60
    augment = BatchAugment(model, p=1.0)
    made, labels = augment(torch.from_numpy(X[:6, None]), torch.from_numpy(y[:6]))
    assert made.shape == (6, 1, 8, 8)
    assert torch.equal(labels, torch.from_numpy(y[:6]))
    classifier = AugmentedClassifier(gan=quick(image_shape=(8, 8)), gate=None, random_state=0)
    assert classifier.fit(X.reshape(42, -1), y).score(X.reshape(42, -1), y) > 0.8


# a class of few rows is what is tested
@pytest.mark.filterwarnings("ignore::ganaug.SmallClassWarning")
def test_translations_are_shown_below_what_they_were_made_of(tmp_path):
    X, y, _ = bars(20, 20, 5)
    model = quick().fit(X, y)
    model.save(tmp_path / "model.h5")
    words = ["explore", str(tmp_path / "model.h5"), "-n", "6", "-o"]
    assert main([*words, str(tmp_path / "x.png")]) == 0
    with Image.open(tmp_path / "x.png") as picture:
        # real ones, and a row for each class that was trained, of images enlarged sevenfold
        assert picture.height == 2 * 16 + 3 * (7 * 8 + 4)
    assert main([*words, str(tmp_path / "x.gif")]) == 2
    assert main([*words, str(tmp_path / "y.png"), "--label", "2"]) == 2
    assert main(["sample", *words[1:2], "-n", "3", "-o", str(tmp_path / "images")]) == 0
    assert len(list((tmp_path / "images").rglob("*.png"))) == 9
    draw_gan(tmp_path / "quality.png", model)
    assert (tmp_path / "quality.png").exists()


def test_a_shift_there_and_back_changes_nothing():
    samples, shift = torch.arange(12.0).reshape(3, 4, 1), torch.tensor([1, 2, 1, 2])
    there = roll_members(samples, shift)
    assert there[0, :, 0].tolist() == [4, 9, 6, 11]
    assert torch.equal(roll_members(there, -shift), samples)


def test_the_cycle_asks_for_what_was_there():
    own, shift = torch.rand(3, 4, 1, 2, 2), torch.tensor([1, 2, 1, 2])
    crossing = TranslationBatch(roll_members(own, shift), own, shift)
    # a generator that changes nothing keeps everything
    assert torch.allclose(cycle_loss(lambda x: x, crossing, crossing.source), torch.zeros(3))
    # one that adds 1 is 2 off after a way there and back, and 1 on what is to stay
    far = cycle_loss(lambda x: x + 1, crossing, crossing.source + 1)
    assert torch.allclose(far, torch.full((3,), 2.5))
