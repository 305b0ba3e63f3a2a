"""GANOverSampler: real rows first and unchanged, then exactly what the strategy asks for."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from imblearn.pipeline import Pipeline, make_pipeline
from PIL import Image
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.preprocessing import StandardScaler
from two_gaussians import GaussianModel, Log, MarkingGaussianModel, partly_labelled

from ganaug import AugmentedClassifier, GANOverSampler, ImageGAN, TableGAN, multiply


@pytest.fixture
def sampler():
    """Quick and bad over-sampler."""
    return GANOverSampler(TableGAN(n_steps=3), random_state=0)


def test_real_rows_come_first_and_unchanged(sampler, blobs):
    X, y = blobs
    X_new, y_new = sampler.fit_resample(X, y)
    assert np.array_equal(X_new[:60], X)
    assert np.array_equal(y_new[:60], y)
    assert np.array_equal(sampler.synthetic_mask_, np.arange(80) >= 60)
    assert not np.isin(X_new[60:], X).all()


@pytest.mark.parametrize(
    ("strategy", "total"),
    [
        ("auto", {0: 40, 1: 40}),
        ({1: 33}, {0: 40, 1: 33}),
        ({0: 41, 1: 22}, {0: 41, 1: 22}),
        (0.75, {0: 40, 1: 30}),
        (multiply(1.5), {0: 60, 1: 30}),
        (lambda y: {0: 50}, {0: 50, 1: 20}),
    ],
    ids=lambda value: "callable" if callable(value) else str(value),
)
def test_counts_are_exactly_those_asked_for_and_no_other_class_is_trained(
    sampler, blobs, strategy, total
):
    y_new = sampler.set_params(sampling_strategy=strategy).fit_resample(*blobs)[1]
    assert Counter(y_new.tolist()) == total
    added = {label: n_rows - {0: 40, 1: 20}[label] for label, n_rows in total.items()}
    assert sampler.gan_.classes_.tolist() == [label for label in added if added[label]]
    assert y_new[60:].tolist() == sorted(y_new[60:].tolist())


def test_a_frame_keeps_dtypes_columns_and_the_name_of_the_target(sampler, frame):
    X, y = frame
    X_new, y_new = sampler.fit_resample(X, y)
    assert X_new.dtypes.to_dict() == X.dtypes.to_dict()
    assert y_new.name == "kind"
    pd.testing.assert_frame_equal(X_new.iloc[:60], X)
    assert sampler.feature_names_in_.tolist() == X.columns.tolist()


@pytest.mark.parametrize("kind", [sparse.csr_matrix, sparse.csc_matrix])
def test_sparse_rows_stay_sparse(sampler, blobs, kind):
    X, y = blobs
    X = np.where(X < 0, 0, X)
    dense, _ = sampler.fit_resample(X, y)
    thin, _ = sampler.fit_resample(kind(X), y)
    assert thin.format == kind(X).format
    assert np.array_equal(thin.toarray(), dense)


@pytest.mark.parametrize("dtype", [np.float32, np.int64, np.uint8])
def test_dtypes_are_kept(sampler, blobs, dtype):
    X, y = blobs
    assert sampler.fit_resample(np.abs(X).astype(dtype), y)[0].dtype == dtype


def test_labels_may_be_strings(sampler, blobs):
    X, y = blobs
    y_new = sampler.fit_resample(X, np.where(y == 0, "no", "yes"))[1]
    assert Counter(y_new.tolist()) == {"no": 40, "yes": 40}


def test_the_same_seed_gives_the_same_rows_and_another_one_others(sampler, blobs):
    first, second = sampler.fit_resample(*blobs)[0], sampler.fit_resample(*blobs)[0]
    assert np.array_equal(first, second)
    other = sampler.set_params(random_state=1).fit_resample(*blobs)[0]
    assert not np.array_equal(first[60:], other[60:])


def test_balanced_data_stay_as_they_are_with_a_warning_that_names_the_remedy(sampler, blobs):
    X, y = blobs[0], np.repeat([0, 1], 30)
    with pytest.warns(UserWarning, match=r"adds no rows.*multiply\(2\.0\)"):
        X_new, y_new = sampler.fit_resample(X, y)
    assert np.array_equal(X_new, X)
    assert np.array_equal(y_new, y)
    assert not sampler.synthetic_mask_.any()


def test_one_class_is_refused(sampler, blobs):
    with pytest.raises(ValueError, match="more than 1 class"):
        sampler.fit_resample(blobs[0], np.zeros(60))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sampling_strategy": {7: 100}}, "names 7, no classes of y"),
        ({"sampling_strategy": {0: 1}}, "number of samples"),
        ({"sampling_strategy": "most"}, "sampling_strategy"),
        ({"random_state": "dice"}, "'random_state' parameter of GANOverSampler"),
    ],
)
def test_bad_options_are_refused(sampler, blobs, change, message):
    with pytest.raises(ValueError, match=message):
        sampler.set_params(**change).fit_resample(*blobs)


def test_mixed_columns_with_gaps_come_back_as_they_were(sampler, mixed):
    X, y = mixed
    X_new, y_new = sampler.fit_resample(X, y)
    assert X_new.dtypes.equals(X.dtypes)
    assert X_new.iloc[: len(X)].equals(X.reset_index(drop=True))
    assert len(X_new) == len(y_new) == 80
    assert set(X_new["colour"].dropna()) == set(X["colour"].dropna())


def test_the_fitted_model_draws_further_rows(sampler, blobs):
    X, y = sampler.fit(*blobs).gan_.sample({1: 7})
    assert X.shape == (7, 3)
    assert y.tolist() == [1] * 7


def test_it_acts_in_fit_only_within_a_pipeline(sampler, blobs):
    X, y = blobs
    model = make_pipeline(StandardScaler(), sampler, LogisticRegression()).fit(X, y)
    assert model.predict(X).shape == (60,)
    assert not hasattr(sampler, "transform")
    assert not hasattr(sampler, "fit_transform")
    assert cross_val_score(model, X, y, cv=3, error_score="raise").min() > 0.9


def test_a_grid_reaches_the_options_of_the_model(sampler, blobs, tmp_path):
    steps = [("sampler", sampler), ("model", LogisticRegression())]
    grid = GridSearchCV(
        Pipeline(steps, memory=str(tmp_path)),
        {"sampler__gan__n_steps": [1, 2], "model__C": [0.1, 1.0]},
        cv=2,
        error_score="raise",
    ).fit(*blobs)
    assert len(grid.cv_results_["params"]) == 4
    steps_done = grid.best_estimator_["sampler"].gan_.n_steps_
    assert steps_done == grid.best_params_["sampler__gan__n_steps"]
    # two lengths of training on two folds and the whole: joblib keeps each but the unneeded ones
    assert 0 < len(list(tmp_path.rglob("output.pkl"))) <= 5


def test_global_random_states_are_left_alone(sampler, blobs):
    before = np.random.get_state()[1].copy()  # noqa: NPY002 - it is looked at, not used
    sampler.fit_resample(*blobs)
    assert np.array_equal(np.random.get_state()[1], before)  # noqa: NPY002


@pytest.mark.parametrize(
    ("make", "y"),
    [
        (lambda quick: quick.fit, np.repeat([0, 1], [55, 5])),
        (lambda quick: GANOverSampler(quick).fit_resample, np.repeat([0, 1], 30)),
        (lambda quick: AugmentedClassifier(gan=quick).fit, np.repeat([0, 1], 30)),
    ],
    ids=["small class", "balanced sampler", "balanced classifier"],
)
def test_warnings_point_to_the_users_line(quick, blobs, make, y):
    with pytest.warns(UserWarning, match="fewer than|adds no rows") as caught:
        make(quick)(blobs[0], y)
    assert caught[0].filename == __file__


@pytest.mark.parametrize("mark", [-1, "none"])
@pytest.mark.parametrize("container", [np.asarray, pd.DataFrame, np.ndarray.tolist])
def test_rows_without_a_class_teach_the_model_and_are_left_out(container, mark):
    X, _, marked = partly_labelled()
    y = marked if mark == -1 else np.where(marked < 0, mark, marked.astype(str))
    labelled = marked >= 0
    log = Log()
    sampler = GANOverSampler(
        MarkingGaussianModel(log=log),
        unlabeled_label=mark,
        sampling_strategy=multiply(1.5),
        random_state=0,
    )
    X_new, y_new = sampler.fit_resample(container(X), y)
    assert np.array_equal(np.asarray(X_new)[:40], X[labelled])
    assert list(y_new[:40]) == y[labelled].tolist()
    assert set(np.asarray(y_new).tolist()) == set(y[labelled].tolist())
    assert sampler.sampling_strategy_ == dict.fromkeys(sorted(set(y[labelled].tolist())), 10)
    assert sampler.synthetic_mask_.tolist() == [False] * 40 + [True] * 20
    ((seen, labels, marked_by),) = log
    assert marked_by == mark
    assert np.array_equal(np.asarray(seen), np.concatenate([X[labelled], X[~labelled]]))
    assert [label == mark for label in labels] == [False] * 40 + [True] * 100
    assert "_unlabeled" not in vars(sampler)


def test_rows_without_a_class_are_kept_from_models_that_know_none():
    X, _, marked = partly_labelled()
    log = Log()
    GANOverSampler(
        GaussianModel(log=log), unlabeled_label=-1, sampling_strategy=multiply(2.0), random_state=0
    ).fit_resample(X, marked)
    ((_, seen),) = log
    assert np.array_equal(seen, X[marked >= 0])


def test_the_majority_is_one_of_classes():
    X, _, marked = partly_labelled()
    marked[np.flatnonzero(marked == 1)[:12]] = -1
    sampler = GANOverSampler(GaussianModel(), unlabeled_label=-1, random_state=0)
    y_new = sampler.fit_resample(X, marked)[1]
    assert Counter(y_new.tolist()) == {0: 20, 1: 20}


def test_mistaken_marks_of_rows_are_refused():
    X, y, marked = partly_labelled()
    sampler = GANOverSampler(GaussianModel(), unlabeled_label=-1)
    with pytest.raises(ValueError, match="all 140 rows are marked"):
        sampler.fit_resample(X, np.full(140, -1))
    with (
        pytest.warns(UserWarning, match="leaves one class"),
        pytest.raises(ValueError, match="1 class"),
    ):
        sampler.fit_resample(X, np.where(y == 0, -1, 1))
    with pytest.raises(ValueError, match="Name the label as y holds it"):
        sampler.fit_resample(X, y.astype(str))
    of_model = GANOverSampler(MarkingGaussianModel(unlabeled_label=-1))
    with pytest.raises(ValueError, match="gan has unlabeled_label=-1, and what trains it None"):
        of_model.fit_resample(X, marked)
    of_model.set_params(unlabeled_label=-1, sampling_strategy=multiply(2.0))
    assert len(of_model.fit_resample(X, marked)[0]) == 80


def test_images_of_pillow_in_a_list_become_arrays():
    pixels = np.random.default_rng(0).integers(0, 255, (26, 8, 8, 3), dtype=np.uint8)
    y = np.repeat([0, 1], [14, 12])
    sampler = GANOverSampler(ImageGAN(n_steps=0, random_state=0), random_state=0)
    X, _ = sampler.fit_resample([Image.fromarray(image) for image in pixels], y)
    as_arrays, _ = sampler.fit_resample(pixels, y)
    assert np.array_equal(X, as_arrays)
    for mode, message in [("P", "mode P.*convert"), ("L", r"sample 1 has the shape \(8, 8\)")]:
        images = [Image.fromarray(image) for image in pixels]
        images[1] = images[1].convert(mode)
        with pytest.raises(ValueError, match=message):
            sampler.fit_resample(images, y)


def test_whole_numbers_that_may_be_missing_stay_whole(sampler, blobs):
    X, y = blobs
    labels = pd.Series(y + 1, dtype="Int64")
    assert sampler.fit_resample(X, labels)[1].dtype == "Int64"
    assert sampler.gan_.classes_.dtype.kind == "i"
