"""Displays of scikit-learn's kind: from an estimator, on axes that are given or made."""

import copy

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from PIL import Image
from sklearn.exceptions import NotFittedError
from sklearn.tree import DecisionTreeClassifier

from ganaug import AugmentedClassifier, GANOverSampler, ImageGAN, SuperResolver, TableGAN, compare
from ganaug.report import (
    ColumnsDisplay,
    GainsDisplay,
    HistoryDisplay,
    NeighborsDisplay,
    SamplesDisplay,
    draw_film,
)
from ganaug.report.curves import PANELS
from ganaug.report.gains import Gain

OF_MODELS = [SamplesDisplay, NeighborsDisplay, HistoryDisplay, ColumnsDisplay]


@pytest.fixture(autouse=True)
def _no_window(monkeypatch):
    """Draw into files, and leave no figure behind."""
    from matplotlib import pyplot

    with mpl.rc_context({"backend": "agg"}):
        yield
        pyplot.close("all")


@pytest.fixture(scope="module")
def table_gan():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(
        {
            "weight": np.where(rng.random(60) < 0.2, np.nan, rng.normal(size=60)),
            "_$5 $": rng.choice(["red", "blue"], 60),
            "built": pd.Timestamp("2001-02-03") + pd.to_timedelta(rng.integers(0, 99, 60), "D"),
            "sunny": rng.random(60) < 0.5,
        }
    )
    return TableGAN(n_steps=3, random_state=0).fit(X, np.repeat(["a", "b"], 30))


@pytest.fixture(scope="module")
def copying():
    """Model whose samples are its training images."""
    X = np.random.default_rng(0).random((24, 8, 10))
    return ImageGAN(n_steps=0, augment=None, random_state=0).fit(X, np.arange(24) % 2)


@pytest.mark.parametrize("display", OF_MODELS)
def test_axes_are_made_or_taken_as_given(display, table_gan):
    made = display.from_estimator(table_gan)
    assert made.ax_.figure is made.figure_
    axis = Figure().add_subplot(1, 2, 2)
    drawn = display.from_estimator(table_gan, ax=axis)
    assert drawn.ax_ is axis
    assert drawn.figure_ is axis.figure
    # again, on others
    assert made.plot(ax=axis).ax_ is axis
    for one in (made, drawn):
        one.figure_.draw_without_rendering()


@pytest.mark.parametrize("display", [SamplesDisplay, NeighborsDisplay])
def test_images_are_those_of_the_rows_that_a_display_names(display, copying):
    shown = display.from_estimator(copying, labels=[1], n_samples=5)
    assert list(shown.samples) == list(display.ROWS)
    assert len(shown.ax_.images) == 10
    drawn = np.array([image.get_array() for image in shown.ax_.images])
    real = copying.training_samples(1)
    in_range = real.min() + drawn * (real.max() - real.min())
    distances = np.abs(in_range[:, None] - real[None]).max(axis=(2, 3)).min(axis=1)
    assert display is NeighborsDisplay or distances.max() < 0.05
    if display is NeighborsDisplay:
        assert np.allclose(drawn[:5], drawn[5:], atol=1e-6)


def test_what_is_wrong_with_a_class_stands_beside_its_name(copying):
    gan = copy.copy(copying)
    assert SamplesDisplay.from_estimator(gan).notes[0] == "12 images, moved copies"
    gan.health_ = {0: "discriminator won", 1: "good"}
    notes = SamplesDisplay.from_estimator(gan).notes
    assert notes == {0: "12 images, moved copies: discriminator won", 1: "12 images, moved copies"}


def test_rows_are_written_out_each_above_the_one_it_resembles(table_gan):
    shown = NeighborsDisplay.from_estimator(table_gan, labels=["b"], n_samples=2)
    cells = shown.ax_.tables[0].get_celld()
    texts = [[cells[row, column].get_text().get_text() for column in range(6)] for row in range(5)]
    assert texts[0] == ["class", "", "weight", "_$5 $", "built", "sunny"]
    assert [line[:2] for line in texts[1:]] == [["b", "generated"], ["b", "nearest"]] * 2
    nearest = shown.samples["nearest"]["b"]
    assert [line[3] for line in texts[2::2]] == nearest["_$5 $"].tolist()


def test_curves_lie_inside_the_axes_that_were_given(table_gan):
    axis = Figure(figsize=(10, 4)).add_subplot(1, 2, 2)
    panels = HistoryDisplay.from_estimator(table_gan, ax=axis).axes_
    assert len(panels) == len(PANELS) + 1
    box = axis.get_position()
    for panel in panels:
        inner = panel.get_position()
        assert box.x0 <= inner.x0 + 1e-9 <= inner.x1 <= box.x1 + 1e-9
        assert box.y0 <= inner.y0 + 1e-9 <= inner.y1 <= box.y1 + 1e-9


def test_the_history_of_a_model_without_classes_is_drawn_too():
    images = np.random.default_rng(0).random((12, 16, 16))
    display = HistoryDisplay.from_estimator(SuperResolver(n_steps=2, random_state=0).fit(images))
    assert list(display.history) == ["all"]


def test_shares_of_a_column_are_those_of_its_rows():
    real = pd.DataFrame({"n": [0.0, 0.0, 1.0, np.nan], "level": ["x", "x", "y", "x"]})
    generated = pd.DataFrame({"n": [1.0, 1.0], "level": ["y", "z"]})
    numbers, levels = ColumnsDisplay(real, generated).plot().axes_
    first, second = (patch.get_data().values for patch in numbers.patches)
    assert first[0] == pytest.approx(2 / 3)
    assert first[-1] == pytest.approx(1 / 3)
    assert second.tolist()[-1] == 1.0
    assert [bar.get_height() for bar in levels.patches] == [0.75, 0.25, 0.0, 0.5]


