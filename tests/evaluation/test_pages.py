"""Pages: whole, safe, readable without a network, and true to the figures."""

import pickle
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from ganaug import AugmentedClassifier, ImageGAN, TableGAN
from ganaug.evaluation.held_out import HeldOutModel
from ganaug.evaluation.methods import GATE_CHOICES, REPLACEMENTS
from ganaug.evaluation.pages import write_comparison
from ganaug.report.page import Gain, Gains, Table, write_page

nan = float("nan")

VOID = {"meta", "img", "br", "link", "input", "hr"}
QUICK = TableGAN(n_steps=3)


class Outline(HTMLParser):
    """Counts tags, and refuses any that is not closed in order."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.links, self.words = [], [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in ("src", "href", "xlink:href")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in ("src", "href", "xlink:href")]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


def read(path):
    """A page's outline; it must need nothing that is not in it."""
    text = path.read_text(encoding="utf-8")
    outline = Outline(text)
    assert all(link.startswith(("data:", "#")) for link in outline.links)
    assert "@import" not in text
    assert "url(http" not in text
    assert "script" not in outline.tags
    return outline


def scores(**means):
    """Ten splits of one classifier with methods of the given means, and their usual noise."""
    rng = np.random.default_rng(0)
    split = rng.normal(size=10)
    parts = [
        pd.DataFrame(
            {
                "split": range(10),
                "estimator": "judge",
                "method": method,
                "score": mean + 0.01 * split + 0.001 * rng.normal(size=10),
                "seconds": 1.0,
            }
        )
        for method, mean in means.items()
    ]
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def held_out_model():
    """A small model of two classes of rows, and rows that it has not seen."""
    X, y = load_digits(n_class=2, return_X_y=True)
    return HeldOutModel.of(
        TableGAN(n_steps=2, random_state=0).fit(X[:60], y[:60]), X[60:99], y[60:99]
    )


@pytest.mark.parametrize(
    ("means", "advice"),
    [
        ({"none": 0.8, "copies": 0.85, "SMOTE": 0.84, "GAN": 0.9}, "Use the GAN"),
        ({"none": 0.8, "copies": 0.9, "SMOTE": 0.84, "GAN": 0.85}, "Use copies, which needs no"),
        ({"none": 0.8, "copies": 0.9, "SMOTE": 0.84, "GAN": 0.9}, "no clear difference"),
        ({"none": 0.8, "copies": 0.7, "SMOTE": 0.74, "GAN": 0.75}, "Leave the data as they are"),
        ({"none": 0.8, "copies": 0.9, "SMOTE": 0.84, "GAN": 0.7}, "Use copies"),
    ],
)
def test_the_advice_follows_the_intervals(means, advice, held_out_model, tmp_path):
    write_comparison(
        tmp_path / "page.html", scores(**means), list(means), 0.0, None, held_out_model
    )
    outline = read(tmp_path / "page.html")
    text = " ".join(outline.words)
    assert advice in text
    assert "average precision" in text


def test_the_best_replacement_of_the_classifier_is_named(held_out_model, tmp_path):
    network, started = (method.name for method in REPLACEMENTS[:2])
    means = {"none": 0.8, "copies": 0.85, "GAN": 0.8, network: 0.9, started: 0.95}
    path = tmp_path / "page.html"
    write_comparison(path, scores(**means), list(means), 0.0, "accuracy", held_out_model)
    text = " ".join(read(path).words)
    assert f"In place of the classifier, the {started} scores 0.95" in text
    assert "of what replaces the classifier, with its training" in text
    del means[network], means[started]
    write_comparison(path, scores(**means), list(means), 0.0, "accuracy", held_out_model)
    assert "place of the classifier" not in " ".join(read(path).words)


def test_one_split_is_no_ground_for_advice(held_out_model, tmp_path):
    table = scores(none=0.8, copies=0.9, GAN=0.9)
    table = table[table["split"] == 0]
    write_comparison(
        tmp_path / "page.html", table, ["none", "copies", "GAN"], 0.0, "accuracy", held_out_model
    )
    assert "says nothing of chance" in " ".join(read(tmp_path / "page.html").words)


def test_rows_that_are_images_are_shown_as_such(held_out_model, tmp_path):
    table = scores(none=0.8, copies=0.9, GAN=0.9)
    methods = ["none", "copies", "GAN"]
    path = tmp_path / "page.html"
    write_comparison(path, table, methods, 0.0, "accuracy", held_out_model, image_shape=(8, 8))
    assert read(path).tags.count("img") == 2 * 3 * 8


