"""What a compared model refuses is told before any training."""

import numpy as np
import pytest
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from ganaug import ClassTranslator, ImageGAN, SuperResolver, TableGAN, compare
from ganaug.evaluation.dry_run import check_model
from ganaug.unlabeled import UnlabeledRows

# Images as a classifier reads them.
FLAT = make_pipeline(FunctionTransformer(lambda X: X.reshape(len(X), -1)), LogisticRegression())


@pytest.mark.parametrize("gan", [None, ImageGAN(n_steps=10**9)], ids=["no gan", "gan"])
def test_what_a_compared_model_refuses_is_told_before_training(gan):
    X, y = np.zeros((30, 8, 136)), np.repeat([0, 1], [20, 10])
    with pytest.raises(ValueError, match=r"up to 128 pixels a side; these have 8 x 136"):
        compare(FLAT, X, y, gan=gan)


def test_a_compared_model_is_asked_without_training_it_or_models_in_it(capsys):
    rng = np.random.default_rng(0)
    X, y = rng.random((30, 32, 136)), np.repeat([0, 1], [20, 10])
    upscaler = SuperResolver(scale=4, n_steps=10**9, verbose=1)
    gan = ImageGAN(n_steps=10**9, upscaler=upscaler, verbose=1)
    assert check_model(gan, X, y, [1], None) is None
    assert not hasattr(gan, "classes_")
    assert upscaler.n_steps == 10**9
    printed = capsys.readouterr()
    assert printed.out + printed.err == ""


def test_only_classes_that_are_to_be_enlarged_are_fitted():
    X, y = np.random.default_rng(0).random((24, 3)), np.repeat([0, 1, 2], [12, 11, 1])
    check_model(OfTwo(n_steps=10**9), X, y, [1, 2], None)


class OfTwo(TableGAN):
    """Model of two classes at most."""

    def fit(self, X, y, labels=None):
        assert labels == [1, 2]
        return super().fit(X, y, labels)


def test_the_guard_of_a_translator_is_not_trained_before_the_comparison():
    X, y = np.random.default_rng(0).random((40, 8, 8)), np.repeat([0, 1], 20)
    translator = Unguarded(n_steps=10**9, guard=0.5)
    check_model(translator, X, y, [1], None)


class Unguarded(ClassTranslator):
    """Translator that is to have no guard."""

    def fit(self, X, y, labels=None):
        assert self.guard == 0
        return super().fit(X, y, labels=labels)


def test_a_frozen_model_that_draws_other_rows_is_refused_before_training():
    X, y = np.random.default_rng(0).random((30, 8, 8)), np.repeat([0, 1], [20, 10])
    frozen = FrozenEstimator(ImageGAN(n_steps=1, random_state=0).fit(X, y))
    with pytest.raises(ValueError, match=r"draws rows of the shape \(8, 8\); X has \(9, 8\)"):
        compare(FLAT, np.ones((30, 9, 8)), y, gan=frozen)


def test_rows_without_a_class_are_checked_with_the_others():
    X, y = np.random.default_rng(0).random((30, 4)), np.repeat([0, 1], [20, 10])
    order = np.arange(35)
    check_model(TableGAN(), X, y, [1], UnlabeledRows(X[:5], -1, order))
    with pytest.raises(ValueError, match="infinity"):
        check_model(TableGAN(), X, y, [1], UnlabeledRows(X[:5] * np.inf, -1, order))


class Sampler:
    """Model of others, of which nobody knows how long a fit takes."""

    def fit(self, X, y):
        raise AssertionError

    def sample(self, n):
        raise AssertionError

    def get_params(self, deep=True):
        return {}


def test_a_model_of_others_is_not_fitted_before_training():
    check_model(Sampler(), np.zeros((4, 2)), np.array([0, 0, 0, 1]), [1], None)
