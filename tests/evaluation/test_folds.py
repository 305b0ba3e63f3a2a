"""Models fitted out of fold: which rows each has seen."""

import warnings

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.frozen import FrozenEstimator
from two_gaussians import GaussianModel, Log, overlapping

from ganaug import ImageGAN, TableGAN
from ganaug.evaluation.folds import fit_out_of_fold
from ganaug.evaluation.refits import fit_per_fold
from ganaug.models.joint_fitting import choose_tiers_by
from ganaug.strategy import class_counts


def test_every_row_is_left_out_once_and_no_model_has_seen_those_left_out():
    X, y = overlapping(60, 20)
    log = Log()
    folds = fit_out_of_fold(GaussianModel(log=log), X, y, [0, 1], np.random.RandomState(0))
    assert np.sort(np.concatenate([fold.test for fold in folds])).tolist() == list(range(80))
    for fold, (_, seen) in zip(folds, log, strict=True):
        assert np.sort(np.concatenate([fold.train, fold.test])).tolist() == list(range(80))
        assert np.array_equal(seen, X[fold.train])
        # equal shares of the classes
        assert np.bincount(y[fold.test]).tolist() == [12, 4]


def test_a_thorough_choice_leaves_every_row_out_three_times_in_other_company():
    X, y = overlapping(60, 20)
    folds = fit_out_of_fold(GaussianModel(), X, y, [1], np.random.RandomState(0), "thorough")
    assert np.bincount(np.concatenate([fold.test for fold in folds])).tolist() == [3] * 80
    assert len({tuple(fold.test) for fold in folds}) == 15


def test_the_only_row_of_a_class_is_never_left_out():
    X, y = overlapping(60, 20)
    y[0] = 2
    folds = fit_out_of_fold(GaussianModel(), X, y, [1], np.random.RandomState(0))
    assert all(0 in fold.train for fold in folds)
    assert np.sort(np.concatenate([fold.test for fold in folds])).tolist() == list(range(1, 80))


def test_classes_of_fewer_rows_than_folds_are_not_divided():
    X, y = overlapping(60, 4)
    patient = TableGAN(n_steps=10**9)
    assert fit_out_of_fold(patient, X, y, [1], np.random.RandomState(0)) == []


def test_two_folds_of_images_are_left_out_and_all_of_a_thorough_choice():
    digits = load_digits(n_class=2)
    gan = ImageGAN(n_steps=0)
    sizes = [
        len(fit_out_of_fold(gan, digits.images[:60], digits.target[:60], [0, 1], rng, effort))
        for rng, effort in (
            (np.random.RandomState(0), "fast"),
            (np.random.RandomState(0), "thorough"),
        )
    ]
    assert sizes == [2, 15]


def test_each_class_has_the_generator_in_every_fold_that_it_has_on_all_rows():
    # the limits of kinds of generators, and what leaving out a fifth takes below them
    sizes = [5, 6, 9, 10, 11, 12, 13, 299, 300, 301, 302, 376, 377, 400]
    y = np.repeat(np.arange(len(sizes)), sizes)
    X = np.random.default_rng(0).normal(size=(len(y), 2))
    gan = TableGAN(n_steps=1, random_state=0)
    labels = list(range(len(sizes)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        whole = TableGAN(n_steps=1, random_state=0).fit(X, y)
        folds = fit_out_of_fold(gan, X, y, labels, np.random.RandomState(0))
    assert len(set(whole.tiers_.values())) == 3
    for fold in folds:
        assert fold.model.tiers_ == whole.tiers_
        # it has seen its own rows alone, and counts them
        assert fold.model.class_counts_[0] == 4


def test_images_of_a_class_have_the_generator_in_every_fold_that_they_have_on_all():
    digits = load_digits(n_class=3)
    rows = np.concatenate(
        [np.flatnonzero(digits.target == c)[:n] for c, n in ((0, 9), (1, 10), (2, 12))]
    )
    X, y = digits.images[rows], digits.target[rows]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        whole = ImageGAN(n_steps=1, capacity=0.1, random_state=0).fit(X, y)
        folds = fit_out_of_fold(
            ImageGAN(n_steps=1, capacity=0.1), X, y, [0, 1, 2], np.random.RandomState(0)
        )
    assert len(set(whole.tiers_.values())) == 2
    assert all(fold.model.tiers_ == whole.tiers_ for fold in folds)


def test_a_model_of_a_fold_that_is_fitted_again_stands_for_the_rows_that_it_sees():
    X, y = overlapping(60, 12)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        folds = fit_out_of_fold(TableGAN(n_steps=1), X, y, [1], np.random.RandomState(0))
        tiers = folds[0].model.tiers_
        again = folds[0].model.fit(X[folds[0].train], y[folds[0].train], labels=[1])
    assert again.tiers_ != tiers


def test_a_frozen_model_is_refused():
    X, y = overlapping(60, 20)
    frozen = FrozenEstimator(GaussianModel().fit(X, y))
    with pytest.raises(ValueError, match="gate=None"):
        fit_out_of_fold(frozen, X, y, [1], np.random.RandomState(0))


@pytest.mark.slow
def test_models_of_folds_are_those_fitted_one_by_one():
    X, y = overlapping(400, 40)
    y[:3], y[3:40] = 2, 3
    rng = np.random.default_rng(0)
    parts = [np.sort(rng.permutation(440)[:360]) for _ in range(3)]
    gan = TableGAN(n_steps=15, random_state=5)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        together = fit_per_fold(gan, X, y, parts, [0, 1, 2, 3], np.random.RandomState(0))
        for model, rows in zip(together, parts, strict=True):
            alone = TableGAN(n_steps=15, random_state=5)
            choose_tiers_by(alone, class_counts(y))
            alone.fit(X[rows], y[rows])
            assert model.tiers_ == alone.tiers_
            counts = {0: 5, 1: 20, 2: 5, 3: 5}
            difference = model.sample(counts, 0)[0] - alone.sample(counts, 0)[0]
            assert np.abs(difference).max() < 1e-4


def test_models_of_folds_may_see_other_kinds_of_columns():
    X, y = overlapping(40, 40)
    X[0, 3] = np.nan
    parts = [np.arange(0, 80), np.arange(1, 80), np.arange(2, 80)]
    models = fit_per_fold(
        TableGAN(n_steps=3, random_state=0), X, y, parts, [0, 1], np.random.RandomState(0)
    )
    for model, rows in zip(models, parts, strict=True):
        alone = TableGAN(n_steps=3, random_state=model.random_state).fit(X[rows], y[rows])
        drawn = [gan.sample({0: 200, 1: 200}, 0)[0] for gan in (model, alone)]
        assert np.allclose(*drawn, atol=1e-3, equal_nan=True)


def test_models_of_rows_that_are_no_tables_of_the_package_are_fitted_as_they_say(quick):
    class OfRows(GaussianModel):
        sample_kind = "rows"

    X, y = overlapping(40, 20)
    parts = [np.arange(0, 60, 2), np.arange(1, 60, 2)]
    log = Log()
    fit_per_fold(OfRows(log=log), X, y, parts, [0, 1], np.random.RandomState(0))
    assert [len(seen) for _, seen in log] == [30, 30]

    frozen = FrozenEstimator(quick.fit(X, y))
    generators = quick.generators_
    models = fit_per_fold(frozen, X, y, parts, [0, 1], np.random.RandomState(0))
    assert [model.generators_ is generators for model in models] == [True, True]
