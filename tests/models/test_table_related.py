"""TableGAN on columns that determine one another, and on classes that hardly vary."""

import numpy as np
import pandas as pd
import pytest

from ganaug import TableGAN

# classes of few rows are what is tested
pytestmark = pytest.mark.filterwarnings("ignore::ganaug.SmallClassWarning")

# A class of each tier, by its number of rows.
SIZES = {1: 1, 2: 2, 5: 5, 30: 30, 320: 320}
Y = np.repeat(list(SIZES), list(SIZES.values()))


def rows_around_their_class(rng):
    """Rows (n, 3) whose classes lie apart."""
    return rng.normal(size=(len(Y), 3)) + np.log(Y)[:, None]


@pytest.fixture(scope="module")
def related():
    """Columns of which all but two follow from another one, or from two."""
    x, z, _ = rows_around_their_class(np.random.default_rng(0)).T
    columns = {
        "x": x,
        "copy": x,
        "negative": -x,
        "double": 2 * x + 1,
        "square": x**2,
        "sign": np.sign(x).astype(int),
        "bin": np.digitize(x, [-1, 0, 1, 3]),
        "level": pd.Categorical(np.where(x > 1, "more", "less")),
        "above": x > 1,
        "z": z,
        "total": x + z,
        "constant": 1.0,
    }
    return pd.DataFrame(columns)


@pytest.mark.parametrize("n_steps", [0, 3])
@pytest.mark.parametrize("kind", ["frame", "array"])
def test_columns_that_follow_from_others_are_no_obstacle(related, kind, n_steps):
    X = related if kind == "frame" else related.drop(columns="level").to_numpy(float)
    gan = TableGAN(n_steps=n_steps, random_state=0).fit(X, Y)
    X_new = pd.DataFrame(gan.sample(dict.fromkeys(SIZES, 100))[0])
    X = pd.DataFrame(X)
    assert X_new.dtypes.equals(X.dtypes)
    assert not X_new.isna().any(axis=None)
    numbers = X.columns[X.dtypes != "category"]
    assert (X_new[numbers] >= X[numbers].min()).all(axis=None)
    assert (X_new[numbers] <= X[numbers].max()).all(axis=None)


@pytest.mark.parametrize("size", [2, 5, 9, 20, 60])
def test_totals_are_sums_in_small_classes_too(size):
    rng = np.random.default_rng(1)
    parts = [rng.integers(0, 1000, 500 + size) / 4, rng.integers(0, 200, 500 + size) * 7.0]
    X = pd.DataFrame({"first": parts[0], "second": parts[1], "total": sum(parts)})
    gan = TableGAN(n_steps=0, random_state=0).fit(X, np.repeat([0, 1], [500, size]), labels=[1])
    X_new, _ = gan.sample({1: 4000}, random_state=0)
    assert (X_new["total"] == X_new["first"] + X_new["second"]).all()
    assert X_new["total"].max() <= X["total"].max()
    assert (X_new["second"] % 7 == 0).all()


def test_totals_break_neither_orders_nor_the_range_of_their_class():
    rng = np.random.default_rng(0)
    low = rng.integers(0, 50, 800)
    X = np.column_stack([low, low + rng.integers(0, 30, 800), rng.integers(0, 60, 800)])
    X = np.column_stack([X, X.sum(axis=1)])
    X = X[X[:, 3] <= 130]
    rows, labels = TableGAN(n_steps=0, random_state=0).fit(X, X[:, 3] >= 70).sample(4000)
    assert (rows[:, 0] <= rows[:, 1]).all()
    assert (rows[:, 3] == rows[:, :3].sum(axis=1)).all()
    assert ((rows[:, 3] >= 70) == labels).mean() > 0.999
    assert rows[:, 3].max() <= 130


