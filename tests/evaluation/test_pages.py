"""Pages: whole, safe, readable without a network, and true to the figures."""

import pickle
import platform
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC

from ganaug import AugmentedClassifier, ImageGAN, SequenceGAN, TableGAN, compare
from ganaug.evaluation.held_out import HeldOutModel
from ganaug.evaluation.methods import GATE_CHOICES, NETWORK, REPLACEMENTS
from ganaug.evaluation.pages import _code, write_comparison
from ganaug.evaluation.provenance import Provenance
from ganaug.evaluation.scores import MEASURES
from ganaug.evaluation.summary import summary, with_means
from ganaug.evaluation.verdict import verdict
from ganaug.report.gains import Gain, Gains, Scale
from ganaug.report.page import Cell, Code, Section, Table, write_page

nan = float("nan")

VOID = {"meta", "img", "br", "link", "input", "hr"}
QUICK = TableGAN(n_steps=3)


class Outline(HTMLParser):
    """Counts tags, and refuses any that is not closed in order."""

    def __init__(self, text):
        super().__init__()
        self.open = []
        self.tags = []
        self.links = []
        self.texts = []
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
        self.texts.append((data, self.open[-1] if self.open else None))

    @property
    def words(self):
        return [text for text, _ in self.texts]


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
                "average_precision": mean - 0.1 + 0.001 * rng.normal(size=10),
                "balanced_accuracy": mean + 0.001 * rng.normal(size=10),
            }
        )
        for method, mean in means.items()
    ]
    return pd.concat(parts, ignore_index=True)


def held_out(X, y):
    """A small model of the first rows, and rows that it has not seen."""
    gan = TableGAN(n_steps=2, random_state=0).fit(X[:60], y[:60])
    return HeldOutModel.of(gan, X[60:99], y[60:99])


@pytest.fixture(scope="module")
def held_out_model():
    """A small model of two classes of rows of few columns, and rows that it has not seen."""
    X, y = load_digits(n_class=2, return_X_y=True)
    return held_out(X[:, 18:22], y)


def written(path, table, held_out_model, scoring=None, **options):
    """Outline of the page of some scores."""
    provenance = Provenance.of(
        held_out_model.X, held_out_model.y, {"SVC": SVC()}, scoring=scoring, random_state=3
    )
    methods = table["method"].unique().tolist()
    write_comparison(path, table, methods, 0.0, held_out_model, provenance, **options)
    return read(path)


def words_of(*written_of):
    """Words of the page of some scores, with a blank between any two."""
    return " ".join(" ".join(written(*written_of).words).split())


@pytest.mark.parametrize(
    ("means", "advice"),
    [
        ({"none": 0.8, "copies": 0.85, "SMOTE": 0.84, "GAN": 0.9}, "Use the GAN"),
        ({"none": 0.8, "copies": 0.9, "SMOTE": 0.84, "GAN": 0.85}, "Use copies, which needs no"),
        ({"none": 0.8, "copies": 0.9, "SMOTE": 0.84, "GAN": 0.9}, "no clear difference"),
        ({"none": 0.8, "copies": 0.7, "SMOTE": 0.74, "GAN": 0.75}, "Leave the data as they are"),
        ({"none": 0.8, "copies": 0.9, "SMOTE": 0.84, "GAN": 0.7}, "the GAN gains less"),
        ({"none": 0.8, "copies": 0.9, "SMOTE": 0.84, "GAN": 0.8}, "the GAN gains less"),
    ],
)
def test_the_advice_follows_the_intervals(means, advice, held_out_model, tmp_path):
    text = " ".join(written(tmp_path / "page.html", scores(**means), held_out_model).words)
    assert advice in text
    assert "average precision of each class against the others, averaged" in text


