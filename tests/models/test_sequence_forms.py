"""SequenceGAN: layouts, types, lengths, gaps and constants come out as they went in."""

import numpy as np
import pandas as pd
import pytest
import torch

import ganaug
from ganaug import GANOverSampler, SequenceGAN, SmallClassWarning

RNG = np.random.default_rng(0)
Y = np.repeat([0, 1], 12)
SMALL = {"n_steps": 2, "capacity": 0.1, "n_latent": 8, "random_state": 0}


def waves(n, n_steps=24):
    """Sines of a random phase."""
    phase = RNG.uniform(0, 2 * np.pi, (n, 1))
    return np.sin(np.linspace(0, 12, n_steps) + phase)


@pytest.mark.parametrize(
    ("shape", "options"),
    [
        ((24, 20), {}),
        ((24, 20, 2), {}),
        ((24, 2, 20), {"layout": "channels_first"}),
        ((24, 40), {"sequence_shape": (20, 2)}),
    ],
)
@pytest.mark.parametrize("dtype", ["float32", "int16"])
def test_samples_have_the_form_and_the_range_of_the_training_sequences(shape, options, dtype):
    X = (100 * RNG.normal(size=shape)).astype(dtype)
    fake, y = SequenceGAN(**SMALL, **options).fit(X, Y).sample({1: 3, 0: 4})
    assert (fake.shape, fake.dtype) == ((7, *shape[1:]), X.dtype)
    assert y.tolist() == [1] * 3 + [0] * 4
    assert X.min() <= fake.min() <= fake.max() <= X.max()


def test_layouts_train_alike():
    X = RNG.normal(size=(24, 20, 2))
    last = SequenceGAN(**SMALL).fit(X, Y).sample(5, random_state=0)[0]
    first = SequenceGAN(**SMALL, layout="channels_first").fit(X.transpose(0, 2, 1), Y)
    np.testing.assert_array_equal(first.sample(5, random_state=0)[0].transpose(0, 2, 1), last)


def test_sequences_of_different_lengths_come_out_as_objects_of_such_lengths():
    X = [RNG.normal(size=(length, 2)) for length in RNG.integers(9, 20, 24)]
    fake, _ = SequenceGAN(**SMALL).fit(X, Y).sample(6)
    assert fake.dtype == object
    assert all(9 <= len(part) <= 19 and part.shape[1] == 2 for part in fake)


@pytest.mark.parametrize("n_steps", [0, 2])
def test_a_saved_model_draws_the_same(tmp_path, n_steps):
    X = waves(24)
    X[3, 4] = np.nan
    gan = SequenceGAN(**{**SMALL, "n_steps": n_steps}).fit(X, Y)
    gan.save(tmp_path / "model.h5")
    loaded = ganaug.load(tmp_path / "model.h5")
    np.testing.assert_array_equal(*(one.sample(9, random_state=0)[0] for one in (gan, loaded)))
    np.testing.assert_array_equal(loaded.training_samples(1), X[Y == 1])


def test_different_lengths_survive_a_file(tmp_path):
    X = [RNG.normal(size=length) for length in RNG.integers(9, 20, 24)]
    SequenceGAN(**SMALL).fit(X, Y).save(tmp_path / "model.h5")
    loaded = ganaug.load(tmp_path / "model.h5")
    for real, kept in zip(X, loaded.training_samples(), strict=True):
        np.testing.assert_array_equal(real, kept)


def test_a_file_without_samples_draws_as_before(tmp_path):
    gan = SequenceGAN(**SMALL).fit(waves(24), Y)
    gan.save(tmp_path / "bare.h5", without_rows=True)
    bare = ganaug.load(tmp_path / "bare.h5")
    np.testing.assert_array_equal(*(one.sample(9, random_state=0)[0] for one in (gan, bare)))
    with pytest.raises(ValueError, match="saved without its training sequences"):
        bare.training_samples(0)


def test_a_class_of_few_sequences_is_served_by_moved_copies():
    X = waves(15)
    gan = SequenceGAN(**SMALL, augment=None)
    with pytest.warns(SmallClassWarning, match="class 1 has fewer than 10"):
        gan.fit(X, [0] * 12 + [1] * 3)
    copies, _ = gan.sample({1: 20})
    np.testing.assert_allclose(gan.nearest_training_samples(copies, 1), copies, atol=1e-6)
    gan = SequenceGAN(**SMALL)
    with pytest.warns(SmallClassWarning):
        gan.fit(X, [0] * 12 + [1] * 3)
    moved, _ = gan.sample({1: 20})
    assert np.abs(gan.nearest_training_samples(moved, 1) - moved).max() > 0.01


def test_constant_channels_and_gaps_of_whole_channels_stay():
    X = np.stack([waves(24), np.full((24, 24), 3.0), np.full((24, 24), np.nan)], axis=2)
    fake, _ = SequenceGAN(**SMALL).fit(X, Y).sample(8)
    assert (fake[..., 1] == 3).all()
    assert np.isnan(fake[..., 2]).all()


