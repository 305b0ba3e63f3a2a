"""GANMixer keeps the shape of the training set; DiscriminatorFeatures add to its columns."""

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import sparse
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import StandardScaler
from two_gaussians import Log, MarkingGaussianModel, partly_labelled

from ganaug import (
    DiscriminatorFeatures,
    GANMixer,
    ImageGAN,
    SmallClassWarning,
    TableGAN,
    load,
)
from ganaug.training.networks.conv_encoder import ConvEncoder
from ganaug.training.networks.stage_pooling import pool_stages


@pytest.fixture
def mixer():
    """Quick and bad mixer."""
    return GANMixer(gan=TableGAN(n_steps=3), random_state=0)


@pytest.fixture
def features():
    """Features of a hardly trained discriminator."""
    return DiscriminatorFeatures(TableGAN(n_steps=3), random_state=0)


@pytest.fixture
def image_features():
    """Features of a hardly trained discriminator of images."""
    return DiscriminatorFeatures(ImageGAN(n_steps=2, capacity=0.5), random_state=0)


@pytest.fixture
def shades(normal):
    """Forty noisy images, each brighter than the one before."""
    levels = torch.arange(40.0)[:, None, None] * 5
    return (levels + 20 + 5 * normal(40, 8, 8)).clamp(0, 255).numpy().round().astype(np.uint8)


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
    names = [f"layer{layer}_unit{unit}" for layer in range(3) for unit in range(64)]
    assert frame.columns.tolist() == features.get_feature_names_out().tolist() == names


def test_features_of_rows_are_the_hidden_layers_of_the_discriminator(features, blobs):
    X, _ = blobs
    made = features.fit_transform(X)
    gan = features.gan_
    codes = torch.from_numpy(gan._encoder.encode(X))
    layers = gan.discriminators_[0].perceptron.hidden_layers(codes[None].float())
    expected = torch.cat(layers, dim=2)[0].detach().numpy()
    assert np.allclose(made, np.where(expected > 0, expected, 0.2 * expected), atol=1e-5)


def test_features_of_images_are_the_pooled_stages_of_the_discriminator(image_features, shades):
    made = image_features.fit_transform(shades)
    gan = image_features.gan_
    codes = torch.from_numpy(gan._encoder.encode(shades))
    maps = gan.discriminators_[0].stage_maps(codes[None])
    assert np.allclose(made, pool_stages(maps).detach().numpy(), atol=1e-5)
    names = image_features.get_feature_names_out()
    assert len(names) == made.shape[1] == len(set(names))
    place = names.tolist().index("stage1_channel3_row2_column1")
    coarse = maps[1][:, 3, 2, 1].detach().numpy()
    # the coarsest stage of images of 8 pixels has 4 x 4 places, a cell each
    assert np.allclose(made[:, place], np.where(coarse > 0, coarse, 0.2 * coarse), atol=1e-5)


def test_features_stand_beside_others(features, blobs):
    X, _ = blobs
    union = FeatureUnion([("plain", StandardScaler()), ("learnt", features)])
    both = union.fit_transform(X)
    assert both.shape == (60, 3 + 192)
    assert union.get_feature_names_out()[-1] == "learnt__layer2_unit63"


def test_features_do_not_know_the_labels(features, blobs):
    X, y = blobs
    first, second = features.fit_transform(X, y), features.fit_transform(X, 1 - y[::-1])
    assert np.array_equal(first, second)
    assert np.array_equal(first, features.fit_transform(X))


def test_features_by_class_know_the_labels(features, blobs):
    X, y = blobs
    features.set_params(per_class=True)
    first, second = features.fit_transform(X, y), features.fit_transform(X, y[::-1])
    assert first.shape == (60, 2 * 192)
    names = features.get_feature_names_out().tolist()
    assert names[0] == "0_layer0_unit0"
    assert names[192:] == [f"1{name[1:]}" for name in names[:192]]
    assert not np.array_equal(first, second)
    assert features.gan_.classes_.tolist() == [0, 1]


def test_features_by_class_leave_out_classes_too_small_for_a_gan(features, blobs):
    X, _ = blobs
    with pytest.warns(SmallClassWarning):
        made = features.set_params(per_class=True).fit_transform(X, np.repeat(["a", "b"], [55, 5]))
    assert made.shape == (60, 192)
    assert features.get_feature_names_out()[0] == "a_layer0_unit0"


def test_several_discriminators_stand_side_by_side_and_the_first_is_that_of_one(features, blobs):
    X, _ = blobs
    alone = features.fit_transform(X)
    three = features.set_params(n_discriminators=3).fit_transform(X)
    first, second, third = np.split(three, 3, axis=1)
    assert np.array_equal(first, alone)
    assert not np.allclose(second, third)
    assert np.array_equal(three, features.fit_transform(X))
    names = features.get_feature_names_out()
    assert names[[0, 192]].tolist() == [f"discriminator{k}_layer0_unit0" for k in range(2)]
    for k, gan in enumerate(features.gans_):
        assert np.array_equal(gan.discriminator_features(X, 0), np.split(three, 3, axis=1)[k])


