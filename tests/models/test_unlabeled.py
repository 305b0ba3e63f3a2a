"""Rows and images without a class: never one of the classes, and what they teach."""

import pickle

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.base import clone
from torch.utils.data import TensorDataset

from ganaug import (
    ClassTranslator,
    ImageGAN,
    PairedTranslator,
    SequenceGAN,
    SuperResolver,
    TableGAN,
    load,
)

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (60, 8, 8), dtype=np.uint8)
Y = np.array([3, 5, 9] * 20)
Y[36:] = -1
LABELLED = Y >= 0

ROWS = RNG.normal(size=(1000, 3))
LARGE = np.repeat([0, 1, -1], [310, 330, 360])

IMAGE_MODELS = [
    ImageGAN(n_steps=2),
    ImageGAN(n_steps=2, sharing="none"),
    ImageGAN(n_steps=2, sharing="pooled"),
    ClassTranslator(n_steps=2, guard=0),
    PairedTranslator(n_steps=2),
    SequenceGAN(n_steps=2, capacity=0.1),
]

# classes of few images are meant, so that training is quick
pytestmark = pytest.mark.filterwarnings("ignore::ganaug.SmallClassWarning")


def fitted(model, X, y, mark=-1, **parameters):
    """The model, fitted; guides of a translator are bright pixels."""
    model = clone(model).set_params(unlabeled_label=mark, random_state=0)
    before = (X > 100,) if isinstance(model, PairedTranslator) else ()
    return model.fit(*before, X, y, **parameters)


def samples_of(model):
    """Images, as a model takes them: one of sequences their pixels in a row."""
    return IMAGES.reshape(60, -1) if isinstance(model, SequenceGAN) else IMAGES


def draws(model, n=12):
    return np.asarray(model.sample(n, random_state=0)[0], dtype=float)


@pytest.mark.parametrize(
    ("model", "mark"),
    [(IMAGE_MODELS[0], -1), *((model, "none") for model in IMAGE_MODELS)],
    ids=lambda value: f"{value}"[:40],
)
def test_images_without_a_class_are_never_one(model, mark, tmp_path):
    names = Y if mark == -1 else np.array([f"class {label}" for label in Y], dtype=object)
    y = np.where(LABELLED, names, mark)
    X = samples_of(model)
    model = fitted(model, X, y, mark)
    counts = dict.fromkeys(names[LABELLED][:3].tolist(), 12)
    assert model.class_counts_ == counts
    assert model.classes_.tolist() == list(counts)
    for fitted_by_class in (model.tiers_, model.generators_, model.discriminators_, model.history_):
        assert list(fitted_by_class) == list(counts)
    assert set(model.sample(200, random_state=0)[1].tolist()) == set(counts)
    with pytest.raises(ValueError, match="no GAN was trained for"):
        model.sample({mark: 1})
    # what is kept is that of the classes
    assert np.array_equal(model.training_samples(), X[LABELLED])
    model.save(tmp_path / "model.h5")
    for back in (load(tmp_path / "model.h5"), pickle.loads(pickle.dumps(model))):
        assert back.unlabeled_label == mark
        assert np.array_equal(draws(back), draws(model))


@pytest.mark.parametrize("model", IMAGE_MODELS[2:], ids=lambda model: f"{model}"[:40])
def test_where_they_stand_among_the_others_does_not_matter(model):
    order = np.argsort(LABELLED, kind="stable")
    X = samples_of(model)
    first = fitted(model, X, Y)
    second = fitted(model, X[order], Y[order])
    assert np.array_equal(draws(first), draws(second))
    if isinstance(model, PairedTranslator):
        assert np.array_equal(first.training_guides(), IMAGES[LABELLED] > 100)


