"""Copies and points of SMOTE: which rows are drawn of tables of any kind."""

import numpy as np
import pandas as pd
import pytest

from ganaug.evaluation.methods import COPIES_WITH_NOISE, SMOTE_POINTS, SMOTE_WITH_NOISE
from ganaug.evaluation.simple_over_sampling import draw_copies, draw_smote_points

NUMBERS = [False, False, False]
DRAWN = {1: 24}


@pytest.fixture
def unequal():
    """Thirty rows of one class and six of another; the last column counts whole numbers."""
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.normal(size=(36, 2)) * [1, 1000], rng.integers(0, 9, 36)])
    return X.astype(float), np.repeat([0, 1], [30, 6])


@pytest.fixture
def mixed():
    """Numbers and levels, with gaps in both; a level goes with the sign of a number."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 4))
    X[:, 1] = np.where(X[:, 0] > 0, 5, 8)
    X[:, 3] = rng.integers(0, 3, 60)
    X[rng.random(60) < 0.3, 2] = np.nan
    X[rng.random(60) < 0.3, 3] = np.nan
    return X, np.repeat([0, 1], [40, 20]), [False, True, False, True]


def rng(seed=0):
    return np.random.RandomState(seed)


def test_copies_are_rows_of_the_class(unequal):
    X, y = unequal
    drawn, labels = draw_copies(X, y, DRAWN, NUMBERS, rng())
    assert labels.tolist() == [1] * 24
    assert set(map(tuple, drawn)) <= set(map(tuple, X[y == 1]))


def test_noise_has_the_asked_share_of_each_columns_spread():
    X = np.random.default_rng(0).normal(size=(4000, 2)) * [1, 50]
    X = np.concatenate([X, np.zeros((2, 2))])
    y = np.repeat([0, 1], [4000, 2])
    drawn, _ = draw_copies(X, y, {1: 4000}, [False, False], rng(), noise=0.3)
    assert drawn.std(axis=0) / X.std(axis=0) == pytest.approx([0.3, 0.3], rel=0.05)


def test_blurred_rows_stay_in_range_and_whole_columns_whole(unequal):
    X, y = unequal
    for draw in (draw_copies, draw_smote_points):
        drawn, _ = draw(X, y, DRAWN, NUMBERS, rng(), noise=3.0)
        assert (drawn >= X.min(axis=0)).all()
        assert (drawn <= X.max(axis=0)).all()
        assert np.array_equal(drawn[:, 2], np.round(drawn[:, 2]))


def test_scale_does_not_choose_smotes_neighbours(unequal):
    X, y = unequal
    plain, _ = draw_smote_points(X, y, DRAWN, NUMBERS, rng())
    stretched, _ = draw_smote_points(X * [1e6, 1, 1], y, DRAWN, NUMBERS, rng())
    assert np.allclose(plain * [1e6, 1, 1], stretched)


def test_noise_leaves_levels_and_gaps_of_copies(mixed):
    X, y, is_categorical = mixed
    drawn, _ = draw_copies(X, y, DRAWN, is_categorical, rng(), noise=1.0)
    own, new = (
        {str([row[1], row[3], np.isnan(row[2])]) for row in rows} for rows in (X[y == 1], drawn)
    )
    assert new <= own
    # but for ends of the range
    assert np.isin(drawn[:, 0], X[:, 0]).mean() < 0.2


def test_smote_draws_levels_of_the_class_and_its_gaps(mixed):
    X, y, is_categorical = mixed
    drawn, _ = draw_smote_points(X, y, {1: 500}, is_categorical, rng())
    own = X[y == 1]
    for column in (1, 3):
        assert set(np.unique(drawn[:, column])[:4].astype(str)) <= set(own[:, column].astype(str))
    assert 0 < np.isnan(drawn[:, 2]).mean() < 1
    numbers = drawn[~np.isnan(drawn[:, 2]), 2]
    assert (np.nanmin(own[:, 2]) <= numbers).all()
    assert (numbers <= np.nanmax(own[:, 2])).all()
    # neighbours share their levels
    assert ((drawn[:, 0] > 0) == (drawn[:, 1] == 5)).mean() > 0.8


def test_levels_alone_and_columns_of_gaps_alone_are_drawn_too():
    X = np.array([[0.0, np.nan], [1, np.nan], [1, np.nan], [0, np.nan]])
    y = np.array([0, 1, 1, 1])
    for is_categorical in ([True, True], [True, False], [False, False]):
        for draw in (draw_copies, draw_smote_points):
            drawn, _ = draw(X, y, {1: 5}, is_categorical, rng(), noise=0.5)
            assert np.isnan(drawn[:, 1]).all()
            assert np.isin(drawn[:, 0], [0, 1]).all()


@pytest.mark.parametrize("method", [COPIES_WITH_NOISE, SMOTE_POINTS, SMOTE_WITH_NOISE])
def test_frames_come_back_with_their_columns(method):
    n = 30
    X = pd.DataFrame(
        {
            "size": np.linspace(0, 1, n),
            "town": pd.Categorical(["Ulm", "Bonn", None] * 10),
            "rooms": pd.array([1, 2, None] * 10, dtype="Int64"),
            "sold": pd.date_range("2020-01-01", periods=n),
            "new": [True, False] * 15,
        }
    )
    y = np.repeat([0, 1], [20, 10])
    X_all, y_all = method.augment(X, y, {1: 10}, None, rng())
    assert X_all.dtypes.equals(X.dtypes)
    assert len(X_all) == len(y_all) == 40
    pd.testing.assert_frame_equal(X_all.head(n), X)
    assert X_all["town"].tail(10).isna().any()


@pytest.mark.parametrize("dtype", [np.int64, np.uint8])
def test_copies_of_integers_and_images_keep_their_type(dtype):
    X = np.random.default_rng(0).integers(0, 200, size=(40, 2, 5)).astype(dtype)
    y = np.repeat([0, 1], [30, 10])
    X_all, _ = SMOTE_WITH_NOISE.augment(X, y, {1: 20}, None, rng())
    assert X_all.dtype == dtype
    assert X_all.shape == (60, 2, 5)
