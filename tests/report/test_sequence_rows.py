"""Pictures of sequences: what is drawn of each, and where."""

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.image import imread

from ganaug import SequenceGAN
from ganaug.report import NeighborsDisplay, SamplesDisplay, draw_gan
from ganaug.report.curves import INK, colours_of
from ganaug.report.examples import sequence_examples
from ganaug.report.sample_rows import Layout
from ganaug.report.sequence_rows import (
    GAP,
    LANE_SHARE,
    LINE,
    MAX_CHANNELS,
    draw_sequence_rows,
    sequence_size,
)


def draw(kinds):
    """Curves that are drawn, by the names of rows and labels in turn, and the layout."""
    layout = Layout.of(kinds, sequence_size)
    axis = Figure().add_subplot()
    colours = colours_of(list(next(iter(kinds.values()))))
    draw_sequence_rows(axis, kinds, layout, {}, colours)
    curves = [line for line in axis.lines if to_hex(line.get_color()) != LINE]
    return curves, layout, colours


@pytest.fixture
def kinds():
    """Two classes of two sequences of three channels, real and generated."""
    rng = np.random.default_rng(0)
    return {
        kind: {label: rng.normal(size=(2, 9, 3)) * [1, 100, 0.01] for label in ("a", "b")}
        for kind in ("real", "generated")
    }


@pytest.fixture
def copying():
    """Model whose samples are its training sequences."""
    return SequenceGAN(n_steps=0, augment=None, random_state=0)


def test_every_channel_is_a_curve_of_the_values_in_its_own_lane(kinds):
    curves, layout, _ = draw(kinds)
    assert len(curves) == 2 * 2 * 2 * 3
    # the first sequence of class "a": time runs to the right, and values upwards
    heights = np.array([curve.get_ydata() for curve in curves[:3]])
    for channel in range(3):
        values = np.stack(
            [of_kind[label][..., channel] for of_kind in kinds.values() for label in "ab"]
        )
        shares = -np.diff(heights[channel]) / np.diff(kinds["real"]["a"][0, :, channel])
        drawn = shares * (values.max() - values.min())
        assert np.allclose(drawn, LANE_SHARE * (layout.sample[1] - GAP) / 3)
    assert (heights.max(axis=1)[:-1] < heights.min(axis=1)[1:] + layout.sample[1] / 3).all()
    assert (np.diff(curves[0].get_xdata()) > 0).all()


def test_generated_sequences_have_the_colour_of_their_class(kinds):
    curves, _, colours = draw(kinds)
    drawn = [to_hex(curve.get_color()) for curve in curves[::6]]
    assert drawn == [INK, to_hex(colours["a"]), INK, to_hex(colours["b"])]


def test_curves_stay_in_their_places_whatever_they_hold(kinds):
    kinds["generated"]["b"][:] = np.nan
    kinds["real"]["a"][..., 2] = 5.0
    kinds["real"]["a"][0, 3:5] = np.nan
    curves, layout, _ = draw(kinds)
    for curve in curves:
        height = curve.get_ydata()
        assert np.nanmax(height, initial=0) <= layout.size[1]
        if not np.isnan(height).all():
            assert np.nanmax(height) - np.nanmin(height) < layout.sample[1] / 3
    assert np.isnan(curves[0].get_ydata()).sum() == 2


def test_of_many_channels_the_first_are_drawn():
    curves, _, _ = draw({"real": {"a": np.zeros((1, 8, 40))}})
    assert len(curves) == MAX_CHANNELS


def test_examples_of_copies_have_themselves_as_their_nearest(copying):
    rng = np.random.default_rng(0)
    y = np.arange(24) % 2
    ragged = [rng.normal(size=(8 + number % 4, 2)) for number in range(24)]
    real, generated, nearest = sequence_examples(copying.fit(ragged, y), 1, 5, random_state=0)
    assert real.shape == generated.shape == nearest.shape == (5, 11, 2)
    assert np.allclose(generated, nearest, atol=1e-4, equal_nan=True)
    X = copying.as_steps(copying.training_samples(1))
    for one in real:
        assert np.isclose(X, one, equal_nan=True).all(axis=(1, 2)).any()


def test_pictures_and_displays_of_models_are_one_call(tmp_path, copying):
    X = np.random.default_rng(0).normal(size=(24, 12))
    gan = copying.fit(X, np.arange(24) % 2)
    draw_gan(tmp_path / "picture.png", gan, n_images=3)
    assert imread(tmp_path / "picture.png").std() > 0.05
    with mpl.rc_context({"backend": "agg"}):
        from matplotlib import pyplot

        for display in (SamplesDisplay, NeighborsDisplay):
            made = display.from_estimator(gan, n_samples=3)
            assert made.sample_kind == "sequences"
            curves = [line for line in made.ax_.lines if to_hex(line.get_color()) != LINE]
            assert len(curves) == 2 * 2 * 3
        pyplot.close("all")
