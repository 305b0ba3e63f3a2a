"""TableGAN on columns of all types, with gaps."""

import warnings

import numpy as np
import pandas as pd
import pytest

from ganaug import TableGAN
from ganaug.encoding.column_warnings import MIN_MANY


def houses(n, seed=0):
    """Houses whose size follows from their kind, and that have no rent where they are owned."""
    rng = np.random.default_rng(seed)
    kind = rng.choice(["flat", "hut", "villa"], n, p=[0.6, 0.1, 0.3])
    size = pd.Series(kind).map({"flat": 60.0, "hut": 20.0, "villa": 200.0}) + rng.normal(0, 5, n)
    owned = rng.random(n) < 0.4
    rent = pd.Series(10 * size + rng.normal(0, 20, n)).mask(owned)
    return pd.DataFrame({"kind": kind, "size": size, "owned": owned, "rent": rent})


# a class of few rows is what is tested
@pytest.mark.filterwarnings("ignore::ganaug.SmallClassWarning")
@pytest.mark.parametrize("n_rows", [1, 5, 40, 400])
def test_every_size_of_class_gives_rows_of_the_types_and_levels_that_it_has(n_rows):
    X = pd.concat([houses(n_rows), houses(30, seed=1)], ignore_index=True)
    y = np.repeat(["few", "others"], [n_rows, 30])
    gan = TableGAN(n_steps=3, random_state=0).fit(X, y)
    X_new, _ = gan.sample({"few": 300})
    assert X_new.dtypes.equals(X.dtypes)
    assert set(X_new["kind"]) <= {"flat", "hut", "villa"}
    for name in ("size", "rent"):
        assert X_new[name].dropna().between(X[name].min(), X[name].max()).all()
    again = gan.generate(np.full((2, gan.n_latent), 0.3), "few")
    assert again.iloc[0].equals(again.iloc[1])


@pytest.mark.medium
@pytest.mark.parametrize("n_rows", [150, pytest.param(500, marks=pytest.mark.slow)])
def test_what_belongs_together_is_learnt(n_rows):
    X = houses(n_rows)
    gan = TableGAN(random_state=0, n_steps=250).fit(X)
    X_new, _ = gan.sample(2000)
    shares = [frame["kind"].value_counts(normalize=True) for frame in (X, X_new)]
    assert (shares[0] - shares[1]).abs().max() < 0.08
    sizes = X_new.groupby("kind")["size"].median()
    assert sizes["hut"] < 40 < sizes["flat"] < 100 < 150 < sizes["villa"]
    # gaps are where they were, and nowhere else
    unknown = X_new["rent"].isna()
    assert unknown[X_new["owned"]].mean() > 0.85
    assert unknown[~X_new["owned"]].mean() < 0.15


def test_gaps_can_be_filled_instead(mixed):
    X, y = mixed
    X_new, _ = TableGAN(missing="impute", n_steps=3, random_state=0).fit(X, y).sample(200)
    assert not X_new.isna().any(axis=None)
    assert X_new["colour"].isin(["red", "blue"]).all()
    assert X["weight"].isna().any()


@pytest.mark.parametrize("chosen", [["town"], [1], [-1], [False, True], np.array([False, True])])
def test_numbers_may_be_called_categorical(chosen):
    X = pd.DataFrame({"size": np.arange(40.0), "town": np.tile([10, 99], 20)})
    X_new, _ = TableGAN(categorical_features=chosen, n_steps=3, random_state=0).fit(X).sample(300)
    assert set(X_new["town"]) == {10, 99}
    if not isinstance(chosen[0], str):
        gan = TableGAN(categorical_features=chosen, n_steps=3, random_state=0)
        rows, _ = gan.fit(X.to_numpy()).sample(300)
        assert set(rows[:, 1]) == {10.0, 99.0}
        assert rows.dtype == float


@pytest.mark.parametrize("chosen", [["city"], [2], [-3], [1.5], [True]])
def test_categorical_features_that_are_not_there_are_named(chosen):
    X = pd.DataFrame({"size": np.arange(40.0), "town": np.tile([10, 99], 20)})
    with pytest.raises(ValueError, match="categorical_features names .*, which X does not have"):
        TableGAN(categorical_features=chosen).fit(X)


