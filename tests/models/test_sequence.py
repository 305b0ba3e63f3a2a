"""SequenceGAN: sequences of every kind, what serves which class, and what is drawn from it."""

import pickle

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from ganaug import SequenceGAN, SmallClassWarning, load
from ganaug.metrics.sequences import sequence_quality
from ganaug.training.step import HISTORY_KEYS

pytestmark = pytest.mark.filterwarnings("error")


def waves(n, n_steps=12, n_channels=None, dtype=np.float64):
    """Slow waves of class "a", fast ones of class "b", in turn, and their labels."""
    rng = np.random.default_rng(0)
    y = np.array(["a", "b"] * (n // 2))
    shape = (n, n_steps) if n_channels is None else (n, n_steps, n_channels)
    place = np.linspace(0, 2 * np.pi, n_steps).reshape(-1, *[1] * (len(shape) - 2))
    phase = rng.uniform(0, 2 * np.pi, (n, *[1] * (len(shape) - 1)))
    pace = np.where(y == "a", 1, 3).reshape(phase.shape)
    return np.broadcast_to(50 * np.sin(pace * place + phase) + 60, shape).astype(dtype), y


@pytest.fixture
def quick():
    """Model that trains in no time, and badly."""
    return SequenceGAN(n_steps=2, capacity=0.25, random_state=0)


@pytest.fixture
def copying():
    """Model whose samples are its training sequences."""
    return SequenceGAN(n_steps=0, augment=None, random_state=0)


@pytest.mark.parametrize("shape", [(8,), (31, 1), (12, 3)])
@pytest.mark.parametrize("dtype", [np.float32, np.int16])
def test_samples_have_the_shape_type_and_range_of_the_sequences(quick, shape, dtype):
    X, y = waves(24, *shape, dtype=dtype)
    X_new, y_new = quick.fit(X, y).sample({"b": 3, "a": 2})
    assert X_new.shape == (5, *shape)
    assert X_new.dtype == dtype
    assert X.min() - 1e-3 <= X_new.min() < X_new.max() <= X.max() + 1e-3
    assert y_new.tolist() == ["b", "b", "b", "a", "a"]


def test_channels_first_and_rows_train_alike(quick):
    X, y = waves(24, 9, 2)
    drawn = clone(quick).fit(X, y).sample(4, 1)[0]
    first = clone(quick).set_params(layout="channels_first").fit(X.swapaxes(1, 2), y)
    rows = clone(quick).set_params(sequence_shape=(9, 2)).fit(X.reshape(24, 18), y)
    assert np.array_equal(first.sample(4, 1)[0].swapaxes(1, 2), drawn)
    assert np.array_equal(rows.sample(4, 1)[0].reshape(4, 9, 2), drawn)
    assert np.array_equal(first.as_steps(X.swapaxes(1, 2)), X)


def test_training_brings_samples_close_to_their_class():
    rng = np.random.default_rng(0)
    y = np.arange(60) % 2
    X = np.where(np.arange(8) < 4, 1.0, -1.0) * (2 * y - 1)[:, None]
    X = X + rng.normal(0, 0.2, X.shape)
    gan = SequenceGAN(n_steps=80, augment=None, capacity=0.5, random_state=0).fit(X, y)
    for label in (0, 1):
        mean = gan.sample({label: 100})[0].mean(axis=0)
        assert np.abs(mean - X[y == label].mean(axis=0)).mean() < 0.3
        assert np.abs(mean - X[y != label].mean(axis=0)).mean() > 1.2


def test_the_same_seed_gives_the_same_sequences_and_global_states_are_left_alone(quick):
    before = np.random.get_state()[1].copy(), torch.random.get_rng_state()
    X, y = waves(24)
    one, two = (clone(quick).fit(X, y).sample(9, random_state=3)[0] for _ in range(2))
    other = clone(quick).set_params(random_state=1).fit(X, y).sample(9, random_state=3)[0]
    assert np.array_equal(one, two)
    assert not np.array_equal(one, other)
    assert np.array_equal(before[0], np.random.get_state()[1])
    assert torch.equal(before[1], torch.random.get_rng_state())


def test_every_class_has_its_history_and_only_wanted_classes_are_trained(quick):
    X, y = waves(24)
    gan = quick.fit(X, y, labels=["b"])
    assert gan.classes_.tolist() == ["b"]
    assert gan.tiers_ == {"b": "convolutional GAN"}
    assert {name: len(values) for name, values in gan.history_["b"].items()} == dict.fromkeys(
        HISTORY_KEYS, 2
    )
    with pytest.raises(ValueError, match="'a'"):
        gan.sample({"a": 1})


def test_without_labels_all_are_of_one_class(quick):
    assert quick.fit(waves(12)[0]).classes_.tolist() == [0]


def test_small_classes_are_served_by_their_sequences_changed_a_little(quick):
    X, y = waves(24)
    y = np.array(["few"] * 4 + ["many"] * 20)
    with pytest.warns(
        SmallClassWarning, match="class 'few' has fewer than 10 sequences.*warped copies"
    ):
        gan = quick.fit(X, y)
    assert gan.tiers_ == {"few": "warped copies", "many": "convolutional GAN"}
    assert gan.discriminators_["few"] is None
    drawn = gan.sample({"few": 30})[0]
    apart = np.abs(drawn[:, None] - X[:4]).mean(axis=2).min(axis=1)
    assert 0 < apart.mean() < 25


def test_without_steps_samples_are_copies(copying):
    X, y = waves(24, 12, 2)
    gan = copying.fit(X, y)
    drawn = gan.sample({"a": 5})[0]
    assert all(np.isclose(X[y == "a"], one, atol=1e-3).all(axis=(1, 2)).any() for one in drawn)
    assert np.allclose(gan.nearest_training_samples(drawn, "a"), drawn, atol=1e-3)


def test_gaps_come_back_in_channels_that_have_them(copying):
    X, y = waves(24, 12, 2)
    X[:, 3:6, 1] = np.nan
    drawn = copying.fit(X, y).sample(20)[0]
    assert np.isnan(drawn[:, 3:6, 1]).all()
    assert np.isfinite(np.delete(drawn, np.s_[3:6], axis=1)).all()


def test_trained_sequences_with_gaps_and_lengths_are_of_such(quick):
    X, y = waves(24, 12, 2, dtype=np.float32)
    X[::3, 3:6, 1] = np.nan
    ragged = [one[: 8 + number % 5] for number, one in enumerate(X)]
    gan = quick.fit(ragged, y)
    drawn, _ = gan.sample({"a": 6})
    assert drawn.dtype == object
    assert {one.shape[1] for one in drawn} == {2}
    assert all(8 <= len(one) <= 12 and one.dtype == np.float32 for one in drawn)
    assert np.isfinite(gan.discriminator_features(ragged, "a")).all()
    assert gan.as_steps(drawn).shape == (6, 12, 2)


def test_lengths_come_back_as_they_were(copying):
    X, y = waves(24, 12)
    ragged = [one[: 8 if label == "a" else 11] for one, label in zip(X, y, strict=True)]
    drawn, labels = copying.fit(ragged, y).sample(6)
    assert [len(one) for one in drawn] == [8 if label == "a" else 11 for label in labels]


@pytest.mark.parametrize("is_ragged", [False, True])
def test_saved_models_draw_the_same_and_write_the_same_bytes(quick, tmp_path, is_ragged):
    X, y = waves(24, 12, 2)
    X[0, 3:6, 1] = np.nan
    X = [one[: 8 + number % 5] for number, one in enumerate(X)] if is_ragged else X
    gan = quick.fit(X, y)
    gan.save(tmp_path / "one.h5")
    again = load(tmp_path / "one.h5")
    again.save(tmp_path / "two.h5")
    assert (tmp_path / "one.h5").read_bytes() == (tmp_path / "two.h5").read_bytes()
    for other in (again, pickle.loads(pickle.dumps(gan))):
        for one, two in zip(gan.sample(4, 1)[0], other.sample(4, 1)[0], strict=True):
            assert np.array_equal(one, two, equal_nan=True)


def test_a_training_goes_on_from_its_checkpoint(quick, tmp_path, interrupt_at_step):
    X, y = waves(24)
    model = quick.set_params(n_steps=4, sharing="none")
    whole = clone(model).fit(X, y).sample(4, 1)[0]
    interrupt_at_step(3)
    with pytest.raises(KeyboardInterrupt):
        clone(model).fit(X, y, checkpoint=tmp_path / "run.h5")
    assert (tmp_path / "run.h5").exists()
    interrupt_at_step(10**9)
    resumed = clone(model).fit(X, y, checkpoint=tmp_path / "run.h5")
    assert np.array_equal(resumed.sample(4, 1)[0], whole)


@pytest.mark.parametrize("sharing", ["none", "pooled", "conditional"])
def test_every_kind_of_sharing_trains(quick, sharing):
    gan = quick.set_params(sharing=sharing).fit(*waves(24, 16))
    assert np.isfinite(gan.sample(3)[0]).all()


def test_evaluation_compares_with_held_out_sequences(copying, monkeypatch):
    # nearly all the time goes to classifiers
    monkeypatch.setitem(sequence_quality.__kwdefaults__, "n_steps", 2)
    X, y = waves(40, 12, 2)
    table = copying.fit(X[:20], y[:20]).evaluate(X[20:], y[20:])
    assert table.index.tolist() == ["a", "b", "all"]
    assert (table["steps_copied_close"] > 0.9).all()
    assert table.loc["all", "channel_correlation"] == pytest.approx(0, abs=1e-3)


def test_constant_channels_and_sequences_are_served(quick):
    X, y = waves(24, 12, 2)
    X[..., 1] = 7.0
    drawn = quick.fit(X, y).sample(5)[0]
    assert (drawn[..., 1] == 7).all()
    assert (quick.fit(np.full((12, 8), 3.0)).sample(4)[0] == 3).all()


BAD = np.random.default_rng(0).random((12, 12))


@pytest.mark.parametrize(
    ("X", "reason"),
    [
        (np.where(BAD > 0.99, np.inf, BAD), "infinity"),
        (BAD[:, :1], "2 to 4096 steps; these have 1"),
        (BAD[:, :, None, None], "ImageGAN takes images"),
        (BAD[0], "1D array|2D array"),
        ([row[: 8 + number] for number, row in enumerate(BAD[:4])] * 3, "12 labels|X holds"),
        (np.array([["a"] * 12] * 12), "strings|could not convert"),
        (BAD[:0], "0 sample|minimum of 1"),
    ],
)
def test_what_is_no_set_of_sequences_is_refused_before_training(quick, X, reason):
    y = np.arange(12) % 2
    y = y[:11] if isinstance(X, list) else y[: len(X)]
    with pytest.raises(ValueError, match=reason):
        quick.fit(X, y)
    assert not hasattr(quick, "classes_")


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"augment": ["turn"]}, "augment names 'turn'"),
        ({"sequence_shape": (5, 2)}, "stands for 10 values"),
        ({"layout": "last"}, "layout"),
        ({"n_latent": 3}, "n_latent"),
    ],
)
def test_unsuitable_parameters_are_refused(quick, parameters, reason):
    with pytest.raises(ValueError, match=reason):
        quick.set_params(**parameters).fit(BAD)


def test_other_sequences_than_those_in_fit_are_refused(quick):
    with pytest.raises(NotFittedError):
        quick.sample(1)
    gan = quick.fit(*waves(24, 12, 2))
    with pytest.raises(ValueError, match=r"the model was fitted on \(12, 2\)"):
        gan.discriminator_features(waves(4, 11, 2)[0], "a")
    with pytest.raises(ValueError, match="far outside the range"):
        gan.discriminator_features(100 * waves(4, 12, 2)[0], "a")
