"""Divergence is noticed, mended where it can be, and said; nothing else alarms."""

import inspect
import re
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits, load_iris
from sklearn.exceptions import ConvergenceWarning

from ganaug import ClassTranslator, ImageGAN, PairedTranslator, SuperResolver, TableGAN
from ganaug.trainers import image, super_resolution, table
from ganaug.trainers.checkpoint import Checkpoint
from ganaug.trainers.recipe import Defaults


@pytest.fixture(scope="module")
def divergence():
    """The benchmark, which lies beside those that it uses."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).parents[2] / "benchmarks")
        import divergence

        yield divergence


@pytest.fixture
def correlated():
    """Maker of rows of two columns that are nearly one, and a third."""

    def make(n_rows):
        rng = np.random.default_rng(0)
        a = rng.normal(size=n_rows)
        return np.c_[a, a + 0.1 * rng.normal(size=n_rows), rng.normal(size=n_rows)]

    return make


@pytest.mark.parametrize(
    ("n_rows", "tier"), [(40, "anchored GAN"), (310, "GAN from noise")], ids=["few", "many"]
)
@pytest.mark.parametrize("gamma", [0, 1.0])
def test_a_table_whose_game_leaps_off_is_trained_again_and_says_so(correlated, n_rows, tier, gamma):
    gan = TableGAN(learning_rate=0.1, gamma=gamma, n_steps=150, random_state=0)
    with pytest.warns(ConvergenceWarning, match="class 0 diverged: losses reached") as caught:
        gan.fit(correlated(n_rows))
    assert {warning.filename for warning in caught} == {__file__}
    # what a user reads of the second game is what it was played with
    (rate,) = re.findall("once more with learning_rate=(.+?),", str(caught[0].message))
    assert float(rate) < 0.1
    assert gan.tiers_[0] == tier
    assert np.corrcoef(gan.sample(500, random_state=0)[0].T)[0, 1] > 0.7
    assert max(gan.history_[0]["discriminator_loss"]) < table.MAX_LOSS


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


def test_a_resolver_interrupted_amid_a_divergence_interpolates(monkeypatch):
    def interrupt(checkpoint, name, game):
        if game.n_steps_done > 60:
            raise KeyboardInterrupt

    images = np.kron(load_digits().images[:20], np.ones((2, 2)))
    wild = SuperResolver(learning_rate=0.5, gamma=0, fidelity=0, random_state=0)
    with monkeypatch.context() as patch:
        patch.setattr(Checkpoint, "keep", interrupt)
        with pytest.raises(KeyboardInterrupt):
            wild.fit(images)
    untrained = SuperResolver(n_steps=0, random_state=0).fit(images)
    small = images[:5, ::2, ::2]
    assert np.array_equal(wild.transform(small), untrained.transform(small))


@pytest.mark.slow
def test_no_diverging_table_passes_in_silence(divergence):
    runs = {name: one() for name, one in divergence.table_runs()}
    assert len(runs) == 30
    assert [name for name, one in runs.items() if not one.noticed] == []
    # not by luck
    assert sum(bool(one.warned) for one in runs.values()) == 30


@pytest.mark.slow
def test_no_diverging_images_pass_in_silence(divergence):
    runs = {name: one() for name, one in divergence.image_runs()}
    assert len(runs) == 10
    assert [name for name, one in runs.items() if not one.noticed] == []
    assert sum(bool(one.warned) for one in runs.values()) == 10


@pytest.mark.slow
def test_bundled_tables_do_not_alarm(divergence):
    fits = [(name, X, y) for name, X, y in divergence.table_data(None)]
    alarms = {name: divergence.fit(TableGAN(random_state=0), X, y) for name, X, y in fits}
    assert alarms == {name: [] for name, _, _ in fits}
