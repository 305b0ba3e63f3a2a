"""TableGAN: the types that it takes and gives back, and the input that it refuses."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from ganaug import SmallClassWarning, TableGAN, load

LABELS = np.repeat([0, 1], 15)


@pytest.fixture
def whole():
    """Thirty rows of whole numbers up to 200, many of them 0; the last column is constant."""
    rng = np.random.default_rng(0)
    X = rng.integers(0, 201, size=(30, 4)) * rng.integers(0, 2, size=(30, 4))
    X[:, 3] = 7
    return X


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64, np.uint8, np.int16, bool])
def test_rows_come_back_in_their_dtype_and_range(quick, whole, dtype):
    X = whole.astype(dtype)
    X_new, _ = quick.fit(X, LABELS).sample(500)
    assert X_new.dtype == dtype
    assert (X_new >= X.min(axis=0)).all()
    assert (X_new <= X.max(axis=0)).all()
    assert np.array_equal(X_new, np.round(X_new))
    assert len(np.unique(X_new, axis=0)) > 5
    assert (X_new[:, 3] == X[0, 3]).all()


@pytest.mark.parametrize("kind", [sparse.csr_matrix, sparse.csc_matrix, sparse.csr_array])
def test_sparse_rows_come_back_sparse_and_are_those_of_dense_ones(quick, whole, kind):
    dense, _ = quick.fit(whole, LABELS).sample(20)
    thin, _ = quick.fit(kind(whole), LABELS).sample(20)
    assert type(thin) is kind
    assert np.array_equal(thin.toarray(), dense)


def test_a_frame_comes_back_as_one(quick, frame):
    X, y = frame
    gan = quick.fit(X, y)
    X_new, y_new = gan.sample({1: 4, 0: 4})
    assert X_new.dtypes.to_dict() == X.dtypes.to_dict()
    assert X_new.columns.tolist() == X.columns.tolist() == gan.feature_names_in_.tolist()
    assert isinstance(y_new, np.ndarray)
    assert gan.generate(np.zeros((1, 64)), 0).dtypes.to_dict() == X.dtypes.to_dict()


def test_nullable_columns_without_gaps_come_back_nullable(quick, frame):
    X, y = frame
    X = X.convert_dtypes()
    assert quick.fit(X, y).sample(5)[0].dtypes.to_dict() == X.dtypes.to_dict()


@pytest.mark.parametrize("labels", [["b", "a"], [10, -3], [True, False], [1.0, 0.0]], ids=str)
def test_labels_come_back_as_they_were(quick, whole, labels):
    y = np.array(labels)[LABELS]
    gan = quick.fit(whole, y)
    assert gan.classes_.tolist() == sorted(labels)
    assert gan.sample({labels[0]: 1, labels[1]: 2})[1].tolist() == [labels[0], labels[1], labels[1]]


@pytest.mark.parametrize(
    "y",
    [
        pd.Series([1, 2] * 15, dtype="Int64"),
        pd.Series([True, False] * 15, dtype="boolean"),
        pd.Series([1, 2] * 15, dtype="uint8[pyarrow]"),
        np.array([np.str_("a"), np.str_("b")] * 15, dtype=object),
    ],
    ids=lambda y: str(y.dtype),
)
def test_labels_of_other_types_come_back_in_those_of_numpy_and_python(quick, whole, y, tmp_path):
    gan = quick.fit(whole, y)
    gan.save(tmp_path / "gan.h5")
    labels = load(tmp_path / "gan.h5").classes_.tolist()
    assert labels == sorted({*y.tolist()})
    assert {*map(type, labels)} <= {int, bool, str}


def test_labels_that_numpy_would_cut_are_refused(quick, whole):
    with pytest.raises(ValueError, match=r"label 'a\\x00' ends in a null character"):
        quick.fit(whole, np.array(["a\0", "b"] * 15, dtype=object))


@pytest.mark.parametrize("y", [None, np.zeros(30, dtype=int)], ids=["none", "one"])
def test_one_class_is_enough(quick, whole, y):
    gan = quick.fit(whole, y)
    assert gan.sample(4)[1].tolist() == [0, 0, 0, 0]


def test_a_single_row_is_enough():
    gan = TableGAN(n_steps=3, random_state=0)
    with pytest.warns(SmallClassWarning, match="class 'it' has .*smoothed copies"):
        gan.fit([[1.5, 2.0]], ["it"])
    assert gan.sample(3)[0].tolist() == [[1.5, 2.0]] * 3


def test_rows_that_are_all_alike_stay_alike(quick):
    X_new, _ = quick.fit(np.full((20, 2), 0.1), LABELS[5:25]).sample(10)
    assert (X_new == 0.1).all()


@pytest.mark.parametrize("scale", [1e-300, 1e-30, 1e30, 1e300])
def test_the_scale_of_a_column_does_not_matter(quick, blobs, scale):
    X, y = blobs
    plain, _ = quick.fit(X, y).sample(50)
    scaled, _ = quick.fit(X * scale, y).sample(50)
    assert np.allclose(scaled / scale, plain, atol=1e-6)


@pytest.mark.parametrize(
    "column",
    [
        np.linspace(0, 1, 30).astype(np.longdouble),
        pd.Categorical([b"a", b"b", b"c"] * 10),
        pd.arrays.SparseArray(pd.date_range("2020-01-01", periods=30).to_numpy()),
    ],
    ids=["long double", "bytes", "sparse dates"],
)
def test_what_no_file_can_hold_is_told_of_before_training(quick, column):
    X = pd.DataFrame({"odd": column, "size": np.linspace(2, 3, 30)})
    with pytest.warns(UserWarning, match="cannot be kept in a file: column 'odd'"):
        quick.fit(X)
    assert quick.sample(3)[0].dtypes.equals(X.dtypes)


@pytest.mark.parametrize("dtype", ["M8[D]", "M8[ns]", "m8[s]"])
def test_arrays_of_dates_and_durations_stay_such(quick, dtype):
    X = np.random.default_rng(0).integers(0, 1000, (30, 2)).astype(dtype)
    drawn = quick.fit(X).sample(50)[0]
    assert drawn.dtype == X.dtype
    assert (X.min(axis=0) <= drawn.min(axis=0)).all()
    assert (drawn.max(axis=0) <= X.max(axis=0)).all()


def with_value(value):
    """Rows of floats of which one is ``value``."""
    X = np.random.default_rng(0).normal(size=(30, 4))
    X[3, 2] = value
    return X


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        (with_value(np.inf), LABELS, "infinity"),
        (pd.DataFrame(with_value(np.inf), columns=list("abcd")), LABELS, "'c' holds infinity"),
        (np.zeros(30), LABELS, "Expected 2D array"),
        (with_value(0), [None, "x"] * 15, "y holds None or NaN in 15 of 30 rows"),
        (with_value(0), pd.Series(["x", pd.NA] * 15), "y holds None or NaN in 15 of 30 rows"),
        (np.zeros((30, 2, 2)), LABELS, "dim 3"),
        (np.zeros((0, 4)), [], "minimum of 1 is required"),
        (np.zeros((30, 0)), LABELS, "minimum of 1 is required"),
        (np.zeros((30, 2), dtype=complex), LABELS, "Complex data not supported"),
        (pd.DataFrame({"wave": np.full(30, 1j)}), LABELS, "'wave' is of the type complex128"),
        (pd.DataFrame({"mixed": ["red", 1] * 15}), LABELS, "'mixed' holds objects .*'mixed-int"),
        (pd.DataFrame({"lists": [[1]] * 30}), LABELS, "'lists' holds objects"),
        (
            pd.DataFrame(np.zeros((30, 2)), columns=["a", "a"]),
            LABELS,
            r"several columns named \['a'\]",
        ),
        (pd.DataFrame({"a": []}), [], "0 sample.* minimum of 1 is required"),
        (pd.DataFrame(index=range(30)), LABELS, "0 feature.* minimum of 1 is required"),
        (with_value(0), LABELS[:-1], "inconsistent numbers of samples"),
        (with_value(0), np.linspace(0, 1, 30), "Unknown label type"),
        (with_value(0), np.full(30, np.nan), "NaN"),
        (with_value(0), np.eye(30), "y should be a 1d array"),
    ],
)
def test_bad_rows_and_labels_are_refused_by_name(quick, X, y, message):
    with pytest.raises(ValueError, match=message):
        quick.fit(X, y)


def test_labels_to_train_that_are_not_there_are_named(quick, whole):
    with pytest.raises(ValueError, match=r"y holds, \[0, 1\]; got \[0, 7\]"):
        quick.fit(whole, LABELS, labels=[0, 7])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n_steps", -1),
        ("n_steps", 2.5),
        ("n_latent", 4),
        ("batch_size", 0),
        ("learning_rate", 0.0),
        ("gamma", -1.0),
        ("device", 3),
        ("random_state", "dice"),
        ("verbose", -1),
    ],
)
def test_bad_options_are_named(quick, whole, name, value):
    with pytest.raises(ValueError, match=f"The '{name}' parameter of TableGAN must be"):
        quick.set_params(**{name: value}).fit(whole, LABELS)


def test_an_unknown_device_is_named(quick, whole):
    with pytest.raises(ValueError, match="'abacus' is unknown to torch"):
        quick.set_params(device="abacus").fit(whole, LABELS)


@pytest.mark.parametrize("verbose", [0, 1])
def test_progress_is_shown_on_stderr_when_asked_for(quick, whole, capsys, verbose):
    quick.set_params(verbose=verbose).fit(whole, LABELS)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert ("TableGAN: 3/3 steps" in shown.err) == bool(verbose)
    assert verbose or shown.err == ""


def test_discriminator_features_of_a_row_do_not_depend_on_the_rows_beside_it(quick, whole):
    gan = quick.fit(whole, LABELS)
    features = gan.discriminator_features(whole, 0)
    singly = np.concatenate([gan.discriminator_features(row[None], 0) for row in whole])
    assert np.allclose(features, singly, rtol=0, atol=1e-12)
    assert len(np.unique(features, axis=0)) > 5


def test_discriminator_features_of_a_class_without_discriminator_are_refused(quick, whole):
    with pytest.warns(SmallClassWarning):
        gan = quick.fit(whole, np.repeat([0, 1], [25, 5]))
    with pytest.raises(ValueError, match="class 1 has 5 samples.*local Gaussian"):
        gan.discriminator_features(whole, 1)


@pytest.mark.parametrize("n", [2.5, True, None, {0: 2.5}, {0: True}])
def test_rows_are_counted_in_whole_numbers(quick, whole, n):
    with pytest.raises(ValueError, match="whole"):
        quick.fit(whole, LABELS).sample(n)


def test_the_largest_doubles_come_back_finite_and_in_range(quick):
    X = np.linspace(-1.7, 1.7, 30)[:, None] * 1e308
    drawn, _ = quick.fit(X).sample(500)
    assert np.isfinite(drawn).all()
    assert np.abs(drawn).max() <= 1.7e308


def test_dates_are_no_labels(quick, whole):
    dates = np.array(["2020-01-01", "2021-01-01"], dtype="datetime64[ns]")[LABELS]
    with pytest.raises(ValueError, match="dates"):
        quick.fit(whole, dates)
