"""GANMixer keeps the shape of the training set; DiscriminatorFeatures add to its columns."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import StandardScaler
from two_gaussians import Log, MarkingGaussianModel, partly_labelled

from ganaug import DiscriminatorFeatures, GANMixer, SmallClassWarning, TableGAN


@pytest.fixture
def mixer():
    """Quick and bad mixer."""
    return GANMixer(gan=TableGAN(n_steps=3), random_state=0)


@pytest.fixture
def features():
    """Features of a hardly trained discriminator."""
    return DiscriminatorFeatures(TableGAN(n_steps=3), random_state=0)


@pytest.mark.parametrize(("fraction", "replaced"), [(0, [0, 0]), (0.25, [10, 5]), (1, [40, 20])])
def test_exactly_the_fraction_of_each_class_is_replaced(mixer, blobs, fraction, replaced):
    X, y = blobs
    before = X.copy()
    mixed = mixer.set_params(fraction=fraction).fit_transform(X, y)
    assert mixed.shape == X.shape
    changed = (mixed != X).any(axis=1)
    assert np.bincount(y[changed], minlength=2).tolist() == replaced
    assert np.array_equal(X, before)


def test_rows_are_replaced_by_rows_of_their_own_class(mixer, blobs):
    X, y = blobs
    mixed = mixer.set_params(fraction=1.0, gan__n_steps=0).fit_transform(X, y)
    assert np.mean((mixed.mean(axis=1) > 5) == y) > 0.9
    assert mixer.gan_.classes_.tolist() == [0, 1]


def test_rows_to_judge_pass_unchanged(mixer, blobs, frame):
    X, y = blobs
    assert np.array_equal(mixer.fit(X, y).transform(X), X)
    X, y = frame
    pd.testing.assert_frame_equal(mixer.fit(X, y).transform(X), X)
    assert mixer.get_feature_names_out().tolist() == X.columns.tolist()


def test_a_frame_keeps_index_columns_and_dtypes(mixer, frame):
    X, y = frame
    X.index = y.index = np.arange(60)[::-1] + 100
    mixed = mixer.fit_transform(X, y)
    assert mixed.index.equals(X.index)
    assert mixed.dtypes.to_dict() == X.dtypes.to_dict()
    assert (mixed != X).any(axis=1).sum() > 15


def test_single_precision_is_kept(mixer, blobs):
    X, y = blobs
    assert mixer.fit_transform(X.astype(np.float32), y).dtype == np.float32


def test_the_same_seed_mixes_alike_and_another_one_otherwise(mixer, blobs):
    first, second = mixer.fit_transform(*blobs), mixer.fit_transform(*blobs)
    assert np.array_equal(first, second)
    assert not np.array_equal(first, mixer.set_params(random_state=1).fit_transform(*blobs))


def test_labels_may_be_strings_and_of_one_kind(mixer, blobs):
    X, y = blobs
    assert mixer.fit_transform(X, np.where(y == 0, "no", "yes")).shape == X.shape
    assert mixer.fit_transform(X, np.full(60, "it")).shape == X.shape


@pytest.mark.parametrize("fraction", [-0.1, 1.1])
def test_a_fraction_that_is_none_is_refused(mixer, blobs, fraction):
    with pytest.raises(ValueError, match="The 'fraction' parameter of GANMixer"):
        mixer.set_params(fraction=fraction).fit_transform(*blobs)


def test_a_mixer_is_the_first_step_of_a_plain_pipeline(mixer, blobs):
    model = make_pipeline(mixer, StandardScaler(), LogisticRegression())
    grid = {"ganmixer__fraction": [0.0, 0.5], "ganmixer__gan__n_steps": [1]}
    assert cross_val_score(model, *blobs, cv=3, error_score="raise").min() > 0.9
    search = GridSearchCV(model, grid, cv=2, error_score="raise").fit(*blobs)
    assert search.best_estimator_[0].gan_.n_steps_ == 1


def test_features_have_names_and_pandas_output(features, blobs):
    X, _ = blobs
    frame = features.set_output(transform="pandas").fit_transform(X)
    assert frame.shape == (60, 64)
    names = [f"discriminatorfeatures{i}" for i in range(64)]
    assert frame.columns.tolist() == features.get_feature_names_out().tolist() == names


def test_features_stand_beside_others(features, blobs):
    X, _ = blobs
    union = FeatureUnion([("plain", StandardScaler()), ("learnt", features)])
    both = union.fit_transform(X)
    assert both.shape == (60, 67)
    assert len(union.get_feature_names_out()) == 67


def test_features_do_not_know_the_labels(features, blobs):
    X, y = blobs
    first, second = features.fit_transform(X, y), features.fit_transform(X, 1 - y[::-1])
    assert np.array_equal(first, second)
    assert np.array_equal(first, features.fit_transform(X))


def test_features_by_class_know_the_labels(features, blobs):
    X, y = blobs
    features.set_params(per_class=True)
    first, second = features.fit_transform(X, y), features.fit_transform(X, y[::-1])
    assert first.shape == (60, 128)
    assert not np.array_equal(first, second)
    assert features.gan_.classes_.tolist() == [0, 1]


def test_features_by_class_leave_out_classes_too_small_for_a_gan(features, blobs):
    X, _ = blobs
    with pytest.warns(SmallClassWarning):
        made = features.set_params(per_class=True).fit_transform(X, np.repeat(["a", "b"], [55, 5]))
    assert made.shape == (60, 64)


def test_features_by_class_need_labels(features, blobs):
    with pytest.raises(ValueError, match="per_class=True requires y"):
        features.set_params(per_class=True).fit(blobs[0])


@pytest.mark.parametrize("per_class", [False, True])
def test_features_of_a_row_do_not_depend_on_the_rows_beside_it(features, blobs, per_class):
    X, y = blobs
    together = features.set_params(per_class=per_class).fit(X, y).transform(X)
    singly = np.concatenate([features.transform(row[None]) for row in X])
    assert np.allclose(together, singly, rtol=0, atol=1e-12)
    assert np.allclose(features.transform(X[::-1])[::-1], together, rtol=0, atol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_features_have_the_precision_of_the_rows(features, blobs, dtype):
    assert features.fit_transform(blobs[0].astype(dtype)).dtype == dtype


def test_features_of_sparse_rows_are_those_of_dense_ones(features, blobs):
    X = blobs[0].round()
    assert np.array_equal(features.fit_transform(sparse.csr_matrix(X)), features.fit_transform(X))


def test_too_few_rows_for_a_discriminator_are_refused(features, blobs):
    with (
        pytest.warns(SmallClassWarning),
        pytest.raises(ValueError, match="n_samples=9: it takes 10 rows"),
    ):
        features.fit(blobs[0][:9])


def test_no_steps_leave_no_features(features, blobs):
    with pytest.raises(ValueError, match="n_steps of 1 or more"):
        features.set_params(gan__n_steps=0).fit(blobs[0])


def test_mixed_columns_with_gaps_keep_their_types(mixer, mixed):
    X, y = mixed
    out = mixer.fit_transform(X, y)
    assert out.dtypes.equals(X.dtypes)
    assert out.index.equals(X.index)
    changed = ~((out == X) | (out.isna() & X.isna())).all(axis=1)
    assert 0 < changed.sum() <= 30
    assert mixer.transform(X).equals(X)


def test_features_of_mixed_columns_are_numbers(features, mixed):
    X, y = mixed
    assert np.isfinite(features.fit_transform(X)).all()
    assert np.isfinite(features.fit_transform(X.rename(columns={"weight": "dtype"}))).all()
    filled = DiscriminatorFeatures(TableGAN(missing="impute", n_steps=3), random_state=0)
    assert np.isfinite(filled.fit_transform(X)).all()
    features.fit(X)
    with pytest.raises(ValueError, match="'colour' holds 'mauve'"):
        features.transform(X.assign(colour="mauve"))
    with pytest.raises(ValueError, match="'rooms' has gaps"):
        features.transform(X.assign(rooms=pd.array([None] * len(X), dtype="Int64")))


def test_a_frozen_model_that_has_seen_labels_is_refused_unless_asked_for(features, blobs, quick):
    frozen = FrozenEstimator(quick.fit(*blobs))
    with pytest.raises(ValueError, match="fitted before, on 2 classes"):
        DiscriminatorFeatures(frozen).fit(blobs[0])
    both = DiscriminatorFeatures(frozen, per_class=True).fit(*blobs)
    assert both.transform(blobs[0]).shape[1] == 2 * features.fit_transform(blobs[0]).shape[1]


@pytest.mark.parametrize("container", [np.asarray, pd.DataFrame])
def test_rows_without_a_class_stay_as_and_where_they_are(container):
    X, _, marked = partly_labelled()
    log = Log()
    mixer = GANMixer(0.5, gan=MarkingGaussianModel(log=log), unlabeled_label=-1, random_state=0)
    rows = container(X)
    if isinstance(rows, pd.DataFrame):
        rows = rows.set_axis(np.arange(len(X)) + 100).rename(columns=str)
    mixed = mixer.fit_transform(rows, marked)
    changed = (np.asarray(mixed) != X).any(axis=1)
    assert not changed[marked < 0].any()
    assert [int(changed[marked == label].sum()) for label in (0, 1)] == [10, 10]
    if isinstance(rows, pd.DataFrame):
        assert mixed.index.equals(rows.index)
    ((seen, labels, mark),) = log
    assert len(seen) == len(X)
    assert mark == -1
    assert (labels == -1).sum() == 100