@pytest.mark.parametrize("sharing", ["conditional", "pooled"])
def test_what_they_show_changes_shared_networks_and_nothing_else(sharing):
    gray = np.where(LABELLED[:, None, None], IMAGES, 128)
    shared, alone = (
        [
            draws(fitted(ImageGAN(n_steps=3, sharing=kind, value_range=(0, 255)), X, y, mark))
            for X, y, mark in (
                (IMAGES, Y, -1),
                (gray, Y, -1),
                (IMAGES[LABELLED], Y[LABELLED], None),
            )
        ]
        for kind in (sharing, "none")
    )
    assert not np.array_equal(shared[0], shared[1])
    assert not np.array_equal(shared[0], shared[2])
    assert np.array_equal(alone[0], alone[1])
    assert np.array_equal(alone[0], alone[2])


def test_sequences_learn_from_those_without_a_class_where_networks_are_shared():
    X = IMAGES.reshape(60, -1)
    flat = np.where(LABELLED[:, None], X, X.mean().astype(np.uint8))
    for sharing, differs in (("conditional", True), ("pooled", True), ("none", False)):
        gan = SequenceGAN(n_steps=3, capacity=0.1, sharing=sharing)
        first, second = (draws(fitted(gan, rows, Y)) for rows in (X, flat))
        assert np.array_equal(first, second) != differs


def test_sequences_that_classes_do_not_share_change_neither_lengths_nor_values():
    rng = np.random.default_rng(0)
    labelled = [rng.normal(size=20) for _ in range(24)]
    others = [1000 * rng.normal(size=12) for _ in range(12)]
    others[0][3] = np.nan
    y = [0, 1] * 12 + [-1] * 12
    gan = SequenceGAN(n_steps=2, capacity=0.1, sharing="none")
    beside_others = draws(fitted(gan, labelled + others, y))
    assert np.array_equal(beside_others, draws(fitted(gan, np.stack(labelled), y[:24], None)))
    shared = fitted(clone(gan).set_params(sharing="conditional"), labelled + others, y)
    assert shared.sample(4)[0].dtype == object


def test_classes_share_where_there_are_images_without_one():
    y = np.where(Y == 3, 3, -1)
    with pytest.warns(UserWarning, match="leaves one class"):
        beside_others = fitted(ImageGAN(n_steps=2, value_range=(0, 255)), IMAGES, y)
    alone = ImageGAN(n_steps=2, value_range=(0, 255), random_state=0).fit(IMAGES[Y == 3])
    assert not np.array_equal(draws(beside_others), draws(alone))


def test_images_of_few_without_a_class_change_nothing():
    few = np.flatnonzero(LABELLED | (np.arange(60) > 54))
    gan = ImageGAN(n_steps=2, value_range=(0, 255))
    beside_few = fitted(gan, IMAGES[few], Y[few])
    assert np.array_equal(
        draws(beside_few), draws(fitted(gan, IMAGES[LABELLED], Y[LABELLED], None))
    )


def test_an_upscaler_learns_from_images_without_a_class():
    X = np.kron(IMAGES, np.ones((2, 2), dtype=np.uint8))
    gray = np.where(LABELLED[:, None, None], X, 128)
    upscaled = ImageGAN(
        n_steps=2, sharing="none", upscaler=SuperResolver(n_steps=2), value_range=(0, 255)
    )
    first, second = (draws(fitted(upscaled, images, Y)) for images in (X, gray))
    assert not np.array_equal(first, second)


def test_a_checkpoint_goes_on_with_images_without_a_class(tmp_path):
    model = ImageGAN(n_steps=3)
    whole = fitted(model, IMAGES, Y, checkpoint=tmp_path / "run.h5")
    again = fitted(model, IMAGES, Y, checkpoint=tmp_path / "run.h5")
    assert np.array_equal(draws(whole), draws(again))
    with pytest.raises(ValueError, match="another fit: unlabeled_label was -1 there and is None"):
        fitted(model, IMAGES, Y, None, checkpoint=tmp_path / "run.h5")


