"""Snippets: code for every method, that runs as it stands."""

import ast

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

from ganaug import multiply
from ganaug.evaluation.applicability import are_images, are_sequences
from ganaug.evaluation.methods import CHOSEN_BY_GATE, COMPARED, GATE_CHOICES
from ganaug.evaluation.pages import ALL
from ganaug.evaluation.snippets import snippet

NAMES = [*dict.fromkeys(method.name for method in ALL), CHOSEN_BY_GATE]
OF_TABLES = [
    method.name
    for method in (*COMPARED, *GATE_CHOICES)
    if method.takes_kind not in (are_images, are_sequences)
]


@pytest.fixture(scope="module")
def imbalanced():
    """Digits 0 and 1, five of them."""
    X, y = load_digits(n_class=2, return_X_y=True)
    rows = np.concatenate([np.flatnonzero(y == 0)[:30], np.flatnonzero(y == 1)[:5]])
    return X[rows], y[rows]


@pytest.mark.parametrize("name", NAMES)
def test_every_method_has_code(name):
    code = snippet(name, {"gan": "TableGAN(n_steps=3)", "random_state": "0"})
    ast.parse(code)
    assert max(map(len, code.splitlines())) <= 100


@pytest.mark.filterwarnings("ignore::ganaug.SmallClassWarning")
@pytest.mark.parametrize("name", dict.fromkeys(OF_TABLES))
def test_code_fits_a_classifier_as_it_stands(name, imbalanced):
    X, y = imbalanced
    settings = {"gan": "TableGAN(n_steps=0)", "sampling_strategy": "{1: 9}", "random_state": "0"}
    names = {"estimator": LogisticRegression(), "X": X, "y": y}
    exec(snippet(name, settings), names)
    model = names.get("model", names["estimator"])
    assert (model.predict(X) == y).mean() > 0.9


def test_networks_are_trained_for_as_many_steps_as_the_comparison_gave_them():
    code = snippet("small network", {"gan": "ImageGAN(n_steps=500)", "n_steps": "500"})
    assert "n_steps=500, class_weight" in code
    assert "n_steps" not in snippet("small network", {"gan": "ImageGAN()", "n_steps": "'auto'"})


def test_settings_that_are_no_code_are_variables():
    settings = {"gan": "FrozenEstimator(estimator=TableGAN())", "sampling_strategy": "<function f>"}
    code = snippet("GAN", settings)
    assert "gan=gan, method='GAN', sampling_strategy=sampling_strategy" in code
    first = snippet("GAN", {"sampling_strategy": repr(multiply(2.0))}).splitlines()[0]
    assert first == "from ganaug import AugmentedClassifier, multiply"


def test_methods_of_the_caller_have_none():
    assert snippet("ADASYN", {}) is None


@pytest.mark.parametrize("name", ["moved copies", "jitter", "window warping"])
def test_a_model_that_says_how_samples_may_be_changed_stays_in_the_code(name):
    assert "gan=ImageGAN(augment='photo')" in snippet(name, {"gan": "ImageGAN(augment='photo')"})
    assert "gan" not in snippet("copies", {"gan": "ImageGAN(augment='photo')"}).splitlines()[-2]
