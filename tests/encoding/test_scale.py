"""Scales of samples: what is on another is noticed, and poor or dark samples are not."""

import numpy as np
import pytest

from ganaug.encoding.scale import N_COMPARED, ScaleComparison, Values, scale_difference

RNG = np.random.default_rng(0)
IMAGES = RNG.random((16, 10, 10))


def standardised(X):
    return (X - 0.5) / 0.25


SCALES = {
    "unit": lambda X: X,
    "signed": lambda X: 2 * X - 1,
    "bytes": lambda X: 255 * X,
    "standardised": standardised,
    "twice": lambda X: standardised(standardised(X)),
}


@pytest.mark.parametrize("real", SCALES)
@pytest.mark.parametrize("synthetic", SCALES)
def test_images_on_other_scales_are_told_apart(real, synthetic):
    differ = scale_difference(SCALES[real](IMAGES), SCALES[synthetic](IMAGES[::-1]))
    if synthetic != "standardised" or real in ("unit", "bytes"):
        assert bool(differ) == (real != synthetic)
    else:
        # inside, or a little outside of real ones, by a range that nobody chooses
        assert not differ


@pytest.mark.parametrize("scale", SCALES)
def test_images_of_a_poor_generator_are_on_the_same_scale(scale):
    grey = 0.5 + 0.1 * (IMAGES - 0.5)
    assert scale_difference(SCALES[scale](IMAGES), SCALES[scale](grey)) == ""


def test_inverted_images_are_noticed():
    lines = np.where(IMAGES > 0.9, IMAGES, 0)
    assert scale_difference(lines, 1 - lines)


def test_images_of_one_colour_are_told_apart_by_it():
    colour = np.full((8, 4, 4), 1.6)
    assert scale_difference(colour, 2.8 * colour)
    assert scale_difference(colour, 1.1 * colour) == ""
    assert scale_difference(0 * colour, colour) == ""
    assert scale_difference(colour + 0.01 * np.arange(4), 3 * IMAGES) == ""


def test_one_dark_image_says_nothing_and_a_bright_one_does():
    [dark] = 0.02 * IMAGES[:1]
    assert scale_difference([dark], IMAGES) == ""
    assert scale_difference([150 * dark], IMAGES)


def test_rows_are_compared_column_by_column():
    rows = RNG.normal(size=(32, 4)) * [1, 2, 300, 0] + [5, 50, 500, 1]
    others = RNG.normal(size=(32, 4)) * [1, 2, 300, 0] + [5, 50, 500, 1]
    assert scale_difference(rows, others) == ""
    # of one column, a value may be far out
    others[0, 2] = 1e5
    assert scale_difference(rows, others) == ""
    means = rows.mean(axis=0)
    assert scale_difference(rows - means, others)
    assert scale_difference(rows / [1, 100, 100, 1], others)


def test_of_large_images_some_values_stand_for_all():
    stripes = np.zeros((2, 256, 256), np.uint8)
    stripes[:, :, ::16] = 160
    values = Values.of(stripes)
    assert values.mean == pytest.approx(10, abs=2)
    assert (values.low, values.high) == (0, 160)
    # and no more of them are looked at
    seen = Values.of([np.arange(10**6)])
    assert 0 < abs(seen.mean - (10**6 - 1) / 2) < 20_000


def test_samples_that_come_one_by_one_are_compared_together():
    comparison = ScaleComparison()
    images = np.resize(IMAGES, (N_COMPARED, 1, 10, 10))
    found = [comparison.difference(2 * image, image) for image in images]
    assert found[0] != ""
    assert comparison.is_done
    halves = ScaleComparison()
    found = [halves.difference(image / 2, image) for image in images]
    assert not any(found[:3])
    assert all(found[3:])