def test_the_best_replacement_of_the_classifier_is_named(held_out_model, tmp_path):
    network, started = (method.name for method in REPLACEMENTS[:2])
    means = {"none": 0.8, "copies": 0.85, "GAN": 0.8, network: 0.9, started: 0.95}
    path = tmp_path / "page.html"
    text = words_of(path, scores(**means), held_out_model)
    better = f'Better still, where another classifier may take the place of yours, the "{started}"'
    assert f"Use copies, which needs no GAN; the GAN gains less. {better} scores 0.95" in text
    assert "How to do it" in text
    assert "How to do better, by another classifier" in text
    assert "pretrained=True" in text
    assert "of what replaces the classifier, with its training" in text
    # no more than what adds rows
    means |= {network: 0.8, started: 0.851}
    text = words_of(path, scores(**means), held_out_model)
    assert f'In place of the classifier, the "{started}" scores 0.85' in text
    assert "How to do better" not in text
    means |= {"GAN": 0.96, started: 0.95}
    text = words_of(path, scores(**means), held_out_model)
    assert "Use the GAN: it gains more than copies." in text
    assert "How to do better" not in text
    # and alone
    means |= {"copies": 0.79, "GAN": 0.79, network: 0.79, started: 0.85}
    text = words_of(path, scores(**means), held_out_model)
    assert f"Use {started}: its gain is beyond chance." in text
    assert text.count("pretrained=True") == 1
    assert "Better still" not in text
    del means[network], means[started]
    text = words_of(path, scores(**means), held_out_model)
    assert "place of the classifier" not in text


def test_a_replacement_that_is_surely_better_is_named_before_one_that_may_be_by_chance():
    network, started = (method.name for method in REPLACEMENTS[:2])
    methods = ["none", "copies", "GAN", network, started]
    table = scores(**dict(zip(methods, [0.8, 0.85, 0.8, 0.9, 0.91], strict=True)))
    table.loc[table["method"] == started, "score"] += np.tile([-0.3, 0.3], 5)
    found = verdict(table, methods, 0.0, "accuracy")
    assert (found.method, found.replacement) == ("copies", network)
    assert f'the "{network}" scores 0.90' in found.sentences[1]


def test_a_replacement_that_is_no_surer_than_what_is_advised_is_no_better():
    network = REPLACEMENTS[0].name
    methods = ["none", "copies", "GAN", network]
    table = scores(**dict(zip(methods, [0.8, 0.85, 0.9, 0.901], strict=True)))
    table.loc[table["method"] == network, "score"] += np.tile([-0.02, 0.02], 5)
    found = verdict(table, methods, 0.0, "accuracy")
    assert (found.method, found.replacement) == ("GAN", None)


def test_where_the_best_may_gain_by_chance_the_next_that_needs_no_gan_is_advised():
    table = scores(**{"none": 0.8, "copies": 0.84, "SMOTE": 0.85, "GAN": 0.84})
    of_best = table["method"] == "SMOTE"
    table.loc[of_best, "score"] += np.tile([-0.3, 0.3], 5)
    found = verdict(table, ["none", "copies", "SMOTE", "GAN"], 0.0, "accuracy")
    assert found.method == "copies"
    assert found.sentences[0].startswith("Use copies, which needs no GAN. The GAN helps too")
    assert "With SMOTE the score is 0.8" in str(found)
    assert "With SMOTE the score is 0.851, a gain that is not beyond chance." in str(found)


def test_of_a_simpler_method_whose_gain_may_be_chance_that_is_told():
    table = scores(**{"none": 0.8, "copies": 0.86, "SMOTE": 0.84, "GAN": 0.8})
    table.loc[table["method"] == "copies", "score"] += np.tile([-0.3, 0.3], 5)
    found = verdict(table, ["none", "copies", "SMOTE", "GAN"], 0.0, "accuracy")
    assert found.method == "SMOTE"
    assert "With copies the score is 0.86" in str(found)
    assert "a gain that is not beyond chance" in str(found)


@pytest.mark.parametrize(("n_splits", "words"), [(1, "One split says"), (2, "Two splits say")])
def test_one_split_or_two_are_no_grounds_for_advice(n_splits, words):
    table = scores(**{"none": 0.8, "SMOTE": 0.85, "GAN": 0.9})
    found = verdict(table[table["split"] < n_splits], ["none", "SMOTE", "GAN"], 0.0, "accuracy")
    assert found.method is None
    assert str(found).startswith(words)


def test_of_methods_as_good_as_the_best_the_simplest_is_advised():
    means = {"none": 0.8, "class weights": 0.8999, "SMOTE": 0.9, "GAN": 0.8}
    found = verdict(scores(**means), [*means], 0.0, "accuracy")
    assert found.method == "class weights"
    assert any(sentence.startswith("Compared with class weights, ") for sentence in found.sentences)
    table = scores(**means)
    weighted = table.loc[table["method"] == "class weights", "score"].to_numpy()
    table.loc[table["method"] == "SMOTE", "score"] = weighted + np.tile([-0.002, 0.003], 5)
    found = verdict(table, [*means], 0.0, "accuracy")
    assert found.method == "class weights"
    assert "not clearly more than with class weights, which is simpler." in str(found)
    means["class weights"] = 0.89
    assert verdict(scores(**means), [*means], 0.0, "accuracy").method == "SMOTE"


