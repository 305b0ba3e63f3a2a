"""Over-sampling on standardised columns: which rows it adds."""

import numpy as np
import pytest
from imblearn.over_sampling import SMOTE, RandomOverSampler

from ganaug.evaluation.scaled_over_sampler import ScaledOverSampler


@pytest.fixture
def unequal():
    """Thirty rows of one class and six of another; the last column counts whole numbers."""
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.normal(size=(36, 2)) * [1, 1000], rng.integers(0, 9, 36)])
    return X, np.repeat([0, 1], [30, 6])


def test_copies_are_rows_of_the_class(unequal):
    X, y = unequal
    X_all, _ = ScaledOverSampler(RandomOverSampler(), random_state=0).fit_resample(X, y)
    distances = np.abs(X_all[len(X) :, None] - X[y == 1]).max(axis=-1).min(axis=1)
    assert distances.max() < 1e-9


def test_noise_has_the_asked_share_of_each_columns_spread():
    rng = np.random.default_rng(0)
    X = np.concatenate([rng.normal(size=(4000, 2)) * [1, 50], np.zeros((2, 2))])
    y = np.repeat([0, 1], [4000, 2])
    sampler = ScaledOverSampler(RandomOverSampler(), noise=0.3, random_state=0)
    X_all, _ = sampler.fit_resample(X, y)
    assert X_all[len(X) :].std(axis=0) / X.std(axis=0) == pytest.approx([0.3, 0.3], rel=0.05)


def test_blurred_rows_stay_in_range_and_whole_columns_whole(unequal):
    X, y = unequal
    sampler = ScaledOverSampler(RandomOverSampler(), noise=3.0, random_state=0)
    X_all, _ = sampler.fit_resample(X, y)
    assert (X_all >= X.min(axis=0)).all()
    assert (X_all <= X.max(axis=0)).all()
    assert np.array_equal(X_all[:, 2], np.round(X_all[:, 2]))


def test_scale_does_not_choose_smotes_neighbours(unequal):
    X, y = unequal
    smote = ScaledOverSampler(SMOTE(), random_state=0)
    plain, _ = smote.fit_resample(X, y)
    stretched, _ = smote.fit_resample(X * [1e6, 1, 1], y)
    assert np.allclose(plain * [1e6, 1, 1], stretched)


@pytest.mark.parametrize("dtype", [np.int64, np.uint8])
def test_copies_of_integers_are_copies(dtype):
    X = np.random.default_rng(0).integers(0, 200, size=(40, 5)).astype(dtype)
    y = np.repeat([0, 1], [30, 10])
    X_all, _ = ScaledOverSampler(RandomOverSampler(), random_state=0).fit_resample(X, y)
    rare = {tuple(row) for row in X[y == 1].tolist()}
    assert {tuple(row) for row in X_all[40:].tolist()} <= rare