def test_totals_of_large_numbers_in_a_narrow_range_are_sums():
    rng = np.random.default_rng(0)
    start = 1.7e9 + rng.integers(0, 80_000, 800)
    length = np.minimum(rng.integers(0, 9000, 800), 1.7e9 + 86_400 - start)
    X = np.column_stack([start, length, start + length])
    rows, _ = TableGAN(n_steps=0, random_state=0).fit(X).sample(4000)
    assert np.abs(rows[:, 2] - rows[:, 0] - rows[:, 1]).max() < 1e-3


@pytest.mark.parametrize("value", [3.25, -2.75])
def test_what_two_rows_of_a_class_have_in_common_is_kept_where_others_hardly_have_it(value):
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.integers(0, 200, 502) * 7.0, rng.normal(size=502)])
    X[-2:, 1] = value
    gan = TableGAN(n_steps=0, random_state=0).fit(X, np.repeat([0, 1], [500, 2]), labels=[1])
    assert set(gan.sample({1: 1000})[0][:, 1]) == {value}


def test_quality_of_columns_that_follow_from_others_is_told(related):
    gan = TableGAN(n_steps=3, random_state=0).fit(related, Y)
    quality = gan.evaluate(related, Y)
    assert np.isfinite(quality.loc["all", ["column_distance", "detection_auc"]]).all()


@pytest.mark.parametrize("n_columns", [1, 4])
def test_a_class_of_equal_rows_gives_that_row_at_every_size(n_columns):
    rows = np.random.default_rng(0).normal(size=(len(SIZES), n_columns))
    others = np.random.default_rng(1).normal(size=(40, n_columns))
    X = np.concatenate([np.repeat(rows, list(SIZES.values()), axis=0), others])
    gan = TableGAN(n_steps=3, random_state=0).fit(X, np.append(Y, np.zeros(40, dtype=int)))
    for row, label in zip(rows, SIZES, strict=True):
        if label < 5:
            continue  # two rows may be alike by chance
        assert np.unique(gan.sample({label: 100})[0], axis=0).tolist() == [row.tolist()]


@pytest.mark.parametrize("n_steps", [0, 3])
def test_rows_on_a_line_are_no_obstacle(n_steps):
    along = rows_around_their_class(np.random.default_rng(0))[:, :1]
    X = along @ np.random.default_rng(1).normal(size=(1, 6))
    X_new, _ = TableGAN(n_steps=n_steps, random_state=0).fit(X, Y).sample(dict.fromkeys(SIZES, 100))
    assert np.isfinite(X_new).all()


@pytest.mark.parametrize("n_levels", [1, 2])
@pytest.mark.parametrize("n_steps", [0, 3])
def test_ties_everywhere_stay_ties(n_levels, n_steps):
    levels = np.array([3.25, 7.5])[:n_levels]
    X = np.random.default_rng(0).choice(levels, (len(Y), 4))
    X = np.column_stack([X, X[:, 0]])
    X_new, _ = TableGAN(n_steps=n_steps, random_state=0).fit(X, Y).sample(dict.fromkeys(SIZES, 100))
    assert np.unique(X_new).tolist() == levels.tolist()


@pytest.mark.parametrize("n_columns", [500, pytest.param(5000, marks=pytest.mark.slow)])
def test_far_more_columns_than_rows_take_little_memory(told_within_bounds, n_columns):
    sizes = {"one": 1, "few": 5, "some": 44}
    y = np.repeat(list(sizes), list(sizes.values()))
    X = np.random.default_rng(0).normal(size=(50, n_columns)).astype(np.float32)
    X[:, : n_columns // 2] = X[:, n_columns // 2 :]

    def fit_and_sample():
        gan = TableGAN(n_steps=2, random_state=0).fit(X, y)
        X_new, _ = gan.sample(dict.fromkeys(sizes, 200))
        assert X_new.shape == (600, n_columns)
        assert np.isfinite(X_new).all()

    assert told_within_bounds(fit_and_sample, mebibytes=200, seconds=30) == "done"