@pytest.mark.parametrize("mark", [-1, "none"])
@pytest.mark.parametrize(
    "y", [np.repeat([0, 1, -1], [310, 330, 360]), np.repeat([0, 1, -1], [9, 30, 961])]
)
def test_rows_without_a_class_are_never_one(y, mark, tmp_path):
    X = pd.DataFrame(ROWS, columns=["a", "b", "c"]).assign(kind=pd.Categorical(list("uvwx") * 250))
    labels = np.where(y < 0, "none", np.char.add("class ", y.astype(str))) if mark == "none" else y
    gan = TableGAN(n_steps=2, unlabeled_label=mark, random_state=0).fit(X, labels)
    counts = {label: int((labels == label).sum()) for label in np.unique(labels[y >= 0]).tolist()}
    assert gan.class_counts_ == counts
    assert set(gan.sample(300, random_state=0)[1].tolist()) == set(counts)
    with pytest.raises(ValueError, match="no GAN was trained for"):
        gan.sample({mark: 1})
    with pytest.raises(ValueError, match="labels must name classes that y holds"):
        gan.fit(X, labels, labels=[mark])
    gan.save(tmp_path / "table.h5")
    back = load(tmp_path / "table.h5")
    assert back.sample(20, random_state=0)[0].equals(gan.sample(20, random_state=0)[0])
    for label, n_rows in counts.items():
        kept = gan.training_samples(label)["a"]
        assert sorted(kept) == sorted(X["a"][labels == label])
        assert len(kept) == n_rows


def test_where_rows_without_a_class_stand_does_not_matter():
    order = np.random.default_rng(0).permutation(len(LARGE))
    gan = TableGAN(n_steps=2)
    # in their own order, classes and the others
    order = order[np.argsort(LARGE[order], kind="stable")]
    order = np.concatenate([order[360:], np.sort(order[:360])])
    order[:640] = np.arange(640)
    first = fitted(gan, ROWS, LARGE)
    second = fitted(gan, ROWS[order], LARGE[order])
    assert np.array_equal(draws(first), draws(second))


def test_large_classes_learn_from_rows_without_a_class():
    ranks = ROWS.argsort(axis=0).argsort(axis=0)
    # the same columns one by one, so that encoders are equal, but in other rows
    others = ROWS.copy()
    others[640:, 1] = ROWS[640:, 1][::-1]
    first, second = (fitted(TableGAN(n_steps=3), X, LARGE) for X in (ROWS, others))
    assert np.array_equal(ranks[:640], others.argsort(axis=0).argsort(axis=0)[:640])
    assert not np.array_equal(draws(first), draws(second))
    small = np.where(LARGE == 0, 0, -1)
    small[40:] = -1
    small[40:80] = 1
    first, second = (fitted(TableGAN(n_steps=3), X, small) for X in (ROWS, others))
    assert np.array_equal(draws(first), draws(second))


def test_rows_without_a_class_tell_how_columns_are_distributed():
    rng = np.random.default_rng(0)
    X = np.concatenate([rng.uniform(4, 5, (40, 1)), rng.uniform(0, 9, (200, 1))])
    y = np.repeat([0, 1, -1], [20, 20, 200])
    gan = fitted(TableGAN(n_steps=0), X, y)
    column = gan._encoder.columns[0]
    assert [column.values[0], column.values[-1]] == [X.min(), X.max()]
    # where values of a class lie is a matter of the class
    assert column.support.starts.min() > 3.5
    assert draws(gan, 500).min() < X[:40].min()


def test_gaps_are_filled_from_rows_without_a_class_last():
    X = np.array([[1.0, np.nan], [2.0, np.nan], [3.0, 7.0], [4.0, 7.0], [5.0, np.nan], [6.0, 8.0]])
    gan = fitted(TableGAN(n_steps=0, missing="impute"), X, np.array([0, 0, 1, 1, -1, -1]))
    kept = gan.training_samples(1)
    assert kept[:, 1].tolist() == [7, 7]
    assert set(gan.training_samples(0)[:, 1]) <= {7.0, 8.0}
    assert gan.class_counts_ == {0: 2, 1: 2}


