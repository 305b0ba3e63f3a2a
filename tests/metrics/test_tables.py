"""Figures of tables: good for real rows, bad for shuffled, copied and collapsed ones."""

import numpy as np
import pytest

from ganaug import TableGAN
from ganaug.metrics.tables import column_distance, correlation_distance, table_quality

RNG = np.random.default_rng(0)


def rows(n, seed):
    """Two classes; in each, the second column follows the first, a level and a gap follow both."""
    rng = np.random.default_rng(seed)
    y = np.repeat([0, 1], [n, n // 2])
    first = rng.normal(size=len(y)) + 2 * y
    second = first + 0.2 * rng.normal(size=len(y))
    level = (first > y * 2).astype(float)
    return np.column_stack([first, second, level, np.where(level == 0, np.nan, second)]), y


def encoded(values):
    return np.column_stack([np.nan_to_num(values), np.isnan(values[:, 3])])


@pytest.fixture
def quality():
    """Judge rows in place of those of a generator."""

    def judge(fake, y_fake):
        train, y_train = rows(150, seed=1)
        held_out, y_held_out = rows(150, seed=2)
        return table_quality(
            train,
            y_train,
            held_out,
            y_held_out,
            fake,
            y_fake,
            is_categorical=[False, False, True, False],
            encode=encoded,
            random_state=0,
        )

    return judge


def test_new_real_rows_are_as_good_as_training_rows(quality):
    table = quality(*rows(150, seed=3))
    assert table.index.tolist() == [0, 1, "all"]
    all_classes = table.loc["all"]
    for figure in ("precision", "recall", "coverage", "tstr_recall", "detection_auc"):
        assert all_classes[figure] == pytest.approx(all_classes[f"{figure}_real"], abs=0.12)
    assert all_classes["column_distance"] < 0.12
    assert all_classes["correlation_distance"] < 0.05
    assert all_classes["copied_ratio"] == pytest.approx(1, abs=0.2)
    assert all_classes["copied_close"] < 0.07


def test_shuffled_columns_are_right_one_by_one_and_wrong_together(quality):
    all_classes = quality(*rows(150, seed=3)).loc["all"]
    assert all_classes["column_distance_shuffled"] == all_classes["column_distance_real"]
    assert all_classes["correlation_distance_shuffled"] > 0.3
    assert all_classes["precision_shuffled"] < 0.6
    assert all_classes["detection_auc_shuffled"] > 0.9


def test_copies_are_told_of(quality):
    train, y_train = rows(150, seed=1)
    all_classes = quality(train, y_train).loc["all"]
    assert all_classes["copied_ratio"] == 0
    assert all_classes["copied_close"] == 1


def test_a_collapsed_generator_covers_nothing(quality):
    fake, y_fake = rows(150, seed=3)
    for label in (0, 1):
        fake[y_fake == label] = fake[y_fake == label][0]
    all_classes = quality(fake, y_fake).loc["all"]
    assert all_classes["coverage"] < 0.1
    assert all_classes["detection_auc"] > 0.95


def test_classes_that_were_exchanged_are_not_recognised(quality):
    fake, y_fake = rows(150, seed=3)
    table = quality(fake, 1 - y_fake)
    assert table.loc["all", "tstr_recall"] < 0.4
    assert table.loc["all", "tstr_recall_real"] > 0.8
    assert table["n_fake"].tolist() == [75, 150, 225]


@pytest.mark.parametrize("n_fake", [0, 1, 3])
def test_few_rows_give_what_can_be_given(quality, n_fake):
    fake, y_fake = rows(150, seed=3)
    table = quality(fake[:n_fake], y_fake[:n_fake])
    assert table.loc["all", "n_fake"] == n_fake
    assert np.isnan(table.loc[1, "coverage"])


@pytest.mark.parametrize(
    ("real", "fake", "is_categorical", "distance"),
    [
        ([0, 1, 2, 3], [0, 1, 2, 3], False, 0),
        ([0, 1], [5, 6], False, 1),
        ([0, np.nan], [0, 0], False, 0.5),
        # no warning of what is too improbable, or of too few rows, to be given a probability
        ([0] * 30, [0] * 29 + [1], False, 1 / 30),
        ([1], [0], False, 1),
        ([0, np.nan], [np.nan, 0], True, 0),
        ([0, 1, 1, 1], [0, 2, 2, 2], True, 0.75),
    ],
)
def test_columns_are_as_far_apart_as_by_hand(real, fake, is_categorical, distance):
    found = column_distance(np.array(real, float), np.array(fake, float), is_categorical)
    assert found == pytest.approx(distance)


def test_what_does_not_vary_goes_with_nothing():
    real, fake = RNG.normal(size=(500, 2)), RNG.normal(size=(500, 2))
    assert correlation_distance(real, fake) < 0.15
    fake[:, 1] = fake[:, 0]
    assert correlation_distance(real, fake) > 0.85
    assert correlation_distance(real * [1, 0], fake) == pytest.approx(1)


def test_a_model_is_evaluated_on_rows_of_its_type(mixed):
    X, y = mixed
    gan = TableGAN(n_steps=3, random_state=0).fit(X, y)
    table = gan.evaluate(X, y)
    assert table.index.tolist() == [0, 1, "all"]
    assert table.loc["all", "n_held_out"] == 60
    assert gan.evaluate(X, y).equals(table)
    assert not gan.evaluate(X, y, random_state=1).equals(table)
    with pytest.raises(ValueError, match="no GAN was trained for 7"):
        gan.evaluate(X, y + 7)
    assert len(gan.evaluate(X.assign(rooms=X["rooms"].mask(y == 0)), y)) == 3
    with pytest.raises(ValueError, match="'rooms' has gaps"):
        gan.evaluate(X.assign(rooms=X["rooms"].mask(y < 7)), y)
    filled = TableGAN(n_steps=3, missing="impute", random_state=0).fit(X, y).evaluate(X, y)
    assert filled.loc["all", "column_distance"] < 0.4
