"""Tables of the quality of samples: what they print, and that their parts print as ever."""

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_wine

from ganaug import ImageGAN, SequenceGAN, TableGAN
from ganaug.metrics.quality_table import QualityTable

LONG = "a class of a very long name"


@pytest.fixture(scope="module")
def quality():
    """Quality of a small model of three classes of wine."""
    X, y = load_wine(return_X_y=True)
    labels = np.array(["red", "rose", LONG])[y]
    gan = TableGAN(n_steps=2, random_state=0).fit(X[::2], labels[::2])
    return gan.evaluate(X[1::2], labels[1::2])


def test_main_figures_are_printed_beside_those_of_real_rows(quality):
    header, *lines = repr(quality).split("\n")
    assert header.split() == ["samples", "real", "shuffled", "best", "worst", "class"]
    printed = {line.split()[0]: line for line in lines}
    line = printed["coverage"].replace(" !", "").split(maxsplit=5)
    total = quality.loc["all"]
    names = ("coverage", "coverage_real", "coverage_shuffled")
    assert line[1:5] == [*(f"{total[name]:.3f}" for name in names), "high"]
    for name, worst in (("coverage", "idxmin"), ("column_distance", "idxmax")):
        label = getattr(quality[name][:-1], worst)()
        assert f" {label[:17]}" in printed[name]
    assert max(map(len, repr(quality).split("\n"))) < 80
    assert f"gives all {quality.shape[1]} columns" in repr(quality)


def test_what_is_worse_than_real_rows_has_a_mark_that_is_explained(quality):
    assert "!" not in repr(QualityTable(quality.assign(**{
        name.removesuffix("_real"): quality[name] for name in quality if name.endswith("_real")
    }, copied_close=0.0)))  # fmt: skip
    marked = repr(QualityTable(quality.assign(coverage=0.1)))
    assert "0.100 !" in marked
    assert "! is worse than real samples" in marked


def test_copies_have_the_reason_of_the_model_that_drew_them(quality):
    assert quality.near_rows
    close = QualityTable(quality.assign(copied_close=0.5))
    assert "copied_close: Those so close" in repr(close)
    close.near_rows = True
    assert "copied_close: Anchored GANs draw rows near points" in repr(close)
    far = QualityTable(quality.assign(copied_close=0.0))
    far.near_rows = True
    assert "close to training samples" not in repr(far)
    assert "close by design" not in repr(far)


def test_rows_from_noise_are_not_close_by_design(blobs):
    X, y = blobs
    X, y = (
        np.tile(X, (40, 1)) + np.random.default_rng(0).normal(size=(40 * len(X), 1)),
        np.tile(y, 40),
    )
    gan = TableGAN(n_steps=1, random_state=0).fit(X, y)
    assert set(gan.tiers_.values()) == {"GAN from noise"}
    assert not gan.evaluate(X[::9], y[::9]).near_rows
    assert TableGAN(n_steps=0, random_state=0).fit(X, y).evaluate(X[::9], y[::9]).near_rows


def test_images_and_sequences_print_their_main_figures_too():
    rng = np.random.default_rng(0)
    X, y = rng.random((48, 8, 8)), np.repeat(["a", "b"], 24)
    for gan, figure in (
        (ImageGAN(n_steps=1), "pixels_copied_close"),
        (SequenceGAN(n_steps=1), "spectrum"),
    ):
        printed = repr(
            gan.set_params(random_state=0).fit(X[::2], y[::2]).evaluate(X[1::2], y[1::2])
        )
        assert printed.split()[:2] == ["samples", "real"]
        assert f"\n{figure} " in printed


def test_a_detection_below_chance_is_no_better_than_chance():
    columns = ["n_held_out", "n_fake", "detection_auc", "detection_auc_real"]
    table = QualityTable([[9, 9, np.nan, np.nan], [9, 9, 0.55, 0.3]], ["a", "all"], columns)
    assert repr(table).split("\n")[1].split()[:3] == ["detection_auc", "0.550", "0.500"]


def test_parts_are_plain(quality):
    figures = quality[["coverage", "coverage_real"]]
    assert type(figures) is pd.DataFrame
    assert repr(quality[:1]) == repr(pd.DataFrame(quality)[:1])
    for part in (quality.drop(index="all"), quality.drop(columns="n_fake")):
        assert repr(QualityTable(part)) == repr(part)
    nothing = QualityTable(quality.assign(**dict.fromkeys(quality.columns[3:], np.nan)))
    assert repr(nothing) == repr(pd.DataFrame(nothing))
    assert nothing._repr_html_() == pd.DataFrame(nothing)._repr_html_()


def test_notebooks_show_the_same_figures(quality):
    html = quality._repr_html_()
    assert f"{quality['coverage'].iloc[-1]:.3f}" in html
    assert html.count("<tr") == 1 + sum("  " in line for line in repr(quality).split("\n")[1:])


def test_one_class_alone_is_not_named_as_the_worst():
    columns = ["n_held_out", "n_fake", "coverage", "coverage_real"]
    table = QualityTable([[9, 9, 0.5, 0.6]] * 2, index=["a", "all"], columns=columns)
    assert "worst class" not in repr(table)
