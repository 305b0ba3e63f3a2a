"""The table of image quality: its directions, its frame, and what it does with little."""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from ganaug.metrics.features import blurred_pixels
from ganaug.metrics.images import image_quality


@pytest.fixture(scope="module")
def scene():
    """Training, held-out and further real images of the digits 0, 1 and 3."""
    X, y = load_digits(return_X_y=True)
    X = X.reshape(-1, 1, 8, 8) / 8 - 1
    chosen = np.isin(y, [0, 1, 3])
    X, y = X[chosen], y[chosen]
    order = np.random.default_rng(0).permutation(len(y))
    return [(X[part], y[part]) for part in (order[:120], order[120:240], order[240:420])]


@pytest.fixture(scope="module")
def quality(scene):
    """Quality of other real images, of copies, and of labels that rotate, in place of samples."""
    (train, y), held_out, other = scene
    rotate = {0: 1, 1: 3, 3: 0}
    fakes = {
        "other": other,
        "copies": (train, y),
        "mislabelled": (other[0], [rotate[label] for label in other[1].tolist()]),
    }
    return {
        name: image_quality(train, y, *held_out, *fake, random_state=0, n_steps=60)
        for name, fake in fakes.items()
    }


def test_a_row_for_each_class_and_one_for_all(quality):
    table = quality["other"]
    assert table.index.tolist() == [0, 1, 3, "all"]
    assert table.notna().all(axis=None)
    classes = table.loc[[0, 1, 3]]
    assert (table.loc["all", "n_train"], table.loc["all", "n_held_out"]) == (120, 120)
    assert table.loc["all", "random_recall"] == pytest.approx(classes["random_recall"].mean())
    with_real = [name for name in table if f"{name}_real" in table]
    assert len(with_real) == 2 * 6 + 2 + 2


def test_other_real_images_are_as_good_as_the_training_images(quality):
    row = quality["other"].loc["all"]
    for space in ("random", "classifier"):
        low, high = (row[f"{space}_kid_{bound}"] for bound in ("low", "high"))
        assert low < 0.1
        assert low < row[f"{space}_kid"] < high
        for name in ("precision", "recall", "coverage", "spread"):
            figure = f"{space}_{name}"
            assert row[figure] == pytest.approx(row[f"{figure}_real"], abs=0.12)
    assert row["pixels_copied_ratio"] == pytest.approx(1, abs=0.15)
    assert row["label_accuracy"] > 0.9
    assert row["tstr_accuracy"] > 0.9


def test_copies_have_the_training_images_figures_and_are_found_out(quality):
    row = quality["copies"].loc["all"]
    for name in ("random_kid", "random_spread", "random_precision"):
        assert row[name] == pytest.approx(row[f"{name}_real"])
    for space in ("random", "pixels"):
        assert row[f"{space}_copied_ratio"] == pytest.approx(0, abs=1e-3)
        assert row[f"{space}_copied_close"] == 1
        assert row[f"{space}_copied_close_real"] < 0.05


def test_wrong_labels_show_in_every_figure(quality):
    wrong, right = (quality[name].loc["all"] for name in ("mislabelled", "other"))
    assert wrong["label_accuracy"] < 0.1
    assert wrong["tstr_accuracy"] < 0.1
    for space in ("random", "classifier"):
        assert wrong[f"{space}_kid_low"] > right[f"{space}_kid_high"]
        for name in ("precision", "recall", "density", "coverage"):
            assert wrong[f"{space}_{name}"] < right[f"{space}_{name}"] / 2


def test_a_seed_says_all_and_the_global_states_are_left_alone(scene):
    (train, y), (held_out, y_held_out), (other, y_other) = scene
    before = torch.random.get_rng_state(), np.random.get_state()[1].copy()
    few = train[:30], y[:30], held_out[:30], y_held_out[:30], other, y_other
    tables = [image_quality(*few, random_state=seed, n_steps=2) for seed in (3, 3, 4)]
    assert tables[0].equals(tables[1])
    assert not tables[0].equals(tables[2])
    assert torch.equal(torch.random.get_rng_state(), before[0])
    assert np.array_equal(np.random.get_state()[1], before[1])


def test_few_images_leave_gaps_and_no_errors():
    def images(n):
        return np.random.default_rng(n).uniform(-1, 1, size=(n, 3, 9, 8))

    table = image_quality(
        images(8),
        [("a", 1)] * 4 + [("b", 1)] * 3 + [("c", 2)],
        images(4),
        [("a", 1)] * 2 + [("b", 1)] * 2,
        images(7),
        [("a", 1)] * 6 + [("b", 1)],
        random_state=0,
        n_steps=2,
    )
    assert table.index.tolist() == [("a", 1), ("b", 1), ("c", 2), "all"]
    first, second, third = (row for _, row in table.iloc[:3].iterrows())
    assert np.isfinite(first["random_kid"])
    assert np.isnan(first["random_kid_low"])
    assert np.isfinite(first["random_coverage"])
    assert np.isnan(second["random_kid"])
    assert np.isfinite(second["random_kid_real"])
    assert third.drop(["n_train", "n_held_out", "n_fake"]).isna().all()


def test_one_class_has_no_classifier_and_no_images_no_figures():
    images = np.random.default_rng(0).uniform(-1, 1, size=(12, 1, 8, 8))
    table = image_quality(
        images[:4], ["a"] * 4, images[4:8], ["a"] * 4, images[8:], ["a"] * 4, random_state=0
    )
    assert np.isfinite(table["random_kid_low"]).all()
    missing = [name for name in table if name.startswith(("classifier", "label", "tstr"))]
    assert table[missing].isna().all(axis=None)
    empty = image_quality(images[:1], ["a"], images[:0], [], images[:0], [], random_state=0)
    assert empty.columns.equals(table.columns)
    assert empty.filter(regex="^(?!n_)").isna().all(axis=None)


def test_unknown_labels_and_other_shapes_are_named():
    images = np.zeros((2, 1, 8, 8))
    with pytest.raises(ValueError, match="'b' is not among"):
        image_quality(images, ["a", "a"], images, ["a", "b"], images, ["a", "a"], random_state=0)
    with pytest.raises(ValueError, match=r"of one shape.*\(2, 8, 8\)"):
        image_quality(images, "ab", images, "ab", images[:, 0], "ab", random_state=0)


def test_figures_in_given_features_stand_beside_the_others(scene):
    (train, y), held_out, other = scene
    fakes = {"other": other, "copies": (train, y)}
    tables = {
        name: image_quality(
            train, y, *held_out, *fake, random_state=0, n_steps=2, features=blurred_pixels
        )
        for name, fake in fakes.items()
    }
    bare = image_quality(train, y, *held_out, *other, random_state=0, n_steps=2)
    table = tables["other"]
    assert table[bare.columns].equals(bare)
    added = table.drop(columns=bare.columns)
    assert all(name.startswith("features_") for name in added)
    assert added.notna().all(axis=None)
    row = added.loc["all"]
    assert row["features_kid_low"] < row["features_kid"] < row["features_kid_high"]
    assert row["features_coverage"] == pytest.approx(row["features_coverage_real"], abs=0.12)
    assert row["features_copied_ratio"] == pytest.approx(1, abs=0.15)
    assert min(row["features_label_accuracy"], row["features_label_accuracy_real"]) > 0.9
    assert tables["copies"].loc["all", "features_copied_ratio"] == 0
    assert tables["copies"].loc["all", "features_copied_close"] == 1
