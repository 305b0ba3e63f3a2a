"""Training curves: a panel for each figure, a line for each class."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread

from ganaug.report.curves import PANELS, add_curves, colours_of, draw_history
from ganaug.training.step import HISTORY_KEYS


def test_every_figure_of_training_has_its_panel():
    assert sorted(PANELS) == sorted(HISTORY_KEYS)


@pytest.mark.parametrize("n_steps", [0, 1, 3, 200])
def test_a_history_of_any_length_is_drawn(tmp_path, n_steps):
    steps = np.linspace(0, 1, n_steps)
    history = {
        "a": dict.fromkeys(HISTORY_KEYS, steps),
        "b": {"fool_rate": np.full(n_steps, np.nan)},
    }
    draw_history(tmp_path / "curves.png", history)
    assert imread(tmp_path / "curves.png")[..., :3].min() < 0.5


@pytest.mark.parametrize("n_classes", [1, 10, 12])
def test_every_class_has_a_line_of_its_own_colour_in_every_panel(n_classes):
    history = {label: dict.fromkeys(HISTORY_KEYS, np.ones(100)) for label in range(n_classes)}
    figure = Figure()
    colours = colours_of(list(history))
    add_curves(figure, history, colours)
    assert len({tuple(colour) for colour in colours.values()}) == n_classes
    *panels, key = figure.axes
    for panel in panels:
        drawn = [line.get_color() for line in panel.lines if len(line.get_xdata()) > 2]
        assert np.array_equal(drawn, list(colours.values()))
    assert [text.get_text() for text in key.get_legend().get_texts()] == list(map(str, history))


def test_curves_are_running_means_at_their_steps():
    figure = Figure()
    rising = {"a": {"generator_loss": np.arange(1.0, 201.0)}}
    add_curves(figure, rising, colours_of(["a"]))
    line = figure.axes[0].lines[0]
    assert np.allclose(line.get_xdata(), line.get_ydata())
    assert len(line.get_xdata()) == 197


def test_names_are_drawn_as_they_are():
    figure, names = Figure(), ["_hidden", "$5 $", "a name of 20 letters", "a name of 21 letters."]
    history = {name: {"fool_rate": np.ones(9)} for name in names} | {"untrained": {"fool_rate": []}}
    add_curves(figure, history, colours_of(list(history)))
    figure.draw_without_rendering()
    texts = figure.axes[-1].get_legend().get_texts()
    assert [text.get_text() for text in texts] == [*names[:3], "a name of 21 letter…"]
    assert not any(text.get_parse_math() for text in texts)


@pytest.mark.parametrize("largest", [0.3, 0.9, 50.0])
def test_every_axis_has_numbers_whatever_the_range_of_values(largest):
    figure = Figure()
    values = np.geomspace(0.2, largest, 9)
    add_curves(figure, {"a": dict.fromkeys(HISTORY_KEYS, values)}, colours_of(["a"]))
    figure.draw_without_rendering()
    *panels, _ = figure.axes
    for panel in panels:
        low, high = panel.get_ylim()
        inside = [tick for tick in panel.get_yticks() if low <= tick <= high]
        assert len(inside) > 0
        assert panel.get_yscale() == "linear" or largest > 10 * 0.2


def test_a_logarithmic_axis_has_several_plain_numbers():
    values = np.geomspace(0.2, 3.0, 300)
    figure = Figure()
    panels = add_curves(figure, {"a": {"r1": values}}, colours_of(["a"]))
    figure.canvas.draw()
    low, high = panels[3].get_ylim()
    texts = [text.get_text() for text in panels[3].get_yticklabels()]
    places = panels[3].get_yticks()
    seen = [text for text, place in zip(texts, places, strict=True) if low <= place <= high]
    assert {"0.3", "1", "3"} <= {*seen}


@pytest.mark.parametrize("leap_at", [30, 700, None])
def test_leaps_of_the_first_steps_do_not_flatten_what_follows(leap_at):
    values = np.linspace(2.0, 1.0, 1000)
    if leap_at is not None:
        values[leap_at : leap_at + 40] = 90.0
    figure = Figure()
    panels = add_curves(figure, {"a": {"generator_loss": values}}, colours_of(["a"]))
    low, high = panels[0].get_ylim()
    # one that comes later is shown
    assert (high > 80) if leap_at == 700 else (2 < high < 4)
    assert leap_at == 700 or 0.5 < low < 1


def test_axes_hold_what_is_negative_and_what_is_not_finite():
    values = np.linspace(-2.0, -1.0, 1000)
    broken = np.full(1000, np.nan)
    leaping = np.where(np.arange(1000) < 40, 50.0, values)
    for curves in ([values, broken], [broken, leaping], [leaping, broken]):
        history = {name: {"generator_loss": one} for name, one in zip("ab", curves, strict=True)}
        panels = add_curves(Figure(), history, colours_of(["a", "b"]))
        low, high = panels[0].get_ylim()
        assert -3 < low < -1.8
        assert -1 < high < 0.5