def test_what_the_gate_found_is_a_page_that_stands_alone(tmp_path):
    X, y = load_digits(n_class=2, return_X_y=True)
    rows = np.concatenate([np.flatnonzero(y == 0)[:60], np.flatnonzero(y == 1)[:15]])
    model = AugmentedClassifier(KNeighborsClassifier(), gan=QUICK, random_state=0)
    report = model.fit(X[rows], y[rows]).report_
    report.to_html(tmp_path / "gate.html")
    outline = read(tmp_path / "gate.html")
    text = " ".join(outline.words)
    assert report.sentence in text
    assert all(str(name) in text for name in report.table.index)
    assert {"svg", "table"} <= set(outline.tags)
    assert f"fitted the classifier {report.n_fits} times" in text
    tried = [method for method in GATE_CHOICES if method.name in report.table.index]
    assert all(method.description in text for method in tried)


def test_images_stand_beside_those_that_they_resemble(tmp_path):
    digits = load_digits(n_class=2)
    rows = np.concatenate([np.flatnonzero(digits.target == k)[:n] for k, n in enumerate([40, 20])])

    class OnPixels(LogisticRegression):
        def fit(self, X, y):
            return super().fit(X.reshape(len(X), -1), y)

        def predict_proba(self, X):
            return super().predict_proba(X.reshape(len(X), -1))

    model = AugmentedClassifier(OnPixels(), gan=ImageGAN(n_steps=2), random_state=0)
    model.fit(digits.images[rows], digits.target[rows]).report_.to_html(tmp_path / "images.html")
    outline = read(tmp_path / "images.html")
    assert outline.tags.count("img") == 3 * 8
    assert "moved copies" in model.report_.table.index


def test_a_pickled_report_holds_no_data(tmp_path):
    X, y = load_digits(n_class=2, return_X_y=True)
    rows = np.concatenate([np.flatnonzero(y == 0)[:60], np.flatnonzero(y == 1)[:15]])
    model = AugmentedClassifier(KNeighborsClassifier(), gan=QUICK, random_state=0)
    report = pickle.loads(pickle.dumps(model.fit(X[rows], y[rows]).report_))
    assert len(pickle.dumps(report)) < 20_000
    report.to_html(tmp_path / "gate.html")
    assert report.sentence in " ".join(read(tmp_path / "gate.html").words)


def test_equal_gains_and_single_splits_are_shown_for_what_they_are(tmp_path):
    rows = [Gain("none", 0.5, nan, nan, nan), Gain("GAN", 0.75, 0.25, 0.25, 0.25)]
    write_page(tmp_path / "a.html", "", "", [Gains("", "", rows)])
    assert "+0.250 to +0.250" in " ".join(read(tmp_path / "a.html").words)
    write_page(tmp_path / "b.html", "", "", [Gains("", "", [Gain("GAN", 0.75, 0.25, nan, nan)])])
    assert "nan%" not in (tmp_path / "b.html").read_text(encoding="utf-8")


def test_where_nothing_was_judged_the_page_says_so(tmp_path):
    X, y = np.random.default_rng(0).normal(size=(30, 3)), np.repeat([0, 1], [27, 3])
    report = AugmentedClassifier(gan=QUICK, random_state=0).fit(X, y).report_
    report.to_html(tmp_path / "gate.html")
    assert "Not judged" in " ".join(read(tmp_path / "gate.html").words)


def test_names_cannot_bring_markup_along(tmp_path):
    name = "<script>alert('$x_1$')</script>"
    gains = Gains(name, name, [Gain(name, 0.5, 0.1, 0.0, 0.2)])
    write_page(tmp_path / "page.html", name, name, [gains, Table(name, "", [name], [[name]])])
    outline = read(tmp_path / "page.html")
    assert outline.words.count(name) >= 6


def test_bars_lie_between_the_ends_whatever_is_not_known():
    gains = Gains("", "", [Gain("a", 1.0, -0.5, -1.0, 0.0), Gain("b", nan, nan, nan, nan)])
    assert [gains.place(value) for value in (-1.0, -0.5, 0.0)] == [0.0, 50.0, 100.0]
    assert Gains("", "", [Gain("none", 1.0, 0.0, 0.0, 0.0)]).place(0.0) == 0.0