def test_a_fit_goes_on_from_its_checkpoint(tmp_path):
    X = waves(24)
    whole = SequenceGAN(**SMALL).fit(X, Y)
    for _ in range(2):
        again = SequenceGAN(**SMALL).fit(X, Y, checkpoint=tmp_path / "run.h5")
    np.testing.assert_array_equal(*(one.sample(9, random_state=0)[0] for one in (whole, again)))


def test_a_sampler_balances_sequences():
    X = RNG.normal(size=(22, 20, 3))
    X_all, y_all = GANOverSampler(SequenceGAN(**SMALL)).fit_resample(X, [0] * 12 + [1] * 10)
    assert X_all.shape == (24, 20, 3)
    assert np.bincount(y_all).tolist() == [12, 12]


def test_channels_first_hold_for_sequences_of_different_lengths():
    X = [RNG.normal(size=(2, length)) for length in RNG.integers(9, 20, 24)]
    gan = SequenceGAN(**SMALL, layout="channels_first").fit(X, Y)
    last = SequenceGAN(**SMALL).fit([part.T for part in X], Y)
    pairs = zip(gan.sample(4, 0)[0], last.sample(4, 0)[0], strict=True)
    for first, other in pairs:
        np.testing.assert_array_equal(first.T, other)


def test_sequences_of_one_channel_keep_having_no_axis_of_channels():
    X = [RNG.normal(size=length) for length in RNG.integers(9, 20, 24)]
    fake, _ = SequenceGAN(**SMALL).fit(X, Y).sample(4)
    assert all(part.ndim == 1 for part in fake)


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (np.full((24, 9), np.inf), "infinity"),
        (np.full((24, 9), np.nan), "nothing but gaps"),
        (np.zeros((24, 1)), "2 to 4096 steps"),
        (np.zeros((24, 9, 9, 3)), "ImageGAN takes images"),
        (RNG.normal(size=(24, 9)).astype("datetime64[s]"), "datetime64"),
        ([np.zeros((9, 2)), np.zeros((8, 3))] * 12, "must have the same channels"),
        (pd.DataFrame({"x": [pd.Series(np.zeros(9))] * 24}), "nested frames of sktime"),
        (pd.DataFrame({"x": [None, *[[1.0, 2.0]] * 23]}), "nested frames of sktime"),
        (pd.Series(RNG.normal(size=24)), "2-dimensional"),
    ],
)
def test_what_is_no_sequence_is_refused(X, message):
    with pytest.raises((ValueError, TypeError), match=message):
        SequenceGAN(**SMALL).fit(X, Y)


def test_sequences_unlike_those_of_fit_are_refused():
    gan = SequenceGAN(**SMALL).fit(RNG.normal(size=(24, 20, 2)), Y)
    with pytest.raises(ValueError, match="fitted on"):
        gan.discriminator_features(np.zeros((3, 20, 3)), 0)


@pytest.mark.medium
def test_evaluate_sets_every_figure_beside_that_of_real_sequences():
    X = np.stack([waves(24), waves(24)], axis=2)
    table = SequenceGAN(**SMALL).fit(X, Y).evaluate(np.stack([waves(24), waves(24)], axis=2), Y)
    assert table.index.tolist() == [0, 1, "all"]
    figures = ["random_kid", "autocorrelation", "channel_correlation", "label_accuracy"]
    assert table[[*figures, *(f"{name}_real" for name in figures)]].notna().all(axis=None)


def test_a_model_of_different_lengths_takes_sequences_of_one_length():
    rng = np.random.default_rng(0)
    X = [rng.normal(size=(length, 2)) for length in (12, 10, 12, 9) * 4]
    gan = SequenceGAN(n_steps=1, random_state=0).fit(X)
    alone = gan.discriminator_features(X[:1], 0)
    assert np.allclose(alone[0], gan.discriminator_features(X[:2], 0)[0])
    assert gan.discriminator_features(np.stack([X[0], X[2]]), 0).shape[0] == 2
    with pytest.raises(ValueError, match="2 channels in fit"):
        gan.discriminator_features([X[0][:, :1], X[1][:, :1]], 0)


def test_tensors_have_the_gaps_of_samples():
    X = np.random.default_rng(0).normal(size=(20, 16, 2))
    X[:, 4:8, 1] = np.nan
    gan = SequenceGAN(n_steps=0, random_state=0).fit(X)
    noise = np.random.default_rng(1).normal(size=(5, gan.n_latent)).astype(np.float32)
    tensors = gan.generate_tensors(gan.generator_for(0), torch.from_numpy(noise), 0)
    expected = gan.generate(noise, 0)
    assert np.isnan(expected).any()
    np.testing.assert_allclose(tensors.detach().numpy(), expected, atol=1e-5)