def test_discriminators_of_a_seeded_model_differ_and_repeat(blobs):
    X, _ = blobs
    features = DiscriminatorFeatures(TableGAN(n_steps=2, random_state=5), n_discriminators=2)
    made = features.fit_transform(X)
    assert np.array_equal(made, features.fit_transform(X))
    assert not np.allclose(*np.split(made, 2, axis=1))
    assert features.gan_.random_state == 5


def test_several_discriminators_by_class_are_named_by_both(features, blobs):
    features.set_params(per_class=True, n_discriminators=2).fit(*blobs)
    names = features.get_feature_names_out()[::192].tolist()
    pairs = [(label, k) for k in range(2) for label in range(2)]
    assert names == [f"{label}_discriminator{k}_layer0_unit0" for label, k in pairs]
    assert features.transform(blobs[0]).shape == (60, 4 * 192)


def test_several_discriminators_need_a_model_that_takes_seeds(blobs, quick):
    frozen = FrozenEstimator(quick.fit(blobs[0]))
    with pytest.raises(ValueError, match=r"n_discriminators=2 needs a gan with .* random_state"):
        DiscriminatorFeatures(frozen, n_discriminators=2).fit(blobs[0])


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


@pytest.mark.parametrize("n_images", [1, 16, 17, 40])
def test_features_of_an_image_do_not_depend_on_the_images_beside_it(
    image_features, shades, n_images
):
    together = image_features.fit(shades).transform(shades)
    assert np.allclose(image_features.transform(shades[:n_images]), together[:n_images], atol=1e-12)
    single = image_features.transform(shades.astype(np.float32))
    assert single.dtype == np.float32
    assert np.array_equal(single, together.astype(np.float32))


def test_a_bright_pixel_is_clipped_in_whatever_part_its_image_comes(image_features, shades):
    bright = shades[:17].astype(float)
    bright[16, 0, 0] = 450
    clipped = bright.clip(0, 255)
    learnt = image_features.fit(shades)
    assert np.array_equal(learnt.transform(bright), learnt.transform(clipped))


def test_images_are_seen_a_few_at_a_time(image_features, shades, monkeypatch):
    sizes = []
    stage_maps = ConvEncoder.stage_maps

    def note_size(encoder, images):
        sizes.append(images.shape[1])
        return stage_maps(encoder, images)

    image_features.fit(shades)
    monkeypatch.setattr(ConvEncoder, "stage_maps", note_size)
    image_features.transform(np.concatenate([shades] * 3))
    assert sum(sizes) == 120
    assert max(sizes) <= 16


def test_frozen_features_learnt_without_labels_serve_a_pipeline_of_few(image_features, shades):
    learnt = image_features.fit(shades)
    before = learnt.transform(shades)
    model = make_pipeline(FrozenEstimator(learnt), StandardScaler(), LogisticRegression())
    few = np.r_[0:4, 36:40]
    model.fit(shades[few], few < 20)
    assert np.array_equal(model[0].transform(shades), before)
    assert model.score(shades, np.arange(40) < 20) > 0.9


def test_images_of_another_size_are_refused_by_their_sizes(image_features, shades):
    image_features.fit(shades)
    wide, tall = np.zeros((2, 8, 9)), np.zeros((2, 9, 8))
    for other in (wide, tall, np.zeros((2, 8, 8, 3))):
        with pytest.raises(ValueError, match=r"images of the shape .* was fitted on \(8, 8\)"):
            image_features.transform(other)
    with pytest.raises(ValueError, match="64 features, but DiscriminatorFeatures is expecting 8"):
        image_features.transform(shades.reshape(40, -1))


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


def test_saved_features_are_the_same_and_so_are_their_names(features, blobs, tmp_path):
    X, y = blobs
    features.set_params(n_discriminators=2, per_class=True).fit(X, y)
    features.save(tmp_path / "features.h5")
    again = load(tmp_path / "features.h5", device="cpu")
    assert np.array_equal(again.transform(X), features.transform(X))
    assert np.array_equal(again.get_feature_names_out(), features.get_feature_names_out())
    assert [gan.device for gan in again.gans_] == ["cpu", "cpu"]


@pytest.mark.parametrize("container", [np.asarray, pd.DataFrame])
def test_rows_without_a_class_stay_as_and_where_they_are(container):
    X, _, marked = partly_labelled()
    log = Log()
    mixer = GANMixer(MarkingGaussianModel(log=log), unlabeled_label=-1, random_state=0)
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
