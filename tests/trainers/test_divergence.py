"""Divergence is noticed, mended where it can be, and said; nothing else alarms."""

import inspect
import re

import numpy as np
import pytest
from sklearn.datasets import load_digits, load_iris
from sklearn.exceptions import ConvergenceWarning

from benchmarks.common.divergence import convergence_warnings
from benchmarks.images.divergence import diverging_fits
from benchmarks.tables.divergence import bundled_tables, made_up_fits
from ganaug import ClassTranslator, ImageGAN, PairedTranslator, SuperResolver, TableGAN
from ganaug.trainers import image, super_resolution, table
from ganaug.trainers.checkpoint import Checkpoint
from ganaug.trainers.recipe import Defaults


@pytest.fixture
def correlated():
    """Maker of rows of two columns that are nearly one, and a third."""

    def make(n_rows):
        rng = np.random.default_rng(0)
        a = rng.normal(size=n_rows)
        return np.c_[a, a + 0.1 * rng.normal(size=n_rows), rng.normal(size=n_rows)]

    return make


GAMMAS = [0, pytest.param(1.0, marks=pytest.mark.slow)]


@pytest.mark.medium
@pytest.mark.parametrize("gamma", GAMMAS)
def test_a_table_whose_game_leaps_off_is_trained_again_and_says_so(correlated, gamma):
    gan = TableGAN(learning_rate=0.1, gamma=gamma, n_steps=150, random_state=0)
    with pytest.warns(ConvergenceWarning, match="class 0 diverged: losses reached") as caught:
        gan.fit(correlated(310))
    assert {warning.filename for warning in caught} == {__file__}
    # what a user reads of the second game is what it was played with
    (rate,) = re.findall("once more with learning_rate=(.+?),", str(caught[0].message))
    assert float(rate) < 0.1
    assert gan.tiers_[0] == "GAN from noise"
    assert np.corrcoef(gan.sample(500, random_state=0)[0].T)[0, 1] > 0.7
    assert max(gan.history_[0]["discriminator_loss"]) < table.MAX_LOSS


@pytest.mark.medium
@pytest.mark.parametrize("gamma", GAMMAS)
def test_few_rows_stay_near_real_ones_wherever_their_game_goes(correlated, gamma):
    # no warning: each row is moved by half the distance to its neighbours at most
    gan = TableGAN(learning_rate=0.1, gamma=gamma, n_steps=150, random_state=0)
    X = gan.fit(correlated(40)).sample(500, random_state=0)[0]
    assert max(gan.history_[0]["discriminator_loss"]) > table.MAX_LOSS
    assert np.corrcoef(X.T)[0, 1] > 0.9


def test_a_class_that_is_lost_twice_is_served_by_real_rows(correlated, monkeypatch):
    monkeypatch.setattr(table, "default_settings", lambda tier: Defaults(10.0, 1.0))
    gan = TableGAN(learning_rate=10.0, gamma=0.0, n_steps=50, random_state=0)
    with pytest.warns(ConvergenceWarning, match="failed again: served by blurred interpolation"):
        gan.fit(correlated(310))
    assert gan.tiers_[0] == "blurred interpolation"
    assert len(gan.history_[0]["fool_rate"]) == 0
    assert np.corrcoef(gan.sample(500, random_state=0)[0].T)[0, 1] > 0.7


@pytest.mark.parametrize("n_steps", [1, 5, 20])
def test_a_game_of_few_steps_is_no_divergence(correlated, n_steps):
    for data in ([correlated(310)], load_iris(return_X_y=True)):
        # a warning would be an error here
        gan = TableGAN(n_steps=n_steps, random_state=0).fit(*data)
        assert {len(history["fool_rate"]) for history in gan.history_.values()} == {n_steps}


def test_masks_do_not_alarm():
    rng = np.random.default_rng(0)
    X = np.zeros((24, 8, 8), dtype=np.uint8)
    for mask in X:
        top, left = rng.integers(0, 5, 2)
        mask[top : top + 4, left : left + 4] = 255
    assert ImageGAN(n_steps=10, random_state=0).fit(X, [0] * 24).tiers_ == {0: "convolutional GAN"}


def test_safer_settings_start_from_the_defaults_of_the_models():
    def default(model, name):
        return inspect.signature(model).parameters[name].default

    assert default(TableGAN, "gamma") == table.GAMMA
    for model in (ImageGAN, ClassTranslator, PairedTranslator):
        assert default(model, "learning_rate") == image.LEARNING_RATE
        assert default(model, "gamma") == image.GAMMA
    assert default(SuperResolver, "learning_rate") == super_resolution.LEARNING_RATE
    assert default(SuperResolver, "gamma") == image.GAMMA


@pytest.mark.slow
def test_a_resolver_interrupted_amid_a_divergence_interpolates(monkeypatch):
    def interrupt(checkpoint, name, game):
        if game.n_steps_done > 60:
            raise KeyboardInterrupt

    images = np.kron(load_digits().images[:20], np.ones((2, 2)))
    wild = SuperResolver(learning_rate=0.5, gamma=0, fidelity=0, random_state=0)
    with monkeypatch.context() as patch:
        patch.setattr(Checkpoint, "save", interrupt)
        with pytest.raises(KeyboardInterrupt):
            wild.fit(images)
    untrained = SuperResolver(n_steps=0, random_state=0).fit(images)
    small = images[:5, ::2, ::2]
    assert np.array_equal(wild.transform(small), untrained.transform(small))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fits", "n_fits"), [(made_up_fits, 30), (diverging_fits, 10)], ids=["tables", "images"]
)
def test_nothing_that_diverges_passes_in_silence(fits, n_fits):
    runs = {f"{fit.task} {fit.options} {fit.seed}": fit.run() for fit in fits()}
    assert len(runs) == n_fits
    assert [name for name, run in runs.items() if not run.noticed] == []
    # not by luck
    assert sum(bool(run.messages) for run in runs.values()) == n_fits


@pytest.mark.slow
def test_bundled_tables_do_not_alarm():
    fits = list(bundled_tables())
    alarms = {name: convergence_warnings(TableGAN(random_state=0), X, y) for name, X, y in fits}
    assert alarms == {name: [] for name, _, _ in fits}