def test_gains_are_ranked_and_coloured_by_what_their_intervals_say():
    gains = [
        Gain("none", 0.80, np.nan, np.nan, np.nan, note="others are compared with it"),
        Gain("worse", 0.75, -0.05, -0.08, -0.02),
        Gain("GAN", 0.90, 0.1, 0.05, 0.15, marked=True),
    ]
    axis = GainsDisplay(gains).plot().ax_
    names = [label.get_text().split()[0] for label in axis.get_yticklabels()]
    assert names == ["GAN", "none", "worse"]
    dots = [line for line in axis.lines if len(line.get_xdata()) == 1]
    marks = {line.get_xdata()[0]: line.get_color() for line in dots}
    assert set(marks) == {0.1, -0.05}
    assert len(set(marks.values())) == 2


def test_gains_come_from_a_comparison_and_from_a_gate(blobs):
    tree = DecisionTreeClassifier(random_state=0)
    settings = {"gan": TableGAN(n_steps=0), "random_state": 0}
    table = compare(tree, *blobs, cv=2, gate=None, **settings)
    display = GainsDisplay.from_comparison(table)
    assert [gain.name for gain in display.gains] == table["method"].tolist()
    model = AugmentedClassifier(tree, gate="fast", **settings).fit(*blobs)
    display = GainsDisplay.from_estimator(model)
    assert {gain.name for gain in display.gains} == set(model.report_.table.index)
    assert [gain.name for gain in display.gains if gain.marked] == [model.source_]
    with pytest.raises(TypeError, match="no whole table"):
        GainsDisplay.from_comparison(table[["method"]])
    with pytest.raises(TypeError, match="no report_ of a gate"):
        GainsDisplay.from_estimator(tree)


def test_faces_show_the_model_that_they_have_trained(blobs):
    sampler = GANOverSampler(TableGAN(n_steps=2), random_state=0)
    with pytest.raises(NotFittedError):
        SamplesDisplay.from_estimator(sampler)
    sampler.fit_resample(*blobs)
    for display in OF_MODELS:
        display.from_estimator(sampler)


@pytest.mark.parametrize("display", [SamplesDisplay, NeighborsDisplay, ColumnsDisplay])
def test_what_cannot_be_drawn_is_refused(display, table_gan, copying):
    with pytest.raises(TypeError, match="DecisionTreeClassifier is no model"):
        display.from_estimator(DecisionTreeClassifier())
    with pytest.raises(NotFittedError):
        display.from_estimator(TableGAN())
    with pytest.raises(ValueError, match="class 'c' was not trained"):
        display.from_estimator(table_gan, labels=["c"])
    if display is ColumnsDisplay:
        with pytest.raises(TypeError, match="has no columns"):
            display.from_estimator(copying)
        with pytest.raises(ValueError, match="no column 'price'"):
            display.from_estimator(table_gan, columns=["price"])


def test_histories_that_are_not_there_are_refused(copying, table_gan):
    with pytest.raises(ValueError, match=r"trained were: \[\]"):
        HistoryDisplay.from_estimator(copying)
    with pytest.raises(ValueError, match="trained were"):
        HistoryDisplay.from_estimator(table_gan, labels=["c"])


def test_films_are_of_classes_that_were_trained_of_images(copying, table_gan, tmp_path):
    with pytest.raises(TypeError, match="films show an ImageGAN, got a TableGAN"):
        draw_film(tmp_path / "film.gif", table_gan)
    with pytest.raises(ValueError, match="takes 4 images or more, got 3"):
        draw_film(tmp_path / "film.gif", copying, n_frames=3)
    draw_film(tmp_path / "film.gif", copying, labels=[1], n_frames=5)
    with Image.open(tmp_path / "film.gif") as film:
        # equal ones in a row are one
        assert 1 < film.n_frames <= 5


def shown_dates(dates):
    """Labels of the axis of a column of dates."""
    table = pd.DataFrame({"end": pd.Series(dates)})
    display = ColumnsDisplay(table, table).plot()
    display.figure_.canvas.draw()
    return [label.get_text() for label in display.axes_[0].get_xticklabels()]


def test_axes_of_dates_show_the_first_and_the_last():
    days = np.array(["0001-01-01", "9999-12-31", "2024-05-01"], dtype="datetime64[s]")
    assert shown_dates(days) == ["0001-01-01", "9999-12-31"]
    assert shown_dates(days[[0, 0]]) == ["0001-01-01"]
    assert shown_dates(days[2] + np.arange(5)) == ["2024-05-01 00:00:00", "2024-05-01 00:00:04"]
    assert shown_dates(days[2] + 600 * np.arange(2)) == ["2024-05-01 00:00", "2024-05-01 00:10"]
    berlin = pd.date_range("2024-05-01", periods=2, freq="MS", tz="Europe/Berlin")
    assert shown_dates(berlin) == ["2024-05-01", "2024-06-01"]
    assert len(shown_dates(np.array([], dtype="datetime64[s]"))) > 2


def test_durations_are_drawn_in_days():
    table = pd.DataFrame({"wait": pd.to_timedelta([12, 36, 36], unit="h")})
    [waits] = ColumnsDisplay(table, table).plot().axes_
    assert waits.get_xlim() == (0.5, 1.5)
    assert waits.get_title(loc="left") == "wait (days)"
