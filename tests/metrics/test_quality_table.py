"""Tables of the quality of samples: what they print, and that their parts print as ever."""

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_wine

from ganaug import TableGAN
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
    assert "close by design" not in repr(QualityTable(quality.assign(copied_close=0.0)))
    assert "close by design" in repr(QualityTable(quality.assign(copied_close=0.5)))
    marked = repr(QualityTable(quality.assign(coverage=0.1)))
    assert "0.100 !" in marked
    assert "! is worse than real samples" in marked


def test_parts_are_plain(quality):
    figures = quality[["coverage", "coverage_real"]]
    assert type(figures) is pd.DataFrame
    assert repr(quality[:1]) == repr(pd.DataFrame(quality)[:1])
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