def test_strings_in_arrays_are_levels():
    X = np.array([["red", 1.5], ["blue", 2.5]] * 20, dtype=object)
    X_new, _ = TableGAN(n_steps=3, random_state=0).fit(X).sample(100)
    assert X_new.dtype == object
    assert set(X_new[:, 0]) == {"red", "blue"}
    assert all(1.5 <= value <= 2.5 for value in X_new[:, 1])
    words = TableGAN(n_steps=3, random_state=0).fit(X[:, :1].astype(str)).sample(100)[0]
    assert words.dtype.kind == "U"
    assert set(words[:, 0]) == {"red", "blue"}


def test_gaps_in_arrays_are_generated():
    X = np.random.default_rng(0).normal(size=(200, 2))
    X[:50, 0] = np.nan
    X_new, _ = TableGAN(n_steps=50, random_state=0).fit(X).sample(2000)
    assert abs(np.isnan(X_new[:, 0]).mean() - 0.25) < 0.1
    assert not np.isnan(X_new[:, 1]).any()


def test_a_column_of_nothing_but_gaps_stays_one(quick):
    X = pd.DataFrame({"a": np.arange(30.0), "b": np.nan, "c": pd.NaT, "d": None})
    with pytest.warns(UserWarning, match="3 columns, 'b', 'c', 'd', have no value"):
        X_new, _ = quick.fit(X).sample(20)
    assert X_new.isna().all().tolist() == [False, True, True, True]
    assert X_new.dtypes.equals(X.dtypes)


