"""Relations that all rows of a table have, decoded rows have: equations and orders of columns."""

import numpy as np
import pytest
from scipy import sparse

from ganaug.encoding.curves import Curves
from ganaug.encoding.equations import LinearEquations
from ganaug.encoding.orders import Orders
from ganaug.encoding.relations import MAX_COLUMNS, Relations
from ganaug.encoding.table import TableEncoder

N = 200


def free_columns(n_columns, n=N, seed=0):
    return np.random.default_rng(seed).normal(size=(n, n_columns))


def unchanged(column, values):
    return values


def restored(relation, rows):
    rows = rows.copy()
    relation.restore(rows, unchanged)
    return rows


def noisy(X, seed=1):
    return X + np.random.default_rng(seed).normal(size=X.shape)


@pytest.mark.parametrize(
    "make",
    [
        lambda X: X[:, 0],
        lambda X: X[:, 0] + X[:, 1],
        lambda X: 3.0 - 2.54 * X[:, 1],
        lambda X: X[:, 0] / 3 - X[:, 1] + 4 * X[:, 2] + 1e4,
    ],
    ids=["copy", "sum", "other unit", "three columns"],
)
def test_an_equation_of_all_rows_holds_for_any_rows(make):
    X = free_columns(3)
    X = np.column_stack([X[:, 0], make(X), X[:, 1:]])
    rows = restored(LinearEquations.fit(X), noisy(X))
    assert np.allclose(rows[:, 1], make(rows[:, [0, 2, 3]]))
    # what keeps it is not changed
    assert np.allclose(restored(LinearEquations.fit(X), X), X)


def test_of_a_sum_the_total_follows_from_its_parts_wherever_it_stands():
    parts = np.random.default_rng(0).gamma(1, 5, (N, 3))
    for place in range(4):
        X = np.insert(parts, place, parts.sum(axis=1), axis=1)
        assert LinearEquations.fit(X).targets.tolist() == [place]


def test_two_totals_of_the_same_columns_both_hold():
    X = free_columns(3)
    X = np.column_stack([X, X[:, 0] + X[:, 1], X[:, 1] + X[:, 2], X.sum(axis=1)])
    rows = restored(LinearEquations.fit(X), noisy(X))
    assert np.allclose(rows[:, 3], rows[:, 0] + rows[:, 1])
    assert np.allclose(rows[:, 4], rows[:, 1] + rows[:, 2])
    assert np.allclose(rows[:, 5], rows[:, :3].sum(axis=1))


@pytest.mark.parametrize(
    "X",
    [
        free_columns(5),
        free_columns(50, n=30),
        np.tile(free_columns(10, n=8), (50, 1)),
        np.column_stack([free_columns(1), np.ones(N)]),
        np.column_stack([free_columns(2), np.full(N, 1e308), np.resize([-1e308, 1e308], N)]),
        free_columns(1),
    ],
    ids=["independent", "few rows", "few different rows", "constant", "largest", "one column"],
)
def test_chance_makes_no_equation(X):
    assert not len(LinearEquations.fit(X).targets)


def test_a_column_that_nearly_follows_is_left_alone():
    X = free_columns(2)
    X = np.column_stack([X, X.sum(axis=1) + 1e-3 * free_columns(1, seed=9)[:, 0]])
    assert not len(LinearEquations.fit(X).targets)


def test_rows_that_break_an_equation_are_enough_to_have_none():
    X = free_columns(2, n=5000)
    X = np.column_stack([X, X.sum(axis=1)])
    # a row that the search, which looks at some of them, leaves out
    X[3, 2] += 1
    assert not len(LinearEquations.fit(X).targets)


def ordered(n=N):
    rng = np.random.default_rng(0)
    start = rng.uniform(0, 1000, n)
    end = start + rng.uniform(1, 60, n)
    return np.column_stack([end, start, end + rng.uniform(1, 60, n)])


def test_rows_come_in_the_order_of_all_rows_with_the_same_values():
    X = ordered()
    rows = noisy(np.tile(X[:1], (N, 1)))
    X_new = restored(Orders.fit(X), 50 * rows)
    assert (X_new[:, 1] <= X_new[:, 0]).all()
    assert (X_new[:, 0] <= X_new[:, 2]).all()
    assert np.array_equal(np.sort(X_new, axis=1), np.sort(50 * rows, axis=1))