def test_classifiers_that_gain_alone_are_named():
    means = {"none": 0.8, "class weights": 0.8, "GAN": 0.8}
    gaining = scores(**{**means, "class weights": 0.9}).assign(estimator="SVC")
    losing = scores(**{**means, "class weights": 0.68}).assign(estimator="tree")
    both = with_means(pd.concat([gaining, losing], ignore_index=True))
    found = verdict(both, [*means], 0.0, "accuracy")
    assert found.method == "none"
    assert "In accuracy, the classifiers score on average 0.8" in str(found)
    assert "Of single classifiers, the largest gains beyond chance are: SVC with" in str(found)
    assert "Of 40 such intervals, one lies above zero by chance." in str(found)
    assert "tree with" not in str(found)


def test_rows_of_shuffled_columns_are_no_advice():
    means = {"none": 0.8, "SMOTE": 0.85, "shuffled columns": 0.9, "GAN": 0.82}
    found = verdict(scores(**means), [*means], 0.0, "accuracy")
    assert found.method == "SMOTE"
    assert "with shuffled columns: relations between columns count little" in str(found)
    assert "not clearly" not in str(found)


def test_what_is_advised_is_marked(held_out_model, tmp_path):
    path = tmp_path / "page.html"
    written(path, scores(none=0.8, copies=0.9, GAN=0.85), held_out_model)
    marked = re.findall(r'<tr class="marked[^>]*>\s*<td[^>]*>([^<]*)', path.read_text("utf-8"))
    assert [name.strip() for name in marked] == ["copies"]


def test_where_only_the_gan_helps_it_is_advised():
    table = scores(**{"none": 0.8, "SMOTE": 0.85, "GAN": 0.84})
    table.loc[table["method"] == "SMOTE", "score"] += np.tile([-0.3, 0.3], 5)
    found = verdict(table, ["none", "SMOTE", "GAN"], 0.0, "accuracy")
    assert found.sentences[0] == "Use GAN: its gain is beyond chance."


def test_one_split_is_no_ground_for_advice(held_out_model, tmp_path):
    table = scores(none=0.8, copies=0.9, GAN=0.9)
    outline = written(tmp_path / "page.html", table[table["split"] == 0], held_out_model)
    assert "says nothing of chance" in " ".join(outline.words)
    assert "pre" not in outline.tags


def test_rows_that_are_images_are_shown_as_such(tmp_path):
    table = scores(none=0.8, copies=0.9, GAN=0.9)
    model = held_out(*load_digits(n_class=2, return_X_y=True))
    outline = written(tmp_path / "page.html", table, model, image_shape=(8, 8))
    assert outline.tags.count("img") == 2 * 3 * 8


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
    assert list(report.measures) == list(MEASURES)
    tried = report.table.index[report.table["note"] == ""]
    assert all(note in text for note in report.table["note"])
    for table in report.measures.values():
        assert table.index.equals(tried)
        assert all(f"{mean:.3f}" in text for mean in table["score"])
        assert np.allclose(table["score"] - table["gain"], table.loc["none", "score"])
    assert "scoring=None" in text
    assert {"svg", "table"} <= set(outline.tags)
    assert f"fitted the classifier {report.n_fits} times" in text
    assert all(method.description in text for method in GATE_CHOICES if method.name in tried)


def test_images_stand_beside_those_that_they_resemble(tmp_path):
    digits = load_digits(n_class=2)
    rows = np.concatenate([np.flatnonzero(digits.target == k)[:n] for k, n in enumerate([40, 20])])

    class OnPixels(LogisticRegression):
        def fit(self, X, y):
            return super().fit(X.reshape(len(X), -1), y)

        def decision_function(self, X):
            return super().decision_function(X.reshape(len(X), -1))

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
    assert len(repr(report)) < 400
    lines = repr(report.table).splitlines()
    assert max(map(len, lines)) < 80
    assert {"gain", "low", "high"} <= set(lines[0].split())
    assert report.sentence in repr(report)
    html = report._repr_html_()
    assert report.sentence in html
    assert Outline(html).tags.count("table") == 1
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
    gains = Gains(name, name, [Gain(name, 0.5, 0.1, 0.0, 0.2, note=name)], words={name: name})
    table = Table(name, "", [name], [[name, Cell(name, small=name)]])
    write_page(tmp_path / "page.html", name, name, [gains, table, Code(name, "", name)])
    outline = read(tmp_path / "page.html")
    assert outline.words.count(name) == 15