def test_numbers_of_rows_are_warned_of_in_any_order(quick):
    spread = np.random.default_rng(0).permutation(40)
    X = pd.DataFrame({"a": range(100, 140), "size": 3 * spread, "b": spread, "c": spread // 2})
    with pytest.warns(UserWarning, match="2 columns, 'a', 'b', have another whole num") as caught:
        quick.fit(X)
    assert len(caught) == 1
    # with a gap, and in arrays, numbers are measured more often than not
    gap = X.index == 7
    quick.fit(X.convert_dtypes().assign(a=X["a"].astype("Int64").mask(gap), b=1.0 * spread))
    quick.fit(X.to_numpy())


def test_identifiers_are_warned_of_by_name(quick):
    X = pd.DataFrame({"size": np.arange(30.0), "name": [f"house {i}" for i in range(30)]})
    with pytest.warns(UserWarning, match="'name' has as many levels as rows, 30"):
        quick.fit(X)


@pytest.mark.parametrize("n_levels", [55, 45])
def test_texts_that_may_be_dates_are_warned_of_by_name(quick, n_levels):
    days = pd.Series(np.arange(90) % n_levels).map("2020-{:02}".format)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        quick.fit(pd.DataFrame({"size": np.random.default_rng(0).normal(size=90), "day": days}))
    told = [str(one.message) for one in caught if "'day' has more than half as many" in str(one)]
    assert len(told) == (n_levels > MIN_MANY)
    assert all("pandas.to_datetime" in text for text in told)


def test_a_column_of_one_level_is_warned_of_by_name(quick):
    X = pd.DataFrame({"size": np.arange(30.0), "land": "Peru"})
    with pytest.warns(UserWarning, match="'land' has one level only"):
        quick.fit(X)


def test_many_columns_are_warned_of_at_once(quick):
    X = pd.DataFrame({f"land {number}": ["Peru"] * 30 for number in range(8)})
    named = "8 columns, 'land 0', .* and 3 others, have one level"
    with pytest.warns(UserWarning, match=named) as told:
        quick.fit(X)
    assert len(told) == 1
    rents = pd.DataFrame({f"rent {n}": [np.nan] * 15 + [3.0] * 15 for n in range(3)})
    with pytest.warns(UserWarning, match=r"3 columns, 'rent 0', .*, have nothing but gaps") as told:
        quick.fit(rents, np.repeat(["sold", "let"], 15))
    assert len(told) == 1


def test_a_column_without_values_in_a_class_is_warned_of_by_name(quick):
    X = pd.DataFrame({"size": np.arange(30.0), "rent": [np.nan] * 10 + [3.0] * 20})
    with pytest.warns(UserWarning, match=r"'rent' has nothing but gaps in \['sold'\]"):
        quick.fit(X, np.repeat(["sold", "let"], [10, 20]))


def test_a_column_of_thousands_of_levels_is_bounded(quick):
    X = pd.DataFrame({"a": np.arange(2400.0), "b": [f"{i % 2000}" for i in range(2400)]})
    with pytest.warns(UserWarning, match="'b' has more than half as many levels as rows"):
        gan = quick.fit(X)
    X_new, _ = gan.sample(3000)
    assert X_new["b"].isin(X["b"]).all()
    assert X_new["b"].nunique() > 500
    weights = gan.generators_[0].perceptron.last.weight
    assert weights.shape[-1] < 60


@pytest.mark.parametrize("n_rows", [250, 2500])
def test_rare_levels_are_drawn_as_often_as_one_another(n_rows):
    # a tenth of the rows have one of a hundred rare levels, all equally rare
    rng = np.random.default_rng(0)
    level = np.where(rng.random(n_rows) < 0.5, 100 + rng.integers(100, size=n_rows), 0)
    level[:49] = np.arange(49)
    X = pd.DataFrame({"level": level.astype(str), "a": rng.normal(size=n_rows)})
    X_new, _ = TableGAN(n_steps=5, random_state=0).fit(X).sample(4000)
    halves = [
        np.bincount(frame["level"].astype(int).loc[lambda own: own >= 100] >= 150, minlength=2)
        for frame in (X, X_new)
    ]
    shares = [counts[0] / counts.sum() for counts in halves]
    assert abs(shares[0] - shares[1]) < 0.15


def test_names_and_numbers_of_categorical_features_may_be_mixed():
    X = pd.DataFrame({"a": [1, 2] * 20, "b": [3, 4] * 20, "c": np.arange(40.0)})
    gan = TableGAN(categorical_features=["a", 1], n_steps=3, random_state=0).fit(X)
    assert [weights.shape for weights in gan.generators_[0].anchors.buffers()][0][-1] == 5


def test_the_choice_of_types_does_not_depend_on_the_classes_asked_for(mixed):
    X, y = mixed
    gan = TableGAN(n_steps=5, random_state=0)
    one, _ = gan.fit(X, y, labels=[1]).sample({1: 5}, random_state=0)
    both, _ = gan.fit(X, y).sample({1: 5}, random_state=0)
    pd.testing.assert_frame_equal(one, both)


def test_quality_is_judged_beside_rows_of_categories_and_gaps_that_fit_has_not_seen():
    X = pd.DataFrame({"town": ["a", "b"] * 20, "size": np.arange(40.0), "code": ["x"] * 40})
    y = np.repeat(["few", "many"], [10, 30])
    gan = TableGAN(n_steps=0, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gan.fit(X, y)
    held = pd.DataFrame({"town": ["a", "new", None, "b"] * 5, "size": [1.5, 2.5, None, 4.5] * 5})
    held = held.assign(code="new").set_axis(list("abcdefghijklmnopqrst"))
    labels = np.repeat(["few", "many"], 10)
    before = held.copy()
    quality = gan.evaluate(held, labels)
    assert quality.loc["all", "column_distance"] > 0
    assert held.equals(before)


@pytest.mark.parametrize("y", [np.repeat(["a", "b"], 20), np.repeat([3, 7], 20)])
def test_classes_among_the_columns_are_told_of(y):
    X = pd.DataFrame({"size": np.arange(40.0) % 7, "kind": y})
    model = TableGAN(n_steps=1, random_state=0)
    for rows, name in (
        (X, "'kind'"),
        (X.to_numpy(), "1"),
        (X.astype({"kind": "category"}), "'kind'"),
    ):
        with pytest.warns(UserWarning, match=f"column {name} has the class of each row"):
            model.fit(rows, y)
    X.loc[0, "kind"] = y[-1]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.fit(X, y)


@pytest.mark.parametrize("dtype", ["string", "boolean"])
def test_gaps_of_nullable_columns_are_no_classes(dtype):
    values = np.tile(["a", "b"], 20) if dtype == "string" else np.tile([True, False], 20)
    column = pd.Series(values, dtype=dtype)
    column[3] = pd.NA
    X = pd.DataFrame({"size": np.arange(40.0) % 7, "kind": column})
    assert len(TableGAN(n_steps=1, random_state=0).fit(X, values).sample(5)[0]) == 5
