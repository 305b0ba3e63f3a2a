"""TableGAN(refine=...): rows that are handed out are selected, those of latent points are not."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from ganaug import GANOverSampler, SampleBank, SmallClassWarning, TableGAN, load
from ganaug.models.refinement import MIN_REFINED, MIN_REFINED_BY_DEFAULT
from ganaug.models.row_selection import max_rows

N_FEW = 20

pytestmark = pytest.mark.filterwarnings("ignore::ganaug.SmallClassWarning")


@pytest.fixture(scope="module")
def table():
    """Two large classes, of which columns relate otherwise, and one that is small."""
    rng = np.random.default_rng(0)
    y = np.repeat(["high", "low", "rare"], [MIN_REFINED, MIN_REFINED + 100, N_FEW])
    a = rng.normal(size=len(y))
    b = np.where(y == "high", a, -a) + 0.3 * rng.normal(size=len(y))
    kind = np.where(rng.random(len(y)) < 0.9, np.where(a > 0, "plus", "minus"), None)
    return pd.DataFrame({"a": a, "b": b, "kind": kind}), y


@pytest.fixture(scope="module")
def gan():
    """Model whose short training leaves something to select."""
    return TableGAN(n_steps=30, refine=True, random_state=0)


@pytest.fixture(scope="module")
def refined(gan, table):
    with pytest.warns(SmallClassWarning, match=f"'rare' has fewer than {MIN_REFINED} rows"):
        return clone(gan).fit(*table)


@pytest.fixture(scope="module")
def plain(gan, table):
    return clone(gan).set_params(refine=False).fit(*table)


def violations(X):
    """Share of rows whose kind is not that of the sign beside it."""
    wrong = X["kind"] != np.where(X["a"] > 0, "plus", "minus")
    return float(wrong[X["kind"].notna()].mean())


@pytest.mark.medium
@pytest.mark.parametrize("label", ["high", "low"])
def test_refined_rows_relate_more_as_real_ones_do(refined, plain, table, label):
    X, y = table
    real = X[y == label]
    rows = refined.sample({label: 2000}, random_state=1)[0]
    others = plain.sample({label: 2000}, random_state=1)[0]
    wanted = real["a"].corr(real["b"])
    assert abs(rows["a"].corr(rows["b"]) - wanted) < 0.5 * abs(
        others["a"].corr(others["b"]) - wanted
    )
    assert violations(rows) < 0.5 * violations(others)
    assert rows["kind"].isna().mean() == pytest.approx(0.1, abs=0.04)
    assert rows.dtypes.equals(real.dtypes)


@pytest.mark.medium
def test_rows_of_latent_points_are_the_same(refined, plain):
    noise = np.random.default_rng(0).normal(size=(20, refined.n_latent))
    for label in refined.classes_:
        pd.testing.assert_frame_equal(refined.generate(noise, label), plain.generate(noise, label))


@pytest.mark.medium
def test_rows_of_small_classes_are_the_same(refined, plain):
    pd.testing.assert_frame_equal(
        refined.sample({"rare": 30}, random_state=0)[0],
        plain.sample({"rare": 30}, random_state=0)[0],
    )


def test_rows_are_selected_by_default_where_classes_are_larger(gan, plain, table):
    auto = clone(gan).set_params(refine="auto").fit(*table)
    assert max(auto.class_counts_.values()) < MIN_REFINED_BY_DEFAULT
    pd.testing.assert_frame_equal(
        auto.sample({"low": 30}, random_state=0)[0], plain.sample({"low": 30}, random_state=0)[0]
    )


def test_tables_too_wide_for_enough_rows_are_not_selected_from(gan):
    X = np.random.default_rng(0).normal(size=(MIN_REFINED, 600)).astype(np.float32)
    assert max_rows(1, 600) > MIN_REFINED > max_rows(2, 600)
    y = np.repeat([0, 1], [MIN_REFINED, MIN_REFINED])
    with pytest.warns(SmallClassWarning, match="classes 0, 1"):
        model = clone(gan).set_params(n_steps=0).fit(np.concatenate([X, X]), y)
    assert len(model.sample({0: 3})[0]) == 3


@pytest.mark.medium
def test_batches_are_those_of_one_sample(refined):
    counts = {"low": 70, "rare": 5, "high": 33}
    X, y = refined.sample(counts, random_state=3)
    batches = list(refined.iter_batches(counts, batch_size=16, random_state=3))
    assert max(len(part) for part, _ in batches) == 16
    pd.testing.assert_frame_equal(pd.concat([part for part, _ in batches], ignore_index=True), X)
    assert np.concatenate([labels for _, labels in batches]).tolist() == y.tolist()
    assert y.tolist() == np.repeat(list(counts), list(counts.values())).tolist()


@pytest.mark.medium
def test_saved_models_and_banks_select_the_same_rows(refined, tmp_path):
    X, y = refined.sample({"low": 40}, random_state=2)
    refined.save(tmp_path / "model.h5")
    again = load(tmp_path / "model.h5")
    pd.testing.assert_frame_equal(again.sample({"low": 40}, random_state=2)[0], X)
    bank = SampleBank.create(tmp_path / "bank.h5", again, {"low": 40}, random_state=2)
    assert len(bank) == 40


@pytest.mark.medium
def test_a_class_is_the_same_whichever_others_are_kept(gan, refined, table):
    alone = clone(gan).fit(*table, labels=["high"])
    pd.testing.assert_frame_equal(
        alone.sample({"high": 30}, random_state=0)[0],
        refined.sample({"high": 30}, random_state=0)[0],
    )


@pytest.mark.medium
def test_conditions_hold_of_selected_rows(gan, table):
    model = clone(gan).set_params(conditions="a > 0").fit(*table, labels=["low"])
    X, _ = model.sample({"low": 100})
    assert len(X) == 100
    assert (X["a"] > 0).all()


@pytest.mark.medium
def test_rows_that_an_over_sampler_adds_are_selected(gan, plain, table):
    X, y = table
    sampler = GANOverSampler(clone(gan), random_state=0)
    X_new, y_new = sampler.fit_resample(X, y)
    added = X_new[len(X) :][y_new[len(X) :] == "high"]
    assert len(added) == 100
    assert violations(added) < 0.5 * violations(plain.sample({"high": 2000}, random_state=1)[0])


class InterruptedGAN(TableGAN):
    """A model that is interrupted once its rows are to be selected."""

    is_interrupted = True

    def _generate_numbers(self, generator, noise, label):
        if self.is_interrupted:
            raise KeyboardInterrupt
        return super()._generate_numbers(generator, noise, label)


def test_an_interrupted_selection_leaves_a_model_that_selects_nothing(plain, table):
    model = InterruptedGAN(n_steps=30, refine=True, random_state=0)
    with pytest.raises(KeyboardInterrupt):
        model.fit(*table)
    model.is_interrupted = False
    pd.testing.assert_frame_equal(
        model.sample({"low": 20}, random_state=0)[0], plain.sample({"low": 20}, random_state=0)[0]
    )


@pytest.mark.medium
def test_rows_with_one_hot_columns_are_selected_and_saved(table, tmp_path):
    X, y = table
    X = pd.get_dummies(X, columns=["kind"])
    gan = TableGAN(n_steps=5, refine=True, random_state=0).fit(X, y)
    gan.save(tmp_path / "gan.h5")
    for model in (gan, load(tmp_path / "gan.h5")):
        rows = model.sample({"low": 300}, random_state=1)[0]
        assert rows.columns.tolist() == X.columns.tolist()
        assert not (rows["kind_minus"] & rows["kind_plus"]).any()
        assert np.array_equal(rows, gan.sample({"low": 300}, random_state=1)[0])
    plain = TableGAN(n_steps=5, refine=False, random_state=0).fit(X, y)
    assert not rows.equals(plain.sample({"low": 300}, random_state=1)[0])