@pytest.mark.parametrize("size", [1e-4, 0.03, 1.0, 250.0])
def test_an_axis_holds_all_bars_and_zero_and_has_round_ticks(size):
    rows = [Gain("a", 1.0, -size, -2 * size, size), Gain("b", nan, nan, nan, nan)]
    scale = Scale.of(rows)
    places = [scale.place(value) for value in (-2 * size, -size, 0, size)]
    assert places[0] > 0
    assert places[-1] < 100
    assert np.allclose(np.diff(places), places[1] - places[0])
    assert 3 <= len(scale.ticks) <= 7
    assert 0 in scale.ticks
    assert all(0 <= scale.place(value) <= 100 for value in scale.ticks)
    assert all(float(text) == pytest.approx(value) for value, text in scale.ticks.items())


def test_an_axis_of_no_gains_is_one_all_the_same():
    assert Scale.of([Gain("none", 1.0, nan, nan, nan)]).place(0.0) == 50


def test_rows_are_sorted_by_score_and_those_without_are_last():
    values = {"worst": -7.0, "unknown": nan, "best": 0.9, "middle": 0.5}
    gains = Gains("", "", [Gain(name, score, 0, 0, 0) for name, score in values.items()])
    assert [row.name for row in gains.ranked] == ["best", "middle", "worst", "unknown"]


def test_all_forests_of_a_page_have_one_axis(held_out_model, tmp_path):
    table = scores(none=0.8, copies=0.9, GAN=0.85)
    wide = table.assign(estimator="other", score=table["score"] ** 4)
    path = tmp_path / "page.html"
    written(path, pd.concat([table, wide]), held_out_model)
    zeros = re.findall(r'class="zero" style="left:([0-9.]+)%', path.read_text(encoding="utf-8"))
    assert len(zeros) == 6
    assert len(set(zeros)) == 1


def test_a_loss_is_no_gain(held_out_model, tmp_path):
    text = " ".join(
        written(tmp_path / "a.html", scores(none=0.8, copies=0.7, GAN=0.75), held_out_model).words
    )
    assert not re.search(r"gains? -", text)
    assert re.search(r"without augmentation: -0\.0[45]\d", text)


def test_a_page_says_where_its_figures_come_from(held_out_model, tmp_path):
    table = scores(none=0.8, copies=0.9, GAN=0.85)
    outline = written(tmp_path / "a.html", table, held_out_model, "f1_macro", data_name="digits")
    text = " ".join(outline.words)
    for fact in (
        "digits", "39 rows of 4 columns", "SVC()", "f1 macro (scoring='f1_macro')",
        "random_state=3", f"torch {torch.__version__}", f"Python {platform.python_version()}",
        platform.machine(),
    ):  # fmt: skip
        assert fact in text
    assert re.search(r"20\d\d-\d\d-\d\d \d\d:\d\d", text)


@pytest.mark.parametrize(
    ("shape", "gan", "data", "advice"),
    [
        ((9, 4), TableGAN(), "9 rows of 4 columns", "gaps, text or dates"),
        ((9, 8, 8), ImageGAN(), "9 images of 8 x 8 pixels", "flattens them"),
        ((9, 50, 2), SequenceGAN(), "9 sequences of 50 x 2 values", "several channels"),
        ((9, 50), FrozenEstimator(SequenceGAN()), "9 sequences of 50 values", "several channels"),
    ],
)
def test_pages_speak_of_the_samples_that_there_are(shape, gan, data, advice):
    X, y = np.zeros(shape), np.repeat([0, 1], [6, 3])
    provenance = Provenance.of(X, y, {"SVC": SVC()}, gan=gan)
    assert provenance.facts()["rows"] == data
    assert f"; {provenance.sample_kind} of each: 0: 6, 1: 3" in provenance.facts()["classes"]
    (section,) = _code("copies", provenance)
    assert advice in section.note
    assert f", {provenance.sample_kind} (X) and classes (y)" in section.note
    (network,) = _code(NETWORK.name, provenance)
    assert "estimator" not in network.note + network.code