def test_rows_in_order_stay_as_they_are():
    X = ordered()
    assert np.array_equal(restored(Orders.fit(X), X), X)


@pytest.mark.parametrize(
    "X",
    [
        free_columns(4),
        # no range reaches into the other
        np.column_stack([free_columns(1), 100 + free_columns(1)]),
        # nearly all of what any pair of these columns would show
        np.column_stack([(np.arange(N) == 7).astype(float), (np.arange(N) % 50).astype(float)]),
        ordered(n=1),
        np.full((N, 2), np.nan),
    ],
    ids=["independent", "apart", "rare", "one row", "gaps alone"],
)
def test_chance_makes_no_order(X):
    assert not len(Orders.fit(X).low)


def test_one_row_out_of_order_is_enough_to_have_none():
    X = ordered(n=5000)
    X[3] = X[3, ::-1]
    pairs = zip(*(getattr(Orders.fit(X), name).tolist() for name in ("low", "high")), strict=True)
    assert (0, 2) not in pairs


def test_of_an_order_with_gaps_rows_without_one_tell():
    X = ordered()
    X[::3, 0] = np.nan
    X[1::3, 1] = np.nan
    orders = Orders.fit(X)
    rows = restored(orders, np.array([[1.0, 5.0, np.nan], [np.nan, 5.0, 9.0]]))
    assert np.array_equal(rows, [[5.0, 1.0, np.nan], [np.nan, 5.0, 9.0]], equal_nan=True)


def test_values_stay_among_those_that_a_column_may_have():
    X = np.column_stack([np.arange(100.0), np.arange(100.0) + np.arange(100) % 7])
    rows = np.array([[8.0, 3.0]])
    Orders.fit(X).restore(rows, lambda column, values: np.minimum(values, 6.0 - column))
    assert rows.tolist() == [[3.0, 5.0]]


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array, sparse.csc_matrix])
def test_decoded_rows_have_the_relations_of_the_table(kind):
    rng = np.random.default_rng(0)
    parts = np.sort(rng.integers(0, 50, (N, 2)))
    total = parts @ [1, 2]
    start = rng.integers(0, 1000, N)
    level = rng.integers(0, 3, N)
    X = np.column_stack([level, total, start, parts, start + rng.integers(0, 30, N)])
    encoder = TableEncoder.fit(kind(X), is_categorical=[True] + 5 * [False])
    codes = encoder.encode(X)
    rows = encoder.decode(codes + 0.5 * np.random.default_rng(1).normal(size=codes.shape))
    assert rows.dtype == X.dtype
    assert (rows[:, 2] <= rows[:, 5]).all()
    assert (rows[:, 3] <= rows[:, 4]).all()
    assert (rows[:, 1] == rows[:, 3:5] @ [1, 2]).all()
    assert (rows[:, 1] <= total.max()).all()
    assert len(np.unique(rows[:, 3] - X[:, 3])) > 10


def test_relations_of_very_many_columns_are_not_looked_for():
    X = np.repeat(free_columns(1), MAX_COLUMNS + 1, axis=1)
    groups = np.zeros(len(X), dtype=int)
    assert not len(Relations.fit(X, groups, range(MAX_COLUMNS + 1)).columns)
    assert len(Relations.fit(X, groups, range(MAX_COLUMNS)).equations.targets) == MAX_COLUMNS - 1


def test_records_that_contradict_themselves_are_refused():
    none = np.zeros(0, dtype=np.int64)
    orders = Orders(none, none)
    curves = Curves.fit(np.zeros((1, 2)), np.zeros(1, dtype=int))
    with pytest.raises(ValueError, match="different columns"):
        LinearEquations(np.array([0, 0]), np.zeros((2, 2)), np.zeros(2))
    with pytest.raises(ValueError, match="target of another"):
        LinearEquations(np.array([0]), np.ones((1, 2)), np.zeros(1))
    with pytest.raises(ValueError, match="must depend on other columns"):
        LinearEquations(np.array([0]), np.zeros((1, 2)), np.zeros(1))
    equations = LinearEquations(none, np.zeros((0, 2)), np.zeros(0))
    with pytest.raises(ValueError, match="other columns"):
        Relations(np.array([0]), equations, curves, orders)
    with pytest.raises(ValueError, match="orders be among them"):
        Relations(np.array([0, 1]), equations, curves, Orders(np.array([0]), np.array([2])))
