"""Images come back as they went in: layout, type, range, every value."""

import numpy as np
import pytest
import torch

from ganaug.encoding.image import ImageEncoder


def images(*shape, dtype=np.uint8, low=0, high=256):
    return np.random.default_rng(0).integers(low, high, size=shape).astype(dtype)


@pytest.mark.parametrize("shape", [(4, 8, 8), (4, 28, 28), (4, 48, 64, 3), (4, 9, 128, 1)])
def test_bytes_survive_the_round_trip(shape):
    X = images(*shape)
    encoder = ImageEncoder.fit(X)
    codes = encoder.encode(X)
    assert codes.shape[0] == 4
    assert codes.shape[2:] == shape[1:3]
    assert np.abs(codes).max() <= 1
    decoded = encoder.decode(codes)
    assert decoded.dtype == np.uint8
    assert np.array_equal(decoded, X)


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (-1.0, 1.0), (0.0, 16.0)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_floats_keep_their_type_and_range(dtype, low, high):
    X = (low + (high - low) * np.random.default_rng(0).random((6, 8, 10))).astype(dtype)
    X[0, 0, :2] = low, high
    encoder = ImageEncoder.fit(X)
    decoded = encoder.decode(encoder.encode(X))
    assert decoded.dtype == dtype
    assert np.allclose(decoded, X, atol=1e-5 * (high - low))
    assert np.allclose(encoder.encode(X)[0, 0, 0, :2], [-1, 1])


def test_bytes_never_wrap():
    encoder = ImageEncoder.fit(images(2, 8, 8))
    far = np.full((2, 1, 8, 8), 3.0)
    assert (encoder.decode(far) == 255).all()
    assert (encoder.decode(-far) == 0).all()


def test_colours_stay_in_their_channel():
    X = np.zeros((1, 8, 8, 3), dtype=np.uint8)
    X[..., 1] = 255
    assert ImageEncoder.fit(X).encode(X)[0, :, 3, 3].tolist() == [-1, 1, -1]


def test_flattened_rows_are_images_of_the_given_shape():
    X = images(3, 8, 9, 3)
    encoder = ImageEncoder.fit(X.reshape(3, -1), image_shape=(8, 9, 3))
    assert np.array_equal(encoder.encode(X.reshape(3, -1)), ImageEncoder.fit(X).encode(X))
    assert encoder.decode(encoder.encode(X.reshape(3, -1))).shape == (3, 8 * 9 * 3)


@pytest.mark.parametrize(
    ("shape", "options", "message"),
    [
        ((2, 7, 8), {}, "8 to 512 pixels high and wide; these have 7 x 8"),
        ((2, 8, 513), {}, "8 x 513"),
        ((2, 8, 8, 5), {}, "1 to 4 channels"),
        ((2, 3, 32, 32), {}, r"last: X.transpose\(0, .* of a tensor X.permute\(0, 2, 3, 1\)"),
        ((2, 64), {}, "image_shape="),
        ((2, 64), {"image_shape": (8, 9)}, r"stands for 72 values; X holds rows of 64"),
        ((2, 64), {"image_shape": (64,)}, r"Give \(height, width\)"),
        ((2, 8, 8), {"value_range": (0, 100)}, "pixels run from .* outside the range 0 to 100"),
        ((2, 8, 8), {"value_range": (5, 5)}, "value_range must rise"),
    ],
)
def test_unsuitable_images_are_refused_with_a_remedy(shape, options, message):
    with pytest.raises(ValueError, match=message):
        ImageEncoder.fit(images(*shape), **options)


def test_new_images_a_little_outside_the_range_are_clipped():
    X = np.random.default_rng(0).normal(size=(60, 16, 16))
    encoder = ImageEncoder.fit(X[:30])
    assert not encoder.low <= X[30:].min() <= X[30:].max() <= encoder.high
    inside = X[30:].clip(encoder.low, encoder.high)
    assert np.array_equal(encoder.encode(X[30:]), encoder.encode(inside))


@pytest.mark.parametrize(
    ("known", "new"),
    [
        (lambda X: X, lambda X: 255 * X),
        (lambda X: X, lambda X: 2 * X - 1),
        (lambda X: X, lambda X: (X - 0.5) / 0.25),
        (lambda X: (255 * X).astype(np.uint8), lambda X: X),
        (lambda X: (255 * X).astype(np.uint8), lambda X: 2 * X - 1),
        # a few bright pixels in each image
        (lambda X: X * (X > 0.98), lambda X: 8 * X * (X > 0.98)),
    ],
)
def test_new_images_on_another_scale_are_refused(known, new):
    X = np.random.default_rng(0).random((6, 16, 16)).astype(np.float32)
    encoder = ImageEncoder.fit(known(X))
    encoder.check_scale(known(X))
    with pytest.raises(ValueError, match=r"outside the range .* on another scale. Scale the im"):
        encoder.encode(new(X))