def test_ranking_and_decisions_stand_side_by_side(held_out_model, tmp_path):
    table = scores(none=0.8, copies=0.9, GAN=0.85)
    words = " ".join(written(tmp_path / "a.html", table, held_out_model).words)
    after = words.partition("Ranking and decisions")[2]
    for measure in MEASURES:
        means = table.groupby("method")[measure].mean()
        assert all(f"{mean:.3f}" in after for mean in means)


def test_words_are_explained_on_the_page(held_out_model, tmp_path):
    outline = written(tmp_path / "a.html", scores(none=0.8, copies=0.9, GAN=0.85), held_out_model)
    terms = [word for word, tag in outline.texts if tag == "dt"]
    expected = ["score", "gain", "interval", "wins : losses", "nearest", "anchored GAN"]
    assert set(expected) <= set(terms)
    assert len(terms) == len(set(terms))


def test_code_for_what_is_advised_stands_on_the_page(held_out_model, tmp_path):
    outline = written(tmp_path / "a.html", scores(none=0.8, copies=0.8, GAN=0.9), held_out_model)
    (code,) = (word for word, tag in outline.texts if tag == "code")
    assert "estimator, method='GAN', random_state=3)" in code


def test_a_table_of_a_comparison_prints_its_gains_in_eighty_letters():
    names = ["none", "GAN weighted 1/4", "small network, from the discriminator", "lost"]
    table = summary(scores(none=0.8, **dict.fromkeys(names[1:3], 0.9)), names, ["none"], 0.0)
    table.verdict = "Use it."
    lines = repr(table).splitlines()
    assert max(map(len, lines)) < 80
    assert {"gain", "low", "high"} <= set(lines[1].split())
    assert lines[-1] == "Use it."
    assert "+0.1" in lines[3]
    html = table._repr_html_()
    assert "Use it." in html
    assert Outline(html).tags.count("table") == 1
    assert "gain" not in repr(table.drop(columns="gain"))
    assert pickle.loads(pickle.dumps(table)).verdict == "Use it."


def test_what_is_wrong_with_samples_stands_at_the_top(tmp_path):
    page = tmp_path / "page.html"
    sections = [Section("Quality", "", finding="Samples are copies."), Section("Cost", "")]
    write_page(page, "Gains", "Use the GAN.", sections)
    assert "Use the GAN.\nSamples are copies." in read(page).words


def test_the_cost_says_what_all_of_it_took(held_out_model, tmp_path):
    table = scores(none=0.8, GAN=0.85, SMOTE=0.81)
    words = " ".join(written(tmp_path / "page.html", table, held_out_model, seconds=140.2).words)
    assert "All but this page, with the fits of classifiers, took 140 seconds." in words
    assert "All of it" not in " ".join(written(tmp_path / "b.html", table, held_out_model).words)


@pytest.mark.parametrize(("gate", "words"), [(0.9, "+0.0"), (0.82, "-0.0")])
def test_the_gates_choice_is_compared_with_what_is_advised(gate, words):
    means = {"none": 0.8, "SMOTE": 0.85, "GAN": 0.81, "chosen by the gate": gate}
    sentence = verdict(scores(**means), [*means], 0.0, "accuracy").sentences[-1]
    assert sentence.startswith("What the gate of AugmentedClassifier chose changes the score by +")
    of_smote = sentence.partition("compared with no augmentation, and by ")[2]
    assert of_smote.endswith("] compared with SMOTE.")
    assert of_smote.startswith(words)


def test_classes_that_some_splits_cannot_judge_are_named(tmp_path):
    means = {"none": 0.8, "SMOTE": 0.85, "GAN": 0.9}
    found = verdict(scores(**means), [*means], 0.0, "accuracy", rare=["x"])
    assert found.method == "GAN"
    assert found.sentences[-1].startswith("Intervals say too little of class 'x': in some splits")
    X = np.random.default_rng(0).normal(size=(40, 2))
    y = np.array(["a"] * 28 + ["b"] * 12)
    gan = TableGAN(n_steps=0)
    split = np.arange(2, 40), np.arange(2)
    table = compare(KNeighborsClassifier(), X, y, gan=gan, gate=None, cv=[split], random_state=0)
    assert "Intervals say too little of class 'b'" in table.verdict