def test_levels_and_gaps_of_rows_without_a_class_are_known():
    X = pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0] * 5, "kind": ["u", "v"] * 10})
    X.loc[18:, "kind"] = "w"
    X.loc[16:, "a"] = np.nan
    y = np.repeat([0, 1, -1], [8, 8, 4])
    gan = fitted(TableGAN(n_steps=0), X, y)
    drawn = gan.sample({0: 300}, random_state=0)[0]
    assert drawn["a"].notna().all()
    assert set(drawn["kind"]) <= {"u", "v"}
    # a row that has what only those had can be encoded
    assert gan.discriminators_[0] is None
    assert gan._encode_checked(X[16:]).isfinite().all()


def test_data_sets_without_classes_train_as_marked_images_do():
    X = IMAGES[..., None].repeat(3, axis=-1)
    tensors = torch.from_numpy(X).permute(0, 3, 1, 2)
    data = TensorDataset(tensors[LABELLED], torch.from_numpy(Y[LABELLED]))
    expected = draws(fitted(ImageGAN(n_steps=2), X, Y))
    alone = list(tensors[~LABELLED])
    for others in (
        alone,
        [(image, "anything") for image in alone],
        TensorDataset(tensors[~LABELLED]),
    ):
        gan = ImageGAN(n_steps=2, unlabeled_label=-1, random_state=0)
        gan.fit_dataset(data, unlabeled=others)
        assert gan.class_counts_ == {3: 12, 5: 12, 9: 12}
        assert np.array_equal(draws(gan), expected)
    gan = ImageGAN(n_steps=0, unlabeled_label="none", random_state=0)
    capped = gan.fit_dataset(
        data, unlabeled=alone, max_samples=20, targets=["abc"[i % 3] for i in range(36)]
    )
    assert capped.class_counts_ == {"a": 12, "b": 12, "c": 12}
    assert len(capped.training_samples()) == 15


def test_data_sets_without_classes_need_a_mark_and_the_form_of_the_others():
    images = torch.zeros(12, 3, 8, 8)
    data = TensorDataset(images, torch.arange(12) % 2)
    with pytest.raises(ValueError, match="set unlabeled_label of the model, to -1"):
        ImageGAN().fit_dataset(data, unlabeled=images)
    gan = ImageGAN(n_steps=0, unlabeled_label=-1)
    with pytest.raises(ValueError, match=r"samples of the shapes \(8, 8, 3\) and \(9, 9, 3\)"):
        gan.fit_dataset(data, unlabeled=torch.zeros(4, 3, 9, 9))
    with pytest.raises(TypeError, match="map-style data set"):
        gan.fit_dataset(data, unlabeled=iter(images))


def test_images_of_other_sizes_are_refused():
    images = [np.zeros((8, 8)), np.zeros((8, 8)), np.zeros((9, 9))]
    with pytest.raises(ValueError, match="images of different sizes"):
        ImageGAN(unlabeled_label=-1).fit(images, [0, 1, -1])


@pytest.mark.parametrize("model", [TableGAN(), ImageGAN(), ClassTranslator()])
def test_mistaken_marks_are_refused_before_training(model):
    X = IMAGES[:12] if model.sample_kind == "images" else ROWS[:12]
    y = np.arange(12) % 2
    model.set_params(unlabeled_label=-1)
    with pytest.raises(ValueError, match="all 12 rows are marked"):
        model.fit(X, np.full(12, -1))
    with pytest.raises(ValueError, match="Name the label as y holds it"):
        model.fit(X, y.astype(str))
    with pytest.warns(UserWarning, match="marks no row"), pytest.raises(ValueError, match="labels"):
        model.fit(X, y, labels=[7])


def test_models_of_one_class_have_no_labels_to_mark(recwarn):
    gan = ImageGAN(n_steps=0, unlabeled_label=-1).fit(IMAGES)
    assert gan.class_counts_ == {0: 60}
    assert not recwarn