def test_images_from_0_to_1_are_noticed_where_black_is_minus_1():
    X = np.random.default_rng(0).random((6, 16, 16)).astype(np.float32)
    encoder = ImageEncoder.fit(2 * X - 1)
    with pytest.warns(UserWarning, match=r"2 \* X - 1 is, where 0 is black"):
        encoder.check_scale(X)
    # one that is bright, and one without white
    encoder.check_scale(0.2 + 0.8 * X)
    encoder.check_scale(0.5 * X)


@pytest.mark.parametrize("dtype", [bool, np.uint8, float])
@pytest.mark.parametrize("guides", [False, True])
def test_masks_of_ones_are_noticed_where_white_is_255(dtype, guides):
    masks = images(6, 8, 8, high=2)
    encoder = ImageEncoder.fit(255 * masks, guides=guides)
    with pytest.warns(UserWarning, match=r"255 \* X is, where 1 is white"):
        encoder.check_scale(masks.astype(dtype))
    encoder.check_scale(np.zeros_like(masks))


def test_one_image_on_another_scale_is_refused_among_many():
    X = np.random.default_rng(0).random((100, 8, 8))
    encoder = ImageEncoder.fit(X)
    X[70] *= 255
    with pytest.raises(ValueError, match="outside the range 0 to 1"):
        encoder.encode(X)


def test_guides_have_any_number_of_channels():
    guides = images(2, 8, 8, 11)
    encoder = ImageEncoder.fit(guides, guides=True)
    assert np.array_equal(encoder.decode(encoder.encode(guides)), guides)
    with pytest.raises(ValueError, match="pass guide_range="):
        encoder.encode(guides.astype(float) * 2)


@pytest.mark.parametrize("high", [1, 16, 127])
def test_masks_and_label_maps_of_bytes_use_the_whole_range(high):
    guides = images(4, 8, 8, high=high + 1)
    guides[0, 0, :2] = 0, high
    codes = ImageEncoder.fit(guides, guides=True).encode(guides)
    assert codes[0, 0, 0, :2].tolist() == [-1, 1]
    as_floats = ImageEncoder.fit(guides.astype(float), guides=True)
    assert np.array_equal(codes, as_floats.encode(guides.astype(float)))


@pytest.mark.filterwarnings("error")
def test_bytes_that_stay_far_below_white_are_noticed():
    X = images(4, 8, 8, high=17)
    X[0, 0, :2] = 0, 16
    with pytest.warns(UserWarning, match=r"from 0 to 16.*value_range=\(0, 16\)"):
        encoder = ImageEncoder.fit(X)
    assert (encoder.low, encoder.high) == (0, 255)
    for fine in (8 * X, np.zeros_like(X)):
        ImageEncoder.fit(fine)
    assert ImageEncoder.fit(X, value_range=(0, 16)).encode(X).max() == 1


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (-3.0, 16.0)])
def test_floats_stay_within_black_and_white(low, high):
    X = np.linspace(low, high, 128).reshape(2, 8, 8)
    encoder = ImageEncoder.fit(X, value_range=(low, high))
    far = np.full((2, 1, 8, 8), 3.0)
    assert encoder.decode(far).max() == pytest.approx(high)
    assert encoder.decode(-far).min() == pytest.approx(low)


def test_channels_are_moved_as_the_type_that_is_given_does_it():
    X = images(2, 8, 9, 3).transpose(0, 3, 1, 2)
    encoder = ImageEncoder.fit(X.transpose(0, 2, 3, 1))
    for given, way in [(X, "transpose"), (torch.from_numpy(X), "permute")]:
        with pytest.raises(ValueError, match=rf"last: X\.{way}\(0, 2, 3, 1\)\.$"):
            encoder.check_shape(given)


@pytest.mark.parametrize(
    ("fitted", "given", "hint"),
    [
        ((9, 8, 1), (9, 8), r"Pass X\[..., None\]\.$"),
        ((9, 8), (9, 9), r"fitted on \(9, 8\)\.$"),
    ],
)
def test_images_without_a_channel_are_told_how_to_get_one(fitted, given, hint):
    encoder = ImageEncoder.fit(np.arange(144.0).reshape(2, 9, 8).reshape(2, *fitted))
    with pytest.raises(ValueError, match=hint):
        encoder.check_shape(np.zeros((1, *given)))
