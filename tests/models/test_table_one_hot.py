"""TableGAN on tables whose categories are one-hot columns already."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from ganaug import AugmentedClassifier, GANOverSampler, SampleBank, TableGAN, load

# classes of few rows are what is tested
pytestmark = pytest.mark.filterwarnings("ignore::ganaug.SmallClassWarning")

SIZES = {1: 1, 5: 5, 30: 30, 320: 320}


def raw(n_rows, seed=0):
    """Rows of a number, two categories and a flag that go with one another."""
    rng = np.random.default_rng(seed)
    kind = rng.choice(["flat", "hut", "villa"], n_rows)
    size = pd.Series(kind).map({"flat": 60.0, "hut": 20.0, "villa": 200.0}) + rng.normal(
        0, 5, n_rows
    )
    town = rng.choice(["Bonn", "Kiel", "Trier", "Ulm"], n_rows)
    return pd.DataFrame(
        {"size": size, "kind": kind, "town": town, "sold": rng.random(n_rows) < 0.3}
    )


RAW = raw(sum(SIZES.values()))
Y = np.repeat(list(SIZES), list(SIZES.values()))


def sums(X, prefix):
    """Distinct sums of the rows over the columns of a category."""
    return set(X.filter(like=prefix).astype(float).sum(axis=1))


@pytest.fixture(scope="module", params=["bool", "float", "sparse", "Int8", "drop_first"])
def dummies(request):
    """One-hot columns of a dtype, and the sums that rows may have."""
    options = {
        "bool": {},
        "float": {"dtype": float},
        "sparse": {"sparse": True},
        "Int8": {"dtype": "Int8"},
        "drop_first": {"drop_first": True},
    }[request.param]
    return pd.get_dummies(RAW, **options), {0.0, 1.0} if request.param == "drop_first" else {1.0}


def test_every_row_of_every_tier_is_one_hot(dummies):
    X, allowed = dummies
    gan = TableGAN(n_steps=3, random_state=0).fit(X, Y)
    for label in SIZES:
        X_new, _ = gan.sample({label: 200})
        assert X_new.dtypes.equals(X.dtypes)
        assert list(X_new) == list(X)
        for prefix in ("kind_", "town_"):
            assert sums(X_new, prefix) <= allowed
            # neither are all rows of one level
            assert label < 30 or (X_new.filter(like=prefix).nunique() > 1).all()


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_matrix, sparse.csc_array])
@pytest.mark.parametrize("dtype", [np.float32, np.uint8])
def test_arrays_and_sparse_matrices_stay_one_hot(kind, dtype):
    X = kind(pd.get_dummies(RAW).to_numpy(dtype))
    X_new, _ = TableGAN(n_steps=3, random_state=0).fit(X, Y).sample({30: 200, 320: 200})
    assert type(X_new) is type(X)
    assert X_new.dtype == dtype
    X_new = X_new if kind is np.asarray else X_new.toarray()
    assert set(X_new[:, 2:5].sum(axis=1)) == {1}
    assert set(X_new[:, 5:].sum(axis=1)) == {1}


@pytest.mark.parametrize("drop_first", [False, True])
def test_categories_whose_columns_are_mixed_stay_one_hot(drop_first):
    X = pd.get_dummies(RAW, drop_first=drop_first)
    X = X[np.random.default_rng(0).permutation(X.columns)]
    X_new, _ = TableGAN(n_steps=3, random_state=0).fit(X, Y).sample(dict.fromkeys(SIZES, 100))
    assert list(X_new) == list(X)
    for prefix in ("kind_", "town_"):
        assert sums(X_new, prefix) == ({0.0, 1.0} if drop_first else {1.0})


def test_one_hot_columns_are_drawn_as_the_category_is():
    n_rows = 240
    X = raw(n_rows)[["size", "kind"]]
    drawn = TableGAN(n_steps=20, random_state=0).fit(X).sample(300, random_state=0)[0]
    dummies = TableGAN(n_steps=20, random_state=0).fit(pd.get_dummies(X))
    assert dummies.sample(300, random_state=0)[0].equals(pd.get_dummies(drawn))


def test_columns_called_categorical_are_categories_of_their_own():
    X = pd.get_dummies(RAW[["size", "kind"]], dtype=int)
    chosen = ["kind_flat", "kind_hut", "kind_villa"]
    gan = TableGAN(n_steps=0, categorical_features=chosen, random_state=0).fit(X, Y)
    assert sums(gan.sample({320: 300})[0], "kind_") > {1.0}
    bools = X.astype(dict.fromkeys(chosen, bool))
    gan = TableGAN(n_steps=0, categorical_features=chosen, random_state=0).fit(bools, Y)
    assert sums(gan.sample({320: 300})[0], "kind_") > {1.0}


def test_days_are_no_flags():
    first = pd.Timestamp("2020-01-01")
    turn = pd.Series(RAW["sold"])
    days = pd.DataFrame({"a": first + pd.to_timedelta(turn * 1, "D")})
    X = days.assign(b=first + pd.to_timedelta(1 - turn, "D"))
    X_new = TableGAN(n_steps=3, random_state=0).fit(X, Y).sample({320: 50})[0]
    assert X_new.dtypes.equals(X.dtypes)


def test_a_category_that_a_row_lacks_is_a_gap_in_all_its_columns():
    X = pd.get_dummies(RAW[["size", "kind"]], dtype=float)
    X.iloc[::3, 1:] = np.nan
    X_new, _ = TableGAN(n_steps=30, random_state=0).fit(X, Y).sample({320: 600})
    gaps = X_new.filter(like="kind_").isna()
    assert gaps.all(axis=1).equals(gaps.any(axis=1))
    assert 0.2 < gaps.any(axis=1).mean() < 0.5
    assert sums(X_new.dropna(), "kind_") == {1.0}
    filled, _ = TableGAN(n_steps=3, missing="impute", random_state=0).fit(X, Y).sample({320: 100})
    assert sums(filled, "kind_") == {1.0}
    assert not filled.isna().any(axis=None)


def test_saved_models_and_banks_keep_what_belongs_together(dummies, tmp_path):
    X, allowed = dummies
    gan = TableGAN(n_steps=3, random_state=0).fit(X, Y)
    gan.save(tmp_path / "gan.h5")
    loaded = load(tmp_path / "gan.h5")
    drawn = loaded.sample({320: 50}, random_state=1)[0]
    assert drawn.equals(gan.sample({320: 50}, random_state=1)[0])
    bank = SampleBank.in_memory(*gan.sample({320: 20}))
    assert sums(bank.take(np.arange(10)), "kind_") <= allowed


def test_training_rows_come_back_as_they_came(dummies):
    X, _ = dummies
    gan = TableGAN(n_steps=0, random_state=0).fit(X, Y)
    kept = gan.training_samples(30).astype(float).to_numpy()
    real = X[Y == 30].astype(float).to_numpy()
    assert np.array_equal(kept[np.lexsort(kept.T)], real[np.lexsort(real.T)])
    nearest = gan.nearest_training_samples(X[Y == 30], 30)
    assert np.array_equal(nearest.astype(float).to_numpy(), real)


def test_faces_give_one_hot_rows():
    X = pd.get_dummies(RAW.drop(columns="sold"))
    few = Y > 5
    gan = TableGAN(n_steps=3)
    X_new, _ = GANOverSampler(gan, random_state=0).fit_resample(X[few], Y[few])
    assert sums(X_new, "kind_") == sums(X_new, "town_") == {1.0}
    model = AugmentedClassifier(
        LogisticRegression(max_iter=1000), gan=gan, gate=None, random_state=0
    )
    assert model.fit(X[few], Y[few]).predict(X[:3]).shape == (3,)


@pytest.mark.slow
def test_quality_counts_a_category_as_one_column():
    frame = RAW[["size", "kind"]]
    tables = []
    for X in (frame, pd.get_dummies(frame)):
        gan = TableGAN(n_steps=3, random_state=0).fit(X, Y)
        tables.append(gan.evaluate(X[Y > 5], Y[Y > 5]).dropna(axis=1))
    pd.testing.assert_frame_equal(*tables)


def test_rows_with_other_levels_can_be_looked_at():
    X = pd.get_dummies(RAW[["size", "kind"]], dtype=int)
    gan = TableGAN(n_steps=3, random_state=0).fit(X, Y)
    two = X[Y == 320].head(9).assign(kind_hut=1)
    assert np.isfinite(gan.discriminator_features(two, 320)).all()
    assert len(gan.evaluate(two, [320] * 9)) == len(SIZES) + 1


def test_warnings_name_the_first_and_the_last_column_of_a_category(quick):
    X = pd.DataFrame(np.eye(40), columns=[f"id_{i}" for i in range(40)])
    with pytest.warns(UserWarning, match="'id_0' to 'id_39' has as many levels as rows, 40"):
        quick.fit(X.assign(size=np.arange(40.0)))
    with pytest.warns(UserWarning, match="0 to 39 has as many levels as rows, 40"):
        quick.fit(sparse.csr_matrix(X.to_numpy()))


def test_gaps_that_training_rows_had_not_are_named():
    X = pd.get_dummies(RAW[["size", "kind"]], dtype=float)
    gan = TableGAN(n_steps=3, random_state=0).fit(X, Y)
    X.iloc[0, 1] = np.nan
    with pytest.raises(ValueError, match="'kind_flat' to 'kind_villa' has gaps"):
        gan.discriminator_features(X, 320)


@pytest.mark.parametrize("n_rows", [1, 5, 50])
def test_thousands_of_flags_train_in_little_time_and_memory(n_rows):
    rng = np.random.default_rng(0)
    levels = 100 * rng.integers(0, 20, n_rows + 50)
    ones = (np.ones(len(levels)), (np.arange(len(levels)), levels))
    X = sparse.csr_matrix(ones, (len(levels), 5000))
    y = np.repeat([0, 1], [50, n_rows])
    X_new, _ = TableGAN(n_steps=2, random_state=0).fit(X, y).sample({1: 20})
    assert set(np.asarray(X_new.sum(axis=1)).ravel()) == {1}
