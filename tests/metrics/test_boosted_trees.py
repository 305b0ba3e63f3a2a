"""Boosted trees as arrays: they predict as scikit-learn's, and no arrays lead them astray."""

import dataclasses

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from ganaug.metrics.boosted_trees import MAX_LEVELS, BoostedTrees

IS_CATEGORICAL = [False, True, False, True]


@pytest.fixture(scope="module")
def rows():
    """Rows of quantities and levels, with gaps; the last column has too many levels."""
    rng = np.random.default_rng(0)
    levels = 3.0 * rng.integers(0, 9, 1500)
    many = rng.integers(0, 2 * MAX_LEVELS, 1500)
    X = np.column_stack([rng.normal(size=1500), levels, rng.normal(size=1500), many])
    X[rng.random(X.shape) < 0.1] = np.nan
    return X


@pytest.fixture(scope="module")
def targets(rows):
    """Classes that depend on a quantity and a level together, two of them or three."""
    even = np.nan_to_num(rows[:, 1]) % 2 == 0
    two = (np.nan_to_num(rows[:, 0]) > 0) ^ even
    return {2: two.astype(int), 3: two + (np.nan_to_num(rows[:, 2]) > 0)}


@pytest.fixture(scope="module")
def trees(rows, targets):
    return BoostedTrees.fit(rows, targets[2], IS_CATEGORICAL, seed=0)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_probabilities_are_those_of_the_classifier_that_grew_the_trees(rows, targets, n_classes):
    y = targets[n_classes]
    model = HistGradientBoostingClassifier(
        categorical_features=[False, True, False, False], early_stopping=True, random_state=0
    ).fit(rows, y)
    trees = BoostedTrees.fit(rows, y, IS_CATEGORICAL, seed=0)
    assert len(trees.words) > 0
    np.testing.assert_allclose(
        np.exp(trees.log_probabilities(rows)), model.predict_proba(rows), atol=1e-12
    )


def test_arrays_are_all_that_trees_are(rows, trees):
    fields = {one.name: getattr(trees, one.name) for one in dataclasses.fields(trees)}
    np.testing.assert_array_equal(BoostedTrees(**fields).scores(rows), trees.scores(rows))


def test_a_level_that_is_not_known_is_a_gap(rows, trees):
    unknown = rows.copy()
    unknown[:, 1] = 1e6
    gaps = rows.copy()
    gaps[:, 1] = np.nan
    np.testing.assert_array_equal(trees.scores(unknown), trees.scores(gaps))
    assert (trees.scores(unknown) != trees.scores(rows)).any()


def test_numbers_near_the_largest_double_are_told_apart():
    X = 1.7e308 * np.linspace(-1, 1, 200)[:, None]
    trees = BoostedTrees.fit(X, X[:, 0] > 0, [False], seed=0)
    assert (trees.log_probabilities(X).argmax(axis=1) == (X[:, 0] > 0)).all()


DAMAGE = {
    "left": lambda trees: 0 * trees.left + (trees.left > 0),
    "right": lambda trees: trees.right + len(trees.right) * (trees.right > 0),
    "features": lambda trees: trees.features + len(trees.levels),
    "ends": lambda trees: trees.ends + 1,
    "subsets": lambda trees: np.where(trees.left > 0, 0, -1),
    "words": lambda trees: trees.words[:1],
    "levels": lambda trees: [values[::-1] for values in trees.levels],
    "baseline": lambda trees: np.zeros(len(trees.ends) + 1),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_trees_that_cannot_be_walked_are_refused(trees, name):
    with pytest.raises(ValueError, match="nodes|levels|outputs"):
        dataclasses.replace(trees, **{name: DAMAGE[name](trees)})


@pytest.mark.parametrize("seed", range(5))
def test_any_other_arrays_are_refused_or_end_in_a_score(rows, trees, seed):
    rng = np.random.default_rng(seed)
    names = ("ends", "features", "left", "right", "subsets", "words")
    n_refused = 0
    for _ in range(30):
        name = names[rng.integers(len(names))]
        array = getattr(trees, name).copy()
        array.flat[rng.integers(array.size)] = rng.integers(0, 40)
        try:
            damaged = dataclasses.replace(trees, **{name: array})
        except ValueError:
            n_refused += 1
            continue
        assert np.isfinite(damaged.scores(rows)).all()
    assert 0 < n_refused < 30
