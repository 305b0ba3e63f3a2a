"""Columns that are a smooth function of another keep to it, in classes of any size."""

from contextlib import nullcontext

import numpy as np
import pytest

from ganaug import SmallClassWarning, TableGAN
from ganaug.encoding.curves import MIN_ROWS, Curves
from ganaug.encoding.table import TableEncoder

N = 400
NOISE = 0.05
CURVES = {
    "line": lambda x: 3 - 2 * x,
    "parabola": np.square,
    "wave": lambda x: np.sin(3 * x),
    "step": lambda x: np.tanh(8 * x),
}


def curved_table(curve, n=N, seed=0):
    """Columns: other, source, target."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(-2, 2, n)
    return np.column_stack([rng.normal(size=n), x, curve(x) + NOISE * rng.normal(size=n)])


def fit(X, groups=None):
    return Curves.fit(X, np.zeros(len(X), dtype=int) if groups is None else groups)


@pytest.mark.parametrize("curve", CURVES.values(), ids=CURVES)
def test_errors_have_the_size_of_the_noise(curve):
    X = curved_table(curve)
    curves = fit(X)
    pairs = zip(curves.sources, curves.targets, strict=True)
    assert {frozenset(map(int, pair)) for pair in pairs} == {frozenset({1, 2})}
    spread = X.std(axis=0)[curves.targets]
    errors = curves.subtract(X)[:, curves.targets]
    # a line is as well a curve from its target to its source
    relative = NOISE * max(1, spread[0] / X[:, 2].std())
    assert errors.std() < 1.3 * relative


@pytest.mark.parametrize("scale", [1e-30, 1.0, 1e30])
def test_adding_what_was_subtracted_gives_the_rows_back(scale):
    X = scale * (5 + curved_table(np.square))
    curves = fit(X)
    rows = curves.subtract(X)
    assert not np.allclose(rows / scale, X / scale)
    curves.add(rows)
    assert np.allclose(rows / scale, X / scale)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_encoded_rows_decode_to_themselves(dtype):
    X = curved_table(np.square).astype(dtype)
    encoder = TableEncoder.fit(X)
    assert len(encoder.relations.curves.targets) == 1
    assert np.allclose(encoder.decode(encoder.encode(X)), X, atol=1e-3)


def test_columns_that_know_nothing_of_one_another_have_no_curve():
    for seed in range(5):
        X = np.random.default_rng(seed).standard_t(2, size=(MIN_ROWS + 20 * seed, 20))
        assert not len(fit(X).targets)


def test_a_curve_has_to_serve_every_class():
    X = curved_table(np.square)
    groups = np.repeat([0, 1], [N - 20, 20])
    assert len(fit(X, groups).targets) == 1
    constant = X.copy()
    constant[-20:, 2] = 1.5
    assert not len(fit(constant, groups).targets)
    # differences between classes are explained, not those within
    apart = np.random.default_rng(0).normal(size=(N, 3)) + 50 * (np.arange(N) < N / 2)[:, None]
    assert not len(fit(apart, np.repeat([0, 1], N // 2)).targets)


@pytest.mark.parametrize(
    "change",
    [
        np.round,
        lambda target: np.where(np.arange(N) % 5, target, -9.0),
        lambda target: 1e200 * target,
    ],
    ids=["levels", "sentinel", "too large"],
)
def test_columns_of_levels_or_frequent_values_have_no_curve(change):
    X = curved_table(np.square)
    X[:, 2] = change(X[:, 2])
    assert not len(fit(X).targets)


def test_columns_that_are_constant_within_classes_have_no_curve():
    groups = np.repeat(np.arange(25), 20)
    X = np.column_stack([groups, np.random.default_rng(0).normal(size=(500, 2))]).astype(float)
    assert not len(fit(X, groups).targets)


def test_a_column_with_gaps_has_no_curve():
    X = curved_table(np.square)
    X[3, 2] = np.nan
    assert not len(TableEncoder.fit(X).relations.curves.targets)


def test_a_source_may_have_many_targets():
    rng = np.random.default_rng(0)
    x = rng.normal(size=N)
    X = x[:, None] * rng.normal(size=10) + 0.01 * rng.normal(size=(N, 10))
    curves = fit(X)
    assert len(curves.targets) >= 8
    assert not set(curves.sources) & set(curves.targets)


@pytest.mark.parametrize("n_rows", [4, 20])
def test_rows_of_a_small_class_lie_on_the_curve_of_all(n_rows):
    X = curved_table(lambda x: np.sin(3 * x), n=N + n_rows)
    y = np.repeat([0, 1], [N, n_rows])
    gan = TableGAN(n_steps=20, random_state=0)
    with pytest.warns(SmallClassWarning) if n_rows < 10 else nullcontext():
        gan.fit(X, y, labels=[1])
    drawn = gan.sample({1: 200})[0]
    assert (drawn[:, 2] - np.sin(3 * drawn[:, 1])).std() < 3 * NOISE
    assert X[N:, 1].min() - 1 < drawn[:, 1].min() < drawn[:, 1].max() < X[N:, 1].max() + 1


def test_records_that_contradict_themselves_are_refused():
    points = np.zeros((1, 2))
    column = fit(curved_table(np.square)).columns
    with pytest.raises(ValueError, match="no sources"):
        Curves(np.array([0]), np.array([0]), points, points, column)
    with pytest.raises(ValueError, match="must rise"):
        Curves(np.array([0]), np.array([1]), np.array([[1.0, 0.0]]), points, column)
