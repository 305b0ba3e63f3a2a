"""Sequences as the networks see them, and back as they came."""

import numpy as np
import pytest

from ganaug.encoding.sequence import MAX_CHANNELS, MAX_STEPS, SequenceEncoder
from ganaug.encoding.sequence_array import sequence_array


@pytest.fixture
def rng():
    """Random numbers of a fixed seed."""
    return np.random.default_rng(0)


def fit(X, *arguments):
    """Sequences as one array, and the encoder that was fitted to them."""
    X = sequence_array(X)
    return X, SequenceEncoder.fit(X, *arguments)


def assert_same_sequences(drawn, X, **tolerance):
    """Raise an AssertionError unless the types, shapes and values are those of ``X``."""
    assert drawn.dtype == X.dtype
    assert len(drawn) == len(X)
    for one, other in zip(drawn, X, strict=True):
        assert (one.shape, one.dtype) == (other.shape, other.dtype)
        assert np.allclose(one, other, equal_nan=True, **tolerance)


@pytest.mark.parametrize("shape", [(6, 8), (6, 8, 1), (3, 31, 4)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_floats_come_back_as_they_came(rng, shape, dtype):
    X, encoder = fit((1000 * rng.normal(size=shape) - 300).astype(dtype))
    assert_same_sequences(encoder.decode(encoder.encode(X)), X, rtol=1e-5, atol=1e-3)


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int64, bool])
def test_whole_numbers_and_bools_come_back_exactly(rng, dtype):
    X, encoder = fit(rng.integers(0, 2 if dtype is bool else 120, (5, 9, 2)).astype(dtype))
    assert_same_sequences(encoder.decode(encoder.encode(X)), X, rtol=0, atol=0)


def test_every_channel_fills_its_own_range(rng):
    X, encoder = fit(rng.normal(size=(20, 9, 3)) * [1, 1000, 1e-6] + [0, -5e4, 7])
    codes = encoder.encode(X)
    assert codes.shape == (20, 3, 1, 9)
    assert np.allclose(codes.min(axis=(0, 2, 3)), -1)
    assert np.allclose(codes.max(axis=(0, 2, 3)), 1)


def test_a_constant_channel_stays_constant(rng):
    X = rng.normal(size=(4, 9, 2))
    X[..., 1] = 3.0
    _, encoder = fit(X)
    codes = rng.uniform(-1, 1, (5, 2, 1, 9))
    assert (encoder.decode(codes)[..., 1] == 3).all()
    assert np.isfinite(encoder.encode(X)).all()
    encoder.check_scale(X)
    with pytest.raises(ValueError, match="far outside the range"):
        encoder.check_scale(X + [0, 9])


def test_channels_first_and_rows_are_the_same_sequences(rng):
    X = rng.normal(size=(4, 12, 3))
    first = X.swapaxes(1, 2)
    codes = SequenceEncoder.fit(X).encode(X)
    for other, arguments in (
        (first, (None, True)),
        (X.reshape(4, 36), ((12, 3),)),
        (first.reshape(4, 36), ((3, 12), True)),
    ):
        encoder = SequenceEncoder.fit(other, *arguments)
        assert np.array_equal(encoder.encode(other), codes)
        assert_same_sequences(encoder.decode(codes), other, atol=1e-5)
        assert np.allclose(encoder.as_steps(other), X)


def test_gaps_come_back_where_they_were_and_are_filled_between(rng):
    X = np.repeat(np.arange(10.0)[None, :, None], 4, axis=0) * [1, -2, 1]
    X[0, 3:6, 0] = np.nan
    X[1, :, 0] = np.nan
    X[2, 8:, 2] = np.nan
    _, encoder = fit(X)
    codes = encoder.encode(X)
    # straight lines between what is known; a mask for each of the two channels that have gaps
    assert np.allclose(codes[0, 0], codes[3, 0])
    assert codes.shape[1] == encoder.n_channels == 3 + 2
    assert np.isfinite(codes).all()
    assert_same_sequences(encoder.decode(codes), X, atol=1e-5)


@pytest.mark.parametrize("shape", [(), (1,), (3,)])
def test_sequences_of_different_lengths_come_back_as_long_as_they_were(rng, shape):
    X = [rng.normal(size=(length, *shape)).astype(np.float32) for length in (8, 3, 11, 11)]
    array, encoder = fit(X)
    codes = encoder.encode(array)
    assert codes.shape == (4, encoder.n_values + 1, 1, 11)
    # what stands behind the end is the last value, which no step of a wave stands out of
    assert np.allclose(codes[1, 0, 0, 3:], codes[1, 0, 0, 2])
    assert_same_sequences(encoder.decode(codes), array, atol=1e-5)
    steps = encoder.as_steps(array)
    assert np.isnan(steps[1, 3:]).all()
    assert np.isfinite(steps[1, :3]).all()


def test_no_decoded_sequence_is_shorter_or_longer_than_all_were(rng):
    array, encoder = fit([rng.normal(size=(length, 2)) for length in (5, 9)])
    codes = encoder.encode(array)
    codes[0, -1] = -1
    codes[1, -1] = 1
    assert [len(item) for item in encoder.decode(codes)] == [5, 9]


def test_a_list_of_equal_lengths_is_an_array():
    assert sequence_array([[1.0, 2.0], [3.0, 4.0]]).shape == (2, 2)


@pytest.mark.parametrize(
    ("X", "reason"),
    [
        (np.zeros((3, 1)), "2 to 4096 steps; these have 1"),
        (np.zeros((1, MAX_STEPS + 1)), f"these have {MAX_STEPS + 1}"),
        (np.zeros((2, 8, MAX_CHANNELS + 1)), 'layout="channels_first"'),
        (np.zeros((2, 8, 8, 1)), "ImageGAN takes images"),
        (np.full((2, 8), 1e31), "Scale the sequences"),
        ([np.zeros((8, 2)), np.zeros((9, 3))], "the same channels"),
        ([np.zeros((8, 2, 2)), np.zeros((9, 2, 2))], "different lengths are arrays"),
        ([np.zeros(8), np.zeros(0)], "different lengths are arrays"),
    ],
)
def test_what_is_no_set_of_sequences_is_refused(X, reason):
    with pytest.raises(ValueError, match=reason):
        fit(X)


def test_a_shape_that_does_not_fit_the_rows_is_refused():
    with pytest.raises(ValueError, match="stands for 40 values; X holds rows of 36"):
        SequenceEncoder.fit(np.zeros((2, 36)), (10, 4))


def test_sequences_unlike_those_in_fit_are_refused(rng):
    X, encoder = fit(rng.normal(size=(6, 9, 2)))
    with pytest.raises(ValueError, match=r"shape \(8, 2\); the model was fitted on \(9, 2\)"):
        encoder.check_shape(X[:, 1:])
    encoder.check_scale(X + 0.1)
    with pytest.raises(ValueError, match="far outside the range"):
        encoder.check_scale(100 * X)
    ragged, encoder = fit([X[0], X[1, 1:]])
    with pytest.raises(ValueError, match="10 steps; the longest in fit had 9"):
        encoder.check_shape([np.zeros((10, 2))])
